#include "weir/core/sequence.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <compare>
#include <limits>
#include <type_traits>
#include <vector>

namespace {

using weir::Incarnation;
using weir::SequenceNumber;
using weir::ShardId;

constexpr SequenceNumber number(std::uint64_t value, std::uint32_t shard = 3, std::uint32_t incarnation = 9) {
  return {value, ShardId{shard}, Incarnation{incarnation}};
}

TEST_CASE("numbers of one shard are ordered by value, over all 64 bits") {
  constexpr auto half = std::uint64_t{1} << 63;
  constexpr auto largest = std::numeric_limits<std::uint64_t>::max();
  static_assert(number(1) < number(2) && number(2) > number(1) && number(2) <= number(2) && number(2) >= number(2));
  static_assert(number(9) < number(10));
  static_assert(number(half - 1) < number(half) && number(half) < number(largest));
  static_assert((number(5) <=> number(5)) == std::partial_ordering::equivalent);

  std::vector numbers{number(largest), number(0), number(half), number(10), number(9)};
  std::sort(numbers.begin(), numbers.end());
  CHECK(numbers == std::vector{number(0), number(9), number(10), number(half), number(largest)});
}

TEST_CASE("numbers of different shards or streams are neither less, nor greater, nor equal") {
  for (const auto& other : {number(1, 4), number(1, 3, 8), number(2, 4), number(0, 4, 8)}) {
    CAPTURE(other.to_string());
    CHECK((number(1) <=> other) == std::partial_ordering::unordered);
    CHECK_FALSE(number(1) < other);
    CHECK_FALSE(number(1) > other);
    CHECK_FALSE(number(1) <= other);
    CHECK_FALSE(number(1) >= other);
    CHECK_FALSE(number(1) == other);
    CHECK(number(1) != other);
  }
}

TEST_CASE("a number gives back its parts and prints them") {
  constexpr auto largest = std::numeric_limits<std::uint64_t>::max();
  constexpr auto most = std::numeric_limits<std::uint32_t>::max();
  constexpr auto whole = number(largest, most, most - 1);
  static_assert(whole.value() == largest && whole.shard() == ShardId{most} && whole.incarnation().value() == most - 1);
  CHECK(whole.to_string() == "18446744073709551615@4294967295.4294967294");
  CHECK(number(42).to_string() == "42@3.9");
  CHECK(SequenceNumber{} == number(0, 0, 0));
}

TEST_CASE("a number takes sixteen bytes and is copied as bytes") {
  CHECK(sizeof(SequenceNumber) == 16);
  static_assert(std::is_trivially_copyable_v<SequenceNumber>);
}

TEST_CASE("the places of puts are equal when all their parts are") {
  constexpr weir::Put put{ShardId{3}, number(5)};
  static_assert(put == weir::Put{ShardId{3}, number(5)} && put != weir::Put{ShardId{3}, number(6)} &&
                put != weir::Put{ShardId{2}, number(5)});
  constexpr weir::PutRange range{ShardId{3}, number(5), 4};
  static_assert(range != weir::PutRange{ShardId{3}, number(5), 5} && range != weir::PutRange{ShardId{3}, number(6), 4});
  CHECK(range == weir::PutRange{.shard = ShardId{3}, .first = number(5), .count = 4});
  CHECK(weir::PutRange{}.count == 0);
}

}  // namespace
