/// The laws of a gated log, checked for any model: nothing is lost, and whoever holds a writer is known.
#pragma once

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "conformance/record_log.hpp"
#include "support/random.hpp"

namespace weir::conformance {

namespace gated_laws {

using log_laws::Checked;
using log_laws::Filled;
using log_laws::no_limit;

/// Where fields of 20, 32, 42, 48 and 63 bits would wrap.
inline constexpr std::uint64_t first_numbers[] = {
    1, (1ULL << 20) - 3, (1ULL << 32) - 3, (1ULL << 42) - 3, (1ULL << 48) - 3, (1ULL << 62) - 3};

template <class L, class Sample>
std::uint64_t fill(Filled<L, Sample>& filled) {
  std::uint64_t stored = 0;
  auto outcome = filled.try_put();
  for (; outcome.status == Append::Status::done; outcome = filled.try_put()) {
    ++stored;
  }
  REQUIRE(outcome.status == Append::Status::full);
  return stored;
}

template <class L, class Sample>
void holding(Filled<L, Sample>& filled) {
  L log = filled.log();
  const auto start = Start{.number = filled.first()};
  SUBCASE("without a reader the gate stands at the first number, and a put that finds no room stores nothing") {
    const auto stored = fill(filled);
    CHECK(stored >= 1);
    for (int i = 0; i < 3; ++i) {
      const auto outcome = filled.try_put();
      CHECK(outcome.status == Append::Status::full);
      CHECK(outcome.number == stored);
    }
    CHECK(log.end() == filled.end());
    Checked<L, Sample> late{filled, start};
    late.drain();
    CHECK(late.delivered() == stored);
    CHECK(late.missed() == 0);
  }
  SUBCASE("the slowest reader holds the writers, and gets everything, lap after lap") {
    Checked<L, Sample> slow{filled, start};
    Checked<L, Sample> fast{filled, start};
    for (int lap = 0; lap < 5; ++lap) {
      fill(filled);
      fast.drain();
      CHECK(filled.try_put().status == Append::Status::full);
      slow.drain(3);
    }
    fill(filled);
    fast.drain();
    slow.drain();
    CHECK(slow.missed() == 0);
    CHECK(slow.delivered() == filled.end() - filled.first());
    CHECK(fast.delivered() == slow.delivered());
  }
  SUBCASE("a read releases what the read before it gave, and what it gives itself stays as it is") {
    fill(filled);
    auto reader = log.reader(start);
    const auto run = reader.read(no_limit);
    REQUIRE(run.count != 0);
    CHECK(filled.try_put().status == Append::Status::full);
    for (std::size_t i = 0; i < run.count; ++i) {
      CHECK(reader.value(i) == filled.sample()(i));
    }
    while (reader.read(no_limit).count != 0) {
    }
    CHECK(filled.try_put().status == Append::Status::done);
  }
  SUBCASE("release() lets writers go on at once, and ends the run") {
    fill(filled);
    auto reader = log.reader(start);
    std::uint64_t had = 0;
    for (auto run = reader.read(no_limit); run.count != 0; run = reader.read(no_limit)) {
      had += run.count;
      CHECK(reader.release());
    }
    CHECK(had == filled.end() - filled.first());
    CHECK(fill(filled) >= 1);
  }
  SUBCASE("a reader that leaves with a run in hand has not released it") {
    fill(filled);
    {
      auto reader = log.reader(start);
      REQUIRE(reader.read(1).count == 1);
    }
    CHECK(filled.try_put().status == Append::Status::full);
    Checked<L, Sample> next{filled, start};
    CHECK(next.read(1).count == 1);
    CHECK(next.missed() == 0);
  }
  SUBCASE("when the slowest reader leaves, the next slowest holds, and without any the furthest that one released") {
    fill(filled);
    std::optional<typename L::Reader> slow{log.reader(start)};
    {
      Checked<L, Sample> fast{filled, start};
      fast.drain();
      CHECK(filled.try_put().status == Append::Status::full);
      slow.reset();
      CHECK(fill(filled) >= 1);
      fast.drain();
    }
    CHECK(fill(filled) >= 1);  // what fast had was released
    Checked<L, Sample> late{filled, {.number = log.oldest()}};
    late.drain();
    CHECK(late.delivered() == filled.end() - log.oldest());
  }
}

template <class L, class Sample>
void coming(Filled<L, Sample>& filled) {
  L log = filled.log();
  Checked<L, Sample> first{filled, {.number = filled.first()}};
  for (int lap = 0; lap < 3; ++lap) {
    fill(filled);
    first.drain();
  }
  filled.put();
  SUBCASE("a late reader replays what is retained, from any number, and holds it") {
    for (auto number = log.oldest(); number <= filled.end(); ++number) {
      Checked<L, Sample> late{filled, {.number = number}};
      late.drain(2);
      CHECK(late.missed() == 0);
      CHECK(late.delivered() == filled.end() - number);
    }
    Checked<L, Sample> late{filled, {.number = filled.first()}};
    const auto oldest = log.oldest();
    fill(filled);
    first.drain();
    CHECK(filled.try_put().status == Append::Status::full);
    late.drain();
    CHECK(late.missed() == oldest - filled.first());
    CHECK(late.delivered() == filled.end() - oldest);
  }
  SUBCASE("at the horizon nothing was missed, and nothing is from then on") {
    Checked<L, Sample> late{filled, {.number = filled.first(), .at_horizon = true}};
    const auto oldest = log.oldest();
    fill(filled);
    late.drain();
    CHECK(late.missed() == 0);
    CHECK(late.delivered() == filled.end() - oldest);
  }
  SUBCASE("a start that is still to come delivers nothing before it, and holds writers no longer than it must") {
    first.drain();
    Checked<L, Sample> ahead{filled, {.number = filled.end() + 3}};
    for (int i = 0; i < 3; ++i) {
      CHECK(ahead.read().count == 0);
      CHECK(first.drain().count == 0);
      filled.put();
    }
    CHECK(ahead.read().count == 0);
    filled.put();
    CHECK(ahead.read().count == 1);
    CHECK(ahead.missed() == 0);
  }
  SUBCASE("a start far ahead is come to by reading, past laps of what is not delivered") {
    const auto target = filled.end() + 1000;
    Checked<L, Sample> ahead{filled, {.number = target}};
    while (filled.end() <= target) {
      CHECK(ahead.read().count == 0);
      first.drain();
      filled.put();
    }
    CHECK(ahead.drain().count == 0);
    CHECK(ahead.delivered() == filled.end() - target);
  }
  SUBCASE("the end is told after the last record, to everybody") {
    Checked<L, Sample> behind{filled, {.number = log.oldest()}};
    log.close();
    CHECK(first.drain().end);
    CHECK(behind.drain().end);
    CHECK(filled.try_put().status == Append::Status::closed);
  }
}

template <class L, class Sample>
void places(Filled<L, Sample>& filled) {
  L log = filled.log();
  const auto start = Start{.number = filled.first()};
  SUBCASE("places run out, and come back when a reader leaves or moves away") {
    std::vector<typename L::Reader> readers;
    for (int i = 0; i < default_readers; ++i) {
      readers.push_back(log.reader(start));
      CHECK(readers.back().place());
    }
    CHECK_FALSE(log.reader(start).place());
    readers.pop_back();
    CHECK(log.reader(start).place());
    auto moved = std::move(readers.front());
    CHECK(moved.place());
    CHECK(log.reader(start).place()->place == static_cast<std::uint32_t>(default_readers) - 1);
  }
  SUBCASE("each reader is known by its place, with what it has not released") {
    filled.put(3);
    auto reader = log.reader(start);
    REQUIRE(reader.read(2).count != 0);
    const auto seen = log.gate().reader(reader.place()->place, filled.end());
    REQUIRE(seen);
    CHECK(seen->place == *reader.place());
    CHECK(seen->number == filled.first());
    const auto number = reader.number();
    CHECK(reader.release());
    CHECK(log.gate().reader(0, filled.end())->number == number);
    CHECK_FALSE(log.gate().reader(1, filled.end()));
  }
  SUBCASE("a reader that is evicted holds nobody, and is told what it missed when it comes back") {
    auto gone = std::make_unique<typename L::Reader>(log.reader(start));
    Checked<L, Sample> alive{filled, start};
    fill(filled);
    alive.drain();
    CHECK(filled.try_put().status == Append::Status::full);
    const auto place = *gone->place();
    CHECK(log.gate().evict(place, filled.end()));
    CHECK_FALSE(log.gate().evict(place, filled.end()));
    for (int lap = 0; lap < 3; ++lap) {
      CHECK(fill(filled) >= 1);
      alive.drain();
    }
    const auto oldest = log.oldest();
    const auto run = gone->read(1);
    CHECK(run.missed == oldest - filled.first());
    CHECK(run.count == 1);
    CHECK(run.first == oldest);
    CHECK(gone->place() != place);
    CHECK(fill(filled) < oldest - filled.first());  // it is back, and holds again
    const auto before = *gone->place();
    gone.reset();
    CHECK_FALSE(log.gate().evict(before, filled.end()));
    CHECK(alive.missed() == 0);
  }
  SUBCASE("one that was evicted before it was given anything is told too, wherever it began") {
    Checked<L, Sample> alive{filled, start};
    auto gone = log.reader({.number = filled.first(), .at_horizon = true});
    CHECK(log.gate().evict(*gone.place(), filled.end()));
    for (int lap = 0; lap < 2; ++lap) {
      fill(filled);
      alive.drain();
    }
    CHECK(gone.read(1).missed == log.oldest() - filled.first());
  }
  SUBCASE("one that is evicted before its start has not missed what it did not ask for") {
    const auto target = filled.first() + 1000;
    auto ahead = log.reader({.number = target});
    Checked<L, Sample> alive{filled, start};
    log.gate().evict_all(filled.end());
    fill(filled);
    alive.drain();
    fill(filled);
    const auto run = ahead.read(1);
    CHECK(run.missed == 0);
    CHECK(run.count == 0);
    CHECK(ahead.number() == target);
    const auto held = log.gate().reader(ahead.place()->place, filled.end());
    REQUIRE(held);
    CHECK(held->number >= log.oldest());
  }
  SUBCASE("one that finds a place later than it came has missed what it asked for, and no more") {
    filled.put(2);
    std::vector<typename L::Reader> readers;
    for (int i = 0; i < default_readers; ++i) {
      readers.push_back(log.reader(start));
    }
    auto late = log.reader({.number = filled.first() + 1});
    CHECK_FALSE(late.place());
    readers.pop_back();
    const auto run = late.read(1);
    CHECK(run.missed == 0);
    CHECK(run.count == 1);
    CHECK(run.first == filled.first() + 1);
  }
  SUBCASE("one whose place was given to another does not come back in its stead") {
    filled.put(2);
    auto gone = log.reader(start);
    REQUIRE(gone.read(1).count == 1);
    log.gate().evict_all(filled.end());
    std::vector<typename L::Reader> others;
    for (int i = 0; i < default_readers; ++i) {
      others.push_back(log.reader(start));
    }
    CHECK(gone.read(1).count == 0);
    CHECK_FALSE(gone.place());
    CHECK(log.gate().reader(0, filled.end())->number == filled.first());
    others.pop_back();
    const auto run = gone.read(1);
    CHECK(run.count == 1);
    CHECK(run.first == filled.first() + 1);
  }
}

/// Random operations beside a list of what each reader is due.
template <class L, class Sample>
void agrees(std::uint64_t capacity, std::uint64_t first, const Sample& sample) {
  support::Random random;
  Filled<L, Sample> filled{capacity, first, sample};
  L log = filled.log();
  struct Reading {
    typename L::Reader reader;
    std::uint64_t due;       // the next number
    std::uint64_t released;  // everything below
  };
  std::vector<Reading> readings;
  std::uint64_t floor = first;
  for (int step = 0; step < 1000; ++step) {
    const auto slowest = [&] {
      auto least = filled.end() + 1;
      for (const auto& reading : readings) {
        least = std::min(least, reading.released);
      }
      return readings.empty() ? floor : least;
    };
    switch (random.below(8)) {
      case 0: {
        if (readings.size() == static_cast<std::size_t>(default_readers)) {
          CHECK_FALSE(log.reader({.number = first}).place());
          break;
        }
        const auto asked = log.oldest() + random.below(filled.end() - log.oldest() + 1);
        readings.push_back({log.reader({.number = asked}), asked, asked});
        REQUIRE(readings.back().reader.place());
        break;
      }
      case 1: {
        if (!readings.empty() && random.below(4) == 0) {
          const auto leaver = readings.begin() + static_cast<std::ptrdiff_t>(random.below(readings.size()));
          floor = std::max(floor, leaver->released);
          readings.erase(leaver);
        }
        break;
      }
      case 2:
      case 3:
      case 4: {
        for (auto& reading : readings) {
          if (random.below(2) == 0) {
            reading.released = reading.due;
            const auto run = reading.reader.read(1 + random.below(5));
            REQUIRE(run.missed == 0);
            REQUIRE((run.count != 0) == (reading.due < filled.end()));
            REQUIRE((run.count == 0 || run.first == reading.due));
            for (std::size_t i = 0; i < run.count; ++i) {
              REQUIRE(reading.reader.value(i) == sample(reading.due - first + i));
            }
            reading.due += run.count;
          }
        }
        break;
      }
      default: {
        const auto held = slowest();
        const auto end = filled.end();
        const auto outcome = filled.try_put();
        if (outcome.status == Append::Status::full) {
          REQUIRE(outcome.number == end - held);
          REQUIRE(held < end);
        } else {
          REQUIRE(outcome.status == Append::Status::done);
        }
        if constexpr (L::unit == Capacity::Unit::records) {
          REQUIRE((outcome.status == Append::Status::full) == (end == held + capacity));
        }
      }
    }
  }
}

}  // namespace gated_laws

/// `sample(i)` gives payloads that differ from each other, of any sizes that fit `capacity`.
template <class L, class Sample>
void gated_log_conformance(std::uint64_t capacity, const Sample& sample) {
  static_assert(record_log<L> && L::gated);
  for (const auto first : gated_laws::first_numbers) {
    const auto name = "from number " + std::to_string(first);
    SUBCASE(name.c_str()) {
      gated_laws::Filled<L, Sample> filled{capacity, first, sample};
      SUBCASE("holding") {
        gated_laws::holding(filled);
      }
      SUBCASE("coming") {
        gated_laws::coming(filled);
      }
      SUBCASE("places") {
        gated_laws::places(filled);
      }
      SUBCASE("random operations") {
        gated_laws::agrees<L>(capacity, first, sample);
      }
    }
  }
}

}  // namespace weir::conformance
