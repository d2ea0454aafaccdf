#include "conformance/reference.hpp"

namespace {

using namespace weir::support;
using weir::conformance::agrees_with_reference;

TEST_CASE("a column log of many producers does what a map would do") {
  agrees_with_reference<OverwritingTest<ColumnSubject<overwriting>>>();
}
TEST_CASE("a column log of many producers without arrival times does what a map would do") {
  agrees_with_reference<OverwritingTest<ColumnSubject<overwriting_untimed>>>();
}
TEST_CASE("a column log of one producer does what a map would do") {
  agrees_with_reference<OverwritingTest<ColumnSubject<overwriting_single>>>();
}
TEST_CASE("a column log of one producer without arrival times does what a map would do") {
  agrees_with_reference<OverwritingTest<ColumnSubject<overwriting_single_untimed>>>();
}

}  // namespace
