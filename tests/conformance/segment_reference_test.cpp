#include "conformance/reference.hpp"

namespace {

using weir::Arrival;
using weir::Options;
using weir::Producers;
using weir::conformance::agrees_with_reference;
using weir::support::SegmentSubject;

TEST_CASE("a segment log of many producers does what a map would do") {
  agrees_with_reference<SegmentSubject<Options{}>>();
}
TEST_CASE("a segment log of many producers without arrival times does what a map would do") {
  agrees_with_reference<SegmentSubject<Options{.arrival = Arrival::dropped}>>();
}
TEST_CASE("a segment log of one producer does what a map would do") {
  agrees_with_reference<SegmentSubject<Options{.producers = Producers::single}>>();
}
TEST_CASE("a segment log of one producer without arrival times does what a map would do") {
  agrees_with_reference<SegmentSubject<Options{.producers = Producers::single, .arrival = Arrival::dropped}>>();
}

}  // namespace
