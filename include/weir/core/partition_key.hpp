/// Partition keys: what decides the shard of a record.
#pragma once

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <string>
#include <string_view>

#include "weir/core/md5.hpp"
#include "weir/core/result.hpp"

namespace weir::inline WEIR_ABI {

/// Kinesis counts a key's length in UTF-16 units, whatever its bytes.
inline constexpr std::size_t max_key_characters = 256;

namespace detail {

/// UTF-16 units of UTF-8 text: every byte that begins a character counts one, and a four-byte character two. A stray
/// byte of no valid character counts as one that begins one would, so any text has a length and none is refused.
constexpr std::size_t utf16_length(std::string_view text) noexcept {
  std::size_t units = 0;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    units += (byte & 0xC0U) != 0x80U ? 1 : 0;
    units += byte >= 0xF0U ? 1 : 0;
  }
  return std::min(units, text.size());  // stray bytes that promise four-byte characters would count twice
}

/// Whether a key is surely good: no text has more characters than bytes.
constexpr bool short_key(std::string_view text) noexcept {
  return text.size() - 1 < max_key_characters;
}

[[gnu::noinline]] inline Result<void> check_long_key(std::string_view text) noexcept {
  if (text.empty()) {
    return Failure{Errc::validation, Cause::key_empty, 0, max_key_characters};
  }
  // Bytes that begin no character could be stacked without end; three a character is the most UTF-8 needs.
  const auto least = text.size() > 3 * max_key_characters ? max_key_characters + 1 : 0;
  const auto units = std::max(utf16_length(text), least);
  if (units > max_key_characters) {
    return Failure{Errc::validation, Cause::key_length, units, max_key_characters};
  }
  return {};
}

inline Result<void> check_key(std::string_view text) noexcept {
  return short_key(text) ? Result<void>{} : check_long_key(text);
}

}  // namespace detail

/// A partition key that was checked and hashed once, for a loop that puts with it often.
template <class Hasher>
class BasicPartitionKey {
 public:
  /// Checks and hashes `text`.
  ///
  /// **errors** `validation` for an empty key and for one of more than 256 characters.
  static Result<BasicPartitionKey> make(std::string_view text, const Hasher& hasher = {}) {
    if (const auto checked = detail::check_key(text); !checked) {
      return checked.error();
    }
    return BasicPartitionKey{text, hasher(text)};
  }

  /// The same with Kinesis' ExplicitHashKey: `hash` alone decides the shard, the text is stored with the record.
  static Result<BasicPartitionKey> with_explicit_hash(std::string_view text, const HashKey& hash) {
    if (const auto checked = detail::check_key(text); !checked) {
      return checked.error();
    }
    return BasicPartitionKey{text, hash};
  }

  [[nodiscard]] std::string_view text() const noexcept { return text_; }
  [[nodiscard]] const HashKey& hash() const noexcept { return hash_; }

  [[nodiscard]] std::string_view to_string() const noexcept { return text_; }
  friend bool operator==(const BasicPartitionKey&, const BasicPartitionKey&) = default;

 private:
  BasicPartitionKey(std::string_view text, const HashKey& hash) : text_(text), hash_(hash) {}

  std::string text_;
  HashKey hash_;
};

using PartitionKey = BasicPartitionKey<Md5Hasher>;

template <class Hasher>
inline constexpr bool detail::has_text<BasicPartitionKey<Hasher>> = true;

/// What the key parameter of a put takes: plain text, hashed when a shard has to be chosen, or a partition key made
/// before. It refers to its argument and is not kept.
template <class Hasher>
class KeyArgument {
 public:
  template <class Text>
  requires std::convertible_to<const Text&, std::string_view>
  constexpr KeyArgument(const Text& text) noexcept : text_(text) {}
  constexpr KeyArgument(const BasicPartitionKey<Hasher>& key) noexcept : text_(key.text()), hash_(&key.hash()) {}
  constexpr KeyArgument(std::string_view text, const HashKey* explicit_hash) noexcept
      : text_(text), hash_(explicit_hash) {}

  [[nodiscard]] constexpr std::string_view text() const noexcept { return text_; }
  [[nodiscard]] constexpr HashKey hash(const Hasher& hasher) const noexcept { return hash_ ? *hash_ : hasher(text_); }
  [[nodiscard]] Result<void> check() const noexcept { return detail::check_key(text_); }

 private:
  std::string_view text_;
  const HashKey* hash_ = nullptr;
};

}  // namespace weir::inline WEIR_ABI

template <class Hasher>
struct std::hash<weir::BasicPartitionKey<Hasher>> {
  std::size_t operator()(const weir::BasicPartitionKey<Hasher>& key) const noexcept {
    return weir::detail::hash_of({std::hash<std::string_view>{}(key.text()), std::hash<weir::HashKey>{}(key.hash())});
  }
};
