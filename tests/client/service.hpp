/// A client with one stream at hand, under a clock that stands still, as the tests of the verbs use it.
#pragma once

#include <doctest/doctest.h>

#include <chrono>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "support/refused.hpp"
#include "weir/client/client.hpp"
#include "weir/testing/manual_clock.hpp"

namespace weir::client_tests {

using namespace std::chrono_literals;
using Type = client::ShardIteratorType;
using Filter = client::ShardFilterType;
using Texts = std::vector<std::string>;

inline constexpr std::string_view end_of_keys = "340282366920938463463374607431768211455";     // 2^128 - 1
inline constexpr std::string_view beyond_keys = "340282366920938463463374607431768211456";     // 2^128
inline constexpr std::string_view middle_of_keys = "170141183460469231731687303715884105728";  // 2^127

inline std::string shard_name(std::uint32_t index) {
  return ShardId{index}.to_string();
}

/// The stream is called `clicks`.
struct Service {
  using client_type = Client<testing::ManualEnv>;

  explicit Service(std::optional<int> shards = 1, const ClientConfig& config = {})
      : client(client_type::open(config, env).value()) {
    if (shards) {
      create("clicks", *shards);
    }
  }

  void create(std::string_view name, int shards = 1) {
    REQUIRE(client.create_stream({.stream_name = name, .shard_count = shards}));
  }

  client::PutRecordResponse put(std::string_view data, std::string_view key = "key") {
    return client.put_record({.stream_name = "clicks", .data = data, .partition_key = key}).value();
  }
  /// The shard that an explicit hash key leads to.
  std::string shard_of_hash(std::string_view hash) {
    return client.put_record({.stream_name = "clicks", .data = "x", .partition_key = "key", .explicit_hash_key = hash})
        .value()
        .shard_id;
  }

  Result<client::GetShardIteratorResponse> ask(Type type, std::optional<std::string_view> number = {},
                                               std::uint32_t shard = 0, std::optional<Timestamp> moment = {}) {
    return client.get_shard_iterator({.stream_name = "clicks",
                                      .shard_id = shard_name(shard),
                                      .shard_iterator_type = type,
                                      .starting_sequence_number = number,
                                      .timestamp = moment});
  }
  std::string at(Type type, std::optional<std::string_view> number = {}, std::uint32_t shard = 0,
                 std::optional<Timestamp> moment = {}) {
    return ask(type, number, shard, moment).value().shard_iterator;
  }
  client::GetRecordsResponse read(std::string_view iterator, std::optional<int> limit = {}) {
    return client.get_records({.shard_iterator = iterator, .limit = limit}).value();
  }
  /// The data of what an iterator gives at once.
  Texts texts(std::string_view iterator, std::optional<int> limit = {}) { return data_of(read(iterator, limit)); }
  static Texts data_of(const client::GetRecordsResponse& response) {
    Texts all;
    for (const auto& record : response.records) {
      all.emplace_back(record.data.text());
    }
    return all;
  }

  std::vector<client::Shard> shards(Filter type = Filter::from_trim_horizon) {
    return client.list_shards({.stream_name = "clicks", .shard_filter = client::ShardFilter{.type = type}})
        .value()
        .shards;
  }
  Texts shard_names(Filter type = Filter::from_trim_horizon) {
    Texts all;
    for (const auto& shard : shards(type)) {
      all.push_back(shard.shard_id);
    }
    return all;
  }
  Result<void> split(std::uint32_t shard, std::string_view key) {
    return client.split_shard(
        {.stream_name = "clicks", .shard_to_split = shard_name(shard), .new_starting_hash_key = key});
  }
  Result<void> merge(std::uint32_t lower, std::uint32_t upper) {
    return client.merge_shards(
        {.stream_name = "clicks", .shard_to_merge = shard_name(lower), .adjacent_shard_to_merge = shard_name(upper)});
  }
  client::StreamStatus status() {
    return client.describe_stream_summary({.stream_name = "clicks"}).value().stream_description_summary.stream_status;
  }

  testing::ManualEnv env;
  client_type client;
};

using support::check_refused;

}  // namespace weir::client_tests
