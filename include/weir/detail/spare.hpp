/// A thing that is kept for whoever needs one next.
#pragma once

#include <mutex>
#include <utility>

#include "weir/core/config.hpp"

namespace weir::inline WEIR_ABI::detail {

/// Keeps one `T`, so that what it has allocated is used again. Neither function waits: who comes while another is at it
/// gets a new one, or sees its own destroyed.
template <class T>
class Spare {
 public:
  [[nodiscard]] T take() {
    const std::unique_lock lock{mutex_, std::try_to_lock};
    return lock ? std::exchange(thing_, T{}) : T{};
  }
  void give(T thing) {
    if (const std::unique_lock lock{mutex_, std::try_to_lock}) {
      std::swap(thing_, thing);
    }
  }

 private:
  std::mutex mutex_;
  T thing_;
};

}  // namespace weir::inline WEIR_ABI::detail
