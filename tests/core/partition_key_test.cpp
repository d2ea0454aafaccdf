#include "weir/core/partition_key.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <type_traits>

#include "support/archetypes.hpp"
#include "support/random.hpp"

namespace {

using weir::Cause;
using weir::Errc;
using weir::Failure;
using weir::HashKey;
using weir::PartitionKey;
using KeyArgument = weir::KeyArgument<weir::Md5Hasher>;

std::string repeat(std::string_view text, std::size_t count) {
  std::string all;
  for (std::size_t i = 0; i < count; ++i) {
    all += text;
  }
  return all;
}

constexpr Failure too_long(std::uint64_t units) {
  return {Errc::validation, Cause::key_length, units, 256};
}

/// UTF-8 of one, two, three and four bytes; the last takes two UTF-16 units.
struct Character {
  std::string_view text;
  std::size_t units;
};
constexpr Character characters[] = {{"k", 1},          {"\x7F", 1},       {"\u0080", 1},    {"\u00e9", 1},
                                    {"\u07FF", 1},     {"\u0800", 1},     {"\u65e5", 1},    {"\uFFFF", 1},
                                    {"\U00010000", 2}, {"\U0001F389", 2}, {"\U0010FFFF", 2}};

TEST_CASE("a key has 1 to 256 UTF-16 units, whatever its bytes") {
  for (const auto& character : characters) {
    const auto text = character.text;
    const auto units = character.units;
    CAPTURE(text);
    CHECK(PartitionKey::make(text));
    const auto fits = 256 / units;
    CHECK(PartitionKey::make(repeat(text, fits)));
    CHECK(PartitionKey::make(repeat(text, fits - 1) + std::string(units, 'x')));
    CHECK(PartitionKey::make(repeat(text, fits) + 'x').error() == too_long(257));
    CHECK(PartitionKey::make(repeat(text, fits + 1)).error() == too_long(256 + units));
    CHECK(PartitionKey::make(repeat(text, 5 * fits)).error() == too_long(5 * 256));
  }
}

TEST_CASE("a surrogate pair that stands astride the limit is over it") {
  CHECK(PartitionKey::make(std::string(254, 'x') + "\U0001F389"));
  CHECK(PartitionKey::make(std::string(255, 'x') + "\U0001F389").error() == too_long(257));
}

TEST_CASE("an empty key is refused") {
  const Failure empty{Errc::validation, Cause::key_empty, 0, 256};
  CHECK(PartitionKey::make("").error() == empty);
  CHECK(PartitionKey::make(std::string_view{}).error() == empty);
  CHECK(PartitionKey::with_explicit_hash("", HashKey{}).error() == empty);
  CHECK(KeyArgument{""}.check().error() == empty);
}

TEST_CASE("a key of one zero byte is a key") {
  const auto key = PartitionKey::make(std::string_view{"\0", 1});
  REQUIRE(key);
  CHECK(key->text().size() == 1);
}

TEST_CASE("lengths are counted at compile time too") {
  static_assert(weir::detail::utf16_length("") == 0 && weir::detail::utf16_length("abc") == 3);
  static_assert(weir::detail::utf16_length("\u65e5\u672c\U0001F389") == 4);
  CHECK(weir::max_key_characters == 256);
}

TEST_CASE("bytes that are no UTF-8 make a key as long as they are few, and never an endless one") {
  for (int i = 0x80; i < 256; ++i) {
    CAPTURE(i);
    const auto byte = static_cast<char>(i);
    CHECK(PartitionKey::make(std::string(1, byte)));
    CHECK(PartitionKey::make(std::string(256, byte)));
    CHECK_FALSE(PartitionKey::make(std::string(769, byte)));
    CHECK_FALSE(PartitionKey::make(std::string(1'000'000, byte)));
  }
  CHECK(PartitionKey::make(std::string(769, '\x80')).error() == too_long(257));
  CHECK(PartitionKey::make(std::string(257, '\xFF')).error() == too_long(257));
  CHECK(PartitionKey::make("\xF0"));          // cut off in the first character
  CHECK(PartitionKey::make("\xE6\x97"));      // in the second byte
  CHECK(PartitionKey::make("\xED\xA0\x80"));  // half of a surrogate pair
  CHECK(PartitionKey::make("\xC0\x80"));      // an overlong zero
}

TEST_CASE(
    "whatever the bytes: a longer text is never shorter, none of up to 256 bytes is refused, none beyond 768 taken") {
  weir::support::Random random;
  for (int i = 0; i < 2000; ++i) {
    std::string text(1 + random.below(900), '\0');
    for (auto& c : text) {
      c = static_cast<char>(static_cast<unsigned char>(random.next()));
    }
    const auto checked = weir::detail::check_key(text);
    REQUIRE((text.size() > 256 || checked));
    REQUIRE((text.size() <= 768 || !checked));
    if (!checked) {
      REQUIRE(checked.error().code == Errc::validation);
      REQUIRE(checked.error().value > 256);
      REQUIRE(checked.error().value <= text.size());
    }
    REQUIRE(weir::detail::utf16_length(text + 'x') >= weir::detail::utf16_length(text));
  }
}

TEST_CASE("random characters are counted as their UTF-16 form counts them") {
  weir::support::Random random;
  for (int i = 0; i < 500; ++i) {
    std::string text;
    std::size_t units = 0;
    const auto count = 1 + random.below(300);
    for (std::uint64_t j = 0; j < count; ++j) {
      const auto& character = characters[random.below(std::size(characters))];
      text += character.text;
      units += character.units;
    }
    REQUIRE(weir::detail::utf16_length(text) == units);
    const auto checked = weir::detail::check_key(text);
    REQUIRE(checked.has_value() == (units <= 256));
    if (!checked) {
      REQUIRE(checked.error() == too_long(units));
    }
  }
}

TEST_CASE("a key keeps its text and the hash of it") {
  std::string text = "user-42";
  const auto key = PartitionKey::make(text);
  REQUIRE(key);
  text = "changed";
  CHECK(key->text() == "user-42");
  CHECK(key->hash() == weir::Md5Hasher{}("user-42"));
}

TEST_CASE("an explicit hash replaces the text's, and the text is kept") {
  const auto key = PartitionKey::with_explicit_hash("user-42", HashKey::largest());
  REQUIRE(key);
  CHECK(key->text() == "user-42");
  CHECK(key->hash() == HashKey::largest());
  CHECK(PartitionKey::with_explicit_hash(std::string(257, 'x'), HashKey{}).error() == too_long(257));
}

TEST_CASE("keys are equal when text and hash are") {
  CHECK(*PartitionKey::make("a") == *PartitionKey::make("a"));
  CHECK(*PartitionKey::make("a") != *PartitionKey::make("b"));
  CHECK(*PartitionKey::make("a") != *PartitionKey::with_explicit_hash("a", HashKey{1}));
  CHECK(*PartitionKey::make("a") == *PartitionKey::with_explicit_hash("a", weir::Md5Hasher{}("a")));
}

TEST_CASE("a hasher of one's own is asked, once") {
  using weir::support::MinimalHasher;
  const auto key = weir::BasicPartitionKey<MinimalHasher>::make("any", MinimalHasher{HashKey{1, 2}});
  REQUIRE(key);
  CHECK(key->hash() == HashKey{1, 2});
  const weir::KeyArgument<MinimalHasher> argument{*key};
  CHECK(argument.hash(MinimalHasher{HashKey{3, 4}}) == HashKey{1, 2});
  const weir::KeyArgument<MinimalHasher> text{"any"};
  CHECK(text.hash(MinimalHasher{HashKey{3, 4}}) == HashKey{3, 4});
}

TEST_CASE("a put takes any text, or a key made before, which is not hashed again") {
  const auto text_of = [](KeyArgument argument) { return std::string{argument.text()}; };
  const std::string owned = "string";
  const char* pointer = "pointer";
  const auto key = PartitionKey::with_explicit_hash("made", HashKey{5});
  REQUIRE(key);
  CHECK(text_of("literal") == "literal");
  CHECK(text_of(owned) == "string");
  CHECK(text_of(std::string_view{"view"}) == "view");
  CHECK(text_of(pointer) == "pointer");
  CHECK(text_of(*key) == "made");
  CHECK(KeyArgument{*key}.hash({}) == HashKey{5});
  CHECK(KeyArgument{owned}.hash({}) == weir::Md5Hasher{}("string"));
  static_assert(!std::is_convertible_v<int, KeyArgument>);
}

TEST_CASE("an argument with an explicit hash, or with none, and its check") {
  const HashKey hash{6};
  CHECK(KeyArgument("text", &hash).hash({}) == hash);
  CHECK(KeyArgument("text", nullptr).hash({}) == weir::Md5Hasher{}("text"));
  CHECK(KeyArgument{"text"}.check());
  CHECK(KeyArgument{std::string(257, 'x')}.check().error() == too_long(257));
}

}  // namespace
