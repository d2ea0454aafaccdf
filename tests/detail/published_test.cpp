#include "weir/detail/published.hpp"

#include <doctest/doctest.h>

#include <array>
#include <cstdint>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "support/watchdog.hpp"

namespace {

using weir::detail::published;
using weir::detail::relaxed_counter;
using weir::detail::use_count;

TEST_CASE("nothing is published until something is") {
  published<int> slot;
  CHECK(slot.get() == nullptr);
  const int value = 3;
  slot.set(&value);
  CHECK(slot.get() == &value);
  CHECK(published<int>{&value}.get() == &value);
}

TEST_CASE("whoever gets the pointer sees the object as it was when set") {
  const weir::support::Watchdog watchdog{"published"};
  constexpr int versions = 200;
  std::vector<std::vector<int>> objects(versions);
  published<std::vector<int>> slot;
  std::array<int, 2> torn{};
  std::vector<std::thread> readers;
  for (auto& count : torn) {
    readers.emplace_back([&] {
      for (int seen = 0; seen < versions;) {
        if (const auto* object = slot.get()) {
          const int version = object->front();
          count += version < seen || object->size() != 50 || object->back() != version ? 1 : 0;
          seen = version;
        } else {
          std::this_thread::yield();
        }
      }
    });
  }
  for (int version = 1; version <= versions; ++version) {
    auto& object = objects[static_cast<std::size_t>(version) - 1];
    object.assign(50, version);  // plain writes, which only the pointer hands over
    slot.set(&object);
  }
  for (auto& reader : readers) {
    reader.join();
  }
  CHECK(torn == std::array<int, 2>{});
}

TEST_CASE("of several that would set it the first does") {
  const int first = 1, second = 2;
  published<int> pointer;
  pointer.set_first(&first);
  pointer.set_first(&second);
  CHECK(pointer.get() == &first);
}

TEST_CASE("a counter adds and subtracts, and wraps") {
  relaxed_counter counter{5};
  CHECK(counter.add(3) == 5);
  CHECK(counter.subtract(2) == 8);
  CHECK(counter.get() == 6);
  CHECK(counter.add(~std::uint64_t{0}) == 6);
  CHECK(counter.get() == 5);
  counter.set(2);
  CHECK(counter.get() == 2);
}

TEST_CASE("raise_to never lowers") {
  relaxed_counter counter{5};
  counter.raise_to(3);
  CHECK(counter.get() == 5);
  counter.raise_to(5);
  CHECK(counter.get() == 5);
  counter.raise_to(9);
  CHECK(counter.get() == 9);
}

TEST_CASE("no addition of any thread is lost, and the highest raise stays") {
  const weir::support::Watchdog watchdog{"relaxed_counter"};
  relaxed_counter sum;
  relaxed_counter highest;
  std::vector<std::thread> threads;
  for (std::uint64_t thread = 0; thread < 3; ++thread) {
    threads.emplace_back([&, thread] {
      for (std::uint64_t i = 1; i <= 5000; ++i) {
        sum.add(i);
        highest.raise_to(i * 3 + thread);
      }
    });
  }
  for (auto& thread : threads) {
    thread.join();
  }
  CHECK(sum.get() == 3 * (5000ULL * 5001 / 2));
  CHECK(highest.get() == 5000 * 3 + 2);
}

TEST_CASE("a use is counted for as long as it lives, once, whoever holds it") {
  relaxed_counter users;
  {
    use_count first{users};
    CHECK(users.get() == 1);
    use_count moved{std::move(first)};
    CHECK(users.get() == 1);
    relaxed_counter others;
    use_count other{others};
    other = std::move(moved);
    CHECK(users.get() == 1);
    CHECK(others.get() == 0);  // the use that `other` was is over
  }
  CHECK(users.get() == 0);
}

TEST_CASE("whoever finds no use left sees what the users did") {
  const weir::support::Watchdog watchdog{"use_count"};
  for (int round = 0; round < 200; ++round) {
    relaxed_counter users;
    std::array<int, 2> written{};
    std::vector<std::thread> threads;
    for (auto& place : written) {
      threads.emplace_back([&place, use = use_count{users}]() mutable {
        const use_count mine{std::move(use)};
        place = 1;
      });
    }
    while (!use_count::none(users)) {
      std::this_thread::yield();
    }
    CHECK(written == std::array{1, 1});
    for (auto& thread : threads) {
      thread.join();
    }
  }
}

}  // namespace
