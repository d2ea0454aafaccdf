#include "weir/detail/atomic_words.hpp"

#include <doctest/doctest.h>

#include <array>
#include <cstring>
#include <vector>

#include "weir/core/env.hpp"

namespace {

using weir::HardwareMemory;
namespace detail = weir::detail;

static_assert(std::is_same_v<detail::WordFor<1>, std::uint8_t>);
static_assert(std::is_same_v<detail::WordFor<3>, std::uint8_t>);
static_assert(std::is_same_v<detail::WordFor<6>, std::uint16_t>);
static_assert(std::is_same_v<detail::WordFor<12>, std::uint32_t>);
static_assert(std::is_same_v<detail::WordFor<20>, std::uint32_t>);
static_assert(std::is_same_v<detail::WordFor<72>, std::uint64_t>);

// Edge W: a reader that meets a word of a later lap must have seen the limit that announced the lap.
static_assert(detail::word_in.value == std::memory_order_release);
static_assert(detail::word_out.value == std::memory_order_acquire);

std::vector<std::byte> pattern(std::size_t size) {
  std::vector<std::byte> bytes(size);
  for (std::size_t i = 0; i < size; ++i) {
    bytes[i] = static_cast<std::byte>(1 + i % 255);
  }
  return bytes;
}

/// Copies `count` words in and out again at a place without alignment for words; the words beside them stay.
template <class Word>
void round_trip(std::size_t count) {
  CAPTURE(count);
  CAPTURE(sizeof(Word));
  constexpr Word untouched = 0x5A;
  std::vector<Word> words(count + 2, untouched);
  const auto in = pattern(count * sizeof(Word) + 1);
  detail::store_words<HardwareMemory>(words.data() + 1, in.data() + 1, count);
  CHECK(words.front() == untouched);
  CHECK(words.back() == untouched);
  std::vector<std::byte> out(count * sizeof(Word) + 2, std::byte{0x77});
  detail::load_words<HardwareMemory>(out.data() + 1, words.data() + 1, count);
  CHECK(std::equal(in.begin() + 1, in.end(), out.begin() + 1));
  CHECK(out.front() == std::byte{0x77});
  CHECK(out.back() == std::byte{0x77});
}

TEST_CASE("words come out as they went in, whatever their size and count, and nothing beside them changes") {
  for (std::size_t count = 0; count <= 2 * detail::words_at_once + 3; ++count) {
    round_trip<std::uint8_t>(count);
    round_trip<std::uint16_t>(count);
    round_trip<std::uint32_t>(count);
    round_trip<std::uint64_t>(count);
  }
}

TEST_CASE("a count known when compiling moves the same words") {
  const auto in = pattern(24);
  std::array<std::uint64_t, 4> words{};
  detail::store_words_of<3, HardwareMemory>(words.data(), in.data());
  CHECK(words[3] == 0);
  std::array<std::byte, 24> out{};
  detail::load_words_of<3, HardwareMemory>(out.data(), words.data());
  CHECK(std::memcmp(in.data(), out.data(), 24) == 0);
}

TEST_CASE("the rest of a text is completed with zeros") {
  const auto in = pattern(8);
  for (std::size_t bytes = 1; bytes < 8; ++bytes) {
    const auto word = detail::partial_word(in.data(), bytes);
    CHECK(std::memcmp(&word, in.data(), bytes) == 0);
    CHECK((word >> (8 * bytes)) == 0);
  }
}

}  // namespace
