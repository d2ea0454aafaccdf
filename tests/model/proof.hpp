/// Searches of many scenarios, and how much of them is wanted: a part in every run of the tests, more in the long form.
#pragma once

#include <doctest/doctest.h>

#include <cstdlib>
#include <initializer_list>
#include <set>
#include <string>

#include "model/operations.hpp"
#include "support/random.hpp"

namespace weir::model {

/// Whether WEIR_PROOF says `long`.
inline bool long_form() {
  const char* const wanted = std::getenv("WEIR_PROOF");
  return wanted != nullptr && std::string_view{wanted} == "long";
}

/// A search that takes longer fails, because it is not exhausted.
inline std::chrono::milliseconds patience() {
  return long_form() ? std::chrono::minutes{60} : std::chrono::minutes{2};
}

struct Total {
  std::uint64_t scenarios = 0;
  std::uint64_t executions = 0;
  std::uint64_t states = 0;

  void add(const Outcome& outcome) noexcept {
    ++scenarios;
    executions += outcome.executions;
    states += outcome.states;
  }
  void print(const char* ring, const std::string& bound) const {
    MESSAGE(std::string{ring}, ": ", scenarios, " scenarios, ", executions, " executions, ", states, " states, ",
            bound);
  }
};

using Scenarios = std::initializer_list<Scenario>;

/// One search of one scenario, which must hold; if there is no seed, to the end of what the limits leave.
template <class Program>
void search(const Scenario& scenario, const Limits& limits, Total& total) {
  CAPTURE(std::string{scenario.name});
  Program::scenario = &scenario;
  const auto outcome = explore<Program>(limits);
  INFO("seed " << outcome.seed << "\n" << outcome.failure << "\n" << outcome.schedule);
  CHECK(outcome.ok);
  CHECK(outcome.exhausted != limits.seed.has_value());
  total.add(outcome);
}

/// Every interleaving, and every value that a load may return, of each scenario; of large ones, but in the long form,
/// those with few preemptions and few old values.
template <class Program>
void try_all(const char* ring, const Scenarios& scenarios, int clock_values = 1) {
  Total total;
  int bounded = 0;
  for (const Scenario& scenario : scenarios) {
    const auto bound = scenario.large && !long_form() ? 1 : Limits::unlimited;
    search<Program>(scenario,
                    {.preemptions = bound, .stale_reads = bound, .max_time = patience(), .clock_values = clock_values},
                    total);
    bounded += bound != Limits::unlimited ? 1 : 0;
  }
  total.print(ring, bounded == 0 ? "no bound"
                                 : std::to_string(bounded) + " of them with at most one preemption and one old value");
}

/// With and without each of the checker's reductions: what the operations come to must be the same. Without any, where
/// that ends; else with the memory of states alone.
template <class Program>
void compare_reductions(const char* ring, const Scenarios& scenarios) {
  Total total;
  for (const Scenario& scenario : scenarios) {
    CAPTURE(std::string{scenario.name});
    Program::scenario = &scenario;
    std::set<std::uint64_t> expected;
    bool known = false;
    for (const bool every_step : {true, false}) {
      for (const bool memoise : {false, true}) {
        CAPTURE(every_step);
        CAPTURE(memoise);
        std::set<std::uint64_t> results;
        Program::results = &results;
        const auto outcome = explore<Program>(
            {.max_executions = long_form() ? 100'000'000U : 100'000U, .memoise = memoise, .every_step = every_step});
        Program::results = nullptr;
        INFO(outcome.failure << "\n" << outcome.schedule);
        CHECK(outcome.ok);
        const bool plain = every_step && !memoise;
        CHECK((outcome.exhausted || plain));
        if (plain && outcome.exhausted) {
          total.add(outcome);
        }
        if (outcome.exhausted) {
          expected = known ? expected : results;
          known = true;
          CHECK(results == expected);
        }
      }
    }
  }
  total.print(ring, "without any reduction, of " + std::to_string(scenarios.size()) + "; the same results with each");
}

/// So many switches away from a thread that could go on, at most.
template <class Program>
void try_preempted(const char* ring, const Scenarios& scenarios, std::uint32_t preemptions) {
  Total total;
  for (const Scenario& scenario : scenarios) {
    search<Program>(scenario, {.preemptions = preemptions, .stale_reads = preemptions}, total);
  }
  const auto bound = std::to_string(preemptions);
  total.print(ring, "at most " + bound + " preemptions and " + bound + " old values");
}

/// Random schedules; a failure says the seed that repeats it.
template <class Program>
void try_random(const char* ring, const Scenarios& scenarios, std::uint64_t executions, int clock_values = 1) {
  support::Random random;
  Total total;
  for (const Scenario& scenario : scenarios) {
    search<Program>(
        scenario,
        {.max_executions = (long_form() ? 100 : 1) * executions, .clock_values = clock_values, .seed = random.next()},
        total);
  }
  total.print(ring, "at random from seed " + std::to_string(random.seed()));
}

}  // namespace weir::model
