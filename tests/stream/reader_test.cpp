#include "weir/stream/reader.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "stream/lineage.hpp"
#include "stream/rings.hpp"
#include "support/watchdog.hpp"

namespace {

using namespace std::chrono_literals;
using namespace weir::stream_tests;
using weir::Cause;
using weir::Errc;
using weir::HashKey;
using weir::Position;
using weir::ShardId;

template <class Reader>
concept reads_as_a_temporary = requires(Reader reader) {
  std::move(reader).read();
};
static_assert(!reads_as_a_temporary<StreamOf<Texts>::reader_type>);

/// What a reader has to give at the moment, in its order.
template <class Ring, class Reader>
Numbers read_all(Reader& reader) {
  Numbers numbers;
  while (const auto batch = reader.read()) {
    for (const auto& record : batch) {
      numbers.push_back(Ring::number_in(record.value()));
    }
  }
  return numbers;
}

TEST_CASE_TEMPLATE("every record of every shard comes once, and those of a key in order", Ring, ManyColumns, OneColumn,
                   Texts) {
  auto stream = StreamOf<Ring>::open({.shards = 5, .capacity = Ring::capacity}).value();
  std::map<std::string, std::uint64_t> next;
  std::uint64_t total = 0;
  auto reader = stream.reader(Position::trim_horizon()).value();
  Numbers seen;
  std::map<std::uint64_t, std::uint64_t> last_of_key;
  for (int round = 0; round < 30; ++round) {
    for (std::uint64_t key = 0; key < 10; ++key) {  // at most 4 x 10 a shard between two reads: nothing is lapped
      for (int i = 0; i <= round % 4; ++i, ++total) {
        const auto name = "key-" + std::to_string(key);
        stream.put(name, Ring::value_of(key * 1'000'000 + next[name]++)).value();
      }
    }
    while (const auto batch = reader.read()) {
      CHECK(batch.missed() == 0);
      for (const auto& record : batch) {
        const auto n = Ring::number_in(record.value());
        seen.push_back(n);
        const auto [last, first_time] = last_of_key.try_emplace(n / 1'000'000, n);
        CHECK((first_time || n == last->second + 1));
        last->second = n;
        CHECK(record.sequence_number().shard() == batch.shard());
      }
    }
  }
  CHECK(seen.size() == total);
  std::sort(seen.begin(), seen.end());
  CHECK(std::adjacent_find(seen.begin(), seen.end()) == seen.end());
  CHECK_FALSE(reader.at_end());
}

TEST_CASE("no shard waits for another that always has more") {
  auto stream = StreamOf<ManyColumns>::open({.shards = 2, .capacity = weir::records(64)}).value();
  const HashKey low;
  const HashKey high = HashKey::largest();
  auto reader = stream.reader(Position::trim_horizon()).value();
  stream.put({"key", &low}, 1).value();
  int reads_until_low = 0;
  for (bool found = false; !found; ++reads_until_low) {
    REQUIRE(reads_until_low < 10);
    stream.put({"key", &high}, 2).value();
    const auto batch = reader.read();
    found = batch.shard() == ShardId{0} && !batch.empty();
  }
}

TEST_CASE_TEMPLATE("a reader takes positions that have a meaning in every shard", Ring, ManyColumns, OneColumn, Texts) {
  weir::testing::ManualEnv env;
  auto stream = StreamOf<Ring>::open({.shards = 2, .capacity = Ring::capacity}, {}, env).value();
  const HashKey low;
  const HashKey high = HashKey::largest();
  const auto put = [&](std::uint64_t n) {
    stream.put({"key", n % 2 == 0 ? &low : &high}, Ring::value_of(n)).value();
    env.clock.advance(1ms);
  };
  const auto began = env.clock.now();
  for (std::uint64_t n = 0; n < 10; ++n) {
    put(n);
  }
  const auto sorted = [](Numbers numbers) {
    std::sort(numbers.begin(), numbers.end());
    return numbers;
  };
  auto all = stream.reader(Position::trim_horizon()).value();
  auto latest = stream.reader(Position::latest()).value();
  auto two_each = stream.reader(Position::last(2)).value();
  auto recent = stream.reader(Position::at_timestamp(began + 7ms)).value();
  put(10);
  CHECK(sorted(read_all<Ring>(all)) == from_to(0, 10));
  CHECK(read_all<Ring>(latest) == Numbers{10});
  CHECK(sorted(read_all<Ring>(two_each)) == from_to(6, 10));
  CHECK(sorted(read_all<Ring>(recent)) == from_to(7, 10));

  const weir::SequenceNumber number{3, ShardId{0}, stream.incarnation()};
  check_refused(stream.reader(Position::at(number)), Errc::invalid_argument, Cause::number_in_stream_position,
                {"3", "iterator of that shard"});
  check_refused(stream.reader(Position::after(number)), Errc::invalid_argument, Cause::number_in_stream_position, {});
  check_refused(stream.reader(Position::at_timestamp(env.clock.now() + 1ms)), Errc::invalid_argument,
                Cause::timestamp_in_future, {});
  CHECK(stream.shard(ShardId{0}).value()->users().get() == 4);  // a refused reader leaves nothing behind
}

TEST_CASE_TEMPLATE("a reader ends when all shards have ended", Ring, ManyColumns, OneColumn, Texts) {
  auto stream = StreamOf<Ring>::open({.shards = 3, .capacity = Ring::capacity}).value();
  for (std::uint64_t n = 0; n < 30; ++n) {
    stream.put(std::to_string(n), Ring::value_of(n)).value();
  }
  auto reader = stream.reader(Position::trim_horizon()).value();
  auto latest = stream.reader(Position::latest()).value();
  CHECK(read_all<Ring>(reader).size() == 30);
  CHECK_FALSE(reader.at_end());
  stream.shard(ShardId{1}).value()->close().value();
  CHECK(read_all<Ring>(reader).empty());
  CHECK_FALSE(reader.at_end());
  stream.close().value();
  CHECK(read_all<Ring>(reader).empty());
  CHECK(reader.at_end());
  CHECK(read_all<Ring>(latest).empty());
  CHECK(latest.at_end());
  CHECK_FALSE(reader.read());
  CHECK(reader.at_end());
}

TEST_CASE_TEMPLATE("a lapped reader tells the gap of the shard that lapped it", Ring, ManyColumns, OneColumn, Texts) {
  auto stream = StreamOf<Ring>::open({.shards = 2, .capacity = Ring::capacity}).value();
  const HashKey low;
  const HashKey high = HashKey::largest();
  auto reader = stream.reader(Position::latest()).value();
  for (std::uint64_t n = 1; n <= 1000; ++n) {
    stream.put({"key", &high}, Ring::value_of(n)).value();
  }
  stream.put({"key", &low}, Ring::value_of(1)).value();
  std::map<std::uint32_t, std::uint64_t> missed;
  std::map<std::uint32_t, std::uint64_t> read;
  while (const auto batch = reader.read()) {
    missed[batch.shard().index()] += batch.missed();
    read[batch.shard().index()] += batch.size();
  }
  CHECK(missed[0] == 0);
  CHECK(read[0] == 1);
  CHECK(missed[1] > 0);
  CHECK(missed[1] + read[1] == 1000);
}

TEST_CASE_TEMPLATE("positions of all shards are what iterators resume from", Ring, ManyColumns, OneColumn, Texts) {
  auto stream = StreamOf<Ring>::open({.shards = 3, .capacity = Ring::capacity}).value();
  for (std::uint64_t n = 0; n < 30; ++n) {
    stream.put(std::to_string(n), Ring::value_of(n)).value();
  }
  auto reader = stream.reader(Position::trim_horizon()).value();
  for (const auto& [shard, position] : reader.positions()) {
    CHECK(position == Position::trim_horizon());
  }
  CHECK(reader.read());
  Numbers resumed;
  for (const auto& [shard, position] : reader.positions()) {
    auto iterator = stream.iterator(shard, position).value();
    while (const auto batch = iterator.read()) {
      for (const auto& record : batch) {
        resumed.push_back(Ring::number_in(record.value()));
      }
    }
  }
  auto rest = read_all<Ring>(reader);
  std::sort(rest.begin(), rest.end());
  std::sort(resumed.begin(), resumed.end());
  CHECK(rest == resumed);
  CHECK(rest.size() < 30);
  REQUIRE(reader.positions().size() == 3);
  CHECK(reader.positions()[2].first == ShardId{2});
}

TEST_CASE_TEMPLATE("a waiting reader is woken by any shard, by the end and by its deadline", Ring, ManyColumns,
                   OneColumn, Texts) {
  const weir::support::Watchdog watchdog{"a reader of all shards waits"};
  auto stream = StreamOf<Ring>::open({.shards = 3, .capacity = Ring::capacity}).value();
  auto reader = stream.reader(Position::latest()).value();
  const auto before = weir::Deadline::Clock::now();
  CHECK_FALSE(reader.read(20ms));
  CHECK(weir::Deadline::Clock::now() - before >= 20ms);
  CHECK_FALSE(reader.at_end());

  std::size_t woken = 0;
  bool ended = false;
  {
    const std::jthread waiting{[&] {
      weir::Yield wait;
      woken = reader.read(wait, weir::Deadline::never()).size();
      const auto end = reader.read(wait, weir::Deadline::never());
      ended = !end && reader.at_end();
    }};
    stream.put("b", Ring::value_of(1)).value();
    stream.close().value();
  }
  CHECK(woken == 1);
  CHECK(ended);
}

/// A stream of two halves and what becomes of them.
template <class Ring>
struct Family {
  using stream_type = StreamOf<Ring>;
  using shard_type = typename stream_type::shard_type;

  void put(const HashKey& hash, std::uint64_t n) { stream.put({"key", &hash}, Ring::value_of(n)).value(); }
  shard_type& shard(std::uint32_t index) { return *stream.shard(ShardId{index}).value(); }

  weir::testing::ManualEnv env;
  stream_type stream = stream_type::open({.shards = 2, .capacity = Ring::capacity}, {}, env).value();
  Lineage<stream_type> lineage{2, stream.incarnation(), Ring::capacity};
};

TEST_CASE_TEMPLATE("a split: puts follow the successors, the reader takes the children after their parent", Ring,
                   ManyColumns, OneColumn, Texts) {
  Family<Ring> family;
  auto reader = family.stream.reader(Position::trim_horizon()).value();
  const HashKey lowest;
  family.put(lowest, 1);
  family.put(end_of_lower_half, 2);
  const auto [lower, upper] =
      family.lineage.split(family.shard(0), end_of_first_quarter, begin_of_second_quarter, family.env);
  family.put(lowest, 3);
  family.put(end_of_lower_half, 4);
  family.put(end_of_first_quarter, 5);
  family.put(begin_of_second_quarter, 6);
  CHECK(lower->log().end() - lower->start() == 3);  // 3 and 5
  CHECK(upper->log().end() - upper->start() == 3);  // 4 and 6
  const auto numbers = read_all<Ring>(reader);
  CHECK(Numbers(numbers.begin(), numbers.begin() + 2) == Numbers{1, 2});
  CHECK(numbers.size() == 6);
  const auto at = [&](std::uint64_t n) { return std::find(numbers.begin(), numbers.end(), n) - numbers.begin(); };
  CHECK(at(3) < at(5));
  CHECK(at(4) < at(6));
  family.put(lowest, 7);
  CHECK(read_all<Ring>(reader) == Numbers{7});
  CHECK_FALSE(reader.at_end());
  CHECK(reader.positions().size() == 3);  // the shard that was split is over
}

TEST_CASE_TEMPLATE("a chain of splits is followed to its end, by every kind of put", Ring, ManyColumns, OneColumn,
                   Texts) {
  Family<Ring> family;
  const HashKey lowest;
  auto* newest = &family.shard(0);
  for (std::uint64_t shift = 1; shift <= 5; ++shift) {
    const HashKey first_of_upper{std::uint64_t{1} << (63 - shift), 0};
    const HashKey last_of_lower{(std::uint64_t{1} << (63 - shift)) - 1, ~std::uint64_t{0}};
    newest = family.lineage.split(*newest, last_of_lower, first_of_upper, family.env).first;
  }
  const auto value = Ring::value_of(9);
  const typename Family<Ring>::stream_type::element element{value};
  const auto put = family.stream.put({"key", &lowest}, value).value();
  CHECK(put.shard == newest->header().id);
  CHECK(put.sequence_number.shard() == put.shard);
  CHECK(put.sequence_number.value() > newest->start());
  CHECK(family.stream.try_put({"key", &lowest}, value).value().shard == put.shard);
  CHECK(family.stream.put_all({"key", &lowest}, std::span{&element, 1}).value().shard == put.shard);
  newest->close().value();
  check_refused(family.stream.put({"key", &lowest}, value), Errc::closed, Cause::shard_closed,
                {"shard " + std::to_string(put.shard.index())});
}

TEST_CASE_TEMPLATE("a merge: the child is read after both parents, whichever ends first", Ring, ManyColumns, OneColumn,
                   Texts) {
  for (const std::uint32_t longer : {0U, 1U}) {
    CAPTURE(longer);
    Family<Ring> family;
    auto& child_of_both = [&]() -> auto& {
      const HashKey lowest;
      family.put(longer == 0 ? lowest : HashKey::largest(), 1);
      auto& child = family.lineage.child({}, {&family.shard(0), &family.shard(1)}, family.env, 100);
      family.lineage.publish(family.shard(0), {&child});
      family.lineage.publish(family.shard(1), {&child});
      return child;
    }
    ();
    auto reader = family.stream.reader(Position::trim_horizon()).value();
    CHECK(read_all<Ring>(reader) == Numbers{1});
    family.shard(1 - longer).close().value();
    CHECK(child_of_both.put("key", Ring::value_of(3)));
    CHECK(read_all<Ring>(reader).empty());  // one parent is still open
    const HashKey lowest;
    family.put(longer == 0 ? lowest : HashKey::largest(), 2);
    family.shard(longer).close().value();
    CHECK(read_all<Ring>(reader) == Numbers{2, 3});
    const HashKey any{12345};
    family.put(any, 4);
    CHECK(read_all<Ring>(reader) == Numbers{4});
    child_of_both.close().value();
    CHECK(read_all<Ring>(reader).empty());
    CHECK(reader.at_end());
  }
}

TEST_CASE_TEMPLATE("a split and a merge of one half: the merged shard waits for the half, met last or not", Ring,
                   ManyColumns, OneColumn, Texts) {
  // 0 splits into 2 and 3; 3 and 1 merge into 4. Shard 1 is empty and ends in the first reads, before 3 is begun.
  Family<Ring> family;
  const HashKey key = begin_of_second_quarter;
  auto reader = family.stream.reader(Position::trim_horizon()).value();
  for (std::uint64_t n = 1; n <= 6; ++n) {
    family.put(key, n);
  }
  const auto [second, third] =
      family.lineage.split(family.shard(0), end_of_first_quarter, begin_of_second_quarter, family.env);
  for (std::uint64_t n = 7; n <= 12; ++n) {
    family.put(key, n);
  }
  auto& fourth = family.lineage.merge(*third, family.shard(1), family.env);
  for (std::uint64_t n = 13; n <= 18; ++n) {
    family.put(key, n);
  }
  CHECK(fourth.log().end() - fourth.start() == 7);
  CHECK(second->log().end() - second->start() == 1);
  CHECK(read_all<Ring>(reader) == from_to(1, 18));
}

TEST_CASE_TEMPLATE("latest during a reshard passes nothing over that is put later", Ring, ManyColumns, OneColumn,
                   Texts) {
  Family<Ring> family;
  const HashKey lowest;
  family.put(lowest, 1);
  auto& lower = family.lineage.child({lowest, end_of_first_quarter}, {&family.shard(0)}, family.env, 100);
  auto& upper = family.lineage.child({begin_of_second_quarter, end_of_lower_half}, {&family.shard(0)}, family.env, 100);
  family.lineage.publish(family.shard(0), {&lower, &upper});

  auto while_parent_is_open = family.stream.reader(Position::latest()).value();
  family.put(lowest, 2);
  family.shard(0).close().value();
  family.put(lowest, 3);
  auto when_it_is_closed = family.stream.reader(Position::latest()).value();
  family.put(lowest, 4);
  family.put(end_of_lower_half, 5);
  auto numbers = read_all<Ring>(while_parent_is_open);
  std::sort(numbers.begin() + 2, numbers.end());
  CHECK(numbers == Numbers{2, 3, 4, 5});
  numbers = read_all<Ring>(when_it_is_closed);
  std::sort(numbers.begin(), numbers.end());
  CHECK(numbers == Numbers{4, 5});
}

TEST_CASE_TEMPLATE("latest of a stream whose only shard was taken over reads what took over", Ring, ManyColumns,
                   OneColumn, Texts) {
  const weir::testing::ManualEnv env;
  auto stream = StreamOf<Ring>::open({.capacity = Ring::capacity}, {}, env).value();
  Lineage<StreamOf<Ring>> lineage{1, stream.incarnation(), Ring::capacity};
  stream.put("key", Ring::value_of(1)).value();
  lineage.split(*stream.shard(ShardId{0}).value(), end_of_lower_half, begin_of_upper_half, env);
  auto reader = stream.reader(Position::latest()).value();
  CHECK_FALSE(reader.read());
  CHECK_FALSE(reader.at_end());
  stream.put("key", Ring::value_of(2)).value();
  CHECK(read_all<Ring>(reader) == Numbers{2});
}

TEST_CASE_TEMPLATE("a timestamp holds for the children too", Ring, ManyColumns, OneColumn, Texts) {
  Family<Ring> family;
  const HashKey lowest;
  family.put(lowest, 1);
  family.env.clock.advance(10ms);
  family.lineage.split(family.shard(0), end_of_first_quarter, begin_of_second_quarter, family.env);
  family.put(lowest, 2);
  family.env.clock.advance(10ms);
  const auto now = family.env.clock.now();
  auto reader = family.stream.reader(Position::at_timestamp(now)).value();
  family.put(lowest, 3);
  CHECK(read_all<Ring>(reader) == Numbers{3});
}

TEST_CASE_TEMPLATE("a reader moves with its place and its batch", Ring, ManyColumns, OneColumn, Texts) {
  auto stream = StreamOf<Ring>::open({.shards = 2, .capacity = Ring::capacity}).value();
  stream.put("a", Ring::value_of(1)).value();
  auto first = stream.reader(Position::trim_horizon()).value();
  const auto batch = first.read();
  auto second = std::move(first);
  REQUIRE(batch.size() == 1);
  CHECK(Ring::number_in(batch.front().value()) == 1);
  CHECK_FALSE(second.read());
  stream.put("a", Ring::value_of(2)).value();
  CHECK(read_all<Ring>(second) == Numbers{2});
}

}  // namespace
