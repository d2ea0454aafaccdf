/// How far a reader of a column ring may go: everything below is finished.
#pragma once

#include "weir/ring/column/stamps.hpp"

namespace weir::inline WEIR_ABI::detail {

/// With one producer the published number says it all.
template <class Layout>
class PublishedFrontier {
  using Memory = typename Layout::Memory;

 public:
  explicit PublishedFrontier(const Layout&) noexcept {}

  /// The end of what may be read. It depends on nothing that the reader knows.
  std::uint64_t reach(const Layout& layout, std::uint64_t /*oldest*/, std::uint64_t& /*position*/,
                      std::uint64_t /*wanted*/) noexcept {
    const auto head = Memory::load(layout.head(), acquire<'P'>);
    closed_ = (head & closed_bit) != 0;
    return head & ~closed_bit;
  }

  /// Whether a reader that has reached `position`, with nothing more to read, has read all there will ever be.
  [[nodiscard]] bool ended(const Layout&, std::uint64_t /*position*/) const noexcept { return closed_; }

  /// What a reader knows to be finished is no news to a single producer.
  void tell(const Layout&) const noexcept {}

 private:
  bool closed_ = false;
};

/// With many producers the reader walks the finished runs from a boundary that it remembers.
///
/// It touches the stamps and, when lapped, `done`; never the tail, whose line the producers need.
template <class Layout>
class StampFrontier {
  using Memory = typename Layout::Memory;

 public:
  explicit StampFrontier(const Layout& layout) noexcept { restart(layout); }

  /// The end of what may be read from `position` on, at most `wanted` ahead; `oldest` is the oldest intact number. A
  /// `position` in a skipped run is moved to the run's end; a skipped run farther on ends the reach.
  std::uint64_t reach(const Layout& layout, std::uint64_t oldest, std::uint64_t& position,
                      std::uint64_t wanted) noexcept {
    if (finished_ < oldest) {
      restart(layout);
    }
    for (int restarts = 0;; ++restarts) {
      const bool unseen = position < walked_from_ && position < Memory::load(layout.skipped(), relaxed);
      while (unseen && position < walked_from_) {
        const auto run = run_at<Memory>(layout, position);
        if (run.state != StampedRun::State::skipped) {
          break;
        }
        position = run.end;
      }
      if (walk(layout, position, wanted) || restarts == max_read_tries) {
        const auto end = std::min(finished_, position + wanted);
        return unseen ? first_skipped(layout, position + 1, end) : end;
      }
      restart(layout);  // and begin anew: now there are records whose stamps this reader has not seen
    }
  }

  [[nodiscard]] bool ended(const Layout& layout, std::uint64_t position) const noexcept {
    const auto end = Memory::load(layout.final_end(), acquire<'O'>);
    return end != 0 && position >= end;
  }

  /// Before a reader of a gated ring releases: no cursor stands above `done`, so that writers need not walk runs.
  void tell(const Layout& layout) const noexcept { raise_to<Memory>(layout.done(), finished_, release<'D'>); }

 private:
  /// Goes on from `done`. One that lags behind the limit is no danger: its run's stamp is of its own lap, and then what
  /// it says is so, or of a later one, and then acquiring it brings `done`.
  void restart(const Layout& layout) noexcept {
    finished_ = std::max(finished_, Memory::load(layout.done(), acquire<'D'>));
    walked_from_ = finished_;
  }

  /// Walks runs until `wanted` beyond the position is finished, or nothing more is. False: it was overtaken.
  bool walk(const Layout& layout, std::uint64_t& position, std::uint64_t wanted) noexcept {
    using enum StampedRun::State;
    while (finished_ < position + wanted) {
      const auto run = run_at<Memory>(layout, finished_);
      if (run.state == overtaken) {
        return false;
      }
      if (run.state == unfinished || (run.state == skipped && finished_ > position)) {
        return true;
      }
      if (run.state == skipped) {
        position = std::max(position, run.end);
      }
      finished_ = run.end;
    }
    return true;
  }

  /// Below the boundary from which this reader walks it has seen no stamp: there, unless nothing in reach was ever
  /// skipped, each record is asked. The beginning of the first skipped run in [number, end), or `end`.
  std::uint64_t first_skipped(const Layout& layout, std::uint64_t number, std::uint64_t end) const noexcept {
    for (; number < std::min(end, walked_from_); ++number) {
      if (run_at<Memory>(layout, number).state == StampedRun::State::skipped) {
        return number;
      }
    }
    return end;
  }

  std::uint64_t finished_ = 0;
  std::uint64_t walked_from_ = 0;
};

}  // namespace weir::inline WEIR_ABI::detail
