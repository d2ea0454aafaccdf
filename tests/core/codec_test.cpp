#include "weir/core/codec.hpp"

#include <doctest/doctest.h>

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "support/archetypes.hpp"
#include "support/random.hpp"

namespace {

struct Tick {
  double price;
  std::uint32_t size, venue;
};
struct Temperature {  // trivially copyable, and encoded all the same
  int degrees;
};
struct OnlyEncodes {};
struct WrongView {};

}  // namespace

template <>
struct weir::Codec<Temperature> {
  using argument = int;
  using view = std::string;
  static std::size_t encoded_size(argument degrees) { return std::to_string(degrees).size(); }
  static void encode(std::span<std::byte> out, argument degrees) {
    Codec<Bytes>::encode(out, BytesView{std::to_string(degrees)});
  }
  static view decode(std::span<const std::byte> bytes) { return std::string{BytesView{bytes}.text()}; }
};

template <>
struct weir::Codec<OnlyEncodes> {
  using argument = int;
  using view = int;
  static std::size_t encoded_size(argument) { return 0; }
  static void encode(std::span<std::byte>, argument) {}
};

template <>
struct weir::Codec<WrongView> {
  using argument = int;
  using view = std::string_view;
  static std::size_t encoded_size(argument) { return 0; }
  static void encode(std::span<std::byte>, argument) {}
  static int decode(std::span<const std::byte>) { return 0; }
};

namespace {

using weir::Bytes;
using weir::BytesView;
using weir::Codec;

static_assert(weir::encoded_payload<Bytes> && weir::encoded_payload<std::string>);
static_assert(weir::encoded_payload<weir::support::MinimalPayload>);
static_assert(weir::encoded_payload<Temperature> && !weir::fixed_payload<Temperature>, "a codec takes precedence");
static_assert(!weir::encoded_payload<OnlyEncodes> && !weir::encoded_payload<WrongView>);
static_assert(!weir::encoded_payload<Tick> && !weir::encoded_payload<int> && !weir::encoded_payload<void>);

static_assert(weir::fixed_payload<Tick> && weir::fixed_payload<int> && weir::fixed_payload<char>);
static_assert(!weir::fixed_payload<Bytes> && !weir::fixed_payload<std::string>);
static_assert(!weir::fixed_payload<std::vector<int>> && !weir::fixed_payload<std::unique_ptr<int>>);
static_assert(!weir::fixed_payload<int&> && !weir::fixed_payload<void> && !weir::fixed_payload<int()>);

/// What `argument` looks like encoded, with a byte on either side that must stay as it was.
template <class T>
std::vector<std::byte> encoded(const typename Codec<T>::argument& argument) {
  const auto size = Codec<T>::encoded_size(argument);
  std::vector<std::byte> guarded(size + 2, std::byte{0xEE});
  Codec<T>::encode(std::span{guarded}.subspan(1, size), argument);
  CHECK(guarded.front() == std::byte{0xEE});
  CHECK(guarded.back() == std::byte{0xEE});
  return {guarded.begin() + 1, guarded.end() - 1};
}

TEST_CASE_TEMPLATE("bytes and strings are their own encoding, whatever they hold", T, Bytes, std::string) {
  weir::support::Random random;
  for (const std::size_t size : {0U, 1U, 7U, 8U, 9U, 4096U}) {
    CAPTURE(size);
    std::string text(size, '\0');
    for (auto& c : text) {
      c = static_cast<char>(static_cast<unsigned char>(random.next()));
    }
    CHECK(Codec<T>::encoded_size(text) == size);
    const auto bytes = encoded<T>(text);
    CHECK(BytesView{bytes} == BytesView{text});
    CHECK(BytesView{Codec<T>::decode(bytes)} == BytesView{text});
  }
}

TEST_CASE_TEMPLATE("decoding and the encoded form copy nothing", T, Bytes, std::string) {
  const std::string text = "payload";
  const typename Codec<T>::argument argument{text};
  const auto form = Codec<T>::encoded(argument);
  CHECK(reinterpret_cast<const char*>(form.data()) == text.data());
  CHECK(form.size() == text.size());
  const auto view = Codec<T>::decode(form);
  CHECK(static_cast<const void*>(view.data()) == text.data());
  CHECK(view.size() == text.size());
}

TEST_CASE("nothing at no address is encoded and decoded without being touched") {
  CHECK(encoded<Bytes>({}).empty());
  CHECK(encoded<std::string>({}).empty());
  Codec<Bytes>::encode({}, {});
  CHECK(Codec<Bytes>::decode({}).empty());
  CHECK(Codec<std::string>::decode({}).empty());
  CHECK(Codec<Bytes>::encoded({}).empty());
}

TEST_CASE("a put of a string allocates nothing: its argument is a view") {
  CHECK(std::is_same_v<Codec<std::string>::argument, std::string_view>);
  CHECK(std::is_same_v<Codec<Bytes>::argument, BytesView>);
}

TEST_CASE("a codec of one's own goes there and back") {
  CHECK(Codec<Temperature>::decode(encoded<Temperature>(-40)) == "-40");
  CHECK(Codec<weir::support::MinimalPayload>::decode(encoded<weir::support::MinimalPayload>(12)) == 12);
}

}  // namespace
