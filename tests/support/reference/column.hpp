/// What a column ring is asked to hold, and what it promises to retain.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "support/reference/decisions.hpp"
#include "weir/ring/column/log.hpp"
#include "weir/testing/manual_clock.hpp"

namespace weir::support {

/// A payload of 12 bytes that tells its number, and that it is whole.
struct Twelve {
  std::uint32_t low;
  std::uint32_t high;
  std::uint32_t sum;

  static Twelve of(std::uint64_t number) noexcept {
    const auto low = static_cast<std::uint32_t>(number);
    const auto high = static_cast<std::uint32_t>(number >> 32);
    return {low, high, low * 3 + high * 5 + 7};
  }
  friend bool operator==(const Twelve&, const Twelve&) = default;
};

/// What is retained is a formula of how many records were put: the ring's end rises by whole steps, just far enough.
template <Options policy>
class ColumnSubject {
 public:
  using Log = ColumnLog<Twelve, policy, testing::ManualEnv>;
  using Layout = ColumnLayout<Twelve, policy, testing::ManualEnv>;
  using Element = Twelve;
  static constexpr Options options = policy;
  static constexpr bool in_segments = false;
  static constexpr bool timed = options.arrival == Arrival::kept;

  explicit ColumnSubject(ByteSource& source) : capacity_(source.among({1U, 2U, 4U, 8U, 16U, 64U})) {}

  [[nodiscard]] std::uint64_t capacity() const noexcept { return capacity_; }
  /// What the gate counts by.
  [[nodiscard]] std::uint64_t gate_capacity() const noexcept { return capacity_; }
  Log format(std::span<std::byte> bytes, const RingSize& size, std::uint64_t first) noexcept {
    first_ = first;
    return Log::format(bytes, size, first);
  }

  /// The oldest number, in overwrite mode, once `end` is the next.
  [[nodiscard]] std::uint64_t oldest(std::uint64_t end) const noexcept {
    const auto step = options.producers == Producers::single
                          ? std::min<std::uint64_t>(std::max<std::uint64_t>(capacity_ / 8, 1), 64)
                          : std::max<std::uint64_t>(capacity_ / 16, 1);
    const auto put = end - first_;
    return put <= capacity_ ? first_ : first_ + (put - capacity_ + step - 1) / step * step;
  }

  [[nodiscard]] std::uint64_t most() const noexcept { return std::max<std::uint64_t>(capacity_ / 8, 1); }
  /// No run of records that are read in place reaches beyond it: the ring's end, and no more than a quarter of it, so
  /// that its release leaves writers room.
  [[nodiscard]] std::uint64_t run_end(std::uint64_t number) const noexcept {
    return number + std::min(capacity_ - number % capacity_, std::max<std::uint64_t>(capacity_ / 4, 1));
  }
  /// How many of `most` slots one claim may have that is written in place.
  [[nodiscard]] std::uint64_t side_by_side(std::uint64_t number, std::uint64_t most) const noexcept {
    return std::min({most, this->most(), capacity_ - number % capacity_});
  }

  Twelve make(ByteSource&, std::uint64_t number) { return Twelve::of(number); }
  [[nodiscard]] std::uint64_t fitting(std::string_view, std::span<const Twelve> values) const noexcept {
    return values.size();
  }
  static std::uint64_t bytes(std::string_view, std::span<const Twelve>) noexcept { return 0; }
  void put(std::uint64_t, std::uint64_t, std::uint64_t) noexcept {}
  static bool same(const Twelve& view, const Twelve& value) noexcept { return view == value; }

 private:
  std::uint64_t capacity_;
  std::uint64_t first_ = 1;
};

}  // namespace weir::support
