/// Producers and readers on one log at once: every record is accounted for.
#pragma once

#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <cstring>
#include <latch>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

#include "ring/zeroed_bytes.hpp"
#include "support/random.hpp"
#include "support/watchdog.hpp"
#include "weir/core/clock.hpp"
#include "weir/ring/record_log.hpp"

namespace weir::stress {

/// Who put a record, as its how manieth.
struct Origin {
  std::uint64_t producer = 0;
  std::uint64_t index = 0;

  [[nodiscard]] std::uint64_t checksum() const noexcept { return support::Random{producer << 40 | index}.next(); }
  friend bool operator==(const Origin&, const Origin&) = default;
};

/// A payload of 40 bytes, in columns.
struct Block {
  std::uint64_t words[5];

  static Block of(const Origin& origin) noexcept {
    const auto sum = origin.checksum();
    return {{sum, origin.producer, origin.index, ~sum, sum * 3}};
  }
  /// Whether it is whole.
  bool tell(Origin& origin) const noexcept {
    origin = {words[1], words[2]};
    const auto sum = origin.checksum();
    return words[0] == sum && words[3] == ~sum && words[4] == sum * 3;
  }
};

/// The same as text of 24 to 60 bytes.
struct Text {
  static std::string of(const Origin& origin) {
    const auto sum = origin.checksum();
    std::string text(24 + sum % 37, static_cast<char>('a' + sum % 26));
    std::memcpy(text.data(), &sum, 8);
    std::memcpy(text.data() + 8, &origin.producer, 8);
    std::memcpy(text.data() + 16, &origin.index, 8);
    return text;
  }
  static bool tell(std::string_view text, Origin& origin) {
    if (text.size() < 24) {
      return false;
    }
    std::memcpy(&origin.producer, text.data() + 8, 8);
    std::memcpy(&origin.index, text.data() + 16, 8);
    return text == of(origin);
  }
};

template <class Log>
auto make(const Origin& origin) {
  if constexpr (contiguous_log<Log>) {
    return Block::of(origin);
  } else {
    return Text::of(origin);
  }
}
template <class View>
bool tell(const View& view, Origin& origin) {
  if constexpr (std::is_same_v<View, Block>) {
    return view.tell(origin);
  } else {
    return Text::tell(view, origin);
  }
}

struct Plan {
  std::uint64_t capacity = 1;
  std::uint64_t producers = 1;
  std::uint64_t records = 1000;  ///< of each producer
  std::uint64_t first = 1;
  /// The first producer closes the log when it has put all of its own; the others are cut off.
  bool closes_early = false;
};

/// The numbers that a producer was given, and what stands behind each.
struct Produced {
  std::vector<std::pair<std::uint64_t, Origin>> records;
  std::uint64_t faults = 0;
};

/// What one reader saw. Threads under test record; the main thread asserts.
struct Observed {
  std::vector<std::pair<std::uint64_t, Origin>> records;
  std::uint64_t missed = 0;
  std::uint64_t position = 0;
  std::uint64_t torn = 0;
  std::uint64_t out_of_place = 0;  // numbers that do not follow, or follow twice
  std::uint64_t out_of_order = 0;  // a producer's records
  std::uint64_t earlier_arrivals = 0;
  std::uint64_t wrong_ends = 0;  // an end together with records
  std::uint64_t wrong_keys = 0;

  [[nodiscard]] std::uint64_t faults() const noexcept {
    return torn + out_of_place + out_of_order + earlier_arrivals + wrong_ends + wrong_keys;
  }
};

inline std::string key_of(const Origin& origin) {
  return std::string(1 + origin.index / 5 % 9, static_cast<char>('A' + origin.producer));
}

/// A reader and the account of what it saw.
template <class Log>
class Observer {
 public:
  /// From `start` on, or, at the horizon, from wherever that turns out to be.
  Observer(Log log, const Start& start) : reader_(log.reader(start)), known_(!start.at_horizon) {
    seen_.position = start.number;
  }

  Run read(std::size_t limit) {
    const auto run = reader_.read(limit);
    seen_.missed += run.missed;
    seen_.position += run.missed;
    seen_.wrong_ends += run.end && run.count != 0 ? 1 : 0;
    if (run.count != 0) {
      seen_.out_of_place += known_ && run.first != seen_.position ? 1 : 0;
      seen_.out_of_place += run.first < seen_.position || run.count > limit ? 1 : 0;
      known_ = true;
      seen_.position = run.first + run.count;
      seen_.out_of_place += reader_.number() != seen_.position ? 1 : 0;
      for (std::size_t i = 0; i < run.count; ++i) {
        record(run.first + i, i);
      }
    }
    return run;
  }

  Observed take() { return std::move(seen_); }

 private:
  void record(std::uint64_t number, std::size_t index) {
    Origin origin;
    if (!tell(std::as_const(reader_).value(index), origin) || origin.producer >= std::size(next_)) {
      ++seen_.torn;
      return;
    }
    seen_.out_of_order += origin.index < next_[origin.producer] ? 1 : 0;
    next_[origin.producer] = origin.index + 1;
    if constexpr (keyed_log<Log>) {
      seen_.wrong_keys += reader_.key(index) != key_of(origin) ? 1 : 0;
    }
    if constexpr (timed_log<Log>) {
      seen_.earlier_arrivals += reader_.arrival(index) < arrived_ ? 1 : 0;
      arrived_ = reader_.arrival(index);
    }
    seen_.records.emplace_back(number, origin);
  }

  typename Log::Reader reader_;
  bool known_;
  Observed seen_;
  std::uint64_t next_[8]{};
  std::int64_t arrived_ = std::numeric_limits<std::int64_t>::min();
};

template <class Log>
void produce(Log log, std::uint64_t producer, const Plan& plan, Produced& produced) {
  using Element = std::remove_cvref_t<typename Log::argument>;
  auto writer = log.writer();
  constexpr CoarseClock clock;
  // Bursts of up to two thirds of what the ring holds: readers now keep up and now are lapped in the middle of a read.
  const auto held = Log::unit == Capacity::Unit::records ? plan.capacity : plan.capacity / 80;
  support::Random random{plan.capacity * 8 + producer};
  std::uint64_t burst = 0;
  std::uint64_t last = 0;
  for (std::uint64_t index = 0; index < plan.records;) {
    if (burst == 0) {
      std::this_thread::yield();
      burst = 1 + random.below(1 + held * 2 / 3);
    }
    const Origin origin{producer, index};
    const auto key = key_of(origin);
    std::uint64_t count = 1;
    Append outcome;
    if (index % 5 == 1 && writer.max_claim() > 1) {
      const auto fits = [&](const auto& owned, const auto& next) {
        if constexpr (requires { writer.max_claim_bytes(); }) {
          auto bytes = writer.frame_size(key, next);
          for (const auto& value : owned) {
            bytes += writer.frame_size(key, value);
          }
          // One key for all of a batch: those records whose keys would differ go alone.
          return bytes <= writer.max_claim_bytes() && key_of({producer, index + owned.size()}) == key;
        } else {
          return true;
        }
      };
      std::vector<decltype(make<Log>(origin))> owned{make<Log>(origin)};
      while (owned.size() < std::min<std::uint64_t>(writer.max_claim(), 4) && index + owned.size() < plan.records) {
        auto next = make<Log>({producer, index + owned.size()});
        if (!fits(owned, next)) {
          break;
        }
        owned.push_back(std::move(next));
      }
      const std::vector<Element> values(owned.begin(), owned.end());
      count = values.size();
      outcome = writer.try_put_all(clock, key, std::span{values});
    } else {
      outcome = writer.try_put(clock, key, make<Log>(origin));
    }
    if (outcome.status == Append::Status::done) {
      produced.faults += outcome.number <= last && index != 0 ? 1 : 0;
      last = outcome.number;
      for (std::uint64_t i = 0; i < count; ++i) {
        produced.records.emplace_back(outcome.number + i, Origin{producer, index + i});
      }
      index += count;
      burst -= std::min(burst, count);
    } else if (outcome.status == Append::Status::closed) {
      break;
    } else {
      std::this_thread::yield();  // the stalled producer may need this very core
    }
  }
  if (plan.closes_early && producer == 0) {
    log.close();
  }
}

/// Reads to the end; `ready` runs before the first read, `idle` after each.
template <class Log, class Idle, class Ready>
Observed observe(Log log, const Start& start, std::size_t limit, Idle idle, Ready ready) {
  Observer<Log> observer{log, start};
  ready();
  for (;;) {
    const auto run = observer.read(limit);
    if (run.end) {
      return observer.take();
    }
    idle(run);
  }
}

/// Comes again and again, at the horizon, at the oldest number, at the end and at a moment, and leaves soon.
template <class Log>
std::vector<Observed> visit(Log log, const Plan& plan, const std::atomic<bool>& finished) {
  std::vector<Observed> visits;
  for (std::uint64_t visit = 0; visits.size() < 2000 && !finished.load(); ++visit) {
    Start start{.number = plan.first, .at_horizon = true};
    if (visit % 4 == 1) {
      start = {.number = log.oldest()};
    } else if (visit % 4 == 2) {
      start = {.number = log.end()};
    } else if (visit % 4 == 3) {
      if constexpr (timed_log<Log>) {
        start = log.seek(log.last_arrival());
      }
    }
    Observer<Log> observer{log, start};
    for (int i = 0; i < 3; ++i) {
      observer.read(1 + visit % 7);
    }
    visits.push_back(observer.take());
    std::this_thread::yield();
  }
  return visits;
}

/// Every record that was seen is the one that was put under its number.
inline void check_records(const Observed& seen, const std::vector<std::pair<std::uint64_t, Origin>>& put,
                          std::uint64_t first) {
  std::uint64_t mistaken = 0;
  for (const auto& [number, origin] : seen.records) {
    mistaken += number < first || number - first >= put.size() || put[number - first].second != origin ? 1 : 0;
  }
  CHECK(mistaken == 0);
  CHECK(seen.torn == 0);
  CHECK(seen.out_of_place == 0);
  CHECK(seen.out_of_order == 0);
  CHECK(seen.earlier_arrivals == 0);
  CHECK(seen.wrong_ends == 0);
  CHECK(seen.wrong_keys == 0);
}

template <class Log>
void run(const Plan& plan) {
  CAPTURE(plan.capacity);
  CAPTURE(plan.producers);
  CAPTURE(plan.closes_early);
  const support::Watchdog watchdog{"stress of a log", std::chrono::seconds{120}};
  support::ZeroedBytes bytes{Log::footprint(plan.capacity)};
  const auto log = Log::format(bytes.span(), plan.capacity, plan.first);

  std::vector<Produced> produced(plan.producers);
  Observed fast;
  Observed slow;
  std::vector<Observed> visits;
  std::atomic<bool> finished{false};
  std::latch together{static_cast<std::ptrdiff_t>(plan.producers) + 3};
  const Start start{.number = plan.first};
  // Holds the first record of a gated log until those two are there that must get every one.
  [[maybe_unused]] std::optional<typename Log::Reader> held;
  if constexpr (Log::gated) {
    held.emplace(log.reader(start));
  }
  std::latch there{2};
  const auto ready = [&] { there.count_down(); };
  std::thread fast_reader{[&, view = log] {
    together.arrive_and_wait();
    fast = observe(
        view, start, ~std::size_t{0},
        [](const Run& run) {
          if (run.count == 0) {
            std::this_thread::yield();
          }
        },
        ready);
  }};
  std::thread slow_reader{[&, view = Log::attach(bytes.span(), plan.capacity)] {
    together.arrive_and_wait();
    slow = observe(
        view, start, 2,
        [](const Run&) {
          for (int i = 0; i < 3; ++i) {
            std::this_thread::yield();
          }
        },
        ready);
  }};
  std::thread visitor{[&, view = log] {
    together.arrive_and_wait();
    visits = visit(view, plan, finished);
  }};
  std::vector<std::thread> producers;
  for (std::uint64_t producer = 0; producer < plan.producers; ++producer) {
    producers.emplace_back([&, producer, view = log] {
      together.arrive_and_wait();
      produce(view, producer, plan, produced[producer]);
    });
  }
  there.wait();
  held.reset();
  for (auto& producer : producers) {
    producer.join();
  }
  auto closer = log;
  const auto end = closer.close();
  fast_reader.join();
  slow_reader.join();
  finished.store(true);
  visitor.join();

  // Every number was given once, and all of them up to the final one.
  std::vector<std::pair<std::uint64_t, Origin>> put;
  for (const auto& each : produced) {
    CHECK(each.faults == 0);
    put.insert(put.end(), each.records.begin(), each.records.end());
  }
  std::sort(put.begin(), put.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  REQUIRE(end == plan.first + put.size());
  std::uint64_t gaps = 0;
  for (std::size_t i = 0; i < put.size(); ++i) {
    gaps += put[i].first != plan.first + i ? 1 : 0;
  }
  REQUIRE(gaps == 0);
  if (!plan.closes_early) {
    CHECK(put.size() == plan.producers * plan.records);
  }

  for (const auto* seen : {&fast, &slow}) {
    check_records(*seen, put, plan.first);
    CHECK(seen->position == end);
    CHECK(seen->missed + seen->records.size() == end - plan.first);
    CHECK((!Log::gated || seen->missed == 0));
  }
  for (const auto& seen : visits) {
    if (seen.faults() != 0 || !seen.records.empty()) {
      check_records(seen, put, plan.first);
    }
  }
  // At rest what is retained can still be read, and all of it.
  const auto late = observe(
      log, {.number = closer.oldest()}, 3, [](const Run&) {}, [] {});
  check_records(late, put, plan.first);
  CHECK(late.missed == 0);
  CHECK(late.records.size() == end - closer.oldest());
}

}  // namespace weir::stress
