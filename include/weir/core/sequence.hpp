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
  /// The same as a part of a longer text.
  static constexpr SequenceNumber read(detail::Scan& scan) noexcept {
    const auto value = scan.number<std::uint64_t>();
    scan.expect("@");
    const ShardId shard{scan.number<std::uint32_t>()};
    scan.expect(".");
    return {value, shard, Incarnation{scan.number<std::uint32_t>()}};
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
  std::uint64_t value_ = 0;
  ShardId shard_;
  Incarnation incarnation_;
};

/// Where a put went.
struct Put {
  ShardId shard;
  SequenceNumber sequence_number;

  friend constexpr bool operator==(const Put&, const Put&) noexcept = default;
};

/// Where the records of one `put_all` went: `count` consecutive numbers of one shard, beginning with `first`.
struct PutRange {
  ShardId shard;
  SequenceNumber first;
  std::uint64_t count = 0;

  friend constexpr bool operator==(const PutRange&, const PutRange&) noexcept = default;
};

}  // namespace weir::inline WEIR_ABI
