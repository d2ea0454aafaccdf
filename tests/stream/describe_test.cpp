#include "weir/stream/describe.hpp"

#include <doctest/doctest.h>

#include <sstream>

#include "stream/lineage.hpp"
#include "stream/rings.hpp"

namespace {

using namespace weir::stream_tests;
using weir::HashKey;
using weir::ShardId;

TEST_CASE_TEMPLATE("row 1: the shards of a new stream", Ring, ManyColumns, OneColumn, Texts) {
  const auto stream = StreamOf<Ring>::open({.shards = 3, .capacity = Ring::capacity}).value();
  const auto shards = stream.shards();
  REQUIRE(shards.size() == 3);
  const std::pair<const char*, const char*> ranges[]{
      {"0", "113427455640312821154458202477256070484"},
      {"113427455640312821154458202477256070485", "226854911280625642308916404954512140969"},
      {"226854911280625642308916404954512140970", "340282366920938463463374607431768211455"}};
  for (std::uint32_t i = 0; i < 3; ++i) {
    CAPTURE(i);
    CHECK(shards[i].id == ShardId{i});
    CHECK(shards[i].hash_key_range.starting.to_string() == ranges[i].first);
    CHECK(shards[i].hash_key_range.ending.to_string() == ranges[i].second);
    CHECK_FALSE(shards[i].parent);
    CHECK_FALSE(shards[i].adjacent_parent);
    CHECK_FALSE(shards[i].ending);
    CHECK(shards[i].starting.shard() == ShardId{i});
    CHECK(shards[i].starting.incarnation() == stream.incarnation());
  }
}

TEST_CASE("descriptions are printed") {
  weir::StreamDescription stream{"clicks", weir::Incarnation{7}, {}, {}, 4, 2};
  CHECK(stream.to_string() == "clicks, incarnation 7: open shards 4, closed 2, retention by capacity");
  stream.retention = std::chrono::hours{24};
  CHECK(stream.to_string() == "clicks, incarnation 7: open shards 4, closed 2, retention 86400000 ms");
  const weir::ReaderDescription reader{{ShardId{2}, {0, 12}}, {7, ShardId{2}, weir::Incarnation{1}}, 99};
  CHECK(reader.to_string() == "reader 0.12 of shardId-000000000002, next 7@2.1, 99 unreleased");
  std::ostringstream out;
  out << reader.id;
  CHECK(out.str() == "reader 0.12 of shardId-000000000002");
}

TEST_CASE_TEMPLATE("one shard answers for every hash key", Ring, ManyColumns, Texts) {
  const auto stream = StreamOf<Ring>::open({.capacity = Ring::capacity}).value();
  const auto shards = stream.shards();
  REQUIRE(shards.size() == 1);
  CHECK(shards[0].hash_key_range == weir::HashKeyRange{HashKey{}, HashKey::largest()});
}

TEST_CASE_TEMPLATE("a closed shard tells its last number, an empty one its starting number", Ring, ManyColumns,
                   OneColumn, Texts) {
  for (const std::uint64_t records : {0U, 1U, 5U, 1000U}) {
    CAPTURE(records);
    Numbered<Ring> shard;
    shard.put_more(records);
    CHECK_FALSE(shard.stream.shards()[0].ending);
    shard.stream.close().value();
    const auto description = shard.stream.shards()[0];
    CHECK(description.ending == shard.number(records));
    CHECK((records == 0) == (*description.ending == description.starting));
  }
}

TEST_CASE_TEMPLATE("children tell their parents", Ring, ManyColumns, OneColumn, Texts) {
  const weir::testing::ManualEnv env;
  auto stream = StreamOf<Ring>::open({.capacity = Ring::capacity}, {}, env).value();
  Lineage<StreamOf<Ring>> lineage{1, stream.incarnation(), Ring::capacity};
  stream.put("key", Ring::value_of(1)).value();
  auto& parent = *stream.shard(ShardId{0}).value();
  const auto [lower, upper] = lineage.split(parent, end_of_lower_half, begin_of_upper_half, env);
  for (const auto* child : {lower, upper}) {
    const auto description = child->describe();
    CHECK(description.parent == ShardId{0});
    CHECK_FALSE(description.adjacent_parent);
    CHECK_FALSE(description.ending);
    CHECK(description.starting.value() > parent.describe().ending->value());
  }
  CHECK(lower->describe().hash_key_range.ending == end_of_lower_half);
  CHECK(upper->describe().hash_key_range.starting == begin_of_upper_half);

  const auto merged = lineage.merge(*lower, *upper, env).describe();
  CHECK(merged.id == ShardId{3});
  CHECK(merged.parent == ShardId{1});
  CHECK(merged.adjacent_parent == ShardId{2});
  CHECK(merged.hash_key_range == weir::HashKeyRange{});
}

TEST_CASE("a description is printed with what there is to tell") {
  const auto number = [](std::uint64_t value) { return weir::SequenceNumber{value, ShardId{2}, weir::Incarnation{9}}; };
  weir::ShardDescription shard{.id = ShardId{2},
                               .parent = {},
                               .adjacent_parent = {},
                               .hash_key_range = {HashKey{5}, HashKey{99}},
                               .starting = number(7),
                               .ending = {}};
  CHECK(shard.to_string() == "shardId-000000000002, keys 5..99, numbers 7@2.9..");
  const auto open = shard;
  shard.parent = ShardId{0};
  shard.ending = number(19);
  CHECK(shard.to_string() == "shardId-000000000002 of shardId-000000000000, keys 5..99, numbers 7@2.9..19@2.9");
  shard.adjacent_parent = ShardId{1};
  CHECK(doctest::toString(shard) ==
        "shardId-000000000002 of shardId-000000000000 and shardId-000000000001, keys 5..99, numbers 7@2.9..19@2.9");
  CHECK(shard != open);
}

}  // namespace
