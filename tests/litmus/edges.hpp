/// The rings under the model checker: small instances, and the question whether one needs an edge.
#pragma once

#include <doctest/doctest.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "model/checker.hpp"
#include "weir/ring/column/log.hpp"
#include "weir/ring/segment/log.hpp"

namespace weir::litmus {

using Memory = model::CheckedMemory;

/// What the schedules of a program came to.
inline std::set<std::string_view>& outcomes() {
  static std::set<std::string_view> seen;
  return seen;
}
/// In a thread's body or in `finish`: says by a literal what this schedule came to.
inline void outcome(const char* text) {
  outcomes().insert(text);
}

inline void outcome(const Append& append) {
  constexpr std::array<const char*, 4> texts{"put", "closed", "stalled", "full"};
  outcome(texts[static_cast<std::size_t>(append.status)]);
}
inline void outcome(const Run& run) {
  if (run.missed != 0) {
    outcome("missed");
  }
  outcome(run.count != 0 ? "delivered" : "nothing yet");
}

/// The program holds in every schedule, and these come to exactly the outcomes that are `allowed`; once the orders of
/// `edge` are taken away, some schedule fails with the `forbidden` one.
template <class Program>
void needs(char edge, std::initializer_list<std::string_view> allowed, std::string_view forbidden) {
  const auto listed = [](const auto& texts) {
    std::string list;
    for (const auto text : texts) {
      (list += list.empty() ? "" : ", ") += text;
    }
    return list;
  };
  const model::Limits limits;
  outcomes().clear();
  const auto with = model::explore<Program>(limits);
  CHECK_MESSAGE(with.ok, with.failure, "\n", with.schedule);
  CHECK(with.exhausted);
  const auto came_to = listed(outcomes());
  CHECK(came_to == listed(std::set<std::string_view>{allowed}));
  const auto without = model::explore<Program>(limits, edge);
  CHECK_FALSE(without.ok);
  CHECK(without.failure.find(forbidden) != std::string::npos);
  MESSAGE("edge ", std::string(1, edge), ": ", with.executions, " executions, ", with.states,
          " states | allowed and seen: ", came_to, " | forbidden, and seen without it: ", without.failure);
}

/// A payload of two words that must stay together.
struct Pair {
  std::uint64_t first;
  std::uint64_t second;
};

/// Puts pairs that tell their producer and its count, until all are in.
template <Options options, class Log>
void put_pairs(Log& log, std::size_t thread, std::uint64_t puts) {
  auto writer = log.writer();
  for (std::uint64_t done = 0; done < puts;) {
    const std::uint64_t value = thread * puts + done + 1;
    const auto put = writer.try_put(model::CheckedClock{}, "", Pair{value, value});
    outcome(put);
    if (put.status == Append::Status::done) {
      ++done;
    } else {
      Memory::pause();
    }
    if constexpr (options.producers == Producers::multiple) {
      model::settle(done);  // the writer keeps nothing between puts
    }
  }
}

/// Producers that put pairs into a column ring, and a reader, if `reads`, that takes them one by one.
template <Options options, std::size_t producers, std::uint64_t puts, std::uint64_t capacity, bool reads = true>
struct Columns {
  using Log = ColumnLog<Pair, options, model::CheckedEnv>;
  static constexpr std::size_t threads = producers + (reads ? 1 : 0);
  static constexpr std::size_t readers = reads ? 1 : 0;
  static constexpr std::uint64_t total = producers * puts;

  alignas(line_size) std::array<std::byte, Log::footprint(capacity)> bytes{};
  Log log = Log::format(bytes, capacity, 1);
  std::optional<typename Log::Reader> reader{log.reader({.number = 1})};

  void run(std::size_t thread) { thread < producers ? put_pairs<options>(log, thread, puts) : read(); }

  void read() {
    for (std::uint64_t next = 1; next <= total;) {
      const auto run = reader->read(1);
      outcome(run);
      next += run.missed + run.count;
      if (run.count != 0) {
        const auto& pair = reader->value(0);
        model::expect(pair.first == pair.second, "a record is torn");
        model::expect(pair.first >= 1 && pair.first <= total, "a record that nobody put");
        model::expect(producers > 1 || pair.first == run.first, "a record under another's number");
      }
      if constexpr (options.producers == Producers::single) {
        model::settle(next);  // where there are many, a reader remembers how far it has walked: more than its position
      }
      if (run.count + run.missed == 0) {
        Memory::pause();
      }
    }
  }

  void finish() const { model::expect(log.end() == total + 1, "claims were lost"); }
};

}  // namespace weir::litmus
