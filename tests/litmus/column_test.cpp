#include "litmus/edges.hpp"

namespace {

using namespace weir;
using weir::litmus::Columns;
using weir::litmus::needs;
using weir::litmus::outcome;

constexpr Options one{.producers = Producers::single, .arrival = Arrival::dropped};
constexpr Options many{.arrival = Arrival::dropped};

TEST_CASE("edge P: a reader is given nothing before it is published") {
  needs<Columns<one, 1, 2, 2>>('P', {"delivered", "nothing yet", "put"}, "a record is torn");
}

/// A producer that puts and closes; whoever sees the end has had what was put.
struct PutAndClosed {
  using Log = ColumnLog<weir::litmus::Pair, one, model::CheckedEnv>;
  static constexpr std::size_t threads = 2;
  static constexpr std::size_t readers = 1;

  alignas(line_size) std::array<std::byte, Log::footprint(2)> bytes{};
  Log log = Log::format(bytes, 2, 1);
  std::optional<Log::Reader> reader{log.reader({.number = 1})};

  void run(std::size_t thread) {
    if (thread == 0) {
      auto writer = log.writer();
      writer.try_put(model::CheckedClock{}, "", {1, 1});
      writer.close();
      return;
    }
    const auto run = reader->read(2);
    outcome(run);
    if (run.count != 0) {
      model::expect(reader->value(0).first == 1 && reader->value(0).second == 1, "a record is torn");
    }
  }
  void finish() const {}
};

TEST_CASE("the closed bit brings what was published before it") {
  needs<PutAndClosed>('P', {"delivered", "nothing yet"}, "a record is torn");
}

TEST_CASE("edge W: a word of a later lap brings the limit that was raised before it") {
  needs<Columns<one, 1, 5, 2>>('W', {"delivered", "missed", "nothing yet", "put"}, "a record under another's number");
}

TEST_CASE("edge S: a stamp brings the words of its run") {
  needs<Columns<many, 2, 1, 2>>('S', {"delivered", "nothing yet", "put"}, "a record is torn");
}

TEST_CASE("edge L: a limit brings the end of every write below it") {
  needs<Columns<many, 2, 2, 2, false>>('L', {"put", "stalled"}, "nothing orders it after the newest store");
}

/// A reader that is made while the limit is raised: it walks no stamp below `done`, and may not have seen the limit.
struct BeginsAtDone {
  using Log = ColumnLog<weir::litmus::Pair, many, model::CheckedEnv>;
  static constexpr std::size_t threads = 2;
  static constexpr std::size_t readers = 1;
  static constexpr std::uint64_t puts = 3;

  alignas(line_size) std::array<std::byte, Log::footprint(2)> bytes{};
  Log log = Log::format(bytes, 2, 1);
  std::optional<Log::Reader> reader;  // made by its thread; it owns memory, so it is the program's

  void run(std::size_t thread) {
    if (thread == 0) {
      auto writer = log.writer();
      for (std::uint64_t i = 1; i <= puts; ++i) {
        writer.try_put(model::CheckedClock{}, "", {i, i});
        model::settle(i);
      }
      return;
    }
    reader.emplace(log.reader({.number = 1, .at_horizon = true}));
    const auto run = reader->read(1);
    outcome(run);
    if (run.count != 0) {
      const auto& pair = reader->value(0);
      model::expect(pair.first == run.first && pair.second == run.first, "not the record of this number");
    }
  }
  void finish() const {}
};

TEST_CASE("edge D: what is done brings the words of everything below") {
  needs<BeginsAtDone>('D', {"delivered", "nothing yet"}, "not the record of this number");
}

/// A clock that stands still.
struct Stopped {
  Timestamp moment;
  [[nodiscard]] Timestamp now() const noexcept { return moment; }
};

/// Two producers whose clocks differ; what arrived first, before both, has the time of the slower one.
struct TwoClocks {
  using Log = ColumnLog<std::uint64_t, Options{}, model::CheckedEnv>;
  static constexpr std::size_t threads = 2;
  static constexpr Timestamp slow{std::chrono::milliseconds{1000}};
  static constexpr Timestamp fast{std::chrono::milliseconds{2000}};

  alignas(line_size) std::array<std::byte, Log::footprint(4)> bytes{};
  Log log = Log::format(bytes, 4, 1);
  TwoClocks() { log.writer().try_put(Stopped{slow}, "", 0); }

  void run(std::size_t thread) {
    auto writer = log.writer();
    writer.try_put(Stopped{thread == 0 ? slow : fast}, "", thread);
  }
  void finish() const {
    auto reader = log.reader({.number = 1});
    std::int64_t last = 0;
    for (std::uint64_t next = 1; next <= 3;) {
      const auto run = reader.read(4);
      next += run.count;
      for (std::size_t i = 0; i < run.count; ++i) {
        if (run.first + i == 2) {
          outcome(reader.value(i) == 0 ? "slow first" : "fast first");
        }
        model::expect(reader.arrival(i) >= last, "arrivals decrease");
        last = reader.arrival(i);
      }
    }
  }
};

TEST_CASE("edge T: a claim brings the arrival that it raised") {
  needs<TwoClocks>('T', {"fast first", "slow first"}, "arrivals decrease");
}

}  // namespace
