/// Arrival times: words beside a record's own, and what a search by time rests on.
#include "litmus/edges.hpp"
#include "model/holds.hpp"

namespace {

using namespace weir;
using weir::litmus::needs;
using weir::litmus::outcome;

constexpr Options one{.producers = Producers::single};
constexpr Options many{};

/// A clock that stands still.
struct Stopped {
  std::uint64_t moment;
  [[nodiscard]] Timestamp now() const noexcept {
    return Timestamp{std::chrono::milliseconds{static_cast<std::int64_t>(moment)}};
  }
};

/// Puts number n at the time n, alone or as a batch of one.
template <Options options, bool batches>
void put_at_its_number(ColumnLog<std::uint64_t, options, model::CheckedEnv>& log, std::uint64_t puts) {
  auto writer = log.writer();
  for (std::uint64_t number = 1; number <= puts; ++number) {
    if constexpr (batches) {
      writer.try_put_all(Stopped{number}, "", std::array{number});
    } else {
      writer.try_put(Stopped{number}, "", number);
    }
    model::settle(number);
  }
}

/// Reads on until so many are read or missed, and looks at nothing but the arrivals.
template <Options options, class Reader>
void look_at_arrivals(Reader& reader, std::uint64_t puts) {
  for (std::uint64_t next = 1; next <= puts;) {
    const auto run = reader.read(1);
    outcome(run);
    next += run.missed + run.count;
    if (run.count != 0) {
      model::expect(reader.arrival(0) == static_cast<std::int64_t>(run.first), "another number's arrival");
      const bool unread = run.next_arrival != Run::nothing_unread;
      model::expect(!unread || run.next_arrival == static_cast<std::int64_t>(next), "the next one's is another's");
    } else if (run.missed == 0) {
      model::CheckedMemory::pause();
    }
    if constexpr (options.producers == Producers::single) {
      model::settle(next);  // of several producers' ring a reader remembers more than its position
    }
  }
}

/// A producer that laps a reader.
template <Options options, bool batches, std::uint64_t puts>
struct Arrivals {
  using Log = ColumnLog<std::uint64_t, options, model::CheckedEnv>;
  static constexpr std::size_t threads = 2;
  static constexpr std::size_t readers = 1;
  static constexpr std::uint64_t capacity = 2;

  alignas(line_size) std::array<std::byte, Log::footprint(capacity)> bytes{};
  Log log = Log::format(bytes, capacity, 1);
  std::optional<typename Log::Reader> reader{log.reader({.number = 1})};

  void run(std::size_t thread) {
    if (thread == 0) {
      put_at_its_number<options, batches>(log, puts);
      return;
    }
    look_at_arrivals<options>(*reader, puts);
  }
  void finish() const {}
};

TEST_CASE("edge W, arrivals: the arrival of a later lap brings the limit that was raised before it") {
  needs<Arrivals<one, false, 5>>('W', {"delivered", "missed", "nothing yet"}, "another number's arrival");
  needs<Arrivals<one, true, 4>>('W', {"delivered", "missed", "nothing yet"}, "another number's arrival");
}

/// A producer that takes the lines of two records when it puts one, and a reader of the second.
struct LinesTaken {
  using Log = ColumnLog<std::uint64_t, one, model::CheckedEnv>;
  static constexpr std::size_t threads = 2;
  static constexpr std::size_t readers = 1;
  static constexpr std::uint64_t capacity = 16;  // the least of which the limit is raised by more than one

  alignas(line_size) std::array<std::byte, Log::footprint(capacity)> bytes{};
  Log log = Log::format(bytes, capacity, 1);
  std::optional<Log::Reader> reader;

  LinesTaken() {
    put_at_its_number<one, false>(log, capacity);
    reader.emplace(log.reader({.number = 2}));
  }

  void run(std::size_t thread) {
    if (thread == 0) {
      outcome(log.writer().try_put(Stopped{capacity + 1}, "", capacity + 1));
      return;
    }
    const auto run = reader->read(1);
    outcome(run);
    if (run.count != 0) {
      model::expect(reader->value(0) == run.first, "a line that was taken");
      model::expect(reader->arrival(0) == static_cast<std::int64_t>(run.first), "a line that was taken");
    }
  }
  void finish() const {}
};

TEST_CASE("edge W, lines: a word by which a line was taken brings the limit that was raised before it") {
  needs<LinesTaken>('W', {"delivered", "missed", "put"}, "a line that was taken");
}

/// The same in a ring of two segments, a frame each.
struct SegmentArrivals {
  using Log = SegmentLog<std::string, one, model::CheckedEnv>;
  static constexpr std::size_t threads = 2;
  static constexpr std::size_t readers = 1;
  static constexpr RingSize capacity{128, 2};
  static constexpr std::uint64_t puts = 4;

  alignas(line_size) std::array<std::byte, Log::footprint(capacity)> bytes{};
  Log log = Log::format(bytes, capacity, 1);
  std::optional<Log::Reader> reader{log.reader({.number = 1})};

  void run(std::size_t thread) {
    if (thread == 0) {
      for (std::uint64_t number = 1; number <= puts; ++number) {
        log.writer().try_put(Stopped{number}, "", "0123456789012345678901234567890123456789");
        model::settle(number);
      }
      return;
    }
    look_at_arrivals<one>(*reader, puts);
  }
  void finish() const {}
};

TEST_CASE("edge W, arrivals in frames: the arrival of a later generation brings its first number") {
  needs<SegmentArrivals>('W', {"delivered", "missed", "nothing yet"}, "another");
}

/// Two producers whose clocks differ; what arrived first, before both, has the time of the slower one.
struct SegmentClocks {
  using Log = SegmentLog<std::string, many, model::CheckedEnv>;
  static constexpr std::size_t threads = 2;
  static constexpr RingSize capacity{256, 2};

  alignas(line_size) std::array<std::byte, Log::footprint(capacity)> bytes{};
  Log log = Log::format(bytes, capacity, 1);
  SegmentClocks() { log.writer().try_put(Stopped{1000}, "", "0"); }

  void run(std::size_t thread) {
    log.writer().try_put(Stopped{thread == 0 ? 1000U : 2000U}, "", thread == 0 ? "slow" : "fast");
  }
  void finish() const {
    auto reader = log.reader({.number = 1});
    std::int64_t last = 0;
    for (std::uint64_t next = 1; next <= 3; ++next) {
      const auto run = reader.read(1);
      model::expect(run.count == 1, "a record is lost");
      if (next == 2) {
        outcome(reader.value(0) == "slow" ? "slow first" : "fast first");
      }
      model::expect(reader.arrival(0) >= last, "arrivals decrease");
      last = reader.arrival(0);
    }
  }
};

TEST_CASE("edge T, segments: a claim brings the arrival that it raised") {
  needs<SegmentClocks>('T', {"fast first", "slow first"}, "arrivals decrease");
}

/// A search by time while a producer puts: nothing that arrived at that time or later lies below the answer.
template <Options options, std::uint64_t puts, std::uint64_t moment>
struct Sought {
  using Log = ColumnLog<std::uint64_t, options, model::CheckedEnv>;
  static constexpr std::size_t threads = 2;
  static constexpr std::size_t readers = 1;
  static constexpr std::uint64_t capacity = 2;

  alignas(line_size) std::array<std::byte, Log::footprint(capacity)> bytes{};
  Log log = Log::format(bytes, capacity, 1);

  void run(std::size_t thread) {
    if (thread == 0) {
      put_at_its_number<options, false>(log, puts);
      return;
    }
    const auto start = log.seek(static_cast<std::int64_t>(moment));
    outcome(start.number == moment ? "found" : start.number < moment ? "not yet" : "overwritten");
    model::expect(start.number <= moment || start.number <= log.oldest(), "a search passed what it looked for");
  }
  void finish() const {}
};

TEST_CASE("what is published, or done, brings the arrivals that a search looks at") {
  needs<Sought<one, 2, 1>>('P', {"found"}, "a search passed what it looked for");
  needs<Sought<many, 4, 1>>('D', {"found", "overwritten"}, "a search passed what it looked for");
}

/// What follows the record to be read is recycled while it is read: the reader has a stale number and a stale entry,
/// and what lies there is text.
struct RecycledBehind {
  using Log = SegmentLog<std::string, one, model::CheckedEnv>;
  static constexpr std::size_t threads = 2;
  static constexpr std::size_t readers = 1;
  static constexpr RingSize capacity{128, 2};

  alignas(line_size) std::array<std::byte, Log::footprint(capacity)> bytes{};
  Log log = Log::format(bytes, capacity, 1);
  std::optional<Log::Reader> reader;

  RecycledBehind() {
    put(1, 8);
    put(2, 8);
    put(3, 40);
    reader.emplace(log.reader({.number = 1}));
  }
  void run(std::size_t thread) {
    if (thread == 0) {
      put(4, 40);
      return;
    }
    const auto run = reader->read(1);
    outcome(run);
    const auto next = run.first + run.count;
    model::expect(run.next_arrival == Run::nothing_unread ||
                      (run.count != 0 && run.next_arrival == static_cast<std::int64_t>(next)),
                  "an arrival that is no record's");
  }
  void finish() const {}

 private:
  void put(std::uint64_t number, std::size_t length) const {
    log.writer().try_put(Stopped{number}, "", std::string(length, '\x7F'));
  }
};

TEST_CASE("no read tells as the next arrival what lies in a recycled segment") {
  model::holds<RecycledBehind>("a record that is recycled behind the one that is read");
}

}  // namespace
