/// Failures at a place that a test chooses: the service's bad days, on demand.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "weir/core/env.hpp"
#include "weir/core/failure.hpp"
#include "weir/core/ids.hpp"

namespace weir::inline WEIR_ABI::testing {

/// What is to go wrong in the streams of an environment, and when. Copies share one plan: a stream opened with a copy
/// follows the handle that the test kept. Planning is const for that reason, a copy in a lambda can do it.
///
/// Puts count one by one, records of a batch too, over all streams and shards of the environment. `n` counts from the
/// call on: 1 is the next one; 0 is never reached. Plans add up.
///
/// **threads** every call, from any thread.
class FaultPlan {
 public:
  /// How often the plan was asked, and how often it struck, since it was made.
  struct Hits {
    std::uint64_t puts = 0;       ///< records that came to be put, whatever became of them
    std::uint64_t throttled = 0;  ///< of these, answered `throughput_exceeded`
    std::uint64_t failed = 0;     ///< of these, answered `internal_failure`
    std::uint64_t expired = 0;    ///< iterators
    std::uint64_t steps = 0;      ///< steps that were run
    std::uint64_t holds = 0;      ///< how often somebody asked for a transition and found it held

    friend constexpr bool operator==(const Hits&, const Hits&) noexcept = default;
  };

  FaultPlan() : plan_(std::make_shared<Plan>()) {}

  /// Only copies, no moves: one that was moved from would have no plan.
  FaultPlan(const FaultPlan&) = default;
  FaultPlan& operator=(const FaultPlan&) = default;
  ~FaultPlan() = default;

  /// The `n`th put from now on is answered `throughput_exceeded`.
  void throttle_put(std::uint64_t n) const {
    const std::lock_guard lock{plan_->mutex};
    add(plan_->throttled, plan_->hits.puts, n);
  }
  /// Every `n`th put from now on is answered `internal_failure`, unless it is throttled; 0 ends that.
  void fail_every(std::uint64_t n) const {
    const std::lock_guard lock{plan_->mutex};
    plan_->fail_period = n;
    plan_->fail_after = plan_->hits.puts;
  }
  /// Runs `step` before the `n`th put from now on, in the thread that puts. It may do anything, put and plan included;
  /// what it plans counts from the put after. What it throws passes through the put, which stores nothing then.
  ///
  /// A step that holds a copy of the plan keeps it alive until the step has run or the plan is cleared.
  void at_put(std::uint64_t n, std::function<void()> step) const {
    const std::lock_guard lock{plan_->mutex};
    if (n != 0) {
      plan_->steps.emplace(plan_->hits.puts + n, std::move(step));
    }
  }
  /// The `n`th read through an iterator's token from now on (Kinesis' GetRecords) is answered `expired_iterator`. A
  /// request that is refused for what it says, or whose token has expired by itself, is none.
  void expire_iterator(std::uint64_t n) const {
    const std::lock_guard lock{plan_->mutex};
    add(plan_->expired, plan_->reads, n);
  }
  /// Streams that come to this transition stay in it until it is released.
  void hold(Transition transition) const { set_held(transition, true); }
  void release(Transition transition) const { set_held(transition, false); }

  /// Forgets what was planned and releases what is held. The hits stay.
  void clear() const {
    std::multimap<std::uint64_t, std::function<void()>> steps;  // ends after the lock: steps may hold anything
    const std::lock_guard lock{plan_->mutex};
    steps.swap(plan_->steps);
    plan_->throttled.clear();
    plan_->expired.clear();
    plan_->fail_period = 0;
    plan_->held = {};
  }

  [[nodiscard]] Hits hits() const {
    const std::lock_guard lock{plan_->mutex};
    return plan_->hits;
  }

  /// What a stream asks, once for each record: the failure that was planned for it. Its value is how many of its code
  /// there were, itself included.
  [[nodiscard]] std::optional<Failure> on_put(ShardId) const {
    const auto [number, steps] = begin_put();
    for (const auto& step : steps) {
      step();
    }
    const std::lock_guard lock{plan_->mutex};
    if (plan_->throttled.erase(number) != 0) {
      return Failure{Errc::throughput_exceeded, Cause::fault_planned, ++plan_->hits.throttled, 0};
    }
    if (plan_->fail_period != 0 && number > plan_->fail_after &&
        (number - plan_->fail_after) % plan_->fail_period == 0) {
      return Failure{Errc::internal_failure, Cause::fault_planned, ++plan_->hits.failed, 0};
    }
    return std::nullopt;
  }
  /// What a client asks, once for each read through a token.
  [[nodiscard]] bool expires_iterator() const {
    const std::lock_guard lock{plan_->mutex};
    const bool expires = plan_->expired.erase(++plan_->reads) != 0;
    plan_->hits.expired += expires ? 1U : 0U;
    return expires;
  }
  /// What a client asks before it completes a transition.
  [[nodiscard]] bool held(Transition transition) const {
    const std::lock_guard lock{plan_->mutex};
    const bool held = plan_->held[static_cast<std::size_t>(transition)];
    plan_->hits.holds += held ? 1U : 0U;
    return held;
  }

 private:
  /// All of it under its mutex. Puts and reads are named by their numbers since it was made.
  struct Plan {
    std::mutex mutex;
    Hits hits;
    std::uint64_t reads = 0;
    std::set<std::uint64_t> throttled;
    std::set<std::uint64_t> expired;
    std::multimap<std::uint64_t, std::function<void()>> steps;
    std::uint64_t fail_period = 0;
    std::uint64_t fail_after = 0;
    std::array<bool, 3> held{};
  };
  struct Put {
    std::uint64_t number;
    std::vector<std::function<void()>> steps;
  };

  /// Not the one that is being put meanwhile, for 0.
  static void add(std::set<std::uint64_t>& numbers, std::uint64_t so_far, std::uint64_t n) {
    if (n != 0) {
      numbers.insert(so_far + n);
    }
  }

  [[nodiscard]] Put begin_put() const {
    const std::lock_guard lock{plan_->mutex};
    Put put{++plan_->hits.puts, {}};
    const auto [first, last] = plan_->steps.equal_range(put.number);
    for (auto step = first; step != last; ++step) {
      put.steps.push_back(std::move(step->second));
      ++plan_->hits.steps;
    }
    plan_->steps.erase(first, last);
    return put;
  }

  void set_held(Transition transition, bool held) const {
    const std::lock_guard lock{plan_->mutex};
    plan_->held[static_cast<std::size_t>(transition)] = held;
  }

  std::shared_ptr<Plan> plan_;
};

}  // namespace weir::inline WEIR_ABI::testing
