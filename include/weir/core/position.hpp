/// Where reading begins: Kinesis' iterator types as one value.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

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

  /// `trim_horizon`, `latest`, `at 17@0.123`, `after 17@0.123`, `at_timestamp 1700000000000` (milliseconds) or `last
  /// 10`.
  [[nodiscard]] std::string to_string() const {
    switch (kind_) {
      case Kind::trim_horizon: return "trim_horizon";
      case Kind::latest: return "latest";
      case Kind::at: return "at " + number_.to_string();
      case Kind::after: return "after " + number_.to_string();
      case Kind::at_timestamp: return "at_timestamp " + std::to_string(static_cast<std::int64_t>(argument_));
      case Kind::last: break;
    }
    return "last " + std::to_string(argument_);
  }
  /// Reads what `to_string` writes, and nothing else.
  ///
  /// **errors** `invalid_argument` for text of another form and for a number that is too large.
  static constexpr Result<Position> parse(std::string_view text) noexcept {
    detail::Scan scan{text, Cause::position_syntax};
    auto position = trim_horizon();
    if (scan.skip("latest")) {
      position = latest();
    } else if (scan.skip("at ")) {
      position = at(SequenceNumber::read(scan));
    } else if (scan.skip("after ")) {
      position = after(SequenceNumber::read(scan));
    } else if (scan.skip("at_timestamp ")) {
      position = at_timestamp(Timestamp{std::chrono::milliseconds{scan.signed_number()}});
    } else if (scan.skip("last ")) {
      position = last(scan.number<std::uint64_t>());
    } else {
      scan.expect("trim_horizon");
    }
    return scan.finish(position);
  }

  friend constexpr bool operator==(const Position&, const Position&) noexcept = default;

 private:
  constexpr explicit Position(Kind kind, SequenceNumber number = {}) noexcept : kind_(kind), number_(number) {}

  Kind kind_;
  SequenceNumber number_;
  std::uint64_t argument_ = 0;
};

template <>
inline constexpr bool detail::has_text<Position> = true;

}  // namespace weir::inline WEIR_ABI
