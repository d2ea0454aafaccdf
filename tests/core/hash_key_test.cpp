#include "weir/core/hash_key.hpp"

#include <doctest/doctest.h>

#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "support/random.hpp"
#include "support/text_form.hpp"

namespace {

using weir::Cause;
using weir::Errc;
using weir::HashKey;
using weir::HashKeyRange;

constexpr std::string_view largest_text = "340282366920938463463374607431768211455";
constexpr std::string_view too_large_text = "340282366920938463463374607431768211456";

HashKey key(std::string_view text) {
  const auto parsed = HashKey::parse(text);
  INFO("parsing ", std::string{text});
  REQUIRE(parsed);
  return *parsed;
}

/// By hand and on halves, so that the test does not lean on the 128-bit arithmetic under test.
constexpr HashKey after(const HashKey& before) {
  return {before.high() + (before.low() == ~std::uint64_t{0} ? 1 : 0), before.low() + 1};
}
constexpr HashKey before(const HashKey& later) {
  return {later.high() - (later.low() == 0 ? 1 : 0), later.low() - 1};
}

TEST_CASE("numbers are read up to 2^128 - 1") {
  CHECK(key("0") == HashKey{});
  CHECK(key("1") == HashKey{1});
  CHECK(key("9") == HashKey{9});
  CHECK(key("10") == HashKey{10});
  CHECK(key("18446744073709551615") == HashKey{~std::uint64_t{0}});
  CHECK(key("18446744073709551616") == HashKey{1, 0});
  CHECK(key("170141183460469231731687303715884105728") == HashKey{std::uint64_t{1} << 63, 0});
  CHECK(key("340282366920938463463374607431768211454") == before(HashKey::largest()));
  CHECK(key(largest_text) == HashKey::largest());
}

TEST_CASE("2^128 and more is refused, with enough digits to know it by and their count") {
  struct Case {
    std::string text;
    std::uint64_t leading;
  };
  for (const auto& refused : {
           Case{std::string{too_large_text}, 3402823669209384634},
           Case{"340282366920938463463374607431768211460", 3402823669209384634},
           Case{"340282366920938463463374607431768211465", 3402823669209384634},
           Case{"340282366920938463463374607431768211500", 3402823669209384634},
           Case{"350000000000000000000000000000000000000", 3500000000000000000},
           Case{"999999999999999999999999999999999999999", 9999999999999999999U},
           // Modulo 2^128 these are small numbers, or shrink on the way.
           Case{"680564733841876926926749214863536422912", 6805647338418769269},
           Case{"3402823669209384634633746074317682114560", 3402823669209384634},
           Case{"1000000000000000000000000000000000000000", 1000000000000000000},
           Case{std::string(500, '7'), 7777777777777777777},
       }) {
    CAPTURE(refused.text);
    const auto parsed = HashKey::parse(refused.text);
    REQUIRE_FALSE(parsed);
    CHECK(parsed.error() ==
          weir::Failure{Errc::invalid_argument, Cause::hash_key_range, refused.leading, refused.text.size()});
  }
}

TEST_CASE("39 digits may be in range or over") {
  CHECK(HashKey::parse("100000000000000000000000000000000000000"));
  CHECK(HashKey::parse("339999999999999999999999999999999999999"));
  CHECK(HashKey::parse(largest_text));
  CHECK_FALSE(HashKey::parse(too_large_text));
}

TEST_CASE("what is no decimal number is refused, and the failure has its length") {
  using namespace std::string_view_literals;
  for (const auto text : {""sv,
                          " "sv,
                          "-1"sv,
                          "+1"sv,
                          "-0"sv,
                          " 1"sv,
                          "1 "sv,
                          "1\n"sv,
                          "00"sv,
                          "01"sv,
                          "0000001"sv,
                          "1.0"sv,
                          "1e3"sv,
                          "0x10"sv,
                          "1'000"sv,
                          "1,000"sv,
                          "12345678a9"sv,
                          "a"sv,
                          "/"sv,
                          ":"sv,
                          "\0"sv,
                          "1\0"sv,
                          "\xD9\xA1"sv,
                          "\xEF\xBC\x91"sv,
                          "0340282366920938463463374607431768211455"sv,
                          "99999999999999999999999999999999999999999999999999x"sv}) {
    const std::string shown{text};
    CAPTURE(shown);
    const auto parsed = HashKey::parse(text);
    REQUIRE_FALSE(parsed);
    CHECK(parsed.error() == weir::Failure{Errc::invalid_argument, Cause::hash_key_syntax, text.size(), 0});
  }
}

TEST_CASE("hash keys are read at compile time, and no text beside one is taken for another") {
  static_assert(*HashKey::parse("18446744073709551616") == HashKey{1, 0});
  weir::support::check_text_form(std::vector{HashKey{}, HashKey{7}, HashKey{1, 0}, HashKey::largest()});
}

TEST_CASE("a refusal of a leading zero says so") {
  CHECK(HashKey::parse("007").error().message().find("leading zero") != std::string::npos);
}

TEST_CASE("only the view is read, not what follows it") {
  CHECK(*HashKey::parse(std::string_view{"12345"}.substr(1, 2)) == HashKey{23});
}

TEST_CASE("printing and reading are inverse, at powers of two and ten, their neighbours, and anywhere") {
  std::vector<HashKey> keys{{}, HashKey::largest(), before(HashKey::largest())};
  for (unsigned bit = 0; bit < 64; ++bit) {
    for (const auto& power : {HashKey{std::uint64_t{1} << bit}, HashKey{std::uint64_t{1} << bit, 0}}) {
      keys.insert(keys.end(), {before(power), power, after(power)});
    }
  }
  std::string power = "1";
  for (int digits = 1; digits <= 39; ++digits, power += '0') {
    CHECK(key(power).to_string() == power);
    keys.push_back(before(key(power)));
    CHECK(keys.back().to_string() == (digits == 1 ? "0" : std::string(static_cast<std::size_t>(digits - 1), '9')));
  }
  weir::support::Random random;
  for (int i = 0; i < 1000; ++i) {
    keys.emplace_back(random.next() >> random.below(64), random.next());
  }
  for (const auto& any : keys) {
    const auto text = any.to_string();
    CAPTURE(text);
    CHECK(key(text) == any);
  }
  CHECK(HashKey::largest().to_string() == largest_text);
}

TEST_CASE("hash keys are ordered as numbers are, the high half first") {
  static_assert(HashKey{0, ~std::uint64_t{0}} < HashKey{1, 0} && HashKey{1, 5} < HashKey{2, 4});
  static_assert(HashKey{7, 1} < HashKey{7, 2} && HashKey{7, 2} == HashKey{7, 2} && HashKey{7, 2} != HashKey{2, 7});
  static_assert(HashKey{} < HashKey::largest() && HashKey{9} == HashKey{0, 9});
  static_assert(!std::is_convertible_v<std::uint64_t, HashKey>, "a number is a hash key when it is said to be");
  CHECK(HashKey{3, 4}.high() == 3);
  CHECK(HashKey{3, 4}.low() == 4);
}

TEST_CASE("both ends of a range belong to it") {
  constexpr HashKeyRange range{HashKey{5}, HashKey{1, 0}};
  static_assert(range.contains(HashKey{5}) && range.contains(HashKey{1, 0}) && range.contains(HashKey{77}));
  static_assert(!range.contains(HashKey{4}) && !range.contains(HashKey{1, 1}) && !range.contains(HashKey::largest()));
  static_assert(HashKeyRange{}.contains(HashKey{}) && HashKeyRange{}.contains(HashKey::largest()));
  constexpr HashKeyRange one{HashKey{5}, HashKey{5}};
  CHECK(one.contains(HashKey{5}));
  CHECK_FALSE(one.contains(HashKey{6}));
  CHECK(one != range);
}

TEST_CASE("a range is split where both halves keep two keys, and halves adjoin") {
  const HashKeyRange whole;
  CHECK_FALSE(whole.splits_at(HashKey{0}));
  CHECK_FALSE(whole.splits_at(HashKey{1}));
  CHECK(whole.splits_at(HashKey{2}));
  CHECK(whole.splits_at(HashKey{~std::uint64_t{0}, ~std::uint64_t{0} - 1}));
  CHECK_FALSE(whole.splits_at(HashKey::largest()));
  for (std::uint64_t keys = 1; keys <= 9; ++keys) {
    for (const HashKey& from : {HashKey{0}, HashKey{7, ~std::uint64_t{0} - 2}, HashKey{~std::uint64_t{0}, ~keys + 1}}) {
      auto to = from;
      for (std::uint64_t i = 1; i < keys; ++i) {
        to = to.low() + 1 == 0 ? HashKey{to.high() + 1, 0} : HashKey{to.high(), to.low() + 1};
      }
      const HashKeyRange range{from, to};
      CAPTURE(range);
      CHECK(range.splits_at(range.midpoint()) == (keys >= 4));
      if (keys > 1) {
        const auto [lower, upper] = range.split(range.midpoint());
        CHECK(lower.starting == from);
        CHECK(upper.ending == to);
        CHECK(lower.adjoins(upper));
        CHECK_FALSE(upper.adjoins(lower));
        CHECK_FALSE(range.adjoins(range));
      }
    }
  }
  CHECK(whole.midpoint() == HashKey{std::uint64_t{1} << 63, 0});
  CHECK_FALSE(
      HashKeyRange{HashKey{3}, HashKey::largest()}.adjoins({HashKey{0}, HashKey{2}}));  // there is nothing beyond
  CHECK(HashKeyRange{HashKey{5}, HashKey{5}}.midpoint() == HashKey{5});
}

TEST_CASE("three shards have the ranges that Kinesis gives them") {
  struct Case {
    std::string_view starting;
    std::string_view ending;
  };
  constexpr Case expected[] = {
      {"0", "113427455640312821154458202477256070484"},
      {"113427455640312821154458202477256070485", "226854911280625642308916404954512140969"},
      {"226854911280625642308916404954512140970", "340282366920938463463374607431768211455"},
  };
  for (std::uint32_t i = 0; i < 3; ++i) {
    const auto range = HashKeyRange::initial(i, 3);
    CHECK(range.starting.to_string() == expected[i].starting);
    CHECK(range.ending.to_string() == expected[i].ending);
  }
}

TEST_CASE("explicit hash keys reach the shard that Kinesis sends them to") {
  const auto shard = [](std::string_view text) { return HashKeyRange::initial_index(key(text), 3); };
  CHECK(shard(largest_text) == 2);
  CHECK(shard("226854911280625642308916404954512140969") == 1);
  CHECK(shard("226854911280625642308916404954512140970") == 2);
  CHECK(shard("0") == 0);
  CHECK_FALSE(HashKey::parse(too_large_text));
}

TEST_CASE("a power of two cuts the space evenly: floor(2^128 / N), not floor((2^128 - 1) / N)") {
  static_assert(HashKeyRange::initial(1, 2).starting == HashKey{std::uint64_t{1} << 63, 0});
  static_assert(HashKeyRange::initial(3, 4).starting == HashKey{std::uint64_t{3} << 62, 0});
  static_assert(HashKeyRange::initial_index(HashKey{std::uint64_t{1} << 63, 0}, 2) == 1);
  CHECK(HashKeyRange::initial(0, 2).ending == before(HashKey{std::uint64_t{1} << 63, 0}));
}

TEST_CASE("one shard has the whole space") {
  static_assert(HashKeyRange::initial(0, 1) == HashKeyRange{});
  CHECK(HashKeyRange::initial_index(HashKey{}, 1) == 0);
  CHECK(HashKeyRange::initial_index(HashKey::largest(), 1) == 0);
}

/// First the whole, then the inside: the ranges follow each other from 0 to 2^128 - 1, and every key asked is found in
/// the range that has it.
void check_tiling(std::uint32_t count, weir::support::Random& random) {
  CAPTURE(count);
  std::uint64_t wrong = 0;
  HashKey next;
  for (std::uint32_t i = 0; i < count; ++i) {
    const auto range = HashKeyRange::initial(i, count);
    wrong += range.starting == next ? 0 : 1;
    wrong += range.starting <= range.ending ? 0 : 1;
    wrong += HashKeyRange::initial_index(range.starting, count) == i ? 0 : 1;
    wrong += HashKeyRange::initial_index(range.ending, count) == i ? 0 : 1;
    wrong += i == 0 || HashKeyRange::initial_index(before(range.starting), count) == i - 1 ? 0 : 1;
    wrong += i + 1 == count || HashKeyRange::initial_index(after(range.ending), count) == i + 1 ? 0 : 1;
    if (i + 1 == count) {
      wrong += range.ending == HashKey::largest() ? 0 : 1;
    } else {
      next = after(range.ending);
    }
  }
  CHECK(wrong == 0);

  const auto first = HashKeyRange::initial(0, count);
  for (int i = 0; i < 200; ++i) {
    const HashKey any{random.next(), random.next()};
    const auto index = HashKeyRange::initial_index(any, count);
    REQUIRE(index < count);
    wrong += HashKeyRange::initial(index, count).contains(any) ? 0 : 1;
  }
  CHECK(wrong == 0);
  CHECK(HashKeyRange::initial_index(first.ending, count) == 0);
}

TEST_CASE("initial ranges tile the space, and initial_index is their inverse") {
  weir::support::Random random;
  for (std::uint32_t count = 1; count <= 64; ++count) {
    check_tiling(count, random);
  }
  for (const std::uint32_t count : {100U, 127U, 128U, 129U, 1000U, 9999U, 10'000U}) {
    check_tiling(count, random);
  }
}

TEST_CASE("all ranges but the last have one length, and the last has the remainder too") {
  for (const std::uint32_t count : {3U, 5U, 6U, 7U, 64U, 10'000U}) {
    CAPTURE(count);
    const auto length = HashKeyRange::initial(1, count).starting;
    const auto last = HashKeyRange::initial(count - 1, count);
    // 2^128 - 1 - last.starting is the last's length less one; subtraction on halves.
    const HashKey extent{HashKey::largest().high() - last.starting.high(),
                         HashKey::largest().low() - last.starting.low()};
    CHECK(extent >= before(length));
    const HashKey remainder{extent.high() - before(length).high() - (extent.low() < before(length).low() ? 1 : 0),
                            extent.low() - before(length).low()};
    CHECK(remainder < HashKey{count});
  }
}

}  // namespace
