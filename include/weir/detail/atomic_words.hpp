/// Payload moved through atomics, word by word: what makes a racing copy well-defined.
#pragma once

#include <cstddef>
#include <cstring>
#include <type_traits>
#include <utility>

#include "weir/detail/orders.hpp"

namespace weir::inline WEIR_ABI::detail {

/// The largest word that tiles an object of `Size` bytes.
template <std::size_t Size>
using WordFor = std::conditional_t<
    Size % 8 == 0, std::uint64_t,
    std::conditional_t<Size % 4 == 0, std::uint32_t, std::conditional_t<Size % 2 == 0, std::uint16_t, std::uint8_t>>>;

/// Release stores and acquire loads, on every platform: a reader that meets one word of a later lap has thereby seen
/// all that the writer did before it, and above all the word by which the lap was announced (edge W). Relaxed words
/// between fences would be as good on paper, but neither ThreadSanitizer nor a reviewer can follow them.
inline constexpr auto word_in = release<'W'>;
inline constexpr auto word_out = acquire<'W'>;

template <class Memory, class Word>
void store_word(Word* to, const std::byte* from, std::size_t index) noexcept {
  Word word;
  std::memcpy(&word, from + index * sizeof(Word), sizeof(Word));
  Memory::store(to[index], word, word_in);
}

template <class Memory, class Word>
void load_word(std::byte* to, const Word* from, std::size_t index) noexcept {
  const Word word = Memory::load(from[index], word_out);
  std::memcpy(to + index * sizeof(Word), &word, sizeof(Word));
}

/// Copies `Count` words in, unrolled: compilers leave loops over atomic words as they stand.
template <std::size_t Count, class Memory, class Word>
void store_words_of(Word* to, const std::byte* from) noexcept {
  [&]<std::size_t... Index>(std::index_sequence<Index...>) {
    (store_word<Memory>(to, from, Index), ...);
  }
  (std::make_index_sequence<Count>{});
}

template <std::size_t Count, class Memory, class Word>
void load_words_of(std::byte* to, const Word* from) noexcept {
  [&]<std::size_t... Index>(std::index_sequence<Index...>) {
    (load_word<Memory>(to, from, Index), ...);
  }
  (std::make_index_sequence<Count>{});
}

inline constexpr std::size_t words_at_once = 8;

template <class Memory, class Word>
void store_words(Word* to, const std::byte* from, std::size_t count) noexcept {
  for (; count >= words_at_once; count -= words_at_once) {
    store_words_of<words_at_once, Memory>(to, from);
    to += words_at_once;
    from += words_at_once * sizeof(Word);
  }
  for (std::size_t i = 0; i < count; ++i) {
    store_word<Memory>(to, from, i);
  }
}

template <class Memory, class Word>
void load_words(std::byte* to, const Word* from, std::size_t count) noexcept {
  for (; count >= words_at_once; count -= words_at_once) {
    load_words_of<words_at_once, Memory>(to, from);
    to += words_at_once * sizeof(Word);
    from += words_at_once;
  }
  for (std::size_t i = 0; i < count; ++i) {
    load_word<Memory>(to, from, i);
  }
}

/// The last bytes of a text that fills no whole word, completed with zeros.
inline std::uint64_t partial_word(const std::byte* from, std::size_t bytes) noexcept {
  std::uint64_t word = 0;
  std::memcpy(&word, from, bytes);
  return word;
}

}  // namespace weir::inline WEIR_ABI::detail
