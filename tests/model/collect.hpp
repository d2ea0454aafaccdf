/// Programs whose results are collected: each with and without the checker's reductions, which must lose none.
#pragma once

#include <doctest/doctest.h>

#include <array>
#include <cstdint>
#include <set>
#include <string>

#include "model/checker.hpp"

namespace weir::model {

using Registers = std::array<std::uint64_t, 4>;
using Results = std::set<Registers>;

inline Results& results() {
  static Results set;
  return set;
}

/// A litmus program: what its threads have read is its result.
struct Litmus {
  Registers r{};
  void finish() const { results().insert(r); }
};

template <class Program>
Outcome collect(const Limits& limits, char weakened = 0) {
  results().clear();
  return explore<Program>(limits, weakened);
}

/// All results of a program without failures, the same with and without each of the checker's two reductions.
template <class Program>
Results all_of(char weakened = 0) {
  Results expected;
  bool first = true;
  for (const bool memoise : {true, false}) {
    for (const bool every_step : {false, true}) {
      CAPTURE(memoise);
      CAPTURE(every_step);
      const auto outcome = collect<Program>({.memoise = memoise, .every_step = every_step}, weakened);
      REQUIRE_MESSAGE(outcome.ok, outcome.failure << "\n" << outcome.schedule);
      CHECK(outcome.exhausted);
      CHECK((outcome.states != 0) == memoise);
      if (first) {
        expected = results();
      }
      CHECK(results() == expected);
      first = false;
    }
  }
  return expected;
}

/// The failure of a program, the same kind with and without each reduction.
template <class Program>
Outcome failure_of(const std::string& kind, char weakened = 0) {
  Outcome outcome;
  for (const bool memoise : {false, true}) {
    for (const bool every_step : {true, false}) {
      CAPTURE(memoise);
      CAPTURE(every_step);
      outcome = collect<Program>({.memoise = memoise, .every_step = every_step}, weakened);
      CHECK_FALSE(outcome.ok);
      CHECK_FALSE(outcome.exhausted);
      CHECK_MESSAGE(outcome.failure.find(kind) != std::string::npos, outcome.failure);
    }
  }
  return outcome;
}

}  // namespace weir::model
