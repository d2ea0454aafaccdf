/// One repetition of a benchmark: what it measures, under which name it is reported, what happens when its answer is
/// wrong.
#pragma once

#include <benchmark/benchmark.h>

#include <functional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "support/machine.hpp"

namespace bench {

/// A wrong answer: the benchmark is reported as failed and the program ends with an error.
struct WrongAnswer : std::runtime_error {
  using std::runtime_error::runtime_error;
};

inline void require(bool right, const char* what) {
  if (!right) [[unlikely]] {
    throw WrongAnswer(what);
  }
}

/// Set by the command line before anything runs.
inline std::chrono::microseconds session_length{3000};
inline int failed_sessions = 0;

/// What a session measured. The figures appear in the report under their names.
struct Session {
  double records = 0;  ///< none: only the figures tell something
  double seconds = 0;
  double share = 1;  ///< of its processor that the worst-off thread had
  std::vector<std::pair<const char*, double>> figures{};
};

/// Calls `put(n)` for n = first, first + 1, ... for the length of a session, `calls` at a time between two looks at the
/// clock. Returns the first n that was not used, and how long it took.
template <class Action>
std::pair<std::uint64_t, double> repeat(std::uint64_t first, int calls, Action&& put) {
  const auto begin = Clock::now();
  const auto until = begin + session_length;
  for (;;) {
    for (int i = 0; i < calls; ++i) {
      put(first++);
    }
    if (const auto now = Clock::now(); now >= until) {
      return {first, seconds_between(begin, now)};
    }
  }
}

/// The parts of a benchmark's name. What a row measures stands before the blank, on what terms behind it.
struct Row {
  std::string topic;
  std::size_t size = 0;
  std::string variant;
  std::string terms;

  [[nodiscard]] std::string name() const { return topic + '/' + std::to_string(size) + "B/" + variant + ' ' + terms; }
};

enum class Threads : std::uint8_t { one, several };

/// Registers a benchmark whose repetition is one session. A session in which a thread lost its processor is repeated,
/// twice at most; the best counts. With several threads the distance between the processors is measured before and
/// after, because it may change within a minute and every figure with it.
inline void add(const Row& row, Threads threads, std::function<Session()> session) {
  constexpr double undisturbed = 0.98;
  constexpr int attempts = 3;
  auto run = [=, size = row.size](benchmark::State& state) {
    Session best{.share = -1};
    double before = 0, after = 0;
    for ([[maybe_unused]] auto unused : state) {
      try {
        for (int i = 0; i < attempts && best.share < undisturbed; ++i) {
          const double floor = threads == Threads::several ? line_one_way() : 0;
          pin(0);
          auto attempt = session();
          if (attempt.share > best.share) {
            best = std::move(attempt);
            before = floor;
            after = threads == Threads::several ? line_one_way() : 0;
          }
        }
      } catch (const std::exception& error) {
        ++failed_sessions;
        state.SkipWithError(error.what());
        return;
      }
      state.SetIterationTime(best.seconds);
    }
    state.SetItemsProcessed(static_cast<std::int64_t>(best.records));
    state.SetBytesProcessed(static_cast<std::int64_t>(best.records * static_cast<double>(size)));
    state.counters["ns"] = best.seconds * 1e9 / best.records;
    state.counters["share"] = best.share;
    if (threads == Threads::several) {
      state.counters["floor_before"] = before;
      state.counters["floor_after"] = after;
    }
    for (const auto& [name, value] : best.figures) {
      state.counters[name] = value;
    }
  };
  benchmark::RegisterBenchmark(row.name().c_str(), std::move(run))->Iterations(1)->UseManualTime();
}

/// Defined by each program.
void register_benchmarks();

}  // namespace bench
