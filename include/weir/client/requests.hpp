/// What the verbs of a `Client` for streams and shards take and give: Kinesis' structures with its names in our
/// spelling.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "weir/core/clock.hpp"

/// Requests refer to the caller's text and bytes, which a verb does not keep; answers own theirs. What is an `optional`
/// may be left out, as in the service. Streams have names and no ARN, and records are not encrypted.
namespace weir::inline WEIR_ABI::client {

/// Records are put and read in every state but `creating`; a change of the stream waits for `active`.
enum class StreamStatus : std::uint8_t { creating, active, updating, deleting };
/// The verbs that change shards refuse an `on_demand` stream, whose shards stay as they are: nothing scales it.
enum class StreamMode : std::uint8_t { provisioned, on_demand };
/// Of `update_shard_count`, which knows no other.
enum class ScalingType : std::uint8_t { uniform_scaling };

/// As the service writes them.
[[nodiscard]] constexpr std::string_view to_string(StreamStatus status) noexcept {
  switch (status) {
    case StreamStatus::creating: return "CREATING";
    case StreamStatus::active: return "ACTIVE";
    case StreamStatus::updating: return "UPDATING";
    case StreamStatus::deleting: return "DELETING";
  }
  return {};
}
[[nodiscard]] constexpr std::string_view to_string(StreamMode mode) noexcept {
  return mode == StreamMode::on_demand ? "ON_DEMAND" : "PROVISIONED";
}

/// The mode with nothing beside it: the service wraps it, and so requests are written as there.
struct StreamModeDetails {
  StreamMode stream_mode = StreamMode::provisioned;

  friend constexpr bool operator==(const StreamModeDetails&, const StreamModeDetails&) noexcept = default;
};

/// Both ends belong to it.
struct HashKeyRange {
  std::string starting_hash_key;
  std::string ending_hash_key;

  friend bool operator==(const HashKeyRange&, const HashKeyRange&) = default;
};

/// All records' numbers lie strictly between the two.
struct SequenceNumberRange {
  std::string starting_sequence_number;                 ///< reserved: the first record's is larger
  std::optional<std::string> ending_sequence_number{};  ///< of a closed shard

  friend bool operator==(const SequenceNumberRange&, const SequenceNumberRange&) = default;
};

/// Open as long as its range of numbers has no ending; without a parent it is as old as its stream.
struct Shard {
  std::string shard_id;
  std::optional<std::string> parent_shard_id{};
  std::optional<std::string> adjacent_parent_shard_id{};  ///< of one made by a merge
  HashKeyRange hash_key_range{};
  SequenceNumberRange sequence_number_range{};

  friend bool operator==(const Shard&, const Shard&) = default;
};

// Streams by name.

/// For `create_stream`. The name alone makes a provisioned stream without tags; records are kept for 24 hours.
struct CreateStreamRequest {
  std::string_view stream_name{};
  std::optional<int> shard_count{};  ///< 4 when left out
  StreamModeDetails stream_mode_details{};
  std::map<std::string, std::string> tags{};
  std::optional<int> max_record_size_in_kib{};  ///< 1024 to 10240; `ClientConfig::max_record` when left out
};

/// For `delete_stream`. Tokens and numbers of the stream's are refused by a later one of its name.
struct DeleteStreamRequest {
  std::string_view stream_name{};
};

/// For `list_streams`: from the first name on, or after a name, or where a token goes on, but not both.
struct ListStreamsRequest {
  std::optional<int> limit{};  ///< up to 100 in an answer
  std::optional<std::string_view> exclusive_start_stream_name{};
  std::optional<std::string_view> next_token{};
};
/// Of `list_streams`: `describe_stream_summary` tells more.
struct StreamSummary {
  std::string stream_name;
  StreamStatus stream_status{};
  StreamModeDetails stream_mode_details{};
  Timestamp stream_creation_timestamp{};
};
/// Names, and summaries in the same order; a token as long as there are more, good for five minutes.
struct ListStreamsResponse {
  std::vector<std::string> stream_names;
  bool has_more_streams = false;
  std::optional<std::string> next_token;
  std::vector<StreamSummary> stream_summaries;
};

/// For `describe_stream`: from the lowest shard id on, or after the one given, which need not be there any more.
struct DescribeStreamRequest {
  std::string_view stream_name{};
  std::optional<int> limit{};  ///< up to 100 shards in an answer
  std::optional<std::string_view> exclusive_start_shard_id{};
};
/// Of `describe_stream`: one page of shards; where there are more, ask again after the last of them.
struct StreamDescription {
  std::string stream_name;
  StreamStatus stream_status{};
  StreamModeDetails stream_mode_details{};
  std::vector<Shard> shards;
  bool has_more_shards = false;
  int retention_period_hours = 0;
  Timestamp stream_creation_timestamp{};
};
/// The description with nothing beside it, as the service wraps it.
struct DescribeStreamResponse {
  StreamDescription stream_description;
};

/// For `describe_stream_summary`, whose answer has no pages, because it counts the shards only.
struct DescribeStreamSummaryRequest {
  std::string_view stream_name{};
};
/// Of `describe_stream_summary`: nothing of it depends on how many shards were closed.
struct StreamDescriptionSummary {
  std::string stream_name;
  StreamStatus stream_status{};
  StreamModeDetails stream_mode_details{};
  int retention_period_hours = 0;
  Timestamp stream_creation_timestamp{};
  int open_shard_count = 0;
  int consumer_count = 0;  ///< there are none
  int max_record_size_in_kib = 0;
};
/// The summary with nothing beside it, as the service wraps it.
struct DescribeStreamSummaryResponse {
  StreamDescriptionSummary stream_description_summary;
};

/// Of `describe_limits`: the limits of `ClientConfig`, and what counts against them.
struct DescribeLimitsResponse {
  int shard_limit = 0;
  int open_shard_count = 0;  ///< of provisioned streams, which alone count against the limit
  int on_demand_stream_count = 0;
  int on_demand_stream_count_limit = 0;
};

// Shards.

/// What is `at` a moment has every hash key once; `from` one, all that were open then or were made since.
enum class ShardFilterType : std::uint8_t {
  after_shard_id,
  at_trim_horizon,
  from_trim_horizon,
  at_latest,
  at_timestamp,
  from_timestamp,
};
/// Only `after_shard_id` needs `shard_id`, and only `at_timestamp` and `from_timestamp` need `timestamp`.
struct ShardFilter {
  ShardFilterType type = ShardFilterType::from_trim_horizon;
  std::optional<std::string_view> shard_id{};
  std::optional<Timestamp> timestamp{};
};
/// Either `next_token`, which stands for all else but the page's size, or the stream's name.
struct ListShardsRequest {
  std::optional<std::string_view> stream_name{};
  std::optional<std::string_view> next_token{};
  std::optional<std::string_view> exclusive_start_shard_id{};
  std::optional<int> max_results{};  ///< up to 1000 in an answer
  std::optional<Timestamp> stream_creation_timestamp{};
  std::optional<ShardFilter> shard_filter{};
};
/// By shard id; without a token it is the last page. A token is good for five minutes.
struct ListShardsResponse {
  std::vector<Shard> shards;
  std::optional<std::string> next_token;
};

/// For `split_shard`: the upper child begins with the new key, and the lower one ends before it.
struct SplitShardRequest {
  std::string_view stream_name{};
  std::string_view shard_to_split{};
  std::string_view new_starting_hash_key{};
};
/// For `merge_shards`: both are closed, and one child has the keys of both.
struct MergeShardsRequest {
  std::string_view stream_name{};
  std::string_view shard_to_merge{};           ///< the one with the lower hash keys
  std::string_view adjacent_shard_to_merge{};  ///< the one that begins where the other ends
};
/// For `update_shard_count`: a target of half to twice the open shards.
struct UpdateShardCountRequest {
  std::string_view stream_name{};
  int target_shard_count = 0;
  ScalingType scaling_type = ScalingType::uniform_scaling;
};
/// The current count is that of before the change.
struct UpdateShardCountResponse {
  std::string stream_name;
  int current_shard_count = 0;
  int target_shard_count = 0;
};

// Retention, mode and tags.

/// For `increase_stream_retention_period`: hours from what the stream has up to 8760.
struct IncreaseStreamRetentionPeriodRequest {
  std::string_view stream_name{};
  int retention_period_hours = 0;
};
/// For `decrease_stream_retention_period`: hours from 24 up to what the stream has.
struct DecreaseStreamRetentionPeriodRequest {
  std::string_view stream_name{};
  int retention_period_hours = 0;
};
/// For `update_stream_mode`: the mode that the stream has already changes nothing, and does not count.
struct UpdateStreamModeRequest {
  std::string_view stream_name{};
  StreamModeDetails stream_mode_details{};
};
/// For `add_tags_to_stream`: keys of 1 to 128 characters, values of up to 256.
struct AddTagsToStreamRequest {
  std::string_view stream_name{};
  std::map<std::string, std::string> tags{};
};
/// For `remove_tags_from_stream`: any number of keys, also of tags that are not there.
struct RemoveTagsFromStreamRequest {
  std::string_view stream_name{};
  std::vector<std::string_view> tag_keys{};
};
/// For `list_tags_for_stream`: from the first key on, or after the one given.
struct ListTagsForStreamRequest {
  std::string_view stream_name{};
  std::optional<std::string_view> exclusive_start_tag_key{};
  std::optional<int> limit{};  ///< up to 50 in an answer
};
/// Of `list_tags_for_stream`; requests carry maps.
struct Tag {
  std::string key;
  std::string value;

  friend bool operator==(const Tag&, const Tag&) = default;
};
/// By key; where there are more, ask again after the last one.
struct ListTagsForStreamResponse {
  std::vector<Tag> tags;
  bool has_more_tags = false;
};

}  // namespace weir::inline WEIR_ABI::client
