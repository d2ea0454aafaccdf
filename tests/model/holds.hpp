/// A program that must hold in every schedule.
#pragma once

#include <doctest/doctest.h>

#include <string>

#include "model/checker.hpp"

namespace weir::model {

template <class Program>
void holds(const char* name, const Limits& limits = {}) {
  const auto outcome = explore<Program>(limits);
  INFO(outcome.failure << "\n" << outcome.schedule);
  CHECK(outcome.ok);
  CHECK(outcome.exhausted);
  MESSAGE(std::string{name}, ": ", outcome.executions, " executions, ", outcome.states, " states");
}

}  // namespace weir::model
