/// Sleeping until another thread tells that something has changed, at no cost to it while nobody sleeps.
#pragma once

#include <linux/futex.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <climits>
#include <cstdint>

#include "weir/core/env.hpp"
#include "weir/detail/asymmetric_fence.hpp"
#include "weir/detail/orders.hpp"

namespace weir::inline WEIR_ABI::detail {

/// The kernel's queue of those who sleep until a word is changed.
class Futex {
 public:
  using Clock = std::chrono::steady_clock;

  /// Sleeps if the word is what is expected, in one step with that look, until somebody wakes it or that moment comes;
  /// the largest means never. May return for no reason.
  static void wait(std::uint32_t& word, std::uint32_t expected, Clock::time_point until) noexcept {
    if (until == Clock::time_point::max()) {
      call(word, FUTEX_WAIT_BITSET_PRIVATE, expected, nullptr, FUTEX_BITSET_MATCH_ANY);
    } else if (const auto since_boot = until.time_since_epoch(); since_boot > Clock::duration::zero()) {
      const auto seconds = std::chrono::floor<std::chrono::seconds>(since_boot);
      const timespec moment{seconds.count(), std::chrono::nanoseconds{since_boot - seconds}.count()};
      call(word, FUTEX_WAIT_BITSET_PRIVATE, expected, &moment, FUTEX_BITSET_MATCH_ANY);
    }
  }
  static void wake_all(std::uint32_t& word) noexcept { call(word, FUTEX_WAKE_PRIVATE, INT_MAX, nullptr, 0); }

 private:
  static void call(std::uint32_t& word, int operation, std::uint32_t value, const timespec* until,
                   std::uint32_t bits) noexcept {
    ::syscall(SYS_futex, &word, operation, value, until, nullptr, bits);
  }
};

/// One word: an epoch, and a bit that says that somebody may sleep until it moves.
///
///     publisher                                    sleeper
///     what it has to tell                          e = prepare():  word |= 1;  heavy fence
///     notify():  light fence                       look for it;  found -> go, nothing need be undone
///                word is odd ?  word + 1, wake all wait(e, until):  the kernel sleeps if the word is still e
///
/// Either the publisher sees the bit, or the sleeper sees what it had to tell: `docs/memory_model.md` has the proof.
/// The bit is cleared by the first who wakes, so that of a burst of notices one makes a system call, not all.
///
/// **threads** any, at any time. A sleeper that never sleeps leaves the bit behind: one notice is made for nobody.
template <class Memory, class Fence, class Kernel>
class alignas(line_size) EventCountOver {  // read at every put, so nothing that is written often may share its line
 public:
  using Clock = std::chrono::steady_clock;

  EventCountOver() noexcept = default;
  EventCountOver(const EventCountOver&) = delete;
  EventCountOver& operator=(const EventCountOver&) = delete;

  /// True once it was prepared.
  struct Ticket {
    std::uint32_t epoch = 0;
    bool ordered = false;  ///< whether the fence was had
    explicit operator bool() const noexcept { return epoch != 0; }
  };

  void notify() noexcept {
    fence_.light();
    if (const auto seen = Memory::load(word_, relaxed); (seen & may_sleep) != 0) [[unlikely]] {
      wake(seen);
    }
  }

  /// Wakes whoever sleeps or is about to, without a look and a fence: for what is rare.
  void wake_all() noexcept {
    Memory::fetch_add(word_, 2, release<'K'>);
    Kernel::wake_all(word_);
  }

  /// Look for what you wait for between this and `wait`.
  [[nodiscard]] Ticket prepare() noexcept {
    for (;;) {
      const auto seen = Memory::load(word_, relaxed);
      if (Memory::compare_exchange(word_, seen, seen | may_sleep, acquire<'K'>)) {
        return {seen | may_sleep, fence_.heavy()};
      }
    }
  }

  /// Sleeps until the epoch moves, or that moment comes; the largest means never. May return for no reason.
  void wait(const Ticket& ticket, Clock::time_point until = Clock::time_point::max()) noexcept {
    // Without the fence a notice may have been missed: then this must look again, and say so to nobody.
    Kernel::wait(word_, ticket.epoch, ticket.ordered ? until : std::min(until, Clock::now() + nap));
  }

 private:
  static constexpr std::uint32_t may_sleep = 1;
  static constexpr std::chrono::milliseconds nap{1};

  [[gnu::noinline, gnu::cold]] void wake(std::uint32_t seen) noexcept {
    // Who fails here was too late: another has moved the epoch since, and wakes the same sleepers. What is to be seen
    // the fences order, so this releases nothing.
    if (Memory::compare_exchange(word_, seen, seen + 1, relaxed)) {
      Kernel::wake_all(word_);
    }
  }

  std::uint32_t word_ = 0;
  Fence fence_;
};
using EventCount = EventCountOver<HardwareMemory, AsymmetricFence, Futex>;

}  // namespace weir::inline WEIR_ABI::detail
