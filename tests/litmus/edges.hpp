/// The rings under the model checker: small instances, and the question whether one needs an edge.
#pragma once

#include <doctest/doctest.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "model/checker.hpp"
#include "weir/ring/column/log.hpp"
#include "weir/ring/segment/log.hpp"

namespace weir::litmus {

using Memory = model::CheckedMemory;

/// The program holds in every schedule, and in some schedule no more once the orders of `edge` are taken away.
template <class Program>
void needs(char edge, const model::Limits& limits = {}) {
  const auto with = model::explore<Program>(limits);
  INFO(with.failure << '\n' << with.schedule);
  CHECK(with.ok);
  CHECK(with.exhausted);
  const auto without = model::explore<Program>(limits, edge);
  CHECK_FALSE(without.ok);
  MESSAGE("edge ", std::string(1, edge), ": ", with.executions, " executions, ", with.states,
          " states; without: ", without.failure, " after ", without.executions);
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
    if (writer.try_put(model::CheckedClock{}, "", Pair{value, value}).status == Append::Status::done) {
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
