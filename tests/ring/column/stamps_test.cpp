#include "weir/ring/column/stamps.hpp"

#include <doctest/doctest.h>

#include "ring/ring.hpp"

namespace {

using namespace weir::support;
using weir::detail::run_at;
using weir::detail::skip_bit;
using State = weir::detail::StampedRun::State;
using Layout = weir::ColumnLayout<Wide, multiple, weir::DefaultEnv>;

struct Stamps {
  explicit Stamps(std::uint64_t capacity) : bytes(Layout::footprint(capacity)), layout(bytes.span(), capacity) {}
  std::uint64_t& at(std::uint64_t number) { return *layout.stamp(layout.slot(number)); }
  weir::detail::StampedRun run(std::uint64_t number) { return run_at<weir::HardwareMemory>(layout, number); }

  ZeroedBytes bytes;
  Layout layout;
};

TEST_CASE("the stamp of fresh memory is unfinished for every number") {
  Stamps stamps{16};
  for (const std::uint64_t number : {1ULL, 16ULL, 1ULL << 32, 1ULL << 42, 1ULL << 62}) {
    CHECK(stamps.run(number).state == State::unfinished);
  }
}

TEST_CASE("a stamp is finished for runs of one to the largest claim, and overtaken beyond") {
  Stamps stamps{32};  // claims of at most 4
  for (const std::uint64_t number : {7ULL, (1ULL << 32) - 2, (1ULL << 62) - 2}) {
    for (std::uint64_t length = 1; length <= 4; ++length) {
      stamps.at(number) = number + length;
      CHECK(stamps.run(number).state == State::finished);
      CHECK(stamps.run(number).end == number + length);
      stamps.at(number) |= skip_bit;
      CHECK(stamps.run(number).state == State::skipped);
      CHECK(stamps.run(number).end == number + length);
    }
    stamps.at(number) = number + 5;
    CHECK(stamps.run(number).state == State::overtaken);
    stamps.at(number) = (number + 5) | skip_bit;
    CHECK(stamps.run(number).state == State::overtaken);
    stamps.at(number) = number;
    CHECK(stamps.run(number).state == State::unfinished);
    stamps.at(number) = number | skip_bit;
    CHECK(stamps.run(number).state == State::unfinished);
  }
}

TEST_CASE("hole H10: a stamp of any other lap is never taken for this one's, even at capacity 1") {
  for (const std::uint64_t capacity : {1U, 2U, 4U, 8U, 16U, 64U}) {
    CAPTURE(capacity);
    Stamps stamps{capacity};
    const auto longest = stamps.layout.limits().max_claim();
    constexpr std::uint64_t number = (1ULL << 42) + 5;
    for (std::uint64_t length = 1; length <= longest; ++length) {
      for (std::uint64_t laps = 1; laps <= 4; ++laps) {
        for (const auto skip : {std::uint64_t{0}, skip_bit}) {
          stamps.at(number) = (number - laps * capacity + length) | skip;
          CHECK(stamps.run(number).state == State::unfinished);
          stamps.at(number) = (number + laps * capacity + length) | skip;
          CHECK(stamps.run(number).state == State::overtaken);
        }
      }
    }
  }
}

}  // namespace
