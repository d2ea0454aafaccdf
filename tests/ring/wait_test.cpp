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

/// A step of the climb: 8 polls, of which the last `finding` found `records` each.
void step(BackOff& wait, std::size_t records, int finding = 8) {
  for (int poll = 0; poll < 8; ++poll) {
    wait.after_poll(poll >= 8 - finding ? records : 0);
  }
}

TEST_CASE("back-off begins with one pause") {
  CHECK(BackOff{}.pauses() == 1);
}

TEST_CASE("it climbs while the rate rises by far, and only every 8 polls") {
  // A thread that is suspended in the middle of a step sees its rate fall; so the highest of some climbs counts.
  unsigned highest = 0;
  for (int attempt = 0; attempt < 50 && highest < 1024; ++attempt) {
    BackOff wait;
    std::size_t records = 1;
    for (int i = 0; i < 12; ++i, records *= 30) {
      const auto before = wait.pauses();
      for (int poll = 0; poll < 7; ++poll) {
        wait.after_poll(records / 8);
        CHECK(wait.pauses() == before);
      }
      wait.after_poll(records);
      CHECK(std::has_single_bit(wait.pauses()));
      CHECK((wait.pauses() == std::min(2 * before, 1024U) || wait.pauses() == std::max(before / 2, 1U)));
      highest = std::max(highest, wait.pauses());
    }
  }
  CHECK(highest == 1024);
}

TEST_CASE("it comes down when the rate falls") {
  BackOff wait;
  step(wait, 1);
  step(wait, std::size_t{1} << 40);
  const auto climbed = wait.pauses();
  REQUIRE(climbed > 1);
  step(wait, 1);
  CHECK(wait.pauses() == climbed / 2);
}

TEST_CASE("where most polls find nothing it comes down, however the rate rises") {
  for (int finding = 0; finding <= 4; ++finding) {
    CAPTURE(finding);
    BackOff wait;
    step(wait, 1);
    REQUIRE(wait.pauses() == 2);
    std::size_t records = 1;
    for (int i = 0; i < 6; ++i) {
      step(wait, records *= 100, finding);
      CHECK(wait.pauses() == 1);
    }
  }
}

TEST_CASE("a step that found nothing comes down") {
  BackOff wait;
  step(wait, 1);
  CHECK(wait.pauses() == 2);
  for (int poll = 0; poll < 8; ++poll) {
    wait.after_poll(0);
  }
  CHECK(wait.pauses() == 1);
}

TEST_CASE("after 64 empty polls it starts over, so that the first record after a lull is met at once") {
  BackOff wait;
  std::size_t records = 1;
  while (wait.pauses() < 256) {
    step(wait, records);
    records = records > (std::size_t{1} << 55) ? 1 : records * 30;
  }
  const auto climbed = wait.pauses();
  for (int poll = 0; poll < 63; ++poll) {
    wait.after_poll(0);
  }
  CHECK(wait.pauses() <= climbed);
  wait.after_poll(0);
  CHECK(wait.pauses() == 1);
}

TEST_CASE("polls with records in between are not empty ones") {
  BackOff wait;
  for (int i = 0; i < 10; ++i) {
    for (int poll = 0; poll < 63; ++poll) {
      wait.after_poll(0);
    }
    wait.before_poll();
    wait.after_poll(1);
  }
  CHECK(wait.pauses() <= 2);
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
