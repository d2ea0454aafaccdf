/// A lock that is held for long, and waited for up to a moment.
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>

#include "weir/core/config.hpp"

namespace weir::inline WEIR_ABI::detail {

/// What `std::timed_mutex` is, for `std::unique_lock` and `std::lock_guard`; made of parts that race detectors know.
class Turn {
 public:
  void lock() {
    std::unique_lock lock{mutex_};
    free_.wait(lock, [this] { return !taken_; });
    taken_ = true;
  }
  [[nodiscard]] bool try_lock() {
    const std::lock_guard lock{mutex_};
    return !taken_ && (taken_ = true);
  }
  [[nodiscard]] bool try_lock_until(std::chrono::steady_clock::time_point moment) {
    std::unique_lock lock{mutex_};
    return free_.wait_until(lock, moment, [this] { return !taken_; }) && (taken_ = true);
  }
  void unlock() {
    {
      const std::lock_guard lock{mutex_};
      taken_ = false;
    }
    free_.notify_one();
  }

 private:
  std::mutex mutex_;
  std::condition_variable free_;
  bool taken_ = false;  // under the mutex
};

}  // namespace weir::inline WEIR_ABI::detail
