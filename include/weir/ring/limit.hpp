/// The one word on which everything turns, and how far it is raised.
#pragma once

#include <algorithm>
#include <cstdint>

#include "weir/core/options.hpp"
#include "weir/detail/orders.hpp"

namespace weir::inline WEIR_ABI {

/// Bit 63 of the word that counts a log's records.
inline constexpr std::uint64_t closed_bit = std::uint64_t{1} << 63;

/// The arithmetic of `limit`: **a writer writes only numbers below it, and number n is intact as long as
/// n >= limit - capacity.** A writer checks it before it claims; a reader copies first and checks it afterwards; both
/// find it in their caches, because it changes once in `step` records.
class Limit {
 public:
  constexpr Limit(std::uint64_t capacity, Producers producers) noexcept
      : capacity_(capacity),
        // Many producers pay a scan and two locked instructions for a raise, one producer a store.
        step_(producers == Producers::single ? std::clamp<std::uint64_t>(capacity / 8, 1, 64)
                                             : std::max<std::uint64_t>(capacity / 16, 1)) {}

  [[nodiscard]] constexpr std::uint64_t capacity() const noexcept { return capacity_; }
  [[nodiscard]] constexpr std::uint64_t mask() const noexcept { return capacity_ - 1; }
  [[nodiscard]] constexpr std::uint64_t step() const noexcept { return step_; }

  /// The most records of one claim. A longer one would wait for itself (a batch longer than the ring) or leave its
  /// reader nothing; it is refused by name before anything is claimed.
  [[nodiscard]] constexpr std::uint64_t max_claim() const noexcept { return std::max<std::uint64_t>(capacity_ / 8, 1); }

  [[nodiscard]] constexpr std::uint64_t initial(std::uint64_t first) const noexcept { return first + capacity_; }

  /// The least limit, in whole steps from `limit`, under which numbers below `end` may be written. So what is
  /// retained is a function of how many records were put, and of nothing else.
  [[nodiscard]] constexpr std::uint64_t covering(std::uint64_t limit, std::uint64_t end) const noexcept {
    return end <= limit ? limit : limit + (end - limit + step_ - 1) / step_ * step_;
  }

  /// The oldest number that is intact under `limit`.
  [[nodiscard]] constexpr std::uint64_t oldest(std::uint64_t limit) const noexcept { return limit - capacity_; }

 private:
  std::uint64_t capacity_;
  std::uint64_t step_;
};

namespace detail {

/// Raises a word to `value` unless it stands there or higher already.
template <class Memory, class Order>
void raise_to(std::uint64_t& word, std::uint64_t value, Order order) noexcept {
  for (auto seen = Memory::load(word, relaxed); seen < value; seen = Memory::load(word, relaxed)) {
    if (Memory::compare_exchange(word, seen, value, order)) {
      return;
    }
  }
}

/// Gives a word that never returns to zero its first value, unless somebody has: as late as it likes.
template <class Memory>
void from_zero(std::uint64_t& word, std::uint64_t value) noexcept {
  Memory::compare_exchange(word, 0, value, relaxed);
}

/// After a claim lost its CAS: producers take turns of some microseconds (7 on Zen 4) instead of fighting for the line
/// at every put. Shorter turns cost throughput, longer ones keep who lost a claim waiting.
template <class Memory>
[[gnu::noinline]] void take_turns() noexcept {
  for (int i = 0; i < 300; ++i) {
    Memory::pause();
  }
}

}  // namespace detail

}  // namespace weir::inline WEIR_ABI
