#include <doctest/doctest.h>

#include "stress/log_stress.hpp"
#include "weir/ring/column/log.hpp"
#include "weir/ring/segment/log.hpp"

namespace {

using weir::Arrival;
using weir::Delivery;
using weir::Options;
using weir::Producers;
using weir::stress::run;

using One = weir::ColumnLog<weir::stress::Block, Options{.producers = Producers::single, .delivery = Delivery::gated},
                            weir::DefaultEnv>;
using Many = weir::ColumnLog<weir::stress::Block, Options{.arrival = Arrival::dropped, .delivery = Delivery::gated},
                             weir::DefaultEnv>;
using Texts = weir::SegmentLog<std::string, Options{.delivery = Delivery::gated}, weir::DefaultEnv>;

TEST_CASE("gated columns of one producer lose nothing, while readers come and go") {
  for (const std::uint64_t capacity : {1U, 2U, 16U, 1024U}) {
    run<One>({.capacity = capacity, .records = 10'000, .first = (1ULL << 32) - 2000});
  }
}
TEST_CASE("gated columns of many producers lose nothing, while readers come and go") {
  for (const std::uint64_t capacity : {1U, 4U, 64U, 4096U}) {
    for (std::uint64_t producers = 1; producers <= 3; ++producers) {
      run<Many>({.capacity = capacity, .producers = producers, .records = 6'000});
    }
    run<Many>({.capacity = capacity, .producers = 3, .records = 3'000, .closes_early = true});
  }
}
TEST_CASE("gated segments lose nothing, while readers come and go") {
  for (const std::uint64_t capacity : {4096U, 65'536U}) {
    for (std::uint64_t producers = 1; producers <= 3; ++producers) {
      run<Texts>({.capacity = capacity, .producers = producers, .records = 5'000, .first = (1ULL << 42) - 2000});
    }
    run<Texts>({.capacity = capacity, .producers = 3, .records = 3'000, .closes_early = true});
  }
}

}  // namespace
