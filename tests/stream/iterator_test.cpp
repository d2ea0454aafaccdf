#include "weir/stream/iterator.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <limits>
#include <optional>
#include <thread>
#include <type_traits>
#include <utility>

#include "stream/rings.hpp"
#include "support/watchdog.hpp"

// "row n" is a row of the table of edge cases by which weir is compared with Kinesis.

namespace {

using namespace std::chrono_literals;
using namespace weir::stream_tests;
using weir::Cause;
using weir::Errc;
using weir::Position;
using weir::SequenceNumber;
using weir::ShardId;

using ColumnIterator = Numbered<ManyColumns>::iterator_type;
static_assert(std::is_nothrow_move_constructible_v<ColumnIterator> &&
              std::is_nothrow_move_assignable_v<ColumnIterator>);
static_assert(!std::is_copy_constructible_v<ColumnIterator>, "a position is private");

template <class Iterator>
concept reads_as_a_temporary = requires(Iterator iterator) {
  std::move(iterator).read();
};
static_assert(!reads_as_a_temporary<ColumnIterator>, "the batch would refer to a buffer that is gone");

TEST_CASE_TEMPLATE("row 17: at a record gives it and all that follow", Ring, ManyColumns, OneColumn, Texts) {
  Numbered<Ring> shard;
  shard.put_more(5);
  auto iterator = shard.at(Position::at(shard.number(2)));
  CHECK(rest_of<Ring>(iterator).numbers == Numbers{2, 3, 4, 5});
}

TEST_CASE_TEMPLATE("row 18: after a record begins at the next", Ring, ManyColumns, OneColumn, Texts) {
  Numbered<Ring> shard;
  shard.put_more(5);
  auto iterator = shard.at(Position::after(shard.number(2)));
  CHECK(rest_of<Ring>(iterator).numbers == Numbers{3, 4, 5});
}

TEST_CASE_TEMPLATE("row 19: at and after the starting number both begin at the first record", Ring, ManyColumns,
                   OneColumn, Texts) {
  Numbered<Ring> shard;
  const auto starting = shard.stream.shards().front().starting;
  auto at = shard.at(Position::at(starting));
  auto after = shard.at(Position::after(starting));
  CHECK_FALSE(at.read());
  CHECK_FALSE(after.read());
  const auto first = shard.put();
  CHECK(first > starting);
  for (auto* iterator : {&at, &after}) {
    const auto rest = rest_of<Ring>(*iterator);
    CHECK(rest.numbers == Numbers{1});
    CHECK(rest.missed == 0);
  }
}

TEST_CASE("row 20: at a number that no record carries gives the next higher record") {
  Numbered<ManyColumns> shard;
  shard.put();
  auto writer = shard.stream.shard(ShardId{0}).value()->log().writer();
  weir::Claim claim;
  REQUIRE(writer.try_claim(shard.env.clock, 3, claim).status == weir::Append::Status::done);
  writer.skip(claim);  // 2, 3 and 4 are nobody's
  shard.count += 3;
  shard.put_more(2);
  for (const auto n : {2U, 3U, 4U, 5U}) {
    CAPTURE(n);
    auto iterator = shard.at(Position::at(shard.number(n)));
    const auto rest = rest_of<ManyColumns>(iterator);
    CHECK(rest.numbers == Numbers{5, 6});
    CHECK(rest.missed == 0);
  }
  auto all = shard.at(Position::trim_horizon());
  CHECK(carried<ManyColumns>(all.read()) == Numbers{1});  // a batch ends before a number left out
  CHECK(carried<ManyColumns>(all.read()) == Numbers{5, 6});
  CHECK_FALSE(all.read());
}

TEST_CASE_TEMPLATE("row 21: latest gives what is put after the iterator was made", Ring, ManyColumns, OneColumn,
                   Texts) {
  Numbered<Ring> shard;
  shard.put_more(3);
  auto iterator = shard.at(Position::latest());
  shard.put();
  CHECK(rest_of<Ring>(iterator).numbers == Numbers{4});
}

TEST_CASE_TEMPLATE("row 22: latest gives it also after an empty read, and from a position saved then", Ring,
                   ManyColumns, OneColumn, Texts) {
  Numbered<Ring> shard;
  shard.put_more(3);
  auto iterator = shard.at(Position::latest());
  CHECK_FALSE(iterator.read());
  const auto saved = iterator.position();
  shard.put();
  auto resumed = shard.at(saved);
  CHECK(rest_of<Ring>(iterator).numbers == Numbers{4});
  CHECK(rest_of<Ring>(resumed).numbers == Numbers{4});
}

TEST_CASE_TEMPLATE("row 23: the trim horizon of an empty shard gives the first record, with and without a read before",
                   Ring, ManyColumns, OneColumn, Texts) {
  Numbered<Ring> shard;
  auto untouched = shard.at(Position::trim_horizon());
  auto touched = shard.at(Position::trim_horizon());
  CHECK_FALSE(touched.read());
  auto resumed = shard.at(touched.position());
  shard.put();
  for (auto* iterator : {&untouched, &touched, &resumed}) {
    CHECK(rest_of<Ring>(*iterator).numbers == Numbers{1});
  }
}

TEST_CASE_TEMPLATE("row 24: reading twice from one position gives identical records", Ring, ManyColumns, OneColumn,
                   Texts) {
  Numbered<Ring> shard;
  shard.put_more(7);
  auto iterator = shard.at(Position::at(shard.number(3)));
  const auto position = iterator.position();
  auto first = shard.at(position);
  auto second = shard.at(position);
  CHECK(rest_of<Ring>(first).numbers == from_to(3, 7));
  CHECK(rest_of<Ring>(second).numbers == from_to(3, 7));
  CHECK(rest_of<Ring>(iterator).numbers == from_to(3, 7));
}

TEST_CASE_TEMPLATE("row 26: limits of two and then three lose and repeat nothing", Ring, ManyColumns, OneColumn,
                   Texts) {
  Numbered<Ring> shard;
  shard.put_more(5);
  auto iterator = shard.at(Position::trim_horizon());
  CHECK(carried<Ring>(iterator.read_up_to(2)) == Numbers{1, 2});
  CHECK(carried<Ring>(iterator.read_up_to(3)) == Numbers{3, 4, 5});
  CHECK_FALSE(iterator.read_up_to(3));
  CHECK_FALSE(iterator.read_up_to(0));
  shard.put();
  CHECK_FALSE(iterator.read_up_to(0));
  CHECK(carried<Ring>(iterator.read_up_to(1)) == Numbers{6});
}

#ifndef WEIR_TESTS_STORAGE_HEADER  // over memory, whatever the others are built over
TEST_CASE("row 28: of more than one buffer a read gives a part, says that it is behind, and the rest comes next") {
  weir::testing::ManualEnv env;
  using Texts16 = weir::Stream<std::string, weir::MemoryStorage, weir::Options{}, weir::testing::ManualEnv>;
  auto stream = Texts16::open({.capacity = weir::bytes(1 << 20)}, {}, env).value();
  const std::string text(1000, 'x');
  std::size_t bytes = 0;
  for (int i = 0; i < 200; ++i, bytes += text.size()) {
    stream.put("key", text).value();
  }
  env.clock.advance(250ms);
  auto iterator = stream.iterator(ShardId{0}, Position::trim_horizon()).value();
  std::size_t read = 0;
  std::size_t reads = 0;
  while (const auto batch = iterator.read()) {
    ++reads;
    for (const auto& record : batch) {
      CHECK(record.value() == text);
      read += record.value().size();
    }
    CHECK(batch.millis_behind_latest() == (read < bytes ? 250ms : 0ms));
  }
  CHECK(read == bytes);
  CHECK(reads > 1);
}
#endif

TEST_CASE_TEMPLATE("row 33: at and after need a number of this stream; the other kinds cannot be given one", Ring,
                   ManyColumns, OneColumn, Texts) {
  Numbered<Ring> shard;
  shard.put();
  check_refused(shard.stream.iterator(ShardId{0}, Position::at({})), Errc::invalid_argument, Cause::foreign_incarnation,
                {"incarnation 0", std::to_string(shard.stream.incarnation().value())});
  check_refused(shard.stream.iterator(ShardId{0}, Position::after({})), Errc::invalid_argument,
                Cause::foreign_incarnation, {"incarnation 0"});
}

TEST_CASE_TEMPLATE("row 34: a number of another shard is refused", Ring, ManyColumns, OneColumn, Texts) {
  auto stream = StreamOf<Ring>::open({.shards = 3, .capacity = Ring::capacity}).value();
  const auto put = stream.put("b", Ring::value_of(1)).value();
  REQUIRE(put.shard == ShardId{1});
  for (const auto& position : {Position::at(put.sequence_number), Position::after(put.sequence_number)}) {
    CHECK(stream.iterator(ShardId{1}, position));
    check_refused(stream.iterator(ShardId{0}, position), Errc::invalid_argument, Cause::foreign_shard,
                  {"shard 1", "shard 0"});
    check_refused(stream.iterator(ShardId{2}, position), Errc::invalid_argument, Cause::foreign_shard,
                  {"shard 1", "shard 2"});
  }
}

TEST_CASE_TEMPLATE("a number of another stream, and of an earlier one of the same name, is refused", Ring, ManyColumns,
                   OneColumn, Texts) {
  std::optional<SequenceNumber> old;
  {
    Numbered<Ring> first;
    old = first.put();
  }
  Numbered<Ring> second;
  second.put_more(3);
  CHECK(second.stream.incarnation() != old->incarnation());
  for (const auto& position : {Position::at(*old), Position::after(*old)}) {
    check_refused(second.stream.iterator(ShardId{0}, position), Errc::invalid_argument, Cause::foreign_incarnation,
                  {std::to_string(old->incarnation().value()), "created anew"});
  }
}

TEST_CASE_TEMPLATE("an unknown shard is refused, whatever the position", Ring, ManyColumns, OneColumn, Texts) {
  auto stream = StreamOf<Ring>::open({.shards = 3, .capacity = Ring::capacity}).value();
  for (const auto& position : {Position::trim_horizon(), Position::latest(), Position::last(1), Position::at({})}) {
    check_refused(stream.iterator(ShardId{3}, position), Errc::resource_not_found, Cause::unknown_shard,
                  {"shard 3", "0 to 2"});
    check_refused(stream.iterator(ShardId{std::numeric_limits<std::uint32_t>::max()}, position),
                  Errc::resource_not_found, Cause::unknown_shard, {"shard 4294967295", "0 to 2"});
  }
}

TEST_CASE_TEMPLATE("row 35: a timestamp in the future is refused, now is not", Ring, ManyColumns, OneColumn, Texts) {
  Numbered<Ring> shard;
  const auto now = shard.env.clock.now();
  for (const auto ahead : {std::chrono::milliseconds{1}, std::chrono::milliseconds{2000}}) {
    check_refused(
        shard.stream.iterator(ShardId{0}, Position::at_timestamp(now + ahead)), Errc::invalid_argument,
        Cause::timestamp_in_future,
        {std::to_string((now + ahead).time_since_epoch().count()), std::to_string(now.time_since_epoch().count())});
  }
  auto iterator = shard.at(Position::at_timestamp(now));
  CHECK_FALSE(iterator.read());
  shard.put();
  CHECK(rest_of<Ring>(iterator).numbers == Numbers{1});
}

TEST_CASE_TEMPLATE("row 36: a timestamp between two records begins at the later", Ring, ManyColumns, OneColumn, Texts) {
  Numbered<Ring> shard;
  const auto began = shard.env.clock.now();
  for (int i = 0; i < 40; ++i) {  // at 0, 10, 20 and so on
    shard.put();
    shard.env.clock.advance(10ms);
  }
  for (int moment = 0; moment <= 400; ++moment) {
    auto iterator = shard.at(Position::at_timestamp(began + std::chrono::milliseconds{moment}));
    const auto first = static_cast<std::uint64_t>((moment + 9) / 10 + 1);
    CAPTURE(moment);
    const auto rest = rest_of<Ring>(iterator);
    CHECK(rest.numbers == from_to(first, 40));
    CHECK(rest.missed == 0);
  }
}

TEST_CASE_TEMPLATE("row 36: among records of one time the first is found", Ring, ManyColumns, OneColumn, Texts) {
  Numbered<Ring> shard;
  const auto began = shard.env.clock.now();
  shard.put_more(10);
  shard.env.clock.advance(1ms);
  shard.put_more(20);
  shard.env.clock.advance(1ms);
  shard.put_more(5);
  auto first = shard.at(Position::at_timestamp(began));
  auto second = shard.at(Position::at_timestamp(began + 1ms));
  auto third = shard.at(Position::at_timestamp(began + 2ms));
  CHECK(rest_of<Ring>(first).numbers == from_to(1, 35));
  CHECK(rest_of<Ring>(second).numbers == from_to(11, 35));
  CHECK(rest_of<Ring>(third).numbers == from_to(31, 35));
}

TEST_CASE_TEMPLATE("row 37: a timestamp before the trim horizon is the trim horizon", Ring, ManyColumns, OneColumn,
                   Texts) {
  Numbered<Ring> shard;
  const auto began = shard.env.clock.now();
  shard.put();
  shard.env.clock.advance(1h);
  shard.lap();
  const auto oldest = shard.oldest();
  REQUIRE(oldest > 1);
  for (const auto moment : {began, began - 24h, weir::Timestamp{0ms}, weir::Timestamp{-1ms}}) {
    auto iterator = shard.at(Position::at_timestamp(moment));
    const auto rest = rest_of<Ring>(iterator);
    CHECK(rest.numbers == from_to(oldest, shard.count));
    CHECK(rest.missed == 0);  // trimmed before we asked
  }
}

TEST_CASE_TEMPLATE("a timestamp is found after every number of laps", Ring, ManyColumns, OneColumn, Texts) {
  Numbered<Ring> shard;
  const auto began = shard.env.clock.now();
  for (int step = 0; step < 400; ++step) {  // record n arrived at n milliseconds
    shard.env.clock.advance(1ms);
    shard.put();
    const auto wanted = shard.count > 5 ? shard.count - 5 : 1;
    auto iterator = shard.at(Position::at_timestamp(began + std::chrono::milliseconds{wanted}));
    CAPTURE(shard.count);
    REQUIRE(rest_of<Ring>(iterator).numbers == from_to(wanted, shard.count));
  }
}

TEST_CASE_TEMPLATE("arrival times do not follow a clock that steps back, and timestamps stay findable", Ring,
                   ManyColumns, OneColumn, Texts) {
  Numbered<Ring> shard;
  const auto began = shard.env.clock.now();
  shard.put();  // at 0
  shard.env.clock.advance(100ms);
  shard.put();  // at 100
  shard.env.clock.set(began + 50ms);
  shard.put();  // at 100 still
  {
    auto iterator = shard.at(Position::trim_horizon());
    const auto batch = iterator.read();
    REQUIRE(batch.size() == 3);
    CHECK(batch[0].arrival() == began);
    CHECK(batch[1].arrival() == began + 100ms);
    CHECK(batch[2].arrival() == began + 100ms);
  }
  auto between = shard.at(Position::at_timestamp(began + 80ms));  // later than the clock, yet not than the records
  CHECK(rest_of<Ring>(between).numbers == Numbers{2, 3});
  auto newest = shard.at(Position::at_timestamp(began + 100ms));
  CHECK(rest_of<Ring>(newest).numbers == Numbers{2, 3});
  check_refused(shard.stream.iterator(ShardId{0}, Position::at_timestamp(began + 101ms)), Errc::invalid_argument,
                Cause::timestamp_in_future, {});
  shard.env.clock.set(began + 101ms);
  shard.put();
  auto caught_up = shard.at(Position::at_timestamp(began + 101ms));
  CHECK(rest_of<Ring>(caught_up).numbers == Numbers{4});
}

#ifndef WEIR_TESTS_STORAGE_HEADER  // over memory, whatever the others are built over
TEST_CASE("a stream that drops arrival times refuses timestamps and says how to get them") {
  constexpr weir::Options dropped{.arrival = weir::Arrival::dropped};
  auto columns = weir::Stream<int, weir::MemoryStorage, dropped>::open({}).value();
  auto segments = weir::Stream<std::string, weir::MemoryStorage, dropped>::open({}).value();
  columns.put("key", 1).value();
  segments.put("key", "1").value();
  check_refused(columns.iterator(ShardId{0}, Position::at_timestamp({})), Errc::invalid_argument,
                Cause::no_arrival_times, {"Arrival::dropped"});
  check_refused(segments.iterator(ShardId{0}, Position::at_timestamp({})), Errc::invalid_argument,
                Cause::no_arrival_times, {"Arrival::dropped"});
  auto iterator = columns.iterator(ShardId{0}, Position::trim_horizon()).value();
  CHECK(iterator.read().size() == 1);
}
#endif

TEST_CASE_TEMPLATE("a lapped reader is told exactly how many numbers it missed, once", Ring, ManyColumns, OneColumn,
                   Texts) {
  Numbered<Ring> shard;
  shard.put_more(3);
  auto iterator = shard.at(Position::trim_horizon());
  CHECK(carried<Ring>(iterator.read()) == from_to(1, 3));
  for (int lap = 0; lap < 3; ++lap) {
    const auto seen = shard.count;
    shard.lap();
    const auto oldest = shard.oldest();
    const auto rest = rest_of<Ring>(iterator);
    CHECK(rest.missed == oldest - seen - 1);
    CHECK(rest.numbers == from_to(oldest, shard.count));
  }
}

TEST_CASE_TEMPLATE("a gap is told without a record when none is asked for, and not again with the next", Ring,
                   ManyColumns, OneColumn, Texts) {
  Numbered<Ring> shard;
  auto iterator = shard.at(Position::latest());
  shard.lap();
  const auto oldest = shard.oldest();
  {
    const auto gap = iterator.read_up_to(0);
    CHECK(gap);
    CHECK(gap.empty());
    CHECK(gap.missed() == oldest - 1);
    CHECK(gap.begin() == gap.end());
  }
  const auto batch = iterator.read();
  CHECK(batch.missed() == 0);
  CHECK(batch.front().sequence_number() == shard.number(oldest));
}

TEST_CASE_TEMPLATE("at rest, what is retained is what the ring promises", Ring, ManyColumns, OneColumn, Texts) {
  Numbered<Ring> shard;
  for (int i = 0; i < 300; ++i) {
    shard.put();
    const auto retained = shard.count - shard.oldest() + 1;
    CAPTURE(shard.count);
    if constexpr (Ring::capacity.unit == weir::Capacity::Unit::records) {
      REQUIRE(retained <= 64);
      REQUIRE(retained >= std::min<std::uint64_t>(
                              shard.count, Ring::options.producers == weir::Producers::single ? 64 - 8 : 64 - 4));
    } else {  // 32 bytes a frame, 16 frames a segment of eight, of which the oldest may be gone
      REQUIRE(retained <= 128);
      REQUIRE(retained > std::min<std::uint64_t>(shard.count, 112) - 1);
    }
  }
}

TEST_CASE_TEMPLATE("the trim horizon is meant when reading begins: what was trimmed before is not missed", Ring,
                   ManyColumns, OneColumn, Texts) {
  Numbered<Ring> shard;
  shard.put_more(3);
  auto iterator = shard.at(Position::trim_horizon());
  CHECK(iterator.position() == Position::trim_horizon());
  shard.lap();
  CHECK(iterator.position() == Position::trim_horizon());
  const auto oldest = shard.oldest();
  const auto batch = iterator.read();
  CHECK(batch.missed() == 0);
  CHECK(batch.front().sequence_number() == shard.number(oldest));
  CHECK(iterator.position() == Position::at(shard.number(oldest + batch.size())));
}

TEST_CASE_TEMPLATE("at and after a trimmed number go on at the horizon and tell the gap", Ring, ManyColumns, OneColumn,
                   Texts) {
  Numbered<Ring> shard;
  shard.lap();
  const auto oldest = shard.oldest();
  REQUIRE(oldest > 3);
  {
    auto iterator = shard.at(Position::at(shard.number(2)));
    const auto rest = rest_of<Ring>(iterator);
    CHECK(rest.numbers == from_to(oldest, shard.count));
    CHECK(rest.missed == oldest - 2);
  }
  {
    auto iterator = shard.at(Position::after(shard.number(2)));
    CHECK(rest_of<Ring>(iterator).missed == oldest - 3);
  }
  {
    auto iterator = shard.at(Position::at(shard.number(oldest)));
    const auto rest = rest_of<Ring>(iterator);
    CHECK(rest.numbers == from_to(oldest, shard.count));
    CHECK(rest.missed == 0);
  }
  {
    auto iterator = shard.at(Position::after(shard.number(oldest)));
    CHECK(rest_of<Ring>(iterator).numbers == from_to(oldest + 1, shard.count));
  }
}

TEST_CASE_TEMPLATE("at a number to come waits for it", Ring, ManyColumns, OneColumn, Texts) {
  Numbered<Ring> shard;
  shard.put_more(3);
  auto at = shard.at(Position::at(shard.number(10)));
  auto after = shard.at(Position::after(shard.number(10)));
  for (int i = 4; i <= 9; ++i) {
    CHECK_FALSE(at.read());
    CHECK_FALSE(after.read());
    CHECK(at.position() == Position::at(shard.number(10)));
    CHECK(after.position() == Position::at(shard.number(11)));
    shard.put();
  }
  CHECK_FALSE(at.read());
  shard.put();
  CHECK_FALSE(after.read());
  CHECK(rest_of<Ring>(at).numbers == Numbers{10});
  shard.put();
  CHECK(rest_of<Ring>(at).numbers == Numbers{11});
  CHECK(rest_of<Ring>(after).numbers == Numbers{11});
}

TEST_CASE_TEMPLATE("at a number to come, and lapped before it was read, counts from that number", Ring, ManyColumns,
                   OneColumn, Texts) {
  Numbered<Ring> shard;
  shard.put_more(3);
  for (const bool read_before : {false, true}) {
    const auto wanted = shard.count + 20;
    auto iterator = shard.at(Position::at(shard.number(wanted)));
    if (read_before) {
      CHECK_FALSE(iterator.read());
    }
    shard.lap();
    const auto oldest = shard.oldest();
    const auto rest = rest_of<Ring>(iterator);
    CHECK(rest.missed == oldest - wanted);
    CHECK(rest.numbers == from_to(oldest, shard.count));
  }
}

TEST_CASE_TEMPLATE("the largest number there can be is a position like others", Ring, ManyColumns, OneColumn, Texts) {
  Numbered<Ring> shard;
  shard.put();
  const SequenceNumber largest{std::numeric_limits<std::uint64_t>::max(), ShardId{0}, shard.stream.incarnation()};
  auto at = shard.at(Position::at(largest));
  auto after = shard.at(Position::after(largest));
  CHECK_FALSE(at.read());
  CHECK_FALSE(after.read());
  shard.put();
  CHECK_FALSE(at.read());
  CHECK_FALSE(after.read());
  CHECK(at.position() == Position::at(largest));
}

TEST_CASE_TEMPLATE("the last n records, none of them, and more than there are", Ring, ManyColumns, OneColumn, Texts) {
  Numbered<Ring> shard;
  auto of_nothing = shard.at(Position::last(5));
  CHECK_FALSE(of_nothing.read());
  shard.put_more(10);
  CHECK(rest_of<Ring>(of_nothing).numbers == from_to(1, 10));

  auto last_three = shard.at(Position::last(3));
  auto last_none = shard.at(Position::last(0));
  auto last_all = shard.at(Position::last(10));
  auto last_more = shard.at(Position::last(11));
  auto last_most = shard.at(Position::last(std::numeric_limits<std::uint64_t>::max()));
  shard.put();  // counted at the time the iterator was made
  CHECK(rest_of<Ring>(last_three).numbers == from_to(8, 11));
  CHECK(rest_of<Ring>(last_none).numbers == Numbers{11});
  CHECK(rest_of<Ring>(last_all).numbers == from_to(1, 11));
  CHECK(rest_of<Ring>(last_more).numbers == from_to(1, 11));
  CHECK(rest_of<Ring>(last_most).numbers == from_to(1, 11));

  shard.lap();
  const auto oldest = shard.oldest();
  for (const auto count : {std::uint64_t{1000}, std::numeric_limits<std::uint64_t>::max()}) {
    auto iterator = shard.at(Position::last(count));
    const auto rest = rest_of<Ring>(iterator);
    CHECK(rest.numbers == from_to(oldest, shard.count));
    CHECK(rest.missed == 0);
  }
}

TEST_CASE_TEMPLATE("a position saved at any point resumes there, whatever the iterator began with", Ring, ManyColumns,
                   OneColumn, Texts) {
  Numbered<Ring> shard;
  const auto began = shard.env.clock.now();
  shard.put_more(20);  // 21 more are put, so nothing is trimmed meanwhile
  for (const auto& position :
       {Position::trim_horizon(), Position::latest(), Position::last(7), Position::at_timestamp(began),
        Position::at(shard.number(3)), Position::after(shard.number(3)), Position::at(shard.number(21))}) {
    CAPTURE(static_cast<int>(position.kind()));
    auto reference = shard.at(position);
    auto saved = reference.position();
    const auto until = shard.count + 3;
    shard.put_more(3);
    auto again = shard.at(saved);  // resumed before anything was read
    const auto expected = rest_of<Ring>(again).numbers;
    Numbers seen;
    for (;;) {
      auto resumed = shard.at(saved);
      const auto batch = resumed.read_up_to(1);
      if (!batch) {
        break;
      }
      CHECK(batch.missed() == 0);
      const auto numbers = carried<Ring>(batch);
      seen.insert(seen.end(), numbers.begin(), numbers.end());
      saved = resumed.position();
    }
    CHECK(seen == expected);
    CHECK(rest_of<Ring>(reference).numbers == expected);
    CHECK(saved == Position::at(shard.number(until + 1)));
  }
}

TEST_CASE_TEMPLATE("a gap that was not told yet is told to whoever resumes", Ring, ManyColumns, OneColumn, Texts) {
  Numbered<Ring> shard;
  shard.lap();
  const auto oldest = shard.oldest();
  auto trimmed = shard.at(Position::at(shard.number(2)));
  auto resumed = shard.at(trimmed.position());
  CHECK(resumed.read().missed() == oldest - 2);
  CHECK(trimmed.read().missed() == oldest - 2);

  auto lapped = shard.at(Position::latest());
  const auto wanted = shard.count + 1;
  shard.lap();
  auto resumed_lapped = shard.at(lapped.position());
  CHECK(resumed_lapped.read().missed() == shard.oldest() - wanted);
  CHECK(lapped.read().missed() == shard.oldest() - wanted);
}

TEST_CASE_TEMPLATE("symbolic positions stay what they are until a record came", Ring, ManyColumns, OneColumn, Texts) {
  Numbered<Ring> shard;
  const auto now = shard.env.clock.now();
  auto horizon = shard.at(Position::trim_horizon());
  auto moment = shard.at(Position::at_timestamp(now));
  CHECK_FALSE(horizon.read());
  CHECK_FALSE(moment.read());
  CHECK(horizon.position() == Position::trim_horizon());
  CHECK(moment.position() == Position::at_timestamp(now));
  shard.put();
  CHECK(horizon.position() == Position::trim_horizon());
  CHECK(horizon.read().size() == 1);
  CHECK(moment.read().size() == 1);
  CHECK(horizon.position() == Position::at(shard.number(2)));
  CHECK(moment.position() == Position::at(shard.number(2)));
}

TEST_CASE_TEMPLATE("a closed shard is read to its end by every kind of position", Ring, ManyColumns, OneColumn, Texts) {
  Numbered<Ring> shard;
  shard.put_more(5);
  auto before = shard.at(Position::trim_horizon());
  CHECK(rest_of<Ring>(before).numbers == from_to(1, 5));
  CHECK_FALSE(before.at_end());
  shard.stream.close().value();
  CHECK_FALSE(before.at_end());  // nobody told it yet
  CHECK_FALSE(before.read());
  CHECK(before.at_end());
  const auto end = before.position();

  const auto now = shard.env.clock.now();
  const std::pair<Position, Numbers> cases[]{{Position::trim_horizon(), from_to(1, 5)},
                                             {Position::at_timestamp(now), from_to(1, 5)},
                                             {Position::last(2), {4, 5}},
                                             {Position::at(shard.number(5)), {5}},
                                             {Position::after(shard.number(5)), {}},
                                             {Position::at(shard.number(99)), {}},
                                             {Position::latest(), {}},
                                             {Position::last(0), {}},
                                             {end, {}}};
  for (const auto& expected : cases) {
    CAPTURE(static_cast<int>(expected.first.kind()));
    auto iterator = shard.at(expected.first);
    CHECK_FALSE(iterator.at_end());
    CHECK(rest_of<Ring>(iterator).numbers == expected.second);
    CHECK(iterator.at_end());
    CHECK_FALSE(iterator.read());
    CHECK(iterator.at_end());
  }
}

TEST_CASE_TEMPLATE("the end of an empty shard comes at once", Ring, ManyColumns, OneColumn, Texts) {
  Numbered<Ring> shard;
  auto early = shard.at(Position::latest());
  CHECK_FALSE(early.read());
  CHECK_FALSE(early.at_end());
  shard.stream.close().value();
  for (const auto& position : {Position::trim_horizon(), Position::latest()}) {
    auto iterator = shard.at(position);
    CHECK_FALSE(iterator.read());
    CHECK(iterator.at_end());
  }
  CHECK_FALSE(early.read());
  CHECK(early.at_end());
}

TEST_CASE_TEMPLATE("a lapped reader of a closed shard gets the gap, the records and the end", Ring, ManyColumns,
                   OneColumn, Texts) {
  Numbered<Ring> shard;
  auto iterator = shard.at(Position::latest());
  shard.lap();
  const auto oldest = shard.oldest();
  shard.stream.close().value();
  const auto rest = rest_of<Ring>(iterator);
  CHECK(rest.missed == oldest - 1);
  CHECK(rest.numbers == from_to(oldest, shard.count));
  CHECK(iterator.at_end());
}

TEST_CASE_TEMPLATE("an iterator that moved reads on, and its batch stays", Ring, ManyColumns, OneColumn, Texts) {
  Numbered<Ring> shard;
  shard.put_more(6);
  auto first = shard.at(Position::trim_horizon());
  const auto batch = first.read_up_to(2);
  auto second = std::move(first);
  CHECK(carried<Ring>(batch) == Numbers{1, 2});
  CHECK(second.position() == Position::at(shard.number(3)));
  auto third = shard.at(Position::latest());
  third = std::move(second);
  CHECK(rest_of<Ring>(third).numbers == from_to(3, 6));
  CHECK(third.shard() == ShardId{0});
}

/// A user's own way to wait: counts what it is told, and stops nobody.
struct Counting {
  void before_poll() { ++polls; }
  void after_poll(std::size_t records) {
    records == 0 ? ++empty : ++full;
    seen += records;
  }

  int polls = 0;
  int empty = 0;
  int full = 0;
  std::size_t seen = 0;
};
static_assert(weir::wait_strategy<Counting>);

TEST_CASE_TEMPLATE("a waiting read gives what is there at once, even past its deadline", Ring, ManyColumns, OneColumn,
                   Texts) {
  Numbered<Ring> shard;
  shard.put_more(3);
  auto iterator = shard.at(Position::trim_horizon());
  Counting counting;
  CHECK(iterator.read(counting, weir::Deadline{-1h}).size() == 3);
  CHECK(counting.polls == 1);
  CHECK(counting.full == 1);
  CHECK(counting.seen == 3);
  shard.put();
  CHECK(iterator.read(weir::Deadline::never()).size() == 1);
  shard.put();
  CHECK(iterator.read(weir::Deadline::Clock::now()).size() == 1);
  CHECK_FALSE(iterator.read(counting, 0ms));
  CHECK(counting.polls == 2);
  CHECK(counting.empty == 1);
}

TEST_CASE_TEMPLATE("a gap ends a wait too", Ring, ManyColumns, OneColumn, Texts) {
  Numbered<Ring> shard;
  auto iterator = shard.at(Position::latest());
  shard.lap();
  const auto batch = iterator.read(weir::Deadline::never());
  CHECK(batch.missed() == shard.oldest() - 1);
}

TEST_CASE_TEMPLATE("a waiting read that finds nothing is false after its deadline and not before", Wait, weir::Spin,
                   weir::Yield, weir::BackOff, Counting) {
  const weir::support::Watchdog watchdog{"a read waits in vain"};
  Numbered<ManyColumns> columns;
  Numbered<Texts> texts;
  auto from_columns = columns.at(Position::latest());
  auto from_texts = texts.at(Position::latest());
  Wait wait;
  const auto check = [&](auto& iterator) {
    const auto before = weir::Deadline::Clock::now();
    const auto batch = iterator.read(wait, 15ms);
    const auto after = weir::Deadline::Clock::now();
    CHECK_FALSE(batch);
    CHECK(after - before >= 15ms);
    CHECK_FALSE(iterator.at_end());
  };
  check(from_columns);
  check(from_texts);
  columns.put();  // what comes later is not lost
  CHECK(from_columns.read(wait, weir::Deadline::never()).size() == 1);
}

TEST_CASE("deadlines of every unit can be given, and the longest means never") {
  Numbered<ManyColumns> shard;
  auto iterator = shard.at(Position::trim_horizon());
  const auto read_one = [&](const weir::Deadline& deadline) {
    CHECK_FALSE(deadline.passed());
    shard.put();
    CHECK(iterator.read(deadline).size() == 1);
  };
  read_one(std::chrono::hours::max());
  read_one(std::chrono::milliseconds::max());
  read_one(std::chrono::nanoseconds::max());
  read_one(std::chrono::duration<double>{1e300});
  read_one(std::chrono::duration<double>{1e5});
  read_one(24h);
  CHECK(weir::Deadline{std::chrono::hours::min()}.passed());
  CHECK(weir::Deadline{std::chrono::nanoseconds::min()}.passed());
  CHECK(weir::Deadline{0ms}.passed());
  const auto before = weir::Deadline::Clock::now();
  CHECK_FALSE(iterator.read(std::chrono::duration<double, std::milli>{1.5}));
  CHECK(weir::Deadline::Clock::now() - before >= std::chrono::microseconds{1500});
}

/// One record after the other goes to a thread that waits for each: the next is put when it was seen.
template <class Ring, class Wait>
void check_wakes() {
  const weir::support::Watchdog watchdog{"a read waits for another thread's put"};
  Numbered<Ring> shard;
  auto iterator = shard.at(Position::latest());
  constexpr std::uint64_t records = 50;
  weir::detail::relaxed_counter seen;
  Numbers read;
  {
    const std::jthread waiting{[&] {
      Wait wait;
      while (read.size() < records) {
        const auto batch = iterator.read(wait, weir::Deadline::never());
        for (const auto& record : batch) {
          read.push_back(Ring::number_in(record.value()));
        }
        seen.add(batch.size());
      }
    }};
    for (std::uint64_t n = 1; n <= records; ++n) {
      shard.put();
      while (seen.get() < n) {
        std::this_thread::yield();
      }
    }
  }
  CHECK(read == from_to(1, records));
}

TEST_CASE_TEMPLATE("a waiting read wakes with another thread's record", Wait, weir::Yield, weir::BackOff, Counting) {
  check_wakes<ManyColumns, Wait>();
  check_wakes<OneColumn, Wait>();
  check_wakes<Texts, Wait>();
}

TEST_CASE("a spinning read wakes with another thread's record") {
  const weir::support::Watchdog watchdog{"a read spins for another thread's put"};
  Numbered<ManyColumns> shard;
  auto iterator = shard.at(Position::latest());
  std::size_t read = 0;
  {
    const std::jthread waiting{[&] {
      weir::Spin wait;
      read = iterator.read(wait, weir::Deadline::never()).size();
    }};
    shard.put();
  }
  CHECK(read == 1);
}

TEST_CASE_TEMPLATE("the end of a stream ends a wait without a deadline", Ring, ManyColumns, OneColumn, Texts) {
  const weir::support::Watchdog watchdog{"a read waits for the end"};
  Numbered<Ring> shard;
  auto iterator = shard.at(Position::trim_horizon());
  shard.put();
  std::size_t read = 0;
  bool told = false;
  {
    const std::jthread waiting{[&] {
      for (;;) {
        const auto batch = iterator.read(weir::Deadline::never());
        if (!batch) {
          told = iterator.at_end();
          return;
        }
        read += batch.size();
      }
    }};
    shard.put();
    shard.stream.close().value();
  }
  CHECK(read == 2);
  CHECK(told);
}

}  // namespace
