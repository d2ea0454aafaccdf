/// Notices two threads where the contract allows one; nothing in a release build.
#pragma once

#include <atomic>

#include "weir/core/config.hpp"

namespace weir::inline WEIR_ABI::detail {

/// Entered and left by each use. It orders nothing, so that it hides no missing hand-over from a race detector.
class exclusive_use {
 public:
  class scope {
   public:
    explicit scope([[maybe_unused]] exclusive_use& use, [[maybe_unused]] const char* text) noexcept
#if WEIR_ASSERTS
        : use_(use) {
      [[maybe_unused]] const bool busy = use_.busy_.exchange(true, std::memory_order_relaxed);
      WEIR_ASSERT(!busy, text);
    }
    ~scope() {
      use_.busy_.store(false, std::memory_order_relaxed);
    }
    scope(const scope&) = delete;
    scope& operator=(const scope&) = delete;

   private:
    exclusive_use& use_;
#else
    {
    }
#endif
  };

 private:
#if WEIR_ASSERTS
  std::atomic<bool> busy_{false};
#endif
};

}  // namespace weir::inline WEIR_ABI::detail
