/// The checker checked: litmus programs with every outcome they may have and none they may not.
#include "model/checker.hpp"

#include <doctest/doctest.h>

#include <array>
#include <chrono>
#include <random>
#include <set>
#include <stdexcept>
#include <string>

#include "model/collect.hpp"
#include "weir/detail/orders.hpp"

namespace {

using weir::detail::acquire;
using weir::detail::both;
using weir::detail::relaxed;
using weir::detail::release;
using weir::model::all_of;
using weir::model::CheckedClock;
using weir::model::collect;
using weir::model::expect;
using weir::model::explore;
using weir::model::failure_of;
using weir::model::Limits;
using weir::model::Litmus;
using weir::model::Outcome;
using weir::model::Registers;
using weir::model::Results;
using weir::model::results;
using weir::model::settle;
using Memory = weir::model::CheckedMemory;
using Word = std::uint64_t;

template <const auto& To, const auto& From>
struct MessagePassing : Litmus {
  Word data = 0;
  Word flag = 0;
  static constexpr std::size_t threads = 2;
  void run(std::size_t thread) {
    if (thread == 0) {
      Memory::store(data, 1, relaxed);
      Memory::store(flag, 1, To);
    } else {
      r[0] = Memory::load(flag, From);
      r[1] = Memory::load(data, relaxed);
    }
  }
};

const Results passed{{0, 0}, {0, 1}, {1, 1}};
const Results broken{{0, 0}, {0, 1}, {1, 0}, {1, 1}};

TEST_CASE("message passing needs both sides") {
  CHECK(all_of<MessagePassing<relaxed, relaxed>>() == broken);
  CHECK(all_of<MessagePassing<release<'A'>, relaxed>>() == broken);
  CHECK(all_of<MessagePassing<relaxed, acquire<'A'>>>() == broken);
  CHECK(all_of<MessagePassing<release<'A'>, acquire<'A'>>>() == passed);
  CHECK(all_of<MessagePassing<release<>, acquire<>>>() == passed);
}

TEST_CASE("letters change nothing unless one is weakened") {
  CHECK(all_of<MessagePassing<release<'A'>, acquire<'B'>>>() == passed);
  CHECK(all_of<MessagePassing<release<'A'>, acquire<'A'>>>('C') == passed);
  CHECK(all_of<MessagePassing<release<>, acquire<>>>('A') == passed);
}

TEST_CASE("weakening the only letter of a side makes it relaxed") {
  CHECK(all_of<MessagePassing<release<'A'>, acquire<'A'>>>('A') == broken);
  CHECK(all_of<MessagePassing<release<'A'>, acquire<'B'>>>('A') == broken);
  CHECK(all_of<MessagePassing<release<'A'>, acquire<'B'>>>('B') == broken);
  CHECK(all_of<MessagePassing<release<'A', 'B'>, acquire<'A'>>>('A') == broken);
  CHECK(all_of<MessagePassing<release<'z'>, acquire<'z'>>>('z') == broken);
  CHECK(all_of<MessagePassing<release<'0'>, acquire<'0'>>>('0') == broken);
}

TEST_CASE("weakening one letter of several takes away no more than its edge") {
  CHECK(all_of<MessagePassing<release<'A', 'B'>, acquire<'A'>>>('B') == passed);
  CHECK(all_of<MessagePassing<release<'A', 'B'>, acquire<'A', 'C'>>>('A') == broken);
  CHECK(all_of<MessagePassing<release<'A', 'B'>, acquire<'A', 'C'>>>('B') == passed);
  CHECK(all_of<MessagePassing<release<'A', 'B'>, acquire<'A', 'B'>>>('A') == passed);
  CHECK(all_of<MessagePassing<release<'A', 'B'>, acquire<'C', 'D'>>>('A') == passed);
}

struct StoreBuffering : Litmus {
  std::array<Word, 2> words{};
  static constexpr std::size_t threads = 2;
  void run(std::size_t thread) {
    Memory::store(words[thread], 1, release<'A'>);
    r[thread] = Memory::load(words[1 - thread], acquire<'A'>);
  }
};

TEST_CASE("store buffering: both may miss the other's store") {
  CHECK(all_of<StoreBuffering>() == Results{{0, 0}, {0, 1}, {1, 0}, {1, 1}});
}

struct LoadBuffering : Litmus {
  std::array<Word, 2> words{};
  static constexpr std::size_t threads = 2;
  void run(std::size_t thread) {
    r[thread] = Memory::load(words[thread], relaxed);
    Memory::store(words[1 - thread], 1, relaxed);
  }
};

TEST_CASE("load buffering is not explored: C++ would allow {1, 1} too") {
  CHECK(all_of<LoadBuffering>() == Results{{0, 0}, {0, 1}, {1, 0}});
}

struct Coherence : Litmus {
  Word word = 0;
  static constexpr std::size_t threads = 2;
  void run(std::size_t thread) {
    if (thread == 0) {
      Memory::store(word, 1, relaxed);
      Memory::store(word, 2, relaxed);
    } else {
      r[0] = Memory::load(word, relaxed);
      r[1] = Memory::load(word, relaxed);
    }
  }
};

TEST_CASE("coherence: no thread reads a place backwards") {
  CHECK(all_of<Coherence>() == Results{{0, 0}, {0, 1}, {0, 2}, {1, 1}, {1, 2}, {2, 2}});
}

/// A relaxed read by another thread is inherited with the happens-before.
struct CoherenceAcross : Litmus {
  Word word = 0;
  Word flag = 0;
  static constexpr std::size_t threads = 3;
  void run(std::size_t thread) {
    if (thread == 0) {
      Memory::store(word, 1, relaxed);
    } else if (thread == 1) {
      r[0] = Memory::load(word, relaxed);
      Memory::store(flag, 1, release<'A'>);
    } else {
      r[1] = Memory::load(flag, acquire<'A'>);
      r[2] = Memory::load(word, relaxed);
    }
  }
};

TEST_CASE("coherence: what happened before was read before") {
  const auto seen = all_of<CoherenceAcross>();
  CHECK(seen.size() == 7);
  CHECK(seen.count({1, 1, 0}) == 0);
  CHECK(seen.count({1, 0, 0}) == 1);
  CHECK(seen.count({0, 1, 0}) == 1);
}

struct IndependentReads : Litmus {
  std::array<Word, 2> words{};
  static constexpr std::size_t threads = 4;
  void run(std::size_t thread) {
    if (thread < 2) {
      Memory::store(words[thread], 1, release<'A'>);
    } else {
      r[2 * (thread - 2)] = Memory::load(words[thread - 2], acquire<'A'>);
      r[2 * (thread - 2) + 1] = Memory::load(words[3 - thread], acquire<'A'>);
    }
  }
};

TEST_CASE("independent reads of independent writes: acquire does not make them agree") {
  const auto seen = all_of<IndependentReads>();
  CHECK(seen.size() == 16);
  CHECK(seen.count({1, 0, 1, 0}) == 1);
}

/// Thread 1 continues what thread 0 released, by an update or by a store of its own.
template <bool Update>
struct ReleaseSequence : Litmus {
  Word data = 0;
  Word flag = 0;
  static constexpr std::size_t threads = 3;
  void run(std::size_t thread) {
    if (thread == 0) {
      Memory::store(data, 1, relaxed);
      Memory::store(flag, 1, release<'A'>);
      if constexpr (!Update) {
        Memory::store(flag, 2, relaxed);
      }
    } else if (thread == 1) {
      if (Update && Memory::load(flag, relaxed) == 1) {
        Memory::compare_exchange(flag, 1, 2, relaxed);
      }
    } else {
      r[0] = Memory::load(flag, acquire<'A'>);
      r[1] = Memory::load(data, relaxed);
    }
  }
};

TEST_CASE("an update continues a release sequence, a store ends it") {
  CHECK(all_of<ReleaseSequence<true>>() == Results{{0, 0}, {0, 1}, {1, 1}, {2, 1}});
  CHECK(all_of<ReleaseSequence<false>>() == Results{{0, 0}, {0, 1}, {1, 1}, {2, 0}, {2, 1}});
  CHECK(all_of<ReleaseSequence<true>>('A') == Results{{0, 0}, {0, 1}, {1, 0}, {1, 1}, {2, 0}, {2, 1}});
}

/// The updates' own letters: thread 1 releases on top of what it continues.
struct MixedSequence : Litmus {
  Word first = 0;
  Word second = 0;
  Word flag = 0;
  static constexpr std::size_t threads = 3;
  void run(std::size_t thread) {
    if (thread == 0) {
      Memory::store(first, 1, relaxed);
      Memory::store(flag, 1, release<'A', 'B'>);
    } else if (thread == 1) {
      Memory::store(second, 1, relaxed);
      if (Memory::load(flag, relaxed) == 1) {
        Memory::compare_exchange(flag, 1, 2, release<'C'>);
      }
    } else {
      r[0] = Memory::load(flag, acquire<'A', 'D'>);
      r[1] = Memory::load(first, relaxed);
      r[2] = Memory::load(second, relaxed);
    }
  }
};

TEST_CASE("a release sequence loses the weakened link only") {
  const auto lost = [](char weakened) {
    std::array<bool, 2> result{};
    for (const auto& r : all_of<MixedSequence>(weakened)) {
      if (r[0] == 2) {
        result[0] = result[0] || r[1] == 0;
        result[1] = result[1] || r[2] == 0;
      }
    }
    return result;
  };
  CHECK(lost(0) == std::array{false, false});
  CHECK(lost('A') == std::array{true, false});
  CHECK(lost('B') == std::array{false, false});
  CHECK(lost('C') == std::array{false, true});
  CHECK(lost('D') == std::array{false, false});
}

/// The word goes from 0 to 1 and back before the flag is set.
template <const auto& To, const auto& From>
struct StaleFailure : Litmus {
  Word word = 0;
  Word flag = 0;
  static constexpr std::size_t threads = 2;
  void run(std::size_t thread) {
    if (thread == 0) {
      if (Memory::compare_exchange(word, 0, 1, relaxed)) {
        Memory::compare_exchange(word, 1, 0, relaxed);
      }
      Memory::store(flag, 1, To);
    } else {
      r[0] = Memory::load(flag, From);
      r[1] = Memory::compare_exchange(word, 0, 5, relaxed) ? 1 : 0;
    }
  }
};

TEST_CASE("a compare_exchange may fail because of a value that is gone") {
  CHECK(all_of<StaleFailure<relaxed, relaxed>>() == Results{{0, 0}, {0, 1}, {1, 0}, {1, 1}});
  CHECK(all_of<StaleFailure<release<'A'>, acquire<'A'>>>() == Results{{0, 0}, {0, 1}, {1, 1}});
}

struct FailureOrdersNothing : Litmus {
  Word data = 0;
  Word word = 0;
  static constexpr std::size_t threads = 2;
  void run(std::size_t thread) {
    if (thread == 0) {
      Memory::store(data, 1, relaxed);
      Memory::compare_exchange(word, 0, 1, release<'A'>);
    } else {
      r[0] = Memory::compare_exchange(word, 0, 2, both(acquire<'A'>, release<'A'>)) ? 1 : 0;
      r[1] = Memory::load(data, relaxed);
    }
  }
};

TEST_CASE("a failed compare_exchange acquires nothing") {
  CHECK(all_of<FailureOrdersNothing>() == Results{{0, 0}, {0, 1}, {1, 0}, {1, 1}});
}

struct Counter : Litmus {
  Word word = 0;
  static constexpr std::size_t threads = 3;
  void run(std::size_t) {
    for (auto seen = Memory::load(word, relaxed); !Memory::compare_exchange(word, seen, seen + 1, relaxed);) {
      Memory::pause();
      seen = Memory::load(word, relaxed);
    }
  }
  void finish() {
    r[0] = word;
    Litmus::finish();
  }
};

TEST_CASE("updates are never lost, and a pause after a lost race does not wait for a store") {
  CHECK(all_of<Counter>() == Results{{3}});
}

template <class Value, const auto& To, const auto& From>
struct PlainMessage : Litmus {
  Value data{};
  Word flag = 0;
  static constexpr std::size_t threads = 2;
  void run(std::size_t thread) {
    if (thread == 0) {
      Memory::plain_store(data, Value{7});
      Memory::store(flag, 1, To);
    } else if (Memory::load(flag, From) == 1) {
      r[0] = static_cast<Word>(Memory::plain_load(data));
    }
  }
};

struct Large {
  Word a, b = 0, c = 0;
  explicit operator Word() const { return a; }
};

TEST_CASE("plain accesses race unless something orders them") {
  CHECK(all_of<PlainMessage<Word, release<'A'>, acquire<'A'>>>() == Results{{0}, {7}});
  CHECK(all_of<PlainMessage<Large, release<'A'>, acquire<'A'>>>() == Results{{0}, {7}});
  failure_of<PlainMessage<Word, relaxed, acquire<'A'>>>("race: plain load");
  failure_of<PlainMessage<Large, release<'A'>, relaxed>>("race: plain load");
  failure_of<PlainMessage<char, release<'A'>, acquire<'A'>>>("race: plain load", 'A');
}

template <int First, int Second>
struct TwoAccesses : Litmus {
  Word word = 0;
  static constexpr std::size_t threads = 2;
  void run(std::size_t thread) {
    switch (thread == 0 ? First : Second) {
      case 0: static_cast<void>(Memory::plain_load(word)); break;
      case 1: Memory::plain_store(word, 1); break;
      case 2: static_cast<void>(Memory::load(word, acquire<'A'>)); break;
      case 3: Memory::store(word, 1, release<'A'>); break;
      default: Memory::compare_exchange(word, 0, 1, relaxed); break;
    }
  }
};

TEST_CASE("plain accesses race with atomic ones, whichever comes first") {
  CHECK(all_of<TwoAccesses<0, 0>>().size() == 1);
  CHECK(all_of<TwoAccesses<0, 2>>().size() == 1);
  CHECK(all_of<TwoAccesses<2, 3>>().size() == 1);
  CHECK(all_of<TwoAccesses<4, 4>>().size() == 1);
  failure_of<TwoAccesses<0, 1>>("race");
  failure_of<TwoAccesses<1, 0>>("race");
  failure_of<TwoAccesses<1, 1>>("race");
  failure_of<TwoAccesses<0, 3>>("race");
  failure_of<TwoAccesses<3, 0>>("race");
  failure_of<TwoAccesses<0, 4>>("race");
  failure_of<TwoAccesses<4, 0>>("race");
  failure_of<TwoAccesses<1, 2>>("race");
  failure_of<TwoAccesses<2, 1>>("race");
  failure_of<TwoAccesses<1, 3>>("race");
  failure_of<TwoAccesses<4, 1>>("race");
}

/// Races that only one order of execution can have.
template <bool Plain>
struct AfterTheFlag : Litmus {
  Word word = 0;
  Word flag = 0;
  static constexpr std::size_t threads = 2;
  void run(std::size_t thread) {
    if (thread == 0) {
      if constexpr (Plain) {
        Memory::store(flag, 1, release<'A'>);
        Memory::plain_store(word, 1);
      } else {
        Memory::store(word, 1, relaxed);
        Memory::store(flag, 1, relaxed);
      }
    } else if (Memory::load(flag, acquire<'A'>) == 1) {
      static_cast<void>(Memory::plain_load(word));
    }
  }
};

TEST_CASE("a release covers what came before it and nothing after") {
  failure_of<AfterTheFlag<true>>("race");
  failure_of<AfterTheFlag<false>>("race: plain load of w0");
}

struct UnseenStore : Litmus {
  Word word = 0;
  Word flag = 0;
  static constexpr std::size_t threads = 2;
  void run(std::size_t thread) {
    if (thread == 0) {
      Memory::store(word, 1, relaxed);
      Memory::store(flag, 1, relaxed);
    } else if (Memory::load(flag, relaxed) == 1) {
      Memory::compare_exchange(word, 1, 2, relaxed);
    }
  }
};

TEST_CASE("an update of a store that it need not have come after") {
  failure_of<UnseenStore>("unordered update of w0");
}

TEST_CASE("stores to one place must be ordered") {
  failure_of<TwoAccesses<3, 3>>("unordered store");
  failure_of<TwoAccesses<3, 4>>("unordered");
}

/// Thread 1 stores only after it has seen the flag, which orders it or does not.
template <const auto& To, const auto& From>
struct OrderedStores : Litmus {
  Word word = 0;
  Word flag = 0;
  static constexpr std::size_t threads = 2;
  void run(std::size_t thread) {
    if (thread == 0) {
      Memory::store(word, 1, relaxed);
      Memory::store(flag, 1, To);
    } else if (Memory::load(flag, From) == 1) {
      Memory::store(word, 2, relaxed);
    }
  }
  void finish() {
    r[0] = word;
    Litmus::finish();
  }
};

TEST_CASE("stores in different threads are ordered by happens-before") {
  CHECK(all_of<OrderedStores<release<'A'>, acquire<'A'>>>() == Results{{1}, {2}});
  failure_of<OrderedStores<release<'A'>, acquire<'A'>>>("unordered store to w0", 'A');
  failure_of<OrderedStores<relaxed, acquire<'A'>>>("unordered store");
}

/// A close by compare_exchange that the writer's plain store wipes out. The closer waits for the writer's first store,
/// so that the close comes between two stores of one thread.
struct WipedOut {
  Word announced = 0;
  Word published = 0;
  static constexpr std::size_t threads = 2;
  void run(std::size_t thread) {
    if (thread == 0) {
      Memory::store(announced, 1, release<'A'>);
      Memory::store(published, 1, release<'P'>);
    } else if (Memory::load(announced, acquire<'A'>) == 1) {
      const auto seen = Memory::load(published, relaxed);
      if (seen == 0 && Memory::compare_exchange(published, 0, 8, relaxed)) {
        expect(Memory::load(published, relaxed) == 8, "closed");
      }
    }
  }
  void finish() {}
};

TEST_CASE("a store may come between another thread's look and its update, and is found out") {
  failure_of<WipedOut>("unordered store");
}

struct Waits {
  Word word = 0;
  static constexpr std::size_t threads = 2;
  void run(std::size_t thread) {
    while (Memory::load(word, acquire<'A'>) != 2) {
      if (thread == 1 && word == 0) {
        Memory::store(word, 1, release<'A'>);
      }
      Memory::pause();
    }
  }
  void finish() {}
};

TEST_CASE("waiting for what nobody stores is a deadlock") {
  const auto outcome = failure_of<Waits>("deadlock");
  CHECK(outcome.schedule.find("pause") != std::string::npos);
}

template <std::size_t Threads>
struct Spins : Litmus {
  Word data = 0;
  Word flag = 0;
  static constexpr std::size_t threads = Threads;
  void run(std::size_t thread) {
    if (thread == 0) {
      Memory::store(data, 1, relaxed);
      Memory::store(flag, 1, release<'A'>);
      Memory::store(flag, 2, release<'A'>);
    } else {
      while (Memory::load(flag, acquire<'A'>) != 2) {
        for (int i = 0; i < 10; ++i) {
          Memory::pause();
        }
      }
      r[thread] = Memory::load(data, relaxed);
    }
  }
};

TEST_CASE("a loop that pauses ends when its condition comes true") {
  CHECK(all_of<Spins<2>>() == Results{{0, 1}});
  CHECK(collect<Spins<3>>({}).exhausted);
  CHECK(results() == Results{{0, 1, 1}});
}

struct SpinsWithoutPause {
  Word flag = 0;
  static constexpr std::size_t threads = 2;
  void run(std::size_t thread) {
    if (thread == 0) {
      Memory::store(flag, 1, relaxed);
    } else {
      while (Memory::load(flag, relaxed) == 0) {
      }
    }
  }
  void finish() {}
};

TEST_CASE("a loop that does not pause may see the old value for ever") {
  const auto outcome = collect<SpinsWithoutPause>({.max_steps = 200});
  CHECK_FALSE(outcome.ok);
  CHECK(outcome.failure.find("no end after 200 steps") != std::string::npos);
}

template <class Small>
struct Sizes {
  std::array<Small, 3> words{1, 2, 3};
  static constexpr std::size_t threads = 2;
  static constexpr Small most = static_cast<Small>(~Small{0});
  void run(std::size_t thread) {
    if (thread == 0) {
      Memory::store(words[1], most, release<'A'>);
      expect(!Memory::compare_exchange(words[2], 2, 9, relaxed), "3 is not 2");
      expect(Memory::compare_exchange(words[2], 3, static_cast<Small>(most - 1), relaxed), "3 is 3");
    } else {
      const auto seen = Memory::load(words[1], acquire<'A'>);
      expect(seen == 2 || seen == most, "no other value");
      expect(Memory::load(words[0], relaxed) == 1, "a neighbour is left alone");
    }
  }
  void finish() {
    expect(words == std::array<Small, 3>{1, most, static_cast<Small>(most - 1)}, "memory holds the newest values");
  }
};

TEST_CASE("words of one, two, four and eight bytes") {
  CHECK(all_of<Sizes<std::uint8_t>>().empty());
  CHECK(all_of<Sizes<std::uint16_t>>().empty());
  CHECK(all_of<Sizes<std::uint32_t>>().empty());
  CHECK(all_of<Sizes<std::uint64_t>>().empty());
}

struct Overlap {
  alignas(8) std::array<std::uint32_t, 2> words{};
  static constexpr std::size_t threads = 1;
  void run(std::size_t) {
    Memory::store(words[1], 1, relaxed);
    static_cast<void>(Memory::plain_load(words));
  }
  void finish() {}
};

struct Outside {
  static inline Word word = 0;
  static constexpr std::size_t threads = 1;
  void run(std::size_t) { Memory::store(word, 1, relaxed); }
  void finish() {}
};

struct Throws {
  static constexpr std::size_t threads = 1;
  void run(std::size_t) { throw std::runtime_error{"thrown"}; }
  void finish() {}
};

struct Wavers {
  Word word = 0;
  static inline int runs = 0;
  static constexpr std::size_t threads = 2;
  void run(std::size_t thread) {
    for (int i = 0; i < (thread == 0 && runs % 2 != 0 ? 1 : 3); ++i) {
      Memory::compare_exchange(word, Memory::load(word, relaxed), 1, relaxed);
    }
  }
  void finish() { ++runs; }
};

struct Many {
  std::array<Word, weir::model::max_places + 1> words{};
  static constexpr std::size_t threads = 1;
  void run(std::size_t) {
    for (auto& word : words) {
      Memory::store(word, 1, relaxed);
    }
  }
  void finish() {}
};

struct Often {
  Word word = 0;
  static constexpr std::size_t threads = 1;
  void run(std::size_t) {
    for (Word i = 0; i < weir::model::max_messages; ++i) {
      Memory::store(word, i, relaxed);
    }
  }
  void finish() {}
};

TEST_CASE("what the checker cannot check is a failure") {
  failure_of<Overlap>("different sizes overlap at w0 (+4, 4 bytes)");
  failure_of<Outside>("outside of the program");
  failure_of<Throws>("exception");
  failure_of<Many>("more places");
  failure_of<Often>("more stores to w0");
  CHECK(collect<Wavers>({.memoise = false}).failure.find("not deterministic") != std::string::npos);
}

struct FailsAtTheEnd : MessagePassing<relaxed, relaxed> {
  void finish() const { expect(r[0] == 0 || r[1] == 1, "the message came with its flag"); }
};

TEST_CASE("a failing schedule is written out") {
  const auto outcome = failure_of<FailsAtTheEnd>("the message came with its flag");
  CHECK(outcome.schedule.find("thread 0  store  w0 (+32, 8 bytes)  1  relaxed\n") != std::string::npos);
  CHECK(outcome.schedule.find("thread 1  load  w0 (+32, 8 bytes)  0  relaxed  (1 newer)\n") != std::string::npos);
  const auto race = failure_of<PlainMessage<Word, release<'A'>, acquire<'B'>>>("thread 1: race", 'A');
  CHECK(race.schedule.find("acquire<B>") != std::string::npos);
}

TEST_CASE("limits on stale reads and preemptions take outcomes away") {
  CHECK(collect<StoreBuffering>({.stale_reads = 0}).exhausted);
  CHECK(results() == Results{{0, 1}, {1, 0}, {1, 1}});
  CHECK(collect<StoreBuffering>({.stale_reads = 1}).exhausted);
  CHECK(results() == Results{{0, 0}, {0, 1}, {1, 0}, {1, 1}});
  CHECK(collect<MessagePassing<relaxed, relaxed>>({.stale_reads = 0}).exhausted);
  CHECK(results() == passed);
  CHECK(collect<StoreBuffering>({.preemptions = 0, .stale_reads = 0}).exhausted);
  CHECK(results() == Results{{0, 1}, {1, 0}});
  CHECK(collect<StoreBuffering>({.preemptions = 1, .stale_reads = 0}).exhausted);
  CHECK(results() == Results{{0, 1}, {1, 0}, {1, 1}});
}

TEST_CASE("a search that was cut short says so") {
  const auto few = collect<IndependentReads>({.max_executions = 3});
  CHECK(few.ok);
  CHECK_FALSE(few.exhausted);
  CHECK(few.executions == 3);
  const auto no_time =
      collect<IndependentReads>({.max_time = std::chrono::milliseconds{0}, .memoise = false, .every_step = true});
  CHECK(no_time.ok);
  CHECK_FALSE(no_time.exhausted);
}

template <std::size_t Readers, bool Settles>
struct ReadsOften : Litmus {
  std::array<Word, 2> words{};
  static constexpr std::size_t threads = 3;
  static constexpr std::size_t readers = Readers;
  void run(std::size_t thread) {
    if (thread < 2) {
      for (Word i = 1; i <= 2; ++i) {
        Memory::store(words[thread], i + Memory::load(words[1 - thread], relaxed), relaxed);
      }
      return;
    }
    for (Word i = 0; i < 4; ++i) {
      r[0] += Memory::load(words[0], relaxed) % 2;
      r[1] = std::max(r[1], Memory::load(words[1], acquire<'A'>));
      if constexpr (Settles) {
        settle((i << 32U) + (r[0] << 16U) + r[1]);
      }
    }
  }
};

TEST_CASE("readers that run last, and histories that are joined, lose no result") {
  const auto plain = collect<ReadsOften<0, false>>({});
  const auto expected = results();
  const auto late = collect<ReadsOften<1, false>>({});
  CHECK(results() == expected);
  const auto joined = collect<ReadsOften<0, true>>({});
  CHECK(results() == expected);
  const auto both_of_them = collect<ReadsOften<1, true>>({});
  CHECK(results() == expected);
  CHECK(collect<ReadsOften<0, true>>({.every_step = true}).exhausted);
  CHECK(results() == expected);
  CHECK((plain.exhausted && late.exhausted && joined.exhausted && both_of_them.exhausted));
  CHECK(late.executions < plain.executions);
  CHECK(joined.executions < plain.executions);
  CHECK(both_of_them.executions < late.executions);
  failure_of<ReadsOften<2, true>>("a reader stores");
}

/// Programs whose middle thread forgets what it read, so that only memory and what is known of it tell states apart.
/// The state that allows less comes first in the search.
template <int Kind>
struct Forgets : Litmus {
  Word source = 0;
  Word ready = 0;
  Word word = 0;
  Word plain = 0;
  static constexpr std::size_t threads = 3;
  void run(std::size_t thread) {
    if (thread == 0) {
      Memory::store(source, 1, relaxed);
      Memory::store(ready, 1, relaxed);
    } else if (thread == 1) {
      const bool late = Memory::load(ready, relaxed) == 1;
      const auto seen = Memory::load(source, relaxed);
      if (Kind == 3 && late && seen == 0) {
        static_cast<void>(Memory::plain_load(plain));
      }
      if constexpr (Kind == 0) {
        Memory::store(word, 2 - seen, relaxed);
      } else if constexpr (Kind == 1) {
        Memory::store(word, 1, release<'A'>);
      }
      r[2] = late ? 1 : 0;
      settle(r[2]);
      if constexpr (Kind == 2) {
        r[0] = Memory::load(source, relaxed);
      }
      if constexpr (Kind >= 2) {
        Memory::store(word, 1, relaxed);
      }
    } else if constexpr (Kind < 2) {
      r[0] = Memory::load(word, acquire<'A'>);
      r[1] = Kind == 1 ? Memory::load(source, relaxed) : 0;
    } else {
      while (Memory::load(word, relaxed) != 1) {
        Memory::pause();
      }
      if constexpr (Kind == 3) {
        Memory::plain_store(plain, 1);
      }
    }
  }
};

TEST_CASE("states differ by values, by what messages carry, by what threads know and by plain accesses") {
  CHECK(all_of<Forgets<0>>() == Results{{0, 0, 0}, {0, 0, 1}, {1, 0, 0}, {1, 0, 1}, {2, 0, 0}, {2, 0, 1}});
  CHECK(all_of<Forgets<1>>().size() == 8);
  CHECK(all_of<Forgets<2>>() == Results{{0, 0, 0}, {0, 0, 1}, {1, 0, 0}, {1, 0, 1}});
  failure_of<Forgets<3>>("race");
}

struct ReadsClock : Litmus {
  CheckedClock clock;
  Word flag = 0;
  static constexpr std::size_t threads = 2;
  Word reading() const { return static_cast<Word>((clock.now() - CheckedClock::start).count()); }
  void run(std::size_t thread) {
    r[2 * thread] = reading();
    if (thread == 0) {
      Memory::store(flag, 1, release<'A'>);
    } else {
      r[3] = Memory::load(flag, acquire<'A'>);
      r[1] = reading();
    }
  }
};

struct WaitsUntil {
  CheckedClock clock;
  Word never = 0;
  static constexpr std::size_t threads = 2;
  void run(std::size_t) {
    while (Memory::load(never, relaxed) == 0 && clock.now() < CheckedClock::start + std::chrono::milliseconds{2}) {
      Memory::pause();
    }
  }
  void finish() {}
};

/// Counts the rounds in which the clock stepped by one.
struct CountsSteps : Litmus {
  CheckedClock clock;
  static constexpr std::size_t threads = 1;
  void run(std::size_t) {
    for (auto last = clock.now(); last < CheckedClock::start + std::chrono::milliseconds{4};) {
      Memory::pause();
      const auto now = clock.now();
      r[0] += now - last == std::chrono::milliseconds{1} ? 1 : 0;
      last = now;
    }
  }
};

/// Stores, and then waits for the clock alone; the other thread needs that store and stores as well.
struct StoresAndWaits {
  CheckedClock clock;
  std::array<Word, 2> words{};
  static constexpr std::size_t threads = 2;
  void run(std::size_t thread) {
    if (thread == 0) {
      Memory::store(words[0], 1, relaxed);
      while (clock.now() == CheckedClock::start) {
        Memory::pause();
      }
    } else {
      while (Memory::load(words[0], relaxed) == 0) {
        Memory::pause();
      }
      Memory::store(words[1], 1, relaxed);
    }
  }
  void finish() {}
};

TEST_CASE("a clock that stands, and one that runs differently for each thread") {
  CHECK(all_of<ReadsClock>() == Results{{0, 0, 0, 0}, {0, 0, 0, 1}});
  CHECK(collect<ReadsClock>({.clock_values = 2}).exhausted);
  CHECK(results().size() == 12);
  CHECK(results().count({1, 0, 0, 1}) == 1);  // it went back from one thread to the other
  CHECK(results().count({0, 0, 1, 0}) == 0);  // but within one it did not
  failure_of<WaitsUntil>("deadlock");
  CHECK(collect<WaitsUntil>({.clock_values = 3}).exhausted);
  failure_of<StoresAndWaits>("deadlock");
  CHECK(collect<StoresAndWaits>({.clock_values = 2}).exhausted);
  CHECK(collect<CountsSteps>({.clock_values = 5}).exhausted);
  CHECK(results() == Results{{0}, {1}, {2}, {3}, {4}});
}

/// Three threads with random accesses to three words.
struct Script {
  struct Step {
    std::uint8_t kind, word, order;
    Word value;
  };
  std::array<std::vector<Step>, 3> bodies;
};

Script& script() {
  static Script instance;
  return instance;
}

std::set<std::vector<Word>>& seen() {
  static std::set<std::vector<Word>> set;
  return set;
}

template <std::size_t Readers>
struct RandomProgram {
  static constexpr std::size_t readers = Readers;
  static constexpr std::size_t threads = 3;
  std::array<Word, 3> words{};
  std::array<std::array<Word, 8>, threads> read{};

  void run(std::size_t thread) {
    std::size_t step = 0;
    for (const auto& [kind, index, order, value] : script().bodies[thread]) {
      Word& word = words[index];
      Word& result = read[thread][step++];
      switch (kind) {
        case 0: result = order == 0 ? Memory::load(word, relaxed) : Memory::load(word, acquire<'A', 'B'>); break;
        case 1: order == 0 ? Memory::store(word, value, relaxed) : Memory::store(word, value, release<'A', 'C'>); break;
        case 2: {
          const auto expected = Memory::load(word, relaxed);
          result = order == 0 ? Memory::compare_exchange(word, expected, value, release<'B'>)
                              : Memory::compare_exchange(word, expected, value, both(acquire<'A'>, release<'A'>));
          break;
        }
        case 3: result = Memory::compare_exchange(word, value % 3, value, acquire<'B'>); break;
        case 4: result = Memory::plain_load(word); break;
        default:
          for (int rounds = 0; Memory::load(word, acquire<'B'>) == 0 && rounds < 3; ++rounds) {
            Memory::pause();
          }
      }
    }
  }
  void finish() const {
    std::vector<Word> all(words.begin(), words.end());
    for (const auto& registers : read) {
      all.insert(all.end(), registers.begin(), registers.end());
    }
    seen().insert(std::move(all));
  }
};

/// Accesses that mostly go well together: with `owned` words each is stored to by one thread, or updated by all.
void write_script(std::mt19937& random, bool reading) {
  const bool owned = random() % 4 != 0;
  const bool updated = random() % 2 == 0;
  for (std::size_t thread = 0; thread < 3; ++thread) {
    auto& body = script().bodies[thread];
    body.clear();
    for (unsigned steps = 2 + random() % 2; steps-- > 0;) {
      constexpr std::array<std::uint8_t, 32> kinds{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1,
                                                   1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 4, 5, 5};
      auto kind = kinds[random() % kinds.size()];
      auto word = static_cast<std::uint8_t>(random() % 3);
      if (reading && thread == 2) {
        kind = kind < 4 ? 0 : kind;
      } else if (owned && kind >= 1 && kind <= 3) {
        kind = !updated ? 1 : kind == 1 && word == 2 ? 2 : kind;
        word = kind == 1 ? static_cast<std::uint8_t>(thread) : 2;
      }
      body.push_back({kind, word, static_cast<std::uint8_t>(random() % 2), 1 + random() % 4});
    }
  }
}

TEST_CASE("random programs have the same outcomes with and without each reduction") {
  constexpr unsigned seed = 20;
  MESSAGE("seed " << seed);
  std::mt19937 random{seed};
  std::array<int, 2> count{};
  int naively = 0;
  for (int round = 0; round < 200; ++round) {
    CAPTURE(round);
    const bool reading = random() % 2 == 0;
    write_script(random, reading);
    const char weakened = std::array{'\0', 'A', 'B', 'C'}[random() % 4];
    const auto search = [&](Limits limits, auto program) {
      seen().clear();
      return explore<decltype(program)>(limits, weakened);
    };
    const auto reference = search({.every_step = true}, RandomProgram<0>{});
    const auto expected = seen();
    REQUIRE(reference.ok == reference.exhausted);
    ++count[reference.ok ? 1 : 0];
    const auto compare = [&](const Outcome& outcome) {
      CHECK_MESSAGE(outcome.ok == reference.ok, (outcome.failure + reference.failure));
      CHECK(outcome.exhausted == reference.exhausted);
      CHECK((seen() == expected || !reference.ok));
    };
    compare(search({}, RandomProgram<0>{}));
    compare(search({.memoise = false}, RandomProgram<0>{}));
    if (reading) {
      compare(search({}, RandomProgram<1>{}));
      compare(search({.memoise = false}, RandomProgram<1>{}));
    }
    for (const auto limits : {Limits{.preemptions = 1}, Limits{.preemptions = 1, .stale_reads = 1}}) {
      auto forgetful = limits;
      forgetful.memoise = false;
      const auto limited = search(limits, RandomProgram<0>{});
      const auto found = seen();
      const auto again = search(forgetful, RandomProgram<0>{});
      CHECK_MESSAGE(limited.ok == again.ok, (limited.failure + again.failure));
      CHECK(limited.exhausted == again.exhausted);
      CHECK((seen() == found || !limited.ok));
    }
    const auto naive =
        search({.max_executions = 20'000, .memoise = false, .every_step = true}, RandomProgram<0>{});  // often too many
    if (naive.exhausted || !naive.ok) {
      compare(naive);
      ++naively;
    }
  }
  MESSAGE(count[1] << " without and " << count[0] << " with failures");
  CHECK(count[0] > 50);
  CHECK(count[1] > 50);
  CHECK(naively > 100);
}

/// Two producers and a reader over three words each: about the length of a ring's executions.
struct Throughput {
  std::array<Word, 6> words{};
  static constexpr std::size_t threads = 3;
  void run(std::size_t thread) {
    for (std::size_t i = 0; i < 3; ++i) {
      if (thread < 2) {
        Memory::store(words[3 * thread + i], 1, release<'A'>);
        static_cast<void>(Memory::load(words[3 * (1 - thread) + i], acquire<'A'>));
      } else {
        static_cast<void>(Memory::load(words[i], acquire<'A'>));
        static_cast<void>(Memory::load(words[3 + i], acquire<'A'>));
      }
    }
  }
  void finish() {}
};

TEST_CASE("throughput") {
  for (const bool memoise : {true, false}) {
    const auto start = std::chrono::steady_clock::now();
    const auto outcome = collect<Throughput>({.max_executions = 300'000, .memoise = memoise});
    const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
    CHECK(outcome.ok);
    MESSAGE(std::string(memoise ? "with" : "without")
            << " memory of states: " << outcome.executions << " executions, " << outcome.states << " states, "
            << static_cast<double>(outcome.executions) / seconds.count() / 1e6 << " million executions a second");
  }
}

}  // namespace
