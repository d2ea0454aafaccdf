/// The writing side of a column ring with many producers: claims by CAS, run stamps, a limit raised by whoever runs
/// out.
#pragma once

#include <optional>

#include "weir/ring/arrival.hpp"
#include "weir/ring/column/stamps.hpp"
#include "weir/ring/record_log.hpp"

namespace weir::inline WEIR_ABI {

/// Appends for any thread at any time.
///
///     claim(k)  t = tail.load(acquire T);  closed -> return
///               t + k > limit.load(acquire L) ?  raise(t + k) or return stalled, nothing claimed;  again
///               tail.CAS(t, t + k, release T), or pause and again
///     write     a batch of small records: take its lines;  words: store(release W);  stamp[t].store(t + k, release S)
///     raise(x)  walk finished runs from done.load(acquire D) until x fits;  done: CAS-max(release D)
///               limit: CAS-max(release L)                              (gated: `Gate::raise`, or return full)
///
/// Claims are CASes and not fetch_adds: those cannot fail, so they would have to wait behind a stalled producer with
/// their numbers already a hole, and after a close they would move the tail on for ever (hole H4).
template <class T, Options options, class Env>
class ManyWriters {
  using Layout = ColumnLayout<T, options, Env>;
  using Memory = typename Env::Memory;

 public:
  using Place = Claim;

  explicit ManyWriters(const Layout& layout) noexcept : layout_(layout) {}

  template <class Clock>
  Append try_put(const Clock& clock, std::string_view, const T& value) noexcept {
    Claim claim;
    const auto outcome = try_claim(clock, 1, claim);
    if (outcome.status == Append::Status::done) [[likely]] {
      layout_.store(claim.first, value, claim.arrived);
      finish(claim);
    }
    return outcome;
  }

  /// Precondition: `values` are 1 to `max_claim()`.
  template <class Clock>
  Append try_put_all(const Clock& clock, std::string_view, std::span<const T> values) noexcept {
    Claim claim;
    const auto outcome = try_claim(clock, values.size(), claim);
    if (outcome.status == Append::Status::done) {
      take_lines(claim);
      layout_.store_all(claim.first, values, claim.arrived);
      finish(claim);
    }
    return outcome;
  }

  [[nodiscard]] std::uint64_t max_claim() const noexcept { return layout_.limits().max_claim(); }

  template <class Clock>
  Append try_claim(const Clock& clock, std::uint64_t count, Claim& claim) noexcept {
    for (;;) {
      const auto tail = Memory::load(layout_.head(), detail::acquire<'T'>);
      if (tail & closed_bit) [[unlikely]] {
        return {Append::Status::closed, announce_close(tail)};
      }
      if (tail + count > layout_.limit_beside(tail)) [[unlikely]] {
        const auto refused = raise_limit(tail, tail + count);
        if (refused && stands(tail)) {
          return *refused;
        }
        continue;
      }
      if (take(clock, tail, count, claim)) [[likely]] {
        return {Append::Status::done, tail};
      }
      detail::take_turns<Memory>();
    }
  }

  /// Claims slots that lie side by side, to be written where they are: at most `most`, as many as there is room for up
  /// to the ring's end, and at least one. Nobody reads beyond them until they are finished or skipped.
  template <class Clock>
  Append claim_in_place(const Clock& clock, std::uint64_t most, Claim& claim) noexcept requires Layout::gated {
    for (;;) {
      const auto tail = Memory::load(layout_.head(), detail::acquire<'T'>);
      if (tail & closed_bit) [[unlikely]] {
        return {Append::Status::closed, announce_close(tail)};
      }
      auto count = layout_.side_by_side(tail, most);
      if (tail + count > layout_.limit_beside(tail)) [[unlikely]] {
        const auto refused = raise_limit(tail, tail + count);
        count = std::min(count, layout_.limit_beside(tail) - tail);
        if (refused && count == 0) {
          if (stands(tail)) {
            return *refused;
          }
          continue;
        }
      }
      if (take(clock, tail, count, claim)) [[likely]] {
        take_lines(claim);
        return {Append::Status::done, tail};
      }
      detail::take_turns<Memory>();
    }
  }
  [[nodiscard]] std::span<T> in_place(const Claim& claim) const noexcept requires Layout::gated {
    return layout_.in_place(claim.first, claim.count);
  }
  /// Makes the first `count` records of a claim visible, which were written in place, and gives up the others.
  void finish_in_place(const Claim& claim, std::uint64_t count) noexcept requires Layout::gated {
    if (count != 0) {
      layout_.store_arrivals(claim.first, count, claim.arrived);
      finish({claim.first, count, claim.arrived});
    }
    if (count != claim.count) {
      skip({claim.first + count, claim.count - count, claim.arrived});
    }
  }

  /// Makes a claim's records visible.
  void finish(const Claim& claim) noexcept {
    Memory::store(*layout_.stamp(layout_.slot(claim.first)), claim.first + claim.count, detail::release<'S'>);
  }

  /// Gives a claim up: readers step over its numbers. Every slot says so, because a reader that starts at a number
  /// below `done` does not know where runs begin; `skipped` tells the others that they need not look. Each keeps its
  /// time too, because a search by time that met one of a lap before would go on to the wrong side.
  void skip(const Claim& claim) noexcept {
    layout_.store_arrivals(claim.first, claim.count, claim.arrived);
    detail::raise_to<Memory>(layout_.skipped(), claim.first + claim.count, detail::relaxed);
    for (auto number = claim.first + claim.count; number-- > claim.first;) {
      Memory::store(*layout_.stamp(layout_.slot(number)), (claim.first + claim.count) | detail::skip_bit,
                    detail::release<'S'>);
    }
  }

  /// Sets the closed bit from the word seen, so that no claim gets in between. Returns one more than the final number.
  std::uint64_t close() noexcept {
    for (;;) {
      const auto tail = Memory::load(layout_.head(), detail::relaxed);
      if ((tail & closed_bit) != 0 ||
          Memory::compare_exchange(layout_.head(), tail, tail | closed_bit, detail::release<'T'>)) {
        return announce_close(tail);
      }
      Memory::pause();
    }
  }

 private:
  /// See the layout's. The slots are this producer's, and a batch has more stores than fit a core's buffer.
  void take_lines(const Claim& claim) const noexcept {
    if constexpr (Layout::many_in_line) {
      layout_.take_lines(claim.first, claim.first + claim.count);
    }
  }

  /// A refusal holds if the tail is what it was: of a ring that was closed meanwhile even the stamps may be gone.
  [[nodiscard]] bool stands(std::uint64_t tail) const noexcept {
    return Memory::load(layout_.head(), detail::relaxed) == tail;
  }

  /// One attempt to claim from exactly this tail, below the limit.
  template <class Clock>
  bool take(const Clock& clock, std::uint64_t tail, std::uint64_t count, Claim& claim) noexcept {
    std::uint64_t arrived = 0;
    if constexpr (Layout::timed) {
      arrived = detail::arrive<Memory>(layout_.last_arrival(), clock);
    }
    if (!Memory::compare_exchange(layout_.head(), tail, tail + count, detail::release<'T'>)) [[unlikely]] {
      return false;
    }
    claim = {tail, count, arrived};
    return true;
  }

  [[gnu::noinline]] std::uint64_t announce_close(std::uint64_t tail) noexcept {
    const auto end = tail & ~closed_bit;
    if (Memory::load(layout_.final_end(), detail::relaxed) == 0) {
      Memory::compare_exchange(layout_.final_end(), 0, end, detail::release<'O'>);  // the same value whoever does it
    }
    return end;
  }

  /// Nothing, once numbers below `end` may be written; else who stands in the way.
  [[gnu::noinline]] std::optional<Append> raise_limit(std::uint64_t tail, std::uint64_t end) noexcept {
    if constexpr (Layout::gated) {
      return raise_gate(tail, end);
    } else {
      const auto unfinished = raise_over_finished(end);
      return unfinished ? std::optional{stalled(tail, *unfinished)} : std::nullopt;
    }
  }

  static Append stalled(std::uint64_t tail, std::uint64_t unfinished) noexcept {
    return {Append::Status::stalled, tail - std::min(unfinished, tail)};
  }

  /// Cursors never stand above what is finished, so a limit that they allow needs no look at the stamps.
  std::optional<Append> raise_gate(std::uint64_t tail, std::uint64_t end) noexcept requires Layout::gated {
    const auto raised = layout_.gate().raise(end, [this] { return layout_.near(); });
    if (raised.limit >= end) {
      return {};
    }
    // A reader that has had all that is finished is not what holds this put.
    const auto done = layout_.finished();
    if (done < tail && raised.slowest >= done &&
        detail::run_at<Memory>(layout_, done).state == detail::StampedRun::State::unfinished) {
      return stalled(tail, done);
    }
    return Append{Append::Status::full, tail - std::min(raised.slowest, tail)};
  }

  /// Nothing, or the number at which an unfinished claim stands in the way.
  std::optional<std::uint64_t> raise_over_finished(std::uint64_t end) noexcept {
    const auto& limits = layout_.limits();
    const auto limit = Memory::load(layout_.limit(), detail::relaxed);
    const auto wanted = limits.covering(limit, end);
    const auto finished = limits.oldest(wanted);  // all below must be finished before their slots are written again
    const auto start = Memory::load(layout_.done(), detail::acquire<'D'>);
    auto done = start;
    while (done < finished) {
      const auto run = detail::run_at<Memory>(layout_, done);
      if (run.state == detail::StampedRun::State::overtaken) {
        return {};  // others have gone a lap on: the limit is raised already, look again
      }
      if (run.state == detail::StampedRun::State::unfinished) {
        return done;
      }
      done = run.end;
    }
    if (done != start) {
      detail::raise_to<Memory>(layout_.done(), done, detail::release<'D'>);
    }
    detail::raise_to<Memory>(layout_.limit(), wanted, detail::release<'L'>);
    return {};
  }

  Layout layout_;
};

}  // namespace weir::inline WEIR_ABI
