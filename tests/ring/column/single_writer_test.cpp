#include "weir/ring/column/single_writer.hpp"

#include <doctest/doctest.h>

#include <array>
#include <chrono>
#include <vector>

#include "ring/payloads.hpp"
#include "ring/ring.hpp"
#include "weir/ring/column/log.hpp"

namespace {

using namespace weir::support;
using weir::Append;
template <class Env = weir::DefaultEnv>
using Log = weir::ColumnLog<Wide, single, Env>;
using Layout = weir::ColumnLayout<Wide, single, weir::DefaultEnv>;

TEST_CASE("the limit is raised before the record that needs it, by whole steps") {
  Ring<Log<>> ring{64};
  const auto layout = ring.as<Layout>();
  auto writer = ring.log.writer();
  for (std::uint64_t number = 1; number < 300; ++number) {
    put(writer, Wide{number});
    CHECK(layout.limit() > number);
    CHECK(layout.limit() == (number < 65 ? 65 : 65 + (number - 64 + 7) / 8 * 8));
    CHECK(layout.head() == number + 1);
  }
}

TEST_CASE("a batch is published with one store, so no reader sees a part of it") {
  Ring<Log<>> ring{64};
  const std::vector<Wide> values(8, Wide{5});
  for (int rounds = 0; rounds < 20; ++rounds) {
    const auto before = ring.log.end();
    at_every_access([&](std::uint64_t after) {
      bool seen = false;
      auto ours = ring.as<Log<InterruptedEnv>>();
      auto reader = ring.log.reader({.number = ring.log.end()});
      std::size_t visible = 0;
      const Interruption interruption{after, [&] {
                                        visible = reader.read(no_limit).count;
                                        seen = true;
                                      }};
      auto writer = ours.writer();
      CHECK(writer.try_put_all(weir::CoarseClock{}, "", std::span<const Wide>{values}).status == Append::Status::done);
      CHECK(visible == 0);
      return seen;
    });
    CHECK((ring.log.end() - before) % 8 == 0);
  }
}

TEST_CASE("writers may be made in turn, each after the last use of the other") {
  Ring<Log<>> ring{8};
  for (std::uint64_t number = 1; number < 40; ++number) {
    auto writer = ring.log.writer();
    CHECK(put(writer, Wide{number}) == number);
  }
}

TEST_CASE("hole H1: the bit of a close stays, for the writer that closed and for any made afterwards") {
  Ring<Log<>> ring{8};
  auto writer = ring.log.writer();
  put(writer, Wide{1});
  CHECK(writer.close() == 2);
  const std::vector<Wide> values{Wide{2}};
  for (int i = 0; i < 20; ++i) {
    auto later = ring.log.writer();
    for (auto* each : {&writer, &later}) {
      auto outcome = each->try_put(weir::CoarseClock{}, "", values.front());
      CHECK(outcome.status == Append::Status::closed);
      CHECK(outcome.number == 2);
      outcome = each->try_put_all(weir::CoarseClock{}, "", std::span<const Wide>{values});
      CHECK(outcome.status == Append::Status::closed);
      CHECK(outcome.number == 2);
      CHECK(each->close() == 2);
    }
    CHECK(ring.log.end() == 2);
    CHECK(ring.log.closed());
  }
}

TEST_CASE("a log that is closed at a full lap, where the limit is due, stays closed") {
  for (std::uint64_t count = 0; count < 20; ++count) {
    Ring<Log<>> ring{4};
    auto writer = ring.log.writer();
    for (std::uint64_t i = 0; i < count; ++i) {
      put(writer, Wide{i});
    }
    CHECK(ring.log.close() == count + 1);
    auto later = ring.log.writer();
    CHECK(later.try_put(weir::CoarseClock{}, "", Wide{0}).status == Append::Status::closed);
  }
}

TEST_CASE("a new writer goes on with the arrival times, whatever the clock says then") {
  Ring<Log<>> ring{8};
  const weir::testing::ManualClock clock;
  auto first = ring.log.writer();
  first.try_put(clock, "", Wide{1});
  const auto arrived = ring.log.last_arrival();
  clock.advance(std::chrono::milliseconds{-100});
  auto second = ring.log.writer();
  second.try_put(clock, "", Wide{2});
  CHECK(ring.log.last_arrival() == arrived);
  auto reader = ring.log.reader({.number = 2});
  REQUIRE(reader.read(1).count == 1);
  CHECK(reader.arrival(0) == arrived);
}

TEST_CASE("a put that is interrupted anywhere shows readers whole records, and neither too few nor too many") {
  for (const std::uint64_t capacity : {1U, 2U, 8U, 16U}) {
    for (std::uint64_t before = 0; before <= 2 * capacity; ++before) {
      at_every_access([&](std::uint64_t after) {
        CAPTURE(capacity);
        CAPTURE(before);
        CAPTURE(after);
        Ring<Log<>> ring{capacity};
        auto first = ring.log.writer();
        for (std::uint64_t number = 1; number <= before; ++number) {
          put(first, Wide{number});
        }
        const Interruption interruption{after, [&] {
                                          auto reader = ring.log.reader({.number = 1});
                                          std::uint64_t position = 1;
                                          auto run = reader.read(no_limit);
                                          for (; run.count != 0; run = reader.read(no_limit)) {
                                            CHECK(run.first == position + run.missed);
                                            for (std::size_t i = 0; i < run.count; ++i) {
                                              CHECK(reader.value(i) == Wide{run.first + i});
                                            }
                                            position = run.first + run.count;
                                          }
                                          CHECK(position + run.missed == before + 1);
                                        }};
        auto writer = ring.as<Log<InterruptedEnv>>().writer();
        CHECK(put(writer, Wide{before + 1}) == before + 1);
        return interruption.happened();
      });
    }
  }
}

/// Records of one word, many in a line, whose value is never the zero that a line is taken with.
template <weir::Options options, class Env = weir::DefaultEnv>
using Narrow = weir::ColumnLog<std::uint64_t, options, Env>;

/// The first number from `first` before `end` that is `damaged`, or `end`: one check for all, because a check takes
/// longer than a look at a record.
std::uint64_t first_damaged(std::uint64_t first, std::uint64_t end, auto damaged) {
  while (first != end && !damaged(first)) {
    ++first;
  }
  return first;
}

TEST_CASE("a producer that takes lines ahead writes to nothing that is retained") {
  for (const std::uint64_t capacity : {16U, 128U, 512U, 2048U}) {
    Ring<Narrow<single>> ring{capacity};
    const auto layout = ring.as<weir::ColumnLayout<std::uint64_t, single, weir::DefaultEnv>>();
    weir::testing::ManualClock clock;
    auto writer = ring.log.writer();
    for (std::uint64_t number = 1; number < 3 * capacity; ++number) {
      clock.advance(std::chrono::milliseconds{1});
      if (number % 3 == 0) {
        writer = ring.log.writer();
      }
      const std::array<std::uint64_t, 2> values{number, number + 1};
      const bool batch = number % 7 == 0;
      const auto put = batch ? writer.try_put_all(clock, "", values) : writer.try_put(clock, "", number);
      REQUIRE(put.status == Append::Status::done);
      number += batch ? 1 : 0;
      REQUIRE(first_damaged(std::max<std::uint64_t>(ring.log.oldest(), 1), number + 1, [&](std::uint64_t n) {
                return *layout.payload(layout.slot(n)) != n || *layout.arrival(layout.slot(n)) == 0;
              }) == number + 1);
    }
  }
}

TEST_CASE("a producer that takes lines ahead writes to nothing that a reader has not released") {
  static constexpr weir::Options gated{.producers = weir::Producers::single, .delivery = weir::Delivery::gated};
  for (const std::uint64_t capacity : {16U, 256U, 2048U}) {
    Ring<Narrow<gated>> ring{capacity};
    const auto layout = ring.as<weir::ColumnLayout<std::uint64_t, gated, weir::DefaultEnv>>();
    auto reader = ring.log.reader({.number = 1});
    auto writer = ring.log.writer();
    std::uint64_t next = 1;
    for (std::uint64_t released = 0; released < 3 * capacity;) {
      while (writer.try_put(weir::CoarseClock{}, "", next).status == Append::Status::done) {
        ++next;
        REQUIRE(first_damaged(released + 1, next,
                              [&](std::uint64_t n) { return *layout.payload(layout.slot(n)) != n; }) == next);
      }
      CHECK(next == released + capacity + 1);
      released += reader.read(1 + released % 37).count;
      REQUIRE(reader.release());
    }
  }
}

TEST_CASE("before a large record no lines are taken but its own, of a refused batch none at all") {
  static constexpr weir::Options gated{.producers = weir::Producers::single, .delivery = weir::Delivery::gated};
  using Large = weir::support::Raw<264>;
  constexpr std::uint64_t capacity = 64;
  Ring<weir::ColumnLog<Large, gated, weir::DefaultEnv>> ring{capacity};
  const auto layout = ring.as<weir::ColumnLayout<Large, gated, weir::DefaultEnv>>();
  Large filled;
  std::ranges::fill(std::as_writable_bytes(std::span{&filled, 1}), std::byte{0xff});
  auto writer = ring.log.writer();
  auto reader = ring.log.reader({.number = 1});
  const auto untouched = [&](std::uint64_t from) {
    for (auto number = from; number < capacity; ++number) {
      const auto* bytes = reinterpret_cast<const std::byte*>(layout.payload(layout.slot(number)));
      REQUIRE(std::ranges::count(std::span{bytes, sizeof(Large)}, std::byte{0xff}) == sizeof(Large));
    }
  };
  for (std::uint64_t number = 1; number <= capacity; ++number) {
    put(writer, filled);
  }
  while (reader.read(no_limit).count != 0) {
  }
  put(writer, filled);
  untouched(1);

  constexpr std::uint64_t more = 128, free = 15;
  Ring<Narrow<gated>> small{more};
  const auto words = small.as<weir::ColumnLayout<std::uint64_t, gated, weir::DefaultEnv>>();
  auto held = small.log.reader({.number = 1});
  auto narrow = small.log.writer();
  for (std::uint64_t number = 1; number <= more - free; ++number) {
    put(narrow, number);
  }
  std::ranges::fill(std::span{words.payload(0), more}, ~std::uint64_t{0});
  const std::array<std::uint64_t, free + 1> batch{};
  REQUIRE(narrow.try_put_all(weir::CoarseClock{}, "", batch).status == Append::Status::full);
  CHECK(std::ranges::count(std::span{words.payload(0), more}, ~std::uint64_t{0}) == more);
}

TEST_CASE("a search by time that is overtaken anywhere by a producer that takes lines begins after nothing in time") {
  constexpr std::uint64_t capacity = 128;
  for (const std::uint64_t puts : {1U, 17U, 64U}) {
    at_every_access([&](std::uint64_t after) {
      CAPTURE(puts);
      CAPTURE(after);
      Ring<Narrow<single>> ring{capacity};
      weir::testing::ManualClock clock;
      const auto began = clock.now();
      auto writer = ring.log.writer();
      const auto put = [&](std::uint64_t value) {
        clock.advance(std::chrono::milliseconds{1});
        REQUIRE(writer.try_put(clock, "", value).status == Append::Status::done);
      };
      for (std::uint64_t number = 1; number <= capacity; ++number) {
        put(number);
      }
      const Interruption interruption{after, [&] {
                                        for (std::uint64_t i = 1; i <= puts; ++i) {
                                          put(capacity + i);
                                        }
                                      }};
      // Everything that is ever in the ring arrived in time.
      const auto moment = began.time_since_epoch().count();
      const auto start = ring.as<Narrow<single, InterruptedEnv>>().seek(moment);
      CHECK(start.number <= std::max<std::uint64_t>(ring.log.oldest(), 1));
      return interruption.happened();
    });
  }
}

TEST_CASE("slots in place are published as far as they were finished; what is given up was never claimed") {
  constexpr weir::Options options{.producers = weir::Producers::single, .delivery = weir::Delivery::gated};
  const weir::testing::ManualClock clock;
  Ring<weir::ColumnLog<Wide, options, weir::DefaultEnv>> ring{32};
  auto writer = ring.log.writer();
  auto reader = ring.log.reader({.number = 1});
  std::uint64_t next = 1;
  const auto claimed = [&](std::uint64_t most, std::uint64_t kept) {
    clock.advance(std::chrono::milliseconds{1});
    weir::Claim claim;
    const auto outcome = writer.claim_in_place(clock, most, claim);
    if (outcome.status == Append::Status::full) {
      CHECK(outcome.number == next - reader.number());
      return claim.count;
    }
    REQUIRE(outcome.status == Append::Status::done);
    CHECK(claim.count != 0);
    CHECK(claim.first == next);
    for (auto& slot : writer.in_place(claim)) {
      slot = Wide{next + static_cast<std::uint64_t>(&slot - writer.in_place(claim).data())};
    }
    if (kept == 0) {
      writer.skip(claim);
    } else {
      writer.finish_in_place(claim, kept);
    }
    next += kept;
    CHECK(ring.log.end() == next);
    return claim.count;
  };
  CHECK(claimed(100, 0) == 4);
  CHECK(claimed(100, 3) == 4);
  CHECK(claimed(2, 2) == 2);
  put(writer, Wide{next++});
  for (int i = 0; i < 6; ++i) {
    CHECK(claimed(100, 4) == 4);
  }
  CHECK(claimed(100, 0) == 1);  // up to the ring's end
  CHECK(claimed(100, 1) == 1);
  CHECK(claimed(100, 0) == 1);
  CHECK(claimed(100, 1) == 1);  // the last place before the reader
  CHECK(claimed(100, 0) == 0);
  std::uint64_t seen = 0;
  std::int64_t arrived = 0;
  for (auto run = reader.read(5); run.count != 0; run = reader.read(5)) {
    for (std::size_t i = 0; i < run.count; ++i) {
      CHECK(reader.value(i) == Wide{++seen});
      CHECK(reader.arrival(i) >= arrived);
      arrived = reader.arrival(i);
    }
  }
  CHECK(seen == next - 1);
  CHECK(claimed(100, 4) == 4);
  CHECK(writer.close() == next);
  weir::Claim none;
  CHECK(writer.claim_in_place(clock, 1, none).status == Append::Status::closed);
  CHECK(none.count == 0);
}

}  // namespace
