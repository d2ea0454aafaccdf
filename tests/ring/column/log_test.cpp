#include "weir/ring/column/log.hpp"

#include <doctest/doctest.h>

#include "conformance/record_log.hpp"
#include "ring/payloads.hpp"

namespace {

using weir::Arrival;
using weir::Options;
using weir::Producers;
using weir::support::Raw;

constexpr Options single{.producers = Producers::single};
constexpr Options single_untimed{.producers = Producers::single, .arrival = Arrival::dropped};
constexpr Options multiple{};
constexpr Options multiple_untimed{.arrival = Arrival::dropped};

template <class T, Options options>
using Log = weir::ColumnLog<T, options, weir::DefaultEnv>;

static_assert(weir::contiguous_log<Log<int, multiple>> && weir::timed_log<Log<int, multiple>>);
static_assert(!weir::keyed_log<Log<int, multiple>>, "columns hold no keys");
static_assert(!weir::timed_log<Log<int, single_untimed>>);

int whole(std::uint64_t index) {
  return static_cast<int>(index * 7919);
}

TEST_CASE("a column log of int keeps the laws of a log") {
  weir::conformance::record_log_conformance<Log<int, single>>(8, whole);
}
TEST_CASE("a column log of int with many producers keeps the laws of a log") {
  weir::conformance::record_log_conformance<Log<int, multiple>>(8, whole);
}
TEST_CASE("a column log of double without arrival times keeps the laws of a log") {
  weir::conformance::record_log_conformance<Log<double, single_untimed>>(
      32, [](std::uint64_t i) { return static_cast<double>(i) / 3; });
}
TEST_CASE("a column log of 1 byte keeps the laws of a log") {
  weir::conformance::record_log_conformance<Log<Raw<1>, multiple_untimed>>(64, Raw<1>::of);
}
TEST_CASE("a column log of 3 bytes keeps the laws of a log") {
  weir::conformance::record_log_conformance<Log<Raw<3>, single>>(1, Raw<3>::of);
}
TEST_CASE("a column log of 12 bytes keeps the laws of a log") {
  weir::conformance::record_log_conformance<Log<Raw<12>, multiple>>(1, Raw<12>::of);
}
TEST_CASE("a column log of 20 bytes keeps the laws of a log") {
  weir::conformance::record_log_conformance<Log<Raw<20>, multiple_untimed>>(2, Raw<20>::of);
}
TEST_CASE("a column log of 72 bytes keeps the laws of a log") {
  weir::conformance::record_log_conformance<Log<Raw<72>, multiple>>(16, Raw<72>::of);
}
TEST_CASE("a column log of 4 bytes and capacity 4 keeps the laws of a log") {
  weir::conformance::record_log_conformance<Log<Raw<4>, single_untimed>>(4, Raw<4>::of);
}

TEST_CASE("a closed log is settled when each claim is finished or given up, the last one as well") {
  using Claims = Log<std::uint64_t, multiple>;
  for (const bool gives_up : {false, true}) {
    weir::support::ZeroedBytes bytes{Claims::footprint(64)};
    const auto log = Claims::format(bytes.span(), 64, 1);
    auto writer = log.writer();
    weir::Claim first, last;
    const weir::CoarseClock clock;
    REQUIRE(writer.try_claim(clock, 2, first).status == weir::Append::Status::done);
    REQUIRE(writer.try_put(clock, "", 7).status == weir::Append::Status::done);
    REQUIRE(writer.try_claim(clock, 1, last).status == weir::Append::Status::done);
    log.close();
    CHECK_FALSE(log.settled());
    writer.finish(first);
    CHECK_FALSE(log.settled());
    gives_up ? writer.skip(last) : writer.finish(last);
    CHECK(log.settled());
  }
}

TEST_CASE("a payload has one size, so a largest record is refused") {
  const auto checked = Log<int, multiple>::check({}, 10);
  REQUIRE_FALSE(checked);
  CHECK(checked.error() == weir::Failure{weir::Errc::invalid_argument, weir::Cause::record_fixed, 10, sizeof(int)});
}

TEST_CASE("the default capacity is 65,536 records") {
  CHECK(*Log<int, multiple>::check({}, 0) == 65'536);
}

TEST_CASE("no column takes more than the largest shard, whatever the payload's size") {
  const auto largest = [](auto size) {
    constexpr std::size_t bytes = decltype(size)::value;
    const auto refused = Log<Raw<bytes>, multiple>::check(weir::records(std::uint64_t{1} << 60), 0);
    REQUIRE_FALSE(refused);
    const auto limit = refused.error().limit;
    CHECK(Log<Raw<bytes>, multiple>::check(weir::records(limit), 0));
    CHECK_FALSE(Log<Raw<bytes>, multiple>::check(weir::records(limit * 2), 0));
    CHECK(Log<Raw<bytes>, multiple>::footprint(limit) / bytes >= limit);
    return limit;
  };
  CHECK(largest(std::integral_constant<std::size_t, 1>{}) > largest(std::integral_constant<std::size_t, 72>{}));
}

}  // namespace
