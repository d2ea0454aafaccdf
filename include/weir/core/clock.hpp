/// Time as a stream sees it: milliseconds, read through a clock that tests can replace.
#pragma once

#include <time.h>

#include <chrono>
#include <concepts>
#include <cstdint>

#include "weir/core/config.hpp"

namespace weir::inline WEIR_ABI {

/// A moment, in milliseconds since 1970; Kinesis' ApproximateArrivalTimestamp has the same unit.
using Timestamp = std::chrono::time_point<std::chrono::system_clock, std::chrono::milliseconds>;

/// A source of wall-clock time. `now()` is read by many threads at once and may step back: streams never pass the
/// step on, because an arrival time never decreases with the number.
template <class C>
concept wall_clock = requires(const C& clock) {
  { clock.now() }
  noexcept->std::same_as<Timestamp>;
};

/// The operating system's wall clock at tick resolution (1 to 4 ms).
///
/// **cost** about 5 ns, a quarter of a precise reading: arrival times are approximate by contract, so puts do not
/// pay for more.
struct CoarseClock {
  /// How far a reading may lag behind; a clock that names no resolution does not lag. `at_timestamp` takes moments that
  /// are so little in the future, and a record may carry an arrival so much before the moment it was put.
  static constexpr std::chrono::milliseconds resolution{10};

  [[nodiscard]] Timestamp now() const noexcept {
    timespec reading{};
    ::clock_gettime(CLOCK_REALTIME_COARSE, &reading);
    return Timestamp{
        std::chrono::milliseconds{static_cast<std::int64_t>(reading.tv_sec) * 1000 + reading.tv_nsec / 1'000'000}};
  }
};

static_assert(wall_clock<CoarseClock>);

}  // namespace weir::inline WEIR_ABI
