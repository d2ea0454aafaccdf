#include "weir/ring/wait.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <cstdint>
#include <limits>

namespace {

using namespace std::chrono_literals;
using weir::BackOff;
using weir::Deadline;

struct NeverPolls {
  void after_poll(std::size_t);
};
static_assert(weir::wait_strategy<weir::Spin>);
static_assert(weir::wait_strategy<weir::Yield>);
static_assert(weir::wait_strategy<BackOff>);
static_assert(weir::parking_strategy<weir::Park>);
static_assert(!weir::parking_strategy<BackOff>);
static_assert(!weir::wait_strategy<NeverPolls>);

TEST_CASE("a deadline passes when its moment has come, and not before") {
  CHECK(Deadline{std::chrono::duration<double>{std::numeric_limits<double>::quiet_NaN()}}.passed());
  CHECK(Deadline{0ns}.passed());
  CHECK(Deadline{-1h}.passed());
  CHECK_FALSE(Deadline{24h}.passed());
  CHECK(Deadline{Deadline::Clock::now()}.passed());
  CHECK_FALSE(Deadline{Deadline::Clock::now() + 24h}.passed());
}

TEST_CASE("never does not pass") {
  CHECK_FALSE(Deadline::never().passed());
}

/// A clock that tests set.
struct SteppedClock {
  using duration = std::chrono::nanoseconds;
  using time_point = std::chrono::time_point<SteppedClock, duration>;
  static time_point now() noexcept { return moment; }
  static inline time_point moment{1s};
};
using Climb = weir::detail::Climb<SteppedClock>;

/// A step: eight polls that find as many records each, at so many a microsecond.
void step(Climb& climb, std::size_t records, double rate) {
  for (int poll = 0; poll < 8; ++poll) {
    if (poll == 7) {
      SteppedClock::moment +=
          std::chrono::nanoseconds{static_cast<std::int64_t>(8'000.0 * static_cast<double>(records) / rate)};
    }
    climb.after_poll(records);
  }
}
constexpr std::size_t plenty = 10'000;

/// After steps at a rate that rises until it makes so many pauses.
Climb climbed(unsigned pauses, double& rate) {
  Climb climb;
  for (int steps = 0; climb.pauses() < pauses; ++steps) {
    REQUIRE(steps < 20);
    step(climb, plenty, rate *= 1.1);
  }
  return climb;
}

TEST_CASE("back-off begins with one pause") {
  CHECK(BackOff{}.pauses() == 1);
  CHECK_FALSE(Climb{}.idle());
}

TEST_CASE("it doubles its pause every 8 polls while the rate rises, up to 256") {
  Climb climb;
  double rate = 10;
  step(climb, plenty, rate);
  CHECK(climb.pauses() == 1);  // nothing to compare it with
  for (const unsigned pauses : {2U, 4U, 8U, 16U, 32U, 64U, 128U, 256U, 256U, 256U}) {
    const auto before = climb.pauses();
    for (int poll = 0; poll < 7; ++poll) {
      climb.after_poll(plenty);
      CHECK(climb.pauses() == before);
    }
    SteppedClock::moment += std::chrono::nanoseconds{static_cast<std::int64_t>(8'000.0 * plenty / (rate *= 1.04))};
    climb.after_poll(plenty);
    CHECK(climb.pauses() == pauses);
  }
}

TEST_CASE("it turns round when the rate falls by more than 3 %, either way") {
  double rate = 10;
  auto climb = climbed(64, rate);
  step(climb, plenty, rate *= 0.96);
  CHECK(climb.pauses() == 32);
  step(climb, plenty, rate *= 1.04);
  CHECK(climb.pauses() == 16);
  step(climb, plenty, rate *= 0.96);
  CHECK(climb.pauses() == 32);
}

TEST_CASE("at the same rate it prefers 16 pauses") {
  double rate = 10;
  auto climb = climbed(128, rate);
  for (const unsigned pauses : {64U, 32U, 16U, 8U, 16U, 8U, 16U}) {
    step(climb, plenty, rate);
    CHECK(climb.pauses() == pauses);
  }
  Climb fresh;
  step(fresh, plenty, rate);
  step(fresh, plenty, rate);  // faster than nothing
  for (const unsigned pauses : {4U, 8U, 16U, 8U, 16U}) {
    step(fresh, plenty, rate *= 1.02);
    CHECK(fresh.pauses() == pauses);
  }
}

TEST_CASE("where records come far apart it comes down, however the rate rises") {
  double rate = 10;
  auto climb = climbed(256, rate);
  for (auto before = climb.pauses(); before > 1; before = climb.pauses()) {
    const std::size_t too_few = 8 * (before + 6) / 4 - 1;  // in eight polls
    SteppedClock::moment += 1ns;
    for (int poll = 0; poll < 8; ++poll) {
      climb.after_poll(poll == 0 ? too_few - 7 : 1);
    }
    CHECK(climb.pauses() == before / 2);
  }
  for (int i = 0; i < 100; ++i) {
    step(climb, 1, rate *= 2);
    CHECK(climb.pauses() == 1);
  }
}

TEST_CASE("once records come close together again, the first step is compared with none from before") {
  double rate = 10;
  auto climb = climbed(4, rate);
  step(climb, 1, rate);  // too few
  REQUIRE(climb.pauses() == 2);
  step(climb, plenty, rate / 100);
  CHECK(climb.pauses() == 2);
  step(climb, plenty, rate / 200);  // faster than nothing
  CHECK(climb.pauses() == 4);
}

TEST_CASE("a step has two polls that found something, or 64 polls") {
  Climb climb;
  double rate = 10;
  step(climb, plenty, rate);
  for (int burst = 0; burst < 2; ++burst) {
    for (int poll = 0; poll < 20; ++poll) {
      climb.after_poll(0);
      CHECK(climb.pauses() == 1);
    }
    SteppedClock::moment += 1us;
    climb.after_poll(plenty);
  }
  CHECK(climb.pauses() == 2);
  for (int poll = 0; poll < 63; ++poll) {
    climb.after_poll(0);
    CHECK(climb.pauses() == 2);
  }
  climb.after_poll(0);
  CHECK(climb.pauses() == 1);
}

TEST_CASE("after 64 empty polls it is idle, until it finds something") {
  Climb climb;
  for (int i = 0; i < 3; ++i) {
    for (int poll = 0; poll < 63; ++poll) {
      climb.after_poll(0);
      CHECK_FALSE(climb.idle());
    }
    for (int poll = 0; poll < 1000; ++poll) {
      climb.after_poll(0);
      CHECK(climb.idle());
    }
    climb.after_poll(1);
    CHECK_FALSE(climb.idle());
  }
}

TEST_CASE(
    "after empty polls for as long as a thousand pauses it starts over, so that the first record after a lull is "
    "met at once") {
  double rate = 10;
  for (const unsigned pauses : {256U, 64U}) {
    auto climb = climbed(pauses, rate);
    const auto polls = (1024 + pauses + 1) / (pauses + 2);
    for (unsigned poll = 1; poll < polls; ++poll) {
      climb.after_poll(0);
      CHECK(climb.pauses() == pauses);
    }
    climb.after_poll(0);
    CHECK(climb.pauses() == 1);
  }
}

TEST_CASE("parking polls a while before it sleeps, and anew after each record") {
  weir::Park park;
  for (const std::size_t records : {0U, 1U, 7U}) {
    park.after_poll(records);
    int polls = 0;
    for (; !park.parks() && polls < 10'000; ++polls) {
      park.before_poll();
      park.after_poll(0);
    }
    CHECK(polls >= 64);
    CHECK(park.parks());
    park.before_poll();  // where nothing can wake it
    park.after_poll(0);
    CHECK(park.parks());
  }
  park.after_poll(1);
  CHECK_FALSE(park.parks());
}

TEST_CASE("the other strategies do not learn, and can be called in any order") {
  weir::Spin spin;
  weir::Yield yield;
  for (const std::size_t records : {0U, 1U, 0U}) {
    yield.after_poll(records);
    yield.before_poll();
    spin.after_poll(records);
    spin.before_poll();
  }
  CHECK_FALSE(Deadline::never().passed());
}

}  // namespace
