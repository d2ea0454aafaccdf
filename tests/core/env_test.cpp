#include "weir/core/env.hpp"

#include <doctest/doctest.h>

#include <array>
#include <cstdint>
#include <latch>
#include <optional>
#include <string_view>
#include <thread>
#include <type_traits>
#include <vector>

#include "support/archetypes.hpp"
#include "support/watchdog.hpp"
#include "weir/detail/orders.hpp"

namespace {

using weir::HardwareMemory;
using weir::HashKey;
using weir::detail::acquire;
using weir::detail::both;
using weir::detail::relaxed;
using weir::detail::release;

struct ThrowingHasher {
  HashKey operator()(std::string_view) const;
};
struct NumberHasher {
  std::uint64_t operator()(std::string_view) const noexcept;
};
struct MutableHasher {
  HashKey operator()(std::string_view) noexcept;
};
static_assert(weir::key_hasher<weir::support::MinimalHasher>);
static_assert(!weir::key_hasher<ThrowingHasher> && !weir::key_hasher<NumberHasher> && !weir::key_hasher<MutableHasher>);

struct WithoutMemory {
  weir::CoarseClock clock;
  weir::Md5Hasher hasher;
};
struct WithoutClock {
  using Memory = HardwareMemory;
  weir::Md5Hasher hasher;
};
struct WithoutHasher {
  using Memory = HardwareMemory;
  weir::CoarseClock clock;
};
struct CannotCopy : weir::DefaultEnv {
  CannotCopy(const CannotCopy&) = delete;
};
struct RefersToItsClock {
  using Memory = HardwareMemory;
  const weir::CoarseClock& clock;
  weir::Md5Hasher hasher;
};
static_assert(weir::environment<weir::support::MinimalEnv> && weir::environment<RefersToItsClock>);
static_assert(!weir::environment<WithoutMemory> && !weir::environment<WithoutClock> &&
              !weir::environment<WithoutHasher> && !weir::environment<CannotCopy>);

template <class Answer>
struct Faults {
  Answer on_put(weir::ShardId);
};
struct FaultsOfAnotherName {
  std::optional<weir::Failure> put(weir::ShardId);
};
template <class Faults>
struct Faulty : weir::DefaultEnv {
  Faults faults;
};
struct FaultyWithoutClock : WithoutClock {
  Faults<std::optional<weir::Failure>> faults;
};
static_assert(weir::faulty_environment<Faulty<Faults<std::optional<weir::Failure>>>>);
static_assert(!weir::faulty_environment<Faulty<Faults<bool>>> &&
              !weir::faulty_environment<Faulty<FaultsOfAnotherName>> && !weir::faulty_environment<FaultyWithoutClock> &&
              !weir::faulty_environment<weir::support::MinimalEnv>);

TEST_CASE("the default environment takes no room and hashes as Kinesis does") {
  CHECK(std::is_empty_v<weir::DefaultEnv>);
  CHECK(weir::DefaultEnv{}.hasher("a").to_string() == "16955237001963240173058271559858726497");
}

TEST_CASE_TEMPLATE("words of every size are loaded, stored and exchanged", Word, std::uint8_t, std::uint16_t,
                   std::uint32_t, std::uint64_t) {
  alignas(8) std::array<Word, 3> words{1, 2, 3};
  auto& word = words[1];
  const auto most = static_cast<Word>(~Word{0});

  CHECK(HardwareMemory::load(word, relaxed) == 2);
  HardwareMemory::store(word, most, release<'x'>);
  CHECK(HardwareMemory::load(word, acquire<'x'>) == most);
  HardwareMemory::store(word, 0, relaxed);

  CHECK_FALSE(HardwareMemory::compare_exchange(word, 1, 9, relaxed));
  CHECK(word == 0);
  CHECK(HardwareMemory::compare_exchange(word, 0, 9, release<'x'>));
  CHECK(word == 9);
  CHECK(HardwareMemory::compare_exchange(word, 9, most, acquire<'x'>));
  CHECK_FALSE(HardwareMemory::compare_exchange(word, 9, 1, both(acquire<'x'>, release<'y'>)));
  CHECK(HardwareMemory::compare_exchange(word, most, 4, both(acquire<'x'>, release<'y'>)));
  CHECK(words == std::array<Word, 3>{1, 4, 3});
}

TEST_CASE("an exchange that is not contended never fails") {
  std::uint64_t word = 0;
  for (std::uint64_t i = 0; i < 100'000; ++i) {
    REQUIRE(HardwareMemory::compare_exchange(word, i, i + 1, release<'x'>));
  }
}

TEST_CASE("plain accesses refer to the value itself, of any type") {
  struct Pair {
    int first;
    double second;
  };
  Pair pair{1, 2.0};
  CHECK(&HardwareMemory::plain_load(pair) == &pair);
  HardwareMemory::plain_store(pair, Pair{3, 4.0});
  CHECK(pair.first == 3);
  CHECK(pair.second == 4.0);
}

TEST_CASE("exchanges of several threads are not lost") {
  const weir::support::Watchdog watchdog{"threads count with compare_exchange"};
  constexpr int threads = 3;
  constexpr int rounds = 100'000;
  std::latch start{threads};
  std::uint64_t word = 0;
  {
    std::vector<std::jthread> running;
    for (int i = 0; i < threads; ++i) {
      running.emplace_back([&word, &start] {
        start.arrive_and_wait();
        for (int round = 0; round < rounds; ++round) {
          auto seen = HardwareMemory::load(word, relaxed);
          while (!HardwareMemory::compare_exchange(word, seen, seen + 1, relaxed)) {
            HardwareMemory::pause();
            seen = HardwareMemory::load(word, relaxed);
          }
        }
      });
    }
  }
  CHECK(word == threads * rounds);
}

TEST_CASE("a release that was acquired carries plain memory along") {
  const weir::support::Watchdog watchdog{"a message is handed over by release and acquire"};
  for (int round = 0; round < 2000; ++round) {
    std::uint32_t flag = 0;
    int message = 0;
    int seen = 0;
    {
      const std::jthread reader{[&] {
        while (HardwareMemory::load(flag, acquire<'x'>) == 0) {
          HardwareMemory::pause();
        }
        seen = HardwareMemory::plain_load(message);
      }};
      HardwareMemory::plain_store(message, 7);
      if (round % 2 == 0) {
        HardwareMemory::store(flag, 1, release<'x'>);
      } else {
        REQUIRE(HardwareMemory::compare_exchange(flag, 0, 1, release<'x'>));
      }
    }
    REQUIRE(seen == 7);
  }
}

}  // namespace
