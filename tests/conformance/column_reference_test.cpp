#include "conformance/reference.hpp"

namespace {

using weir::Arrival;
using weir::Options;
using weir::Producers;
using weir::conformance::agrees_with_reference;
using weir::support::ColumnSubject;

TEST_CASE("a column log of many producers does what a map would do") {
  agrees_with_reference<ColumnSubject<Options{}>>();
}
TEST_CASE("a column log of many producers without arrival times does what a map would do") {
  agrees_with_reference<ColumnSubject<Options{.arrival = Arrival::dropped}>>();
}
TEST_CASE("a column log of one producer does what a map would do") {
  agrees_with_reference<ColumnSubject<Options{.producers = Producers::single}>>();
}
TEST_CASE("a column log of one producer without arrival times does what a map would do") {
  agrees_with_reference<ColumnSubject<Options{.producers = Producers::single, .arrival = Arrival::dropped}>>();
}

}  // namespace
