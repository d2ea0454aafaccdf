/// The reading side of a column ring: copy first, check the limit afterwards.
#pragma once

#include <memory>
#include <new>

#include "weir/ring/column/frontier.hpp"

namespace weir::inline WEIR_ABI {

/// A private position and a buffer; no writer knows of it.
///
///     p = frontier;  copy, each word load(acquire W);  q = limit.load(relaxed)
///     numbers >= q - capacity are good, those below were overwritten and count as missed
///
/// The order of the check needs no more than that: a word of a later lap, met by acquire W, brings the limit that was
/// raised before it.
template <class T, Options options, class Env>
class ColumnReader {
  using Layout = ColumnLayout<T, options, Env>;
  using Memory = typename Env::Memory;
  using Frontier =
      std::conditional_t<Layout::stamped, detail::StampFrontier<Layout>, detail::PublishedFrontier<Layout>>;

 public:
  ColumnReader(const Layout& layout, const Start& start)
      : layout_(layout), frontier_(layout), start_(start), position_(start.number) {
    // Large enough to make one check cheap, never larger than the ring.
    buffered_ = std::clamp<std::size_t>(read_bytes / sizeof(T), 1, layout.limits().capacity());
    values_.reset(static_cast<std::byte*>(::operator new (buffered_ * sizeof(T), std::align_val_t{alignment})));
    if constexpr (Layout::timed) {
      arrivals_ = std::make_unique_for_overwrite<std::uint64_t[]>(buffered_);
    }
  }

  /// At most `count` records; those of the run before are given up.
  Run read(std::size_t count, const Sieve& sieve = {}) noexcept {
    Run run;
    count_ = 0;
    const auto most = std::min(count, buffered_);
    for (int tries = 0; tries < max_read_tries;) {
      const auto oldest = pass_overwritten(run, tries);
      const auto reach = frontier_.reach(layout_, oldest, position_, most + 1);
      if (position_ >= reach) {
        run.end = frontier_.ended(layout_, position_);
        return run;
      }
      const auto slot = layout_.slot(position_);
      const auto copied = std::min({reach - position_, std::uint64_t{most}, layout_.limits().capacity() - slot});
      const auto next = position_ + copied;
      copy(slot, copied);
      if constexpr (Layout::timed) {
        run.next_arrival = next < reach ? arrival_at(next) : Run::nothing_unread;
      }
      const auto intact = std::max(position_, layout_.limits().oldest(Memory::load(layout_.limit(), detail::relaxed)));
      if (intact >= next) {
        if (intact == position_) {
          return run;  // none was asked for
        }
        ++tries;
        continue;
      }
      miss(run, intact);
      position_ = next;
      run.missed += sieve.missed(start_, deliver(intact, next, copied, sieve.bound(start_)));
      if (count_ != 0) {
        run.first = next - count_;
        run.count = count_;
        start_ = {};
        return run;
      }
    }
    start_.at_horizon = false;  // records were found and none could be kept: to say nothing would mean caught up
    pass_overwritten(run, max_read_tries);
    return run;
  }

  [[nodiscard]] const T& value(std::size_t index) const noexcept { return data()[first_ + index]; }
  [[nodiscard]] std::span<const T> values() const noexcept { return {data() + first_, count_}; }
  [[nodiscard]] std::int64_t arrival(std::size_t index) const noexcept requires Layout::timed {
    return static_cast<std::int64_t>(arrivals_[first_ + index]);
  }

  /// Of the payloads of the run.
  [[nodiscard]] std::uint64_t bytes() const noexcept { return count_ * sizeof(T); }

  /// Nothing below it will be delivered any more.
  [[nodiscard]] std::uint64_t number() const noexcept { return position_; }

 private:
  static constexpr std::size_t alignment = std::max<std::size_t>(alignof(T), alignof(std::uint64_t));
  struct Release {
    void operator()(std::byte* bytes) const noexcept { ::operator delete (bytes, std::align_val_t{alignment}); }
  };

  /// Goes on at the oldest intact number, which is returned. Once the writers have overtaken a read in progress, a
  /// little beyond it: else they would do so again at once.
  std::uint64_t pass_overwritten(Run& run, int tries) noexcept {
    const auto oldest = layout_.limits().oldest(Memory::load(layout_.limit(), detail::relaxed));
    if (position_ < oldest) {
      const auto slack = std::min(layout_.limits().max_claim(), layout_.limits().capacity() - 1);
      const auto target = tries == 0 ? oldest : oldest + slack;
      miss(run, target);
      position_ = target;
    }
    return oldest;
  }

  /// Until the first record is delivered, what lay at the horizon was trimmed, not missed.
  void miss(Run& run, std::uint64_t until) const noexcept { run.missed += start_.at_horizon ? 0 : until - position_; }

  void copy(std::uint64_t slot, std::uint64_t count) noexcept {
    detail::load_words<Memory>(values_.get(), layout_.payload(slot), count * Layout::words);
    if constexpr (Layout::timed) {
      detail::load_words<Memory>(reinterpret_cast<std::byte*>(arrivals_.get()), layout_.arrival(slot), count);
    }
  }

  /// Of `copied` records before `next`, those from `intact` on that arrived late enough; arrivals do not decrease. How
  /// many did not.
  std::uint64_t deliver(std::uint64_t intact, std::uint64_t next, std::uint64_t copied, std::int64_t bound) noexcept {
    const auto from = copied - (next - intact);
    first_ = from;
    if constexpr (Layout::timed) {
      while (first_ < copied && static_cast<std::int64_t>(arrivals_[first_]) < bound) {
        ++first_;
      }
    }
    count_ = copied - first_;
    return first_ - from;
  }

  [[nodiscard]] std::int64_t arrival_at(std::uint64_t number) const noexcept {
    return static_cast<std::int64_t>(Memory::load(*layout_.arrival(layout_.slot(number)), detail::word_out));
  }

  [[nodiscard]] const T* data() const noexcept { return std::launder(reinterpret_cast<const T*>(values_.get())); }

  Layout layout_;
  Frontier frontier_;
  Start start_;
  std::uint64_t position_;
  std::size_t buffered_;   // records that the buffer takes
  std::size_t first_ = 0;  // of the run, in the buffer
  std::size_t count_ = 0;
  std::unique_ptr<std::byte, Release> values_;
  std::unique_ptr<std::uint64_t[]> arrivals_;
};

}  // namespace weir::inline WEIR_ABI
