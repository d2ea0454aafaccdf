/// The reading side of a gated column ring: records where they lie, held until they are released.
#pragma once

#include <new>

#include "weir/ring/column/frontier.hpp"

namespace weir::inline WEIR_ABI {

/// A position, and a place in front of the gate: writers stay behind what this reader has not released, so it hands out
/// the ring's own memory and neither copies nor checks.
template <class T, Options options, class Env>
class GatedColumnReader {
  using Layout = ColumnLayout<T, options, Env>;
  using Memory = typename Env::Memory;
  using Frontier =
      std::conditional_t<Layout::stamped, detail::StampFrontier<Layout>, detail::PublishedFrontier<Layout>>;
  using Registration = typename Gate<Memory>::Registration;

 public:
  /// Registers; whether there was a place tells `place()`.
  GatedColumnReader(const Layout& layout, const Start& start)
      : layout_(layout), start_(start), registration_(enter(start.number)), frontier_(layout), position_(start.number) {
    begin();
    static_cast<void>(go_to_start(0));
    static_cast<void>(release());  // so it holds no more than it asked for, as far as that is finished
  }

  /// At most `count` records; those of the run before are released. What is released and not delivered, because it lies
  /// before the start, is at most a ring.
  Run read(std::size_t count, const Sieve& sieve = {}) noexcept {
    Run run;
    count_ = 0;
    if (!release()) {
      return run;
    }
    // A run ends early enough for its release to leave writers room while the next one is read: where the gate would be
    // raised next, but not below what a reader that copies is given.
    const auto capacity = layout_.limits().capacity();
    const auto most = std::min<std::uint64_t>(
        count, std::max({std::uint64_t{1}, capacity / 16,
                         std::min<std::uint64_t>(capacity / 4, std::max<std::size_t>(read_bytes / sizeof(T), 1))}));
    run.missed = std::exchange(missed_, 0);
    for (;;) {
      const auto reach = go_to_start(most + 1);
      if (position_ >= reach || most == 0) {
        run.end = position_ >= reach && frontier_.ended(layout_, position_);
        return run;
      }
      const auto slot = layout_.slot(position_);
      const auto found = std::min({reach - position_, most, layout_.limits().capacity() - slot});
      position_ += found;
      const auto early = too_early(slot, found, sieve.bound(start_));
      run.missed += sieve.missed(start_, early);
      first_ = slot + early;
      count_ = found - early;
      if (count_ != 0) {
        if constexpr (Layout::timed) {
          run.next_arrival = position_ < reach ? arrived(layout_.slot(position_)) : Run::nothing_unread;
        }
        run.first = position_ - count_;
        run.count = count_;
        start_ = {};
        return run;
      }
    }
  }

  /// Lets writers have what was read; the run before ends. False when this reader has no place any more.
  bool release() noexcept {
    count_ = 0;
    if (registration_ && position_ != registration_.number()) {
      frontier_.tell(layout_);
    }
    return (registration_ && registration_.release(position_)) || rejoin();
  }

  [[nodiscard]] const T& value(std::size_t index) const noexcept { return data()[index]; }
  [[nodiscard]] std::span<const T> values() const noexcept { return {data(), count_}; }
  [[nodiscard]] std::int64_t arrival(std::size_t index) const noexcept requires Layout::timed {
    return arrived(first_ + index);
  }

  /// Whatever is gone from here on was missed.
  void from_here() noexcept { start_.at_horizon = false; }

  /// Of the payloads of the run.
  [[nodiscard]] std::uint64_t bytes() const noexcept { return count_ * sizeof(T); }

  /// Nothing below it will be delivered any more; what the next read will count as missed is not below it.
  [[nodiscard]] std::uint64_t number() const noexcept { return std::max(position_, start_.number) - missed_; }
  /// Nothing: all places were taken when this reader came, or when it came back after it was evicted.
  [[nodiscard]] std::optional<ReaderPlace> place() const noexcept {
    return registration_ ? std::optional{registration_.place()} : std::nullopt;
  }

 private:
  Registration enter(std::uint64_t number) const noexcept {
    return layout_.gate().enter(number, [this] { return layout_.finished(); });
  }

  /// Goes to where the registration protects; what lay before it and was asked for is missed.
  void begin() noexcept {
    if (registration_) {
      const auto from = registration_.number();
      missed_ += start_.at_horizon ? 0 : from - std::min(from, position_);
      position_ = from;
    }
  }

  /// Steps to the start, as far as everything before it is finished. Returns how far may be read, `wanted` beyond it.
  std::uint64_t go_to_start(std::uint64_t wanted) noexcept {
    for (;;) {
      const auto ahead = start_.number - std::min(position_, start_.number);
      const auto reach = frontier_.reach(layout_, 0, position_, std::min(ahead, layout_.limits().capacity()) + wanted);
      if (position_ >= std::min(reach, start_.number)) {
        return reach;
      }
      position_ = std::min(reach, start_.number);  // there may be more beyond: a reach ends at a skipped run
    }
  }

  /// Somebody evicted this reader, and it is still there: it comes back like one that was lapped.
  bool rejoin() noexcept {
    start_.at_horizon = start_.at_horizon && !registration_;  // what it held is missed, whatever it asked for
    position_ = std::max(position_, start_.number);
    registration_ = {};
    registration_ = enter(position_);
    frontier_ = Frontier{layout_};  // without a place it may have walked past what was given up before its start
    begin();
    return static_cast<bool>(registration_);
  }

  /// How many of `found` records from a slot on arrived too early; arrivals do not decrease.
  [[nodiscard]] std::uint64_t too_early(std::uint64_t slot, std::uint64_t found, std::int64_t bound) const noexcept {
    std::uint64_t early = 0;
    if constexpr (Layout::timed) {
      while (early < found && arrived(slot + early) < bound) {
        ++early;
      }
    }
    return early;
  }
  [[nodiscard]] std::int64_t arrived(std::uint64_t slot) const noexcept requires Layout::timed {
    return static_cast<std::int64_t>(Memory::load(*layout_.arrival(slot), detail::relaxed));  // nobody writes it now
  }

  [[nodiscard]] const T* data() const noexcept {
    return std::launder(reinterpret_cast<const T*>(layout_.payload(first_)));
  }

  Layout layout_;
  Start start_;
  Registration registration_;
  Frontier frontier_;
  std::uint64_t position_;
  std::uint64_t missed_ = 0;
  std::uint64_t first_ = 0;  // slot of the run's first record
  std::size_t count_ = 0;
};

}  // namespace weir::inline WEIR_ABI
