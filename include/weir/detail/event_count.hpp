/// Sleeping until another thread tells that something has changed, at no cost to it while nobody sleeps.
#pragma once

#include <linux/futex.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <climits>
#include <cstdint>

#include "weir/detail/asymmetric_fence.hpp"

namespace weir::inline WEIR_ABI::detail {

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
class alignas(line_size) EventCount {  // read at every put, so nothing that is written often may share its line
 public:
  using Clock = std::chrono::steady_clock;

  /// True once it was prepared.
  struct Ticket {
    std::uint32_t epoch = 0;
    bool ordered = false;  ///< whether the fence was had
    explicit operator bool() const noexcept { return epoch != 0; }
  };

  void notify() noexcept {
    fence_.light();
    if (const auto seen = word_.load(std::memory_order_relaxed); (seen & may_sleep) != 0) [[unlikely]] {
      wake(seen);
    }
  }

  /// Wakes whoever sleeps or is about to, without a look and a fence: for what is rare.
  void wake_all() noexcept {
    word_.fetch_add(2, std::memory_order_release);
    call(FUTEX_WAKE_PRIVATE, INT_MAX, nullptr, 0);
  }

  /// Look for what you wait for between this and `wait`.
  [[nodiscard]] Ticket prepare() noexcept {
    const auto epoch = word_.fetch_or(may_sleep, std::memory_order_acquire) | may_sleep;
    return {epoch, fence_.heavy()};
  }

  /// Sleeps until the epoch moves, or that moment comes; the largest means never. May return for no reason.
  void wait(const Ticket& ticket, Clock::time_point until = Clock::time_point::max()) noexcept {
    // Without the fence a notice may have been missed: then this must look again, and say so to nobody.
    const auto wake = ticket.ordered ? until : std::min(until, Clock::now() + nap);
    if (wake == Clock::time_point::max()) {
      call(FUTEX_WAIT_BITSET_PRIVATE, ticket.epoch, nullptr, FUTEX_BITSET_MATCH_ANY);
    } else if (const auto since_boot = wake.time_since_epoch(); since_boot > Clock::duration::zero()) {
      const auto seconds = std::chrono::floor<std::chrono::seconds>(since_boot);
      const timespec moment{seconds.count(), std::chrono::nanoseconds{since_boot - seconds}.count()};
      call(FUTEX_WAIT_BITSET_PRIVATE, ticket.epoch, &moment, FUTEX_BITSET_MATCH_ANY);
    }
  }

 private:
  static constexpr std::uint32_t may_sleep = 1;
  static constexpr std::chrono::milliseconds nap{1};

  [[gnu::noinline, gnu::cold]] void wake(std::uint32_t seen) noexcept {
    // Who fails here was too late: another has moved the epoch since, and wakes the same sleepers.
    if (word_.compare_exchange_strong(seen, seen + 1, std::memory_order_release, std::memory_order_relaxed)) {
      call(FUTEX_WAKE_PRIVATE, INT_MAX, nullptr, 0);
    }
  }

  void call(int operation, std::uint32_t value, const timespec* until, std::uint32_t bits) noexcept {
    ::syscall(SYS_futex, &word_, operation, value, until, nullptr, bits);
  }

  std::atomic<std::uint32_t> word_{0};
  AsymmetricFence fence_;
  static_assert(sizeof(word_) == 4 && std::atomic<std::uint32_t>::is_always_lock_free, "weir: a futex is 32 bits");
};

}  // namespace weir::inline WEIR_ABI::detail
