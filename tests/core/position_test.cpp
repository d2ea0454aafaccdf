#include "weir/core/position.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <limits>
#include <type_traits>
#include <vector>

namespace {

using std::chrono::milliseconds;
using weir::Position;
using weir::SequenceNumber;
using weir::Timestamp;

constexpr SequenceNumber number{5, weir::ShardId{2}, weir::Incarnation{9}};
constexpr SequenceNumber same_value_elsewhere{5, weir::ShardId{3}, weir::Incarnation{9}};
constexpr SequenceNumber older_stream{5, weir::ShardId{2}, weir::Incarnation{8}};

TEST_CASE("each position keeps its kind and its argument") {
  static_assert(Position::trim_horizon().kind() == Position::Kind::trim_horizon);
  static_assert(Position::latest().kind() == Position::Kind::latest);
  static_assert(Position::at(number).kind() == Position::Kind::at);
  static_assert(Position::at(number).sequence_number() == number);
  static_assert(Position::after(number).kind() == Position::Kind::after);
  static_assert(Position::after(number).sequence_number() == number);
  static_assert(Position::at_timestamp(Timestamp{milliseconds{77}}).kind() == Position::Kind::at_timestamp);
  static_assert(Position::last(3).kind() == Position::Kind::last);
  CHECK(Position::last(3).count() == 3);
  CHECK(Position::last(0).count() == 0);
  CHECK(Position::last(~std::uint64_t{0}).count() == ~std::uint64_t{0});
}

TEST_CASE("a moment comes back as it went in, also one before 1970") {
  for (const auto millis : {std::int64_t{0}, std::int64_t{1}, std::int64_t{-1}, std::int64_t{1'700'000'000'123},
                            std::numeric_limits<std::int64_t>::min(), std::numeric_limits<std::int64_t>::max()}) {
    CHECK(Position::at_timestamp(Timestamp{milliseconds{millis}}).timestamp() == Timestamp{milliseconds{millis}});
  }
}

TEST_CASE("positions are equal when kind and argument are, and only then") {
  const auto all = [] {
    return std::vector{
        Position::trim_horizon(),
        Position::latest(),
        Position::at(number),
        Position::at(same_value_elsewhere),
        Position::at(older_stream),
        Position::at({}),
        Position::after(number),
        Position::after(same_value_elsewhere),
        Position::after({}),
        Position::at_timestamp(Timestamp{milliseconds{0}}),
        Position::at_timestamp(Timestamp{milliseconds{5}}),
        Position::at_timestamp(Timestamp{milliseconds{-5}}),
        Position::last(0),
        Position::last(5),
    };
  };
  const auto first = all();
  const auto second = all();
  for (std::size_t i = 0; i < first.size(); ++i) {
    for (std::size_t j = 0; j < second.size(); ++j) {
      CAPTURE(i);
      CAPTURE(j);
      CHECK((first[i] == second[j]) == (i == j));
    }
  }
}

TEST_CASE("a position is a value that is copied as bytes, and nothing becomes one by accident") {
  static_assert(std::is_trivially_copyable_v<Position>);
  static_assert(!std::is_default_constructible_v<Position> && !std::is_convertible_v<SequenceNumber, Position>);
  static_assert(!std::is_constructible_v<Position, Position::Kind>, "an at without its number could not be told");
  CHECK(sizeof(Position) <= 32);
}

}  // namespace
