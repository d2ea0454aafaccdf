#include "weir/ring/wait.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <bit>
#include <chrono>
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

/// A step: eight polls that find as much each.
void step(BackOff& wait, std::size_t records) {
  for (int poll = 0; poll < 8; ++poll) {
    wait.after_poll(records);
  }
}

/// Fed ever faster. A thread that is suspended in the middle of a step sees its rate fall, so it may take several
/// tries.
BackOff climbed(unsigned pauses) {
  for (;;) {
    BackOff wait;
    for (std::size_t records = 10; records < std::size_t{1} << 55; records *= 20) {
      step(wait, records);
      if (wait.pauses() >= pauses) {
        return wait;
      }
    }
  }
}

TEST_CASE("back-off begins with one pause") {
  CHECK(BackOff{}.pauses() == 1);
}

TEST_CASE("it climbs while the rate rises by far, and only every 8 polls") {
  unsigned highest = 0;
  for (int attempt = 0; attempt < 50 && highest < 1024; ++attempt) {
    BackOff wait;
    std::size_t records = 100;
    for (int i = 0; i < 12; ++i, records *= 20) {
      const auto before = wait.pauses();
      for (int poll = 0; poll < 7; ++poll) {
        wait.after_poll(records / 8);
        CHECK(wait.pauses() == before);
      }
      wait.after_poll(records);
      CHECK(std::has_single_bit(wait.pauses()));
      // The first step has nothing to compare its rate with.
      CHECK((wait.pauses() == (i == 0 ? 1 : std::min(2 * before, 1024U)) || wait.pauses() == std::max(before / 2, 1U)));
      highest = std::max(highest, wait.pauses());
    }
  }
  CHECK(highest == 1024);
}

TEST_CASE("it turns round when the rate falls, and again when it falls on") {
  bool turned = false;
  for (int attempt = 0; attempt < 50 && !turned; ++attempt) {
    auto wait = climbed(64);
    const auto highest = wait.pauses();
    step(wait, 1'000'000);
    const auto lower = wait.pauses();
    step(wait, 1000);
    turned = lower == highest / 2 && wait.pauses() == highest;
  }
  CHECK(turned);
}

TEST_CASE("where polls find next to nothing it comes down, however the rate rises") {
  auto wait = climbed(256);
  auto before = wait.pauses();
  while (before > 1) {
    const std::size_t too_few = 8 * (before + 6) / 4 - 1;  // in eight polls
    for (int poll = 0; poll < 8; ++poll) {
      wait.after_poll(poll == 0 ? too_few - 7 : 1);
    }
    CHECK(wait.pauses() == before / 2);
    before = wait.pauses();
  }
  for (int i = 0; i < 100; ++i) {
    step(wait, 1);
    CHECK(wait.pauses() == 1);
  }
}

TEST_CASE("a few polls that find a lot are compared, not the many between them that find nothing") {
  unsigned highest = 0;
  for (int attempt = 0; attempt < 50 && highest < 64; ++attempt) {
    BackOff wait;
    std::size_t records = 1000;
    for (int i = 0; i < 8; ++i, records *= 20) {
      const auto before = wait.pauses();
      for (int burst = 0; burst < 2; ++burst) {
        for (int poll = 0; poll < 8; ++poll) {
          CHECK(wait.pauses() == before);
          wait.after_poll(0);
        }
        wait.after_poll(records);
      }
      highest = std::max(highest, wait.pauses());
    }
  }
  CHECK(highest >= 64);
}

TEST_CASE("a step that found nothing comes down, if only after 64 polls") {
  auto wait = climbed(4);
  const auto before = wait.pauses();
  for (int poll = 0; poll < 63; ++poll) {
    wait.after_poll(0);
    REQUIRE(wait.pauses() == before);
  }
  wait.after_poll(0);
  CHECK(wait.pauses() == before / 2);
}

TEST_CASE(
    "after empty polls for as long as a thousand pauses it starts over, so that the first record after a lull is "
    "met at once") {
  auto wait = climbed(256);
  const auto before = wait.pauses();
  const auto polls = (1024 + before + 1) / (before + 2);
  for (unsigned poll = 1; poll < polls; ++poll) {
    wait.after_poll(0);
    CHECK(wait.pauses() == before);
  }
  wait.after_poll(0);
  CHECK(wait.pauses() == 1);
}

TEST_CASE("polls with records in between are not empty ones") {
  auto wait = climbed(256);
  const auto before = wait.pauses();
  for (int i = 0; i < 2; ++i) {
    wait.after_poll(0);
    wait.after_poll(before);
    wait.after_poll(0);
  }
  wait.before_poll();
  CHECK(wait.pauses() == before);
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
