/// The checker checked: fences, sleeping and waking, threads that stop for good, random schedules.
#include "model/collect.hpp"
#include "weir/detail/orders.hpp"

namespace {

using weir::detail::acquire;
using weir::detail::relaxed;
using weir::detail::release;
using namespace weir::model;
using Memory = CheckedMemory;
using Word = std::uint64_t;

/// A fence of one kind or the other.
enum class Kind { none, light, heavy };
template <Kind kind>
void fence() {
  if constexpr (kind == Kind::light) {
    CheckedFence<>::light();
  } else if constexpr (kind == Kind::heavy) {
    static_cast<void>(CheckedFence<>::heavy());
  }
}

template <Kind first, Kind second>
struct StoreBuffering : Litmus {
  std::array<Word, 2> words{};
  static constexpr std::size_t threads = 2;
  void run(std::size_t thread) {
    Memory::store(words[thread], 1, relaxed);
    thread == 0 ? fence<first>() : fence<second>();
    r[thread] = Memory::load(words[1 - thread], relaxed);
  }
};

TEST_CASE("of two fences one is first, unless both are light: they need each other") {
  const Results ordered{{0, 1}, {1, 0}, {1, 1}};
  const Results any{{0, 0}, {0, 1}, {1, 0}, {1, 1}};
  CHECK(all_of<StoreBuffering<Kind::light, Kind::heavy>>() == ordered);
  CHECK(all_of<StoreBuffering<Kind::heavy, Kind::heavy>>() == ordered);
  CHECK(all_of<StoreBuffering<Kind::light, Kind::light>>() == any);
  CHECK(all_of<StoreBuffering<Kind::light, Kind::none>>() == any);
  CHECK(all_of<StoreBuffering<Kind::none, Kind::heavy>>() == any);
}

template <Kind kind>
struct IndependentReads : Litmus {
  std::array<Word, 2> words{};
  static constexpr std::size_t threads = 4;
  void run(std::size_t thread) {
    if (thread < 2) {
      Memory::store(words[thread], 1, relaxed);
      return;
    }
    r[2 * (thread - 2)] = Memory::load(words[thread - 2], relaxed);
    fence<kind>();
    r[2 * (thread - 2) + 1] = Memory::load(words[3 - thread], relaxed);
  }
};

TEST_CASE("independent reads agree when there is a heavy fence between the reads of each") {
  CHECK(all_of<IndependentReads<Kind::heavy>>().count({1, 0, 1, 0}) == 0);
  CHECK(all_of<IndependentReads<Kind::light>>().count({1, 0, 1, 0}) == 1);
  CHECK(all_of<IndependentReads<Kind::none>>().count({1, 0, 1, 0}) == 1);
}

/// What one thread has only read before its fence another may not miss after its own.
struct ReadBeforeFence : Litmus {
  Word word = 0;
  Word flag = 0;
  static constexpr std::size_t threads = 3;
  void run(std::size_t thread) {
    if (thread == 0) {
      Memory::store(word, 1, relaxed);
    } else if (thread == 1) {
      r[0] = Memory::load(word, relaxed);
      fence<Kind::light>();
      Memory::store(flag, 1, relaxed);
    } else {
      r[1] = Memory::load(flag, relaxed);
      fence<Kind::heavy>();
      r[2] = Memory::load(word, relaxed);
    }
  }
};

TEST_CASE("what was read before a fence is known after the next") {
  const auto seen = all_of<ReadBeforeFence>();
  CHECK(seen.count({1, 1, 0}) == 0);
  CHECK(seen.count({1, 1, 1}) == 1);
  CHECK(seen.count({1, 0, 0}) == 1);  // the other fence was first
}

struct FencedPlain : Litmus {
  Word data = 0;
  Word flag = 0;
  static constexpr std::size_t threads = 2;
  void run(std::size_t thread) {
    if (thread == 0) {
      Memory::plain_store(data, 1);
      fence<Kind::heavy>();
      Memory::store(flag, 1, relaxed);
    } else if (Memory::load(flag, relaxed) == 1) {
      fence<Kind::heavy>();
      static_cast<void>(Memory::plain_load(data));
    }
  }
};

TEST_CASE("plain memory never rests on a fence") {
  failure_of<FencedPlain>("race");
}

/// A loop that fences before it pauses, and so knows of the store before it has looked.
struct FencesAndPauses : Litmus {
  Word word = 0;
  static constexpr std::size_t threads = 2;
  void run(std::size_t thread) {
    if (thread == 0) {
      Memory::store(word, 1, relaxed);
      fence<Kind::heavy>();
    } else {
      while (Memory::load(word, relaxed) == 0) {
        fence<Kind::heavy>();
        Memory::pause();
      }
      r[0] = 1;
    }
  }
};

TEST_CASE("who learned something by a fence need not wait for it") {
  CHECK(all_of<FencesAndPauses>() == Results{{1}});
}

struct Sum : Litmus {
  std::uint32_t word = ~std::uint32_t{0};
  static constexpr std::size_t threads = 2;
  void run(std::size_t thread) { r[thread] = Memory::fetch_add(word, 2, relaxed); }
  void finish() {
    r[2] = word;
    Litmus::finish();
  }
};

TEST_CASE("sums are updates, and wrap at the width of their word") {
  constexpr Word all = ~std::uint32_t{0};
  CHECK(all_of<Sum>() == Results{{all, 1, 3}, {1, all, 3}});
}

template <const auto& To, const auto& From>
struct SumPasses : Litmus {
  Word data = 0;
  Word count = 0;
  static constexpr std::size_t threads = 2;
  void run(std::size_t thread) {
    if (thread == 0) {
      Memory::store(data, 1, relaxed);
      Memory::fetch_add(count, 1, To);
    } else {
      r[0] = Memory::fetch_add(count, 1, From);
      r[1] = Memory::load(data, relaxed);
    }
  }
};

TEST_CASE("a sum has both sides that its order says") {
  CHECK(all_of<SumPasses<release<'A'>, acquire<'A'>>>() == Results{{0, 0}, {0, 1}, {1, 1}});
  CHECK(all_of<SumPasses<release<'A'>, acquire<'A'>>>('A').count({1, 0}) == 1);
  CHECK(all_of<SumPasses<relaxed, acquire<'A'>>>().count({1, 0}) == 1);
  CHECK(all_of<SumPasses<release<'A'>, relaxed>>().count({1, 0}) == 1);
}

/// A thread sleeps until another has changed a word.
template <bool wakes, bool rechecks>
struct SleepsUntil : Litmus {
  std::uint32_t word = 0;
  static constexpr std::size_t threads = 2;
  void run(std::size_t thread) {
    if (thread == 0) {
      Memory::store(word, 1, relaxed);
      if (wakes) {
        CheckedFutex::wake_all(word);
      }
      return;
    }
    const auto seen = rechecks ? Memory::load(word, relaxed) : 0U;
    if (seen == 0) {
      CheckedFutex::wait(word, seen, 0);
    }
    r[0] = Memory::load(word, relaxed);
  }
};

TEST_CASE("who sleeps while the word is what is expected is woken by who changes it and wakes, which orders nothing") {
  CHECK(all_of<SleepsUntil<true, false>>() == Results{{0}, {1}});
  CHECK(all_of<SleepsUntil<true, true>>() == Results{{0}, {1}});
  const auto outcome = failure_of<SleepsUntil<false, false>>("thread 1: a wake-up is lost");
  CHECK(outcome.schedule.find("sleep if it is still 0") != std::string::npos);
}

/// One notice for two.
template <bool all>
struct TwoSleepers : Litmus {
  std::array<std::uint32_t, 2> words{};
  static constexpr std::size_t threads = 3;
  void run(std::size_t thread) {
    if (thread == 2) {
      Memory::store(words[0], 1, relaxed);
      Memory::store(words[1], 1, relaxed);
      CheckedFutex::wake_all(words[0]);
    } else {
      auto& mine = words[all ? 0 : thread];
      CheckedFutex::wait(mine, 0, 0);
      r[thread] = Memory::load(mine, relaxed);
    }
  }
};

TEST_CASE("a notice wakes everybody who sleeps on its word and nobody else") {
  CHECK(all_of<TwoSleepers<true>>() == Results{{0, 0}, {0, 1}, {1, 0}, {1, 1}});
  failure_of<TwoSleepers<false>>("thread 1: a wake-up is lost");
}

/// A lock that is held by whoever dies, or a count that is not.
template <bool locks, std::size_t dying>
struct Dies : Litmus {
  Word word = 0;
  static constexpr std::size_t threads = 2;
  static constexpr std::size_t mortals = dying;
  void run(std::size_t thread) {
    if (locks) {
      while (!Memory::compare_exchange(word, 0, 1, acquire<'A'>)) {
        Memory::pause();
        static_cast<void>(Memory::load(word, relaxed));
      }
      Memory::compare_exchange(word, 1, 0, release<'A'>);
    } else {
      Memory::fetch_add(word, 1, relaxed);
      Memory::fetch_add(word, 1, relaxed);
    }
    r[thread] = 1;
  }
  void finish() {
    r[2] = word;
    Litmus::finish();
  }
};

TEST_CASE("one of the mortals may stop for good between any two of its steps") {
  CHECK(all_of<Dies<false, 0>>() == Results{{1, 1, 4}});
  CHECK(all_of<Dies<false, 1>>() == Results{{0, 1, 2}, {0, 1, 3}, {1, 1, 4}});
  CHECK(all_of<Dies<false, 2>>() == Results{{0, 1, 2}, {0, 1, 3}, {1, 0, 2}, {1, 0, 3}, {1, 1, 4}});
}

TEST_CASE("who waits for the dead waits for ever") {
  CHECK(explore<Dies<true, 0>>({.preemptions = 4}).ok);
  const auto outcome = failure_of<Dies<true, 1>>("deadlock");
  CHECK(outcome.schedule.find("thread 0  stops for good") != std::string::npos);
}

/// Wrong in few of its schedules: two looks must fall between two pairs of stores.
struct Rare : Litmus {
  std::array<Word, 2> words{};
  static constexpr std::size_t threads = 2;
  Rare() { label(words[0], "pair", 2); }
  void run(std::size_t thread) {
    for (Word i = 1; i <= 4; ++i) {
      if (thread == 0) {
        Memory::store(words[0], i, release<'A'>);
        Memory::store(words[1], i, release<'A'>);
      } else {
        const auto second = Memory::load(words[1], acquire<'A'>);
        expect(second != 3 || Memory::load(words[0], acquire<'A'>) != 4, "met");
      }
    }
  }
};

TEST_CASE("random schedules find what is there, and one repeats from its seed") {
  const auto all = explore<Rare>({.max_executions = 20'000'000});
  CHECK_FALSE(all.ok);
  const Limits limits{.max_executions = 100'000, .seed = 7};
  const auto found = explore<Rare>(limits);
  REQUIRE_FALSE(found.ok);
  CHECK(found.failure == "thread 1: met");
  CHECK(found.states == 0);
  CHECK(found.seed == 7 + found.executions - 1);
  const auto again = explore<Rare>({.max_executions = 1, .seed = found.seed});
  CHECK(again.executions == 1);
  CHECK(again.failure == found.failure);
  CHECK(again.schedule == found.schedule);
  CHECK(explore<Rare>({.preemptions = 3, .max_executions = 100'000, .seed = 7}).ok == false);
}

/// Wrong when a plain value is read that was not written yet; whether it is plain shows late.
struct PlainLater : Litmus {
  Word flag = 0;
  Word data = 0;
  static constexpr std::size_t threads = 2;
  void run(std::size_t thread) {
    if (thread == 0) {
      Memory::store(data, 1, relaxed);
      Memory::store(flag, 1, release<'A'>);
    } else if (Memory::load(flag, acquire<'A'>) == 1) {
      static_cast<void>(Memory::plain_load(data));
      expect(false, "met");
    }
  }
};

TEST_CASE("a random execution that begins anew counts once, and repeats from its seed all the same") {
  const auto found = explore<PlainLater>({.max_executions = 1000, .seed = 3});
  REQUIRE_FALSE(found.ok);
  const auto again = explore<PlainLater>({.max_executions = 1, .seed = found.seed});
  CHECK(again.failure == found.failure);
  CHECK(again.executions == 1);
}

TEST_CASE("schedules call words by their names") {
  const auto found = explore<Rare>({});
  CHECK_MESSAGE(found.schedule.find("store  pair[0]  4  release<A>") != std::string::npos, found.schedule);
  CHECK(found.schedule.find("load  pair[1]  3  acquire<A>") != std::string::npos);
}

TEST_CASE("a random search ends with its number of executions, and says that it tried less than all") {
  const auto outcome = explore<Dies<false, 0>>({.max_executions = 50, .seed = 1});
  CHECK(outcome.ok);
  CHECK(outcome.executions == 50);
  CHECK_FALSE(outcome.exhausted);
}

}  // namespace
