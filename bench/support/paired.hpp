/// Systems measured side by side: a repetition runs them all, one right after another, in an order of its own.
#pragma once

#include <algorithm>
#include <map>
#include <random>

#include "support/session.hpp"

namespace bench {

/// One of several that do the same task.
struct System {
  std::string name;
  std::function<Session()> run;
};

/// How far apart the two processors are, by what a line takes one way.
enum class Distance : std::uint8_t { near, far, between };

inline Distance distance(double line_ns) {
  return line_ns < 75 ? Distance::near : line_ns > 140 ? Distance::far : Distance::between;
}

/// Registers a benchmark whose repetition measures every system once and reports `ns:SYSTEM`, the nanoseconds a record,
/// and each of the system's other figures as `FIGURE:SYSTEM`. A session that lost its processor is repeated; with
/// several threads the distance of the processors is measured around each session, and the repetition begins anew if it
/// changed, a few times at most.
inline void add_paired(const Row& row, Threads threads, std::vector<System> systems) {
  constexpr double undisturbed = 0.97;
  constexpr int attempts = 4;
  auto run = [=](benchmark::State& state) {
    static std::mt19937_64 shuffler{std::random_device{}()};
    const auto floor = [threads] { return threads == Threads::several ? line_one_way() : 0.0; };
    std::map<std::string, Session> sessions;
    double least = 0, most = 0, seconds = 0, share = 1;
    auto order = systems;
    for ([[maybe_unused]] auto unused : state) {
      try {
        for (int i = 0; i < attempts; ++i) {
          std::shuffle(order.begin(), order.end(), shuffler);
          seconds = 0;
          share = 1;
          least = most = floor();
          for (const auto& system : order) {
            Session best{.share = -1};
            for (int again = 0; again < attempts && best.share < undisturbed; ++again) {
              pin(0);
              if (auto session = system.run(); session.share > best.share) {
                best = std::move(session);
              }
            }
            seconds += best.seconds;
            share = std::min(share, best.share);
            sessions[system.name] = std::move(best);
            const auto now = floor();
            least = std::min(least, now);
            most = std::max(most, now);
          }
          if (threads == Threads::one || (distance(least) == distance(most) && distance(least) != Distance::between)) {
            break;
          }
        }
      } catch (const std::exception& error) {
        ++failed_sessions;
        state.SkipWithError(error.what());
        return;
      }
      state.SetIterationTime(seconds);
    }
    state.counters["share"] = share;
    if (threads == Threads::several) {
      state.counters["floor_before"] = least;
      state.counters["floor_after"] = most;
    }
    for (const auto& [name, session] : sessions) {
      if (session.records != 0) {
        state.counters["ns:" + name] = session.seconds * 1e9 / session.records;
      }
      for (const auto& [figure, value] : session.figures) {
        state.counters[std::string{figure} + ':' + name] = value;
      }
    }
  };
  benchmark::RegisterBenchmark(row.name().c_str(), std::move(run))->Iterations(1)->UseManualTime();
}

}  // namespace bench
