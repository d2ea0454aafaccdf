#include "weir/ring/capacity.hpp"

#include <doctest/doctest.h>

namespace {

using weir::Cause;
using weir::Failure;
using weir::detail::check_capacity;

Failure refused(std::uint64_t count) {
  const auto checked = check_capacity(weir::records(count), 64, 4, 1024);
  REQUIRE_FALSE(checked);
  return checked.error();
}

TEST_CASE("powers of two from the least to the most are taken as they are") {
  for (std::uint64_t count = 4; count <= 1024; count *= 2) {
    const auto checked = check_capacity(weir::records(count), 64, 4, 1024);
    REQUIRE(checked);
    CHECK(*checked == count);
  }
}

TEST_CASE("no capacity at all is the usual one") {
  const auto checked = check_capacity({}, 64, 4, 1024);
  REQUIRE(checked);
  CHECK(*checked == 64);
}

TEST_CASE("everything else is refused with the value and what would have been accepted") {
  CHECK(refused(0) == Failure{weir::Errc::invalid_argument, Cause::capacity_zero, 0, 1024});
  CHECK(refused(2) == Failure{weir::Errc::invalid_argument, Cause::capacity_too_small, 2, 4});
  CHECK(refused(2048) == Failure{weir::Errc::invalid_argument, Cause::capacity_too_large, 2048, 1024});
  CHECK(refused(1025).cause == Cause::capacity_too_large);
  CHECK(refused(~std::uint64_t{0}).cause == Cause::capacity_too_large);
  CHECK(refused(65) == Failure{weir::Errc::invalid_argument, Cause::capacity_not_power_of_two, 65, 128});
  CHECK(refused(1023).limit == 1024);
}

TEST_CASE("a count without a unit is not taken for none") {
  const auto checked = check_capacity({.count = 64}, 64, 4, 1024);
  REQUIRE_FALSE(checked);
  CHECK(checked.error() == Failure{weir::Errc::invalid_argument, Cause::capacity_no_unit, 64, 1024});
}

}  // namespace
