#include "conformance/reference.hpp"

namespace {

using namespace weir::support;
using weir::conformance::agrees_with_reference;

TEST_CASE("a segment log does what a map would do") {
  agrees_with_reference<OverwritingTest<SegmentSubject<overwriting>>>();
}
TEST_CASE("a segment log without arrival times does what a map would do") {
  agrees_with_reference<OverwritingTest<SegmentSubject<overwriting_untimed>>>();
}

}  // namespace
