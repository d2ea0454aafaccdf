/// How far a search goes, and what it found.
#pragma once

#include <chrono>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>

namespace weir::model {

/// How far a search goes. Without a seed it tries everything within its limits, depth first; with one it makes
/// executions at random, which are what the same seed always gives.
struct Limits {
  static constexpr std::uint32_t unlimited = std::numeric_limits<std::uint32_t>::max();

  std::uint32_t preemptions = unlimited;  ///< switches away from a thread that could go on, in one execution
  std::uint32_t stale_reads = unlimited;  ///< loads that return another message than the newest; 0: interleavings only
  std::uint64_t max_executions = std::numeric_limits<std::uint64_t>::max();
  std::chrono::milliseconds max_time = std::chrono::minutes{10};
  std::uint32_t max_steps = 5000;       ///< accesses of one execution: more means a loop without a pause
  int clock_values = 1;                 ///< a reading of `CheckedClock` may be any of so many values
  std::optional<std::uint64_t> seed{};  ///< execution n is random with seed + n; nothing is memoised or exhausted
  bool memoise = true;                  ///< a state is visited once
  /// A scheduling point before every atomic access. Off, there are fewer with the same outcomes: `Scheduler::before`.
  /// A limit on stale reads turns it on, because then reading late is no substitute for reading an old value; so do a
  /// seed, threads that may die (a block is then no unit any more) and the first fence or sleep of a program.
  bool every_step = false;
};

/// What a search found.
struct Outcome {
  bool ok = true;
  std::string failure;     ///< the first one
  std::string schedule;    ///< the accesses that led to it, a line each
  std::uint64_t seed = 0;  ///< of a random search: `Limits` with this seed fail in the first execution
  std::uint64_t executions = 0;
  std::uint64_t states = 0;
  bool exhausted = false;  ///< nothing within the limits on preemptions and stale reads is left
};

}  // namespace weir::model
