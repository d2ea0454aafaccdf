#include "weir/detail/event_count.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <memory>
#include <thread>
#include <vector>

#include "support/refused_membarrier.hpp"
#include "support/watchdog.hpp"

namespace {

using namespace std::chrono_literals;
using weir::detail::EventCount;
using weir::support::Watchdog;
using weir::support::without_membarrier;

static_assert(alignof(EventCount) == weir::line_size && sizeof(EventCount) == weir::line_size);

TEST_CASE("a notice between looking and sleeping is not lost") {
  const Watchdog watchdog{"event_count: a notice before the sleep"};
  EventCount event;
  const auto noticed = event.prepare();
  event.notify();
  event.wait(noticed);
  const auto woken = event.prepare();
  event.wake_all();
  event.wait(woken);
  CHECK(noticed);
  CHECK_FALSE(EventCount::Ticket{});
}

TEST_CASE("of many notices one is made for a sleeper, and none for nobody") {
  EventCount event;
  const auto first = event.prepare();
  for (int i = 0; i < 100; ++i) {
    event.notify();
  }
  CHECK(event.prepare().epoch == first.epoch + 2);
}

TEST_CASE("a wait ends at its moment and not before, and at once when that has passed") {
  const Watchdog watchdog{"event_count: deadlines"};
  EventCount event;
  const auto ticket = event.prepare();
  event.wait(ticket, EventCount::Clock::time_point{});
  event.wait(ticket, EventCount::Clock::time_point::min());
  event.wait(ticket, EventCount::Clock::now());
  const auto until = EventCount::Clock::now() + 20ms;
  int returns = 0;
  while (EventCount::Clock::now() < until) {
    event.wait(ticket, until);
    ++returns;
  }
  CHECK(returns >= 1);
  CHECK(returns < 1000);  // it slept: nothing was told, so it returns without need at most now and then
}

/// Two threads that tell each other a number in turn and sleep in between, without a deadline.
void check_ping_pong(EventCount& there, EventCount& back, int rounds) {
  std::atomic<int> asked{0}, answered{0};
  const auto tell = [](std::atomic<int>& word, int n, EventCount& event) {
    word.store(n, std::memory_order_release);
    event.notify();
  };
  const auto await = [](const std::atomic<int>& word, int n, EventCount& event) {
    for (;;) {
      const auto ticket = event.prepare();
      if (word.load(std::memory_order_acquire) >= n) {
        return;
      }
      event.wait(ticket);
    }
  };
  std::thread answering{[&] {
    for (int n = 1; n <= rounds; ++n) {
      await(asked, n, there);
      tell(answered, n, back);
    }
  }};
  for (int n = 1; n <= rounds; ++n) {
    tell(asked, n, there);
    await(answered, n, back);
  }
  answering.join();
  CHECK(answered.load() == rounds);
}

TEST_CASE("no notice of a long exchange is lost") {
  const Watchdog watchdog{"event_count: ping-pong"};
  EventCount there, back;
  check_ping_pong(there, back, 20'000);
}

TEST_CASE("nor where the kernel refuses to fence other threads") {
  const Watchdog watchdog{"event_count: ping-pong with real fences"};
  std::unique_ptr<EventCount> there, back;
  const bool refused = without_membarrier([&] {
    there = std::make_unique<EventCount>();
    back = std::make_unique<EventCount>();
  });
  if (refused) {
    check_ping_pong(*there, *back, 20'000);
  } else {
    MESSAGE("not tried: no filter of system calls");
  }
}

TEST_CASE("who cannot be sure of a notice does not sleep for good") {
  const Watchdog watchdog{"event_count: refused later"};
  EventCount event;
  without_membarrier([&] { event.wait(event.prepare()); });
  CHECK(event.prepare().ordered);
}

TEST_CASE("one notice wakes all who sleep, and each wakes for what it waits for") {
  const Watchdog watchdog{"event_count: many sleepers"};
  EventCount event;
  constexpr int rounds = 500;
  std::atomic<int> word{0}, behind{0};
  std::vector<std::thread> sleepers;
  for (int i = 0; i < 3; ++i) {
    sleepers.emplace_back([&] {
      for (int n = 1; n <= rounds; ++n) {
        for (auto ticket = event.prepare(); word.load(std::memory_order_acquire) < n; ticket = event.prepare()) {
          event.wait(ticket);
        }
        behind.fetch_sub(1);
      }
    });
  }
  for (int n = 1; n <= rounds; ++n) {
    behind.store(3);
    word.store(n, std::memory_order_release);
    event.notify();
    while (behind.load() != 0) {
      std::this_thread::yield();
    }
  }
  for (auto& sleeper : sleepers) {
    sleeper.join();
  }
  CHECK(behind.load() == 0);
}

}  // namespace
