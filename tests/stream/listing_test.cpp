#include "weir/stream/listing.hpp"

#include "stream/rings.hpp"
#include "support/random.hpp"
#include "weir/stream/reshard.hpp"

#include <algorithm>

namespace weir::stream_tests {
namespace {

using namespace std::chrono_literals;

using Stream = weir::Stream<std::uint64_t, MemoryStorage, Options{}, testing::ManualEnv>;

bool tiles(const std::vector<ShardDescription>& shards) {
  auto ranges = std::vector<HashKeyRange>{};
  for (const auto& shard : shards) {
    ranges.push_back(shard.hash_key_range);
  }
  std::sort(ranges.begin(), ranges.end(), [](const auto& a, const auto& b) { return a.starting < b.starting; });
  for (std::size_t i = 1; i < ranges.size(); ++i) {
    if (!ranges[i - 1].adjoins(ranges[i])) {
      return false;
    }
  }
  return !ranges.empty() && ranges.front().starting == HashKey{} && ranges.back().ending == HashKey::largest();
}

TEST_CASE("whatever is split, merged and expired, listings at a moment tile, and readers begin before everything") {
  testing::ManualEnv env;
  const auto begin = env.clock.now();
  auto stream =
      Stream::open({.shards = 3, .capacity = records(64), .retention = 20s, .closed_bytes = 1 << 20}, {}, env).value();
  support::Random random{51};
  std::vector<Stream::iterator_type> kept;  // each keeps a shard, though those after it may have expired
  for (int round = 0; round < 400; ++round) {
    const auto open = stream.shards(ShardFilter::at_latest());
    const auto& shard = open[random.below(open.size())];
    if (random.below(2) == 0) {
      static_cast<void>(split(stream, shard.id, shard.hash_key_range.midpoint()));
    } else {
      static_cast<void>(merge(stream, shard.id, open[random.below(open.size())].id));
    }
    env.clock.advance(std::chrono::milliseconds{random.below(1000)});
    if (random.below(4) == 0) {
      const auto listed = stream.shards();
      if (auto iterator = stream.iterator(listed[random.below(listed.size())].id, Position::trim_horizon())) {
        kept.push_back(std::move(iterator).value());
      }
    }
    if (kept.size() > 8) {
      kept.erase(kept.begin() + static_cast<std::ptrdiff_t>(random.below(kept.size())));
    }
    const auto all = stream.shards();
    CHECK(tiles(stream.shards(ShardFilter::at_latest())));
    CHECK(tiles(stream.shards(ShardFilter::at_trim_horizon())));
    const auto age = std::chrono::milliseconds{random.below(40'000)};
    const auto then = stream.shards(ShardFilter::at_timestamp(env.clock.now() - age));
    CHECK(tiles(then));
    for (const auto& each : then) {
      CHECK(std::find(all.begin(), all.end(), each) != all.end());
    }
    for (const auto& each : all) {
      CHECK((!each.resharded || *each.resharded >= env.clock.now() - 20s));
      CHECK(each.ending.has_value() == each.resharded.has_value());
      CHECK(each.created >= begin);
    }
    const auto from = stream.shards(ShardFilter::from_timestamp(env.clock.now() - age));
    CHECK(std::includes(all.begin(), all.end(), from.begin(), from.end(),
                        [](const auto& a, const auto& b) { return a.id < b.id; }));
    CHECK(from.size() >= open.size() - 1);
  }
  CHECK(stream.shards().size() < stream.shards().back().id.index());  // some have expired
}

TEST_CASE("a shard that is kept is named and begun first, though those between it and the open ones have expired") {
  auto stream = weir::Stream<std::uint64_t>::open({.capacity = records(64), .closed_bytes = 0}).value();
  std::uint64_t number = 0;
  const HashKey low;
  const auto put = [&] { stream.put({"key", &low}, ++number).value(); };
  put();
  const auto kept = stream.iterator(ShardId{0}, Position::trim_horizon()).value();
  for (int times = 0; times < 3; ++times) {
    resize(stream, 2).value();
    put();
    resize(stream, 1).value();
    put();
  }
  std::vector<ShardId> listed, first;
  for (const auto& shard : stream.shards()) {
    listed.push_back(shard.id);
  }
  for (const auto& shard : stream.shards(ShardFilter::at_trim_horizon())) {
    first.push_back(shard.id);
  }
  CHECK(listed == std::vector{ShardId{0}, ShardId{9}});
  CHECK(first == std::vector{ShardId{0}});
  auto reader = stream.reader(Position::trim_horizon()).value();
  std::vector<std::uint64_t> seen;
  while (const auto batch = reader.read()) {
    for (const auto& record : batch) {
      seen.push_back(record.value());
    }
  }
  CHECK(seen == std::vector<std::uint64_t>{1, 7});
}

TEST_CASE("a shard whose successors are not listed yet is still described as open") {
  testing::ManualEnv env;
  auto stream = Stream::open({.capacity = records(64)}, {}, env).value();
  split(stream, ShardId{0}, HashKey{1, 0}).value();
  const auto all =
      std::vector{stream.shard(ShardId{0}).value(), stream.shard(ShardId{1}).value(), stream.shard(ShardId{2}).value()};
  const detail::Listing<Stream::shard_type> before{{all[0]}};
  CHECK(before.open(all[0]));
  CHECK_FALSE(before.describe(*all[0]).ending.has_value());
  CHECK_FALSE(before.describe(*all[0]).resharded.has_value());
  const detail::Listing<Stream::shard_type> after{all};
  CHECK_FALSE(after.open(all[0]));
  CHECK(after.describe(*all[0]).ending.has_value());
  CHECK(after.oldest() == std::vector{all[0]});
}

}  // namespace
}  // namespace weir::stream_tests
