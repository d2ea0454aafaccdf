#include <doctest/doctest.h>

#include "stress/log_stress.hpp"
#include "weir/ring/segment/log.hpp"

namespace {

using weir::Arrival;
using weir::Options;
using weir::Producers;
using weir::stress::run;

using Timed = weir::SegmentLog<std::string, Options{.producers = Producers::multiple}, weir::DefaultEnv>;
using Untimed = weir::SegmentLog<std::string, Options{.producers = Producers::multiple, .arrival = Arrival::dropped},
                                 weir::DefaultEnv>;

// At 2048 bytes a segment holds two to five records: a rotation with every few puts.
TEST_CASE("many producers, segments with arrival times") {
  for (const std::uint64_t capacity : {2048U, 4096U, 65'536U}) {
    for (std::uint64_t producers = 1; producers <= 3; ++producers) {
      run<Timed>({.capacity = capacity, .producers = producers, .records = 10'000});
    }
  }
}
TEST_CASE("many producers, segments without arrival times") {
  for (const std::uint64_t capacity : {2048U, 8192U}) {
    for (std::uint64_t producers = 2; producers <= 3; ++producers) {
      run<Untimed>({.capacity = capacity, .producers = producers, .records = 10'000, .first = (1ULL << 42) - 2000});
    }
  }
}
TEST_CASE("many producers, segments that are closed under them") {
  for (const std::uint64_t capacity : {2048U, 4096U}) {
    for (int round = 0; round < 5; ++round) {
      run<Timed>({.capacity = capacity, .producers = 3, .records = 4'000, .closes_early = true});
      run<Untimed>({.capacity = capacity, .producers = 2, .records = 4'000, .closes_early = true});
    }
  }
}

}  // namespace
