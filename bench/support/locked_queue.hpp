/// What people write first: a mutex and a deque. A baseline with the same task as a stream of one shard.
#pragma once

#include <deque>
#include <mutex>
#include <optional>
#include <span>
#include <utility>

#include "support/payload.hpp"

namespace bench {

/// Keeps the newest `capacity` records; what was dropped before it was taken is counted.
template <std::size_t Size>
class LockedQueue {
 public:
  struct Taken {
    std::deque<Fixed<Size>> records;
    std::uint64_t missed = 0;  ///< before the first
    bool closed = false;
  };

  explicit LockedQueue(std::uint64_t capacity) : capacity_(capacity) {}

  void put(const Fixed<Size>& record) {
    const std::lock_guard lock{mutex_};
    append(record);
  }

  void put_all(std::span<const Fixed<Size>> records) {
    const std::lock_guard lock{mutex_};
    for (const auto& record : records) {
      append(record);
    }
  }

  /// Everything there is, by exchanging the deque: the reader's copying holds nobody up.
  void take(Taken& taken) {
    taken.records.clear();
    const std::lock_guard lock{mutex_};
    taken.records.swap(records_);
    taken.missed = std::exchange(dropped_, 0);
    taken.closed = closed_;
  }

  /// Answers as a stream does.
  weir::Result<void> close() {
    const std::lock_guard lock{mutex_};
    closed_ = true;
    return {};
  }

 private:
  void append(const Fixed<Size>& record) {
    if (records_.size() == capacity_) {
      records_.pop_front();
      ++dropped_;
    }
    records_.push_back(record);
  }

  std::uint64_t capacity_;
  std::mutex mutex_;
  std::deque<Fixed<Size>> records_;
  std::uint64_t dropped_ = 0;
  bool closed_ = false;
};

/// The check of what was taken: `next` is the stamp of the first record that must come or be missed, and is moved on.
template <std::size_t Size>
void require_stamped(const typename LockedQueue<Size>::Taken& taken, Stamps stamps, std::uint64_t& next) {
  next += taken.missed;
  std::uint64_t wrong = 0;
  for (const auto& record : taken.records) {
    wrong |= difference(record.bytes, stamp_of(stamps, next++));
  }
  require(wrong == 0, "a record that is not the one put in this place");
}

/// A queue after `put` records, of which nobody took any, holds the newest `capacity`.
template <std::size_t Size>
void require_retained(LockedQueue<Size>& queue, std::uint64_t capacity, Stamps stamps, std::uint64_t put) {
  typename LockedQueue<Size>::Taken taken;
  queue.take(taken);
  std::uint64_t next = 0;
  require_stamped<Size>(taken, stamps, next);
  require(next == put && taken.records.size() == capacity, "records lost");
}

}  // namespace bench
