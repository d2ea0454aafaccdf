/// Identities: which shard of a stream, which incarnation of a stream's name.
#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "weir/core/result.hpp"
#include "weir/core/scan.hpp"

namespace weir::inline WEIR_ABI {

namespace detail {

/// Kinesis' form of a shard's id: `shardId-` and twelve digits.
class ShardName {
 public:
  constexpr explicit ShardName(std::uint32_t index) noexcept {
    for (auto place = text_.size() - 2; index != 0; --place, index /= 10) {
      text_[place] = static_cast<char>('0' + index % 10);
    }
  }
  constexpr operator std::string_view() const noexcept { return {text_.data(), text_.size() - 1}; }

 private:
  std::array<char, 21> text_{"shardId-000000000000"};
};

}  // namespace detail

/// A shard of one stream, counted from 0 in order of creation and never reused.
class ShardId {
 public:
  constexpr ShardId() noexcept = default;
  constexpr explicit ShardId(std::uint32_t index) noexcept : index_(index) {}

  [[nodiscard]] constexpr std::uint32_t index() const noexcept { return index_; }

  /// Kinesis' form: `shardId-` and twelve digits.
  [[nodiscard]] std::string to_string() const { return std::string{name()}; }
  /// The same, which takes no memory.
  [[nodiscard]] constexpr detail::ShardName name() const noexcept { return detail::ShardName{index_}; }
  /// Reads what `to_string` writes, and nothing else.
  ///
  /// **errors** `invalid_argument` for text of another form and for an index of 2^32 or more.
  static constexpr Result<ShardId> parse(std::string_view text) noexcept {
    detail::Scan scan{text, Cause::shard_id_syntax};
    scan.expect("shardId-");
    return scan.finish(ShardId{scan.padded_number<std::uint32_t>(12)});
  }

  friend constexpr bool operator==(ShardId, ShardId) noexcept = default;
  friend constexpr auto operator<=>(ShardId, ShardId) noexcept = default;

 private:
  std::uint32_t index_ = 0;
};

/// Tells a stream from another of the same name, created before or after it. Zero is no stream's.
class Incarnation {
 public:
  constexpr Incarnation() noexcept = default;
  constexpr explicit Incarnation(std::uint32_t value) noexcept : value_(value) {}

  [[nodiscard]] constexpr std::uint32_t value() const noexcept { return value_; }

  [[nodiscard]] std::string to_string() const { return std::to_string(value_); }
  /// Reads what `to_string` writes, and nothing else.
  ///
  /// **errors** `invalid_argument` for anything but digits, for a leading zero and for 2^32 or more.
  static constexpr Result<Incarnation> parse(std::string_view text) noexcept {
    detail::Scan scan{text, Cause::incarnation_syntax};
    return scan.finish(Incarnation{scan.number<std::uint32_t>()});
  }

  friend constexpr bool operator==(Incarnation, Incarnation) noexcept = default;

 private:
  std::uint32_t value_ = 0;
};

template <>
inline constexpr bool detail::has_text<ShardId> = true;
template <>
inline constexpr bool detail::has_text<Incarnation> = true;

namespace detail {
/// Whether all of it is of `a-z A-Z 0-9 _ . -`.
[[nodiscard]] constexpr bool plain_name(std::string_view name) noexcept {
  for (const char c : name) {
    const bool allowed =
        (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '.' || c == '-';
    if (!allowed) {
      return false;
    }
  }
  return true;
}
}  // namespace detail

/// Kinesis' rule for stream names: 1 to 128 of `a-z A-Z 0-9 _ . -`.
inline constexpr std::size_t max_stream_name = 128;

[[nodiscard]] constexpr bool valid_stream_name(std::string_view name) noexcept {
  return !name.empty() && name.size() <= max_stream_name && detail::plain_name(name);
}

}  // namespace weir::inline WEIR_ABI

template <>
struct std::hash<weir::ShardId> {
  std::size_t operator()(weir::ShardId id) const noexcept { return weir::detail::hash_of({id.index()}); }
};

template <>
struct std::hash<weir::Incarnation> {
  std::size_t operator()(weir::Incarnation id) const noexcept { return weir::detail::hash_of({id.value()}); }
};
