#include "weir/core/stable_name.hpp"

#include <doctest/doctest.h>

#include <string>

namespace stable_name_test {

struct Tick {
  double price;
  int size;
};
template <class T, int N>
struct Box {
  T values[N];
};
struct Renamed {};
struct Exact {
  std::uint32_t a;
  std::uint16_t b;
  std::uint16_t c;
};
struct Padded {
  char a;
  int b;
};

}  // namespace stable_name_test

template <>
inline constexpr std::string_view weir::stable_name<stable_name_test::Renamed> = "renamed, 2";
template <>
inline constexpr bool weir::no_padding<stable_name_test::Tick> = true;

namespace {

using namespace stable_name_test;
using weir::no_padding;
using weir::stable_name;

struct Unnamed {};

TEST_CASE("numbers are named by kind and bytes, so that all compilers agree") {
  CHECK(stable_name<unsigned char> == "u8");
  CHECK(stable_name<signed char> == "i8");
  CHECK(stable_name<bool> == "bool");
  CHECK(stable_name<short> == "i16");
  CHECK(stable_name<unsigned> == "u32");
  CHECK(stable_name<long> == "i64");
  CHECK(stable_name<unsigned long> == "u64");
  CHECK(stable_name<unsigned long long> == "u64");
  CHECK(stable_name<float> == "f32");
  CHECK(stable_name<double> == "f64");
}

TEST_CASE("types of one's own are named as they are spelled, or as one says") {
  CHECK(stable_name<Tick> == "stable_name_test::Tick");
  CHECK(stable_name<Box<int, 3>> == "stable_name_test::Box<int, 3>");
  CHECK(std::string{stable_name<Unnamed>}.ends_with("::Unnamed"));
  CHECK(stable_name<Renamed> == "renamed, 2");
}

TEST_CASE("our own types do not carry the switches of the unit that names them") {
  CHECK(stable_name<weir::Bytes> == "weir::Bytes");
  CHECK(stable_name<weir::HashKey> == "weir::HashKey");
  CHECK(stable_name<Box<weir::HashKey, 2>> == "stable_name_test::Box<weir::HashKey, 2>");
  CHECK(stable_name<std::string> == "std::string");
  CHECK(stable_name<weir::Md5Hasher> == "md5");
  CHECK(stable_name<weir::Timestamp> == "weir::Timestamp");
}

TEST_CASE("padding is assumed where the compiler cannot rule it out and nobody vouches for it") {
  static_assert(no_padding<int> && no_padding<double> && no_padding<Exact> && no_padding<Box<int, 3>>);
  static_assert(no_padding<Tick>, "somebody said so");
  static_assert(!no_padding<Padded> && !no_padding<Box<double, 2>> && !no_padding<long double>);
  static_assert(!no_padding<int*> && !no_padding<int Padded::*> && !no_padding<void (*)()>);
  CHECK(no_padding<weir::HashKey>);
}

}  // namespace
