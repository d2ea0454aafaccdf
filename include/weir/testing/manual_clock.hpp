/// Time that stands still until a test moves it, and the environment of streams in tests.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>

#include "weir/core/clock.hpp"
#include "weir/core/env.hpp"
#include "weir/core/md5.hpp"
#include "weir/testing/fault_plan.hpp"

namespace weir::inline WEIR_ABI::testing {

/// A wall clock that a test sets. Copies share one time: a stream opened with a copy follows the handle that the
/// test kept. Setting and advancing are const for that reason, a copy in a lambda can do both.
///
/// **threads** every call, from any thread; what a thread did before it moved the time is seen by one that reads it.
class ManualClock {
 public:
  /// 2001-09-09 01:46:40 UTC, a round number of milliseconds and late enough to subtract a retention from.
  static constexpr Timestamp default_start{std::chrono::milliseconds{1'000'000'000'000}};

  ManualClock() : ManualClock(default_start) {}
  explicit ManualClock(Timestamp start) : millis_(std::make_shared<std::atomic<Count>>(count(start))) {}

  /// Only copies, no moves: a clock that was moved from would have no time to tell.
  ManualClock(const ManualClock&) = default;
  ManualClock& operator=(const ManualClock&) = default;
  ~ManualClock() = default;

  [[nodiscard]] Timestamp now() const noexcept { return Timestamp{std::chrono::milliseconds{millis_->load()}}; }

  /// May go back, as wall clocks do.
  void set(Timestamp moment) const noexcept { millis_->store(count(moment)); }

  /// Advances of several threads add up. A negative step goes back.
  void advance(std::chrono::milliseconds step) const noexcept { millis_->fetch_add(Count{step.count()}); }

 private:
  using Count = std::int64_t;
  static constexpr Count count(Timestamp moment) noexcept { return moment.time_since_epoch().count(); }

  std::shared_ptr<std::atomic<Count>> millis_;
};

static_assert(wall_clock<ManualClock>);

/// The real world but for its time, and for the failures that a test plans. Copy it, or its `clock` and its `faults`,
/// before it goes into a stream:
///
/// ```cpp
/// weir::testing::ManualEnv env;
/// auto stream = weir::Stream<Tick, weir::MemoryStorage, weir::Options{}, weir::testing::ManualEnv>::open({}, {}, env);
/// env.clock.advance(5min);
/// env.faults.throttle_put(1);
/// ```
struct ManualEnv {
  using Memory = HardwareMemory;
  ManualClock clock;
  [[no_unique_address]] Md5Hasher hasher{};
  FaultPlan faults{};
};

static_assert(faulty_environment<ManualEnv>);

}  // namespace weir::inline WEIR_ABI::testing
