/// The reference test driven by libFuzzer: the first byte chooses the log, the others are the operations.
#include <cstddef>
#include <cstdint>

#include "support/reference_log.hpp"

namespace {

using weir::Arrival;
using weir::Options;
using weir::Producers;
using namespace weir::support;

constexpr Options single{.producers = Producers::single};
constexpr Options untimed{.arrival = Arrival::dropped};
constexpr Options single_untimed{.producers = Producers::single, .arrival = Arrival::dropped};

}  // namespace

/// A `Disagreement` is left to terminate the program: that is what the fuzzer looks for.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) {
    return 0;
  }
  const std::span operations{data + 1, size - 1};
  switch (data[0] % 6) {
    case 0: run_reference_test<ColumnSubject<Options{}>>(operations); break;
    case 1: run_reference_test<ColumnSubject<untimed>>(operations); break;
    case 2: run_reference_test<ColumnSubject<single>>(operations); break;
    case 3: run_reference_test<ColumnSubject<single_untimed>>(operations); break;
    case 4: run_reference_test<SegmentSubject<Options{}>>(operations); break;
    case 5: run_reference_test<SegmentSubject<untimed>>(operations); break;
  }
  return 0;
}
