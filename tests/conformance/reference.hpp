/// The reference test with random decisions.
#pragma once

#include <doctest/doctest.h>

#include <cstdint>
#include <vector>

#include "support/random.hpp"
#include "support/reference_log.hpp"

namespace weir::conformance {

/// Many short runs: geometries and first numbers vary from run to run.
template <class Subject>
void agrees_with_reference() {
  support::Random random;
  for (int round = 0; round < 400; ++round) {
    CAPTURE(round);
    std::vector<std::uint8_t> decisions(50 + random.below(1500));
    for (auto& decision : decisions) {
      decision = static_cast<std::uint8_t>(random.next());
    }
    CHECK_NOTHROW(support::run_reference_test<Subject>(decisions));
  }
}

}  // namespace weir::conformance
