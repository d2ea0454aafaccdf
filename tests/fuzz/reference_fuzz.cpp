/// The reference tests driven by libFuzzer: the first byte chooses the log, the others are the operations.
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <utility>

#include "support/reference/logs.hpp"
#include "support/reference/stream.hpp"

namespace {

using namespace weir::support;
using Run = void (*)(std::span<const std::uint8_t>, std::string*);

template <std::size_t... index>
constexpr std::array<Run, reference_tests> all_runs(std::index_sequence<index...>) {
  return {&run_reference_test<std::tuple_element_t<index, ReferenceTests>>...};
}
constexpr auto runs = all_runs(std::make_index_sequence<reference_tests>{});

}  // namespace

/// A disagreement ends the program, told with what led to it: that is what the fuzzer looks for.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) {
    return 0;
  }
  const auto run = runs[data[0] % reference_tests];
  const std::span operations{data + 1, size - 1};
  try {
    run(operations, nullptr);
  } catch (const Disagreement&) {
    std::string story;
    try {
      run(operations, &story);
    } catch (const Disagreement& found) {
      std::fprintf(stderr, "%s\nafter%s\n", found.what(), story.c_str());
    }
    std::abort();
  }
  return 0;
}
