/// 128-bit hash keys, their decimal form, and the ranges by which a stream is cut into shards.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "weir/core/result.hpp"
#include "weir/core/scan.hpp"

namespace weir::inline WEIR_ABI {

namespace detail {
__extension__ typedef unsigned __int128 uint128;
}

/// An unsigned 128-bit number: a partition key's hash, or the explicit hash key that replaces it.
class HashKey {
 public:
  constexpr HashKey() noexcept = default;
  constexpr explicit HashKey(std::uint64_t low) noexcept : low_(low) {}
  constexpr HashKey(std::uint64_t high, std::uint64_t low) noexcept : high_(high), low_(low) {}

  static constexpr HashKey largest() noexcept { return {~std::uint64_t{0}, ~std::uint64_t{0}}; }

  /// Reads a decimal number of 0 to 2^128 - 1.
  ///
  /// **errors** `invalid_argument` for anything but digits, for a leading zero and for 2^128 or more, as Kinesis
  /// answers it.
  static constexpr Result<HashKey> parse(std::string_view text) noexcept;

  [[nodiscard]] constexpr std::uint64_t high() const noexcept { return high_; }
  [[nodiscard]] constexpr std::uint64_t low() const noexcept { return low_; }
  [[nodiscard]] std::string to_string() const;

  friend constexpr bool operator==(const HashKey&, const HashKey&) noexcept = default;
  friend constexpr auto operator<=>(const HashKey&, const HashKey&) noexcept = default;

 private:
  friend struct HashKeyRange;
  friend constexpr detail::uint128 wide(const HashKey& key) noexcept {
    return (static_cast<detail::uint128>(key.high_) << 64) | key.low_;
  }
  static constexpr HashKey from(detail::uint128 value) noexcept {
    return {static_cast<std::uint64_t>(value >> 64), static_cast<std::uint64_t>(value)};
  }

  std::uint64_t high_ = 0;
  std::uint64_t low_ = 0;
};

/// The hash keys a shard answers for; both ends belong to it.
struct HashKeyRange {
  HashKey starting;
  HashKey ending = HashKey::largest();

  [[nodiscard]] constexpr bool contains(const HashKey& key) const noexcept { return starting <= key && key <= ending; }
  /// Whether a shard of this range may be split so that its upper half begins at `key`: both halves hold two keys or
  /// more.
  [[nodiscard]] constexpr bool splits_at(const HashKey& key) const noexcept {
    return starting < key && key < ending && wide(key) - wide(starting) > 1;
  }
  /// Where the upper of two equal halves begins. (Half the sum of both ends, which Kinesis' guide suggests, leaves the
  /// lower half one key less.)
  [[nodiscard]] constexpr HashKey midpoint() const noexcept {
    const auto half = (wide(ending) - wide(starting)) / 2;
    return HashKey::from(wide(starting) + half + (starting < ending ? 1 : 0));
  }
  /// What lies below `key`, and what from it on. Precondition: `starting < key <= ending`.
  [[nodiscard]] constexpr std::array<HashKeyRange, 2> split(const HashKey& key) const noexcept {
    return {HashKeyRange{starting, HashKey::from(wide(key) - 1)}, HashKeyRange{key, ending}};
  }
  /// Whether `upper` begins where this ends.
  [[nodiscard]] constexpr bool adjoins(const HashKeyRange& upper) const noexcept {
    return ending < upper.starting && wide(upper.starting) - wide(ending) == 1;
  }
  /// `0..340282366920938463463374607431768211455`
  [[nodiscard]] std::string to_string() const { return starting.to_string() + ".." + ending.to_string(); }
  friend constexpr bool operator==(const HashKeyRange&, const HashKeyRange&) noexcept = default;

  /// Range `index` of a stream newly cut into `count`: each is floor(2^128 / count) long and the last holds the
  /// remainder too. Precondition: `index < count`.
  static constexpr HashKeyRange initial(std::uint32_t index, std::uint32_t count) noexcept {
    if (count == 1) {
      return {};  // the width 2^128 has no place in 128 bits
    }
    const auto width = initial_width(count);
    const auto last = index + 1 == count;
    return {HashKey::from(width * index), last ? HashKey::largest() : HashKey::from(width * (index + 1) - 1)};
  }

  /// The inverse of `initial`: which of `count` ranges holds `key`, without a search.
  static constexpr std::uint32_t initial_index(const HashKey& key, std::uint32_t count) noexcept {
    if (count == 1) {
      return 0;
    }
    const auto index = wide(key) / initial_width(count);
    return index < count ? static_cast<std::uint32_t>(index) : count - 1;
  }

 private:
  static constexpr detail::uint128 initial_width(std::uint32_t count) noexcept {
    const auto largest = ~detail::uint128{0};
    const auto width = largest / count;
    return largest % count == count - 1 ? width + 1 : width;  // floor(2^128 / count) from 2^128 - 1
  }
};

constexpr Result<HashKey> HashKey::parse(std::string_view text) noexcept {
  const auto digits = detail::leading_digits(text, ~detail::uint128{0});
  if (text.empty() || digits.count != text.size() || (text.size() > 1 && text.front() == '0')) {
    return Failure{Errc::invalid_argument, Cause::hash_key_syntax, text.size(), 0};
  }
  if (digits.over) {
    return Failure{Errc::invalid_argument, Cause::hash_key_range, digits.leading, text.size()};
  }
  return from(digits.value);
}

inline std::string HashKey::to_string() const {
  std::string digits;
  auto value = wide(*this);
  do {
    digits.insert(digits.begin(), static_cast<char>('0' + static_cast<int>(value % 10)));
    value /= 10;
  } while (value != 0);
  return digits;
}

template <>
inline constexpr bool detail::has_text<HashKey> = true;
template <>
inline constexpr bool detail::has_text<HashKeyRange> = true;

}  // namespace weir::inline WEIR_ABI

template <>
struct std::hash<weir::HashKey> {
  std::size_t operator()(const weir::HashKey& key) const noexcept {
    return weir::detail::hash_of({key.high(), key.low()});
  }
};
