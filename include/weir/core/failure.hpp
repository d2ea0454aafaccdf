/// Why an operation was refused: a code to act on, a cause to read, and the value beside the limit it broke.
#pragma once

#include <cstdint>
#include <string>
#include <system_error>

#include "weir/core/errc.hpp"

namespace weir::inline WEIR_ABI {

/// An error as a value: cheap to pass, compared by code, rendered only when somebody reads it.
struct Failure {
  Errc code{};
  Cause cause{};
  std::uint64_t value = 0;  ///< what was given
  std::uint64_t limit = 0;  ///< what would have been accepted

  friend constexpr bool operator==(const Failure&, const Failure&) = default;

  /// A sentence that names the value, the limit and what to do.
  [[nodiscard]] std::string message() const;
};

namespace detail {
/// The operating system's own words for an error number.
inline std::string system_message(std::uint64_t error) {
  return std::generic_category().message(static_cast<int>(error));
}
}  // namespace detail

inline std::string Failure::message() const {
  const auto given = std::to_string(value);
  const auto allowed = std::to_string(limit);
  const auto as_signed = std::to_string(static_cast<std::int64_t>(value));  // where less than nothing can be asked for
  switch (cause) {
    case Cause::shard_count: return "a stream of " + as_signed + " shards was asked for: give 1 to " + allowed;
    case Cause::capacity_zero:
      return "a capacity of 0 was asked for: give a power of two, or leave the capacity out for the default";
    case Cause::capacity_not_power_of_two:
      return "a capacity of " + given + " is no power of two: " + allowed + " is the next larger one";
    case Cause::capacity_too_small: return "a capacity of " + given + " is too small: give at least " + allowed;
    case Cause::capacity_too_large: return "a capacity of " + given + " is too large: give at most " + allowed;
    case Cause::capacity_unit:
      return limit == 0
                 ? "a capacity of " + given + " bytes was given to a stream of fixed-size records: say records(n)"
                 : "a capacity of " + given + " records was given to a stream of variable-size records: say bytes(n)";
    case Cause::capacity_no_unit:
      return "a capacity of " + given + " was given without a unit: say records(n) or bytes(n), up to " + allowed;
    case Cause::stall_negative: return "a stall time below zero was asked for: give 0 or more";
    case Cause::record_limit:
      return "a largest record of " + as_signed + " bytes was asked for: this capacity takes 1 to " + allowed +
             "; a larger capacity takes larger records, up to 8 MiB";
    case Cause::record_fixed:
      return "a largest record of " + as_signed + " bytes was asked for, but the records of this stream all have " +
             allowed + ": leave StreamConfig::max_record out";
    case Cause::record_size:
      return "a record of " + given + " bytes (key and data together) is over the limit of " + allowed +
             ": split the record, or raise capacity and StreamConfig::max_record";
    case Cause::reader_count:
      return "places for " + as_signed + " readers of a shard were asked for: give 1 to " + allowed;
    case Cause::readers_unlimited:
      return "places for " + as_signed +
             " readers were asked for, and only a gated stream counts its readers: leave StreamConfig::readers out";
    case Cause::readers_taken:
      return "all " + given + " places for readers of shard " + allowed +
             " are taken: let an iterator go, evict one that is gone, or raise StreamConfig::readers";
    case Cause::batch_records:
      return "a batch of " + given + " records is over the limit of " + allowed +
             " for one claim: cut it, or raise the capacity";
    case Cause::batch_bytes:
      return "a batch of " + given + " bytes is over the limit of " + allowed +
             " for one claim: cut it, or raise the capacity";
    case Cause::batch_results:
      return given + " results were given for " + allowed + " entries: give one place per entry";
    case Cause::commit_count:
      return "a commit of " + given + " was asked of a claim that gave " + allowed +
             ": a claim may give less than was asked for, see span().size()";
    case Cause::key_empty: return "the partition key is empty: give 1 to " + allowed + " characters";
    case Cause::key_length:
      return "a partition key of " + given + " characters is over the limit of " + allowed + ": give a shorter one";
    case Cause::hash_key_syntax:
      return "the hash key is no decimal number (" + given +
             " characters): give digits only, no leading zero, 0 to 2^128 - 1";
    case Cause::hash_key_range:
      return "the hash key " + given + "... of " + allowed +
             " digits is over the largest, 340282366920938463463374607431768211455 (2^128 - 1)";
    case Cause::stream_name:
      return "a stream name of " + given + " characters was given: 1 to " + allowed +
             " of a-z A-Z 0-9 _ . - are allowed";
    case Cause::unknown_shard: return "shard " + given + " does not exist: this stream has shards 0 to " + allowed;
    case Cause::unknown_reader:
      return "no such reader of shard " + given + " is registered: it has left, or was evicted before";
    case Cause::foreign_shard:
      return "a sequence number of shard " + given + " was used with shard " + allowed + ": use it with its own shard";
    case Cause::foreign_incarnation:
      return "a sequence number of stream incarnation " + given + " was used with incarnation " + allowed +
             ": it belongs to another stream, or to this one before it was created anew; begin at trim_horizon, and "
             "discard its checkpoint";
    case Cause::timestamp_in_future:
      return "the timestamp " + given + " ms lies in the future of this shard (now " + allowed + " ms): use latest";
    case Cause::no_arrival_times:
      return "this stream keeps no arrival times (Arrival::dropped): use another position, and no retention";
    case Cause::number_in_stream_position:
      return "a sequence number names a place in one shard (" + given +
             "), not in a whole stream: use an iterator of that shard";
    case Cause::behind_checkpoint:
      return "position " + given + " lies before the stored checkpoint " + allowed +
             ": pass Rewind::allowed to go back";
    case Cause::relative_checkpoint:
      return "last(" + given +
             ") means another record each time and cannot be a checkpoint: save the iterator's position()";
    case Cause::shard_closed: return "shard " + given + " is closed: it takes no more records";
    case Cause::shard_full:
      return "shard " + allowed + " has no room, because " + given +
             " records wait for its slowest reader, for a first one, or for one that is still in a shard before it: "
             "read on or commit(), wait with a deadline, or "
             "evict a reader that is gone";
    case Cause::writer_stalled:
      return "a put that began " + given + " records ago has not finished, and shard " + allowed +
             " has no room to pass it: try again, or look for a thread that stopped in the middle of a put";
    case Cause::stream_in_use:
      return "iterators or writer handles of shard " + given + " are alive: let them go before the stream is left";
    case Cause::thread_refused:
      return "the system refused a thread: " + detail::system_message(value) + " (errno " + given +
             "): end others, or use Drive::step";
    case Cause::writer_held:
      return "a writer handle of shard " + given +
             " is alive and this stream has a single producer: put through the handle, or let it go first";
    case Cause::split_key:
      return "the new starting hash key cannot cut shard " + given +
             ": both halves must hold two hash keys or more, so give its starting hash key + 2 to its ending one - 1";
    case Cause::split_too_small:
      return "shard " + given + " answers for fewer than " + allowed + " hash keys: it cannot be split";
    case Cause::not_adjacent:
      return "shard " + allowed + " does not begin where shard " + given +
             " ends: give two neighbours, the one with the lower hash keys first";
    case Cause::shard_not_open:
      return "shard " + given + " is closed, or was split or merged already: name an open shard";
    case Cause::shard_expired:
      return "the records of shard " + given + " have expired: read those that took over from it";
    case Cause::resize_count:
      return as_signed + " shards were asked for where " + allowed +
             " are open: one resize goes from half as many to twice as many";
    case Cause::reshard_running:
      return "the stream is being resharded by somebody else: try again, or wait with a deadline";
    case Cause::shards_taken:
      return "the stream has had " + given + " shards: no more than " + allowed + " have a name";
    case Cause::retention_range: return "a retention of " + as_signed + " ms was asked for: give 0 or more";
    case Cause::closed_bytes: return as_signed + " bytes for closed shards were asked for: give 0 or more";
    case Cause::limit_rate:
      return "rate " + given +
             " of the limits (records_in, bytes_in, bytes_out, reads_out) is below 0, or no number, or over " +
             allowed + ": give 0 for no limit, or a rate";
    case Cause::record_rate:
      return "shard " + given + " takes " + allowed + " records a second: try again later, spread keys, or split it";
    case Cause::byte_rate:
      return "shard " + given + " takes " + allowed + " bytes a second: try again later, spread keys, or split it";
    case Cause::read_rate: return "shard " + given + " gives " + allowed + " reads a second: read less often";
    case Cause::read_byte_rate:
      return "shard " + given + " gives " + allowed + " bytes a second: read less, or split it";
    case Cause::fault_planned: return "a test's fault plan asked for this failure, number " + given;
    case Cause::storage_exhausted: return "the storage could not supply " + given + " bytes: lower shards or capacity";
    case Cause::span_exists:
      return "the storage holds a span of this name (" + given +
             " characters) already: remove it, or choose another name";
    case Cause::no_such_span:
      return "the storage holds no span of this name (" + given + " characters): create it first";
    case Cause::no_such_blob:
      return "the storage holds no blob of this name (" + given + " characters): replace it first";
    case Cause::no_such_stream:
      return "the storage holds no stream, and is open for reading only: open it for writing once";
    case Cause::stream_unclean:
      return "a program ended without leaving the stream in this storage (incarnation " + given +
             "): killed, by an uncaught exception, or by exit() while it was open; to begin anew, remove the storage's "
             "files and the checkpoints that belong to them";
    case Cause::stream_half_made:
      return "the storage holds shard " + given +
             " of a stream that was never finished, because its program ended first: remove the storage's files";
    case Cause::stream_read_only: return "shard " + given + " is open for reading only: it takes no records";
    case Cause::format_version:
      return "the stream in this storage has the format " + given + ", and this program reads " + allowed +
             ": use the version of weir that wrote it";
    case Cause::manifest_damaged:
      return "line " + given +
             " of the storage's manifest is not as it was written: restore the storage, or remove its files";
    case Cause::foreign_span:
      return "the bytes of shard " + given +
             " are not those of this stream, or not of the same time as the others: restore the storage as a whole, or "
             "remove its files";
    case Cause::other_payload:
      return "the stream in this storage was made for another payload, of " + given + " bytes where this has " +
             allowed + ": compare the line 'payload' of its manifest with weir::stable_name of this one";
    case Cause::other_options:
      return "the stream in this storage was made with other options or another hasher: see line " + given +
             " of its manifest";
    case Cause::other_name:
      return "the stream in this storage has another name: leave StreamConfig::name out, or open another storage";
    case Cause::other_shards:
      return given + " shards were asked for, and the stream in this storage was made with " + allowed +
             ": leave StreamConfig::shards out";
    case Cause::other_capacity:
      return "a capacity of " + given + " was asked for, and the stream in this storage was made with " + allowed +
             ": leave StreamConfig::capacity out";
    case Cause::other_record_limit:
      return "a largest record of " + given + " bytes was asked for, and the stream in this storage takes " + allowed +
             ": leave StreamConfig::max_record out";
    case Cause::other_readers:
      return "places for " + given + " readers were asked for, and the stream in this storage was made with " +
             allowed + ": leave StreamConfig::readers out";
    case Cause::storage_read_only: return "the storage was opened for reading only: open it for writing";
    case Cause::storage_in_use:
      return "the storage is open already, " +
             (value != 0 ? "in process " + given : "by readers or in a process unknown") +
             ": leave or destroy the stream there, or choose another directory";
    case Cause::storage_name:
      return "a name of " + given + " characters cannot be stored: 1 to " + allowed + " of a-z A-Z 0-9 _ . - can";
    case Cause::storage_lock_missing:
      return "the directory has no file weir.lock: it holds no stream, or is a copy without it (put an empty one there "
             "then)";
    case Cause::storage_full:
      return "there is no room for " + given +
             " bytes where the storage keeps them: free some, or lower shards or capacity";
    case Cause::directory_refused:
      return "the directory, or its parent where it is to be made, cannot be used: " + detail::system_message(value) +
             " (errno " + given + ")";
    case Cause::file_refused:
      return "a file of the storage cannot be used: " + detail::system_message(value) + " (errno " + given + ")";
    case Cause::checkpoint_damaged:
      return "the checkpoint's file is not as it was written, after " + given + " of " + allowed +
             " bytes: restore it, or save with Rewind::allowed";
    case Cause::application_name:
      return "the application's name takes " + given +
             " characters in a file's name, where each byte outside "
             "a-z A-Z 0-9 _ . - takes three: it may take " +
             allowed;
    case Cause::shard_id_syntax:
      return "the text is no shard id after " + given + " of " + allowed +
             " characters: write shardId- and twelve digits";
    case Cause::incarnation_syntax:
      return "the text is no incarnation after " + given + " of " + allowed +
             " characters: write digits only, no leading zero";
    case Cause::sequence_number_syntax:
      return "the text is no sequence number after " + given + " of " + allowed +
             " characters: write value@shard.incarnation, each in digits without a leading zero";
    case Cause::position_syntax:
      return "the text is no position after " + given + " of " + allowed +
             " characters: write trim_horizon, latest, at VALUE@SHARD.INCARNATION, after the same, "
             "at_timestamp MILLISECONDS or last COUNT";
    case Cause::number_range:
      return "a number that begins with " + given + " is over the largest that fits its place, " + allowed +
             ": give that or less";
    case Cause::stream_missing: return "no stream has this name (" + given + " characters): create it first";
    case Cause::stream_taken:
      return "a stream has this name (" + given + " characters) already: choose another, or delete that one first";
    case Cause::stream_moment:
      return "no stream of this name was created at " + given + " ms, but one was at " + allowed +
             " ms: give that moment, or leave it out";
    case Cause::stream_not_ready:
      return "the stream of this name (" + given + " characters) is being created: wait until its status is active";
    case Cause::stream_not_active:
      return "the stream of this name (" + given +
             " characters) is being created, changed or deleted: wait until its status is active";
    case Cause::shard_quota:
      return given + " open shards would be in use, and the account may have " + allowed +
             ": merge or delete some, or raise ClientConfig::shard_limit";
    case Cause::creating_quota:
      return given + " streams are being created, and no more than " + allowed + " may be at a time: wait for one";
    case Cause::on_demand_quota:
      return given + " on-demand streams would be in use, and the account may have " + allowed +
             ": delete one, or raise ClientConfig::on_demand_limit";
    case Cause::resize_rate:
      return "the shard count was changed " + given + " times within 24 hours, and may be " + allowed +
             " times: wait, or split and merge";
    case Cause::mode_rate:
      return "the stream mode was changed " + given + " times within 24 hours, and may be " + allowed + " times: wait";
    case Cause::on_demand_shards:
      return "an on-demand stream (it has " + given +
             " open shards) sees to its shards itself: change its mode to provisioned first";
    case Cause::page_limit: return "a page of " + as_signed + " was asked for: give 1 to " + allowed;
    case Cause::request_entries: return "a request of " + given + " entries was given: give 1 to " + allowed;
    case Cause::request_bytes:
      return "a request of " + given + " bytes is over the limit of " + allowed + ": cut it into several";
    case Cause::token_text:
      return "the token (" + given +
             " characters) was not given by this client for this verb, or was altered: pass on what an answer carried";
    case Cause::token_age:
      return "the token is " + given + " ms old and was good for " + allowed + " ms: ask for a new one";
    case Cause::token_stream:
      return "the token is of stream incarnation " + given +
             ", which was deleted, and the stream that has its name now is incarnation " + allowed +
             ": ask that one for a new token";
    case Cause::token_or_name:
      return given + " of next token and stream name were given: give one of them, and with a token nothing else but " +
             "the page's size";
    case Cause::number_missing: return "this iterator type begins at a sequence number: give a starting one";
    case Cause::number_unwanted:
      return "a sequence number (" + given + " characters) was given, and this iterator type has none: leave it out";
    case Cause::number_text:
      return "the text (" + given + " characters) is no sequence number: give one that an answer carried";
    case Cause::number_in_future:
      return "the sequence number's value " + given + " lies beyond the newest of its shard, " + allowed +
             ": give one that an answer carried";
    case Cause::timestamp_missing: return "this type begins at a moment: give a timestamp";
    case Cause::shard_missing: return "this filter begins after a shard: give a shard id";
    case Cause::shard_id_text:
      return "a shard id of " + given + " characters was given: 1 to " + allowed + " of a-z A-Z 0-9 _ . - are allowed";
    case Cause::iterator_rate:
      return "shard " + given + " gives " + allowed +
             " iterators a second: ask less often, and go on with the iterator that each answer carries";
    case Cause::retention_hours: return "a retention of " + as_signed + " hours was asked for: give 24 to " + allowed;
    case Cause::retention_direction:
      return "a retention of " + given + " hours was asked for, and the stream keeps " + allowed +
             ": use the verb for the other direction";
    case Cause::tag_key: return "a tag key of " + given + " characters was given: give 1 to " + allowed;
    case Cause::tag_value: return "a tag value of " + given + " characters was given: give 0 to " + allowed;
    case Cause::tag_characters:
      return "the byte " + given + " stands in a tag: letters, digits, spaces, ':' and _ . / = + - % @ are allowed";
    case Cause::tag_count:
      return given + " tags were given or would be kept: a stream has " + allowed + " at most, so remove some first";
    case Cause::record_kib: return "a largest record of " + as_signed + " KiB was asked for: give 1024 to " + allowed;
    case Cause::errc_name:
      return "no error code has this name (" + given + " characters): give an enumerator of Errc, validation say";
  }
  return "unknown failure";
}

/// The code's name and the message.
[[nodiscard]] inline std::string to_string(const Failure& failure) {
  return std::string{to_string(failure.code)} + ": " + failure.message();
}

template <>
inline constexpr bool detail::has_text<Failure> = true;

}  // namespace weir::inline WEIR_ABI
