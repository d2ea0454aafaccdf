/// The laws of `record_log`, checked for any model.
#pragma once

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <type_traits>
#include <vector>

#include "ring/zeroed_bytes.hpp"
#include "weir/ring/record_log.hpp"
#include "weir/testing/manual_clock.hpp"

namespace weir::conformance {

namespace log_laws {

inline constexpr std::size_t no_limit = std::numeric_limits<std::size_t>::max();

/// Just below where a field of 20, 32, 42 or 63 bits would wrap, and where a log usually begins.
inline constexpr std::uint64_t first_numbers[] = {1, (1ULL << 20) - 3, (1ULL << 32) - 3, (1ULL << 42) - 3,
                                                  (1ULL << 62) - 3};

inline std::string key_of(std::uint64_t index) {
  return "key-" + std::to_string(index % 7);
}

/// A log over bytes of its own, filled in order: its record number `first` + i holds `sample(i)`.
template <record_log L, class Sample>
class Filled {
 public:
  using Element = std::remove_cvref_t<typename L::argument>;

  Filled(std::uint64_t capacity, std::uint64_t first, const Sample& sample)
      : bytes_(L::footprint(capacity)),
        capacity_(capacity),
        first_(first),
        sample_(&sample),
        log_(L::format(bytes_.span(), capacity, first)) {}

  [[nodiscard]] const L& log() const noexcept { return log_; }
  [[nodiscard]] L attached() { return L::attach(bytes_.span(), capacity_); }
  [[nodiscard]] std::uint64_t first() const noexcept { return first_; }
  [[nodiscard]] std::uint64_t end() const noexcept { return first_ + count_; }
  [[nodiscard]] const Sample& sample() const noexcept { return *sample_; }
  testing::ManualClock& clock() noexcept { return clock_; }

  Append try_put() { return try_put(log_); }
  Append try_put(L view) {
    auto writer = view.writer();
    const auto value = (*sample_)(count_);
    const auto outcome = writer.try_put(clock_, key_of(count_), value);
    count_ += outcome.status == Append::Status::done ? 1 : 0;
    return outcome;
  }

  void put(std::uint64_t count = 1) {
    for (std::uint64_t i = 0; i < count; ++i) {
      const auto number = end();
      const auto outcome = try_put();
      REQUIRE(outcome.status == Append::Status::done);
      REQUIRE(outcome.number == number);
    }
  }

  /// Puts until records were dropped for it, or a million are in.
  void put_a_lap() {
    for (const auto oldest = L{log_}.oldest(); L{log_}.oldest() == oldest && count_ < 1'000'000;) {
      put();
    }
    REQUIRE(L{log_}.oldest() > first_);
  }

 private:
  support::ZeroedBytes bytes_;
  std::uint64_t capacity_;
  std::uint64_t first_;
  std::uint64_t count_ = 0;
  const Sample* sample_;
  testing::ManualClock clock_;
  L log_;
};

/// A reader whose every answer is checked against what was put.
template <record_log L, class Sample>
class Checked {
 public:
  Checked(Filled<L, Sample>& filled, const Start& start)
      : filled_(filled), reader_(L{filled.log()}.reader(start)), position_(start.number), known_(!start.at_horizon) {}

  [[nodiscard]] std::uint64_t position() const noexcept { return position_; }
  [[nodiscard]] std::uint64_t missed() const noexcept { return missed_; }
  [[nodiscard]] std::uint64_t delivered() const noexcept { return delivered_; }

  Run read(std::size_t count = no_limit) {
    const auto run = reader_.read(count);
    CHECK(run.count <= count);
    missed_ += run.missed;
    delivered_ += run.count;
    position_ += run.missed;
    if (run.count != 0) {
      CHECK_FALSE(run.end);
      if (known_) {
        CHECK(run.first == position_);
      }
      position_ = run.first + run.count;
      known_ = true;
      CHECK(reader_.number() == position_);
      check_records(run);
    }
    return run;
  }

  /// Reads until nothing comes; returns the last run.
  Run drain(std::size_t count = no_limit) {
    auto run = read(count);
    while (run.count != 0) {
      run = read(count);
    }
    return run;
  }

 private:
  void check_records(const Run& run) {
    for (std::size_t i = 0; i < run.count; ++i) {
      const auto index = run.first + i - filled_.first();
      CHECK(reader_.value(i) == filled_.sample()(index));
      if constexpr (keyed_log<L>) {
        CHECK(reader_.key(i) == key_of(index));
      }
      if constexpr (timed_log<L>) {
        CHECK(reader_.arrival(i) >= arrived_);
        arrived_ = reader_.arrival(i);
      }
    }
    if constexpr (contiguous_log<L>) {
      REQUIRE(reader_.values().size() == run.count);
      for (std::size_t i = 0; i < run.count; ++i) {
        CHECK(&reader_.values()[i] == &reader_.value(i));
      }
    }
  }

  Filled<L, Sample>& filled_;
  typename L::Reader reader_;
  std::uint64_t position_;
  bool known_;  // whether position_ is where the next record is due; not at the horizon, until one was delivered
  std::uint64_t missed_ = 0;
  std::uint64_t delivered_ = 0;
  std::int64_t arrived_ = std::numeric_limits<std::int64_t>::min();
};

template <record_log L, class Sample>
void numbers(Filled<L, Sample>& filled) {
  L log = filled.log();
  SUBCASE("a new log holds nothing") {
    CHECK(log.oldest() == filled.first());
    CHECK(log.end() == filled.first());
    CHECK_FALSE(log.closed());
    Checked<L, Sample> reader{filled, {.number = filled.first()}};
    const auto run = reader.read();
    CHECK(run.count == 0);
    CHECK(run.missed == 0);
    CHECK_FALSE(run.end);
    CHECK(run.next_arrival == Run::nothing_unread);
  }
  SUBCASE("numbers are consecutive from the first one, across several laps") {
    for (int lap = 0; lap < 3; ++lap) {
      filled.put_a_lap();
      CHECK(log.end() == filled.end());
    }
  }
  SUBCASE("a batch gets consecutive numbers, wherever it begins") {
    using Element = typename Filled<L, Sample>::Element;
    if constexpr (requires(typename L::Writer writer, std::span<const Element> values) {
                    writer.try_put_all(filled.clock(), "", values);
                    writer.max_claim();
                  }) {
      Checked<L, Sample> reader{filled, {.number = filled.first()}};
      std::uint64_t number = filled.first();
      for (std::uint64_t round = 0; round < 200; ++round) {
        auto writer = log.writer();
        std::vector<decltype(filled.sample()(0))> owned;
        const auto most = std::min<std::uint64_t>(writer.max_claim(), 1 + round % 5);
        [[maybe_unused]] std::uint64_t bytes = 0;
        while (owned.size() < most) {
          owned.push_back(filled.sample()(number - filled.first() + owned.size()));
          if constexpr (requires { writer.max_claim_bytes(); }) {
            const Element& last = owned.back();
            bytes += writer.frame_size("key", last);
            if (bytes > writer.max_claim_bytes() && owned.size() > 1) {
              owned.pop_back();
              break;
            }
          }
        }
        const std::vector<Element> values(owned.begin(), owned.end());
        const auto outcome = writer.try_put_all(filled.clock(), "key", std::span{values});
        REQUIRE(outcome.status == Append::Status::done);
        REQUIRE(outcome.number == number);
        number += values.size();
        CHECK(log.end() == number);
      }
      auto raw = log.reader({.number = log.oldest()});
      auto expected = log.oldest();
      for (auto run = raw.read(no_limit); run.count != 0; run = raw.read(no_limit)) {
        CHECK(run.missed == 0);
        REQUIRE(run.first == expected);
        for (std::size_t i = 0; i < run.count; ++i) {
          CHECK(raw.value(i) == filled.sample()(expected++ - filled.first()));
        }
      }
      CHECK(expected == number);
    }
  }
}

template <record_log L, class Sample>
void reading(Filled<L, Sample>& filled) {
  L log = filled.log();
  SUBCASE("a reader that keeps up is given every record, whole and in order") {
    Checked<L, Sample> reader{filled, {.number = filled.first()}};
    Checked<L, Sample> one_by_one{filled, {.number = filled.first()}};
    for (int i = 0; i < 300; ++i) {
      filled.put();
      CHECK(reader.drain().count == 0);
      CHECK(one_by_one.read(1).count == 1);
    }
    CHECK(reader.missed() == 0);
    CHECK(reader.delivered() == 300);
    CHECK(one_by_one.missed() == 0);
  }
  SUBCASE("at rest the retained records are those from oldest() on, and what came before is missed, once") {
    for (int lap = 0; lap < 3; ++lap) {
      filled.put_a_lap();
      const auto oldest = log.oldest();
      if constexpr (L::unit == Capacity::Unit::records) {
        CHECK(filled.end() - oldest >= 1);
      }
      for (const std::size_t limit : {std::size_t{1}, std::size_t{3}, no_limit}) {
        Checked<L, Sample> reader{filled, {.number = filled.first()}};
        CHECK(reader.drain(limit).missed == 0);
        CHECK(reader.missed() == oldest - filled.first());
        CHECK(reader.delivered() == filled.end() - oldest);
      }
    }
  }
  SUBCASE("a reader that falls behind in between is told how far") {
    Checked<L, Sample> reader{filled, {.number = filled.first()}};
    filled.put(1);
    CHECK(reader.read(1).count == 1);
    for (int lap = 0; lap < 3; ++lap) {
      filled.put_a_lap();
      filled.put_a_lap();
      const auto run = reader.read(1);
      CHECK(run.missed > 0);
      CHECK(run.count == 1);
      CHECK(run.first == log.oldest());
    }
    reader.drain();
    CHECK(reader.missed() + reader.delivered() == filled.end() - filled.first());
  }
  SUBCASE("a limit of zero reads nothing and loses nothing") {
    filled.put(1);
    Checked<L, Sample> reader{filled, {.number = filled.first()}};
    CHECK(reader.read(0).count == 0);
    CHECK(reader.read().count == 1);
  }
  SUBCASE("readers do not know of each other") {
    Checked<L, Sample> slow{filled, {.number = filled.first()}};
    Checked<L, Sample> fast{filled, {.number = filled.first()}};
    for (int i = 0; i < 200; ++i) {
      filled.put();
      fast.drain();
      if (i % 16 == 0) {
        slow.read(1);
      }
    }
    CHECK(fast.missed() == 0);
    slow.drain();
    CHECK(slow.missed() + slow.delivered() == 200);
  }
}

template <record_log L, class Sample>
void starts(Filled<L, Sample>& filled) {
  L log = filled.log();
  SUBCASE("a reader may begin at any retained number") {
    filled.put_a_lap();
    for (auto number = log.oldest(); number <= filled.end(); ++number) {
      Checked<L, Sample> reader{filled, {.number = number}};
      reader.drain(2);
      CHECK(reader.missed() == 0);
      CHECK(reader.delivered() == filled.end() - number);
    }
  }
  SUBCASE("a start that is still to come delivers nothing before it") {
    filled.put(1);
    Checked<L, Sample> reader{filled, {.number = filled.first() + 3}};
    for (int i = 0; i < 2; ++i) {
      CHECK(reader.read().count == 0);
      filled.put();
    }
    CHECK(reader.read().count == 0);
    filled.put();
    CHECK(reader.read().count == 1);
    CHECK(reader.position() == filled.first() + 4);
    CHECK(reader.missed() == 0);
  }
  SUBCASE("what lay before the horizon was trimmed, not missed, until the first record is delivered") {
    Checked<L, Sample> early{filled, {.number = filled.first(), .at_horizon = true}};
    CHECK(early.read().count == 0);
    filled.put_a_lap();
    filled.put_a_lap();
    const auto oldest = log.oldest();
    CHECK(early.read(1).count == 1);
    CHECK(early.position() == oldest + 1);
    CHECK(early.missed() == 0);
    filled.put_a_lap();
    filled.put_a_lap();
    CHECK(early.read(1).missed == log.oldest() - oldest - 1);
  }
}

template <record_log L, class Sample>
void closing(Filled<L, Sample>& filled) {
  L log = filled.log();
  SUBCASE("an empty log can be closed") {
    Checked<L, Sample> before{filled, {.number = filled.first()}};
    CHECK(log.close() == filled.first());
    CHECK(before.read().end);
  }
  SUBCASE("the end comes after the last record, for everybody") {
    filled.put_a_lap();
    Checked<L, Sample> behind{filled, {.number = log.oldest()}};
    Checked<L, Sample> abreast{filled, {.number = filled.end()}};
    Checked<L, Sample> ahead{filled, {.number = filled.end() + 5}};
    CHECK_FALSE(abreast.read().end);
    CHECK(log.close() == filled.end());
    CHECK(abreast.read().end);
    CHECK(ahead.read().end);
    while (behind.position() < filled.end()) {
      REQUIRE(behind.read(2).count != 0);  // and Checked sees that none of them says it is the end
    }
    CHECK(behind.read().end);
    CHECK(behind.read().end);
    Checked<L, Sample> afterwards{filled, {.number = filled.end() - 1}};
    CHECK(afterwards.read().count == 1);
    CHECK(afterwards.read().end);
  }
  SUBCASE("a closed log takes nothing more and keeps what it holds") {
    filled.put(2);
    CHECK(log.close() == filled.end());
    CHECK(log.closed());
    const auto outcome = filled.try_put();
    CHECK(outcome.status == Append::Status::closed);
    CHECK(outcome.number == filled.end());
    CHECK(log.close() == filled.end());
    CHECK(log.end() == filled.end());
    CHECK(filled.try_put(filled.attached()).status == Append::Status::closed);
    Checked<L, Sample> reader{filled, {.number = log.oldest()}};
    CHECK(reader.drain().end);
    CHECK(reader.delivered() == filled.end() - log.oldest());
  }
  SUBCASE("a closed log is settled, and the bytes of its records may go") {
    filled.put_a_lap();
    CHECK(log.close() == filled.end());
    CHECK(log.settled());
    const auto records = log.records();
    std::fill(records.begin(), records.end(), std::byte{0});
    CHECK(log.closed());
    CHECK(log.end() == filled.end());
    for (int i = 0; i < 3; ++i) {
      const auto outcome = filled.try_put();
      CHECK(outcome.status == Append::Status::closed);
      CHECK(outcome.number == filled.end());
    }
    CHECK(log.close() == filled.end());
  }
}

template <record_log L, class Sample>
void views(Filled<L, Sample>& filled) {
  L log = filled.log();
  SUBCASE("copies and attached views are the same log") {
    L copy = log;
    auto attached = filled.attached();
    Checked<L, Sample> reader{filled, {.number = filled.first()}};
    for (L* view : {&log, &copy, &attached, &log}) {
      const auto outcome = filled.try_put(*view);
      REQUIRE(outcome.status == Append::Status::done);
      REQUIRE(outcome.number == filled.end() - 1);
      reader.drain();
    }
    CHECK(reader.delivered() == 4);
    CHECK(attached.end() == filled.end());
    CHECK(copy.oldest() == attached.oldest());
    attached.begin(filled.first(), false);  // once more
    CHECK(attached.end() == filled.end());
    filled.put();
    CHECK(reader.drain().count == 0);
    CHECK(reader.delivered() == 5);
    copy = attached;
    CHECK(copy.close() == filled.end());
    CHECK(log.closed());
    CHECK(reader.read().end);
  }
}

template <record_log L, class Sample>
void arrivals(Filled<L, Sample>& filled) {
  if constexpr (timed_log<L>) {
    using std::chrono::milliseconds;
    L log = filled.log();
    const auto now = [&] { return filled.clock().now().time_since_epoch().count(); };
    SUBCASE("arrival is the clock's, and stands while the clock is behind") {
      filled.put();
      const auto highest = now();
      CHECK(log.last_arrival() == highest);
      filled.clock().advance(milliseconds{-500});
      filled.put();
      CHECK(log.last_arrival() == highest);
      filled.clock().advance(milliseconds{700});
      filled.put();
      CHECK(log.last_arrival() == highest + 200);
      auto reader = log.reader({.number = filled.end() - 1});
      REQUIRE(reader.read(no_limit).count == 1);
      CHECK(reader.arrival(0) == highest + 200);
    }
    SUBCASE("a clock before 1970 reads as 1970") {
      filled.clock().set(Timestamp{milliseconds{-5}});
      filled.put();
      auto reader = log.reader({.number = filled.first()});
      REQUIRE(reader.read(no_limit).count == 1);
      CHECK(reader.arrival(0) == 0);
    }
    SUBCASE("a read says when the next unread record arrived, wherever it ends") {
      for (int round = 0; round < 3; ++round) {
        filled.put_a_lap();
        filled.clock().advance(milliseconds{10});
      }
      std::vector<std::int64_t> arrived;
      auto all = log.reader({.number = log.oldest()});
      for (auto run = all.read(no_limit); run.count != 0; run = all.read(no_limit)) {
        for (std::size_t i = 0; i < run.count; ++i) {
          arrived.push_back(all.arrival(i));
        }
      }
      for (const std::size_t limit : {std::size_t{1}, std::size_t{2}, no_limit}) {
        auto reader = log.reader({.number = log.oldest()});
        for (std::size_t read = 0; read < arrived.size();) {
          const auto run = reader.read(limit);
          REQUIRE(run.count != 0);
          read += run.count;
          CHECK(run.next_arrival == (read < arrived.size() ? arrived[read] : Run::nothing_unread));
        }
      }
    }
    SUBCASE("what a sieve holds back is stepped over, and missed unless it lay at the horizon") {
      for (int i = 0; i < 3; ++i) {
        filled.put(2);
        filled.clock().advance(milliseconds{10});
      }
      // All that a reader is still given, and what it is told that it missed.
      const auto rest = [&](auto& reader, std::int64_t bound) {
        std::pair<std::uint64_t, std::uint64_t> sum;
        for (auto run = reader.read(no_limit, {bound}); run.count != 0 || run.missed != 0;
             run = reader.read(no_limit, {bound})) {
          sum.first += run.count;
          sum.second += run.missed;
        }
        return sum;
      };
      const auto gone = log.oldest() - filled.first();  // of a ring that is too small for them
      for (const bool at_horizon : {false, true}) {
        for (std::uint64_t given = 0; given <= 3; ++given) {  // of the three times; each has two records
          CAPTURE(given);
          auto reader = log.reader({.number = filled.first(), .at_horizon = at_horizon});
          const auto [seen, missed] = rest(reader, now() - 10 * static_cast<std::int64_t>(given));
          CHECK(seen == std::min(2 * given, 6 - gone));
          CHECK(missed == (at_horizon ? 0 : 6 - seen));
          CHECK(reader.number() == filled.end());
        }
      }
      if (gone == 0) {
        auto reader = log.reader({.number = filled.first(), .at_horizon = true});
        CHECK(reader.read(1, {now() - 30}).count == 1);
        CHECK(rest(reader, now() - 10) == std::pair<std::uint64_t, std::uint64_t>{2, 3});  // as it comes to them
      }
    }
    SUBCASE("a start with a time delivers what arrived then or later, and all of it") {
      for (int i = 0; i < 5; ++i) {
        filled.put(2);
        filled.clock().advance(milliseconds{10});
      }
      filled.put_a_lap();
      for (auto moment = now() - 60; moment <= now() + 5; moment += 5) {
        CAPTURE(moment);
        std::uint64_t expected = 0;
        auto all = log.reader({.number = log.oldest()});
        for (auto run = all.read(no_limit); run.count != 0; run = all.read(no_limit)) {
          for (std::size_t i = 0; i < run.count; ++i) {
            expected += all.arrival(i) >= moment ? 1 : 0;
          }
        }
        Checked<L, Sample> filtered{filled, {.number = filled.first(), .arrival = moment, .at_horizon = true}};
        filtered.drain(2);
        CHECK(filtered.delivered() == expected);
        CHECK(filtered.missed() == 0);
        if constexpr (requires { log.seek(moment); }) {
          Checked<L, Sample> sought{filled, log.seek(moment)};
          sought.drain(2);
          CHECK(sought.delivered() == expected);
          CHECK(sought.missed() == 0);
        }
      }
    }
  }
}

template <record_log L>
void capacities() {
  const auto usual = L::check({}, 0);
  REQUIRE(usual);
  const auto explicitly = L::check({L::unit, *usual}, 0);
  REQUIRE(explicitly);
  CHECK(*explicitly == *usual);
  CHECK(L::footprint(*usual) > L::footprint(*usual / 2));

  const auto refused = [](const Capacity& capacity) {
    const auto checked = L::check(capacity, 0);
    REQUIRE_FALSE(checked);
    CHECK(checked.error().code == Errc::invalid_argument);
    return checked.error().cause;
  };
  CHECK(refused({L::unit, 0}) == Cause::capacity_zero);
  CHECK(refused({L::unit, *usual + 1}) == Cause::capacity_not_power_of_two);
  CHECK(refused({L::unit, ~std::uint64_t{0}}) == Cause::capacity_too_large);
  CHECK(refused({L::unit == Capacity::Unit::bytes ? Capacity::Unit::records : Capacity::Unit::bytes, *usual}) ==
        Cause::capacity_unit);
}

}  // namespace log_laws

/// Call it in a TEST_CASE of its own. `sample(i)` makes the payload of the i-th record: something that converts to
/// `L::argument`, owns what that refers to, and compares with `L::view`. A log that keeps arrival times must take any
/// clock.
///
/// ```cpp
/// TEST_CASE("a column log of numbers keeps the laws of a log") {
///   using Log = weir::ColumnLog<int, weir::Options{}, weir::DefaultEnv>;
///   weir::conformance::record_log_conformance<Log>(8, [](std::uint64_t i) { return static_cast<int>(i); });
/// }
/// ```
template <record_log L, class Sample>
void record_log_conformance(std::uint64_t capacity, Sample sample) {
  CAPTURE(capacity);
  SUBCASE("capacities") {
    log_laws::capacities<L>();
  }
  for (const auto first : log_laws::first_numbers) {
    const auto name = "from number " + std::to_string(first);
    SUBCASE(name.c_str()) {
      log_laws::Filled<L, Sample> filled{capacity, first, sample};
      SUBCASE("numbers") {
        log_laws::numbers<L>(filled);
      }
      SUBCASE("reading") {
        log_laws::reading<L>(filled);
      }
      SUBCASE("starts") {
        log_laws::starts<L>(filled);
      }
      SUBCASE("closing") {
        log_laws::closing<L>(filled);
      }
      SUBCASE("views") {
        log_laws::views<L>(filled);
      }
      SUBCASE("arrivals") {
        log_laws::arrivals<L>(filled);
      }
    }
  }
}

}  // namespace weir::conformance
