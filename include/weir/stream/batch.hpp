/// What a read gives: records with consecutive numbers, and what was missed before them.
#pragma once

#include <compare>
#include <cstddef>
#include <iterator>

#include "weir/core/clock.hpp"
#include "weir/stream/shard.hpp"

namespace weir::inline WEIR_ABI {

namespace detail {

/// An iterator's reader and the run that it holds; stays in place when the iterator moves.
template <class Shard>
struct Cursor {
  Cursor(Shard& owner, const Start& start)
      : shard(owner), used(owner.users()), seat(owner.readership()), reader(owner.log().reader(start)) {}

  /// Tells sleepers of a gated stream, when the reader is gone, that there is a place for one that was evicted.
  struct Tells {
    Shard& shard;
    ~Tells() {
      if constexpr (Shard::Log::gated) {
        shard.alarm().notify();
      }
    }
  };

  Shard& shard;
  use_count used;  // goes last: the shard may be gone afterwards
  Tells tells{shard};
  Readership::Seat seat;
  typename Shard::Log::Reader reader;
  std::uint64_t reads = 0;  // names the run: a batch is valid while it is the newest
};

}  // namespace detail

/// One record of a batch; refers to the batch's memory.
template <class Shard>
class Record {
  using Log = typename Shard::Log;

 public:
  [[nodiscard]] SequenceNumber sequence_number() const noexcept { return cursor_->shard.number(number_); }
  [[nodiscard]] typename Log::view value() const {
    check();
    return cursor_->reader.value(index_);
  }

  /// When the record was put, by the stream's clock; never earlier than the record before.
  [[nodiscard]] Timestamp arrival() const noexcept {
    static_assert(timed_log<Log>, "weir: this stream keeps no arrival times: declare it with Arrival::kept");
    check();
    return Timestamp{std::chrono::milliseconds{cursor_->reader.arrival(index_)}};
  }

  [[nodiscard]] std::string_view partition_key() const noexcept {
    static_assert(keyed_log<Log>,
                  "weir: records of one size keep no partition key: give the payload a Codec, or put the key into it");
    check();
    return cursor_->reader.key(index_);
  }

 private:
  template <class>
  friend class Batch;
  Record(const detail::Cursor<Shard>* cursor, std::size_t index, std::uint64_t number) noexcept
      : cursor_(cursor), index_(index), number_(number), read_(cursor->reads) {}

  void check() const { WEIR_ASSERT(read_ == cursor_->reads, "Record: used after the next read of its iterator"); }

  const detail::Cursor<Shard>* cursor_;
  std::size_t index_;
  std::uint64_t number_;
  [[maybe_unused]] std::uint64_t read_;
};

/// A random-access range of records, in the order of their numbers, without a number left out between them.
///
/// False when there was nothing to tell: no record and none missed. Valid until the next read of its iterator (checked
/// in debug builds).
template <class Shard>
class [[nodiscard]] Batch {
  using Log = typename Shard::Log;

 public:
  /// Gives records by value; otherwise a random-access iterator, for the standard algorithms.
  class const_iterator {
   public:
    using iterator_concept = std::random_access_iterator_tag;
    using iterator_category = std::input_iterator_tag;
    using value_type = Record<Shard>;
    using difference_type = std::ptrdiff_t;
    using reference = value_type;
    using pointer = void;

    const_iterator() noexcept = default;
    reference operator*() const { return (*batch_)[static_cast<std::size_t>(index_)]; }
    reference operator[](difference_type n) const { return *(*this + n); }

    const_iterator& operator+=(difference_type n) noexcept { return index_ += n, *this; }
    const_iterator& operator-=(difference_type n) noexcept { return index_ -= n, *this; }
    const_iterator& operator++() noexcept { return *this += 1; }
    const_iterator& operator--() noexcept { return *this -= 1; }
    const_iterator operator++(int) noexcept { return std::exchange(*this, *this + 1); }
    const_iterator operator--(int) noexcept { return std::exchange(*this, *this - 1); }
    friend const_iterator operator+(const_iterator i, difference_type n) noexcept { return i += n; }
    friend const_iterator operator+(difference_type n, const_iterator i) noexcept { return i += n; }
    friend const_iterator operator-(const_iterator i, difference_type n) noexcept { return i -= n; }
    friend difference_type operator-(const_iterator a, const_iterator b) noexcept { return a.index_ - b.index_; }
    friend bool operator==(const_iterator a, const_iterator b) noexcept { return a.index_ == b.index_; }
    friend auto operator<=>(const_iterator a, const_iterator b) noexcept { return a.index_ <=> b.index_; }

   private:
    friend class Batch;
    const_iterator(const Batch* batch, std::size_t index) noexcept
        : batch_(batch), index_(static_cast<difference_type>(index)) {}

    const Batch* batch_ = nullptr;
    difference_type index_ = 0;
  };
  using iterator = const_iterator;
  using value_type = Record<Shard>;

  explicit operator bool() const noexcept { return run_.count != 0 || run_.missed != 0; }

  /// Numbers that were overwritten before this read came to them, and those that it gave up to get ahead of writers who
  /// overtook it; they precede the batch's records.
  [[nodiscard]] std::uint64_t missed() const noexcept { return run_.missed; }

  [[nodiscard]] std::size_t size() const noexcept { return run_.count; }
  [[nodiscard]] bool empty() const noexcept { return run_.count == 0; }
  [[nodiscard]] const_iterator begin() const noexcept { return {this, 0}; }
  [[nodiscard]] const_iterator end() const noexcept { return {this, run_.count}; }
  /// Precondition: `index < size()`.
  [[nodiscard]] Record<Shard> operator[](std::size_t index) const {
    check();
    WEIR_ASSERT(index < run_.count, "Batch: no such record");
    return {cursor_, index, run_.first + index};
  }
  [[nodiscard]] Record<Shard> front() const { return (*this)[0]; }
  [[nodiscard]] Record<Shard> back() const { return (*this)[run_.count - 1]; }

  /// The payloads side by side.
  [[nodiscard]] std::span<const typename Log::payload> values() const {
    static_assert(contiguous_log<Log>,
                  "weir: records of variable size do not lie side by side: iterate over the batch");
    check();
    return run_.count == 0 ? std::span<const typename Log::payload>{} : cursor_->reader.values();
  }

  [[nodiscard]] ShardId shard() const noexcept { return cursor_->shard.header().id; }

  /// The shard's read limits refused this read: nothing was looked at.
  [[nodiscard]] bool throttled() const noexcept { return throttled_; }

  /// How long the next unread record has been waiting; zero when there was none.
  [[nodiscard]] std::chrono::milliseconds millis_behind_latest() const noexcept {
    static_assert(timed_log<Log>, "weir: this stream keeps no arrival times: declare it with Arrival::kept");
    if (run_.next_arrival == Run::nothing_unread) {
      return std::chrono::milliseconds{0};
    }
    const auto now = cursor_->shard.env().clock.now().time_since_epoch().count();
    return std::chrono::milliseconds{std::max<std::int64_t>(now - run_.next_arrival, 0)};
  }

 private:
  template <class, class, Options, class>
  friend class Iterator;
  Batch(const detail::Cursor<Shard>& cursor, const Run& run, bool throttled = false) noexcept
      : cursor_(&cursor), run_(run), read_(cursor.reads), throttled_(throttled) {}

  void check() const { WEIR_ASSERT(read_ == cursor_->reads, "Batch: used after the next read of its iterator"); }

  const detail::Cursor<Shard>* cursor_;
  Run run_;
  [[maybe_unused]] std::uint64_t read_;
  bool throttled_ = false;
};

}  // namespace weir::inline WEIR_ABI
