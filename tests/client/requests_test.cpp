#include "weir/client/requests.hpp"

#include <doctest/doctest.h>

namespace {

namespace client = weir::client;

TEST_CASE("states and modes are written as the service writes them") {
  CHECK(to_string(client::StreamStatus::creating) == "CREATING");
  CHECK(to_string(client::StreamStatus::active) == "ACTIVE");
  CHECK(to_string(client::StreamStatus::updating) == "UPDATING");
  CHECK(to_string(client::StreamStatus::deleting) == "DELETING");
  CHECK(to_string(client::StreamMode::provisioned) == "PROVISIONED");
  CHECK(to_string(client::StreamMode::on_demand) == "ON_DEMAND");
}

TEST_CASE("a request takes what it must have by name, and the rest is what the service takes when it is left out") {
  const client::CreateStreamRequest create{.stream_name = "clicks"};
  CHECK(create.stream_mode_details.stream_mode == client::StreamMode::provisioned);
  CHECK_FALSE(create.shard_count);
  const client::ListShardsRequest list{.stream_name = "clicks", .shard_filter = client::ShardFilter{}};
  CHECK(list.shard_filter->type == client::ShardFilterType::from_trim_horizon);
  const client::UpdateShardCountRequest update{.stream_name = "clicks", .target_shard_count = 3};
  CHECK(update.scaling_type == client::ScalingType::uniform_scaling);
}

TEST_CASE("what answers describe is compared by value") {
  const client::Shard shard{.shard_id = "shardId-000000000001", .hash_key_range = {"0", "9"}};
  auto other = shard;
  CHECK(other == shard);
  other.sequence_number_range.ending_sequence_number = "7";
  CHECK(other != shard);
  CHECK(client::Tag{"a", "b"} != client::Tag{"a", "c"});
}

}  // namespace
