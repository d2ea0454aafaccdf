/// What the layers above the rings may share between threads without naming an order.
#pragma once

#include <atomic>
#include <cstdint>
#include <utility>

#include "weir/core/config.hpp"

namespace weir::inline WEIR_ABI::detail {

/// A pointer to something immutable, set by one thread and read by all: whoever gets the pointer sees the object as
/// it was when set.
template <class T>
class published {
 public:
  explicit published(const T* object = nullptr) noexcept : object_(object) {}

  void set(const T* object) noexcept { object_.store(object, std::memory_order_release); }
  [[nodiscard]] const T* get() const noexcept { return object_.load(std::memory_order_acquire); }

 private:
  std::atomic<const T*> object_;
};

/// A number that many threads change and read, and that orders nothing else.
class relaxed_counter {
 public:
  explicit relaxed_counter(std::uint64_t value = 0) noexcept : value_(value) {}

  /// Adds, wrapping around, so that adding the complement subtracts. Returns the value before.
  std::uint64_t add(std::uint64_t amount) noexcept { return value_.fetch_add(amount, std::memory_order_relaxed); }
  std::uint64_t subtract(std::uint64_t amount) noexcept { return value_.fetch_sub(amount, std::memory_order_relaxed); }
  void raise_to(std::uint64_t value) noexcept {
    auto seen = get();
    while (seen < value && !value_.compare_exchange_weak(seen, value, std::memory_order_relaxed)) {
    }
  }
  /// For the only thread that writes it: no locked instruction.
  void set(std::uint64_t value) noexcept { value_.store(value, std::memory_order_relaxed); }
  [[nodiscard]] std::uint64_t get() const noexcept { return value_.load(std::memory_order_relaxed); }

 private:
  friend class use_count;
  std::atomic<std::uint64_t> value_;
};

/// Counts an object's users for as long as it lives; moves with its owner.
class use_count {
 public:
  explicit use_count(relaxed_counter& counter) noexcept : counter_(&counter) { counter_->add(1); }
  use_count(use_count&& other) noexcept : counter_(std::exchange(other.counter_, nullptr)) {}
  use_count& operator=(use_count&& other) noexcept {
    use_count taken{std::move(other)};  // what was counted so far ends here, not with the object moved from
    std::swap(counter_, taken.counter_);
    return *this;
  }
  /// Not once it was moved from.
  [[nodiscard]] bool alive() const noexcept { return counter_ != nullptr; }
  ~use_count() {
    if (counter_ != nullptr) {
      counter_->value_.fetch_sub(1, std::memory_order_release);
    }
  }
  /// Nobody is counted; what those did who were happens before, so that the object may go.
  [[nodiscard]] static bool none(const relaxed_counter& counter) noexcept {
    return counter.value_.load(std::memory_order_acquire) == 0;
  }

 private:
  relaxed_counter* counter_;
};

}  // namespace weir::inline WEIR_ABI::detail
