#include "weir/core/clock.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <type_traits>

#include "support/archetypes.hpp"
#include "support/watchdog.hpp"

namespace {

using std::chrono::milliseconds;
using std::chrono::system_clock;
using weir::Timestamp;

struct Throws {
  Timestamp now() const;
};
struct Mutates {
  Timestamp now() noexcept;
};
struct Nanoseconds {
  system_clock::time_point now() const noexcept;
};

static_assert(weir::wall_clock<weir::support::MinimalClock>);
static_assert(!weir::wall_clock<Throws>, "a put reads the clock where nothing can be undone");
static_assert(!weir::wall_clock<Mutates>, "many threads read it at once");
static_assert(!weir::wall_clock<Nanoseconds>, "the unit is part of the meaning");
static_assert(!weir::wall_clock<int>);
static_assert(std::is_same_v<Timestamp::rep, std::int64_t> && std::is_same_v<Timestamp::period, std::milli>);

Timestamp precise() {
  return std::chrono::floor<milliseconds>(system_clock::now());
}

TEST_CASE("the coarse clock shows the time of day, in milliseconds since 1970") {
  const weir::support::Watchdog watchdog{"the coarse clock catches up with the precise one"};
  const weir::CoarseClock clock;
  const auto earlier = precise();
  while (clock.now() < earlier) {  // a tick behind at most: it comes
  }
  const auto coarse = clock.now();
  CHECK(coarse >= earlier);
  CHECK(coarse <= precise());
}

TEST_CASE("the coarse clock goes on") {
  const weir::support::Watchdog watchdog{"the coarse clock ticks"};
  const weir::CoarseClock clock;
  const auto first = clock.now();
  auto later = first;
  while (later == first) {
    later = clock.now();
  }
  CHECK(later > first);
}

TEST_CASE("the coarse clock is empty, so that an environment pays nothing for it") {
  CHECK(std::is_empty_v<weir::CoarseClock>);
}

}  // namespace
