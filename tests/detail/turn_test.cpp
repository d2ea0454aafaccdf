#include "weir/detail/turn.hpp"

#include <doctest/doctest.h>

#include <thread>
#include <vector>

#include "support/watchdog.hpp"

namespace {

using namespace std::chrono_literals;
using weir::detail::Turn;

TEST_CASE("one has it at a time, and who waits gets it") {
  const weir::support::Watchdog watchdog{"turns"};
  Turn turn;
  int count = 0;
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 4; ++i) {
      threads.emplace_back([&] {
        for (int n = 0; n < 1000; ++n) {
          const std::lock_guard lock{turn};
          ++count;
        }
      });
    }
  }
  CHECK(count == 4000);
}

TEST_CASE("who does not wait, or not long enough, goes without") {
  const weir::support::Watchdog watchdog{"a turn that is taken"};
  Turn turn;
  {
    const std::unique_lock lock{turn};
    CHECK_FALSE(turn.try_lock());
    const auto moment = std::chrono::steady_clock::now() + 5ms;
    CHECK_FALSE(turn.try_lock_until(moment));
    CHECK(std::chrono::steady_clock::now() >= moment);
  }
  CHECK(turn.try_lock_until(std::chrono::steady_clock::now() - 1h));  // free: the moment does not matter
  CHECK_FALSE(turn.try_lock());
  turn.unlock();
  CHECK(turn.try_lock());
  turn.unlock();
}

TEST_CASE("who waits up to a moment gets it when it is free before") {
  const weir::support::Watchdog watchdog{"a turn that is given"};
  Turn turn;
  turn.lock();
  std::jthread other{[&] { turn.unlock(); }};
  CHECK(turn.try_lock_until(std::chrono::steady_clock::now() + 1h));
  turn.unlock();
}

}  // namespace
