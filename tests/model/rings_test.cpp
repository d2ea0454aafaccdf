/// Small instances of the rings, in every schedule: closing against puts, batches, a claim given up, rotation by
/// helpers.
#include <type_traits>

#include "litmus/edges.hpp"

namespace {

using namespace weir;
using weir::litmus::Columns;
using weir::litmus::Memory;

constexpr Options one{.producers = Producers::single, .arrival = Arrival::dropped};
constexpr Options many{.arrival = Arrival::dropped};

template <class Program>
void holds(const char* name, const model::Limits& limits = {}) {
  const auto outcome = model::explore<Program>(limits);
  INFO(outcome.failure << '\n' << outcome.schedule);
  CHECK(outcome.ok);
  CHECK(outcome.exhausted);
  MESSAGE(std::string{name}, ": ", outcome.executions, " executions, ", outcome.states, " states");
}

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
        model::settle(passed << 1U | (at_end ? 1U : 0U));
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
        model::settle(seen << 8U | reader->number());
      }
    }
  }
  void finish() const {}
};

TEST_CASE("a batch beside a claim that is given up") {
  holds<BatchAndSkip>("columns, runs of two");
}

}  // namespace
