/// Ends the program when a test hangs, and says which.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <string>
#include <thread>
#include <utility>

namespace weir::support {

/// Aborts with `text` when its scope lasts longer than `limit`: a deadlock becomes a failure with a name instead of
/// a build that never ends. Generous, because it must not fire on a slow machine.
class Watchdog {
 public:
  explicit Watchdog(std::string text, std::chrono::milliseconds limit = std::chrono::seconds{60})
      : text_(std::move(text)), thread_([this, limit] { watch(limit); }) {}
  Watchdog(const Watchdog&) = delete;
  Watchdog& operator=(const Watchdog&) = delete;

  ~Watchdog() {
    {
      const std::lock_guard lock{mutex_};
      finished_ = true;
    }
    changed_.notify_one();
    thread_.join();
  }

 private:
  void watch(std::chrono::milliseconds limit) {
    std::unique_lock lock{mutex_};
    if (!changed_.wait_for(lock, limit, [this] { return finished_; })) {
      std::fprintf(stderr, "watchdog: still running after %lld ms: %s\n", static_cast<long long>(limit.count()),
                   text_.c_str());
      std::abort();
    }
  }

  std::string text_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool finished_ = false;  ///< under `mutex_`
  std::thread thread_;     ///< last: it uses what stands above
};

}  // namespace weir::support
