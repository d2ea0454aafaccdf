#include "conformance/reference.hpp"

namespace {

using namespace weir::support;
using weir::conformance::agrees_with_reference;

TEST_CASE("a gated column log of many producers does what a map with a list of readers would do") {
  agrees_with_reference<GatedTest<ColumnSubject<gated>>>();
}
TEST_CASE("a gated column log of one producer does what a map with a list of readers would do") {
  agrees_with_reference<GatedTest<ColumnSubject<gated_single>>>();
}
TEST_CASE("a gated column log without arrival times does what a map with a list of readers would do") {
  agrees_with_reference<GatedTest<ColumnSubject<gated_untimed>>>();
}

}  // namespace
