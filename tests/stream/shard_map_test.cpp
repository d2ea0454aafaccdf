#include "weir/stream/shard_map.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdint>
#include <vector>

#include "support/random.hpp"

namespace {

using weir::HashKey;
using weir::HashKeyRange;
using weir::ShardId;
using weir::ShardMap;

HashKey before(const HashKey& key) {
  return key.low() != 0 ? HashKey{key.high(), key.low() - 1} : HashKey{key.high() - 1, ~std::uint64_t{0}};
}

TEST_CASE("row 1: the ranges of a new stream tile the hash keys, and the last takes the remainder") {
  for (const std::uint32_t count : {1U, 2U, 3U, 4U, 5U, 7U, 16U, 1000U, 10'000U}) {
    CAPTURE(count);
    const auto map = ShardMap::initial(count);
    REQUIRE(map.size() == count);
    CHECK(map.ranges().back().ending == HashKey::largest());
    HashKey starting;
    for (std::uint32_t i = 0; i < count; ++i) {
      const auto range = HashKeyRange::initial(i, count);
      CHECK(range.starting == starting);
      CHECK(map.ranges()[i].ending == range.ending);
      CHECK(map.ranges()[i].shard == ShardId{i});
      CHECK(map.route(range.starting) == ShardId{i});
      CHECK(map.route(range.ending) == ShardId{i});
      if (i + 1 < count) {
        starting = HashKeyRange::initial(i + 1, count).starting;
        CHECK(before(starting) == range.ending);
      }
    }
  }
}

TEST_CASE("a map of any ranges routes both ends of each to its shard") {
  const HashKey cuts[]{HashKey{0}, HashKey{41}, HashKey{1, 0}, HashKey{77, 7}, HashKey::largest()};
  const std::uint32_t ids[]{9, 2, 7, 4, 11};
  std::vector<ShardMap::Range> ranges;
  for (std::size_t i = 0; i < 5; ++i) {
    ranges.push_back({cuts[i], ShardId{ids[i]}});
  }
  const ShardMap map{ranges};
  CHECK(map.size() == 5);
  HashKey starting;
  for (const auto& range : ranges) {
    CHECK(map.route(starting) == range.shard);
    CHECK(map.route(range.ending) == range.shard);
    if (range.ending != HashKey::largest()) {
      starting = range.ending.low() == ~std::uint64_t{0} ? HashKey{range.ending.high() + 1, 0}
                                                         : HashKey{range.ending.high(), range.ending.low() + 1};
    }
  }
  CHECK(ShardMap{{{HashKey::largest(), ShardId{3}}}}.route(HashKey{5}) == ShardId{3});
}

TEST_CASE("a uniform map and one of the same ranges route every key alike") {
  weir::support::Random random;
  for (const std::uint32_t count : {1U, 2U, 3U, 6U, 17U, 64U, 999U}) {
    const auto uniform = ShardMap::initial(count);
    const ShardMap searched{uniform.ranges()};
    for (int i = 0; i < 500; ++i) {
      const HashKey key{random.next(), random.next()};
      const auto expected = std::find_if(uniform.ranges().begin(), uniform.ranges().end(), [&](const auto& r) {
                              return key <= r.ending;
                            })->shard;
      REQUIRE(uniform.route(key) == expected);
      REQUIRE(searched.route(key) == expected);
    }
  }
}

}  // namespace
