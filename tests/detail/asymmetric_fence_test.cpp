#include "weir/detail/asymmetric_fence.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <thread>
#include <vector>

#include "support/refused_membarrier.hpp"
#include "support/watchdog.hpp"

namespace {

using weir::detail::AsymmetricFence;
using weir::support::without_membarrier;

/// Two threads, each of which writes its own word and then reads the other's, both at the same moments: how often both
/// read what stood there before. Without the fences that happens, in builds that are optimised.
int both_missed(AsymmetricFence& fence) {
  using Clock = std::chrono::steady_clock;
  constexpr std::size_t rounds = 30'000;
  struct alignas(weir::line_size) Word {
    std::atomic<std::size_t> round{0};
  };
  Word mine, yours;
  std::atomic<bool> unordered{false};
  const auto begin = Clock::now() + std::chrono::milliseconds{1};
  const auto run = [&](Word& own, Word& other, auto pass) {
    std::vector<int> missed(rounds + 1);
    for (std::size_t round = 1; round <= rounds; ++round) {
      while (Clock::now() < begin + round * std::chrono::microseconds{4}) {
      }
      own.round.store(round, std::memory_order_relaxed);
      pass();
      missed[round] = other.round.load(std::memory_order_relaxed) < round;
    }
    return missed;
  };
  std::vector<int> light, heavy;
  std::thread often{[&] { light = run(mine, yours, [&] { fence.light(); }); }};
  std::thread rarely{[&] {
    heavy = run(yours, mine, [&] {
      if (!fence.heavy()) {
        unordered = true;
      }
    });
  }};
  often.join();
  rarely.join();
  CHECK_FALSE(unordered.load());
  int both = 0;
  for (std::size_t round = 1; round <= rounds; ++round) {
    both += light[round] & heavy[round];
  }
  return both;
}

TEST_CASE("one side is free where the kernel says that it can fence the other, and only there") {
  const auto commands = ::syscall(SYS_membarrier, MEMBARRIER_CMD_QUERY, 0, 0);
  AsymmetricFence fence;
  CHECK(fence.asymmetric() == (commands > 0 && (commands & MEMBARRIER_CMD_PRIVATE_EXPEDITED) != 0));
  CHECK(fence.heavy());
  AsymmetricFence another;
  CHECK(another.asymmetric() == fence.asymmetric());
}

TEST_CASE("whoever passes later sees what was written before the other passed") {
  const weir::support::Watchdog watchdog{"asymmetric_fence"};
  AsymmetricFence fence;
  CHECK(both_missed(fence) == 0);
}

TEST_CASE("a kernel that refuses leaves two real fences") {
  const weir::support::Watchdog watchdog{"asymmetric_fence, refused"};
  std::unique_ptr<AsymmetricFence> fence;
  if (!without_membarrier([&] { fence = std::make_unique<AsymmetricFence>(); })) {
    MESSAGE("not tried: no filter of system calls");
    return;
  }
  CHECK_FALSE(fence->asymmetric());
  CHECK(both_missed(*fence) == 0);
}

TEST_CASE("a kernel that refuses later is not taken for one that fenced") {
  AsymmetricFence fence;
  bool ordered = true;
  if (fence.asymmetric() && without_membarrier([&] { ordered = fence.heavy(); })) {
    CHECK_FALSE(ordered);
  }
  CHECK(fence.heavy());
}

}  // namespace
