#include "weir/core/position.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <limits>
#include <type_traits>
#include <vector>

#include "support/random.hpp"
#include "support/text_form.hpp"

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

TEST_CASE("a position reads as its kind and its argument") {
  CHECK(Position::trim_horizon().to_string() == "trim_horizon");
  CHECK(Position::latest().to_string() == "latest");
  CHECK(Position::at(number).to_string() == "at 5@2.9");
  CHECK(Position::after(number).to_string() == "after 5@2.9");
  CHECK(Position::at_timestamp(Timestamp{milliseconds{1'700'000'000'000}}).to_string() == "at_timestamp 1700000000000");
  CHECK(Position::at_timestamp(Timestamp{milliseconds{-5}}).to_string() == "at_timestamp -5");
  CHECK(Position::last(10).to_string() == "last 10");
}

TEST_CASE("a position comes back from its text, and nothing else is one") {
  const auto moment = [](std::uint64_t bits) {
    return Position::at_timestamp(Timestamp{milliseconds{static_cast<std::int64_t>(bits)}});
  };
  weir::support::Random random;
  std::vector<Position> all;
  for (int i = 0; i < 1000; ++i) {
    const SequenceNumber any{random.next() >> random.below(64),
                             weir::ShardId{static_cast<std::uint32_t>(random.next())},
                             weir::Incarnation{static_cast<std::uint32_t>(random.next())}};
    const auto bits = random.next() >> random.below(64);
    all.insert(all.end(),
               {Position::at(any), Position::after(any), moment(bits), moment(0 - bits), Position::last(bits)});
  }
  weir::support::check_round_trips(all);
  constexpr auto top = std::uint64_t{1} << 63;
  weir::support::check_text_form(std::vector{Position::trim_horizon(), Position::latest(), Position::at(number),
                                             Position::at({}), Position::after(number), Position::after({}), moment(0),
                                             moment(top - 1), moment(top), moment(~std::uint64_t{0}), Position::last(0),
                                             Position::last(10), Position::last(~std::uint64_t{0})});
  static_assert(*Position::parse("at 5@2.9") == Position::at(number));
}

TEST_CASE("a refused position says where its text goes wrong, or which number is too large") {
  using weir::Cause;
  const auto refused = weir::support::check_refused<Position>;
  refused("", Cause::position_syntax, 0, 0);
  refused("horizon", Cause::position_syntax, 0, 7);
  refused("LATEST", Cause::position_syntax, 0, 6);
  refused("latest 5", Cause::position_syntax, 6, 8);
  refused("trim_horizon\n", Cause::position_syntax, 12, 13);
  refused("at", Cause::position_syntax, 0, 2);
  refused("at ", Cause::position_syntax, 3, 3);
  refused("at 5", Cause::position_syntax, 4, 4);
  refused("at  5@2.9", Cause::position_syntax, 3, 9);
  refused("after 5@2.9x", Cause::position_syntax, 11, 12);
  refused("after 05@2.9", Cause::position_syntax, 6, 12);
  refused("at_timestamp", Cause::position_syntax, 0, 12);
  refused("at_timestamp -0", Cause::position_syntax, 13, 15);
  refused("at_timestamp +1", Cause::position_syntax, 13, 15);
  refused("at_timestamp 1.5", Cause::position_syntax, 14, 16);
  refused("at_timestamp 9223372036854775808", Cause::number_range, 9'223'372'036'854'775'808U, ~std::uint64_t{0} >> 1);
  refused("last -1", Cause::position_syntax, 5, 7);
  refused("last 007", Cause::position_syntax, 5, 8);
  refused("last 18446744073709551616", Cause::number_range, 1'844'674'407'370'955'161, ~std::uint64_t{0});
  refused("at 5@4294967296.9", Cause::number_range, 4'294'967'296, 4'294'967'295);
}

TEST_CASE("a position is a value that is copied as bytes, and nothing becomes one by accident") {
  static_assert(std::is_trivially_copyable_v<Position>);
  static_assert(!std::is_default_constructible_v<Position> && !std::is_convertible_v<SequenceNumber, Position>);
  static_assert(!std::is_constructible_v<Position, Position::Kind>, "an at without its number could not be told");
  CHECK(sizeof(Position) <= 32);
}

}  // namespace
