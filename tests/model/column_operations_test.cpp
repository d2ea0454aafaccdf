/// Operations on small column rings, in every schedule; larger ones with bounds and at random.
#include "model/scenarios.hpp"

namespace {

using namespace weir;
using namespace weir::model;
using enum Op;

const Scenarios of_one = {
    {"puts against reads", {{{put, put, put}, {read, read, read}}}},
    {"puts against two readers", {{{put, put}, {read}, {read}}}},
    {"a lap", {{{put, put, put}, {read, read}}}, 1, 1},
    {"a full ring", {{{put, put, put}, {read, read}}}, 1, 2},
    {"close", {{{put, close, put}, {read, read, read}}}},
    {"a reader that comes", {{{put, put, put}, {enter, read, read}}}, 1, 2},
    {"a reader that comes at the end", {{{put, put, put}, {latest, read, read}}}, 1, 1},
    {"a reader that leaves", {{{put, put, put}, {read, leave}}}, 1, 2},
    {"readers that come and go", {{{put, put}, {enter, leave}, {read}}}, 1, 2},
    {"a reader far behind", {{{put, put}, {read, read}}}, far + 1, 2},
    {"the horizon", {{{put, put, put}, {oldest, oldest}}}, 1, 2},
};

TEST_CASE("one producer") {
  try_all<Operations<ColumnShape<one, 2>>>("columns of one producer, capacity 2", of_one);
}
TEST_CASE("one producer, gated") {
  try_all<Operations<ColumnShape<one_gated, 2>>>("gated columns of one producer, capacity 2", of_one);
}
TEST_CASE("many producers") {
  try_all<Operations<ColumnShape<many, 2>>>("columns of many producers, capacity 2", of_many);
}
TEST_CASE("many producers, gated") {
  try_all<Operations<ColumnShape<many_gated, 2>>>("gated columns of many producers, capacity 2", of_many);
}

/// From slot 15 of 16 on.
const Scenarios across_the_end = {
    {"a batch against reads", {{{batch}, {read, read}}}, 15},
    {"a batch against a put", {{{batch, put}, {put, read}}}, 15},
    {"batches and a reader", {{{batch}, {batch}, {read}}}, 15},
};
const Scenarios one_across_the_end = {
    {"batches against reads", {{{batch, put, batch}, {read, read, read}}}, 15},
    {"a batch and two readers", {{{batch, batch}, {read}, {enter, read}}}, 15},
};

TEST_CASE("claims across the end of the ring") {
  try_all<Operations<ColumnShape<one, 16>>>("columns of one producer, capacity 16", one_across_the_end);
  try_all<Operations<ColumnShape<one_gated, 16>>>("gated columns of one producer, capacity 16", one_across_the_end);
  try_all<Operations<ColumnShape<many, 16>>>("columns of many producers, capacity 16", across_the_end);
  try_all<Operations<ColumnShape<many_gated, 16>>>("gated columns of many producers, capacity 16", across_the_end);
}

TEST_CASE("arrivals do not decrease, whatever the clocks say") {
  try_all<Operations<ColumnShape<timed, 2>>>("timed columns of many producers, capacity 2, two clock values", arrivals,
                                             2);
}

const Scenarios deaths = {
    {"two producers", {{{put}, {put}}}, 1, 1},
    {"two producers and a reader", {{{put}, {put}, {read}}}, 1, 1, 1, true},
    {"two producers, longer", {{{put, put}, {put, put}}}, 1, 1, 1, true},
    {"who gives up", {{{give_up}, {put}}}, 1, 1},
    {"who gives up, and two", {{{give_up}, {put}, {put}}}, 1, 1, 1, true},
    {"who closes", {{{close}, {put}, {read}}}, 1, 1},
    {"a reader that holds, or comes", {{{read}, {enter}, {put}}}, 1, 2},
};

TEST_CASE("somebody dies at any step, and the others go on") {
  try_all<Operations<ColumnShape<many, 2>, true>>("columns of many producers, one death", deaths);
  try_all<Operations<ColumnShape<many_gated, 2>, true>>("gated columns of many producers, one death", deaths);
}

const Scenarios small_of_one = {
    {"a put against a read", {{{put}, {read}}}, 1, 1},
    {"a put against a reader that comes", {{{put}, {enter}}}, 1, 2},
    {"a put against a reader that leaves", {{{put}, {leave}}}, 1, 2},
};

TEST_CASE("no reduction loses a result of a ring") {
  compare_reductions<Operations<ColumnShape<one, 2>>>("columns of one producer", small_of_one);
  compare_reductions<Operations<ColumnShape<one_gated, 2>>>("gated columns of one producer", small_of_one);
  compare_reductions<Operations<ColumnShape<many, 2>>>("columns of many producers", small);
  compare_reductions<Operations<ColumnShape<many_gated, 2>>>("gated columns of many producers", small);
}

const Scenarios larger_of_one = {
    {"three laps",
     {{{put, put, put, put, put, put, close}, {read, read, read, read}, {enter, read, read, leave, read}}}},
};

TEST_CASE("more than can be exhausted: few preemptions") {
  try_preempted<Operations<ColumnShape<one, 4>>>("columns of one producer, capacity 4", larger_of_one, 1);
  try_preempted<Operations<ColumnShape<many, 4>>>("columns of many producers, capacity 4", larger, 1);
}
TEST_CASE("more than can be exhausted: at random") {
  try_random<Operations<ColumnShape<one, 4>>>("columns of one producer, capacity 4", larger_of_one, 5000);
  try_random<Operations<ColumnShape<one_gated, 2>>>("gated columns of one producer, capacity 2", larger_of_one, 5000);
  try_random<Operations<ColumnShape<many, 4>>>("columns of many producers, capacity 4", larger, 5000);
  try_random<Operations<ColumnShape<many_gated, 2>>>("gated columns of many producers, capacity 2", larger, 5000);
  try_random<Operations<ColumnShape<timed, 2>>>("timed columns of many producers, capacity 2", larger, 5000, 3);
}

}  // namespace
