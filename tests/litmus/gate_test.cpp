#include "litmus/gates.hpp"

namespace {

using namespace weir;
using weir::litmus::ClaimsInPlace;
using weir::litmus::ComesLate;
using weir::litmus::GatedColumns;
using weir::litmus::GivenUp;
using weir::litmus::LeavesAsItIs;
using weir::litmus::needs;
using weir::litmus::RaisedByAnother;
using weir::litmus::Relayed;

constexpr Options one{.producers = Producers::single, .arrival = Arrival::dropped, .delivery = Delivery::gated};
constexpr Options many{.arrival = Arrival::dropped, .delivery = Delivery::gated};

TEST_CASE("edge C: a cursor brings the end of its reader's reads") {
  needs<GatedColumns<one, 1, 3, 2, 1>>('C', {"delivered", "full", "nothing yet", "put"}, "race: plain store");
}

TEST_CASE("edge R: a raise and a registration see each other") {
  needs<ComesLate<one>>('R', {"begins at the first", "begins later", "full", "put"}, "race: plain store");
}

TEST_CASE("a limit that one producer raised brings what its readers released to the other") {
  needs<RaisedByAnother<many>>('L', {"full", "put"}, "race: plain store");
}

TEST_CASE("a reader that leaves has looked") {
  needs<LeavesAsItIs<one>>('C', {"full", "put"}, "race: plain store");
}

TEST_CASE("a claim in place brings the arrival that it raised") {
  constexpr Options timed{.delivery = Delivery::gated};
  needs<ClaimsInPlace<timed>>('T', {"fast first", "slow first"}, "arrivals decrease");
}

TEST_CASE("the stamp of what was given up brings what was written there") {
  needs<GivenUp<many>>('S', {"delivered", "full", "given up", "nothing yet", "put", "stalled"}, "race: plain");
}

TEST_CASE("what a reader says is done brings the words of everything below to one that comes") {
  needs<Relayed<many>>('D', {"delivered", "nothing yet"}, "race: plain load");
}

}  // namespace
