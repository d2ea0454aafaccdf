#include "weir/ring/segment/seek.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <string>
#include <vector>

#include "ring/ring.hpp"
#include "weir/ring/segment/log.hpp"

namespace {

using namespace weir::support;
using weir::Entry;
using weir::Tail;
template <class Env = weir::DefaultEnv>
using Log = weir::SegmentLog<std::string, multiple, Env>;
template <class Env = weir::DefaultEnv>
using Layout = weir::SegmentLayout<multiple, Env>;
constexpr weir::CoarseClock now{};

TEST_CASE("the newest place is where the next claim goes, sealed or not") {
  Ring<Log<>> ring{256};
  const auto layout = ring.as<Layout<>>();
  auto writer = ring.log.writer();
  for (std::uint64_t number = 1; number < 40; ++number) {
    auto place = weir::detail::newest_place(layout);
    CHECK(place.number() == number);
    CHECK(place.first == layout.first(place.segment));
    const weir::detail::Rotation<Layout<>> rotation{layout};
    if (number > 1) {
      REQUIRE_FALSE(rotation.seal(rotation.tail()));
      CHECK(weir::detail::newest_place(layout).number() == number);
    }
    put(writer, std::string(number % 3, 'x'));
  }
}

TEST_CASE("every retained number has its place, numbers before the oldest stand there and later ones at the newest") {
  for (const std::uint64_t capacity : {128U, 256U, 512U, 4096U}) {
    Ring<Log<>> ring{capacity, 1000, (1U << 20) - 2};
    const auto layout = ring.as<Layout<>>();
    auto writer = ring.log.writer();
    for (int i = 0; i < 60; ++i) {
      for (auto number = ring.log.oldest(); number <= ring.log.end(); ++number) {
        const auto place = weir::detail::place_of(layout, number);
        CHECK(place.number() == number);
        CHECK(layout.first(place.segment) == place.first);
      }
      CHECK(weir::detail::place_of(layout, ring.log.oldest() - 1).number() == ring.log.oldest());
      CHECK(weir::detail::place_of(layout, 1).number() == ring.log.oldest());
      CHECK(weir::detail::place_of(layout, ring.log.end() + 9).number() == ring.log.end());
      put(writer, std::string(static_cast<std::size_t>(i) % 5, 'x'));
    }
  }
}

TEST_CASE("hole H11: whatever the state of a rotation, the oldest place begins with a number of its segment") {
  for (const std::uint64_t capacity : {128U, 256U}) {
    for (std::uint64_t before = 1; before < 14; ++before) {
      at_every_access([&](std::uint64_t after) {
        CAPTURE(capacity);
        CAPTURE(before);
        CAPTURE(after);
        Ring<Log<>> ring{capacity};
        auto writer = ring.log.writer();
        for (std::uint64_t i = 0; i < before; ++i) {
          put(writer, std::string(8, 'x'));
        }
        auto ours = ring.as<Log<InterruptedEnv>>().writer();
        bool happened = false;
        const Interruption interruption{after, [&] {
                                          // In the middle of a put that may rotate: what can be seen from here must
                                          // make sense.
                                          happened = true;
                                          const auto layout = ring.as<Layout<>>();
                                          const auto oldest = weir::detail::oldest_place(layout, false);
                                          CHECK(layout.first(oldest.segment) == oldest.first);
                                          CHECK(oldest.first <= before + 1);
                                          const auto second = weir::detail::oldest_place(layout, true);
                                          CHECK(second.first >= oldest.first);
                                          auto reader = ring.log.reader({.number = 1});
                                          std::uint64_t position = 1;
                                          for (auto run = reader.read(no_limit); run.count != 0;
                                               run = reader.read(no_limit)) {
                                            CHECK(run.first == position + run.missed);
                                            CHECK(run.first >= oldest.first);
                                            position = run.first + run.count;
                                          }
                                          CHECK(position >= before + 1);
                                          CHECK(position <= before + 2);
                                        }};
        CHECK(ours.try_put(now, "", std::string(8, 'y')).number == before + 1);
        return happened;
      });
    }
  }
}

TEST_CASE("a place is found while segments are recycled under the search") {
  for (std::uint64_t before = 1; before < 12; before += 2) {
    for (std::uint64_t burst = 1; burst < 12; ++burst) {
      for (std::uint64_t number = 1; number <= before + 2; ++number) {
        at_every_access([&](std::uint64_t after) {
          CAPTURE(before);
          CAPTURE(burst);
          CAPTURE(number);
          CAPTURE(after);
          Ring<Log<>> ring{256};
          auto writer = ring.log.writer();
          for (std::uint64_t i = 1; i <= before; ++i) {
            put(writer, std::to_string(i));
          }
          std::uint64_t position = number;
          const auto drain = [&](auto& reader) {
            for (auto run = reader.read(1); run.count + run.missed != 0; run = reader.read(1)) {
              position += run.missed;
              if (run.count != 0) {
                CHECK(run.first == position);
                CHECK(reader.value(0) == std::to_string(run.first));
                position += run.count;
              }
            }
          };
          const auto ours = ring.as<Log<InterruptedEnv>>();
          const Interruption interruption{after, [&] {
                                            for (std::uint64_t i = 1; i <= burst; ++i) {
                                              put(writer, std::to_string(before + i));
                                            }
                                          }};
          auto reader = ours.reader({.number = number});
          drain(reader);
          const bool happened = interruption.happened();
          drain(reader);
          CHECK(position == std::max(ring.log.end(), number));
          return happened;
        });
      }
    }
  }
}

/// Records of number n arrive at n * 10, but for those that arrive with the one before.
struct Timed {
  explicit Timed(std::uint64_t capacity) : ring(capacity, 1000) {}
  void put(std::uint64_t milliseconds, std::size_t size = 4) {
    clock.advance(std::chrono::milliseconds{milliseconds});
    auto writer = ring.log.writer();
    const auto outcome = writer.try_put(clock, "", std::string(size, 'x'));
    REQUIRE(outcome.status == weir::Append::Status::done);
    arrived.push_back(clock.now().time_since_epoch().count());
  }
  std::int64_t arrival(std::uint64_t number) const { return arrived[number - 1000]; }
  /// The first retained number that arrived at `moment` or later.
  std::uint64_t expected(std::int64_t moment) {
    auto number = ring.log.oldest();
    while (number < ring.log.end() && arrival(number) < moment) {
      ++number;
    }
    return number;
  }

  weir::testing::ManualClock clock;
  Ring<Log<>> ring;
  std::vector<std::int64_t> arrived;
};

TEST_CASE("a moment is found at, before and after every record, segment borders and equal times included") {
  for (const std::uint64_t capacity : {128U, 256U, 512U, 4096U}) {
    for (int count = 0; count < 70; count += 1 + count / 8) {
      Timed timed{capacity};
      for (int i = 0; i < count; ++i) {
        timed.put(i % 4 == 0 ? 10 : 0, static_cast<std::size_t>(i) % 9);
      }
      for (int i = 0; i < count; ++i) {
        for (const std::int64_t around : {-1, 0, 1}) {
          const auto moment = timed.arrived[static_cast<std::size_t>(i)] + around;
          CAPTURE(capacity);
          CAPTURE(count);
          CAPTURE(i);
          CAPTURE(around);
          CHECK(weir::detail::number_before(timed.ring.as<Layout<>>(), moment) <= timed.expected(moment));
          auto reader = timed.ring.log.reader(timed.ring.log.seek(moment));
          const auto run = reader.read(1);
          CHECK(run.missed == 0);
          if (timed.expected(moment) == timed.ring.log.end()) {
            CHECK(run.count == 0);
          } else {
            CHECK(run.first == timed.expected(moment));
          }
        }
      }
    }
  }
}

TEST_CASE("the bisection finds the very record, so that a search reads no segment from its beginning") {
  Timed timed{1 << 16};  // 256 records a segment
  for (int i = 0; i < 700; ++i) {
    timed.put(1);
  }
  REQUIRE(timed.ring.log.oldest() == 1000);
  for (std::uint64_t number = 1001; number < 1700; ++number) {
    CHECK(weir::detail::number_before(timed.ring.as<Layout<>>(), timed.arrival(number)) == number);
  }
}

TEST_CASE("skipped records, at a segment's beginning too, make the search begin earlier and never later") {
  for (std::uint64_t skipped = 1000; skipped < 1020; ++skipped) {
    Timed timed{512};  // two records of this size a segment
    for (int i = 0; i < 20; ++i) {
      timed.put(10);
    }
    const auto place = weir::detail::place_of(timed.ring.as<Layout<>>(), skipped);
    if (place.number() != skipped) {
      continue;  // trimmed
    }
    timed.ring.as<Layout<>>().entry(place.segment, place.index) = Entry::skip(skipped).word();
    for (auto number = timed.ring.log.oldest(); number < timed.ring.log.end(); ++number) {
      CAPTURE(skipped);
      CAPTURE(number);
      auto reader = timed.ring.log.reader(timed.ring.log.seek(timed.arrival(number)));
      const auto run = reader.read(1);
      const auto expected = number == skipped ? number + 1 : number;
      CHECK(run.count == (expected < timed.ring.log.end() ? 1 : 0));
      CHECK((run.count == 0 || run.first == expected));
      CHECK(run.missed == 0);
    }
  }
}

TEST_CASE("an empty log, and one whose records are all later, begin at the horizon") {
  Timed timed{512};
  CHECK(timed.ring.log.seek(0).number == 0);
  CHECK(timed.ring.log.seek(0).at_horizon);
  timed.put(10);
  CHECK(timed.ring.log.seek(0).number == 0);
  auto reader = timed.ring.log.reader(timed.ring.log.seek(0));
  const auto run = reader.read(1);
  CHECK(run.first == 1000);
  CHECK(run.missed == 0);
}

TEST_CASE("the arrival at a place is told as long as the directory names its record") {
  Timed timed{128};
  const auto layout = timed.ring.as<Layout<>>();
  timed.put(10);
  const auto place = weir::detail::place_of(layout, 1000);
  REQUIRE(weir::detail::arrival_at(layout, place));
  CHECK(*weir::detail::arrival_at(layout, place) == timed.arrival(1000));
  auto beyond = place;
  beyond.step(1);
  CHECK_FALSE(weir::detail::arrival_at(layout, beyond));
  while (timed.ring.log.oldest() == 1000) {
    timed.put(10);
  }
  CHECK_FALSE(weir::detail::arrival_at(layout, place));
}

TEST_CASE("end() is a number between those before and after, however many rotations come in its middle") {
  for (const std::uint64_t capacity : {128U, 256U}) {
    for (std::uint64_t before = 0; before < 6; ++before) {
      for (std::uint64_t theirs = 0; theirs < 14; ++theirs) {
        at_every_access([&](std::uint64_t after) {
          CAPTURE(capacity);
          CAPTURE(before);
          CAPTURE(theirs);
          CAPTURE(after);
          Ring<Log<>> ring{capacity};
          auto writer = ring.log.writer();
          for (std::uint64_t i = 0; i < before; ++i) {
            put(writer, "");
          }
          const Interruption interruption{after, [&] {
                                            for (std::uint64_t i = 0; i < theirs; ++i) {
                                              put(writer, "");
                                            }
                                          }};
          const auto end = ring.as<Log<InterruptedEnv>>().end();
          CHECK(end >= before + 1);
          CHECK(end <= ring.log.end());
          return interruption.happened();
        });
      }
    }
  }
}

}  // namespace
