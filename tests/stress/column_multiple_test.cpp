#include <doctest/doctest.h>

#include "stress/log_stress.hpp"
#include "weir/ring/column/log.hpp"

namespace {

using weir::Arrival;
using weir::Options;
using weir::Producers;
using weir::stress::run;

using Timed = weir::ColumnLog<weir::stress::Block, Options{.producers = Producers::multiple}, weir::DefaultEnv>;
using Untimed =
    weir::ColumnLog<weir::stress::Block, Options{.producers = Producers::multiple, .arrival = Arrival::dropped},
                    weir::DefaultEnv>;

TEST_CASE("many producers, columns with arrival times") {
  for (const std::uint64_t capacity : {1U, 2U, 8U, 64U, 1024U}) {
    for (std::uint64_t producers = 1; producers <= 3; ++producers) {
      run<Timed>({.capacity = capacity, .producers = producers, .records = 10'000});
    }
  }
}
TEST_CASE("many producers, columns without arrival times") {
  for (const std::uint64_t capacity : {1U, 4U, 16U, 4096U}) {
    for (std::uint64_t producers = 2; producers <= 3; ++producers) {
      run<Untimed>({.capacity = capacity, .producers = producers, .records = 10'000, .first = (1ULL << 42) - 2000});
    }
  }
}
TEST_CASE("many producers, columns that are closed under them") {
  for (const std::uint64_t capacity : {2U, 64U}) {
    for (int round = 0; round < 5; ++round) {
      run<Timed>({.capacity = capacity, .producers = 3, .records = 4'000, .closes_early = true});
      run<Untimed>({.capacity = capacity, .producers = 2, .records = 4'000, .closes_early = true});
    }
  }
}

}  // namespace
