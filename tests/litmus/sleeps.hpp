/// A reader that sleeps until a put, without a deadline: the wait of `Notify::on_put` as it is, over a ring.
#pragma once

#include <cstdint>
#include <optional>

#include "litmus/edges.hpp"
#include "weir/stream/waiting.hpp"

namespace weir::litmus {

/// Asks to sleep at once.
struct SleepsAtOnce {
  static void before_poll() noexcept {}
  static void after_poll(std::size_t) noexcept {}
  static constexpr bool parks() noexcept { return true; }
};
static_assert(parking_strategy<SleepsAtOnce>);

/// What a waiting read waits for: the records of a ring, one at a time.
template <class Reader>
struct Source {
  struct Batch {
    std::size_t count;
    [[nodiscard]] std::size_t size() const noexcept { return count; }
    explicit operator bool() const noexcept { return count != 0; }
  };

  Reader reader;
  bool ended = false;

  Batch read() { return read_up_to(1); }
  Batch read_up_to(std::size_t count) {
    const auto run = reader.read(count);
    ended = run.end;
    outcome(run.end ? "end" : run.count != 0 ? "delivered" : "nothing yet");
    return {run.count};
  }
  [[nodiscard]] bool at_end() const noexcept { return ended; }
};

/// So many producers put and notify, a record each, and, if `closes`, another thread closes and wakes all. Each reader
/// sleeps in between and takes every record, or sees the end.
template <class Fence, std::size_t producers, bool closes = false, std::size_t sleepers = 1>
struct Sleeps {
  using Event = detail::EventCountOver<Memory, Fence, model::CheckedFutex>;
  using Log = ColumnLog<std::uint64_t, Options{.arrival = Arrival::dropped}, model::CheckedEnv>;
  static constexpr std::size_t first_sleeper = producers + (closes ? 1 : 0);
  static constexpr std::size_t threads = first_sleeper + sleepers;
  static constexpr std::uint64_t capacity = 4;

  alignas(line_size) std::array<std::byte, Log::footprint(capacity)> bytes{};
  Log log = Log::format(bytes, capacity, 1);
  Event event;
  std::array<std::optional<Source<typename Log::Reader>>, sleepers> sources;

  Sleeps() {
    model::label(*reinterpret_cast<const std::uint64_t*>(bytes.data()), "tail");
    model::label(event, "event");
    for (auto& source : sources) {
      source.emplace(Source<typename Log::Reader>{log.reader({.number = 1})});
    }
  }

  void run(std::size_t thread) {
    detail::Alarm<Notify::on_put, Event> alarm{event};
    if (thread < producers) {
      log.writer().try_put(model::CheckedClock{}, "", thread);
      alarm.notify();
    } else if (thread < first_sleeper) {
      log.close();
      alarm.wake_all();
    } else {
      SleepsAtOnce wait;
      auto& source = sources[thread - first_sleeper];
      for (std::size_t seen = 0; seen < producers || (closes && !source->at_end());) {
        seen += wait_for_batch(*source, alarm, wait, Deadline::never(), nullptr).size();
        if (closes && source->at_end()) {
          return;
        }
      }
    }
  }
  void finish() const {}
};

}  // namespace weir::litmus
