#include "weir/core/bytes.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace {

using namespace std::string_view_literals;
using weir::Bytes;
using weir::BytesView;

std::string text_of(BytesView view) {
  return std::string{view.text()};
}

TEST_CASE("anything that is text or bytes is taken where a view is asked for, without a copy") {
  const std::string owned = "string";
  const char* pointer = "pointer";
  const std::vector<std::byte> vector(2, std::byte{'v'});
  std::vector<std::byte> writable(2, std::byte{'w'});
  const std::array<std::byte, 3> array{std::byte{'a'}, std::byte{'r'}, std::byte{'r'}};
  const std::byte raw[2] = {std::byte{'r'}, std::byte{'w'}};

  CHECK(text_of("literal") == "literal");
  CHECK(text_of(owned) == "string");
  CHECK(text_of("view"sv) == "view");
  CHECK(text_of(pointer) == "pointer");
  CHECK(text_of(vector) == "vv");
  CHECK(text_of(writable) == "ww");
  CHECK(text_of(std::span{writable}) == "ww");
  CHECK(text_of(std::span<const std::byte>{vector}) == "vv");
  CHECK(text_of(array) == "arr");
  CHECK(text_of(raw) == "rw");
  CHECK(text_of({raw, 1}) == "r");
  CHECK(text_of(Bytes{"bytes"}) == "bytes");

  CHECK(BytesView{owned}.text().data() == owned.data());
  CHECK(BytesView{vector}.data() == vector.data());
  CHECK(BytesView{writable}.data() == writable.data());
}

TEST_CASE("what is no bytes is not taken for bytes") {
  static_assert(!std::is_convertible_v<int, BytesView> && !std::is_convertible_v<std::vector<int>, BytesView>);
  static_assert(!std::is_convertible_v<std::vector<char>, BytesView>);
  static_assert(std::is_trivially_copyable_v<BytesView>);
  CHECK(sizeof(BytesView) == 2 * sizeof(void*));
}

TEST_CASE("views keep zeros and any other byte") {
  std::string all;
  for (int i = 0; i < 256; ++i) {
    all += static_cast<char>(static_cast<unsigned char>(i));
  }
  const BytesView view{all};
  CHECK(view.size() == 256);
  CHECK(view.text() == all);
  CHECK(view.data()[200] == std::byte{200});
  CHECK(BytesView{"a\0b"sv}.size() == 3);
  CHECK(Bytes{view} == Bytes{BytesView{all}});
}

TEST_CASE("a view is a range") {
  const BytesView view{"abca"};
  CHECK(view.end() - view.begin() == 4);
  CHECK(std::count(view.begin(), view.end(), std::byte{'a'}) == 2);
  const std::span<const std::byte> span{view};
  CHECK(span.data() == view.data());
  CHECK(span.size() == 4);
}

TEST_CASE("an empty view has no bytes, from nowhere or from somewhere, and all of them are equal") {
  constexpr BytesView nothing;
  static_assert(nothing.empty() && nothing.size() == 0 && nothing.data() == nullptr &&
                nothing.begin() == nothing.end());
  CHECK(nothing.text().empty());
  CHECK(nothing == BytesView{""});
  CHECK(BytesView{std::span<const std::byte>{}} == nothing);
  CHECK(BytesView{std::string{}}.empty());
  CHECK_FALSE(BytesView{"x"}.empty());
}

TEST_CASE("views and bytes are compared by content, with each other too") {
  const std::string one = "same";
  const std::string other = "same";
  CHECK(BytesView{one} == BytesView{other});
  CHECK(BytesView{one} != BytesView{"sam"});
  CHECK(BytesView{"sam"} != BytesView{one});
  CHECK(BytesView{"same"} != BytesView{"sane"});
  CHECK(BytesView{"a\0b"sv} != BytesView{"a\0c"sv});
  CHECK(BytesView{one} == "same");
  CHECK(Bytes{"same"} == Bytes{one});
  CHECK(Bytes{"same"} != Bytes{"sane"});
  CHECK(BytesView{one} == Bytes{other});
  CHECK(Bytes{other} == BytesView{one});
}

TEST_CASE("bytes own what they were made from") {
  std::string source = "before";
  Bytes bytes{source};
  source = "after!";
  CHECK(bytes.text() == "before");
  CHECK(bytes.size() == 6);

  const Bytes copy = bytes;
  bytes = Bytes{"else"};
  CHECK(copy.text() == "before");
  CHECK(bytes.text() == "else");
  CHECK(Bytes{}.size() == 0);
  CHECK(Bytes{}.text().empty());
  CHECK(Bytes{BytesView{}} == Bytes{});
  static_assert(!std::is_convertible_v<BytesView, Bytes>, "a copy is asked for by name");
}

TEST_CASE("bytes are printed so that each can be told") {
  CHECK(BytesView{}.to_string().empty());
  CHECK(BytesView{" ~"}.to_string() == " ~");
  CHECK(BytesView{"a\\b"}.to_string() == "a\\\\b");
  CHECK(BytesView{"\x1f\x7f\n\0\xff"sv}.to_string() == "\\x1f\\x7f\\x0a\\x00\\xff");
  CHECK(Bytes{"\xab"}.to_string() == "\\xab");
}

TEST_CASE("bytes are ordered as unsigned numbers, the shorter first") {
  CHECK(BytesView{"a"} < BytesView{"b"});
  CHECK(BytesView{"\x7f"} < BytesView{"\x80"});
  CHECK(BytesView{"a"} < BytesView{"aa"});
  CHECK(BytesView{} < BytesView{"\0"sv});
  CHECK(Bytes{"\x7f"} < Bytes{"\x80"});
  CHECK(Bytes{"a"} < BytesView{"aa"});
  CHECK((Bytes{"a"} <=> Bytes{"a"}) == std::strong_ordering::equal);
}

}  // namespace
