#include "weir/stream/readership.hpp"

#include <doctest/doctest.h>

#include <memory>
#include <optional>

namespace {

using weir::Run;
using weir::detail::Readership;
using Seat = Readership::Seat;

Run run(std::size_t count, std::uint64_t missed = 0, std::int64_t next_arrival = Run::nothing_unread) {
  return {.first = 1, .count = count, .missed = missed, .end = false, .next_arrival = next_arrival};
}

TEST_CASE("seats are taken and left in any order, and the end comes when none is taken") {
  Readership readership;
  std::optional<Seat> first{std::in_place, readership}, second{std::in_place, readership},
      third{std::in_place, readership};
  CHECK(static_cast<bool>(*first));
  CHECK_FALSE(readership.end());
  second.reset();
  CHECK_FALSE(readership.end());
  third.reset();
  first.reset();
  CHECK_FALSE(readership.ended());
  CHECK(readership.end());
  CHECK(readership.ended());
  CHECK(readership.end());
  const Seat late{readership};
  CHECK_FALSE(static_cast<bool>(late));
  CHECK(readership.end());
}

TEST_CASE("what was given is counted, also of those who have left") {
  Readership readership;
  Seat stays{readership};
  {
    Seat leaves{readership};
    leaves.note(run(3), 30, 4);
    leaves.note(run(2, 7), 20, 13);
    leaves.note(run(0), 0, 13);
  }
  stays.note(run(1), 10, 2);
  const auto given = readership.given();
  CHECK(given.records == 6);
  CHECK(given.bytes == 60);
  CHECK(given.laps == 1);
  CHECK(given.missed == 7);
}

TEST_CASE("the lag is that of the slowest who has read") {
  Readership readership;
  CHECK(readership.lag(10).records == 0);
  Seat new_one{readership}, slow{readership}, quick{readership};
  slow.note(run(1, 0, 500), 8, 3);
  quick.note(run(1, 0, 700), 8, 9);
  CHECK(readership.lag(10).records == 7);
  CHECK(readership.lag(10).waiting_since == 500);
  slow.note(run(7), 56, 10);
  CHECK(readership.lag(10).records == 1);
  CHECK(readership.lag(10).waiting_since == 700);
  CHECK(readership.lag(2).records == 0);  // what it has read may be more than what the caller knows of
  quick.note(run(1), 8, 10);
  CHECK(readership.lag(10).waiting_since == Run::nothing_unread);
}

}  // namespace
