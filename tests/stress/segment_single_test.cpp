#include <doctest/doctest.h>

#include "stress/log_stress.hpp"
#include "weir/ring/segment/log.hpp"

namespace {

using weir::Arrival;
using weir::Options;
using weir::Producers;
using weir::stress::run;

using Timed = weir::SegmentLog<std::string, Options{.producers = Producers::single}, weir::DefaultEnv>;
using Untimed = weir::SegmentLog<std::string, Options{.producers = Producers::single, .arrival = Arrival::dropped},
                                 weir::DefaultEnv>;

// At 2048 bytes a segment holds two to five records: a rotation with every few puts.
TEST_CASE("one producer, segments with arrival times") {
  for (const std::uint64_t capacity : {2048U, 4096U, 65'536U}) {
    run<Timed>({.capacity = capacity, .records = 40'000});
  }
}
TEST_CASE("one producer, segments without arrival times") {
  for (const std::uint64_t capacity : {2048U, 8192U}) {
    run<Untimed>({.capacity = capacity, .records = 40'000, .first = (1ULL << 42) - 2000});
  }
}

}  // namespace
