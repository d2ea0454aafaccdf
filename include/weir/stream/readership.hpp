/// The iterators of one shard: while there are any, its bytes stay; and what they were given is counted.
#pragma once

#include <algorithm>
#include <chrono>
#include <mutex>
#include <utility>

#include "weir/detail/published.hpp"
#include "weir/ring/record_log.hpp"

namespace weir::inline WEIR_ABI::detail {

/// What readers of a shard were given.
struct Given {
  std::uint64_t records = 0;
  std::uint64_t bytes = 0;
  std::uint64_t laps = 0;    ///< how often one was told that it missed some
  std::uint64_t missed = 0;  ///< and how many in all

  Given& operator+=(const Given& other) noexcept {
    records += other.records;
    bytes += other.bytes;
    laps += other.laps;
    missed += other.missed;
    return *this;
  }
};

/// Iterators come and go under a mutex; a read takes none.
class Readership {
 public:
  /// Holds a place in the list for as long as it lives, unless the shard's bytes were given up before. Counts for the
  /// one iterator that has it: no locked instruction, and a line that nobody else writes.
  class Seat {
   public:
    explicit Seat(Readership& of) : of_(of) {
      const std::lock_guard lock{of_.mutex_};
      taken_ = !of_.over_;
      if (taken_) {
        next_ = std::exchange(of_.newest_, this);
        if (next_ != nullptr) {
          next_->previous_ = this;
        }
      }
    }
    Seat(const Seat&) = delete;
    Seat& operator=(const Seat&) = delete;
    ~Seat() {
      const std::lock_guard lock{of_.mutex_};
      of_.left_ += given();
      if (taken_) {
        (previous_ != nullptr ? previous_->next_ : of_.newest_) = next_;
        if (next_ != nullptr) {
          next_->previous_ = previous_;
        }
      }
    }

    explicit operator bool() const noexcept { return taken_; }

    /// After a read. `number` is the first that was not given.
    void note(const Run& run, std::uint64_t bytes, std::uint64_t number) noexcept {
      if (run.count != 0) {
        records_.set(records_.get() + run.count);
        bytes_.set(bytes_.get() + bytes);
      }
      if (run.missed != 0) {
        laps_.set(laps_.get() + 1);
        missed_.set(missed_.get() + run.missed);
      }
      number_.set(number);
      waiting_since_.set(static_cast<std::uint64_t>(run.next_arrival));
    }

   private:
    friend Readership;
    [[nodiscard]] Given given() const noexcept { return {records_.get(), bytes_.get(), laps_.get(), missed_.get()}; }

    Readership& of_;
    Seat* next_ = nullptr;  // all three under the mutex
    Seat* previous_ = nullptr;
    bool taken_ = false;
    relaxed_counter records_;
    relaxed_counter bytes_;
    relaxed_counter laps_;
    relaxed_counter missed_;
    relaxed_counter number_;  // zero: has not read yet
    relaxed_counter waiting_since_{static_cast<std::uint64_t>(Run::nothing_unread)};
  };

  Readership() = default;
  Readership(const Readership&) = delete;
  Readership& operator=(const Readership&) = delete;

  /// Has no seat taken from now on, if none is; else changes nothing.
  bool end() {
    const std::lock_guard lock{mutex_};
    over_ = over_ || newest_ == nullptr;
    return over_;
  }

  /// Nobody reads the shard any more, nor will.
  [[nodiscard]] bool ended() const {
    const std::lock_guard lock{mutex_};
    return over_;
  }

  [[nodiscard]] Given given() const {
    const std::lock_guard lock{mutex_};
    auto sum = left_;
    for (const auto* seat = newest_; seat != nullptr; seat = seat->next_) {
      sum += seat->given();
    }
    return sum;
  }

  /// How far the slowest of those that are there, and have read, is behind.
  struct Lag {
    std::uint64_t records = 0;
    std::int64_t waiting_since = Run::nothing_unread;  ///< the arrival of the oldest record that one has not had
  };
  [[nodiscard]] Lag lag(std::uint64_t end) const {
    const std::lock_guard lock{mutex_};
    Lag lag;
    for (const auto* seat = newest_; seat != nullptr; seat = seat->next_) {
      if (const auto number = seat->number_.get(); number != 0) {
        lag.records = std::max(lag.records, end - std::min(end, number));
      }
      const auto since = static_cast<std::int64_t>(seat->waiting_since_.get());
      if (since != Run::nothing_unread && (lag.waiting_since == Run::nothing_unread || since < lag.waiting_since)) {
        lag.waiting_since = since;
      }
    }
    return lag;
  }

 private:
  mutable std::mutex mutex_;
  Seat* newest_ = nullptr;
  Given left_;  // of those that have gone
  bool over_ = false;
};

}  // namespace weir::inline WEIR_ABI::detail
