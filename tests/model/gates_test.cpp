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

/// One producer writes where its records will lie, and gives the first up, another puts; the ring laps, and the reader,
/// who looks at plain memory, gets what was not given up.
struct InPlace {
  using Log = ColumnLog<std::uint64_t, many, model::CheckedEnv>;
  using Memory = model::CheckedMemory;
  static constexpr std::size_t threads = 3;
  static constexpr RingSize size{2, 1};

  alignas(line_size) std::array<std::byte, Log::footprint(size)> bytes{};
  Log log = Log::format(bytes, size, 1);
  std::optional<Log::Reader> reader{log.reader({.number = 1})};

  void run(std::size_t thread) {
    auto writer = log.writer();
    if (thread == 0) {
      for (std::uint64_t kept = 0; kept < 2; ++kept) {
        Claim claim;
        while (writer.claim_in_place(model::CheckedClock{}, 1, claim).status != Append::Status::done) {
          Memory::pause();
        }
        Memory::plain_store(writer.in_place(claim)[0], 10 + kept);
        writer.finish_in_place(claim, kept);
      }
    } else if (thread == 1) {
      while (writer.try_put(model::CheckedClock{}, "", 7).status != Append::Status::done) {
        Memory::pause();
      }
    } else {
      std::uint64_t sum = 0;
      for (std::size_t seen = 0; seen < 2;) {
        const auto run = reader->read(1);
        model::expect(run.missed == 0, "a registered reader missed something");
        if (run.count == 0) {
          Memory::pause();
        } else {
          sum += Memory::plain_load(reader->value(0));
          ++seen;
        }
      }
      model::expect(sum == 7 + 11, "what was given up was delivered, or a record is another's");
      reader.reset();
    }
  }
  void finish() const { model::expect(log.end() == 4, "claims were lost"); }
};

TEST_CASE("columns: what is written in place is read whole, and what was given up is stepped over") {
  holds<InPlace>("two producers, capacity 2");
}

}  // namespace
