/// The reading side of a segment ring: copy a run of frames, check the segment's first number afterwards.
#pragma once

#include "weir/ring/segment/frames.hpp"

namespace weir::inline WEIR_ABI {

/// A private position and a buffer; no writer knows of it.
///
///     directory[s][i].load(acquire E) names the number -> copy words (acquire W), first[s].load(relaxed) unchanged:
///     good, else lapped
///     not yet: next = first[s + 1].load(relaxed); own first changed: lapped; next == position: next segment; else
///     wait
///
/// The tail is not read (but by `seek_start`): a generation is not empty, so firsts differ from generation to
/// generation, and the first of the following segment says whether it is the position's. Idle readers therefore leave
/// the producers their line.
template <class T, Options options, class Env>
class SegmentReader {
  using Layout = SegmentLayout<options, Env>;
  using Memory = typename Env::Memory;

 public:
  SegmentReader(const Layout& layout, const Start& start)
      : layout_(layout), start_(start), place_(detail::place_of<Layout>(layout, start.number)) {
    if (!start.at_horizon && place_.number() > start.number) {
      missed_ = place_.number() - start.number;  // the start asked for was overwritten before we came
    }
    words_.resize(read_bytes / 8);
  }

  /// At most `count` records; those of the run before are given up.
  ///
  /// **errors** `std::bad_alloc` when a record larger than any before finds no memory; nothing is lost by it.
  Run read(std::size_t count, const Sieve& sieve = {}) {
    Run run;
    frames_.clear();
    for (int tries = 0; tries < max_read_tries;) {
      if (place_.number() < start_.number && !seek_start(run)) {
        return told(run);
      }
      if (lapped()) {
        pass_overwritten(tries);
      }
      const auto found = frames_.scan(layout_, place_, count);
      if (found.empty()) {
        if (found.skipped) {
          place_.step(1);
          continue;
        }
        const auto step = wait_or_go_on(run);
        if (step == Step::wait) {
          return told(run);
        }
        tries += step == Step::lapped ? 1 : 0;
        continue;
      }
      if (!copy(found, run)) {
        frames_.clear();
        run.next_arrival = Run::nothing_unread;  // it may be of a later lap, or no arrival at all
        ++tries;
        continue;
      }
      place_.step(frames_.size());
      const auto early = frames_.drop_before(sieve.bound(start_));
      missed_ += sieve.missed(start_, early);
      if (frames_.size() != 0) {
        run.first = place_.number() - frames_.size();
        run.count = frames_.size();
        start_ = {};
        return told(run);
      }
    }
    start_.at_horizon = false;  // records were found and none could be kept: to say nothing would mean caught up
    if (lapped()) {
      pass_overwritten(max_read_tries);
    }
    return told(run);
  }

  [[nodiscard]] typename Codec<T>::view value(std::size_t index) const { return frames_.value(index); }
  [[nodiscard]] std::string_view key(std::size_t index) const noexcept { return frames_.key(index); }
  [[nodiscard]] std::int64_t arrival(std::size_t index) const noexcept requires Layout::timed {
    return frames_.arrival(index);
  }

  /// Of the frames of the run.
  [[nodiscard]] std::uint64_t bytes() const noexcept { return frames_.bytes(); }

  /// Nothing below it will be delivered any more; what the next read will count as missed is not below it.
  [[nodiscard]] std::uint64_t number() const noexcept { return std::max(place_.number(), start_.number) - missed_; }

 private:
  enum class Step : std::uint8_t { wait, go_on, lapped };

  [[nodiscard]] bool lapped() const noexcept {
    return Memory::load(layout_.first(place_.segment), detail::acquire<'F'>) != place_.first;
  }

  /// Goes on at the oldest segment, or, once the writers have overtaken a read in progress, at the one after it: else
  /// they would do so again at once. Until the first record is delivered, what lay at the horizon was trimmed, not
  /// missed.
  void pass_overwritten(int tries) noexcept {
    const auto target = detail::oldest_place<Layout>(layout_, tries != 0);
    const auto from = std::max(place_.number(), start_.number);
    if (target.first > from && !start_.at_horizon) {
      missed_ += target.first - from;
    }
    place_ = target;
  }

  Run& told(Run& run) noexcept {
    run.missed = std::exchange(missed_, 0);
    return run;
  }

  /// Goes to a start that lay in the future when this reader was made, once it is claimed. Until then, and only then,
  /// polling reads the tail: walking on with the writers would have no bound.
  [[nodiscard]] bool seek_start(Run& run) noexcept {
    const auto place = detail::place_of<Layout>(layout_, start_.number);
    if (place.number() < start_.number) {
      const auto end = Memory::load(layout_.final_end(), detail::acquire<'O'>);
      run.end = end != 0 && place.number() >= end;
      return false;
    }
    missed_ += place.number() - start_.number;
    start_.number = place.number();
    place_ = place;
    return true;
  }

  /// Copies the frames and makes sure that they were not overwritten meanwhile.
  bool copy(const typename detail::Frames<T, Layout>::Found& found, Run& run) {
    const auto words = (found.end - found.begin) / 8;
    if (words_.size() < words) {
      words_.resize(words);
    }
    detail::load_words<Memory>(reinterpret_cast<std::byte*>(words_.data()), layout_.bytes(place_.segment, found.begin),
                               words);
    frames_.read_from(words_.data());
    if constexpr (Layout::timed) {
      run.next_arrival = frames_.next_arrival(layout_, place_);
    }
    return Memory::load(layout_.first(place_.segment), detail::relaxed) == place_.first;
  }

  /// Nothing is ready at the position: is the segment over, the log ended, or the next record still to come?
  Step wait_or_go_on(Run& run) noexcept {
    const auto following = layout_.following(place_.segment);
    const auto next = Memory::load(layout_.first(following), detail::relaxed);
    if (Memory::load(layout_.first(place_.segment), detail::relaxed) != place_.first) {
      return Step::lapped;
    }
    if (next == place_.number() && place_.index != 0) {  // no generation is empty, but in a damaged file
      place_ = {following, next, 0};
      return Step::go_on;
    }
    const auto end = Memory::load(layout_.final_end(), detail::acquire<'O'>);
    run.end = end != 0 && place_.number() >= end;
    return Step::wait;
  }

  Layout layout_;
  Start start_;
  detail::SegmentPlace place_;
  std::uint64_t missed_ = 0;  // and not told yet: a read that throws keeps the account
  detail::Frames<T, Layout> frames_;
  std::vector<std::uint64_t> words_;
};

}  // namespace weir::inline WEIR_ABI
