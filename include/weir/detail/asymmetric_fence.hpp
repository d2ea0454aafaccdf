/// A pair of fences of which one side, the frequent one, is free.
#pragma once

#include <linux/membarrier.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <cstdint>

#include "weir/core/config.hpp"

namespace weir::inline WEIR_ABI::detail {

/// `light()` and `heavy()` of one object order like two sequentially consistent fences: what stood before the one is
/// seen by what comes after the other, or the other way round. Where the kernel makes every running thread of the
/// process pass a fence when it is told to, `heavy()` tells it and `light()` only binds the compiler; where it refuses,
/// both are fences. Which of the two is settled for good when the object is made.
///
/// **cost** `heavy()` a system call that interrupts the cores on which the process runs. The first object of a process
/// that has threads already takes milliseconds to make.
class AsymmetricFence {
 public:
  AsymmetricFence() noexcept : asymmetric_(enrol()) {}
  AsymmetricFence(const AsymmetricFence&) = delete;
  AsymmetricFence& operator=(const AsymmetricFence&) = delete;

  void light() noexcept {
    if (asymmetric_) [[likely]] {
      std::atomic_signal_fence(std::memory_order_seq_cst);
    } else {
      fence();
    }
  }

  /// False when the kernel refuses now what it granted before, as under a filter of system calls that was installed in
  /// between: then nothing is ordered.
  [[nodiscard]] bool heavy() noexcept {
    if (!asymmetric_) {
      return fence(), true;
    }
    return call(MEMBARRIER_CMD_PRIVATE_EXPEDITED) || (enrol() && call(MEMBARRIER_CMD_PRIVATE_EXPEDITED));
  }

  /// Whether `light()` is free.
  [[nodiscard]] bool asymmetric() const noexcept { return asymmetric_; }

 private:
  static bool call(int command) noexcept { return ::syscall(SYS_membarrier, command, 0, 0) == 0; }
  static bool enrol() noexcept { return call(MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED); }

  /// ThreadSanitizer knows no fences, and GCC warns of that; two writes of one word order as much.
  void fence() noexcept {
    if constexpr (WEIR_THREAD_SANITIZER) {
      word_.fetch_add(1, std::memory_order_seq_cst);
    } else {
      std::atomic_thread_fence(std::memory_order_seq_cst);
    }
  }

  const bool asymmetric_;
  std::atomic<std::uint32_t> word_{0};
};

}  // namespace weir::inline WEIR_ABI::detail
