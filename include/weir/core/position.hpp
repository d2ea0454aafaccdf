/// Where reading begins: Kinesis' iterator types as one value.
#pragma once

#include <chrono>
#include <cstdint>

#include "weir/core/clock.hpp"
#include "weir/core/sequence.hpp"

namespace weir::inline WEIR_ABI {

/// A place in a shard, as a bound and not as a lookup: no record need carry the number or the time named.
class Position {
 public:
  enum class Kind : std::uint8_t { trim_horizon, latest, at, after, at_timestamp, last };

  /// The oldest record that is retained when reading begins: it never fails because of trimming.
  static constexpr Position trim_horizon() noexcept { return Position{Kind::trim_horizon}; }
  /// The first record put after the iterator was made, not after it was first read.
  static constexpr Position latest() noexcept { return Position{Kind::latest}; }
  /// The first record with this number or a higher one.
  static constexpr Position at(SequenceNumber number) noexcept { return Position{Kind::at, number}; }
  /// The first record with a higher number.
  static constexpr Position after(SequenceNumber number) noexcept { return Position{Kind::after, number}; }
  /// The first record that arrived at this moment or later. A moment in the future is refused.
  static constexpr Position at_timestamp(Timestamp moment) noexcept {
    Position position{Kind::at_timestamp};
    position.argument_ = static_cast<std::uint64_t>(moment.time_since_epoch().count());
    return position;
  }
  /// The newest `count` records at the time the iterator is made, or as many as are retained.
  static constexpr Position last(std::uint64_t count) noexcept {
    Position position{Kind::last};
    position.argument_ = count;
    return position;
  }

  [[nodiscard]] constexpr Kind kind() const noexcept { return kind_; }
  /// Meaningful for `at` and `after`.
  [[nodiscard]] constexpr SequenceNumber sequence_number() const noexcept { return number_; }
  /// Meaningful for `at_timestamp`.
  [[nodiscard]] constexpr Timestamp timestamp() const noexcept {
    return Timestamp{std::chrono::milliseconds{static_cast<std::int64_t>(argument_)}};
  }
  /// Meaningful for `last`.
  [[nodiscard]] constexpr std::uint64_t count() const noexcept { return argument_; }

  friend constexpr bool operator==(const Position&, const Position&) noexcept = default;

 private:
  constexpr explicit Position(Kind kind, SequenceNumber number = {}) noexcept : kind_(kind), number_(number) {}

  Kind kind_;
  SequenceNumber number_;
  std::uint64_t argument_ = 0;
};

}  // namespace weir::inline WEIR_ABI
