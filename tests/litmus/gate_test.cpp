#include "litmus/gates.hpp"

namespace {

using namespace weir;
using weir::litmus::ComesLate;
using weir::litmus::GatedColumns;
using weir::litmus::needs;
using weir::litmus::Relayed;

constexpr Options one{.producers = Producers::single, .arrival = Arrival::dropped, .delivery = Delivery::gated};
constexpr Options many{.arrival = Arrival::dropped, .delivery = Delivery::gated};

TEST_CASE("edge C: a cursor brings the end of its reader's reads") {
  needs<GatedColumns<one, 1, 3, 2, 1>>('C');
}

TEST_CASE("edge R: a raise and a registration see each other") {
  needs<ComesLate<one>>('R');
}

TEST_CASE("a limit that one producer raised brings what its readers released to the other") {
  needs<GatedColumns<many, 2, 2, 2, 1>>('L');
}

TEST_CASE("what a reader says is done brings the words of everything below to one that comes") {
  needs<Relayed<many>>('D');
}

}  // namespace
