/// A clock that costs a few nanoseconds: the processor's own counter, and how long one of its steps takes.
#pragma once

#include <cstdint>

#include "support/machine.hpp"

namespace bench {

inline std::uint64_t ticks() noexcept {
#if defined(__x86_64__)
  return __builtin_ia32_rdtsc();
#elif defined(__aarch64__)
  std::uint64_t count = 0;
  asm volatile("mrs %0, cntvct_el0" : "=r"(count));
  return count;
#else
# error "bench: no cheap counter is known for this processor"
#endif
}

/// Measured once against the steady clock.
inline double ticks_a_nanosecond() {
  static const double rate = [] {
    const auto begin = Clock::now();
    const auto first = ticks();
    while (seconds_between(begin, Clock::now()) < 0.01) {
    }
    const auto last = ticks();
    return static_cast<double>(last - first) / (seconds_between(begin, Clock::now()) * 1e9);
  }();
  return rate;
}

}  // namespace bench
