/// The laws of `checkpoint_store`, checked for any model.
#pragma once

#include <doctest/doctest.h>

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "support/watchdog.hpp"
#include "weir/consume/checkpoint.hpp"

namespace weir::conformance {

namespace checkpoint_laws {

inline constexpr ShardId shard{4};
inline constexpr Incarnation incarnation{77};

inline SequenceNumber number(std::uint64_t value) {
  return {value, shard, incarnation};
}
inline Position at(std::uint64_t value) {
  return Position::at(number(value));
}
inline Position after(std::uint64_t value) {
  return Position::after(number(value));
}
inline Position moment(std::int64_t milliseconds) {
  return Position::at_timestamp(Timestamp{std::chrono::milliseconds{milliseconds}});
}
inline std::vector<std::byte> state(std::string_view text) {
  const auto bytes = std::as_bytes(std::span{text});
  return {bytes.begin(), bytes.end()};
}

template <class S>
void check_refused(S& store, const Position& position, ShardId of, Rewind rewind, Cause cause) {
  const auto before = store.load("app", of).value();
  const auto saved = store.save("app", of, position, state("refused"), rewind);
  REQUIRE_FALSE(saved);
  CHECK(saved.error().code == Errc::invalid_argument);
  CHECK(saved.error().cause == cause);
  CHECK(store.load("app", of).value() == before);
}

template <class S>
void save_and_load(S store) {
  SUBCASE("what was never saved is nothing") {
    const auto loaded = store.load("app", shard);
    REQUIRE(loaded);
    CHECK_FALSE(loaded->has_value());
  }

  SUBCASE("every kind of position but last comes back, with its state") {
    std::uint32_t n = 0;
    for (const auto& position :
         {Position::trim_horizon(), Position::latest(), moment(0), moment(1'700'000'000'123), moment(-5), at(0), at(1),
          after(1), at(std::numeric_limits<std::uint64_t>::max()), after(std::numeric_limits<std::uint64_t>::max())}) {
      const auto application = "app-" + std::to_string(n++);
      const auto text = state("state of " + application);
      REQUIRE(store.save(application, shard, position, text, Rewind::refused));
      CHECK(store.load(application, shard).value() == Checkpoint{position, text});
    }
  }

  SUBCASE("a state may be empty, hold zeros, be large, shrink and grow") {
    std::vector<std::byte> large(100'000);
    for (std::size_t i = 0; i < large.size(); ++i) {
      large[i] = static_cast<std::byte>(i * 7 % 251);
    }
    const std::vector<std::byte> zeros(3);
    for (const auto& blob : {state("first"), large, state(""), zeros, large, state("last")}) {
      REQUIRE(store.save("app", shard, at(5), blob, Rewind::refused));
      CHECK(store.load("app", shard).value()->state == blob);
    }
  }

  SUBCASE("a checkpoint does not follow the bytes it was saved from") {
    auto source = state("before");
    REQUIRE(store.save("app", shard, at(5), source, Rewind::refused));
    source[0] = std::byte{'x'};
    CHECK(store.load("app", shard).value()->state == state("before"));
  }

  SUBCASE("applications and shards have one each") {
    const SequenceNumber other{9, ShardId{5}, incarnation};
    REQUIRE(store.save("one", shard, at(1), state("1"), Rewind::refused));
    REQUIRE(store.save("two", shard, at(2), state("2"), Rewind::refused));
    REQUIRE(store.save("one", ShardId{5}, Position::at(other), state("3"), Rewind::refused));
    CHECK(store.load("one", shard).value() == Checkpoint{at(1), state("1")});
    CHECK(store.load("two", shard).value() == Checkpoint{at(2), state("2")});
    CHECK(store.load("one", ShardId{5}).value() == Checkpoint{Position::at(other), state("3")});
    CHECK_FALSE(store.load("two", ShardId{5}).value());
    CHECK_FALSE(store.load("on", shard).value());
  }

  SUBCASE("remove forgets one, and may be said again") {
    REQUIRE(store.save("one", shard, at(7), state("1"), Rewind::refused));
    REQUIRE(store.save("two", shard, at(7), state("2"), Rewind::refused));
    REQUIRE(store.remove("one", shard));
    REQUIRE(store.remove("one", shard));
    REQUIRE(store.remove("three", shard));
    CHECK_FALSE(store.load("one", shard).value());
    CHECK(store.load("two", shard).value());
    CHECK(store.save("one", shard, at(1), state(""), Rewind::refused));  // nothing is before it any more
  }
}

template <class S>
void order(S store) {
  SUBCASE("a save that goes on or stands still is taken") {
    std::uint32_t n = 0;
    for (const auto& position : {moment(9), moment(3), Position::trim_horizon(), Position::trim_horizon(),
                                 Position::latest(), at(3), at(3), after(3), at(4), at(100), after(100), at(101)}) {
      const auto text = state(std::to_string(n++));
      REQUIRE(store.save("app", shard, position, text, Rewind::refused));
      CHECK(store.load("app", shard).value() == Checkpoint{position, text});
    }
  }

  SUBCASE("one that goes back is refused and changes nothing, unless it was allowed") {
    const std::array steps{moment(9), Position::trim_horizon(), Position::latest(), at(3), after(3), at(9)};
    for (std::size_t later = 1; later < steps.size(); ++later) {
      for (std::size_t earlier = 0; earlier < later; ++earlier) {
        CAPTURE(later);
        CAPTURE(earlier);
        REQUIRE(store.save("app", shard, steps[later], state("later"), Rewind::allowed));
        check_refused(store, steps[earlier], shard, Rewind::refused, Cause::behind_checkpoint);
        REQUIRE(store.save("app", shard, steps[earlier], state("earlier"), Rewind::allowed));
        CHECK(store.load("app", shard).value() == Checkpoint{steps[earlier], state("earlier")});
        REQUIRE(store.save("app", shard, steps[later], state("again"), Rewind::refused));
      }
    }
  }

  SUBCASE("the largest number is the last") {
    constexpr auto largest = std::numeric_limits<std::uint64_t>::max();
    REQUIRE(store.save("app", shard, after(largest), state(""), Rewind::refused));
    check_refused(store, at(1), shard, Rewind::refused, Cause::behind_checkpoint);
    check_refused(store, at(largest - 1), shard, Rewind::refused, Cause::behind_checkpoint);
  }
}

template <class S>
void refusals(S store) {
  const auto last = Position::last(5);
  const auto foreign = Position::at({9, ShardId{5}, incarnation});
  SUBCASE("last means another record each time") {
    for (const auto rewind : {Rewind::refused, Rewind::allowed}) {
      check_refused(store, last, shard, rewind, Cause::relative_checkpoint);
    }
    REQUIRE(store.save("app", shard, at(3), state("3"), Rewind::refused));
    for (const auto rewind : {Rewind::refused, Rewind::allowed}) {
      check_refused(store, last, shard, rewind, Cause::relative_checkpoint);
    }
  }

  SUBCASE("a number of another shard is refused, whatever was allowed") {
    for (const auto rewind : {Rewind::refused, Rewind::allowed}) {
      check_refused(store, foreign, shard, rewind, Cause::foreign_shard);
      check_refused(store, Position::after(foreign.sequence_number()), shard, rewind, Cause::foreign_shard);
    }
  }

  SUBCASE("a number of another incarnation is refused, unless it was allowed") {
    const auto newer = Position::at({1'000, shard, Incarnation{78}});
    REQUIRE(store.save("app", shard, at(3), state("3"), Rewind::refused));
    check_refused(store, newer, shard, Rewind::refused, Cause::foreign_incarnation);
    REQUIRE(store.save("app", shard, newer, state("new"), Rewind::allowed));
    CHECK(store.load("app", shard).value() == Checkpoint{newer, state("new")});
    check_refused(store, at(2'000), shard, Rewind::refused, Cause::foreign_incarnation);
  }
}

/// Writers save positions whose state says the same; readers look while they do.
template <class S>
void threads(S store) {
  const support::Watchdog watchdog{"threads save and load checkpoints"};
  constexpr std::uint64_t saves = 2'000;
  struct Looked {
    std::uint64_t torn = 0;
    std::uint64_t backwards = 0;
  };
  std::array<Looked, 2> looked;
  std::array<std::uint64_t, 2> taken{};
  {
    std::vector<std::jthread> all;
    for (std::uint64_t writer = 0; writer < 2; ++writer) {
      all.emplace_back([&store, &own = taken[writer], writer] {
        for (std::uint64_t n = 1; n <= saves; ++n) {
          const std::uint64_t value = 2 * n + writer;
          std::vector<std::byte> bytes(sizeof value * (1 + value % 5));
          for (std::size_t i = 0; i < bytes.size(); i += sizeof value) {
            std::memcpy(bytes.data() + i, &value, sizeof value);
          }
          own += store.save("app", shard, at(value), bytes, Rewind::refused) ? 1 : 0;
        }
      });
    }
    for (auto& own : looked) {
      all.emplace_back([&store, &own] {
        for (std::uint64_t seen = 0; seen < 2 * saves + 1;) {
          const auto loaded = store.load("app", shard);
          if (!loaded || !loaded->has_value()) {
            std::this_thread::yield();
            continue;
          }
          const auto& checkpoint = **loaded;
          const auto value = checkpoint.position.sequence_number().value();
          own.torn += checkpoint.state.size() == sizeof value * (1 + value % 5) ? 0 : 1;
          for (std::size_t i = 0; i + sizeof value <= checkpoint.state.size(); i += sizeof value) {
            own.torn += std::memcmp(checkpoint.state.data() + i, &value, sizeof value) == 0 ? 0 : 1;
          }
          own.backwards += value < seen ? 1 : 0;
          seen = value;
        }
      });
    }
  }
  for (const auto& own : looked) {
    CHECK(own.torn == 0);
    CHECK(own.backwards == 0);
  }
  CHECK(taken[0] + taken[1] >= saves);  // the writer of the larger numbers is never behind its own
  CHECK(store.load("app", shard).value()->position == at(2 * saves + 1));
}

}  // namespace checkpoint_laws

/// Call it in a TEST_CASE of its own; `make()` gives a store that holds nothing and can be moved or is returned in
/// place.
///
/// ```cpp
/// TEST_CASE("MemoryCheckpoints keep the laws of checkpoints") {
///   weir::conformance::checkpoint_conformance<weir::MemoryCheckpoints>([] { return weir::MemoryCheckpoints{}; });
/// }
/// ```
template <checkpoint_store S, class Make>
void checkpoint_conformance(Make make) {
  SUBCASE("save and load") {
    checkpoint_laws::save_and_load<S>(make());
  }
  SUBCASE("order") {
    checkpoint_laws::order<S>(make());
  }
  SUBCASE("refusals") {
    checkpoint_laws::refusals<S>(make());
  }
  SUBCASE("threads") {
    checkpoint_laws::threads<S>(make());
  }
}

}  // namespace weir::conformance
