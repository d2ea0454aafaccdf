/// Gated rings with producers and readers that come, release and leave.
#pragma once

#include <cstdint>
#include <optional>

#include "litmus/edges.hpp"

namespace weir::litmus {

/// Takes the record that a reader was given and holds it against its number.
template <class Reader>
std::uint64_t looked_at(const Reader& reader, const Run& run, bool numbered) {
  const auto& pair = reader.value(0);
  const auto first = Memory::plain_load(pair.first);
  model::expect(first == Memory::plain_load(pair.second), "a record is torn");
  model::expect(!numbered || first == run.first, "another number's record");
  return first;
}

/// Producers that put pairs into a gated column ring until all are in, and readers, registered before, that take every
/// one of them and leave.
template <Options options, std::size_t producers, std::uint64_t puts, std::uint64_t capacity, std::size_t reading>
struct GatedColumns {
  using Log = ColumnLog<Pair, options, model::CheckedEnv>;
  static constexpr std::size_t threads = producers + reading;
  static constexpr std::uint64_t total = producers * puts;
  static constexpr RingSize size{capacity, reading};

  alignas(line_size) std::array<std::byte, Log::footprint(size)> bytes{};
  Log log = Log::format(bytes, size, 1);
  std::array<std::optional<typename Log::Reader>, reading> readers_;

  GatedColumns() {
    for (auto& reader : readers_) {
      reader.emplace(log.reader({.number = 1}));
    }
  }

  void run(std::size_t thread) {
    thread < producers ? put_pairs<options>(log, thread, puts) : read(*readers_[thread - producers]);
  }

  static void read(typename Log::Reader& reader) {
    for (std::uint64_t next = 1; next <= total;) {
      const auto run = reader.read(1);
      outcome(run);
      if (run.count == 0) {
        Memory::pause();
        continue;
      }
      model::expect(run.missed == 0 && run.first == next, "a number was passed over");
      const auto value = looked_at(reader, run, producers == 1);
      model::expect(value >= 1 && value <= total, "a record that nobody put");
      ++next;
      if constexpr (producers == 1) {
        model::settle(next);
      }
    }
  }

  void finish() const { model::expect(log.end() == total + 1, "claims were lost"); }
};

/// One of many producers puts, a reader reads it and says that it is done, and another comes: below `done` it looks at
/// records and at no stamp.
template <Options options>
struct Relayed {
  using Log = ColumnLog<Pair, options, model::CheckedEnv>;
  static constexpr std::size_t threads = 3;
  static constexpr RingSize size{2, 2};

  alignas(line_size) std::array<std::byte, Log::footprint(size)> bytes{};
  Log log = Log::format(bytes, size, 1);
  std::optional<typename Log::Reader> first{log.reader({.number = 1})};
  std::optional<typename Log::Reader> second;

  void run(std::size_t thread) {
    if (thread == 0) {
      log.writer().try_put(model::CheckedClock{}, "", Pair{1, 1});
    } else if (thread == 1) {
      while (first->read(1).count == 0) {
        Memory::pause();
      }
      first->release();
    } else {
      second.emplace(log.reader({.number = 1}));
      const auto run = second->read(1);
      outcome(run);
      if (run.count != 0) {
        looked_at(*second, run, true);
      }
    }
  }
  void finish() const {}
};

/// A full ring whose reader releases one record, so that it can be overwritten; who finds it so puts, and reads its own
/// record.
template <Options options>
struct PutsAndReads {
  using Log = ColumnLog<Pair, options, model::CheckedEnv>;
  static constexpr std::size_t threads = 2;
  static constexpr RingSize size{1, 2};

  alignas(line_size) std::array<std::byte, Log::footprint(size)> bytes{};
  Log log = Log::format(bytes, size, 1);
  std::optional<typename Log::Reader> first;

  PutsAndReads() {
    log.writer().try_put(model::CheckedClock{}, "", Pair{1, 1});
    first.emplace(log.reader({.number = 1}));
    model::expect(first->read(1).count == 1, "a record that was there is not read");
  }

  void run(std::size_t thread) {
    if (thread == 0) {
      first->release();
      return;
    }
    const auto put = log.writer().try_put(model::CheckedClock{}, "", Pair{2, 2});
    outcome(put);
    if (put.status == Append::Status::done) {
      auto second = log.reader({.number = 2});
      model::expect(second.read(1).count == 1, "a record that was put is not there");
    }
  }
  void finish() const {}
};

/// A full ring whose reader releases one record; then there is room for one of two producers, and it may be the other
/// who raised the limit for it.
template <Options options>
struct RaisedByAnother {
  using Log = ColumnLog<Pair, options, model::CheckedEnv>;
  static constexpr std::size_t threads = 3;
  static constexpr std::uint64_t capacity = 2;
  static constexpr RingSize size{capacity, 1};

  alignas(line_size) std::array<std::byte, Log::footprint(size)> bytes{};
  Log log = Log::format(bytes, size, 1);
  std::optional<typename Log::Reader> reader;
  std::array<bool, 2> stored{};

  RaisedByAnother() {
    auto writer = log.writer();
    for (std::uint64_t number = 1; number <= capacity; ++number) {
      writer.try_put(model::CheckedClock{}, "", Pair{number, number});
    }
    reader.emplace(log.reader({.number = 1}));
  }

  void run(std::size_t thread) {
    if (thread < 2) {
      const auto put = log.writer().try_put(model::CheckedClock{}, "", Pair{3, 3});
      outcome(put);
      stored[thread] = put.status == Append::Status::done;
      return;
    }
    const auto run = reader->read(1);
    model::expect(run.first == 1 && run.count == 1, "a record that was there is not read");
    looked_at(*reader, run, true);
    reader->release();
  }
  void finish() const {
    model::expect(log.end() == capacity + 1 + (stored[0] ? 1 : 0) + (stored[1] ? 1 : 0), "claims were lost");
    model::expect(!stored[0] || !stored[1], "a record was overwritten that nobody released");
  }
};

/// A full ring with two readers: one looks at its record and leaves without releasing it, the other releases it, and a
/// producer comes round.
template <Options options>
struct LeavesAsItIs {
  using Log = ColumnLog<Pair, options, model::CheckedEnv>;
  static constexpr std::size_t threads = 3;
  static constexpr RingSize size{1, 2};

  alignas(line_size) std::array<std::byte, Log::footprint(size)> bytes{};
  Log log = Log::format(bytes, size, 1);
  std::array<std::optional<typename Log::Reader>, 2> reading;

  LeavesAsItIs() {
    log.writer().try_put(model::CheckedClock{}, "", Pair{1, 1});
    for (auto& reader : reading) {
      reader.emplace(log.reader({.number = 1}));
    }
  }

  void run(std::size_t thread) {
    if (thread == 2) {
      outcome(log.writer().try_put(model::CheckedClock{}, "", Pair{2, 2}));
      return;
    }
    auto& reader = reading[thread];
    const auto run = reader->read(1);
    model::expect(run.count == 1, "a record that was there is not read");
    looked_at(*reader, run, true);
    if (thread == 0) {
      reader.reset();
    } else {
      reader->release();
    }
  }
  void finish() const {}
};

/// Two producers whose clocks differ claim in place.
template <Options options>
struct ClaimsInPlace {
  struct Clock {
    std::int64_t moment;
    [[nodiscard]] Timestamp now() const noexcept { return Timestamp{std::chrono::milliseconds{moment}}; }
  };
  using Log = ColumnLog<std::uint64_t, options, model::CheckedEnv>;
  static constexpr std::size_t threads = 2;
  static constexpr RingSize size{2, 1};

  alignas(line_size) std::array<std::byte, Log::footprint(size)> bytes{};
  Log log = Log::format(bytes, size, 1);
  std::array<Claim, 2> claims{};

  void run(std::size_t thread) { log.writer().claim_in_place(Clock{thread == 0 ? 1000 : 2000}, 1, claims[thread]); }
  void finish() const {
    const bool slow_first = claims[0].first < claims[1].first;
    outcome(slow_first ? "slow first" : "fast first");
    model::expect(slow_first || claims[0].arrived >= claims[1].arrived, "arrivals decrease");
  }
};

/// One producer writes in place and gives up, another comes round to the same slot as soon as the reader has stepped
/// over it.
template <Options options>
struct GivenUp {
  using Log = ColumnLog<std::uint64_t, options, model::CheckedEnv>;
  static constexpr std::size_t threads = 3;
  static constexpr RingSize size{1, 1};

  alignas(line_size) std::array<std::byte, Log::footprint(size)> bytes{};
  Log log = Log::format(bytes, size, 1);
  std::optional<typename Log::Reader> reader{log.reader({.number = 1})};

  void run(std::size_t thread) {
    auto writer = log.writer();
    if (thread == 0) {
      Claim claim;
      if (writer.claim_in_place(model::CheckedClock{}, 1, claim).status == Append::Status::done) {
        Memory::plain_store(writer.in_place(claim)[0], 7);
        writer.finish_in_place(claim, 0);
        outcome("given up");
      }
    } else if (thread == 1) {
      outcome(writer.try_put(model::CheckedClock{}, "", 8));
    } else {
      const auto run = reader->read(1);
      model::expect(run.count == 0 || Memory::plain_load(reader->value(0)) == 8, "what was given up is delivered");
      outcome(run);
      reader->release();
    }
  }
  void finish() const {}
};

/// A full ring whose only reader has read everything and left, so that writers may pass the floor; then a producer puts
/// while a reader comes, which begins at the horizon wherever that is, and must not be overwritten (hole H2).
template <Options options, std::uint64_t puts = 1>
struct ComesLate {
  using Log = ColumnLog<Pair, options, model::CheckedEnv>;
  static constexpr std::size_t threads = 2;
  static constexpr std::uint64_t capacity = 2;
  static constexpr RingSize size{capacity, 1};

  alignas(line_size) std::array<std::byte, Log::footprint(size)> bytes{};
  Log log = Log::format(bytes, size, 1);
  std::optional<typename Log::Reader> reader;
  std::uint64_t stored = capacity;

  ComesLate() {
    auto writer = log.writer();
    for (std::uint64_t number = 1; number <= capacity; ++number) {
      writer.try_put(model::CheckedClock{}, "", Pair{number, number});
    }
    auto before = log.reader({.number = 1});
    while (before.read(1).count != 0) {
    }
  }

  void run(std::size_t thread) {
    if (thread == 0) {
      auto writer = log.writer();
      for (std::uint64_t i = 0; i < puts; ++i) {
        const auto put = writer.try_put(model::CheckedClock{}, "", Pair{stored + 1, stored + 1});
        outcome(put);
        stored += put.status == Append::Status::done ? 1 : 0;
      }
      return;
    }
    reader.emplace(log.reader({.number = 1, .at_horizon = true}));
    for (std::uint64_t next = 0;;) {
      const auto run = reader->read(1);
      if (next == 0 && run.count != 0) {
        outcome(run.first == 1 ? "begins at the first" : "begins later");
      }
      if (run.count == 0) {
        break;
      }
      model::expect(run.missed == 0 && (next == 0 || run.first == next), "a number was passed over");
      looked_at(*reader, run, true);
      next = run.first + 1;
    }
  }
  /// Nobody puts any more: what the reader has not had yet is there for it.
  void finish() {
    model::expect(log.end() == stored + 1, "claims were lost");
    while (reader->number() < log.end()) {
      if (const auto run = reader->read(1); run.count == 0) {
        model::expect(false, "a retained record cannot be read");
        return;
      }
    }
  }
};

}  // namespace weir::litmus
