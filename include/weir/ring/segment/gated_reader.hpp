/// The reading side of a gated segment ring: records where they lie, held until they are released.
#pragma once

#include "weir/ring/segment/frames.hpp"

namespace weir::inline WEIR_ABI {

/// A position, and a place in front of the gate: no segment is recycled that holds what this reader has not released,
/// so it hands out views into the ring and neither copies nor checks.
template <class T, Options options, class Env>
class GatedSegmentReader {
  using Layout = SegmentLayout<options, Env>;
  using Memory = typename Env::Memory;
  using Registration = typename Gate<Memory>::Registration;

 public:
  /// Registers; whether there was a place tells `place()`.
  GatedSegmentReader(const Layout& layout, const Start& start)
      : layout_(layout), start_(start), registration_(enter(start.number)) {
    begin(start.number);
  }

  /// At most `count` records; those of the run before are released. What is released and not delivered, because it lies
  /// before the start, is at most a ring.
  Run read(std::size_t count, const Sieve& sieve = {}) {
    Run run;
    if (!release()) {
      return run;
    }
    run.missed = std::exchange(missed_, 0);
    for (;;) {
      const bool ahead = place_.number() < start_.number;
      const auto found = frames_.scan(layout_, place_, ahead ? start_.number - place_.number() : count);
      if (found.empty()) {
        if (found.skipped) {
          place_.step(1);
        } else if (!go_on(run)) {
          return run;
        }
        continue;
      }
      frames_.read_from(layout_.bytes(place_.segment, found.begin));
      if constexpr (Layout::timed) {
        run.next_arrival = frames_.next_arrival(layout_, place_);
      }
      place_.step(frames_.size());
      if (ahead) {
        continue;
      }
      const auto early = frames_.drop_before(sieve.bound(start_));
      run.missed += sieve.missed(start_, early);
      if (frames_.size() != 0) {
        run.first = place_.number() - frames_.size();
        run.count = frames_.size();
        start_ = {};
        return run;
      }
    }
  }

  /// Lets writers have what was read; the run before ends. False when this reader has no place any more.
  bool release() {
    frames_.clear();
    return (registration_ && registration_.release(place_.number())) || rejoin();
  }

  [[nodiscard]] typename Codec<T>::view value(std::size_t index) const { return frames_.value(index); }
  [[nodiscard]] std::string_view key(std::size_t index) const noexcept { return frames_.key(index); }
  [[nodiscard]] std::int64_t arrival(std::size_t index) const noexcept requires Layout::timed {
    return frames_.arrival(index);
  }

  /// Whatever is gone from here on was missed.
  void from_here() noexcept { start_.at_horizon = false; }

  /// Of the frames of the run.
  [[nodiscard]] std::uint64_t bytes() const noexcept { return frames_.bytes(); }

  /// Nothing below it will be delivered any more; what the next read will count as missed is not below it.
  [[nodiscard]] std::uint64_t number() const noexcept { return std::max(place_.number(), start_.number) - missed_; }
  /// Nothing: all places were taken when this reader came, or when it came back after it was evicted.
  [[nodiscard]] std::optional<ReaderPlace> place() const noexcept {
    return registration_ ? std::optional{registration_.place()} : std::nullopt;
  }

 private:
  Registration enter(std::uint64_t number) const noexcept {
    return layout_.gate().enter(number, [this] { return detail::newest_place(layout_).number(); });
  }

  /// Goes to where the registration protects; what lay before it and was asked for is missed.
  void begin(std::uint64_t asked) noexcept {
    if (registration_) {
      const auto from = registration_.number();
      missed_ += start_.at_horizon ? 0 : from - std::min(from, asked);
      place_ = detail::place_of<Layout>(layout_, from);
    }
  }

  /// Somebody evicted this reader, and it is still there: it comes back like one that was lapped.
  bool rejoin() {
    const auto asked = std::max(place_.number(), start_.number);
    start_.at_horizon = start_.at_horizon && !registration_;  // what it held is missed, whatever it asked for
    registration_ = {};
    registration_ = enter(asked);
    begin(asked);
    return static_cast<bool>(registration_);
  }

  /// Nothing is ready at the position: goes to the following segment, or tells whether the log has ended. False: wait.
  /// The reader's own segment may be recycled behind it; the following one holds what it has not released, and stays.
  bool go_on(Run& run) noexcept {
    const auto following = layout_.following(place_.segment);
    // No generation is empty, but in a damaged file.
    if (place_.index != 0 && Memory::load(layout_.first(following), detail::relaxed) == place_.number()) {
      place_ = {following, place_.number(), 0};
      return true;
    }
    const auto end = Memory::load(layout_.final_end(), detail::acquire<'O'>);
    run.end = end != 0 && place_.number() >= end;
    return false;
  }

  Layout layout_;
  Start start_;
  Registration registration_;
  detail::SegmentPlace place_;
  std::uint64_t missed_ = 0;
  detail::Frames<T, Layout> frames_;
};

}  // namespace weir::inline WEIR_ABI
