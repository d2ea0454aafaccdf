/// Payloads of awkward sizes.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>

#include "weir/core/codec.hpp"

namespace weir::support {

/// `Size` bytes without alignment, so that the ring moves them in words of 1, 4 or 8 bytes.
template <std::size_t Size>
struct Raw {
  std::array<std::uint8_t, Size> bytes{};

  /// Different for different indices in every byte, as far as a byte goes.
  static Raw of(std::uint64_t index) {
    Raw raw;
    for (std::size_t i = 0; i < Size; ++i) {
      raw.bytes[i] = static_cast<std::uint8_t>((index + 1) * (2 * i + 3) + i + (index >> 8));
    }
    return raw;
  }

  friend bool operator==(const Raw&, const Raw&) = default;
};

/// Some text of 0 to 26 bytes, so that all paddings occur.
inline std::string text_of(std::uint64_t index) {
  auto text = std::to_string(index * 0x9e37'79b9'7f4a'7c15);
  return text.substr(0, index * 5 % 27);
}

/// A payload with a codec of its own: written as words, `-` between them, given back as their count and text.
struct Words {
  std::uint64_t count = 0;
  std::string word;
};

}  // namespace weir::support

template <>
struct weir::Codec<weir::support::Words> {
  using argument = support::Words;
  struct view {
    std::uint64_t count;
    std::string text;
    friend bool operator==(const view& a, const argument& b) {
      std::string joined;
      for (std::uint64_t i = 0; i < b.count; ++i) {
        joined += b.word + '-';
      }
      return a.count == b.count && a.text == joined;
    }
  };
  static std::size_t encoded_size(const argument& words) { return 8 + words.count * (words.word.size() + 1); }
  static void encode(std::span<std::byte> out, const argument& words) {
    std::memcpy(out.data(), &words.count, 8);
    out = out.subspan(8);
    for (std::uint64_t i = 0; i < words.count; ++i) {
      std::transform(words.word.begin(), words.word.end(), out.begin(), [](char c) { return std::byte(c); });
      out[words.word.size()] = std::byte{'-'};
      out = out.subspan(words.word.size() + 1);
    }
  }
  static view decode(std::span<const std::byte> bytes) {
    view words{0, std::string{BytesView{bytes.subspan(8)}.text()}};
    std::memcpy(&words.count, bytes.data(), 8);
    return words;
  }
};
