#include "weir/stream/log_for.hpp"

#include <doctest/doctest.h>

#include <array>
#include <string>
#include <type_traits>

#include "support/archetypes.hpp"

namespace {

/// Both copied bytewise and encoded.
struct Point {
  int x;
  int y;
};

}  // namespace

template <>
struct weir::Codec<Point> {
  using argument = Point;
  using view = Point;
  static std::size_t encoded_size(argument) { return 2; }
  static void encode(std::span<std::byte> out, argument point) {
    out[0] = static_cast<std::byte>(point.x);
    out[1] = static_cast<std::byte>(point.y);
  }
  static view decode(std::span<const std::byte> bytes) {
    return {static_cast<int>(bytes[0]), static_cast<int>(bytes[1])};
  }
};

namespace {

template <class T, weir::Options options = weir::Options{}>
using Log = weir::LogFor<T, options, weir::DefaultEnv>;
template <class T, weir::Options options = weir::Options{}>
using Columns = weir::ColumnLog<T, options, weir::DefaultEnv>;
template <class T, weir::Options options = weir::Options{}>
using Segments = weir::SegmentLog<T, options, weir::DefaultEnv>;

constexpr weir::Options single{.producers = weir::Producers::single};
constexpr weir::Options dropped{.arrival = weir::Arrival::dropped};
constexpr weir::Options single_dropped{.producers = weir::Producers::single, .arrival = weir::Arrival::dropped};

TEST_CASE("payloads of one size live in columns, those with a codec in segments, and a codec decides") {
  enum class Side : std::uint8_t { buy, sell };
  CHECK(std::is_same_v<Log<char>, Columns<char>>);
  CHECK(std::is_same_v<Log<double, single>, Columns<double, single>>);
  CHECK(std::is_same_v<Log<Side>, Columns<Side>>);
  CHECK(std::is_same_v<Log<int*>, Columns<int*>>);
  CHECK(std::is_same_v<Log<std::array<short, 5>, dropped>, Columns<std::array<short, 5>, dropped>>);
  CHECK(std::is_same_v<Log<std::string>, Segments<std::string>>);
  CHECK(std::is_same_v<Log<weir::Bytes, single>, Segments<weir::Bytes, single>>);
  CHECK(std::is_same_v<Log<weir::support::MinimalPayload>, Segments<weir::support::MinimalPayload>>);
  CHECK(std::is_trivially_copyable_v<Point>);
  CHECK(std::is_same_v<Log<Point>, Segments<Point>>);
}

TEST_CASE_TEMPLATE("each log has the parts that its options promise, and no others", Options_,
                   std::integral_constant<int, 0>, std::integral_constant<int, 1>, std::integral_constant<int, 2>,
                   std::integral_constant<int, 3>) {
  constexpr std::array all{weir::Options{}, single, dropped, single_dropped};
  constexpr auto options = all[Options_::value];
  constexpr bool timed = options.arrival == weir::Arrival::kept;
  using Column = Log<int, options>;
  using Segment = Log<std::string, options>;
  CHECK(weir::record_log<Column>);
  CHECK(weir::record_log<Segment>);
  CHECK(weir::contiguous_log<Column>);
  CHECK_FALSE(weir::contiguous_log<Segment>);
  CHECK_FALSE(weir::keyed_log<Column>);
  CHECK(weir::keyed_log<Segment>);
  CHECK(weir::timed_log<Column> == timed);
  CHECK(weir::timed_log<Segment> == timed);
  CHECK(Column::unit == weir::Capacity::Unit::records);
  CHECK(Segment::unit == weir::Capacity::Unit::bytes);
}

}  // namespace
