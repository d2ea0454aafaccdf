#include "litmus/gates.hpp"
#include "model/holds.hpp"

namespace {

using namespace weir;
using weir::litmus::ClaimsInPlace;
using weir::litmus::ComesLate;
using weir::litmus::GatedColumns;
using weir::litmus::GivenUp;
using weir::litmus::LeavesAsItIs;
using weir::litmus::needs;
using weir::litmus::PutsAndReads;
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

/// Two records are given up, somebody reads past them and says so, and another begins at the second of them.
struct GivenUpInTheMiddle {
  using Log = weir::ColumnLog<std::uint64_t, many, weir::model::CheckedEnv>;
  static constexpr std::size_t threads = 3;
  static constexpr weir::RingSize size{16, 2};

  alignas(weir::line_size) std::array<std::byte, Log::footprint(size)> bytes{};
  Log log = Log::format(bytes, size, 1);
  std::optional<Log::Reader> first{log.reader({.number = 1})};
  std::optional<Log::Reader> second;

  void run(std::size_t thread) {
    auto writer = log.writer();
    if (thread == 0) {
      weir::Claim claim;
      writer.try_claim(weir::model::CheckedClock{}, 2, claim);
      writer.skip(claim);
      writer.try_put(weir::model::CheckedClock{}, "", 3);
    } else if (thread == 1) {
      while (first->read(1).count == 0) {
        weir::litmus::Memory::pause();
      }
      first->release();
    } else {
      second.emplace(log.reader({.number = 2}));
      const auto run = second->read(4);
      weir::model::expect(run.count == 0 || run.first == 3, "a record that was given up is delivered");
    }
  }
  void finish() const {}
};

TEST_CASE("who begins in the middle of what was given up steps over the rest of it") {
  weir::model::holds<GivenUpInTheMiddle>("two given up");
}

TEST_CASE("what was read is said to be done before it is released") {
  weir::model::holds<PutsAndReads<many>>("a put into what was released, and a read of it");
}

TEST_CASE("what a reader says is done brings the words of everything below to one that comes") {
  needs<Relayed<many>>('D', {"delivered", "nothing yet"}, "race: plain load");
}

}  // namespace
