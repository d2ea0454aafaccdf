/// Arrival times that never decrease with the number, whatever the clock does.
#pragma once

#include "weir/ring/limit.hpp"

namespace weir::inline WEIR_ABI::detail {

/// Arrival times are kept as unsigned milliseconds; a clock before 1970 reads as 1970.
template <class Clock>
[[nodiscard]] std::uint64_t milliseconds_of(const Clock& clock) noexcept {
  const auto ticks = clock.now().time_since_epoch().count();
  return ticks < 0 ? std::uint64_t{0} : static_cast<std::uint64_t>(ticks);
}

/// The arrival of a claim that many producers may make at once: between loading the tail (acquire T) and the CAS of
/// the tail from the value loaded (release T).
///
/// Whoever claims next has seen that CAS and therefore finds `last` at least as high as the time returned here, so
/// times follow the order of claims; a claimer whose CAS fails reads the time anew. The word is written once in a
/// tick of the clock, so it costs the tail's line nothing.
template <class Memory, class Clock>
[[nodiscard]] std::uint64_t arrive(std::uint64_t& last, const Clock& clock) noexcept {
  const auto now = milliseconds_of(clock);
  for (auto seen = Memory::load(last, relaxed); seen < now; seen = Memory::load(last, relaxed)) {
    if (Memory::compare_exchange(last, seen, now, relaxed)) {
      return now;
    }
  }
  return std::max(now, Memory::load(last, relaxed));
}

}  // namespace weir::inline WEIR_ABI::detail
