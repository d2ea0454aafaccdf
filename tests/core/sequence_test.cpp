#include "weir/core/sequence.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <compare>
#include <limits>
#include <type_traits>
#include <vector>

#include "support/random.hpp"
#include "support/text_form.hpp"

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

TEST_CASE("a number comes back from its text, and nothing else is one") {
  weir::support::Random random;
  std::vector<SequenceNumber> all;
  for (int i = 0; i < 3000; ++i) {
    all.push_back(number(random.next() >> random.below(64),
                         static_cast<std::uint32_t>(random.next() >> (32 + random.below(32))),
                         static_cast<std::uint32_t>(random.next() >> (32 + random.below(32)))));
  }
  weir::support::check_round_trips(all);
  weir::support::check_text_form(std::vector{number(0, 0, 0), number(17, 0, 123), number(~std::uint64_t{0}, ~0U, ~0U)});
  // One and two digits in three places, where no two begin with a zero, in at most seven characters.
  const int one = 3, two = 2 * 3;
  CHECK(weir::support::check_all_texts<SequenceNumber>("012@. -", 7) ==
        one * one * one + 3 * one * one * two + 3 * one * two * two + 3 * one * one * 18);
  static_assert(*SequenceNumber::parse("42@3.9") == number(42));
}

TEST_CASE("a refused number says where its text goes wrong, or which part is too large") {
  using weir::Cause;
  const auto refused = weir::support::check_refused<SequenceNumber>;
  refused("", Cause::sequence_number_syntax, 0, 0);
  refused("17", Cause::sequence_number_syntax, 2, 2);
  refused("17@", Cause::sequence_number_syntax, 3, 3);
  refused("17@0", Cause::sequence_number_syntax, 4, 4);
  refused("17@0.", Cause::sequence_number_syntax, 5, 5);
  refused("@0.1", Cause::sequence_number_syntax, 0, 4);
  refused("-1@0.1", Cause::sequence_number_syntax, 0, 6);
  refused("017@0.1", Cause::sequence_number_syntax, 0, 7);
  refused("17@00.1", Cause::sequence_number_syntax, 3, 7);
  refused("17@0.1 ", Cause::sequence_number_syntax, 6, 7);
  refused("17@0,1", Cause::sequence_number_syntax, 4, 6);
  refused("18446744073709551616@0.1", Cause::number_range, 1'844'674'407'370'955'161, ~std::uint64_t{0});
  refused("17@4294967296.1", Cause::number_range, 4'294'967'296, 4'294'967'295);
  refused("17@0.4294967296", Cause::number_range, 4'294'967'296, 4'294'967'295);
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
