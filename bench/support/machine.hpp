/// The processors that benchmarks run on: which, how far apart, and whether a thread had its own all the time.
#pragma once

#include <sched.h>
#include <time.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <exception>
#include <functional>
#include <thread>
#include <vector>

#include "weir/core/env.hpp"

namespace bench {

using Clock = std::chrono::steady_clock;

inline double seconds_between(Clock::time_point begin, Clock::time_point end) {
  return std::chrono::duration<double>(end - begin).count();
}

/// The processors allowed when first asked: before any thread is pinned.
inline const std::vector<int>& processors() {
  static const auto all = [] {
    std::vector<int> allowed;
    cpu_set_t set;
    CPU_ZERO(&set);
    sched_getaffinity(0, sizeof set, &set);
    for (int cpu = 0; cpu < CPU_SETSIZE; ++cpu) {
      if (CPU_ISSET(cpu, &set)) {
        allowed.push_back(cpu);
      }
    }
    return allowed;
  }();
  return all;
}

/// Keeps the calling thread on one processor, counted round.
inline void pin(std::size_t index) {
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(processors()[index % processors().size()], &set);
  sched_setaffinity(0, sizeof set, &set);
}

/// The body of a polling loop of as many threads as run together.
inline void relax(std::size_t threads) {
  if (threads > processors().size()) {
    std::this_thread::yield();
  } else {
    weir::HardwareMemory::pause();
  }
}

/// How much of its time a thread had its processor: less than all means that somebody else ran.
class ProcessorShare {
 public:
  [[nodiscard]] double so_far() const {
    const auto wall = seconds_between(wall_, Clock::now());
    return wall > 0 ? std::min((used() - used_) / wall, 1.0) : 1.0;
  }

 private:
  static double used() {
    timespec reading{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &reading);
    return static_cast<double>(reading.tv_sec) + static_cast<double>(reading.tv_nsec) * 1e-9;
  }

  Clock::time_point wall_ = Clock::now();
  double used_ = used();
};

/// A thread's work and the processor it is pinned to.
struct Task {
  std::size_t processor;
  std::function<void()> work;
};

/// Runs the tasks at once, each in a thread of its own. Returns the share of its processor that the worst-off thread
/// had, and rethrows the first exception.
inline double run_together(const std::vector<Task>& tasks) {
  std::atomic<std::size_t> waiting{tasks.size()};
  std::vector<double> shares(tasks.size());
  std::vector<std::exception_ptr> failures(tasks.size());
  std::vector<std::thread> threads;
  threads.reserve(tasks.size());
  for (std::size_t i = 0; i < tasks.size(); ++i) {
    threads.emplace_back([&, i] {
      pin(tasks[i].processor);
      waiting.fetch_sub(1);
      while (waiting.load() != 0) {
        std::this_thread::yield();
      }
      const ProcessorShare share;
      try {
        tasks[i].work();
      } catch (...) {
        failures[i] = std::current_exception();
      }
      shares[i] = share.so_far();
    });
  }
  for (auto& thread : threads) {
    thread.join();
  }
  for (const auto& failure : failures) {
    if (failure) {
      std::rethrow_exception(failure);
    }
  }
  return *std::min_element(shares.begin(), shares.end());
}

/// The machine's own floor: nanoseconds that one line takes from one processor to the other, without any ring around
/// it. Two threads write a word in turn; the median of a few short rounds.
inline double line_one_way() {
  constexpr int rounds = 9;
  constexpr std::uint32_t trips = 32;
  alignas(weir::line_size) std::atomic<std::uint32_t> line{0};
  std::array<double, rounds> taken{};
  const auto answer = [&](std::uint32_t parity) {
    for (int round = 0; round < rounds; ++round) {
      const auto begin = Clock::now();
      for (std::uint32_t trip = 0; trip < trips; ++trip) {
        const auto mine = (static_cast<std::uint32_t>(round) * trips + trip) * 2 + parity;
        while (line.load(std::memory_order_acquire) != mine) {
          relax(2);
        }
        line.store(mine + 1, std::memory_order_release);
      }
      if (parity == 0) {
        taken[static_cast<std::size_t>(round)] = seconds_between(begin, Clock::now());
      }
    }
  };
  run_together({{0, [&] { answer(0); }}, {1, [&] { answer(1); }}});
  std::sort(taken.begin(), taken.end());
  return taken[rounds / 2] * 1e9 / (2.0 * trips);
}

}  // namespace bench
