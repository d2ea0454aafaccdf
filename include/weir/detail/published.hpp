/// What the layers above the rings may share between threads without naming an order.
#pragma once

#include <cstdint>
#include <utility>

#include "weir/core/env.hpp"
#include "weir/detail/orders.hpp"

namespace weir::inline WEIR_ABI::detail {

/// A pointer to something immutable, set by one thread at a time and read by all: whoever gets the pointer sees the
/// object as it was when set.
template <class T, class Memory = HardwareMemory>
class published {
 public:
  explicit published(const T* object = nullptr) noexcept : object_(object) {}
  published(const published&) = delete;
  published& operator=(const published&) = delete;

  void set(const T* object) noexcept { Memory::store(object_, object, release<'M'>); }
  /// For several threads that would all set the same object: the first does.
  void set_first(const T* object) noexcept { Memory::compare_exchange(object_, nullptr, object, release<'M'>); }
  [[nodiscard]] const T* get() const noexcept { return Memory::load(object_, acquire<'M'>); }

 private:
  const T* object_;
};

/// A number that many threads change and read, and that orders nothing else.
template <class Memory>
class counter_over {
 public:
  explicit counter_over(std::uint64_t value = 0) noexcept : value_(value) {}
  counter_over(const counter_over&) = delete;
  counter_over& operator=(const counter_over&) = delete;

  /// Adds, wrapping around, so that adding the complement subtracts. Returns the value before.
  std::uint64_t add(std::uint64_t amount) noexcept { return Memory::fetch_add(value_, amount, relaxed); }
  std::uint64_t subtract(std::uint64_t amount) noexcept { return add(~amount + 1); }
  void raise_to(std::uint64_t value) noexcept {
    for (auto seen = get(); seen < value && !Memory::compare_exchange(value_, seen, value, relaxed); seen = get()) {
    }
  }
  /// For the only thread that writes it: no locked instruction.
  void set(std::uint64_t value) noexcept { Memory::store(value_, value, relaxed); }
  [[nodiscard]] std::uint64_t get() const noexcept { return Memory::load(value_, relaxed); }

 private:
  template <class>
  friend class use_count_over;
  std::uint64_t value_;
};
using relaxed_counter = counter_over<HardwareMemory>;

/// Counts an object's users for as long as it lives; moves with its owner.
template <class Memory>
class use_count_over {
  using Counter = counter_over<Memory>;

 public:
  explicit use_count_over(Counter& counter) noexcept : counter_(&counter) { counter_->add(1); }
  use_count_over(use_count_over&& other) noexcept : counter_(std::exchange(other.counter_, nullptr)) {}
  use_count_over& operator=(use_count_over&& other) noexcept {
    use_count_over taken{std::move(other)};  // what was counted so far ends here, not with the object moved from
    std::swap(counter_, taken.counter_);
    return *this;
  }
  /// Not once it was moved from.
  [[nodiscard]] bool alive() const noexcept { return counter_ != nullptr; }
  ~use_count_over() {
    if (counter_ != nullptr) {
      Memory::fetch_add(counter_->value_, ~std::uint64_t{0}, release<'U'>);
    }
  }
  /// Nobody is counted; what those did who were happens before, so that the object may go.
  [[nodiscard]] static bool none(const Counter& counter) noexcept {
    return Memory::load(counter.value_, acquire<'U'>) == 0;
  }

 private:
  Counter* counter_;
};
using use_count = use_count_over<HardwareMemory>;

}  // namespace weir::inline WEIR_ABI::detail
