#include "weir/ring/segment/log.hpp"

#include <doctest/doctest.h>

#include <string>

#include "conformance/record_log.hpp"
#include "ring/payloads.hpp"

namespace {

using weir::Arrival;
using weir::Options;
using weir::Producers;
using weir::support::text_of;

constexpr Options usual{};
constexpr Options untimed{.arrival = Arrival::dropped};

template <class T, Options options = usual>
using Log = weir::SegmentLog<T, options, weir::DefaultEnv>;

static_assert(weir::keyed_log<Log<std::string>> && weir::timed_log<Log<std::string>>);
static_assert(!weir::contiguous_log<Log<std::string>>, "records of variable size do not lie side by side");
static_assert(!weir::timed_log<Log<weir::Bytes, untimed>>);

TEST_CASE("a segment log of text keeps the laws of a log") {
  weir::conformance::record_log_conformance<Log<std::string>>(4096, text_of);
}
TEST_CASE("a segment log of bytes without arrival times keeps the laws of a log") {
  weir::conformance::record_log_conformance<Log<weir::Bytes, untimed>>(1024, text_of);
}
TEST_CASE("a segment log of a type with a codec keeps the laws of a log") {
  weir::conformance::record_log_conformance<Log<weir::support::Words>>(2048, [](std::uint64_t i) {
    return weir::support::Words{i % 4, text_of(i % 5)};
  });
}
TEST_CASE("a segment log for one producer keeps the laws of a log") {
  weir::conformance::record_log_conformance<Log<std::string, Options{.producers = Producers::single}>>(1024, text_of);
}
TEST_CASE("a segment log of two segments keeps the laws of a log") {
  weir::conformance::record_log_conformance<Log<std::string, untimed>>(
      128, [](std::uint64_t i) { return std::to_string(i % 100'000).substr(0, i % 9); });
}

TEST_CASE("the largest record must fit a quarter of a segment") {
  const auto largest = Log<std::string>::largest_record(4096);
  CHECK(largest == 4096 / 8 / 4 - 30);
  CHECK(Log<std::string>::check(weir::bytes(4096), static_cast<std::int64_t>(largest)));
  const auto refused = Log<std::string>::check(weir::bytes(4096), static_cast<std::int64_t>(largest) + 1);
  REQUIRE_FALSE(refused);
  CHECK(refused.error() ==
        weir::Failure{weir::Errc::invalid_argument, weir::Cause::record_limit, largest + 1, largest});
  const auto negative = Log<std::string>::check(weir::bytes(4096), -1);
  REQUIRE_FALSE(negative);
  CHECK(negative.error().cause == weir::Cause::record_limit);
}

TEST_CASE("capacities below 4096 bytes and above 2^42 are refused") {
  const auto small = Log<std::string>::check(weir::bytes(2048), 0);
  REQUIRE_FALSE(small);
  CHECK(small.error() == weir::Failure{weir::Errc::invalid_argument, weir::Cause::capacity_too_small, 2048, 4096});
  CHECK(Log<std::string>::check(weir::bytes(std::uint64_t{1} << 42), 0));
  CHECK_FALSE(Log<std::string>::check(weir::bytes(std::uint64_t{1} << 43), 0));
  CHECK(*Log<std::string>::check({}, 0) == std::uint64_t{8} << 20);
}

TEST_CASE("records of the largest size, empty ones and keys of 256 characters come back") {
  constexpr std::uint64_t capacity = 16384;
  using Text = Log<std::string>;
  weir::support::ZeroedBytes bytes{Text::footprint(capacity)};
  auto log = Text::format(bytes.span(), capacity, 1);
  auto writer = log.writer();
  auto reader = log.reader({.number = 1});
  const std::string long_key(256, 'k');
  const std::string large(Text::largest_record(capacity) - long_key.size(), 'x');
  for (int round = 0; round < 50; ++round) {
    CHECK(writer.try_put(weir::CoarseClock{}, long_key, large).status == weir::Append::Status::done);
    CHECK(writer.try_put(weir::CoarseClock{}, "k", "").status == weir::Append::Status::done);
    auto run = reader.read(1);
    REQUIRE(run.count == 1);
    CHECK(reader.key(0) == long_key);
    CHECK(reader.value(0) == large);
    run = reader.read(1);
    REQUIRE(run.count == 1);
    CHECK(reader.key(0) == "k");
    CHECK(reader.value(0).empty());
  }
}

TEST_CASE("a closed log is settled when each claim is finished or given up, in whatever segment") {
  constexpr std::uint64_t capacity = 4096;
  constexpr weir::Options gated{.delivery = weir::Delivery::gated};
  using Text = weir::SegmentLog<std::string, gated, weir::DefaultEnv>;
  const weir::RingSize size{capacity, 2};
  weir::support::ZeroedBytes bytes{Text::footprint(size)};
  const auto log = Text::format(bytes.span(), size, 1);
  auto writer = log.writer();
  const weir::CoarseClock clock;
  Text::Writer::Place early, late;
  REQUIRE(writer.claim_in_place(clock, "k", 10, early).status == weir::Append::Status::done);
  for (int i = 0; i < 30; ++i) {  // on to another segment
    REQUIRE(writer.try_put(clock, "k", std::string(30, 'x')).status == weir::Append::Status::done);
  }
  REQUIRE(writer.claim_in_place(clock, "k", 10, late).status == weir::Append::Status::done);
  REQUIRE(late.segment != early.segment);
  log.close();
  CHECK_FALSE(log.settled());
  writer.finish_in_place(late, "k", 10);
  CHECK_FALSE(log.settled());
  writer.skip(early);
  CHECK(log.settled());
}

}  // namespace
