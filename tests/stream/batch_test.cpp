#include "weir/stream/batch.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <iterator>
#include <memory>
#include <numeric>
#include <ranges>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "stream/rings.hpp"
#include "support/aborts.hpp"

namespace {

using namespace std::chrono_literals;
using namespace weir::stream_tests;
using weir::Position;
using weir::ShardId;

using ColumnBatch = StreamOf<ManyColumns>::batch_type;
using TextBatch = StreamOf<Texts>::batch_type;

static_assert(std::random_access_iterator<ColumnBatch::const_iterator>);
static_assert(std::random_access_iterator<TextBatch::const_iterator>);
static_assert(std::is_same_v<std::iterator_traits<ColumnBatch::iterator>::iterator_category, std::input_iterator_tag>,
              "records come by value, so the old category is input");
static_assert(std::ranges::random_access_range<const ColumnBatch> && std::ranges::sized_range<const ColumnBatch>);
static_assert(std::ranges::common_range<const TextBatch>);
static_assert(!std::is_convertible_v<ColumnBatch, bool> && std::is_constructible_v<bool, ColumnBatch>,
              "true or false in a condition, and no number elsewhere");

/// A batch of records 1 to 9 and what keeps it alive.
template <class Ring>
struct Nine {
  Numbered<Ring> shard;
  typename Numbered<Ring>::iterator_type iterator = shard.at(Position::trim_horizon());
  typename Numbered<Ring>::stream_type::batch_type batch = (shard.put_more(9), iterator.read());
};

TEST_CASE_TEMPLATE("a batch is a range of records with numbers and values", Ring, ManyColumns, OneColumn, Texts) {
  Nine<Ring> nine;
  const auto& batch = nine.batch;
  CHECK(batch);
  CHECK_FALSE(batch.empty());
  REQUIRE(batch.size() == 9);
  CHECK(batch.missed() == 0);
  CHECK(batch.shard() == ShardId{0});
  std::uint64_t n = 0;
  for (const auto& record : batch) {
    ++n;
    CHECK(record.sequence_number() == nine.shard.number(n));
    CHECK(Ring::number_in(record.value()) == n);
    CHECK(record.arrival() == nine.shard.env.clock.now());
  }
  CHECK(n == 9);
  for (std::size_t i = 0; i < 9; ++i) {
    CHECK(batch[i].sequence_number() == nine.shard.number(i + 1));
    CHECK(Ring::number_in(batch[i].value()) == i + 1);
  }
  CHECK(Ring::number_in(batch.front().value()) == 1);
  CHECK(Ring::number_in(batch.back().value()) == 9);
}

TEST_CASE_TEMPLATE("its iterators do the arithmetic of random access", Ring, ManyColumns, Texts) {
  Nine<Ring> nine;
  const auto begin = nine.batch.begin();
  const auto end = nine.batch.end();
  const auto at = [](auto iterator) { return Ring::number_in((*iterator).value()); };
  CHECK(end - begin == 9);
  CHECK(begin - end == -9);
  CHECK(at(begin + 3) == 4);
  CHECK(at(3 + begin) == 4);
  CHECK(at(end - 1) == 9);
  CHECK(Ring::number_in(begin[8].value()) == 9);
  auto moving = begin;
  CHECK(at(++moving) == 2);
  CHECK(at(moving++) == 2);
  CHECK(at(moving) == 3);
  CHECK(at(--moving) == 2);
  CHECK(at(moving--) == 2);
  CHECK(moving == begin);
  moving += 5;
  CHECK(at(moving) == 6);
  moving -= 2;
  CHECK(at(moving) == 4);
  CHECK(begin < moving);
  CHECK(moving <= end);
  CHECK(end > moving);
  CHECK(moving != end);
  CHECK((begin <=> begin) == 0);
  CHECK(begin + 9 == end);
  typename Numbered<Ring>::stream_type::batch_type::const_iterator blank;
  blank = begin;
  CHECK(blank == begin);
}

TEST_CASE_TEMPLATE("standard algorithms take it", Ring, ManyColumns, OneColumn, Texts) {
  Nine<Ring> nine;
  const auto& batch = nine.batch;
  const auto number = [](const auto& record) { return Ring::number_in(record.value()); };
  const auto found = std::find_if(batch.begin(), batch.end(), [&](const auto& record) { return number(record) == 4; });
  CHECK(found - batch.begin() == 3);
  const auto missing = std::find_if(batch.begin(), batch.end(), [&](const auto& record) { return number(record) > 9; });
  CHECK(missing == batch.end());
  CHECK(std::count_if(batch.begin(), batch.end(), [&](const auto& record) { return number(record) % 2 == 0; }) == 4);
  CHECK(std::accumulate(batch.begin(), batch.end(), std::uint64_t{0},
                        [&](std::uint64_t sum, const auto& record) { return sum + number(record); }) == 45);
  CHECK(std::distance(batch.begin(), batch.end()) == 9);
  CHECK(std::next(batch.begin(), 2) == batch.begin() + 2);
  const auto bound =
      std::lower_bound(batch.begin(), batch.end(), nine.shard.number(6),
                       [](const auto& record, const auto& wanted) { return record.sequence_number() < wanted; });
  CHECK(number(*bound) == 6);
  Numbers copied;
  std::transform(batch.begin(), batch.end(), std::back_inserter(copied), number);
  CHECK(copied == from_to(1, 9));
  CHECK(std::is_sorted(batch.begin(), batch.end(),
                       [](const auto& a, const auto& b) { return a.sequence_number() < b.sequence_number(); }));
}

TEST_CASE_TEMPLATE("algorithms of std::ranges take it", Ring, ManyColumns, Texts) {
  Nine<Ring> nine;
  const auto& batch = nine.batch;
  const auto number = [](const auto& record) { return Ring::number_in(record.value()); };
  CHECK(std::ranges::count_if(batch, [&](const auto& record) { return number(record) > 6; }) == 3);
  CHECK(std::ranges::find(batch, 5U, number) - batch.begin() == 4);
  CHECK(std::ranges::lower_bound(batch, 5U, {}, number) == batch.begin() + 4);
#if defined(__GNUC__) && !defined(__clang__)  // Clang 14 takes no view over a batch
  CHECK(std::ranges::max(batch | std::views::transform(number)) == 9);
  Numbers even;
  for (const auto& record :
       batch | std::views::filter([&](const auto& r) { return number(r) % 2 == 0; }) | std::views::drop(1)) {
    even.push_back(number(record));
  }
  CHECK(even == Numbers{4, 6, 8});
  CHECK(number(*std::ranges::rbegin(batch)) == 9);
#endif
}

#ifndef WEIR_TESTS_STORAGE_HEADER  // over memory, whatever the others are built over
/// `size` bytes that all depend on the number they were made from.
template <std::size_t size, std::size_t alignment = 1>
struct Odd {
  alignas(alignment) std::array<std::uint8_t, size> bytes;

  static Odd of(std::uint64_t n) {
    Odd odd;
    for (std::size_t i = 0; i < size; ++i) {
      odd.bytes[i] = static_cast<std::uint8_t>(n * 31 + i * 7 + 1);
    }
    return odd;
  }
  friend bool operator==(const Odd& a, const Odd& b) { return a.bytes == b.bytes; }
};
static_assert(sizeof(Odd<3>) == 3 && sizeof(Odd<20, 64>) == 64 && alignof(Odd<128, 128>) == 128);

TEST_CASE_TEMPLATE("payloads of any size come back whole, and values() lie side by side", Payload, Odd<1>, Odd<3>,
                   Odd<12, 4>, Odd<20>, Odd<72, 8>, Odd<64, 64>, Odd<128, 128>, Odd<1000>) {
  auto stream = weir::Stream<Payload>::open({.capacity = weir::records(32)}).value();
  auto iterator = stream.iterator(ShardId{0}, Position::trim_horizon()).value();
  std::uint64_t next = 1;
  for (std::uint64_t count = 1; count <= 100; ++count) {
    stream.put("key", Payload::of(count)).value();
    if (count % 7 != 0) {
      continue;
    }
    while (const auto batch = iterator.read()) {
      const std::span<const Payload> values = batch.values();
      REQUIRE(values.size() == batch.size());
      CHECK(reinterpret_cast<std::uintptr_t>(values.data()) % alignof(Payload) == 0);
      for (std::size_t i = 0; i < batch.size(); ++i) {
        CHECK(values[i] == Payload::of(next));
        CHECK(&batch[i].value() == &values[i]);
        CHECK(batch[i].sequence_number().value() == next);
        ++next;
      }
    }
  }
  CHECK(next == 99);
  CHECK(iterator.read_up_to(0).values().empty());
}
#endif

TEST_CASE("a batch ends at the ring's end, so values() are always in one piece") {
  Numbered<ManyColumns> shard;
  shard.put_more(60);
  auto iterator = shard.at(Position::latest());
  shard.put_more(10);
  Numbers read;
  while (const auto batch = iterator.read()) {
    read.insert(read.end(), batch.values().begin(), batch.values().end());
  }
  CHECK(read == from_to(61, 70));
}

TEST_CASE_TEMPLATE("a batch without records is false unless it tells a gap", Ring, ManyColumns, OneColumn, Texts) {
  Numbered<Ring> shard;
  auto iterator = shard.at(Position::latest());
  {
    const auto nothing = iterator.read();
    CHECK_FALSE(nothing);
    CHECK(nothing.empty());
    CHECK(nothing.size() == 0);
    CHECK(nothing.missed() == 0);
    CHECK(nothing.begin() == nothing.end());
    CHECK(nothing.millis_behind_latest() == 0ms);
  }
  shard.lap();
  const auto oldest = shard.oldest();
  {
    const auto gap = iterator.read_up_to(0);
    CHECK(gap);
    CHECK(gap.empty());
    CHECK(gap.missed() == oldest - 1);
  }
  shard.lap();
  const auto batch = iterator.read();
  CHECK(batch);
  CHECK(batch.missed() == shard.oldest() - oldest);
  CHECK(batch.front().sequence_number() == shard.number(shard.oldest()));
}

TEST_CASE_TEMPLATE("arrival times are those of the puts, and how far behind is counted from the next unread record",
                   Ring, ManyColumns, OneColumn, Texts) {
  Numbered<Ring> shard;
  const auto began = shard.env.clock.now();
  for (int i = 0; i < 40; ++i) {  // record n arrived at 10 (n - 1)
    shard.put();
    shard.env.clock.advance(10ms);
  }
  auto iterator = shard.at(Position::trim_horizon());
  for (std::uint64_t n = 1; n <= 40; ++n) {
    CAPTURE(n);
    const auto batch = iterator.read_up_to(1);
    REQUIRE(batch.size() == 1);
    CHECK(batch.front().arrival() == began + std::chrono::milliseconds{10 * (n - 1)});
    CHECK(batch.millis_behind_latest() == (n == 40 ? 0ms : 400ms - std::chrono::milliseconds{10 * n}));
  }
  shard.env.clock.advance(1h);
  const auto caught_up = iterator.read();
  CHECK(caught_up.millis_behind_latest() == 0ms);
}

TEST_CASE_TEMPLATE("a clock that steps back makes nobody ahead of the latest", Ring, ManyColumns, OneColumn, Texts) {
  Numbered<Ring> shard;
  shard.put_more(2);
  shard.env.clock.advance(-1h);
  auto iterator = shard.at(Position::trim_horizon());
  CHECK(iterator.read_up_to(1).millis_behind_latest() == 0ms);
}

#ifndef WEIR_TESTS_STORAGE_HEADER  // over memory, whatever the others are built over
TEST_CASE("keys and values of text are those of the puts, whatever their length") {
  auto stream = weir::Stream<std::string>::open({.capacity = weir::bytes(1 << 16)}).value();
  std::vector<std::pair<std::string, std::string>> put;
  for (std::size_t i = 0; i < 40; ++i) {
    put.emplace_back(std::string(1 + i % 17, static_cast<char>('a' + i % 26)),
                     std::string(i, static_cast<char>('A' + i % 26)));
    stream.put(put.back().first, put.back().second).value();
  }
  auto iterator = stream.iterator(ShardId{0}, Position::trim_horizon()).value();
  std::size_t i = 0;
  while (const auto batch = iterator.read()) {
    for (const auto& record : batch) {
      REQUIRE(i < put.size());
      CHECK(record.partition_key() == put[i].first);
      CHECK(record.value() == put[i].second);
      ++i;
    }
  }
  CHECK(i == put.size());
}
#endif

#if WEIR_ASSERTS
template <class Body>
void check_aborts(Body body, const char* text) {
  const auto said = weir::support::text_of_abort(body);
  REQUIRE(said);
  CAPTURE(*said);
  CHECK(said->find(text) != std::string::npos);
}

TEST_CASE("a batch used after the next read ends the program and says so") {
  const char* text = "Batch: used after the next read of its iterator";
  Nine<ManyColumns> columns;
  Nine<Texts> texts;
  check_aborts(
      [&] {
        static_cast<void>(columns.iterator.read());
        static_cast<void>(columns.batch.values());
      },
      text);
  check_aborts(
      [&] {
        static_cast<void>(columns.iterator.read_up_to(0));
        static_cast<void>(columns.batch.front());
      },
      text);
  check_aborts(
      [&] {
        static_cast<void>(texts.iterator.read());
        static_cast<void>(*texts.batch.begin());
      },
      text);
  CHECK_FALSE(weir::support::text_of_abort([&] { static_cast<void>(columns.batch.values()); }));
}

TEST_CASE("a record kept over the next read ends the program and says so") {
  Nine<Texts> texts;
  const auto kept = texts.batch.back();
  CHECK_FALSE(weir::support::text_of_abort([&] { static_cast<void>(kept.value()); }));
  const auto after_the_next = [&](auto use) {
    check_aborts(
        [&] {
          static_cast<void>(texts.iterator.read_up_to(0));
          use(kept);
        },
        "Record: used after the next read of its iterator");
  };
  after_the_next([](const auto& record) { static_cast<void>(record.value()); });
  after_the_next([](const auto& record) { static_cast<void>(record.partition_key()); });
  after_the_next([](const auto& record) { static_cast<void>(record.arrival()); });
}

TEST_CASE("a record that is not there ends the program and says so") {
  Nine<Texts> nine;
  check_aborts([&] { static_cast<void>(nine.batch[9]); }, "Batch: no such record");
  check_aborts(
      [&] {
        auto iterator = nine.shard.at(Position::latest());
        const auto empty = iterator.read();
        static_cast<void>(empty.front());
      },
      "Batch: no such record");
}

TEST_CASE("a stream destroyed under a live iterator, reader or handle ends the program and says so") {
  using S = StreamOf<Texts>;
  const char* text = "Stream: destroyed while an iterator or a writer handle is alive";
  check_aborts(
      [] {
        auto stream = std::make_unique<S>(S::open({}).value());
        const auto iterator = stream->iterator(ShardId{0}, Position::latest()).value();
        stream.reset();
      },
      text);
  check_aborts(
      [] {
        auto stream = std::make_unique<S>(S::open({}).value());
        const auto reader = stream->reader(Position::latest()).value();
        stream.reset();
      },
      text);
  check_aborts(
      [] {
        auto stream = S::open({}).value();
        const auto writer = stream.writer("key").value();
        stream = S::open({}).value();
      },
      text);
  CHECK_FALSE(weir::support::text_of_abort([] {
    auto stream = std::make_unique<S>(S::open({}).value());
    {
      auto iterator = stream->iterator(ShardId{0}, Position::latest()).value();
      const auto moved = std::move(iterator);
    }
    stream.reset();
  }));
}
#endif

}  // namespace
