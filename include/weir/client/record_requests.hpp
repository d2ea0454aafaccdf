/// What the verbs of a `Client` for records take and give.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "weir/client/requests.hpp"
#include "weir/core/bytes.hpp"

namespace weir::inline WEIR_ABI::client {

/// For `put_record`. The key is of 1 to 256 characters, and decides the shard unless a hash key is given.
struct PutRecordRequest {
  std::string_view stream_name{};
  BytesView data{};
  std::string_view partition_key{};
  std::optional<std::string_view> explicit_hash_key{};
  std::optional<std::string_view> sequence_number_for_ordering{};  ///< checked; every put is in order here
};
/// Where the record is: `get_shard_iterator` takes both.
struct PutRecordResponse {
  std::string shard_id;
  std::string sequence_number;
};

/// One record of `put_records`, with the constraints of `put_record`.
struct PutRecordsRequestEntry {
  BytesView data{};
  std::string_view partition_key{};
  std::optional<std::string_view> explicit_hash_key{};
};
/// For `put_records`: 1 to 500 entries, of `ClientConfig::max_request` bytes together.
struct PutRecordsRequest {
  std::string_view stream_name{};
  std::vector<PutRecordsRequestEntry> records{};
};
/// Where the entry went, or why it was not stored.
struct PutRecordsResultEntry {
  std::optional<std::string> sequence_number;
  std::optional<std::string> shard_id;
  std::optional<std::string> error_code;
  std::optional<std::string> error_message;
};
/// Entries that failed are in it: an answer without an error may have stored nothing.
struct PutRecordsResponse {
  int failed_record_count = 0;
  std::vector<PutRecordsResultEntry> records;  ///< as many as the request had, in its order
};

/// The first two begin at a sequence number, the last at a timestamp; the others need neither.
enum class ShardIteratorType : std::uint8_t {
  at_sequence_number,
  after_sequence_number,
  trim_horizon,
  latest,
  at_timestamp,
};
/// For `get_shard_iterator`. Refuses a number beside `trim_horizon` and `latest`; ignores what else is not needed.
struct GetShardIteratorRequest {
  std::string_view stream_name{};
  std::string_view shard_id{};
  ShardIteratorType shard_iterator_type = ShardIteratorType::trim_horizon;
  std::optional<std::string_view> starting_sequence_number{};
  std::optional<Timestamp> timestamp{};
};
/// Good for five minutes, and as often as wanted.
struct GetShardIteratorResponse {
  std::string shard_iterator;
};

/// One that took over from a shard which was read to its end.
struct ChildShard {
  std::string shard_id;
  std::vector<std::string> parent_shards;
  HashKeyRange hash_key_range;

  friend bool operator==(const ChildShard&, const ChildShard&) = default;
};

/// For `get_records`: the token of `get_shard_iterator`, or of the answer before.
struct GetRecordsRequest {
  std::string_view shard_iterator{};
  std::optional<int> limit{};  ///< up to 10,000, which is the default
};
/// A record's own copy of what was put, but for the explicit hash key, which is not kept.
struct Record {
  std::string sequence_number;
  Timestamp approximate_arrival_timestamp{};
  Bytes data;
  std::string partition_key;
};
/// In the order of their numbers. An answer without records is not the end: go on with its token.
struct GetRecordsResponse {
  std::vector<Record> records;
  std::optional<std::string> next_shard_iterator;  ///< nothing at the end of a closed shard, and only there
  std::int64_t millis_behind_latest = 0;           ///< 0 when nothing more was there to read
  std::vector<ChildShard> child_shards;            ///< at the end of a closed shard
  /// Ours: records that were gone before the iterator came to them.
  std::uint64_t missed = 0;
};

}  // namespace weir::inline WEIR_ABI::client
