/// Any operations on a small ring, by up to three threads, and what must hold of them in every schedule.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "litmus/edges.hpp"

namespace weir::model {

/// One thing that a thread does; none of them waits.
enum class Op : std::uint8_t {
  none,
  put,      ///< a record; of a segment ring one of which a segment holds two
  large,    ///< of a segment ring one that fills a segment
  batch,    ///< two records in one claim
  give_up,  ///< claims a record and gives it up
  read,     ///< at most two records, if there is a reader
  enter,    ///< a reader begins: at the horizon
  latest,   ///< a reader begins: after the newest record
  leave,
  close,
  oldest,  ///< asks for the horizon and for the end
};

struct Scenario {
  const char* name;
  std::array<std::vector<Op>, 3> threads;
  std::uint64_t first = 1;   ///< the number of the ring's first record
  std::uint64_t before = 0;  ///< records that are put before the threads begin
  std::uint64_t start = 1;   ///< where readers begin that do not enter
  bool large = false;        ///< millions of states
};

/// A column ring.
template <Options options, std::uint64_t capacity_>
struct ColumnShape {
  using Log = ColumnLog<litmus::Pair, options, CheckedEnv>;
  static constexpr RingSize size{capacity_, 2};
  static constexpr bool single = options.producers == Producers::single;

  static Append put(typename Log::Writer& writer, std::uint64_t value, bool) {
    return writer.try_put(CheckedClock{}, "", litmus::Pair{value, value});
  }
  static Append put_two(typename Log::Writer& writer, std::uint64_t value) {
    const std::array<litmus::Pair, 2> both{litmus::Pair{value, value}, litmus::Pair{value + 1, value + 1}};
    return writer.try_put_all(CheckedClock{}, "", both);
  }
  static std::uint64_t value(const typename Log::Reader& reader, std::size_t index) {
    const auto& pair = reader.value(index);
    std::uint64_t first = pair.first;
    if constexpr (Log::gated) {
      first = CheckedMemory::plain_load(pair.first);
      CheckedMemory::plain_load(pair.second);
    }
    expect(first == pair.second, "a record is torn");
    return first;
  }
};

/// Two segments of 64 bytes.
template <Options options>
struct SegmentShape {
  using Log = SegmentLog<std::string, options, CheckedEnv>;
  static constexpr RingSize size{128, 2};
  static constexpr bool single = false;

  static Append put(typename Log::Writer& writer, std::uint64_t value, bool large) {
    return writer.try_put(CheckedClock{}, "", text(value).substr(0, large ? 32 : 8));
  }
  static Append put_two(typename Log::Writer& writer, std::uint64_t value) {
    const std::array<std::string_view, 2> both{text(value).substr(0, 8), text(value + 1).substr(0, 8)};
    return writer.try_put_all(CheckedClock{}, "", std::span{both});
  }
  static std::uint64_t value(const typename Log::Reader& reader, std::size_t index) {
    const std::string_view found = reader.value(index);
    if constexpr (Log::gated) {  // it lies in the ring, as words of plain memory
      for (std::size_t i = 0; i < found.size(); i += 8) {
        CheckedMemory::plain_load(*reinterpret_cast<const std::uint64_t*>(found.data() + i));
      }
    }
    expect(found.size() == 8 || found.size() == 32, "a size that nobody put");
    expect(!found.empty() && found.find_first_not_of(found.front()) == std::string_view::npos, "a record is torn");
    return found.empty() ? 0 : static_cast<std::uint64_t>(found.front() - '!');
  }

 private:
  static std::string_view text(std::uint64_t value) {
    static const auto texts = [] {
      std::vector<std::string> all;
      for (char letter = '!'; letter <= '~'; ++letter) {
        all.emplace_back(40, letter);
      }
      return all;
    }();
    return texts[value % texts.size()];
  }
};

/// What the operations of one thread came to.
struct Done {
  struct Record {
    std::uint64_t number;
    std::uint64_t value;  // zero: given up
  };
  std::vector<Record> put;
  std::vector<Record> read;
  std::vector<Record> earlier;  // by a reader that it had before
  /// Numbers that a read passed over, and how many of them it called missed.
  struct Gap {
    std::uint64_t from;
    std::uint64_t to;
    std::uint64_t missed;
  };
  std::vector<Gap> gaps;
  std::int64_t arrived = 0;  // of the last record read
  std::uint64_t reads = 0;   // of its reader
  std::uint64_t begin = 0;   // of its reader
  std::uint64_t end = 0;     // as a close said
  std::uint64_t log = 0;     // everything that was observed, for comparing searches
};

/// Runs `Operations::scenario`. With `mortal`, one thread may stop for good at any step.
template <class Shape, bool mortal = false>
struct Operations {
  using Log = typename Shape::Log;
  using Memory = CheckedMemory;
  static constexpr std::size_t threads = 3;
  static constexpr std::size_t mortals = mortal ? 2 : 0;
  inline static const Scenario* scenario = nullptr;
  /// The results of all executions, if somebody wants them.
  inline static std::set<std::uint64_t>* results = nullptr;

  alignas(line_size) std::array<std::byte, Log::footprint(Shape::size)> bytes{};
  Log log = Log::format(bytes, Shape::size, scenario->first);
  std::array<std::optional<typename Log::Reader>, threads> reader;
  std::array<Done, threads> done;
  std::uint64_t before_end = scenario->first;

  Operations() {
    auto writer = log.writer();
    for (std::uint64_t i = 0; i < scenario->before; ++i) {
      const auto outcome = Shape::put(writer, old_value + i, true);
      expect(outcome.status == Append::Status::done, "no room before the threads began");
      before_end = outcome.number + 1;
    }
    for (std::size_t thread = 0; thread < threads; ++thread) {
      const auto& ops = scenario->threads[thread];
      const auto begins = [](Op op) { return op == Op::read || op == Op::enter || op == Op::latest; };
      const auto first = std::find_if(ops.begin(), ops.end(), begins);
      if (first != ops.end() && *first == Op::read) {
        begin(thread, {.number = scenario->start});
      }
    }
  }

  void run(std::size_t thread) {
    const auto& ops = scenario->threads[thread];
    if (std::all_of(ops.begin(), ops.end(), [](Op op) { return op == Op::read || op == Op::leave; })) {
      for (const Op op : ops) {
        done[thread].log = mix(done[thread].log, op == Op::read ? read(thread) : leave(thread));
      }
      return;
    }
    auto writer = log.writer();
    Done& mine = done[thread];
    std::uint64_t value = 1 + 16 * thread;
    for (const Op op : ops) {
      std::uint64_t seen = 0;
      switch (op) {
        case Op::none: break;
        case Op::put:
        case Op::large: seen = note_put(mine, Shape::put(writer, value, op == Op::large), 1, value); break;
        case Op::batch: seen = note_put(mine, Shape::put_two(writer, value), 2, value); break;
        case Op::give_up: seen = give_up(mine, writer); break;
        case Op::read: seen = read(thread); break;
        case Op::enter: seen = begin(thread, {.number = 1, .at_horizon = true}); break;
        case Op::latest: seen = begin(thread, {.number = log.end()}); break;
        case Op::leave: seen = leave(thread); break;
        case Op::close: seen = mine.end = close(writer); break;
        case Op::oldest: {
          const auto oldest = log.oldest();
          const auto end = log.end();
          expect(oldest >= scenario->first, "a horizon before the first record");
          seen = oldest * 100 + end;
        }
      }
      value += 2;
      mine.log = mix(mine.log, seen);
      if (!Shape::single && !reader[thread]) {
        settle(mix(mine.log, value));  // a writer keeps nothing between puts; a reader more than it has told
      }
    }
  }

  void finish() {
    std::uint64_t observed = 0;
    for (const Done& each : done) {
      observed = mix(observed, each.log);
    }
    if (results != nullptr) {
      results->insert(observed);
    }
    if constexpr (mortal) {
      check_survivors();
    } else {
      check_numbers();
      check_retained();
    }
    for (std::size_t thread = 0; thread < threads; ++thread) {
      check_reader(thread);
    }
  }

 private:
  static constexpr std::uint64_t old_value = 64;

  std::uint64_t begin(std::size_t thread, const Start& start) {
    reader[thread].emplace(log.reader(start));
    done[thread].earlier.insert(done[thread].earlier.end(), done[thread].read.begin(), done[thread].read.end());
    done[thread].read.clear();
    done[thread].arrived = 0;
    done[thread].reads = 0;
    // At the horizon a reader misses nothing until it has had its first record, unless it holds one.
    const auto at = reader[thread]->number();
    done[thread].begin = !start.at_horizon ? start.number : Log::gated ? at : 0;
    return at;
  }

  std::uint64_t note_put(Done& mine, const Append& outcome, std::uint64_t count, std::uint64_t value) {
    if (outcome.status != Append::Status::done) {
      return mix(static_cast<std::uint64_t>(outcome.status), outcome.number);
    }
    for (std::uint64_t i = 0; i < count; ++i) {
      expect(mine.put.empty() || mine.put.back().number < outcome.number + i, "a later put got a lower number");
      mine.put.push_back({outcome.number + i, value == 0 ? 0 : value + i});
    }
    return outcome.number;
  }

  /// One producer closes through the handle that it puts with.
  std::uint64_t close(typename Log::Writer& writer) const {
    if constexpr (Shape::single) {
      return writer.close();
    } else {
      return log.close();
    }
  }

  std::uint64_t give_up(Done& mine, typename Log::Writer& writer) {
    if constexpr (requires(Claim & claim) { writer.try_claim(CheckedClock{}, 1, claim); }) {
      Claim claim;
      const auto outcome = writer.try_claim(CheckedClock{}, 1, claim);
      if (outcome.status == Append::Status::done) {
        writer.skip(claim);
      }
      return note_put(mine, outcome, 1, 0);
    } else if constexpr (!Shape::single && Log::gated) {
      typename Log::Writer::Place place;
      const auto outcome = writer.claim_in_place(CheckedClock{}, "", 8, place);
      if (outcome.status == Append::Status::done) {
        CheckedMemory::plain_store(*reinterpret_cast<std::uint64_t*>(writer.in_place(place, "", 8).data()), 1);
        writer.skip(place);
      }
      return note_put(mine, outcome, 1, 0);
    }
    return 0;
  }

  std::uint64_t leave(std::size_t thread) {
    reader[thread].reset();
    return 0;
  }

  std::uint64_t read(std::size_t thread) {
    if (!reader[thread]) {
      return 0;
    }
    auto& from = *reader[thread];
    Done& mine = done[thread];
    const auto was = from.number();
    const auto run = from.read(2);
    const bool told = mine.begin != 0 || !mine.read.empty();
    if (run.missed != 0) {
      expect(told, "what lay at the horizon was missed");
      expect(!Log::gated || mine.reads == 0, "a registered reader missed something");
    }
    if (told) {
      mine.gaps.push_back({was, run.count != 0 ? run.first : from.number(), run.missed});
    }
    ++mine.reads;
    std::uint64_t seen = run.missed;
    for (std::size_t i = 0; i < run.count; ++i) {
      const auto value = Shape::value(from, i);
      expect(value != 0, "a record that nobody put");
      expect(mine.read.empty() || mine.read.back().number < run.first + i, "numbers do not increase");
      if constexpr (timed_log<Log>) {
        expect(from.arrival(i) >= mine.arrived, "arrivals decrease");
        mine.arrived = from.arrival(i);
      }
      mine.read.push_back({run.first + i, value});
      seen = mix(seen, mix(run.first + i, value));
    }
    return mix(mix(seen, was), mix(from.number(), run.end ? 1 : 0));
  }

  /// What was put under a number; nothing: nobody was given it.
  [[nodiscard]] std::optional<std::uint64_t> value_of(std::uint64_t number) const {
    if (number >= scenario->first && number < before_end) {
      return old_value + number - scenario->first;
    }
    for (const Done& each : done) {
      for (const auto& record : each.put) {
        if (record.number == number) {
          return record.value;
        }
      }
    }
    return {};
  }

  void check_numbers() const {
    std::set<std::uint64_t> given;
    for (const Done& each : done) {
      for (const auto& record : each.put) {
        expect(record.number >= before_end && given.insert(record.number).second, "a number was given twice");
      }
    }
    expect(log.end() == before_end + given.size(), "claims were lost, or counted that are none's");
    for (const Done& each : done) {
      expect(each.end == 0 || (log.closed() && each.end == log.end()), "a put came after the close");
    }
  }

  void check_reader(std::size_t thread) const {
    const Done& mine = done[thread];
    if (mortal) {
      return;
    }
    for (const auto* records : {&mine.earlier, &mine.read}) {
      for (const auto& record : *records) {
        expect(value_of(record.number) == record.value, "a record that nobody put, or under another's number");
      }
    }
    // What it was not given it was told it missed, unless it was given up; and no more than that.
    for (const auto& gap : mine.gaps) {
      std::uint64_t records = 0;
      for (auto number = std::max(gap.from, scenario->first); number < gap.to; ++number) {
        records += value_of(number) == std::uint64_t{0} ? 0 : 1;
      }
      records += std::min(gap.to, scenario->first) - std::min(gap.from, scenario->first);
      expect(records <= gap.missed, "a record was passed over in silence");
      expect(gap.missed <= gap.to - gap.from, "more was missed than there was");
    }
  }

  /// Nobody puts any more: what is retained can be read, each under its number.
  void check_retained() {
    if (log.end() == scenario->first) {
      return;
    }
    for (auto& each : reader) {
      each.reset();
    }
    auto after = log.reader({.number = 1, .at_horizon = true});
    auto next = after.number() <= 1 ? log.oldest() : std::max(after.number(), log.oldest());
    [[maybe_unused]] std::int64_t arrived = 0;
    expect(next >= scenario->first && next <= log.end(), "the horizon lies outside of what was put");
    while (next < log.end()) {
      const auto run = after.read(1);
      for (; next < (run.count != 0 ? run.first : after.number()); ++next) {
        expect(value_of(next) == std::uint64_t{0}, "a retained record was passed over");
      }
      if (run.count == 0) {
        expect(next >= log.end(), "a retained record cannot be read");
        return;
      }
      expect(value_of(run.first) == Shape::value(after, 0), "another record under this number");
      if constexpr (timed_log<Log>) {
        expect(after.arrival(0) >= arrived, "arrivals decrease");
        arrived = after.arrival(0);
      }
      next = run.first + 1;
    }
  }

  /// Whatever the one that died had begun, the others are told what is done and what is not, and nobody hangs.
  void check_survivors() {
    std::set<std::uint64_t> given;
    for (const Done& each : done) {
      for (const auto& record : each.put) {
        expect(given.insert(record.number).second, "a number was given twice");
        expect(record.number < log.end(), "a number was given that the log does not count");
      }
    }
    auto writer = log.writer();
    for (int i = 0; i < 6; ++i) {
      const auto outcome = Shape::put(writer, 1, true);
      if (outcome.status != Append::Status::done) {
        expect(outcome.status == Append::Status::stalled || (outcome.status == Append::Status::full && Log::gated) ||
                   (outcome.status == Append::Status::closed && log.closed()),
               "a put was refused without a reason");
        return;
      }
      expect(given.insert(outcome.number).second, "a number was given twice");
    }
  }
};

}  // namespace weir::model
