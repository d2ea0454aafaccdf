#include <doctest/doctest.h>

#include "stress/log_stress.hpp"
#include "weir/ring/column/log.hpp"

namespace {

using weir::Arrival;
using weir::Options;
using weir::Producers;
using weir::stress::run;

using Timed = weir::ColumnLog<weir::stress::Block, Options{.producers = Producers::single}, weir::DefaultEnv>;
using Untimed = weir::ColumnLog<weir::stress::Block,
                                Options{.producers = Producers::single, .arrival = Arrival::dropped}, weir::DefaultEnv>;

TEST_CASE("one producer, columns with arrival times") {
  for (const std::uint64_t capacity : {1U, 2U, 8U, 1024U}) {
    run<Timed>({.capacity = capacity, .records = 40'000});
  }
}
TEST_CASE("one producer, columns without arrival times") {
  for (const std::uint64_t capacity : {1U, 4U, 64U, 4096U}) {
    run<Untimed>({.capacity = capacity, .records = 40'000, .first = (1ULL << 32) - 5000});
  }
}

}  // namespace
