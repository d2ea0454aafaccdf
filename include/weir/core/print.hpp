/// How values are printed and hashed: what their own headers share.
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <iosfwd>
#include <string_view>

#include "weir/core/config.hpp"

namespace weir::inline WEIR_ABI {

namespace detail {

/// Whether `T` is printed as what its member `to_string()`, or a free `to_string(value)`, gives. Said beside each type,
/// so that no type of a user's is printed by accident.
template <class T>
inline constexpr bool has_text = false;

template <class T>
concept printable = has_text<T>;

template <printable T>
constexpr auto text_of(const T& value) {
  if constexpr (requires { value.to_string(); }) {
    return value.to_string();
  } else {
    return to_string(value);
  }
}

/// A hash of some words that spreads over all bits, which the standard library's hash of a number need not.
constexpr std::size_t hash_of(std::initializer_list<std::uint64_t> words) noexcept {
  std::uint64_t hash = 0;
  for (const auto word : words) {
    hash = (hash ^ word) * 0x9e37'79b9'7f4a'7c15;  // 2^64 over the golden ratio, odd: no two words give the same
    hash ^= hash >> 32;
    hash *= 0xd6e8'feb8'6659'fd93;
    hash ^= hash >> 32;
  }
  return hash;
}

}  // namespace detail

/// Prints a value's text into a stream, as a string of that text would be: with its width, fill and alignment.
///
/// **cost** a template over the stream's traits, so that values do not bring `<ostream>` along: whoever prints has it.
template <class Traits, detail::printable T>
std::basic_ostream<char, Traits>& operator<<(std::basic_ostream<char, Traits>& out, const T& value) {
  const auto& text = detail::text_of(value);
  return out << std::basic_string_view<char, Traits>{text.data(), text.size()};
}

}  // namespace weir::inline WEIR_ABI
