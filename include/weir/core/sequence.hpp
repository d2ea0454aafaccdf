/// Sequence numbers: the order of a shard, and a name for each record that no other record ever has.
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "weir/core/ids.hpp"

namespace weir::inline WEIR_ABI {

/// Strictly increasing in the order in which a shard is read; it knows its shard and its stream's incarnation, so
/// that it is refused elsewhere. Numbers of one shard are ordered; across shards the order means nothing.
class SequenceNumber {
 public:
  constexpr SequenceNumber() noexcept = default;
  constexpr SequenceNumber(std::uint64_t value, ShardId shard, Incarnation incarnation) noexcept
      : value_(value), shard_(shard), incarnation_(incarnation) {}

  [[nodiscard]] constexpr std::uint64_t value() const noexcept { return value_; }
  [[nodiscard]] constexpr ShardId shard() const noexcept { return shard_; }
  [[nodiscard]] constexpr Incarnation incarnation() const noexcept { return incarnation_; }

  /// `value@shard.incarnation`, all decimal.
  [[nodiscard]] std::string to_string() const {
    return std::to_string(value_) + '@' + std::to_string(shard_.index()) + '.' + std::to_string(incarnation_.value());
  }
  /// Reads what `to_string` writes, and nothing else.
  ///
  /// **errors** `invalid_argument` for text of another form and for a part that is too large.
  static constexpr Result<SequenceNumber> parse(std::string_view text) noexcept {
    detail::Scan scan{text, Cause::sequence_number_syntax};
    const auto number = read(scan);
    return scan.finish(number);
  }

  friend constexpr bool operator==(const SequenceNumber&, const SequenceNumber&) noexcept = default;
  /// By value; numbers of different shards or streams are unordered unless equal in all parts.
  friend constexpr std::partial_ordering operator<=>(const SequenceNumber& a, const SequenceNumber& b) noexcept {
    if (a.shard_ != b.shard_ || a.incarnation_ != b.incarnation_) {
      return std::partial_ordering::unordered;
    }
    return a.value_ <=> b.value_;
  }

 private:
  friend class Position;  // its text has a number's text as a part
  static constexpr SequenceNumber read(detail::Scan& scan) noexcept {
    const auto value = scan.number<std::uint64_t>();
    scan.expect("@");
    const ShardId shard{scan.number<std::uint32_t>()};
    scan.expect(".");
    return {value, shard, Incarnation{scan.number<std::uint32_t>()}};
  }

  std::uint64_t value_ = 0;
  ShardId shard_;
  Incarnation incarnation_;
};

/// Where a put went.
struct Put {
  ShardId shard;
  SequenceNumber sequence_number;

  /// `17@0.123 in shardId-000000000000`
  [[nodiscard]] std::string to_string() const { return sequence_number.to_string() + " in " + shard.to_string(); }
  friend constexpr bool operator==(const Put&, const Put&) noexcept = default;
};

/// Where the records of one `put_all` went: `count` consecutive numbers of one shard, beginning with `first`.
struct PutRange {
  ShardId shard;
  SequenceNumber first;
  std::uint64_t count = 0;

  /// `3 from 17@0.123 in shardId-000000000000`
  [[nodiscard]] std::string to_string() const {
    return std::to_string(count) + " from " + Put{shard, first}.to_string();
  }
  friend constexpr bool operator==(const PutRange&, const PutRange&) noexcept = default;
};

template <>
inline constexpr bool detail::has_text<SequenceNumber> = true;
template <>
inline constexpr bool detail::has_text<Put> = true;
template <>
inline constexpr bool detail::has_text<PutRange> = true;

}  // namespace weir::inline WEIR_ABI

template <>
struct std::hash<weir::SequenceNumber> {
  std::size_t operator()(const weir::SequenceNumber& number) const noexcept {
    const std::uint64_t place{number.shard().index()};
    return weir::detail::hash_of({number.value(), place << 32 | number.incarnation().value()});
  }
};

template <>
struct std::hash<weir::Put> {
  std::size_t operator()(const weir::Put& put) const noexcept {
    return weir::detail::hash_of({put.shard.index(), std::hash<weir::SequenceNumber>{}(put.sequence_number)});
  }
};
