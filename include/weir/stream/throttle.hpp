/// Holds one shard to its rates.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <mutex>
#include <optional>

#include "weir/core/clock.hpp"
#include "weir/core/ids.hpp"
#include "weir/core/limits.hpp"
#include "weir/detail/published.hpp"

namespace weir::inline WEIR_ABI::detail {

/// Holds `depth` tokens at most and at first, and gains `per_second`; 0 of these is no limit. It may owe tokens.
///
/// Time that is told in the wrong order, as by threads that overtake each other after they read the clock, gains
/// nothing twice. After a step back of more than a second the bucket goes on from there, as full as it was: it would
/// refuse everything until the clock had caught up.
class TokenBucket {
 public:
  constexpr TokenBucket(double per_second, double depth) noexcept
      : per_second_(per_second), depth_(depth * scale), level_(depth_) {}

  /// Whether `amount` is there, or all that ever can be.
  [[nodiscard]] constexpr bool affords(double amount, Timestamp now) noexcept {
    refill(now);
    return !limited() || level_ >= std::min(amount * scale, depth_);
  }
  /// Takes `amount` whether or not it is there.
  constexpr void charge(double amount, Timestamp now) noexcept {
    refill(now);
    level_ -= limited() ? amount * scale : 0;
  }
  [[nodiscard]] constexpr bool take(double amount, Timestamp now) noexcept {
    const bool taken = affords(amount, now);
    if (taken) {
      charge(amount, now);
    }
    return taken;
  }

  [[nodiscard]] constexpr bool limited() const noexcept { return per_second_ > 0; }
  /// Nothing is left, as of the last call that told the time.
  [[nodiscard]] constexpr bool empty() const noexcept { return limited() && level_ <= 0; }
  [[nodiscard]] constexpr bool full(Timestamp now) noexcept {
    refill(now);
    return level_ >= depth_;
  }

 private:
  /// Levels are counted in thousandths, so that a millisecond gains `per_second` of them and whole rates stay exact.
  static constexpr double scale = 1000;

  constexpr void refill(Timestamp now) noexcept {
    if (!begun_ || last_ - now > std::chrono::seconds{1}) {
      begun_ = true;
      last_ = now;
    } else if (now > last_) {
      level_ = std::min(depth_, level_ + static_cast<double>((now - last_).count()) * per_second_);
      last_ = now;
    }
  }

  double per_second_;
  double depth_;
  double level_;
  Timestamp last_{};    ///< when it was filled up to `level_`
  bool begun_ = false;  ///< `last_` was told
};

/// What one shard asks before it takes records and before it gives them, and what it refused so far.
///
/// **threads** any. **cost** a lock: it exists only where limits were asked for.
class Throttle {
 public:
  Throttle(ShardId shard, const Limits& limits) noexcept
      : shard_(shard),
        limits_(limits),
        records_in_(limits.records_in, limits.records_in),
        bytes_in_(limits.bytes_in, limits.bytes_in),
        bytes_out_(limits.bytes_out, limits.bytes_out),
        reads_out_(limits.reads_out, limits.reads_out) {}

  /// Takes all of a put, or refuses and takes nothing. What is admitted counts, also when the shard has no room then.
  [[nodiscard]] std::optional<Failure> admit(std::uint64_t records, std::uint64_t bytes, Timestamp now) {
    const std::lock_guard lock{mutex_};
    const auto count = static_cast<double>(records);
    const auto size = static_cast<double>(bytes);
    const bool counted = records_in_.affords(count, now);
    if (!counted || !bytes_in_.affords(size, now)) {
      write_throttles_.add(records);
      return counted ? refusal(Cause::byte_rate, limits_.bytes_in) : refusal(Cause::record_rate, limits_.records_in);
    }
    records_in_.charge(count, now);
    bytes_in_.charge(size, now);
    return std::nullopt;
  }

  /// Whether a read may begin; it takes one of the reads a second if so. How much it will give is not known yet, and is
  /// charged afterwards. Once readers had a second's bytes or more, they get none until that is paid for in full: after
  /// 2 MiB of 2 MiB a second nobody reads for a second, after 10 MiB for five.
  [[nodiscard]] std::optional<Failure> admit_read(Timestamp now) {
    const std::lock_guard lock{mutex_};
    paying_ = paying_ && !bytes_out_.full(now);
    if (paying_ || !reads_out_.take(1, now)) {
      read_throttles_.add(1);
      return paying_ ? refusal(Cause::read_byte_rate, limits_.bytes_out) : refusal(Cause::read_rate, limits_.reads_out);
    }
    return std::nullopt;
  }
  /// Tells what an admitted read gave.
  void charge_read(std::uint64_t bytes, Timestamp now) {
    const std::lock_guard lock{mutex_};
    bytes_out_.charge(static_cast<double>(bytes), now);
    paying_ = paying_ || bytes_out_.empty();
  }

  /// Records that were refused, as Kinesis counts them; each attempt counts.
  [[nodiscard]] std::uint64_t write_throttles() const noexcept { return write_throttles_.get(); }
  /// Reads that were refused.
  [[nodiscard]] std::uint64_t read_throttles() const noexcept { return read_throttles_.get(); }

 private:
  /// The rate in whole numbers, and never 0, which would say that nothing ever passes.
  [[nodiscard]] Failure refusal(Cause cause, double rate) const noexcept {
    return {Errc::throughput_exceeded, cause, shard_.index(), static_cast<std::uint64_t>(std::max(1.0, rate))};
  }

  const ShardId shard_;
  const Limits limits_;
  std::mutex mutex_;  ///< over what follows, up to the counters
  TokenBucket records_in_;
  TokenBucket bytes_in_;
  TokenBucket bytes_out_;
  TokenBucket reads_out_;
  bool paying_ = false;  ///< readers had more than there was, and it is not made up for
  relaxed_counter write_throttles_;
  relaxed_counter read_throttles_;
};

}  // namespace weir::inline WEIR_ABI::detail
