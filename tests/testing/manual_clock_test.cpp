#include "weir/testing/manual_clock.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <latch>
#include <thread>
#include <utility>
#include <vector>

#include "support/aborts.hpp"
#include "support/watchdog.hpp"

namespace {

using namespace std::chrono_literals;
using weir::Timestamp;
using weir::testing::ManualClock;
using weir::testing::ManualEnv;

TEST_CASE("time stands still until it is moved, and goes where it is told") {
  const ManualClock clock;
  CHECK(clock.now() == ManualClock::default_start);
  CHECK(clock.now() == clock.now());

  clock.advance(1500ms);
  CHECK(clock.now() == ManualClock::default_start + 1500ms);
  clock.advance(0ms);
  CHECK(clock.now() == ManualClock::default_start + 1500ms);
  clock.advance(-2s);
  CHECK(clock.now() == ManualClock::default_start - 500ms);
  clock.advance(24h);
  CHECK(clock.now() == ManualClock::default_start - 500ms + 24h);

  clock.set(Timestamp{42ms});
  CHECK(clock.now() == Timestamp{42ms});
  clock.set(Timestamp{-1ms});
  CHECK(clock.now() == Timestamp{-1ms});
}

TEST_CASE("the default start is the moment that its comment names") {
  using namespace std::chrono;
  constexpr auto named = sys_days{2001y / September / 9} + 1h + 46min + 40s;
  CHECK(ManualClock::default_start == named);
  CHECK(ManualClock{Timestamp{7ms}}.now() == Timestamp{7ms});
}

TEST_CASE("copies share one time, and clocks made apart do not") {
  const ManualClock handle;
  const ManualClock copy = handle;
  ManualClock other;

  handle.advance(5s);
  CHECK(copy.now() == ManualClock::default_start + 5s);
  copy.set(Timestamp{1s});
  CHECK(handle.now() == Timestamp{1s});
  CHECK(other.now() == ManualClock::default_start);

  other = handle;
  handle.advance(1ms);
  CHECK(other.now() == Timestamp{1001ms});
}

TEST_CASE("a shared time outlives the handle that it was made by, and a move is a copy") {
  ManualClock last{Timestamp{0ms}};
  {
    ManualClock first{Timestamp{9ms}};
    last = first;
    const ManualClock moved = std::move(first);
    moved.advance(1ms);
    CHECK(first.now() == Timestamp{10ms});
  }
  CHECK(last.now() == Timestamp{10ms});
}

TEST_CASE("an environment that holds a copy follows the test's handle, and so do its copies") {
  ManualEnv env;
  const auto inside = env;
  env.clock.advance(5min);
  CHECK(inside.clock.now() == ManualClock::default_start + 5min);

  const ManualClock clock{Timestamp{3ms}};
  const ManualEnv around{.clock = clock, .hasher = {}};
  clock.advance(1ms);
  CHECK(around.clock.now() == Timestamp{4ms});
}

TEST_CASE("an environment by hand hashes like the real one") {
  CHECK(ManualEnv{}.hasher("user-42") == weir::DefaultEnv{}.hasher("user-42"));
}

TEST_CASE("advances of several threads add up, and a reader sees time only grow") {
  const weir::support::Watchdog watchdog{"threads advance a manual clock"};
  const ManualClock clock{Timestamp{0ms}};
  constexpr int steps = 100'000;
  std::latch start{4};
  bool grew = true;
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 3; ++i) {
      threads.emplace_back([clock, &start] {
        start.arrive_and_wait();
        for (int step = 0; step < steps; ++step) {
          clock.advance(1ms);
        }
      });
    }
    threads.emplace_back([clock, &start, &grew] {
      start.arrive_and_wait();
      for (auto last = clock.now(); last < Timestamp{std::chrono::milliseconds{3 * steps}};) {
        const auto now = clock.now();
        grew = grew && now >= last;
        last = now;
      }
    });
  }
  CHECK(grew);
  CHECK(clock.now() == Timestamp{std::chrono::milliseconds{3 * steps}});
}

TEST_CASE("what was written before the time moved is seen by who sees it moved") {
  const weir::support::Watchdog watchdog{"a manual clock hands a message over"};
  for (int round = 0; round < 1000; ++round) {
    const ManualClock clock{Timestamp{0ms}};
    int message = 0;
    int seen = 0;
    {
      const std::jthread reader{[clock, &message, &seen] {
        while (clock.now() == Timestamp{0ms}) {
        }
        seen = message;
      }};
      message = 7;
      if (round % 2 == 0) {
        clock.advance(1ms);
      } else {
        clock.set(Timestamp{1ms});
      }
    }
    REQUIRE(seen == 7);
  }
}

TEST_CASE("the watchdog of threaded tests ends a program that hangs, says why, and stays silent otherwise") {
  const auto hang = [] {
    const weir::support::Watchdog watchdog{"hangs on purpose", 1ms};
    for (const ManualClock clock; clock.now() == ManualClock::default_start;) {
    }
  };
  const auto text = weir::support::text_of_abort(hang);
  REQUIRE(text);
  CHECK(text->find("hangs on purpose") != std::string::npos);
  CHECK(text->find("1 ms") != std::string::npos);

  CHECK_FALSE(weir::support::text_of_abort([] { const weir::support::Watchdog watchdog{"returns", 1h}; }));
}

}  // namespace
