#include "weir/core/scan.hpp"

#include <doctest/doctest.h>

#include <cstdint>
#include <string>
#include <string_view>

#include "support/random.hpp"

namespace {

using weir::Cause;
using weir::Errc;
using weir::Failure;
using weir::detail::leading_digits;
using weir::detail::Scan;

Failure syntax(std::uint64_t right, std::uint64_t size) {
  return {Errc::invalid_argument, Cause::position_syntax, right, size};
}
Failure range(std::uint64_t leading, std::uint64_t largest) {
  return {Errc::invalid_argument, Cause::number_range, leading, largest};
}
Scan scan(std::string_view text) {
  return {text, Cause::position_syntax};
}

TEST_CASE("digits are read up to the first character that is none") {
  const auto digits = leading_digits("0012x", ~std::uint64_t{0});
  CHECK(digits.value == 12);
  CHECK(digits.leading == 12);
  CHECK(digits.count == 4);
  CHECK_FALSE(digits.over);
  CHECK(leading_digits("", 9U).count == 0);
  CHECK(leading_digits("/:", 9U).count == 0);  // the neighbours of 0 and 9
}

TEST_CASE("digits over the largest are counted, and the first 19 are told") {
  const auto digits = leading_digits("123456789012345678901234567890", ~std::uint64_t{0});
  CHECK(digits.over);
  CHECK(digits.count == 30);
  CHECK(digits.leading == 1'234'567'890'123'456'789);
  for (std::uint32_t largest = 9; largest < 300; ++largest) {
    CHECK_FALSE(leading_digits(std::to_string(largest), largest).over);
    CHECK(leading_digits(std::to_string(largest), largest).value == largest);
    CHECK(leading_digits(std::to_string(largest + 1), largest).over);
    CHECK(leading_digits(std::to_string(largest) + "0", largest).over);
  }
}

TEST_CASE("a number has one text: no sign, no leading zero, not none") {
  for (const auto text : {"", "-1", "+1", " 1", "00", "01", "x"}) {
    CAPTURE(text);
    auto steps = scan(text);
    const auto number = steps.number<std::uint32_t>();
    CHECK(steps.finish(number).error() == syntax(0, std::string_view{text}.size()));
  }
  auto zero = scan("0");
  CHECK(*zero.finish(zero.number<std::uint32_t>()) == 0);
}

TEST_CASE("a number fits its type or is refused with how it begins and the largest") {
  auto most = scan("4294967295");
  CHECK(*most.finish(most.number<std::uint32_t>()) == 4'294'967'295);
  auto over = scan("4294967296");
  CHECK(over.finish(over.number<std::uint32_t>()).error() == range(4'294'967'296, 4'294'967'295));
  auto long_one = scan("18446744073709551616");
  CHECK(long_one.finish(long_one.number<std::uint64_t>()).error() ==
        range(1'844'674'407'370'955'161, ~std::uint64_t{0}));
}

TEST_CASE("a padded number has its width, or more digits and no zero before them") {
  auto exact = scan("007");
  CHECK(*exact.finish(exact.padded_number<std::uint32_t>(3)) == 7);
  auto longer = scan("1234");
  CHECK(*longer.finish(longer.padded_number<std::uint32_t>(3)) == 1234);
  for (const auto text : {"", "07", "0007", "12"}) {
    CAPTURE(text);
    auto steps = scan(text);
    CHECK_FALSE(steps.finish(steps.padded_number<std::uint32_t>(3)));
  }
}

TEST_CASE("a signed number reaches both ends of its type, and zero has no sign") {
  for (const auto number :
       {INT64_MIN, INT64_MIN + 1, std::int64_t{-1}, std::int64_t{0}, std::int64_t{1}, INT64_MAX - 1, INT64_MAX}) {
    const auto text = std::to_string(number);
    auto steps = scan(text);
    CHECK(*steps.finish(steps.signed_number()) == number);
  }
  auto over = scan("9223372036854775808");
  CHECK(over.finish(over.signed_number()).error() == range(9'223'372'036'854'775'808U, INT64_MAX));
  auto under = scan("-9223372036854775809");
  CHECK(under.finish(under.signed_number()).error() == range(9'223'372'036'854'775'809U, std::uint64_t{1} << 63));
  for (const auto text : {"", "-", "-0", "--1", "+1", "-01", "- 1"}) {
    CAPTURE(text);
    auto steps = scan(text);
    CHECK_FALSE(steps.finish(steps.signed_number()));
  }
}

TEST_CASE("the first step that fails decides, and says how much was right") {
  auto steps = scan("at 5!7");
  steps.expect("at ");
  const auto first = steps.number<std::uint32_t>();
  steps.expect("@");
  CHECK(steps.number<std::uint32_t>() == 0);
  CHECK_FALSE(steps.skip("!"));
  CHECK(first == 5);
  CHECK(steps.finish(first).error() == syntax(4, 6));
}

TEST_CASE("what is left over is refused") {
  auto steps = scan("5 ");
  CHECK(steps.finish(steps.number<std::uint32_t>()).error() == syntax(1, 2));
}

TEST_CASE("a word is stepped over when it is there, and costs nothing when it is not") {
  auto steps = scan("latest");
  CHECK_FALSE(steps.skip("late_"));
  CHECK(steps.skip("late"));
  CHECK(steps.skip("st"));
  CHECK_FALSE(steps.skip("x"));
  CHECK(steps.finish(true));
}

TEST_CASE("any number comes back from its digits") {
  weir::support::Random random;
  for (int i = 0; i < 1000; ++i) {
    const auto number = random.next() >> random.below(64);
    const auto text = std::to_string(number);
    auto steps = scan(text);
    CHECK(*steps.finish(steps.number<std::uint64_t>()) == number);
    const auto below_zero = static_cast<std::int64_t>(random.next());
    const auto with_sign = std::to_string(below_zero);
    auto others = scan(with_sign);
    CHECK(*others.finish(others.signed_number()) == below_zero);
  }
}

}  // namespace
