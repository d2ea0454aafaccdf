#include "conformance/reference.hpp"

namespace {

using namespace weir::support;
using weir::conformance::agrees_with_reference;

TEST_CASE("a gated segment log does what a map with a list of readers would do") {
  agrees_with_reference<GatedTest<SegmentSubject<gated>>>();
}
TEST_CASE("a gated segment log without arrival times does what a map with a list of readers would do") {
  agrees_with_reference<GatedTest<SegmentSubject<gated_untimed>>>();
}

}  // namespace
