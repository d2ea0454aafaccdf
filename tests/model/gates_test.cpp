/// Small instances of gated rings, in every schedule: nothing is lost, nothing is overwritten that a reader may look
/// at.
#include "litmus/gates.hpp"
#include "litmus/segments.hpp"
#include "model/holds.hpp"

namespace {

using namespace weir;
using weir::litmus::ComesLate;
using weir::litmus::GatedColumns;
using weir::litmus::GatedSegments;
using weir::litmus::Lengths;
using weir::model::holds;

constexpr Options one{.producers = Producers::single, .arrival = Arrival::dropped, .delivery = Delivery::gated};
constexpr Options many{.arrival = Arrival::dropped, .delivery = Delivery::gated};

TEST_CASE("columns: a registered reader gets every record, also in a ring of one") {
  holds<GatedColumns<one, 1, 3, 1, 1>>("one producer, capacity 1");
  holds<GatedColumns<one, 1, 5, 4, 1>>("one producer, capacity 4");
  holds<GatedColumns<one, 1, 2, 1, 2>>("one producer, capacity 1, two readers");
  holds<GatedColumns<many, 1, 3, 2, 1>>("one of many producers, capacity 2");
  holds<GatedColumns<many, 2, 1, 1, 1>>("two producers, capacity 1");
}

TEST_CASE("columns: a reader that comes while others put begins at a record that stays") {
  holds<ComesLate<one, 3>>("one producer");
  holds<ComesLate<many, 2>>("one of many producers");
}

TEST_CASE("segments: no segment is recycled that a reader has not released") {
  holds<GatedSegments<Lengths<2>{40, 40}, true, Lengths<1>{40}>>("one producer, ring full");
  holds<GatedSegments<Lengths<>{}, true, Lengths<3>{40, 40, 40}>>("one producer, three generations");
}

}  // namespace
