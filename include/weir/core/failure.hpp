/// Why an operation was refused: a code to act on, a cause to read, and the value beside the limit it broke.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <system_error>

#include "weir/core/print.hpp"

namespace weir::inline WEIR_ABI {

/// What a caller does about it. Named after Kinesis' exceptions where one exists.
enum class Errc : std::uint8_t {
  invalid_argument,    ///< InvalidArgumentException: the call can never succeed as it stands
  validation,          ///< ValidationException: a field breaks its constraint
  resource_not_found,  ///< ResourceNotFoundException: no such shard
  resource_in_use,     ///< ResourceInUseException: somebody else holds it
  limit_exceeded,      ///< LimitExceededException: more than this stream was opened for
  closed,              ///< the shard takes no more records; what it holds stays readable
  stalled_writer,      ///< a put that began nearly a lap ago has not finished; nothing was stored, try again
  out_of_memory,       ///< the storage could not supply the bytes
  format,              ///< what the storage holds was not written by this kind of stream, or is damaged
  unclean,             ///< the stream in the storage was not closed by the program that had it
  read_only,           ///< the stream or the storage was opened for reading only
  file,                ///< the operating system refused a file or a directory
};

/// The enumerator's name; empty for a number that is none.
[[nodiscard]] constexpr std::string_view to_string(Errc code) noexcept {
  switch (code) {
    case Errc::invalid_argument: return "invalid_argument";
    case Errc::validation: return "validation";
    case Errc::resource_not_found: return "resource_not_found";
    case Errc::resource_in_use: return "resource_in_use";
    case Errc::limit_exceeded: return "limit_exceeded";
    case Errc::closed: return "closed";
    case Errc::stalled_writer: return "stalled_writer";
    case Errc::out_of_memory: return "out_of_memory";
    case Errc::format: return "format";
    case Errc::unclean: return "unclean";
    case Errc::read_only: return "read_only";
    case Errc::file: return "file";
  }
  return {};
}

/// The name of the exception that Kinesis answers with; empty where it has none.
[[nodiscard]] constexpr std::string_view kinesis_name(Errc code) noexcept {
  switch (code) {
    case Errc::invalid_argument: return "InvalidArgumentException";
    case Errc::validation: return "ValidationException";
    case Errc::resource_not_found: return "ResourceNotFoundException";
    case Errc::resource_in_use: return "ResourceInUseException";
    case Errc::limit_exceeded: return "LimitExceededException";
    case Errc::closed:
    case Errc::stalled_writer:
    case Errc::out_of_memory:
    case Errc::format:
    case Errc::unclean:
    case Errc::read_only:
    case Errc::file: break;
  }
  return {};
}

/// What exactly was wrong; selects the sentence of `Failure::message()`.
enum class Cause : std::uint8_t {
  shard_count,
  capacity_zero,
  capacity_not_power_of_two,
  capacity_too_small,
  capacity_too_large,
  capacity_unit,
  capacity_no_unit,
  stall_negative,
  record_limit,
  record_fixed,
  record_size,
  batch_records,
  batch_bytes,
  batch_results,
  key_empty,
  key_length,
  hash_key_syntax,
  hash_key_range,
  stream_name,
  unknown_shard,
  foreign_shard,
  foreign_incarnation,
  timestamp_in_future,
  no_arrival_times,
  number_in_stream_position,
  behind_checkpoint,
  relative_checkpoint,
  shard_closed,
  writer_stalled,
  writer_held,
  storage_exhausted,
  span_exists,
  no_such_span,
  no_such_blob,
  no_such_stream,
  stream_unclean,
  stream_read_only,
  format_version,
  manifest_damaged,
  foreign_span,
  other_payload,
  other_options,
  other_name,
  other_shards,
  other_capacity,
  other_record_limit,
  storage_read_only,
  storage_in_use,
  storage_name,
  storage_full,
  directory_refused,
  file_refused,
  checkpoint_damaged,
  shard_id_syntax,
  incarnation_syntax,
  sequence_number_syntax,
  position_syntax,
  number_range,
  errc_name,
};

/// The enumerator's name; empty for a number that is none.
[[nodiscard]] constexpr std::string_view to_string(Cause cause) noexcept {
  switch (cause) {
    case Cause::shard_count: return "shard_count";
    case Cause::capacity_zero: return "capacity_zero";
    case Cause::capacity_not_power_of_two: return "capacity_not_power_of_two";
    case Cause::capacity_too_small: return "capacity_too_small";
    case Cause::capacity_too_large: return "capacity_too_large";
    case Cause::capacity_unit: return "capacity_unit";
    case Cause::capacity_no_unit: return "capacity_no_unit";
    case Cause::stall_negative: return "stall_negative";
    case Cause::record_limit: return "record_limit";
    case Cause::record_fixed: return "record_fixed";
    case Cause::record_size: return "record_size";
    case Cause::batch_records: return "batch_records";
    case Cause::batch_bytes: return "batch_bytes";
    case Cause::batch_results: return "batch_results";
    case Cause::key_empty: return "key_empty";
    case Cause::key_length: return "key_length";
    case Cause::hash_key_syntax: return "hash_key_syntax";
    case Cause::hash_key_range: return "hash_key_range";
    case Cause::stream_name: return "stream_name";
    case Cause::unknown_shard: return "unknown_shard";
    case Cause::foreign_shard: return "foreign_shard";
    case Cause::foreign_incarnation: return "foreign_incarnation";
    case Cause::timestamp_in_future: return "timestamp_in_future";
    case Cause::no_arrival_times: return "no_arrival_times";
    case Cause::number_in_stream_position: return "number_in_stream_position";
    case Cause::behind_checkpoint: return "behind_checkpoint";
    case Cause::relative_checkpoint: return "relative_checkpoint";
    case Cause::shard_closed: return "shard_closed";
    case Cause::writer_stalled: return "writer_stalled";
    case Cause::writer_held: return "writer_held";
    case Cause::storage_exhausted: return "storage_exhausted";
    case Cause::span_exists: return "span_exists";
    case Cause::no_such_span: return "no_such_span";
    case Cause::no_such_blob: return "no_such_blob";
    case Cause::no_such_stream: return "no_such_stream";
    case Cause::stream_unclean: return "stream_unclean";
    case Cause::stream_read_only: return "stream_read_only";
    case Cause::format_version: return "format_version";
    case Cause::manifest_damaged: return "manifest_damaged";
    case Cause::foreign_span: return "foreign_span";
    case Cause::other_payload: return "other_payload";
    case Cause::other_options: return "other_options";
    case Cause::other_name: return "other_name";
    case Cause::other_shards: return "other_shards";
    case Cause::other_capacity: return "other_capacity";
    case Cause::other_record_limit: return "other_record_limit";
    case Cause::storage_read_only: return "storage_read_only";
    case Cause::storage_in_use: return "storage_in_use";
    case Cause::storage_name: return "storage_name";
    case Cause::storage_full: return "storage_full";
    case Cause::directory_refused: return "directory_refused";
    case Cause::file_refused: return "file_refused";
    case Cause::checkpoint_damaged: return "checkpoint_damaged";
    case Cause::shard_id_syntax: return "shard_id_syntax";
    case Cause::incarnation_syntax: return "incarnation_syntax";
    case Cause::sequence_number_syntax: return "sequence_number_syntax";
    case Cause::position_syntax: return "position_syntax";
    case Cause::number_range: return "number_range";
    case Cause::errc_name: return "errc_name";
  }
  return {};
}

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
    case Cause::batch_records:
      return "a batch of " + given + " records is over the limit of " + allowed +
             " for one claim: cut it, or raise the capacity";
    case Cause::batch_bytes:
      return "a batch of " + given + " bytes is over the limit of " + allowed +
             " for one claim: cut it, or raise the capacity";
    case Cause::batch_results:
      return given + " results were given for " + allowed + " entries: give one place per entry";
    case Cause::key_empty: return "the partition key is empty: give 1 to " + allowed + " characters";
    case Cause::key_length:
      return "a partition key of " + given + " characters is over the limit of " + allowed + ": give a shorter one";
    case Cause::hash_key_syntax:
      return "the explicit hash key is no decimal number (" + given +
             " characters): give digits only, no leading zero, 0 to 2^128 - 1";
    case Cause::hash_key_range:
      return "the explicit hash key " + given + "... of " + allowed +
             " digits is over the largest, 340282366920938463463374607431768211455 (2^128 - 1)";
    case Cause::stream_name:
      return "a stream name of " + given + " characters was given: 1 to " + allowed +
             " of a-z A-Z 0-9 _ . - are allowed";
    case Cause::unknown_shard: return "shard " + given + " does not exist: this stream has shards 0 to " + allowed;
    case Cause::foreign_shard:
      return "a sequence number of shard " + given + " was used with shard " + allowed + ": use it with its own shard";
    case Cause::foreign_incarnation:
      return "a sequence number of stream incarnation " + given + " was used with incarnation " + allowed +
             ": it belongs to another stream, or to this one before it was created anew";
    case Cause::timestamp_in_future:
      return "the timestamp " + given + " ms lies in the future of this shard (now " + allowed + " ms): use latest";
    case Cause::no_arrival_times: return "this stream keeps no arrival times (Arrival::dropped): use another position";
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
    case Cause::writer_stalled:
      return "a put that began " + given + " records ago has not finished, and shard " + allowed +
             " has no room to pass it: try again, or look for a thread that stopped in the middle of a put";
    case Cause::writer_held:
      return "a writer handle of shard " + given +
             " is alive and this stream has a single producer: put through the handle, or let it go first";
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
      return "the stream in this storage (incarnation " + given +
             ") was not closed, because its program was killed: remove the storage's files to begin anew";
    case Cause::stream_read_only: return "shard " + given + " is open for reading only: it takes no records";
    case Cause::format_version:
      return "the stream in this storage has the format " + given + ", and this program reads " + allowed +
             ": use the version of weir that wrote it";
    case Cause::manifest_damaged:
      return "line " + given +
             " of the storage's manifest is not as it was written: restore the storage, or remove its files";
    case Cause::foreign_span:
      return "the bytes of shard " + given +
             " are not those that the manifest tells of: restore the storage, or remove its files";
    case Cause::other_payload:
      return "the stream in this storage was made for another payload, of " + given + " bytes where this has " +
             allowed + ": the manifest's line 'payload' names it";
    case Cause::other_options:
      return "the stream in this storage was made with other options or another hasher: see line " + given +
             " of its manifest";
    case Cause::other_name:
      return "the stream in this storage has another name, of " + given + " characters where " + allowed +
             " were given: leave StreamConfig::name out, or open another storage";
    case Cause::other_shards:
      return given + " shards were asked for, and the stream in this storage was made with " + allowed +
             ": leave StreamConfig::shards out";
    case Cause::other_capacity:
      return "a capacity of " + given + " was asked for, and the stream in this storage was made with " + allowed +
             ": leave StreamConfig::capacity out";
    case Cause::other_record_limit:
      return "a largest record of " + given + " bytes was asked for, and the stream in this storage was made for " +
             allowed + ": leave StreamConfig::max_record out";
    case Cause::storage_read_only: return "the storage was opened for reading only: open it for writing";
    case Cause::storage_in_use:
      return "the storage is open already, in process " + given + ": close it there, or choose another directory";
    case Cause::storage_name:
      return "a name of " + given + " characters cannot be stored: give 1 to " + allowed + " of a-z A-Z 0-9 _ . -";
    case Cause::storage_full:
      return "there is no room for " + given +
             " bytes where the storage keeps them: free some, or lower shards or capacity";
    case Cause::directory_refused:
      return "the storage's directory cannot be used: " + detail::system_message(value) + " (errno " + given + ")";
    case Cause::file_refused:
      return "a file of the storage cannot be used: " + detail::system_message(value) + " (errno " + given + ")";
    case Cause::checkpoint_damaged:
      return "the checkpoint's file is not as it was written, after " + given + " of " + allowed +
             " bytes: restore it, or save with Rewind::allowed";
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
             " characters: write trim_horizon, latest, at NUMBER, after NUMBER, at_timestamp MILLISECONDS or last "
             "COUNT";
    case Cause::number_range:
      return "a number that begins with " + given + " is over the largest that fits its place, " + allowed +
             ": give that or less";
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
inline constexpr bool detail::has_text<Errc> = true;
template <>
inline constexpr bool detail::has_text<Cause> = true;
template <>
inline constexpr bool detail::has_text<Failure> = true;

}  // namespace weir::inline WEIR_ABI
