/// All that is held against a reference, in the order in which the first byte of a fuzzer's input chooses.
#pragma once

#include <tuple>

#include "support/reference/column.hpp"
#include "support/reference/gated.hpp"
#include "support/reference/overwriting.hpp"
#include "support/reference/segment.hpp"

namespace weir::support {

inline constexpr Options overwriting{};
inline constexpr Options overwriting_single{.producers = Producers::single};
inline constexpr Options overwriting_untimed{.arrival = Arrival::dropped};
inline constexpr Options overwriting_single_untimed{.producers = Producers::single, .arrival = Arrival::dropped};
inline constexpr Options gated{.delivery = Delivery::gated};
inline constexpr Options gated_single{.producers = Producers::single, .delivery = Delivery::gated};
inline constexpr Options gated_untimed{.arrival = Arrival::dropped, .delivery = Delivery::gated};

class StreamTest;  // support/reference/stream.hpp

/// A segment ring is written in the same way by one producer and by many.
using ReferenceTests =
    std::tuple<OverwritingTest<ColumnSubject<overwriting>>, OverwritingTest<ColumnSubject<overwriting_untimed>>,
               OverwritingTest<ColumnSubject<overwriting_single>>,
               OverwritingTest<ColumnSubject<overwriting_single_untimed>>, OverwritingTest<SegmentSubject<overwriting>>,
               OverwritingTest<SegmentSubject<overwriting_untimed>>, GatedTest<ColumnSubject<gated>>,
               GatedTest<ColumnSubject<gated_single>>, GatedTest<ColumnSubject<gated_untimed>>,
               GatedTest<SegmentSubject<gated>>, GatedTest<SegmentSubject<gated_untimed>>, StreamTest>;
inline constexpr std::size_t reference_tests = std::tuple_size_v<ReferenceTests>;

/// The byte that chooses a test.
template <class Test, std::size_t index = 0>
constexpr std::size_t find_reference_test() {
  if constexpr (std::is_same_v<Test, std::tuple_element_t<index, ReferenceTests>>) {
    return index;
  } else {
    return find_reference_test<Test, index + 1>();
  }
}
template <class Test>
inline constexpr std::size_t index_of = find_reference_test<Test>();

/// Runs the operations that `bytes` say. Throws `Disagreement` when the log and the reference do not agree.
/// `story` is told what was done.
template <class Test>
void run_reference_test(std::span<const std::uint8_t> bytes, std::string* story = nullptr) {
  ByteSource source{bytes, story};
  Test test{source};
  while (!source.exhausted()) {
    test.step();
  }
}

}  // namespace weir::support
