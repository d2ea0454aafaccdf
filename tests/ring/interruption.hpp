/// Schedules made by hand: one thread's work, and what another does in the middle of it.
#pragma once

#include <doctest/doctest.h>

#include <cstdint>
#include <functional>
#include <utility>

#include "weir/core/env.hpp"
#include "weir/testing/manual_clock.hpp"

namespace weir::support {

/// Runs `action` just before the access number `after` (from 0) that rings of `InterruptedEnv` make while it lives, and
/// on request before each one from there on. The accesses of the action itself are not counted. One at a time, and one
/// thread.
class Interruption {
 public:
  enum class Repeat : bool { never, always };

  Interruption(std::uint64_t after, std::function<void()> action, Repeat repeat = Repeat::never)
      : left_(after), action_(std::move(action)), repeat_(repeat) {
    current_ = this;
  }
  Interruption(const Interruption&) = delete;
  Interruption& operator=(const Interruption&) = delete;
  ~Interruption() { current_ = nullptr; }

  /// False when there were fewer accesses.
  [[nodiscard]] bool happened() const noexcept { return happened_; }

  static void step() {
    if (current_ != nullptr && current_->left_-- == 0) {
      auto& self = *std::exchange(current_, nullptr);
      self.happened_ = true;
      self.action_();
      if (self.repeat_ == Repeat::always) {
        self.left_ = 0;
        current_ = &self;
      }
    }
  }

 private:
  static inline Interruption* current_ = nullptr;
  std::uint64_t left_;
  std::function<void()> action_;
  Repeat repeat_;
  bool happened_ = false;
};

/// Calls `body(0)`, `body(1)`, ... until it answers that its interruption did not happen any more: every place at
/// which the work in it can be interrupted.
template <class Body>
void at_every_access(Body body) {
  std::uint64_t after = 0;
  while (body(after)) {
    ++after;
  }
  CHECK(after > 0);
}

/// The hardware's memory, with a place for an interruption before each access.
struct InterruptedMemory {
  /// A word, so that rings of a few words have what is done to lines.
  static constexpr std::size_t cache_line = 8;

  template <class Word, class Order>
  static Word load(const Word& word, Order order) {
    Interruption::step();
    return HardwareMemory::load(word, order);
  }
  template <class Word, class Order>
  static void store(Word& word, std::type_identity_t<Word> value, Order order) {
    Interruption::step();
    HardwareMemory::store(word, value, order);
  }
  template <class Word, class Order>
  static bool compare_exchange(Word& word, std::type_identity_t<Word> expected, std::type_identity_t<Word> desired,
                               Order order) {
    Interruption::step();
    return HardwareMemory::compare_exchange(word, expected, desired, order);
  }
  template <class Word, class Order>
  static Word fetch_add(Word& word, std::type_identity_t<Word> amount, Order order) {
    Interruption::step();
    return HardwareMemory::fetch_add(word, amount, order);
  }
  template <class Value>
  static const Value& plain_load(const Value& value) noexcept {
    return value;
  }
  template <class Value>
  static void plain_store(Value& place, const std::type_identity_t<Value>& value) noexcept {
    place = value;
  }
  static void pause() noexcept {}
};

struct InterruptedEnv {
  using Memory = InterruptedMemory;
  testing::ManualClock clock;
  [[no_unique_address]] Md5Hasher hasher;
};
static_assert(environment<InterruptedEnv>);

}  // namespace weir::support
