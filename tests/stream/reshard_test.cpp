#include "weir/stream/reshard.hpp"

#include "stream/rings.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <thread>

#if !WEIR_THREAD_SANITIZER  // its runtime brings an operator new of its own
# include "support/allocations.hpp"
#endif
#include "support/exhausted_storage.hpp"
#include "support/random.hpp"
#include "support/watchdog.hpp"

namespace weir::stream_tests {
namespace {

using namespace std::chrono_literals;
using Multiple = Columns<Producers::multiple>;
using Single = Columns<Producers::single>;

template <class Ring, Options options = Ring::options>
using Stream = weir::Stream<typename Ring::payload, WEIR_TESTS_STORAGE, options, testing::ManualEnv>;

/// A stream whose time stands still, and which keeps every closed shard.
template <class Ring, Options options = Ring::options>
struct Fixture {
  explicit Fixture(int shards, std::int64_t closed_bytes = std::int64_t{1} << 40)
      : stream(Stream<Ring, options>::open(
                   {.name = "resharded", .shards = shards, .capacity = Ring::capacity, .closed_bytes = closed_bytes},
                   {}, env)
                   .value()) {}

  /// Puts a record whose hash key is chosen.
  Put put(const HashKey& hash, std::uint64_t n) { return stream.put({"key", &hash}, Ring::value_of(n)).value(); }
  Put put_low(std::uint64_t n) { return put(HashKey{0}, n); }
  Put put_high(std::uint64_t n) { return put(HashKey::largest(), n); }

  [[nodiscard]] std::vector<ShardId> ids(const ShardFilter& filter) const {
    std::vector<ShardId> ids;
    for (const auto& shard : stream.shards(filter)) {
      ids.push_back(shard.id);
    }
    return ids;
  }
  [[nodiscard]] ShardDescription shard(std::uint32_t id) const {
    for (const auto& shard : stream.shards()) {
      if (shard.id == ShardId{id}) {
        return shard;
      }
    }
    FAIL("no shard " << id);
    return {};
  }

  testing::ManualEnv env;
  Stream<Ring, options> stream;
};

/// The shards' ranges cover each hash key once.
void check_tiling(std::vector<ShardDescription> shards) {
  std::sort(shards.begin(), shards.end(),
            [](const auto& a, const auto& b) { return a.hash_key_range.starting < b.hash_key_range.starting; });
  REQUIRE_FALSE(shards.empty());
  CHECK(shards.front().hash_key_range.starting == HashKey{0});
  CHECK(shards.back().hash_key_range.ending == HashKey::largest());
  for (std::size_t i = 1; i < shards.size(); ++i) {
    CHECK(shards[i - 1].hash_key_range.adjoins(shards[i].hash_key_range));
  }
}

const HashKey middle{std::uint64_t{1} << 63, 0};
const HashKey quarter{std::uint64_t{1} << 62, 0};
using Ids = std::vector<ShardId>;

TEST_CASE_TEMPLATE("row 42: a shard is split where both halves keep two hash keys, and nowhere else", Ring, Multiple,
                   Single, Texts) {
  Fixture<Ring> f{1};
  for (const auto& key : {HashKey{0}, HashKey{1}, HashKey::largest()}) {
    check_refused(split(f.stream, ShardId{0}, key), Errc::invalid_argument, Cause::split_key, {"shard 0", "two hash"});
  }
  CHECK(f.stream.shards().size() == 1);
  CHECK(split(f.stream, ShardId{0}, HashKey{2}).value() == std::array{ShardId{1}, ShardId{2}});
  CHECK(f.shard(1).hash_key_range == HashKeyRange{HashKey{0}, HashKey{1}});
  CHECK(f.shard(2).hash_key_range == HashKeyRange{HashKey{2}, HashKey::largest()});
  check_refused(split(f.stream, ShardId{1}, HashKey{1}), Errc::invalid_argument, Cause::split_too_small,
                {"shard 1", "4 hash keys"});
  check_refused(split(f.stream, ShardId{7}, middle), Errc::resource_not_found, Cause::unknown_shard, {"7", "0 to 2"});
}

TEST_CASE_TEMPLATE("row 43: puts go on while a shard is split, and a second reshard meanwhile is refused", Ring,
                   Multiple, Texts) {
  Fixture<Ring> f{1};
  auto held = detail::begin_reshard(f.stream, {}).value();
  CHECK(f.put_low(1).shard == ShardId{0});
  check_refused(split(f.stream, ShardId{0}, middle, Deadline{0ms}), Errc::resource_in_use, Cause::reshard_running,
                {"try again"});
  check_refused(merge(f.stream, ShardId{0}, ShardId{0}, Deadline{1ms}), Errc::resource_in_use, Cause::reshard_running,
                {"deadline"});
  check_refused(resize(f.stream, 2, Deadline{1ms}), Errc::resource_in_use, Cause::reshard_running, {});
}

TEST_CASE_TEMPLATE("row 44: a split shard has an ending, and its children name it alone and begin above it", Ring,
                   Multiple, Single, Texts) {
  Fixture<Ring> f{1};
  const auto last = f.put_low(1);
  f.env.clock.advance(7s);
  split(f.stream, ShardId{0}, middle).value();
  const auto parent = f.shard(0);
  CHECK(parent.ending == last.sequence_number);
  CHECK(parent.resharded == f.env.clock.now());
  for (const auto id : {1U, 2U}) {
    const auto child = f.shard(id);
    CHECK(child.parent == ShardId{0});
    CHECK_FALSE(child.adjacent_parent.has_value());
    CHECK_FALSE(child.ending.has_value());
    CHECK(child.starting.value() > parent.ending->value());
    CHECK(child.created == f.env.clock.now());
  }
  const auto low = f.put_low(2), high = f.put_high(3);
  CHECK(low.shard == ShardId{1});
  CHECK(high.shard == ShardId{2});
  CHECK(low.sequence_number.value() == f.shard(1).starting.value() + 1);
  CHECK(high.sequence_number.value() > last.sequence_number.value());
}

TEST_CASE_TEMPLATE("row 45: a closed shard is neither split nor merged", Ring, Multiple, Single, Texts) {
  Fixture<Ring> f{1};
  split(f.stream, ShardId{0}, middle).value();
  check_refused(split(f.stream, ShardId{0}, middle), Errc::invalid_argument, Cause::shard_not_open, {"shard 0"});
  check_refused(merge(f.stream, ShardId{0}, ShardId{1}), Errc::invalid_argument, Cause::shard_not_open, {"shard 0"});
  check_refused(merge(f.stream, ShardId{1}, ShardId{0}), Errc::invalid_argument, Cause::shard_not_open, {"shard 0"});
  f.stream.close().value();
  check_refused(split(f.stream, ShardId{1}, quarter), Errc::invalid_argument, Cause::shard_not_open, {"shard 1"});
  check_refused(resize(f.stream, 4), Errc::invalid_argument, Cause::shard_not_open, {});
}

TEST_CASE_TEMPLATE("row 46: neighbours are merged, the lower one first, into one shard of both ranges", Ring, Multiple,
                   Single, Texts) {
  Fixture<Ring> f{3};
  check_refused(merge(f.stream, ShardId{0}, ShardId{2}), Errc::invalid_argument, Cause::not_adjacent, {"0", "2"});
  check_refused(merge(f.stream, ShardId{1}, ShardId{0}), Errc::invalid_argument, Cause::not_adjacent, {"1", "0"});
  check_refused(merge(f.stream, ShardId{0}, ShardId{0}), Errc::invalid_argument, Cause::not_adjacent, {"0"});
  check_refused(merge(f.stream, ShardId{2}, ShardId{3}), Errc::resource_not_found, Cause::unknown_shard, {"3"});
  f.put_low(1);
  f.put_low(2);
  CHECK(merge(f.stream, ShardId{0}, ShardId{1}).value() == ShardId{3});
  const auto child = f.shard(3);
  CHECK(child.parent == ShardId{0});
  CHECK(child.adjacent_parent == ShardId{1});
  CHECK(child.hash_key_range == HashKeyRange{f.shard(0).hash_key_range.starting, f.shard(1).hash_key_range.ending});
  CHECK(child.starting.value() > f.shard(0).ending->value());
  CHECK(child.starting.value() > f.shard(1).ending->value());
  CHECK(f.shard(1).ending == f.shard(1).starting);  // nothing was put into it
  CHECK(f.put_low(3).shard == ShardId{3});
  CHECK(f.put_high(4).shard == ShardId{2});
}

TEST_CASE_TEMPLATE("rows 47 and 48: a closed shard is read to its end, where its children are named with their parents",
                   Ring, Multiple, Single, Texts) {
  Fixture<Ring> f{1};
  for (std::uint64_t n = 1; n <= 3; ++n) {
    f.put_low(n);
  }
  CHECK(f.stream.children(ShardId{0}).value().empty());
  split(f.stream, ShardId{0}, middle).value();
  auto cursor = f.stream.iterator(ShardId{0}, Position::trim_horizon()).value();
  CHECK(rest_of<Ring>(cursor).numbers == Numbers{1, 2, 3});
  CHECK(cursor.at_end());
  const auto children = f.stream.children(ShardId{0}).value();
  REQUIRE(children.size() == 2);
  CHECK(children[0].id == ShardId{1});
  CHECK(children[1].id == ShardId{2});
  CHECK(children[1].parent == ShardId{0});
  CHECK(children[1].hash_key_range == HashKeyRange{middle, HashKey::largest()});

  merge(f.stream, ShardId{1}, ShardId{2}).value();
  for (const auto parent : {ShardId{1}, ShardId{2}}) {
    const auto merged = f.stream.children(parent).value();
    REQUIRE(merged.size() == 1);
    CHECK(merged[0].parent == ShardId{1});
    CHECK(merged[0].adjacent_parent == ShardId{2});
  }
  CHECK(f.stream.children(ShardId{9}).error().code == Errc::resource_not_found);
}

TEST_CASE_TEMPLATE("row 49: from the tip of a closed shard there is nothing, and its end at once", Ring, Multiple,
                   Single, Texts) {
  Fixture<Ring> f{1};
  f.put_low(1);
  split(f.stream, ShardId{0}, middle).value();
  for (const auto& position : {Position::latest(), Position::after(*f.shard(0).ending)}) {
    auto cursor = f.stream.iterator(ShardId{0}, position).value();
    CHECK_FALSE(cursor.read());
    CHECK(cursor.at_end());
  }
}

TEST_CASE_TEMPLATE("row 50: an open shard never comes to its end and has no children", Ring, Multiple, Single, Texts) {
  Fixture<Ring> f{1};
  auto cursor = f.stream.iterator(ShardId{0}, Position::trim_horizon()).value();
  for (int i = 0; i < 1000; ++i) {
    CHECK_FALSE(cursor.read());
    CHECK_FALSE(cursor.at_end());
  }
  CHECK(f.stream.children(ShardId{0}).value().empty());
}

TEST_CASE_TEMPLATE("row 51: a closed shard whose records have all expired is listed no more, nor read", Ring, Multiple,
                   Texts) {
  Fixture<Ring> f{1};
  f.stream.retain_for(1h).value();
  f.put_low(1);
  split(f.stream, ShardId{0}, middle).value();
  f.env.clock.advance(1h);
  CHECK(f.ids(ShardFilter::from_trim_horizon()) == Ids{ShardId{0}, ShardId{1}, ShardId{2}});
  f.env.clock.advance(1ms);
  CHECK(f.ids(ShardFilter::from_trim_horizon()) == Ids{ShardId{1}, ShardId{2}});
  CHECK(f.ids(ShardFilter::at_trim_horizon()) == Ids{ShardId{1}, ShardId{2}});
  check_refused(f.stream.iterator(ShardId{0}, Position::trim_horizon()), Errc::resource_not_found, Cause::shard_expired,
                {"shard 0", "expired"});
  f.stream.retain_for(24h).value();
  CHECK(f.ids(ShardFilter::from_trim_horizon()) == Ids{ShardId{1}, ShardId{2}});
}

TEST_CASE_TEMPLATE("row 52: listings at the tip, from the trim horizon and at it", Ring, Multiple, Single, Texts) {
  Fixture<Ring> f{1};
  split(f.stream, ShardId{0}, middle).value();
  CHECK(f.ids(ShardFilter::at_latest()) == Ids{ShardId{1}, ShardId{2}});
  CHECK(f.ids(ShardFilter::from_trim_horizon()) == Ids{ShardId{0}, ShardId{1}, ShardId{2}});
  CHECK(f.ids(ShardFilter::at_trim_horizon()) == Ids{ShardId{0}});
  CHECK(f.ids(ShardFilter::after(ShardId{0})) == Ids{ShardId{1}, ShardId{2}});
  CHECK(f.ids(ShardFilter::after(ShardId{2})).empty());
}

TEST_CASE_TEMPLATE("row 54: a resize splits every shard and merges down, or merges alone, as UpdateShardCount does",
                   Ring, Multiple, Single, Texts) {
  struct Case {
    int from, to;
    std::size_t listed;
  };
  for (const auto& each :
       {Case{2, 4, 6}, Case{4, 5, 15}, Case{10, 13, 37}, Case{4, 2, 6}, Case{5, 3, 7}, Case{4, 4, 4}}) {
    CAPTURE(each.from);
    Fixture<Ring> f{each.from};
    resize(f.stream, each.to).value();
    CHECK(f.stream.shards().size() == each.listed);
    CHECK(f.stream.shards(ShardFilter::at_latest()).size() == static_cast<std::size_t>(each.to));
    check_tiling(f.stream.shards(ShardFilter::at_latest()));
    CHECK(f.stream.describe().open_shards == static_cast<std::uint64_t>(each.to));
  }
  Fixture<Ring> f{4};
  for (const int count : {9, 1}) {
    check_refused(resize(f.stream, count), Errc::invalid_argument, Cause::resize_count,
                  {std::to_string(count), "4 are open"});
  }
  for (const int count : {0, -1, max_shards + 1}) {
    check_refused(resize(f.stream, count), Errc::invalid_argument, Cause::shard_count, {std::to_string(count)});
  }
  CHECK(f.stream.shards().size() == 4);
  resize(f.stream, 8).value();
  for (const auto& shard : f.stream.shards(ShardFilter::at_latest())) {  // a multiple: all are equal
    CHECK(HashKeyRange::initial_index(shard.hash_key_range.starting, 8) ==
          HashKeyRange::initial_index(shard.hash_key_range.ending, 8));
  }
}

TEST_CASE_TEMPLATE("listings at a moment and from one on tile, and name what was open then", Ring, Multiple, Texts) {
  Fixture<Ring> f{1};
  const auto begin = f.env.clock.now();
  f.env.clock.advance(1s);
  split(f.stream, ShardId{0}, middle).value();
  f.env.clock.advance(1s);
  split(f.stream, ShardId{1}, quarter).value();
  f.env.clock.advance(1s);
  merge(f.stream, ShardId{4}, ShardId{2}).value();
  const auto at = [&](std::chrono::milliseconds after) { return f.ids(ShardFilter::at_timestamp(begin + after)); };
  CHECK(at(-1h) == Ids{ShardId{0}});
  CHECK(at(0s) == Ids{ShardId{0}});
  CHECK(at(999ms) == Ids{ShardId{0}});
  CHECK(at(1s) == Ids{ShardId{1}, ShardId{2}});
  CHECK(at(2s) == Ids{ShardId{2}, ShardId{3}, ShardId{4}});
  CHECK(at(3s) == Ids{ShardId{3}, ShardId{5}});
  CHECK(at(1h) == Ids{ShardId{3}, ShardId{5}});
  const auto from = [&](std::chrono::milliseconds after) { return f.ids(ShardFilter::from_timestamp(begin + after)); };
  CHECK(from(0s).size() == 6);
  CHECK(from(1001ms) == Ids{ShardId{1}, ShardId{2}, ShardId{3}, ShardId{4}, ShardId{5}});
  CHECK(from(2001ms) == Ids{ShardId{2}, ShardId{3}, ShardId{4}, ShardId{5}});
  CHECK(from(3001ms) == Ids{ShardId{3}, ShardId{5}});
}

TEST_CASE_TEMPLATE("readers of a whole stream follow its lineage: each key in order, parents before children", Ring,
                   Multiple, Single, Texts) {
  Fixture<Ring> f{2};
  auto from_begin = f.stream.reader(Position::trim_horizon()).value();
  auto from_tip = f.stream.reader(Position::latest()).value();
  support::Random random{20'261'128};
  std::uint64_t n = 0;
  std::map<std::uint64_t, std::vector<std::uint64_t>> expected;  // by key
  const auto key_of = [](std::uint64_t value) { return value % 16; };
  const auto put = [&] {
    ++n;
    f.put(HashKey{key_of(n) << 60, 0}, n);
    expected[key_of(n)].push_back(n);
  };
  const auto drain = [&](auto& reader, auto& seen) {
    while (auto batch = reader.read()) {
      CHECK(batch.missed() == 0);
      for (const auto& record : batch) {
        const auto value = Ring::number_in(record.value());
        seen[key_of(value)].push_back(value);
      }
    }
  };
  std::map<std::uint64_t, std::vector<std::uint64_t>> seen, seen_from_tip;
  for (int round = 0; round < 200; ++round) {
    for (auto puts = random.below(4); puts > 0; --puts) {
      put();
    }
    const auto open = f.stream.shards(ShardFilter::at_latest());
    check_tiling(open);
    const auto& shard = open[random.below(open.size())];
    if (random.below(2) == 0 || open.size() == 1) {
      if (shard.hash_key_range.splits_at(shard.hash_key_range.midpoint())) {
        split(f.stream, shard.id, shard.hash_key_range.midpoint()).value();
      }
    } else {
      const auto upper = std::find_if(open.begin(), open.end(), [&](const auto& other) {
        return shard.hash_key_range.adjoins(other.hash_key_range);
      });
      if (upper != open.end()) {
        merge(f.stream, shard.id, upper->id).value();
      }
    }
    if (random.below(3) == 0) {
      drain(from_begin, seen);
    }
    if (random.below(9) == 0) {
      drain(from_tip, seen_from_tip);
    }
  }
  drain(from_begin, seen);
  drain(from_tip, seen_from_tip);
  CHECK(seen == expected);
  CHECK(seen_from_tip == expected);

  // Begun after all of it, and of the newest alone.
  auto again = f.stream.reader(Position::trim_horizon()).value();
  std::map<std::uint64_t, std::vector<std::uint64_t>> replayed;
  drain(again, replayed);
  CHECK(replayed == expected);
  f.stream.close().value();
  CHECK_FALSE(again.read());
  CHECK(again.at_end());
}

TEST_CASE_TEMPLATE("handles follow a reshard, and numbers grow for their key", Ring, Multiple, Texts) {
  Fixture<Ring> f{1};
  const auto low = f.stream.make_key("a").value();  // its hash begins with 0
  auto writer = f.stream.writer(low).value();
  auto last = writer.put(Ring::value_of(1)).value();
  for (std::uint32_t i = 0; i < 5; ++i) {
    const auto shard = f.shard(writer.shard().index());
    split(f.stream, shard.id, shard.hash_key_range.midpoint()).value();
    const auto put = writer.put(Ring::value_of(2 + i)).value();
    CHECK(put.sequence_number.value() > last.sequence_number.value());
    CHECK(put.shard == f.stream.shard_of(low).value());
    CHECK(put.shard != last.shard);
    last = put;
  }
}

TEST_CASE("a handle of a single producer holds its shard against a reshard") {
  Fixture<Single> f{2};
  {
    auto writer = f.stream.writer("a").value();
    check_refused(split(f.stream, writer.shard(), quarter), Errc::resource_in_use, Cause::writer_held, {"handle"});
    check_refused(merge(f.stream, ShardId{0}, ShardId{1}), Errc::resource_in_use, Cause::writer_held, {"handle"});
    check_refused(resize(f.stream, 1), Errc::resource_in_use, Cause::writer_held, {"handle"});
    CHECK(f.stream.shards().size() == 2);
  }
  merge(f.stream, ShardId{0}, ShardId{1}).value();
  CHECK(f.put_low(1).shard == ShardId{2});
}

TEST_CASE_TEMPLATE("closed shards keep their bytes up to a bound, oldest first, and as long as somebody reads them",
                   Ring, Multiple, Single, Texts) {
  Fixture<Ring> f{1, 0};
  f.put_low(1);
  f.put_low(2);
  {
    auto pinned = f.stream.iterator(ShardId{0}, Position::trim_horizon()).value();
    split(f.stream, ShardId{0}, middle).value();
    merge(f.stream, ShardId{1}, ShardId{2}).value();
    CHECK(f.ids(ShardFilter::from_trim_horizon()) == Ids{ShardId{0}, ShardId{3}});
    CHECK(rest_of<Ring>(pinned).numbers == Numbers{1, 2});
    CHECK(pinned.at_end());
  }
  CHECK(f.ids(ShardFilter::at_trim_horizon()) == Ids{ShardId{3}});
  split(f.stream, ShardId{3}, middle).value();
  CHECK(f.ids(ShardFilter::from_trim_horizon()) == Ids{ShardId{4}, ShardId{5}});
  CHECK(f.stream.describe().closed_shards == 0);
  CHECK(f.put_low(3).shard == ShardId{4});
}

TEST_CASE_TEMPLATE("a reader that comes to a shard whose bytes were given up is told how many it missed", Ring,
                   Multiple, Texts) {
  Fixture<Ring> f{1, 0};
  auto reader = f.stream.reader(Position::trim_horizon()).value();
  split(f.stream, ShardId{0}, middle).value();
  f.put_low(1);
  f.put_low(2);
  f.put_high(3);
  merge(f.stream, ShardId{1}, ShardId{2}).value();
  f.put_low(4);
  std::uint64_t missed = 0;
  Numbers seen;
  while (auto batch = reader.read()) {
    missed += batch.missed();
    for (const auto& record : batch) {
      seen.push_back(Ring::number_in(record.value()));
    }
  }
  CHECK(missed == 3);
  CHECK(seen == Numbers{4});
}

TEST_CASE("where the storage has no room for new shards, nothing has changed") {
  using Exhausted = weir::Stream<std::uint64_t, support::ExhaustedStorage>;
  const StreamConfig config{.shards = 2, .capacity = records(64)};
  const auto three = Exhausted::footprint(3, config.capacity).value();
  auto stream = Exhausted::open(config, support::ExhaustedStorage{three}).value();
  check_refused(split(stream, ShardId{0}, quarter), Errc::out_of_memory, Cause::storage_exhausted, {"storage"});
  check_refused(resize(stream, 4), Errc::out_of_memory, Cause::storage_exhausted, {"storage"});
  CHECK(stream.shards().size() == 2);
  CHECK(stream.put("a", 1).value().shard == ShardId{0});
  CHECK(merge(stream, ShardId{0}, ShardId{1}).value() == ShardId{2});
  CHECK(stream.put("a", 2).value().shard == ShardId{2});
}

TEST_CASE_TEMPLATE("by default nothing is given up of shards that the newest reshard closed", Ring, Multiple, Single,
                   Texts) {
  testing::ManualEnv env;
  auto stream = StreamOf<Ring>::open({.shards = 2, .capacity = Ring::capacity}, {}, env).value();
  const HashKey low{0}, high = HashKey::largest();
  for (std::uint64_t n = 0; n < 40; ++n) {
    stream.put({"key", n % 2 == 0 ? &low : &high}, Ring::value_of(n)).value();
  }
  const auto count = [&] {
    auto reader = stream.reader(Position::trim_horizon()).value();
    std::uint64_t records = 0;
    while (auto batch = reader.read()) {
      CHECK(batch.missed() == 0);
      records += batch.size();
    }
    return records;
  };
  merge(stream, ShardId{0}, ShardId{1}).value();
  CHECK(count() == 40);
  resize(stream, 2).value();
  CHECK(count() == 40);
  resize(stream, 3).value();
  CHECK(count() == 40);
}

constexpr Options gated{.delivery = Delivery::gated};

TEST_CASE("a reader that finds no place in a gated shard that took over keeps its own until it does") {
  testing::ManualEnv env;
  auto stream = Stream<Multiple, gated>::open({.capacity = records(8), .readers = 1}, {}, env).value();
  auto reader = stream.reader(Position::trim_horizon()).value();
  split(stream, ShardId{0}, middle).value();
  auto lower = std::optional{stream.iterator(ShardId{1}, Position::trim_horizon()).value()};
  auto upper = std::optional{stream.iterator(ShardId{2}, Position::trim_horizon()).value()};
  const HashKey low{0};
  std::uint64_t n = 0;
  const auto put = [&] { return stream.put({"key", &low}, n + 1) ? ++n, true : false; };
  for (int i = 0; i < 100; ++i) {
    put();
    while (lower->read()) {
    }
    static_cast<void>(reader.read());
  }
  CHECK(n == 8);  // whoever came first has had them, but the reader has not
  lower.reset();
  upper.reset();
  Numbers seen;
  for (int i = 0; i < 100; ++i) {
    const auto batch = reader.read();
    CHECK(batch.missed() == 0);
    for (const auto& record : batch) {
      seen.push_back(record.value());
    }
    put();
  }
  CHECK(n > 8);
  while (auto batch = reader.read()) {
    for (const auto& record : batch) {
      seen.push_back(record.value());
    }
  }
  CHECK(seen == from_to(1, n));
}

TEST_CASE_TEMPLATE("a key's arrivals do not go back with the clock across a split", Ring, Multiple, Single, Texts) {
  Fixture<Ring> f{1};
  f.stream.retain_for(1h).value();
  f.put_low(1);
  f.env.clock.advance(-2h);
  split(f.stream, ShardId{0}, middle).value();
  f.put_low(2);
  auto cursor = f.stream.iterator(ShardId{1}, Position::trim_horizon()).value();
  const auto batch = cursor.read();
  REQUIRE(batch.size() == 1);
  CHECK(batch[0].arrival() == f.env.clock.now() + 2h);
}

TEST_CASE("a put whose shard is split by what its plan does is asked for once") {
  Fixture<Multiple> f{1};
  f.env.faults.at_put(1, [&] { split(f.stream, ShardId{0}, middle).value(); });
  f.env.faults.throttle_put(2);
  CHECK(f.put_low(1).shard == ShardId{1});
  CHECK(f.env.faults.hits().puts == 1);
}

/// Memory that has none left at some call.
struct Throwing : MemoryStorage {
  std::shared_ptr<int> calls = std::make_shared<int>(-1);
  void count() {
    if (--*calls == 0) {
      throw std::bad_alloc{};
    }
  }
  Result<std::span<std::byte>> create(std::string_view name, std::size_t size) {
    count();
    return MemoryStorage::create(name, size);
  }
};

TEST_CASE("a reshard that throws has changed nothing, and can be made again") {
  Throwing storage;
  const auto calls = storage.calls;
  auto stream =
      weir::Stream<std::uint64_t, Throwing>::open({.shards = 2, .capacity = records(64)}, std::move(storage)).value();
  for (int call = 1; call <= 5; ++call) {  // four halves and a merged shard
    *calls = call;
    CHECK_THROWS_AS(static_cast<void>(resize(stream, 3)), std::bad_alloc);
    CHECK(stream.shards().size() == 2);
  }
  *calls = -1;
  resize(stream, 3).value();
  CHECK(stream.shards(ShardFilter::at_latest()).size() == 3);
  CHECK(stream.put("a", 1).value().shard.index() >= 4);
}

#if !WEIR_THREAD_SANITIZER
/// Whether `act` threw for want of memory, which it finds `left` times.
template <class Act>
bool throws_after(std::uint64_t left, Act act) {
  const support::NoMemory none{left};
  try {
    act();
  } catch (const std::bad_alloc&) {
    return true;
  }
  return false;
}

struct GatedTexts : Texts {
  static constexpr Options options{.delivery = Delivery::gated};
};

TEST_CASE_TEMPLATE(
    "wherever memory ends in a reshard or in a reader that follows it, it is made again and nothing lost", Ring,
    Multiple, Texts, GatedTexts) {
  std::uint64_t left = 0;
  for (bool short_of_it = true; short_of_it; ++left) {
    CAPTURE(left);
    Fixture<Ring> f{2};
    auto reader = f.stream.reader(Position::trim_horizon()).value();
    f.put_low(1);
    f.put_high(2);
    std::optional<Result<ShardId>> done;
    short_of_it = throws_after(left, [&] { done.emplace(merge(f.stream, ShardId{0}, ShardId{1})); });
    if (short_of_it) {
      CHECK(f.stream.shards().size() == 2);
      merge(f.stream, ShardId{0}, ShardId{1}).value();
    } else {
      CHECK(done->has_value());
    }
    f.put_low(3);
    f.put_high(4);
    Numbers seen;
    seen.reserve(4);
    const auto read = [&] {
      while (const auto batch = reader.read()) {
        for (const auto& record : batch) {
          seen.push_back(Ring::number_in(record.value()));
        }
      }
    };
    if (throws_after(left, read)) {
      short_of_it = true;
      read();
    }
    std::sort(seen.begin(), seen.begin() + 2);
    CHECK(seen == from_to(1, 4));
    check_tiling(f.stream.shards(ShardFilter::at_latest()));
  }
  CHECK(left > 5);
}
#endif

}  // namespace
}  // namespace weir::stream_tests
