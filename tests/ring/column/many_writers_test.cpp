#include "weir/ring/column/many_writers.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <vector>

#include "ring/ring.hpp"
#include "weir/ring/column/log.hpp"

namespace {

using namespace weir::support;
using weir::Append;
using weir::Claim;
using Status = Append::Status;
template <class Env = weir::DefaultEnv>
using Log = weir::ColumnLog<Wide, multiple, Env>;
using Layout = weir::ColumnLayout<Wide, multiple, weir::DefaultEnv>;
constexpr weir::CoarseClock now{};
constexpr weir::Options gated{.delivery = weir::Delivery::gated};
template <class Env = weir::DefaultEnv>
using GatedLog = weir::ColumnLog<Wide, gated, Env>;

/// Writes a claim's records, each with its own number for a value.
void fill(const Layout& layout, const Claim& claim) {
  for (auto number = claim.first; number < claim.first + claim.count; ++number) {
    layout.store(number, Wide{number}, claim.arrived);
  }
}

/// What a reader from `start` on is given, and that it is whole.
std::vector<std::uint64_t> numbers_from(const Log<>& log, std::uint64_t start) {
  std::vector<std::uint64_t> numbers;
  auto reader = log.reader({.number = start});
  for (auto run = reader.read(no_limit); run.count != 0; run = reader.read(no_limit)) {
    for (std::size_t i = 0; i < run.count; ++i) {
      CHECK(reader.value(i) == Wide{run.first + i});
      numbers.push_back(run.first + i);
    }
  }
  return numbers;
}

std::vector<std::uint64_t> range(std::uint64_t first, std::uint64_t end) {
  std::vector<std::uint64_t> numbers;
  for (; first < end; ++first) {
    numbers.push_back(first);
  }
  return numbers;
}

TEST_CASE("a claim that is not finished hides what comes after it, and nothing before") {
  Ring<Log<>> ring{16};
  auto writer = ring.log.writer();
  put(writer, Wide{1});
  Claim claim;
  REQUIRE(writer.try_claim(now, 2, claim).status == Status::done);
  CHECK(claim.first == 2);
  put(writer, Wide{4});
  CHECK(ring.log.end() == 5);
  CHECK(numbers_from(ring.log, 1) == range(1, 2));
  fill(ring.as<Layout>(), claim);
  CHECK(numbers_from(ring.log, 1) == range(1, 2));
  writer.finish(claim);
  CHECK(numbers_from(ring.log, 1) == range(1, 5));
}

TEST_CASE("a stalled claim lets the others put nearly a lap, then they are told, and nothing is stored") {
  for (const std::uint64_t capacity : {1U, 2U, 4U, 8U, 16U, 64U}) {
    for (const std::uint64_t before : {0U, 1U, 5U, 63U, 64U, 65U, 200U}) {
      CAPTURE(capacity);
      CAPTURE(before);
      Ring<Log<>> ring{capacity};
      auto stalled = ring.log.writer();
      auto other = ring.log.writer();
      for (std::uint64_t number = 1; number <= before; ++number) {
        put(other, Wide{number});
      }
      Claim claim;
      REQUIRE(stalled.try_claim(now, 1, claim).status == Status::done);
      std::uint64_t next = claim.first + 1;
      Append outcome;
      while ((outcome = other.try_put(now, "", Wide{next})).status == Status::done) {
        ++next;
      }
      const auto step = ring.as<Layout>().limits().step();
      CHECK(next - claim.first > capacity - step);
      CHECK(next - claim.first <= capacity);
      for (int again = 0; again < 3; ++again) {
        outcome = other.try_put(now, "", Wide{next});
        CHECK(outcome.status == Status::stalled);
        CHECK(outcome.number == next - claim.first);
        CHECK(ring.log.end() == next);
      }
      CHECK(ring.log.oldest() <= claim.first);
      CHECK(numbers_from(ring.log, claim.first).empty());

      fill(ring.as<Layout>(), claim);
      stalled.finish(claim);
      CHECK(numbers_from(ring.log, claim.first) == range(claim.first, next));
      CHECK(put(other, Wide{next}) == next);
    }
  }
}

TEST_CASE("a claim given up frees the others as a finished one does") {
  Ring<Log<>> ring{8};
  auto writer = ring.log.writer();
  Claim claim;
  REQUIRE(writer.try_claim(now, 1, claim).status == Status::done);
  std::uint64_t next = 2;
  while (writer.try_put(now, "", Wide{next}).status == Status::done) {
    ++next;
  }
  writer.skip(claim);
  CHECK(numbers_from(ring.log, 1) == range(2, next));
  CHECK(put(writer, Wide{next}) == next);
}

TEST_CASE("hole H5: every record of a batch is held against the limit, not the first alone") {
  Ring<Log<>> ring{16};
  auto writer = ring.log.writer();
  put(writer, Wide{1});
  Claim claim;
  REQUIRE(writer.try_claim(now, 1, claim).status == Status::done);
  for (std::uint64_t number = 3; number <= 16; ++number) {
    put(writer, Wide{number});
  }
  // 17 may take the place of 1, 18 not that of 2.
  const std::vector<Wide> two{Wide{17}, Wide{18}};
  const auto outcome = writer.try_put_all(now, "", std::span{two});
  CHECK(outcome.status == Status::stalled);
  CHECK(outcome.number == 15);
  CHECK(put(writer, Wide{17}) == 17);
}

TEST_CASE("a put that finds the log closed tells readers the end, which whoever closed it may not have come to") {
  Ring<Log<>> ring{16};
  const auto layout = ring.as<Layout>();
  auto writer = ring.log.writer();
  put(writer, Wide{1});
  layout.head() |= weir::closed_bit;
  CHECK(writer.try_put(now, "", Wide{2}).status == Status::closed);
  CHECK(layout.final_end() == 2);
}

TEST_CASE("who is overtaken while it walks raises no limit, since it has not seen who is still at it") {
  using OtherLayout = weir::ColumnLayout<Wide, multiple, InterruptedEnv>;
  Ring<Log<InterruptedEnv>> ring{64};
  const auto layout = ring.as<OtherLayout>();
  auto writer = ring.log.writer();
  for (std::uint64_t number = 1; number <= 5; ++number) {
    put(writer, Wide{number});
  }
  Claim claim;
  REQUIRE(writer.try_claim(now, 1, claim).status == Status::done);
  for (std::uint64_t number = 7; number <= 68; ++number) {
    put(writer, Wide{number});
  }
  REQUIRE(layout.done() == 5);
  layout.done() = 1;                                 // as a producer may still see it
  Interruption seen{4, [&] { layout.done() = 5; }};  // before it looks at the stamp there, which is of the next lap
  CHECK(writer.try_put(now, "", Wide{69}).status == Status::stalled);
  CHECK(seen.happened());
}

TEST_CASE("the later of two stalled claims holds the writers once the earlier is finished") {
  Ring<Log<>> ring{8};
  auto writer = ring.log.writer();
  Claim first;
  Claim second;
  REQUIRE(writer.try_claim(now, 1, first).status == Status::done);
  put(writer, Wide{2});
  REQUIRE(writer.try_claim(now, 1, second).status == Status::done);
  std::uint64_t next = 4;
  while (writer.try_put(now, "", Wide{next}).status == Status::done) {
    ++next;
  }
  CHECK(next == 9);
  fill(ring.as<Layout>(), first);
  writer.finish(first);
  CHECK(numbers_from(ring.log, 1) == range(1, 3));
  while (writer.try_put(now, "", Wide{next}).status == Status::done) {
    ++next;
  }
  CHECK(next == 11);
  const auto outcome = writer.try_put(now, "", Wide{next});
  CHECK(outcome.status == Status::stalled);
  CHECK(outcome.number == next - second.first);
  fill(ring.as<Layout>(), second);
  writer.finish(second);
  CHECK(numbers_from(ring.log, ring.log.oldest()) == range(3, 11));
}

TEST_CASE("readers step over a claim that was given up, wherever they begin") {
  for (std::uint64_t length = 1; length <= 4; ++length) {
    for (const std::uint64_t before : {0U, 3U, 31U, 33U, 70U}) {
      CAPTURE(length);
      CAPTURE(before);
      Ring<Log<>> ring{32};
      auto writer = ring.log.writer();
      for (std::uint64_t number = 1; number <= before; ++number) {
        put(writer, Wide{number});
      }
      auto waiting = ring.log.reader({.number = ring.log.end()});
      Claim claim;
      REQUIRE(writer.try_claim(now, length, claim).status == Status::done);
      CHECK(waiting.read(no_limit).count == 0);
      writer.skip(claim);
      const auto end = claim.first + length;
      CHECK(waiting.read(no_limit).count == 0);
      CHECK(waiting.number() == end);
      // So many more that `done` may come to lie before, in or behind the skipped run; the ring still holds it.
      for (std::uint64_t after = 1; after <= 24; ++after) {
        put(writer, Wide{end + after - 1});
        for (auto start = std::max(ring.log.oldest(), claim.first - std::min<std::uint64_t>(claim.first, 3));
             start <= end + 1; ++start) {
          CAPTURE(start);
          auto expected = range(start, std::max(claim.first, start));
          for (auto number = std::max(start, end); number < end + after; ++number) {
            expected.push_back(number);
          }
          CHECK(numbers_from(ring.log, start) == expected);
          auto reader = ring.log.reader({.number = start});  // one at a time, and nothing of it is missed
          std::vector<std::uint64_t> one_by_one;
          for (auto run = reader.read(1); run.count != 0; run = reader.read(1)) {
            CHECK(run.missed == 0);
            one_by_one.push_back(run.first);
          }
          CHECK(one_by_one == expected);
        }
      }
    }
  }
}

TEST_CASE("a skipped run at the very end of a closed log is no reason to wait") {
  Ring<Log<>> ring{32};
  auto writer = ring.log.writer();
  put(writer, Wide{1});
  Claim claim;
  REQUIRE(writer.try_claim(now, 3, claim).status == Status::done);
  CHECK(ring.log.close() == 5);
  auto reader = ring.log.reader({.number = 1});
  CHECK(reader.read(no_limit).count == 1);
  CHECK_FALSE(reader.read(no_limit).end);  // the claim was made before the close: it is still to come
  writer.skip(claim);
  CHECK(reader.read(no_limit).end);
}

TEST_CASE("times are found across records that were given up, whatever their slots held before") {
  const weir::testing::ManualClock clock;
  Ring<Log<>> ring{16};
  auto writer = ring.log.writer();
  for (std::uint64_t number = 1; number <= 30; ++number) {
    clock.advance(std::chrono::milliseconds{1});
    if (number % 4 == 3) {
      Claim claim;
      REQUIRE(writer.try_claim(clock, 1, claim).status == Status::done);
      writer.skip(claim);
    } else {
      REQUIRE(writer.try_put(clock, "", Wide{number}).status == Status::done);
    }
  }
  const auto newest = ring.log.last_arrival();  // of number 30, each a millisecond after the one before
  // What is known to be finished, and is searched: as little as the limit asks for, or all, as readers make it known.
  for (const auto done : {ring.as<Layout>().done(), ring.log.end()}) {
    CAPTURE(done);
    ring.as<Layout>().done() = done;
    for (std::int64_t age = 0; age < 14; ++age) {
      CAPTURE(age);
      auto reader = ring.log.reader(ring.log.seek(newest - age));
      const auto run = reader.read(1);
      REQUIRE(run.count == 1);
      const auto wanted = static_cast<std::uint64_t>(30 - age);
      CHECK(run.first == (wanted % 4 == 3 ? wanted + 1 : wanted));
    }
  }
}

TEST_CASE("the largest claim works across the ring's end and its limit, again and again") {
  for (const std::uint64_t capacity : {1U, 8U, 16U, 64U}) {
    CAPTURE(capacity);
    Ring<Log<>> ring{capacity, (1ULL << 32) - 5};
    auto writer = ring.log.writer();
    auto reader = ring.log.reader({.number = ring.log.end()});
    for (int round = 0; round < 100; ++round) {
      if (round % 3 == 0) {
        put(writer, Wide{ring.log.end()});
        REQUIRE(reader.read(no_limit).count == 1);
      }
      std::vector<Wide> values;
      for (std::uint64_t i = 0; i < writer.max_claim(); ++i) {
        values.emplace_back(ring.log.end() + i);
      }
      REQUIRE(writer.try_put_all(now, "", std::span<const Wide>{values}).status == Status::done);
      for (std::size_t got = 0; got < values.size();) {
        const auto run = reader.read(no_limit);
        REQUIRE(run.count != 0);
        CHECK(run.missed == 0);
        for (std::size_t i = 0; i < run.count; ++i) {
          CHECK(reader.value(i) == Wide{run.first + i});
        }
        got += run.count;
      }
    }
  }
}

TEST_CASE("hole H4: the final number is fixed by the close, and every later claim is told the same one") {
  Ring<Log<>> ring{8};
  auto writer = ring.log.writer();
  put(writer, Wide{1});
  Claim open;
  REQUIRE(writer.try_claim(now, 1, open).status == Status::done);
  CHECK(writer.close() == 3);
  auto reader = ring.log.reader({.number = 1});
  for (int i = 0; i < 20; ++i) {
    const auto outcome = writer.try_put(now, "", Wide{9});
    CHECK(outcome.status == Status::closed);
    CHECK(outcome.number == 3);
  }
  CHECK(ring.log.end() == 3);
  CHECK(reader.read(no_limit).count == 1);
  CHECK_FALSE(reader.read(no_limit).end);
  fill(ring.as<Layout>(), open);
  writer.finish(open);
  CHECK(reader.read(no_limit).count == 1);
  CHECK(reader.read(no_limit).end);
}

/// Everything that can happen in the middle of a put, at every place where it can.
void interrupted_put(std::uint64_t capacity, std::uint64_t before, std::uint64_t burst, bool close) {
  CAPTURE(capacity);
  CAPTURE(before);
  CAPTURE(burst);
  CAPTURE(close);
  at_every_access([&](std::uint64_t after) {
    CAPTURE(after);
    Ring<Log<>> ring{capacity};
    std::map<std::uint64_t, std::uint64_t> put_by_us;  // number -> value
    auto other = ring.log.writer();
    const auto put_other = [&](std::uint64_t value) {
      const auto outcome = other.try_put(now, "", Wide{value});
      if (outcome.status == Status::done) {
        CHECK(put_by_us.emplace(outcome.number, value).second);
      }
      return outcome.status;
    };
    for (std::uint64_t i = 0; i < before; ++i) {
      REQUIRE(put_other(i) == Status::done);
    }
    bool stalled = false;
    std::uint64_t final_end = 0;
    auto writer = ring.as<Log<InterruptedEnv>>().writer();
    bool happened = false;
    Append outcome;
    {
      const Interruption interruption{after, [&] {
                                        for (std::uint64_t i = 0; i < burst && !stalled; ++i) {
                                          stalled = put_other(1000 + i) == Status::stalled;
                                        }
                                        final_end = close ? ring.log.close() : 0;
                                      }};
      outcome = writer.try_put(now, "", Wide{77});
      happened = interruption.happened();
    }
    if (outcome.status == Status::done) {
      CHECK(put_by_us.emplace(outcome.number, 77).second);
    } else {
      CHECK(outcome.status == Status::closed);
      CHECK(outcome.number == final_end);
    }
    if (stalled) {
      CHECK(burst + ring.as<Layout>().limits().step() >= capacity);  // nearly a lap beyond our open claim
    }
    CHECK(ring.log.end() == 1 + put_by_us.size());
    if (!close) {
      CHECK(put_other(2000) == Status::done);
    }
    auto reader = ring.log.reader({.number = 1});
    std::uint64_t position = 1;
    auto run = reader.read(no_limit);
    for (; run.count != 0; run = reader.read(no_limit)) {
      CHECK(run.first == position + run.missed);
      for (std::size_t i = 0; i < run.count; ++i) {
        CHECK(reader.value(i) == Wide{put_by_us.at(run.first + i)});
      }
      position = run.first + run.count;
    }
    CHECK(position + run.missed == ring.log.end());
    CHECK(run.end == (happened && close));
    return happened;
  });
}

TEST_CASE("a put that is interrupted anywhere by puts of others, or by a close, ends as if it came before or after") {
  for (const std::uint64_t capacity : {1U, 2U, 4U, 8U, 16U}) {
    for (std::uint64_t before = 0; before <= capacity + 1; before += 1 + capacity / 4) {
      for (std::uint64_t burst = 0; burst <= 2 * capacity + 1; burst += 1 + capacity / 8) {
        interrupted_put(capacity, before, burst, false);
        interrupted_put(capacity, before, burst, true);
      }
    }
  }
}

TEST_CASE("a close that is interrupted anywhere by puts ends with the number that everybody sees") {
  for (const std::uint64_t capacity : {1U, 2U, 8U}) {
    for (std::uint64_t theirs = 0; theirs <= capacity + 1; ++theirs) {
      at_every_access([&](std::uint64_t after) {
        CAPTURE(capacity);
        CAPTURE(theirs);
        CAPTURE(after);
        Ring<Log<>> ring{capacity};
        auto writer = ring.log.writer();
        put(writer, Wide{1});
        std::uint64_t next = 2;
        const Interruption interruption{after, [&] {
                                          for (std::uint64_t i = 0; i < theirs; ++i) {
                                            const auto outcome = writer.try_put(now, "", Wide{next});
                                            if (outcome.status == Status::done) {
                                              CHECK(outcome.number == next++);
                                            } else {
                                              CHECK(outcome.status == Status::closed);
                                              CHECK(outcome.number == next);
                                            }
                                          }
                                        }};
        const auto end = ring.as<Log<InterruptedEnv>>().close();
        CHECK(end == next);
        CHECK(ring.log.close() == next);
        CHECK(writer.try_put(now, "", Wide{next}).number == next);
        CHECK(numbers_from(ring.log, ring.log.oldest()) == range(ring.log.oldest(), next));
        auto reader = ring.log.reader({.number = next});
        CHECK(reader.read(no_limit).end);
        return interruption.happened();
      });
    }
  }
}

TEST_CASE("records that were given up stay hidden while the limit is on its way up, wherever a reader begins") {
  constexpr std::uint64_t capacity = 64;  // claims of up to 8, which raise the limit by two steps
  at_every_access([&](std::uint64_t after) {
    CAPTURE(after);
    Ring<Log<>> ring{capacity};
    auto writer = ring.log.writer();
    std::vector<std::uint64_t> kept;
    for (std::uint64_t number = 1; number <= capacity; ++number) {
      if (number % 3 == 0) {
        Claim claim;
        REQUIRE(writer.try_claim(now, 1, claim).status == Status::done);
        writer.skip(claim);
      } else {
        put(writer, Wide{number});
        kept.push_back(number);
      }
    }
    const Interruption interruption{
        after, [&] {
          for (auto start = ring.log.oldest(); start < 12; ++start) {
            CAPTURE(start);
            std::vector<std::uint64_t> expected(std::lower_bound(kept.begin(), kept.end(), start), kept.end());
            auto seen = numbers_from(ring.log, start);
            seen.resize(std::min(seen.size(), expected.size()));  // the batch may be there already
            CHECK(seen == expected);
          }
        }};
    std::vector<Wide> values;
    for (std::uint64_t i = 0; i < 8; ++i) {
      values.emplace_back(capacity + 1 + i);
    }
    auto ours = ring.as<Log<InterruptedEnv>>().writer();
    CHECK(ours.try_put_all(now, "", std::span<const Wide>{values}).status == Status::done);
    return interruption.happened();
  });
}

/// Claims at most `most` slots, and writes each one's number into it.
template <class Writer>
Append claim_and_fill(Writer& writer, std::uint64_t most, Claim& claim) {
  const auto outcome = writer.claim_in_place(now, most, claim);
  if (outcome.status == Status::done) {
    CHECK(outcome.number == claim.first);
    auto number = claim.first;
    for (auto& slot : writer.in_place(claim)) {
      slot = Wide{number++};
    }
  }
  return outcome;
}

/// What a reader that is registered already has still to get, and that it is whole; all but the last run is released.
template <class Reader>
std::vector<std::uint64_t> rest_of(Reader& reader, std::size_t at_once = no_limit) {
  std::vector<std::uint64_t> numbers;
  for (auto run = reader.read(at_once); run.count != 0; run = reader.read(at_once)) {
    CHECK(run.missed == 0);
    for (std::size_t i = 0; i < run.count; ++i) {
      CHECK(reader.value(i) == Wide{run.first + i});
      numbers.push_back(run.first + i);
    }
  }
  return numbers;
}

TEST_CASE("slots are claimed side by side, up to the ring's end, a claim's most and the room there is, then none") {
  Ring<GatedLog<>> ring{32};
  auto writer = ring.log.writer();
  auto reader = ring.log.reader({.number = 1});
  const auto claimed = [&](std::uint64_t most) {
    Claim claim;
    const auto outcome = claim_and_fill(writer, most, claim);
    if (outcome.status == Status::done) {
      CHECK(claim.count == writer.in_place(claim).size());
      writer.finish_in_place(claim, claim.count);
    } else {
      CHECK(outcome.status == Status::full);
      CHECK(outcome.number == ring.log.end() - 1);
    }
    return claim.count;
  };
  CHECK(claimed(3) == 3);
  for (int i = 0; i < 7; ++i) {
    CHECK(claimed(100) == 4);
  }
  CHECK(claimed(100) == 1);  // number 32 is at the ring's beginning, and 33 waits for the reader
  CHECK(claimed(100) == 0);
  CHECK(claimed(1) == 0);
  CHECK(reader.read(2).count == 2);
  CHECK(reader.release());
  CHECK(claimed(100) == 2);
  CHECK(rest_of(reader, 5) == range(3, 35));
  CHECK(claimed(100) == 4);
}

TEST_CASE("of a claim in place the first records are finished and the others given up, each with the claim's time") {
  const weir::testing::ManualClock clock;
  Ring<GatedLog<>> ring{32};
  auto writer = ring.log.writer();
  auto reader = ring.log.reader({.number = 1});
  std::vector<std::uint64_t> kept;
  for (std::uint64_t round = 0; round < 200; ++round) {
    clock.advance(std::chrono::milliseconds{1});
    Claim claim;
    const auto outcome = writer.claim_in_place(clock, 1 + round % 4, claim);
    if (outcome.status == Status::full) {
      REQUIRE_FALSE(kept.empty());
      auto late = ring.log.reader({.at_horizon = true});  // begins at the oldest, having walked no stamps
      CHECK(rest_of(late, 3) == kept);
      CHECK(rest_of(reader, 3) == kept);
      CHECK(rest_of(reader).empty());  // which releases the last
      kept.clear();
      continue;
    }
    REQUIRE(outcome.status == Status::done);
    clock.advance(std::chrono::milliseconds{1});
    for (std::uint64_t i = 0; i < claim.count; ++i) {
      writer.in_place(claim)[i] = Wide{claim.first + i};
      CHECK(reader.read(0).count == 0);
    }
    const auto count = std::min(round / 5 % 5, claim.count);
    writer.finish_in_place(claim, count);
    for (auto number = claim.first; number < claim.first + claim.count; ++number) {
      CHECK(*ring.as<weir::ColumnLayout<Wide, gated, weir::DefaultEnv>>().arrival(number % 32) == claim.arrived);
      if (number < claim.first + count) {
        kept.push_back(number);
      }
    }
  }
}

TEST_CASE("a claim in place may be the last thing before a close, and none comes after it") {
  Ring<GatedLog<>> ring{32};
  auto writer = ring.log.writer();
  auto reader = ring.log.reader({.number = 1});
  Claim claim;
  REQUIRE(claim_and_fill(writer, 3, claim).status == Status::done);
  CHECK(ring.log.close() == 4);
  Claim late;
  const auto refused = writer.claim_in_place(now, 1, late);
  CHECK(refused.status == Status::closed);
  CHECK(refused.number == 4);
  CHECK_FALSE(reader.read(no_limit).end);
  writer.finish_in_place(claim, 2);
  CHECK(rest_of(reader) == range(1, 3));
  CHECK(reader.read(no_limit).end);
}

TEST_CASE("a claim in place holds the others when they have gone round to it, and says so") {
  Ring<GatedLog<>> ring{16};
  auto writer = ring.log.writer();
  auto other = ring.log.writer();
  auto reader = ring.log.reader({.number = 1});
  Claim claim;
  REQUIRE(claim_and_fill(writer, 2, claim).status == Status::done);
  std::uint64_t next = 3;
  while (other.try_put(now, "", Wide{next}).status == Status::done) {
    ++next;
  }
  CHECK(next == 17);
  Claim none;
  CHECK(other.claim_in_place(now, 1, none).status == Status::stalled);
  CHECK(rest_of(reader).empty());
  writer.finish_in_place(claim, 1);
  auto expected = range(3, next);
  expected.insert(expected.begin(), 1);
  CHECK(rest_of(reader) == expected);
  CHECK(other.claim_in_place(now, 1, none).status == Status::done);
}

TEST_CASE("a claim in place that is interrupted anywhere by puts, releases or a close ends before or after them") {
  for (std::uint64_t before = 0; before <= 17; before += 1 + before / 4) {
    for (std::uint64_t burst = 0; burst <= 9; burst += 3) {
      for (const bool release : {false, true}) {
        for (const bool close : {false, true}) {
          at_every_access([&](std::uint64_t after) {
            CAPTURE(before);
            CAPTURE(burst);
            CAPTURE(release);
            CAPTURE(close);
            CAPTURE(after);
            Ring<GatedLog<>> ring{16};
            auto reader = ring.log.reader({.number = 1});
            auto other = ring.log.writer();
            std::vector<std::uint64_t> got;
            const auto read = [&] {
              const auto rest = rest_of(reader, 3);
              got.insert(got.end(), rest.begin(), rest.end());
            };
            const auto put_other = [&] { return other.try_put(now, "", Wide{ring.log.end()}).status; };
            for (std::uint64_t i = 0; i < before; ++i) {
              if (put_other() == Status::full) {
                read();
                REQUIRE(put_other() == Status::done);
              }
            }
            auto writer = ring.as<GatedLog<InterruptedEnv>>().writer();
            Claim claim;
            Append outcome;
            bool happened = false;
            {
              const Interruption interruption{after, [&] {
                                                for (std::uint64_t i = 0; i < burst; ++i) {
                                                  put_other();
                                                }
                                                if (release) {
                                                  read();
                                                }
                                                if (close) {
                                                  ring.log.close();
                                                }
                                              }};
              outcome = claim_and_fill(writer, 2, claim);
              if (outcome.status == Status::done) {
                writer.finish_in_place(claim, 1);
              }
              happened = interruption.happened();
            }
            read();
            std::vector<std::uint64_t> expected;
            for (std::uint64_t number = 1; number < ring.log.end(); ++number) {
              if (claim.count != 2 || number != claim.first + 1) {
                expected.push_back(number);
              }
            }
            CHECK(got == expected);
            CHECK((claim.count != 0) == (outcome.status == Status::done));
            return happened;
          });
        }
      }
    }
  }
}

}  // namespace
