#include "weir/ring/segment/gated_reader.hpp"

#include <doctest/doctest.h>

#include <string>

#include "conformance/gated_log.hpp"
#include "ring/ring.hpp"
#include "weir/ring/segment/log.hpp"

namespace {

using weir::Append;
using weir::Arrival;
using weir::Delivery;
using weir::Options;
using weir::support::Ring;

constexpr Options timed{.delivery = Delivery::gated};
constexpr Options untimed{.arrival = Arrival::dropped, .delivery = Delivery::gated};

template <Options options>
using Log = weir::SegmentLog<std::string, options, weir::DefaultEnv>;

std::string sample(std::uint64_t index) {
  return std::to_string(index) + std::string(index % 60, '.');
}

TEST_CASE("a gated segment log keeps the laws of the gate") {
  weir::conformance::gated_log_conformance<Log<timed>>(4096, sample);
}
TEST_CASE("a gated segment log without arrival times keeps the laws of the gate") {
  weir::conformance::gated_log_conformance<Log<untimed>>(4096, sample);
}

TEST_CASE("texts lie in the ring, with their keys") {
  Ring<Log<timed>> ring{4096};
  auto writer = ring.log.writer();
  REQUIRE(writer.try_put(weir::CoarseClock{}, "a key", "a text that lies where it was put").status ==
          Append::Status::done);
  auto reader = ring.log.reader({.number = 1});
  REQUIRE(reader.read(1).count == 1);
  const auto bytes = ring.bytes.span();
  for (const std::string_view text : {std::string_view{reader.value(0)}, reader.key(0)}) {
    const auto* at = reinterpret_cast<const std::byte*>(text.data());
    CHECK(at >= bytes.data());
    CHECK(at + text.size() <= bytes.data() + bytes.size());
  }
  CHECK(reader.key(0) == "a key");
}

TEST_CASE("a reader at the end of a segment holds it no longer, and finds the next when it was recycled meanwhile") {
  Ring<Log<untimed>> ring{4096};
  auto reader = ring.log.reader({.number = 1});
  auto other = ring.log.reader({.number = 1});
  auto writer = ring.log.writer();
  const std::string text(100, 'x');
  std::uint64_t put = 0;
  const auto fill = [&] {
    while (writer.try_put(weir::CoarseClock{}, "", text).status == Append::Status::done) {
      ++put;
    }
  };
  fill();
  for (std::uint64_t had = 0; had < 40;) {  // reader stands at its end, in the middle of the ring's newest segment
    had += reader.read(1).count;
    had += 0;
    if (reader.number() > put) {
      break;
    }
  }
  std::uint64_t next = reader.number();
  for (int lap = 0; lap < 3; ++lap) {
    while (other.read(weir::support::no_limit).count != 0) {
    }
    fill();
    for (auto run = reader.read(3); run.count != 0; run = reader.read(3)) {
      CHECK(run.missed == 0);
      REQUIRE(run.first == next);
      next += run.count;
    }
  }
  CHECK(next == put + 1);
}

TEST_CASE("the largest gated ring is the one whose records its gate can count") {
  CHECK(Log<timed>::check(weir::bytes(std::uint64_t{1} << 35), 0));
  const auto refused = Log<timed>::check(weir::bytes(std::uint64_t{1} << 36), 0);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().limit == std::uint64_t{1} << 35);
}

TEST_CASE("a damaged ring whose segments all begin alike is read to an end") {
  Ring<Log<untimed>> ring{4096};
  const auto layout = ring.as<weir::SegmentLayout<untimed, weir::DefaultEnv>>();
  for (std::uint64_t segment = 0; segment < layout.segments(); ++segment) {
    layout.first(segment) = 1;
  }
  auto reader = ring.log.reader({.number = 1});
  CHECK(reader.read(10).count == 0);
}

}  // namespace
