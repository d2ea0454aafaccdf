#include "weir/core/config.hpp"

#include <doctest/doctest.h>

#include <bit>
#include <string>
#include <string_view>

#include "support/aborts.hpp"

namespace {

#define WEIR_TEST_TEXT_(...) #__VA_ARGS__
#define WEIR_TEST_TEXT(...) WEIR_TEST_TEXT_(__VA_ARGS__)

TEST_CASE("the inline namespace names the version's format and each switch that changes code") {
  std::string expected = "v0_";
#if defined(__cpp_exceptions)
  expected += 'e';
#else
  expected += 'n';
#endif
#if defined(NDEBUG)
  expected += 'r';
#else
  expected += 'a';
#endif
#if WEIR_THREAD_SANITIZER
  expected += 't';
#else
  expected += 'p';
#endif
  CHECK(std::string_view{WEIR_TEST_TEXT(WEIR_ABI)} == expected);
}

TEST_CASE("the namespace is inline: users spell weir:: and nothing more") {
  CHECK(&weir::line_size == &weir::WEIR_ABI::line_size);
}

TEST_CASE("the switches follow the compiler") {
#if defined(__cpp_exceptions)
  CHECK(WEIR_EXCEPTIONS == 1);
#else
  CHECK(WEIR_EXCEPTIONS == 0);
#endif
#if defined(NDEBUG)
  CHECK(WEIR_ASSERTS == 0);
#else
  CHECK(WEIR_ASSERTS == 1);
#endif
}

TEST_CASE("a line holds two cache lines and is a power of two") {
  static_assert(weir::line_size == 128, "a constant of the file format");
  CHECK(std::has_single_bit(weir::line_size));
}

TEST_CASE("the version is made of numbers") {
  static_assert(WEIR_VERSION_MAJOR >= 0 && WEIR_VERSION_MINOR >= 0 && WEIR_VERSION_PATCH >= 0);
  CHECK(std::string{WEIR_TEST_TEXT(WEIR_VERSION_MAJOR.WEIR_VERSION_MINOR.WEIR_VERSION_PATCH)} ==
        std::to_string(WEIR_VERSION_MAJOR) + '.' + std::to_string(WEIR_VERSION_MINOR) + '.' +
            std::to_string(WEIR_VERSION_PATCH));
}

constexpr int checked(int value) {
  return WEIR_ASSERT(value > 0, "value must be positive"), value;
}

TEST_CASE("an assertion that holds is an expression without effect, in constant expressions too") {
  static_assert(checked(3) == 3);
  CHECK(checked(4) == 4);
}

TEST_CASE("an assertion that fails ends the program with its text and place, and is compiled out in release") {
  const auto text = weir::support::text_of_abort([] { checked(-1); });
#if WEIR_ASSERTS
  REQUIRE(text);
  CHECK(text->find("value must be positive") != std::string::npos);
  CHECK(text->find("config_test.cpp:") != std::string::npos);
#else
  CHECK_FALSE(text);
#endif
}

TEST_CASE("conditions that convert to bool only explicitly can be asserted") {
  struct Explicit {
    explicit operator bool() const { return true; }
  };
  CHECK_FALSE(weir::support::text_of_abort([] { WEIR_ASSERT(Explicit{}, "holds"); }));
}

}  // namespace
