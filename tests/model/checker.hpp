/// A model checker for code that touches shared memory through `Env::Memory`.
///
/// It runs the unchanged code under every schedule, with every value that the C++ memory model lets a load return:
/// `explore<Program>(limits)` for the program as it is, `explore<Program>(limits, 'X')` for the mutant without edge X.
///
/// ```cpp
/// struct Program {
///   std::uint64_t word = 0;                    // whatever threads share is a part of the object
///   static constexpr std::size_t threads = 2;
///   static constexpr std::size_t readers = 1;  // optional: so many at the end never store, and so are run last
///   static constexpr std::size_t mortals = 1;  // optional: one of so many at the beginning may stop for good
///   void run(std::size_t thread);              // one thread's body
///   void finish();                             // after all bodies ended
/// };
/// ```
///
/// A program is made anew for each execution, always at the same address; it must depend on nothing else. A body may be
/// abandoned half-way and its locals are then not destroyed: what owns memory belongs into the program.
///
/// **What is explored**: release/acquire store histories. A load may return any message that coherence and
/// happens-before leave. Stores and updates must have a certain place in modification order, else they are errors, and
/// so are races of plain accesses, deadlocks, lost wake-ups and endless loops. Sequentially consistent fences, sleeping
/// and waking are steps. **What is not**: load buffering (a load that returns a value stored by what depends on it, or
/// stored later in its own future), sequentially consistent loads and stores, fences of weaker orders.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>

#include "model/engine.hpp"
#include "weir/core/clock.hpp"
#include "weir/core/env.hpp"

namespace weir::model {

/// Stands in for `HardwareMemory`. Outside of a search's threads (in constructors, in `finish`) it is plain memory.
struct CheckedMemory {
  /// A word, so that rings of a few words have what is done to lines.
  static constexpr std::size_t cache_line = 8;

  template <class Word, class Order>
  static Word load(const Word& word, Order order) noexcept {
    if (Engine* const engine = Engine::running()) {
      return from_bits<Word>(engine->load(&word, sizeof(Word), Sides::of(order)));
    }
    return word;
  }

  template <class Word, class Order>
  static void store(Word& word, std::type_identity_t<Word> value, Order order) noexcept {
    if (Engine* const engine = Engine::running()) {
      engine->store(&word, sizeof(Word), to_bits(value), Sides::of(order));
    }
    word = value;
  }

  template <class Word, class Order>
  static bool compare_exchange(Word& word, std::type_identity_t<Word> expected, std::type_identity_t<Word> desired,
                               Order order) noexcept {
    if (Engine* const engine = Engine::running()) {
      if (!engine->compare_exchange(&word, sizeof(Word), to_bits(expected), to_bits(desired), Sides::of(order))) {
        return false;
      }
    } else if (to_bits(word) != to_bits(expected)) {
      return false;
    }
    word = desired;
    return true;
  }

  template <class Word, class Order>
  static Word fetch_add(Word& word, std::type_identity_t<Word> amount, Order order) noexcept {
    if (Engine* const engine = Engine::running()) {
      engine->fetch_add(&word, sizeof(Word), to_bits(amount), Sides::of(order));
    }
    return std::exchange(word, static_cast<Word>(word + amount));
  }

  template <class Value>
  static const Value& plain_load(const Value& value) noexcept {
    if (Engine* const engine = Engine::running()) {
      engine->plain_load(&value, sizeof(Value));
    }
    return value;
  }

  template <class Value>
  static void plain_store(Value& place, const std::type_identity_t<Value>& value) noexcept {
    if (Engine* const engine = Engine::running()) {
      engine->plain_store(&place, sizeof(Value), contents(&value, sizeof(Value)));
    }
    place = value;
  }

  template <class Word>
  static void plain_copy(Word* to, const std::byte* from, std::size_t words) noexcept {
    for (std::size_t i = 0; i < words; ++i) {
      Word word;
      std::memcpy(&word, from + i * sizeof(Word), sizeof(Word));
      plain_store(to[i], word);
    }
  }

  static void pause() noexcept {
    if (Engine* const engine = Engine::running()) {
      engine->pause();
    }
  }

 private:
  template <class Word>
  static std::uint64_t to_bits(const Word& word) noexcept {
    static_assert(std::is_trivially_copyable_v<Word> &&
                  (sizeof(Word) == 1 || sizeof(Word) == 2 || sizeof(Word) == 4 || sizeof(Word) == 8));
    std::uint64_t bits = 0;
    std::memcpy(&bits, &word, sizeof(Word));
    return bits;
  }
  template <class Word>
  static Word from_bits(std::uint64_t bits) noexcept {
    Word word;
    std::memcpy(&word, &bits, sizeof(Word));
    return word;
  }
};

/// Readings of one thread never go back, those of another may lag: each is any of `Limits::clock_values` milliseconds
/// from `start` on.
struct CheckedClock {
  static constexpr Timestamp start{std::chrono::milliseconds{1000}};

  [[nodiscard]] Timestamp now() const noexcept {
    Engine* const engine = Engine::running();
    return start + std::chrono::milliseconds{engine != nullptr ? engine->clock() : 0};
  }
};

static_assert(wall_clock<CheckedClock>);

/// `DefaultEnv` under the checker.
struct CheckedEnv {
  using Memory = CheckedMemory;
  [[no_unique_address]] CheckedClock clock;
  [[no_unique_address]] Md5Hasher hasher;
};

static_assert(environment<CheckedEnv>);

/// A pair of fences like `AsymmetricFence`: of a light and a heavy one, one is first. Either can be left out, to see
/// what it is for.
template <bool light_ = true, bool heavy_ = true>
struct CheckedFence {
  static void light() noexcept {
    if (Engine* const engine = Engine::running(); engine != nullptr && light_) {
      engine->light_fence();
    }
  }
  [[nodiscard]] static bool heavy() noexcept {
    if (Engine* const engine = Engine::running(); engine != nullptr && heavy_) {
      engine->heavy_fence();
    }
    return true;
  }
};

/// The kernel, as an event count knows it. Nobody wakes without being woken, and no moment comes.
struct CheckedFutex {
  template <class Moment>
  static void wait(std::uint32_t& word, std::uint32_t expected, const Moment&) noexcept {
    if (Engine* const engine = Engine::running()) {
      engine->sleep_while(&word, sizeof(word), expected);
    }
  }
  static void wake_all(std::uint32_t& word) noexcept {
    if (Engine* const engine = Engine::running()) {
      engine->wake_all(&word, sizeof(word));
    }
  }
};

/// In a program's constructor: what schedules call `word`, or the words of an array.
template <class Word>
void label(const Word& word, const char* text, std::size_t count = 1) {
  if (Scheduler* const scheduler = Engine::current(); scheduler != nullptr && scheduler->traces()) {
    scheduler->label(&word, count * sizeof(Word), text);
  }
}

/// In a thread's body or in `finish`: a failure ends the search and is its outcome.
inline void expect(bool condition, const char* text) {
  if (!condition && Engine::current() != nullptr) {
    Engine::current()->report(text);
  }
}

/// In a thread's body: all that this thread will do from here on, and all that `finish` will learn from it, depends on
/// `everything` and on memory alone, not on how it got here. Histories that meet in such a point are then searched on
/// once; a wrong promise hides schedules.
inline void settle(std::uint64_t everything) {
  if (Engine* const engine = Engine::running()) {
    engine->settle(everything);
  }
}

/// Searches all executions of `Program` within the limits, until one fails.
template <class Program>
Outcome explore(const Limits& limits, char weakened_edge = 0) {
  static_assert(Program::threads >= 1 && Program::threads <= max_threads);
  constexpr std::size_t readers = [] {
    if constexpr (requires { Program::readers; }) {
      return std::size_t{Program::readers};
    } else {
      return std::size_t{0};
    }
  }();
  constexpr std::size_t mortals = [] {
    if constexpr (requires { Program::mortals; }) {
      return std::size_t{Program::mortals};
    } else {
      return std::size_t{0};
    }
  }();
  static_assert(readers <= Program::threads && mortals <= Program::threads);
  Engine engine{limits, weakened_edge, Program::threads, readers, mortals, sizeof(Program)};
  struct Installed {
    explicit Installed(Scheduler* now) noexcept : before(Engine::current()) { Engine::current() = now; }
    ~Installed() { Engine::current() = before; }
    Scheduler* before;
  } const installed{&engine};

  std::optional<Program> program;
  const auto fails = [&] {
    program.emplace();
    const End end =
        engine.execute(&*program, [](void* object, std::size_t thread) { static_cast<Program*>(object)->run(thread); });
    if (end == End::finished) {
      program->finish();
    }
    return !engine.failure().empty();
  };

  Outcome outcome;
  const auto deadline = std::chrono::steady_clock::now() + limits.max_time;
  while (true) {
    const bool failed = fails();
    outcome.executions += engine.restarts() ? 0 : 1;
    if (failed) {
      outcome.ok = false;
      outcome.states = engine.states();
      outcome.seed = engine.seed();
      engine.trace(outcome.schedule);
      static_cast<void>(fails());
      outcome.failure = engine.failure();
      return outcome;
    }
    outcome.states = engine.states();
    if (!engine.advance()) {
      outcome.exhausted = true;
      return outcome;
    }
    if (outcome.executions >= limits.max_executions ||
        (outcome.executions % 1024 == 0 && std::chrono::steady_clock::now() > deadline)) {
      return outcome;
    }
  }
}

}  // namespace weir::model
