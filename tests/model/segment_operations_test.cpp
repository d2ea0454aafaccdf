/// Operations on rings of two small segments, in every schedule; larger ones with bounds and at random.
#include "model/scenarios.hpp"

namespace {

using namespace weir;
using namespace weir::model;
using enum Op;

/// Of segments, a record each: every put seals and rotates.
const Scenarios rotations = {
    {"puts against puts", {{{large, large}, {large, large}}}, 1, 2, 1, true},
    {"two puts against one", {{{large, large}, {large}}}, 1, 2, 1, true},
    {"three producers", {{{large}, {large}, {large}}}, 1, 2, 1, true},
    {"recycled during a read", {{{large, large, large}, {read, read}}}, 1, 2},
    {"headers read while segments turn", {{{large, large}, {enter, read, oldest}}}, 1, 2},
    {"a place looked for while segments turn", {{{large, large}, {latest, read}}}, 1, 2},
    {"given up and recycled", {{{give_up}, {large, large}, {read, read}}}},
    {"seal against close", {{{large, large}, {close}}}, 1, 2},
    {"seal, seal, close", {{{large}, {large}, {close}}}, 1, 2, 1, true},
    {"a reader far behind", {{{large, large}, {read, read}}}, far + 1, 2},
};

TEST_CASE("segments") {
  try_all<Operations<SegmentShape<many>>>("segments", of_many);
  try_all<Operations<SegmentShape<many>>>("segments, a record each", rotations);
}
TEST_CASE("segments, gated") {
  try_all<Operations<SegmentShape<many_gated>>>("gated segments", of_many);
  try_all<Operations<SegmentShape<many_gated>>>("gated segments, a record each", rotations);
}

TEST_CASE("arrivals do not decrease, whatever the clocks say") {
  try_all<Operations<SegmentShape<timed>>>("timed segments, two clock values", arrivals, 2);
}

TEST_CASE("somebody dies at any step of a rotation, and the others finish it") {
  const Scenarios turning = {
      {"two producers", {{{large}, {large}}}, 1, 2, 1, true},
      {"two producers and a third", {{{large}, {large}, {large}}}, 1, 2, 1, true},
      {"a producer, and a reader", {{{large}, {none}, {read}}}, 1, 2},
      {"who closes meanwhile", {{{large}, {close}, {put}}}, 1, 2, 1, true},
  };
  try_all<Operations<SegmentShape<many>, true>>("segments, one death", turning);
  try_all<Operations<SegmentShape<many_gated>, true>>("gated segments, one death", turning);
}

TEST_CASE("no reduction loses a result of a ring") {
  compare_reductions<Operations<SegmentShape<many>>>("segments", small);
  compare_reductions<Operations<SegmentShape<many_gated>>>("gated segments", small);
}

TEST_CASE("more than can be exhausted: few preemptions") {
  try_preempted<Operations<SegmentShape<many>>>("segments", larger, 1);
}
TEST_CASE("more than can be exhausted: at random") {
  try_random<Operations<SegmentShape<many>>>("segments", larger, 5000);
  try_random<Operations<SegmentShape<many_gated>>>("gated segments", larger, 5000);
  try_random<Operations<SegmentShape<timed>>>("timed segments", larger, 5000, 3);
}

}  // namespace
