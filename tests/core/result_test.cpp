#include "weir/core/result.hpp"

#include <doctest/doctest.h>

#include <memory>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "support/aborts.hpp"

namespace {

using weir::Cause;
using weir::Errc;
using weir::Failure;
using weir::Result;

constexpr Failure refused{Errc::closed, Cause::shard_closed, 7, 0};

/// Counts what is done to it.
struct Counted {
  Counted() = default;
  Counted(const Counted& other) : copies(other.copies + 1), moves(other.moves) {}
  Counted(Counted&& other) noexcept : copies(other.copies), moves(other.moves + 1) {}
  Counted& operator=(const Counted&) = delete;
  int copies = 0;
  int moves = 0;
};

struct NoDefault {
  explicit constexpr NoDefault(int start) : number(start) {}
  int number;
};

Result<int> half(int number) {
  if (number % 2 != 0) {
    return refused;
  }
  return number / 2;
}

Result<std::vector<int>> three_numbers() {
  return std::vector{1, 2, 3};
}

TEST_CASE("a result is a value or a failure") {
  const auto good = half(8);
  CHECK(good);
  CHECK(good.has_value());
  CHECK(*good == 4);
  CHECK(good.value() == 4);

  const auto bad = half(7);
  CHECK_FALSE(bad);
  CHECK_FALSE(bad.has_value());
  CHECK(bad.error() == refused);
}

TEST_CASE("a value that is false, zero or empty is a value") {
  CHECK(Result<bool>{false});
  CHECK(Result<int>{0});
  CHECK(Result<std::string>{std::string{}});
  CHECK(Result<int*>{static_cast<int*>(nullptr)});
}

TEST_CASE("a result converts to bool only where a condition is meant") {
  static_assert(!std::is_convertible_v<Result<int>, bool> && std::is_constructible_v<bool, Result<int>>);
  static_assert(!std::is_convertible_v<Result<void>, bool> && std::is_constructible_v<bool, Result<void>>);
  CHECK((half(8) ? true : false));
}

TEST_CASE("value() throws weir::Error, which carries the failure and its sentence") {
  auto bad = half(7);
  CHECK_THROWS_AS(bad.value(), weir::Error);
  CHECK_THROWS_AS(std::as_const(bad).value(), weir::Error);
  CHECK_THROWS_AS(half(7).value(), weir::Error);
  try {
    bad.value();
    FAIL("value() of a failure came back");
  } catch (const std::exception& exception) {
    CHECK(exception.what() == refused.message());
    const auto* error = dynamic_cast<const weir::Error*>(&exception);
    REQUIRE(error != nullptr);
    CHECK(error->failure() == refused);
  }
  CHECK(bad.error() == refused);
}

TEST_CASE("an error keeps its text when it is copied and outlives its origin") {
  auto first = std::make_unique<weir::Error>(refused);
  const weir::Error second{*first};
  first.reset();
  CHECK(second.what() == refused.message());
  CHECK(second.failure() == refused);
}

TEST_CASE("what is returned is moved, never copied") {
  Result<Counted> made{Counted{}};
  CHECK(made->copies == 0);

  const Counted taken = std::move(made).value();
  CHECK(taken.copies == 0);
  const Counted dereferenced = *Result<Counted>{Counted{}};
  CHECK(dereferenced.copies == 0);

  const Counted copied = std::as_const(made).value();
  CHECK(copied.copies == 1);
  CHECK(Result<Counted> { std::move(made) } -> copies == 0);
  CHECK(Result<Counted> { made } -> copies == 1);
}

TEST_CASE("access to a named result refers to the value inside") {
  Result<std::string> text{std::string{"ab"}};
  text.value() += 'c';
  *text += 'd';
  text->push_back('e');
  CHECK(text.value() == "abcde");
  CHECK(&*text == &text.value());
  CHECK(&std::as_const(text).value() == &*text);
  static_assert(std::is_same_v<decltype(text.value()), std::string&>);
  static_assert(std::is_same_v<decltype(*std::as_const(text)), const std::string&>);
}

TEST_CASE("access to a temporary gives the value itself, so that a loop over it is safe") {
  static_assert(std::is_same_v<decltype(three_numbers().value()), std::vector<int>>);
  static_assert(std::is_same_v<decltype(*three_numbers()), std::vector<int>>);
  int sum = 0;
  for (const int number : three_numbers().value()) {
    sum += number;
  }
  for (const int number : *three_numbers()) {
    sum += number;
  }
  CHECK(sum == 12);
}

TEST_CASE("a move-only value can be put in, moved with its result and taken out") {
  static_assert(!std::is_copy_constructible_v<Result<std::unique_ptr<int>>>);
  Result<std::unique_ptr<int>> first{std::make_unique<int>(5)};
  Result<std::unique_ptr<int>> second{std::move(first)};
  CHECK(**second == 5);
  second = Result<std::unique_ptr<int>>{std::make_unique<int>(6)};
  const auto taken = std::move(second).value();
  CHECK(*taken == 6);
  second = refused;
  CHECK_FALSE(second);
}

TEST_CASE("copies and assignments carry the value or the failure over, also from one kind to the other") {
  Result<std::string> good{std::string{"text"}};
  Result<std::string> bad{refused};

  Result<std::string> copy{good};
  CHECK(*copy == "text");
  CHECK(*good == "text");
  copy = bad;
  CHECK(copy.error() == refused);
  CHECK(bad.error() == refused);
  copy = good;
  CHECK(*copy == "text");
  copy = Result<std::string>{bad};
  CHECK(copy.error() == refused);
  copy = std::move(good);
  CHECK(*copy == "text");
}

TEST_CASE("a value needs neither a default nor an assignment") {
  const Result<NoDefault> good{NoDefault{3}};
  const Result<NoDefault> bad{refused};
  CHECK(good->number == 3);
  CHECK_FALSE(bad);
}

TEST_CASE("success without a value") {
  constexpr Result<void> good;
  static_assert(good && good.has_value());
  CHECK_NOTHROW(good.value());

  const Result<void> bad{refused};
  CHECK_FALSE(bad);
  CHECK(bad.error() == refused);
  CHECK_THROWS_AS(bad.value(), weir::Error);

  auto copy = bad;
  CHECK(copy.error() == refused);
  copy = good;
  CHECK(copy);
}

TEST_CASE("results work in constant expressions") {
  static_assert(Result<int>{3}.value() == 3 && *Result<int>{4} == 4);
  static_assert(Result<NoDefault> {
    NoDefault {
      5
    }
  } -> number == 5);
  static_assert(Result<int>{refused}.error() == refused);
  static_assert(!Result<void>{refused} && Result<void>{refused}.error() == refused);
  static_assert(std::is_same_v<Result<int>::value_type, int>);
  constexpr Result<int> good{6};
  CHECK(good.value() == 6);
}

TEST_CASE("taking what is not there is caught where assertions are on") {
#if WEIR_ASSERTS
  auto bad = half(7);
  const auto good = half(8);
  const Result<void> done;
  for (const auto& text :
       {weir::support::text_of_abort([&] { static_cast<void>(*bad); }),
        weir::support::text_of_abort([&] { static_cast<void>(*std::as_const(bad)); }),
        weir::support::text_of_abort([&] { static_cast<void>(*std::move(bad)); }),
        weir::support::text_of_abort([] { static_cast<void>(Result<std::string> { refused } -> size()); })}) {
    REQUIRE(text);
    CHECK(text->find("no value") != std::string::npos);
  }
  for (const auto& text : {weir::support::text_of_abort([&] { static_cast<void>(good.error()); }),
                           weir::support::text_of_abort([&] { static_cast<void>(done.error()); })}) {
    REQUIRE(text);
    CHECK(text->find("no error") != std::string::npos);
  }
#else
  CHECK(WEIR_ASSERTS == 0);
#endif
}

TEST_CASE("a code comes back from its name, and no other text is one") {
  int codes = 0;
  for (int i = 0; i < 256; ++i) {
    const auto code = static_cast<Errc>(i);
    const auto name = std::string{to_string(code)};
    if (name.empty()) {
      continue;
    }
    CAPTURE(name);
    ++codes;
    REQUIRE(weir::parse_errc(name));
    CHECK(*weir::parse_errc(name) == code);
    for (const auto& other : {name + ' ', ' ' + name, name + name, name.substr(1), name.substr(0, name.size() - 1)}) {
      CHECK(weir::parse_errc(other).error() == Failure{Errc::invalid_argument, Cause::errc_name, other.size(), 0});
    }
  }
  CHECK(codes > static_cast<int>(Errc::out_of_memory));
  for (const auto text : {"", "Closed", "ValidationException", "0", "errc"}) {
    CHECK_FALSE(weir::parse_errc(text));
  }
  static_assert(*weir::parse_errc("closed") == Errc::closed);
}

}  // namespace
