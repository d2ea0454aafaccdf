#include "weir/testing/fault_plan.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <cstdint>
#include <latch>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "support/watchdog.hpp"
#include "weir/testing/manual_clock.hpp"

namespace {

using namespace std::chrono_literals;
using weir::Cause;
using weir::Errc;
using weir::Failure;
using weir::ShardId;
using weir::Transition;
using weir::testing::FaultPlan;
using weir::testing::ManualEnv;
using Hits = FaultPlan::Hits;

/// What becomes of the next `count` puts: a letter for each.
std::string puts(const FaultPlan& plan, int count) {
  std::string outcomes;
  for (int i = 0; i < count; ++i) {
    const auto failure = plan.on_put(ShardId{0});
    outcomes += !failure                                     ? '.'
                : failure->code == Errc::throughput_exceeded ? 'T'
                : failure->code == Errc::internal_failure    ? 'F'
                                                             : '?';
  }
  return outcomes;
}

/// Which of the next `count` reads find their iterator expired.
std::string reads(const FaultPlan& plan, int count) {
  std::string outcomes;
  for (int i = 0; i < count; ++i) {
    outcomes += plan.expires_iterator() ? 'E' : '.';
  }
  return outcomes;
}

TEST_CASE("nothing goes wrong unless planned, and puts are counted") {
  const FaultPlan plan;
  CHECK(plan.hits() == Hits{});
  CHECK(puts(plan, 10) == "..........");
  CHECK(reads(plan, 10) == "..........");
  for (const auto transition : {Transition::creating, Transition::updating, Transition::deleting}) {
    CHECK_FALSE(plan.held(transition));
  }
  CHECK(plan.hits() == Hits{.puts = 10});
}

TEST_CASE("the nth put from now on is throttled, once, and plans add up") {
  const FaultPlan plan;
  plan.throttle_put(1);
  plan.throttle_put(3);
  CHECK(puts(plan, 5) == "T.T..");
  plan.throttle_put(2);
  CHECK(puts(plan, 5) == ".T...");
  plan.throttle_put(2);
  plan.throttle_put(2);
  plan.throttle_put(0);
  CHECK(puts(plan, 5) == ".T...");
  CHECK(plan.hits() == Hits{.puts = 15, .throttled = 4});
}

TEST_CASE("every nth put from now on fails, until that is ended or planned anew") {
  const FaultPlan plan;
  CHECK(puts(plan, 2) == "..");
  plan.fail_every(3);
  CHECK(puts(plan, 7) == "..F..F.");
  plan.fail_every(2);
  CHECK(puts(plan, 5) == ".F.F.");
  plan.fail_every(1);
  CHECK(puts(plan, 3) == "FFF");
  plan.fail_every(0);
  CHECK(puts(plan, 4) == "....");
  CHECK(plan.hits() == Hits{.puts = 21, .failed = 7});
}

TEST_CASE("a put that is to be throttled and to fail is throttled") {
  const FaultPlan plan;
  plan.fail_every(2);
  plan.throttle_put(4);
  CHECK(puts(plan, 6) == ".F.T.F");
  CHECK(plan.hits() == Hits{.puts = 6, .throttled = 1, .failed = 2});
}

TEST_CASE("a planned failure says that it was planned, and counts those of its code") {
  const FaultPlan plan;
  plan.fail_every(1);
  plan.throttle_put(2);
  CHECK(plan.on_put(ShardId{9}) == Failure{Errc::internal_failure, Cause::fault_planned, 1, 0});
  CHECK(plan.on_put(ShardId{9}) == Failure{Errc::throughput_exceeded, Cause::fault_planned, 1, 0});
  CHECK(plan.on_put(ShardId{9}) == Failure{Errc::internal_failure, Cause::fault_planned, 2, 0});
}

TEST_CASE("puts into all shards count together") {
  const FaultPlan plan;
  plan.throttle_put(3);
  CHECK_FALSE(plan.on_put(ShardId{0}));
  CHECK_FALSE(plan.on_put(ShardId{1}));
  CHECK(plan.on_put(ShardId{2}));
}

TEST_CASE("the nth read from now on finds its iterator expired, puts aside") {
  const FaultPlan plan;
  CHECK(reads(plan, 2) == "..");
  plan.expire_iterator(2);
  plan.expire_iterator(3);
  plan.expire_iterator(0);
  CHECK(puts(plan, 5) == ".....");
  CHECK(reads(plan, 5) == ".EE..");
  CHECK(plan.hits() == Hits{.puts = 5, .expired = 2});
}

TEST_CASE("each transition is held until it is released, alone, and asking is counted while it is") {
  const FaultPlan plan;
  const auto all = {Transition::creating, Transition::updating, Transition::deleting};
  for (const auto transition : all) {
    plan.hold(transition);
    plan.hold(transition);
    for (const auto other : all) {
      CHECK(plan.held(other) == (other == transition));
    }
    plan.release(transition);
    CHECK_FALSE(plan.held(transition));
  }
  CHECK(plan.hits() == Hits{.holds = 3});
}

TEST_CASE("a step runs once, in the thread that puts and before the put, those of one put in order") {
  const FaultPlan plan;
  const weir::testing::ManualClock clock;
  std::string log;
  std::thread::id runner;
  plan.at_put(2, [&, clock] {
    log += 'a';
    runner = std::this_thread::get_id();
    clock.advance(5min);
  });
  plan.at_put(2, [&] { log += 'b'; });
  plan.at_put(3, [&] { log += 'c'; });
  plan.at_put(0, [&] { log += 'd'; });
  CHECK(puts(plan, 1) == ".");
  CHECK(log.empty());
  CHECK(puts(plan, 1) == ".");
  CHECK(log == "ab");
  CHECK(runner == std::this_thread::get_id());
  CHECK(clock.now() == weir::testing::ManualClock::default_start + 5min);
  CHECK(puts(plan, 5) == ".....");
  CHECK(log == "abc");
  CHECK(plan.hits() == Hits{.puts = 7, .steps = 3});
}

TEST_CASE("a step may plan and put: what it plans counts from the put after, what it forgets from its own") {
  const weir::support::Watchdog watchdog{"a step asks the plan that runs it"};
  const FaultPlan plan;
  plan.at_put(2, [&] {
    plan.throttle_put(1);
    plan.fail_every(2);
  });
  CHECK(puts(plan, 5) == "..TF.");

  plan.clear();
  std::string inner;
  plan.at_put(1, [&] { inner = puts(plan, 2); });
  plan.throttle_put(2);
  CHECK(puts(plan, 2) == "..");
  CHECK(inner == "T.");

  plan.throttle_put(1);
  plan.at_put(1, [&] { plan.clear(); });
  CHECK(puts(plan, 1) == ".");

  plan.at_put(1, [&] { plan.throttle_put(0); });
  CHECK(puts(plan, 2) == "..");
}

TEST_CASE("what a step throws passes through the put, which counts, and the plan goes on") {
  const FaultPlan plan;
  plan.at_put(1, [] { throw std::runtime_error{"a disk on fire"}; });
  plan.throttle_put(2);
  CHECK_THROWS_WITH(static_cast<void>(plan.on_put(ShardId{0})), "a disk on fire");
  CHECK(puts(plan, 2) == "T.");
  CHECK(plan.hits() == Hits{.puts = 3, .throttled = 1, .steps = 1});
}

TEST_CASE("a plan that is cleared plans nothing, holds nothing and knows what it did") {
  const FaultPlan plan;
  const auto kept = std::make_shared<int>();
  plan.at_put(0, [kept] {});
  CHECK(kept.use_count() == 1);
  plan.throttle_put(1);
  plan.throttle_put(2);
  plan.fail_every(1);
  plan.expire_iterator(1);
  plan.hold(Transition::deleting);
  plan.at_put(3, [kept] {});
  CHECK(puts(plan, 1) == "T");
  plan.clear();
  CHECK(puts(plan, 5) == ".....");
  CHECK(reads(plan, 2) == "..");
  CHECK_FALSE(plan.held(Transition::deleting));
  CHECK(plan.hits() == Hits{.puts = 6, .throttled = 1});
  CHECK(kept.use_count() == 1);
  plan.throttle_put(1);
  CHECK(puts(plan, 2) == "T.");
}

TEST_CASE("what a step holds ends with its run, and may ask the plan while it ends") {
  const weir::support::Watchdog watchdog{"the end of a step asks its plan"};
  const FaultPlan plan;
  const auto asks_at_its_end = [&](std::uint64_t& asked) {
    return std::shared_ptr<int>{new int, [&](const int* owned) {
                                  delete owned;
                                  asked = plan.hits().puts + 1;
                                }};
  };
  std::uint64_t after_run = 0;
  std::uint64_t after_clear = 0;
  plan.at_put(1, [kept = asks_at_its_end(after_run)] {});
  plan.at_put(2, [kept = asks_at_its_end(after_clear)] {});
  CHECK(puts(plan, 1) == ".");
  CHECK(after_run == 2);
  CHECK(after_clear == 0);
  plan.clear();
  CHECK(after_clear == 2);
}

TEST_CASE("copies share one plan, a move is a copy, and plans made apart share nothing") {
  FaultPlan last;
  {
    FaultPlan first;
    const FaultPlan copy = first;
    const FaultPlan moved = std::move(first);
    copy.throttle_put(2);
    CHECK(puts(first, 1) == ".");
    CHECK(moved.hits() == copy.hits());
    CHECK(puts(last, 2) == "..");
    last = moved;
  }
  CHECK(puts(last, 1) == "T");
  CHECK(last.hits() == Hits{.puts = 2, .throttled = 1});
}

TEST_CASE("an environment that holds a copy follows the test's handle, and so do its copies") {
  const ManualEnv env;
  const auto inside = env;
  env.faults.throttle_put(1);
  CHECK(inside.faults.on_put(ShardId{0}));
  CHECK(env.faults.hits() == Hits{.puts = 1, .throttled = 1});
}

TEST_CASE("threads that put together meet each planned failure and step once, and no other") {
  const weir::support::Watchdog watchdog{"threads put under one plan"};
  const FaultPlan plan;
  constexpr std::uint64_t threads = 4;
  constexpr std::uint64_t each = 6000;
  std::uint64_t stepped = 0;
  for (std::uint64_t n = 1; n <= threads * each; n += 100) {
    plan.throttle_put(n);
  }
  plan.at_put(threads * each / 2, [&] { ++stepped; });
  plan.fail_every(6);  // no number is throttled and fails: those throttled are odd
  std::latch start{threads};
  std::vector<Hits> seen(threads);
  {
    std::vector<std::jthread> running;
    for (std::uint64_t i = 0; i < threads; ++i) {
      running.emplace_back([&, plan, i] {
        start.arrive_and_wait();
        Hits mine;
        for (; mine.puts < each; ++mine.puts) {
          const auto failure = plan.on_put(ShardId{0});
          mine.throttled += failure && failure->code == Errc::throughput_exceeded ? 1U : 0U;
          mine.failed += failure && failure->code == Errc::internal_failure ? 1U : 0U;
        }
        seen[i] = mine;
      });
    }
  }
  Hits sum;
  for (const auto& mine : seen) {
    sum.puts += mine.puts;
    sum.throttled += mine.throttled;
    sum.failed += mine.failed;
  }
  CHECK(sum.throttled == threads * each / 100);
  CHECK(sum.failed == threads * each / 6);
  CHECK(stepped == 1);
  sum.steps = 1;
  CHECK(plan.hits() == sum);
}

}  // namespace
