#include "weir/ring/arrival.hpp"

#include <doctest/doctest.h>

#include <chrono>

#include "ring/interruption.hpp"
#include "weir/testing/manual_clock.hpp"

namespace {

using std::chrono::milliseconds;
using weir::Timestamp;
using weir::detail::arrive;
using weir::support::InterruptedMemory;
using weir::support::Interruption;
using weir::testing::ManualClock;

TEST_CASE("times are unsigned milliseconds, and 1970 is the earliest") {
  CHECK(weir::detail::milliseconds_of(ManualClock{Timestamp{milliseconds{1234}}}) == 1234);
  CHECK(weir::detail::milliseconds_of(ManualClock{Timestamp{milliseconds{-1}}}) == 0);
}

TEST_CASE("arrival follows the clock forward and stands while the clock is behind") {
  ManualClock clock{Timestamp{milliseconds{100}}};
  std::uint64_t last = 0;
  CHECK(arrive<weir::HardwareMemory>(last, clock) == 100);
  clock.set(Timestamp{milliseconds{40}});
  CHECK(arrive<weir::HardwareMemory>(last, clock) == 100);
  CHECK(last == 100);
  clock.set(Timestamp{milliseconds{101}});
  CHECK(arrive<weir::HardwareMemory>(last, clock) == 101);
  CHECK(last == 101);
}

TEST_CASE("a producer that is overtaken takes the later time, at whatever access") {
  for (const std::uint64_t theirs : {150U, 200U, 250U}) {
    CAPTURE(theirs);
    weir::support::at_every_access([&](std::uint64_t after) {
      const ManualClock clock{Timestamp{milliseconds{200}}};
      std::uint64_t last = 100;
      bool before_return = false;
      const Interruption interruption{after, [&] {
                                        last = std::max(last, theirs);
                                        before_return = true;
                                      }};
      const auto arrived = arrive<InterruptedMemory>(last, clock);
      CHECK(arrived >= 200);
      CHECK(last == (interruption.happened() ? std::max<std::uint64_t>(theirs, 200) : 200));
      CHECK(arrived <= last);
      return before_return;
    });
  }
}

}  // namespace
