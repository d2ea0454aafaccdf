/// The codes of errors: what a caller does about it, and what exactly was wrong.
#pragma once

#include <cstdint>
#include <string_view>

#include "weir/core/print.hpp"

namespace weir::inline WEIR_ABI {

/// What a caller does about it. Named after Kinesis' exceptions where one exists.
enum class Errc : std::uint8_t {
  invalid_argument,     ///< InvalidArgumentException: the call can never succeed as it stands
  validation,           ///< ValidationException: a field breaks its constraint
  resource_not_found,   ///< ResourceNotFoundException: no such shard
  resource_in_use,      ///< ResourceInUseException: somebody else holds it
  limit_exceeded,       ///< LimitExceededException: more than the stream was opened for, or the system gives
  throughput_exceeded,  ///< ProvisionedThroughputExceededException: over the rate of the shard; try again later
  expired_iterator,     ///< ExpiredIteratorException: the token of an iterator is too old
  expired_next_token,   ///< ExpiredNextTokenException: the token of a listing is too old
  internal_failure,     ///< InternalFailure: what a test's fault plan asked for; nothing was stored
  closed,               ///< the shard takes no more records; what it holds stays readable
  full,                 ///< a gated shard has no room: its slowest reader has not released enough; nothing was stored
  stalled_writer,       ///< a put that began nearly a lap ago has not finished; nothing was stored, try again
  out_of_memory,        ///< the storage could not supply the bytes
  format,               ///< what the storage holds was not written by this kind of stream, or is damaged
  unclean,              ///< a program ended without leaving the stream in the storage
  read_only,            ///< the stream or the storage was opened for reading only
  file,                 ///< the operating system refused a file or a directory
};

/// The enumerator's name; empty for a number that is none.
[[nodiscard]] constexpr std::string_view to_string(Errc code) noexcept {
  switch (code) {
    case Errc::invalid_argument: return "invalid_argument";
    case Errc::validation: return "validation";
    case Errc::resource_not_found: return "resource_not_found";
    case Errc::resource_in_use: return "resource_in_use";
    case Errc::limit_exceeded: return "limit_exceeded";
    case Errc::throughput_exceeded: return "throughput_exceeded";
    case Errc::expired_iterator: return "expired_iterator";
    case Errc::expired_next_token: return "expired_next_token";
    case Errc::internal_failure: return "internal_failure";
    case Errc::closed: return "closed";
    case Errc::full: return "full";
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
    case Errc::throughput_exceeded: return "ProvisionedThroughputExceededException";
    case Errc::expired_iterator: return "ExpiredIteratorException";
    case Errc::expired_next_token: return "ExpiredNextTokenException";
    case Errc::internal_failure: return "InternalFailure";
    case Errc::closed:
    case Errc::full:
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
  reader_count,
  readers_unlimited,
  readers_taken,
  record_limit,
  record_fixed,
  record_size,
  batch_records,
  batch_bytes,
  batch_results,
  commit_count,
  key_empty,
  key_length,
  hash_key_syntax,
  hash_key_range,
  stream_name,
  unknown_shard,
  unknown_reader,
  foreign_shard,
  foreign_incarnation,
  timestamp_in_future,
  no_arrival_times,
  number_in_stream_position,
  behind_checkpoint,
  relative_checkpoint,
  shard_closed,
  shard_full,
  writer_stalled,
  writer_held,
  split_key,
  split_too_small,
  not_adjacent,
  shard_not_open,
  shard_expired,
  resize_count,
  reshard_running,
  shards_taken,
  retention_range,
  closed_bytes,
  limit_rate,
  record_rate,
  byte_rate,
  read_rate,
  read_byte_rate,
  fault_planned,
  stream_in_use,
  thread_refused,
  storage_exhausted,
  span_exists,
  no_such_span,
  no_such_blob,
  no_such_stream,
  stream_unclean,
  stream_half_made,
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
  other_readers,
  storage_read_only,
  storage_in_use,
  storage_name,
  storage_lock_missing,
  storage_full,
  directory_refused,
  file_refused,
  checkpoint_damaged,
  application_name,
  shard_id_syntax,
  incarnation_syntax,
  sequence_number_syntax,
  position_syntax,
  number_range,
  stream_missing,
  stream_taken,
  stream_moment,
  stream_not_ready,
  stream_not_active,
  shard_quota,
  creating_quota,
  on_demand_quota,
  resize_rate,
  mode_rate,
  on_demand_shards,
  page_limit,
  request_entries,
  request_bytes,
  token_text,
  token_age,
  token_stream,
  token_or_name,
  number_missing,
  number_unwanted,
  number_text,
  number_in_future,
  timestamp_missing,
  shard_missing,
  shard_id_text,
  iterator_rate,
  retention_hours,
  retention_direction,
  tag_key,
  tag_value,
  tag_characters,
  tag_count,
  record_kib,
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
    case Cause::reader_count: return "reader_count";
    case Cause::readers_unlimited: return "readers_unlimited";
    case Cause::readers_taken: return "readers_taken";
    case Cause::record_limit: return "record_limit";
    case Cause::record_fixed: return "record_fixed";
    case Cause::record_size: return "record_size";
    case Cause::batch_records: return "batch_records";
    case Cause::batch_bytes: return "batch_bytes";
    case Cause::batch_results: return "batch_results";
    case Cause::commit_count: return "commit_count";
    case Cause::key_empty: return "key_empty";
    case Cause::key_length: return "key_length";
    case Cause::hash_key_syntax: return "hash_key_syntax";
    case Cause::hash_key_range: return "hash_key_range";
    case Cause::stream_name: return "stream_name";
    case Cause::unknown_shard: return "unknown_shard";
    case Cause::unknown_reader: return "unknown_reader";
    case Cause::foreign_shard: return "foreign_shard";
    case Cause::foreign_incarnation: return "foreign_incarnation";
    case Cause::timestamp_in_future: return "timestamp_in_future";
    case Cause::no_arrival_times: return "no_arrival_times";
    case Cause::number_in_stream_position: return "number_in_stream_position";
    case Cause::behind_checkpoint: return "behind_checkpoint";
    case Cause::relative_checkpoint: return "relative_checkpoint";
    case Cause::shard_closed: return "shard_closed";
    case Cause::shard_full: return "shard_full";
    case Cause::writer_stalled: return "writer_stalled";
    case Cause::writer_held: return "writer_held";
    case Cause::split_key: return "split_key";
    case Cause::split_too_small: return "split_too_small";
    case Cause::not_adjacent: return "not_adjacent";
    case Cause::shard_not_open: return "shard_not_open";
    case Cause::shard_expired: return "shard_expired";
    case Cause::resize_count: return "resize_count";
    case Cause::reshard_running: return "reshard_running";
    case Cause::shards_taken: return "shards_taken";
    case Cause::retention_range: return "retention_range";
    case Cause::closed_bytes: return "closed_bytes";
    case Cause::limit_rate: return "limit_rate";
    case Cause::record_rate: return "record_rate";
    case Cause::byte_rate: return "byte_rate";
    case Cause::read_rate: return "read_rate";
    case Cause::read_byte_rate: return "read_byte_rate";
    case Cause::fault_planned: return "fault_planned";
    case Cause::stream_in_use: return "stream_in_use";
    case Cause::thread_refused: return "thread_refused";
    case Cause::storage_exhausted: return "storage_exhausted";
    case Cause::span_exists: return "span_exists";
    case Cause::no_such_span: return "no_such_span";
    case Cause::no_such_blob: return "no_such_blob";
    case Cause::no_such_stream: return "no_such_stream";
    case Cause::stream_unclean: return "stream_unclean";
    case Cause::stream_half_made: return "stream_half_made";
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
    case Cause::other_readers: return "other_readers";
    case Cause::storage_read_only: return "storage_read_only";
    case Cause::storage_in_use: return "storage_in_use";
    case Cause::storage_name: return "storage_name";
    case Cause::storage_lock_missing: return "storage_lock_missing";
    case Cause::storage_full: return "storage_full";
    case Cause::directory_refused: return "directory_refused";
    case Cause::file_refused: return "file_refused";
    case Cause::checkpoint_damaged: return "checkpoint_damaged";
    case Cause::application_name: return "application_name";
    case Cause::shard_id_syntax: return "shard_id_syntax";
    case Cause::incarnation_syntax: return "incarnation_syntax";
    case Cause::sequence_number_syntax: return "sequence_number_syntax";
    case Cause::position_syntax: return "position_syntax";
    case Cause::number_range: return "number_range";
    case Cause::stream_missing: return "stream_missing";
    case Cause::stream_taken: return "stream_taken";
    case Cause::stream_moment: return "stream_moment";
    case Cause::stream_not_ready: return "stream_not_ready";
    case Cause::stream_not_active: return "stream_not_active";
    case Cause::shard_quota: return "shard_quota";
    case Cause::creating_quota: return "creating_quota";
    case Cause::on_demand_quota: return "on_demand_quota";
    case Cause::resize_rate: return "resize_rate";
    case Cause::mode_rate: return "mode_rate";
    case Cause::on_demand_shards: return "on_demand_shards";
    case Cause::page_limit: return "page_limit";
    case Cause::request_entries: return "request_entries";
    case Cause::request_bytes: return "request_bytes";
    case Cause::token_text: return "token_text";
    case Cause::token_age: return "token_age";
    case Cause::token_stream: return "token_stream";
    case Cause::token_or_name: return "token_or_name";
    case Cause::number_missing: return "number_missing";
    case Cause::number_unwanted: return "number_unwanted";
    case Cause::number_text: return "number_text";
    case Cause::number_in_future: return "number_in_future";
    case Cause::timestamp_missing: return "timestamp_missing";
    case Cause::shard_missing: return "shard_missing";
    case Cause::shard_id_text: return "shard_id_text";
    case Cause::iterator_rate: return "iterator_rate";
    case Cause::retention_hours: return "retention_hours";
    case Cause::retention_direction: return "retention_direction";
    case Cause::tag_key: return "tag_key";
    case Cause::tag_value: return "tag_value";
    case Cause::tag_characters: return "tag_characters";
    case Cause::tag_count: return "tag_count";
    case Cause::record_kib: return "record_kib";
    case Cause::errc_name: return "errc_name";
  }
  return {};
}

template <>
inline constexpr bool detail::has_text<Errc> = true;
template <>
inline constexpr bool detail::has_text<Cause> = true;

}  // namespace weir::inline WEIR_ABI
