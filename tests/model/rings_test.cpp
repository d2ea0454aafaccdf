/// Small instances of the rings, in every schedule: closing against puts, batches, claims given up or never finished,
/// rotation by helpers.
#include <type_traits>

#include "litmus/edges.hpp"
#include "litmus/segments.hpp"
#include "model/holds.hpp"

namespace {

using namespace weir;
using weir::litmus::Columns;
using weir::litmus::Lengths;
using weir::litmus::Memory;
using weir::litmus::Segments;
using weir::model::holds;

constexpr Options one{.producers = Producers::single, .arrival = Arrival::dropped};
constexpr Options many{.arrival = Arrival::dropped};

TEST_CASE("columns: readers meet whole records, also in a ring of one") {
  holds<Columns<one, 1, 3, 1>>("one producer, capacity 1");
  holds<Columns<one, 1, 6, 4>>("one producer, capacity 4");
  holds<Columns<many, 1, 3, 1>>("one of many producers, capacity 1");
  holds<Columns<many, 2, 1, 1>>("two producers, capacity 1");
  holds<Columns<many, 2, 2, 2>>("two producers, capacity 2");
}

/// A log that is closed while others put: no put succeeds afterwards, and the reader's end is the closer's.
template <class Log_, std::uint64_t capacity>
struct Closing {
  using Log = Log_;
  static constexpr std::size_t threads = 3;
  static constexpr std::size_t readers = 1;
  static constexpr std::uint64_t puts = 2;

  alignas(line_size) std::array<std::byte, Log::footprint(capacity)> bytes{};
  Log log = Log::format(bytes, capacity, 1);
  std::optional<typename Log::Reader> reader{log.reader({.number = 1})};
  std::uint64_t stored = 0;
  std::uint64_t end = 0;
  std::uint64_t passed = 0;

  void run(std::size_t thread) {
    if (thread == 0) {
      auto writer = log.writer();
      for (std::uint64_t i = 0; i < puts; ++i) {
        const auto outcome = put(writer);
        stored += outcome.status == Append::Status::done ? 1 : 0;
      }
    } else if (thread == 1) {
      end = log.close();
    } else {
      for (bool at_end = false; !at_end;) {
        const auto run = reader->read(4);
        passed += run.count + run.missed;
        at_end = run.end;
        if (!at_end && run.count + run.missed == 0) {
          Memory::pause();
        }
      }
    }
  }
  static Append put(typename Log::Writer& writer) {
    if constexpr (std::is_same_v<typename Log::payload, std::string>) {
      return writer.try_put(model::CheckedClock{}, "", std::string_view{"0123456789012345678901234567890123456789"});
    } else {
      return writer.try_put(model::CheckedClock{}, "", 7);
    }
  }
  void finish() const {
    model::expect(log.closed() && log.end() == end, "closed, and at the closer's end");
    model::expect(end == stored + 1, "a put succeeded after the close, or was lost by it");
    model::expect(passed == stored, "the reader ended elsewhere");
  }
};

TEST_CASE("closing against puts") {
  holds<Closing<ColumnLog<std::uint64_t, many, model::CheckedEnv>, 2>>("columns");
  holds<Closing<SegmentLog<std::string, many, model::CheckedEnv>, 128>>("segments, a frame each: close meets rotation");
}

/// One producer puts a batch of two where another gives up what it claimed.
struct BatchAndSkip {
  using Log = ColumnLog<std::uint64_t, many, model::CheckedEnv>;
  static constexpr std::size_t threads = 3;
  static constexpr std::size_t readers = 1;
  static constexpr std::uint64_t capacity = 16;

  alignas(line_size) std::array<std::byte, Log::footprint(capacity)> bytes{};
  Log log = Log::format(bytes, capacity, 1);
  std::optional<Log::Reader> reader{log.reader({.number = 1})};

  void run(std::size_t thread) {
    auto writer = log.writer();
    if (thread == 0) {
      const std::array<std::uint64_t, 2> batch{7, 8};
      model::expect(writer.try_put_all(model::CheckedClock{}, "", batch).status == Append::Status::done, "no room");
    } else if (thread == 1) {
      Claim claim;
      model::expect(writer.try_claim(model::CheckedClock{}, 2, claim).status == Append::Status::done, "no room");
      writer.skip(claim);
    } else {
      std::uint64_t seen = 0;
      while (seen < 2) {
        const auto run = reader->read(1);
        model::expect(run.missed == 0, "nothing was overwritten");
        if (run.count == 0) {
          Memory::pause();
        } else {
          model::expect(reader->value(0) == 7 + seen, "a skipped slot was delivered");
          ++seen;
        }
      }
    }
  }
  void finish() const {}
};

TEST_CASE("a batch beside a claim that is given up") {
  holds<BatchAndSkip>("columns, runs of two");
}

/// One producer puts while another gives up what it claimed, in a ring so small that the limit passes over the skipped
/// run, and the reader, which may be lapped, over it too.
struct SkipAndLap {
  using Log = ColumnLog<std::uint64_t, many, model::CheckedEnv>;
  static constexpr std::size_t threads = 3;
  static constexpr std::size_t readers = 1;
  static constexpr std::uint64_t capacity = 2;
  static constexpr std::uint64_t puts = 2;

  alignas(line_size) std::array<std::byte, Log::footprint(capacity)> bytes{};
  Log log = Log::format(bytes, capacity, 1);
  std::optional<Log::Reader> reader{log.reader({.number = 1})};

  void run(std::size_t thread) {
    auto writer = log.writer();
    if (thread == 0) {
      for (std::uint64_t done = 0; done < puts;) {
        if (writer.try_put(model::CheckedClock{}, "", done + 1).status == Append::Status::done) {
          ++done;
        } else {
          Memory::pause();
        }
        model::settle(done);
      }
    } else if (thread == 1) {
      Claim claim;
      while (writer.try_claim(model::CheckedClock{}, 1, claim).status != Append::Status::done) {
        Memory::pause();
      }
      writer.skip(claim);
    } else {
      std::uint64_t last = 0;
      while (reader->number() <= puts + 1) {
        const auto before = reader->number();
        const auto run = reader->read(1);
        if (run.count != 0) {
          model::expect(reader->value(0) > last && reader->value(0) <= puts, "a skipped slot was delivered");
          last = reader->value(0);
        } else if (reader->number() == before) {
          Memory::pause();
        }
      }
    }
  }
  void finish() const { model::expect(log.end() == puts + 2, "claims were lost"); }
};

TEST_CASE("a claim that is given up in a ring that laps") {
  holds<SkipAndLap>("columns, capacity 2");
}

/// A producer that never finishes its claim: the others fill the ring up to it and are then refused, nothing of it and
/// nothing behind it is delivered.
struct NeverFinished {
  using Log = ColumnLog<std::uint64_t, many, model::CheckedEnv>;
  static constexpr std::size_t threads = 3;
  static constexpr std::uint64_t capacity = 2;
  static constexpr std::array<std::uint64_t, 2> puts{2, 1};

  alignas(line_size) std::array<std::byte, Log::footprint(capacity)> bytes{};
  Log log = Log::format(bytes, capacity, 1);
  std::uint64_t claimed = 0;
  std::array<std::uint64_t, 2> stored{};

  void run(std::size_t thread) {
    auto writer = log.writer();
    if (thread == 2) {
      Claim claim;
      if (writer.try_claim(model::CheckedClock{}, 1, claim).status == Append::Status::done) {
        claimed = claim.first;
      }
      return;
    }
    for (std::uint64_t i = 0; i < puts[thread]; ++i) {
      const auto outcome = writer.try_put(model::CheckedClock{}, "", 7);
      stored[thread] += outcome.status == Append::Status::done ? 1 : 0;
      model::settle(i << 8U | stored[thread]);
    }
  }
  void finish() const {
    const auto end = log.end();
    model::expect(end == stored[0] + stored[1] + (claimed != 0 ? 2 : 1),
                  "a refused put has claimed, or a put was lost");
    if (claimed == 0) {
      return;
    }
    model::expect(log.oldest() <= claimed && end <= claimed + capacity, "an unfinished claim was lapped");
    auto reader = log.reader({.number = log.oldest()});
    while (reader.number() < claimed) {
      if (const auto run = reader.read(4); run.count == 0) {
        model::expect(false, "a finished record before the claim cannot be read");
        return;
      }
    }
    model::expect(reader.number() == claimed && reader.read(4).count == 0, "what is not finished was delivered");
  }
};

TEST_CASE("a claim that is never finished") {
  holds<NeverFinished>("columns, capacity 2");
}

TEST_CASE("segments: any producer seals and rotates, and the ring comes round") {
  holds<Segments<Lengths<2>{40, 40}, false, Lengths<2>{40, 16}, Lengths<2>{16, 40}>>("two producers, ring full");
  holds<Segments<Lengths<>{}, false, Lengths<2>{16, 16}, Lengths<2>{40, 16}>>("two producers, fresh ring");
  holds<Segments<Lengths<>{}, true, Lengths<2>{40, 16}, Lengths<1>{16}>>("two producers and a reader");
}

}  // namespace
