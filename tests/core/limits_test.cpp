#include "weir/core/limits.hpp"

#include <doctest/doctest.h>

#include <cstdint>
#include <limits>

namespace {

using weir::Cause;
using weir::Errc;
using weir::Failure;
using weir::Limits;

TEST_CASE("limits are off unless given, and Kinesis' are those of its documentation") {
  static_assert(Limits{} == Limits{.records_in = 0, .bytes_in = 0, .bytes_out = 0, .reads_out = 0});
  static_assert(weir::kinesis_limits() == Limits{1000, 1'048'576, 2'097'152, 5});
  static_assert(weir::kinesis_limits() != Limits{});
}

TEST_CASE("a limit that is none of its kind is refused, and the first one is named") {
  CHECK(Limits{}.check());
  CHECK(weir::kinesis_limits().check());
  CHECK(Limits{.records_in = Limits::largest, .reads_out = 0.001}.check());
  const auto refused = [](const Limits& limits, std::uint64_t place) {
    const auto checked = limits.check();
    REQUIRE_FALSE(checked);
    CHECK(checked.error() == Failure{Errc::invalid_argument, Cause::limit_rate, place, 1'000'000'000'000'000});
  };
  refused({.records_in = -1}, 1);
  refused({.bytes_in = std::numeric_limits<double>::quiet_NaN()}, 2);
  refused({.bytes_out = std::numeric_limits<double>::infinity()}, 3);
  refused({.reads_out = 1.1e15}, 4);
  refused({.records_in = -0.5, .reads_out = -0.5}, 1);
}

}  // namespace
