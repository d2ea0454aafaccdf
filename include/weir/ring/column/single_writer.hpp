/// The writing side of a column ring with one producer: stores, and no locked instruction.
#pragma once

#include "weir/ring/arrival.hpp"
#include "weir/ring/column/layout.hpp"
#include "weir/ring/record_log.hpp"

namespace weir::inline WEIR_ABI {

/// Appends for the one thread that produces, its counters in registers. Two of them must not be used in turn, each
/// would overwrite what the other put: the stream above refuses a second while one is alive.
///
///     put(v)  next == limit' ?  limit.store(limit + step, relaxed) if next is there;  take lines up to limit', the
///                               end of a stretch, with stores of anything (release W)
///             words of v, arrival: store(release W)
///             published.store(++next, release P)                                   (a batch: once)
///
/// The limit needs no order of its own: it is raised before the words that it announces, and whoever meets one of
/// those (acquire W) meets the limit too. Of a gated ring it is the gate's, which readers hold (`Gate::raise`).
///
/// `Held` is how it has the layout: a copy beside its counters where it lives long, a reference where it lives for one
/// put, because a copy would be made for each.
template <class T, Options options, class Env, class Held = ColumnLayout<T, options, Env>>
class SingleWriter {
  using Layout = ColumnLayout<T, options, Env>;
  using Memory = typename Env::Memory;
  using Raised = typename Gate<Memory>::Raised;

 public:
  using Place = Claim;

  explicit SingleWriter(const Layout& layout) noexcept : layout_(layout) {
    next_ = Memory::load(layout.head(), detail::relaxed);
    limit_ = std::min(layout.limit_beside(next_ & ~closed_bit), Layout::stretch_end(next_ & ~closed_bit));
    arrived_ = Memory::load(layout.last_arrival(), detail::relaxed);
  }

  /// The key decides the shard and is not stored in columns.
  template <class Clock>
  Append try_put(const Clock& clock, std::string_view, const T& value) noexcept {
    const auto next = next_;  // what is stored below might be this very word, for all that a compiler knows
    if (next >= limit_) [[unlikely]] {
      if (next & closed_bit) {
        return {Append::Status::closed, next & ~closed_bit};
      }
      if (const auto held = raise_limit(next + 1)) {
        return {Append::Status::full, held};
      }
    }
    arrive(clock);
    layout_.store(next, value, arrived_);
    return publish(next, 1);
  }

  /// Precondition: `values` are 1 to `max_claim()`.
  template <class Clock>
  Append try_put_all(const Clock& clock, std::string_view, std::span<const T> values) noexcept {
    if (next_ & closed_bit) [[unlikely]] {
      return {Append::Status::closed, next_ & ~closed_bit};
    }
    if (next_ + values.size() > limit_) {
      if (const auto held = raise_limit(next_ + values.size())) {
        return {Append::Status::full, held};
      }
    }
    arrive(clock);
    layout_.store_all(next_, values, arrived_);
    return publish(next_, values.size());
  }

  [[nodiscard]] std::uint64_t max_claim() const noexcept { return layout_.limits().max_claim(); }

  /// The next slots that lie side by side, to be written where they are: at most `most`, as many as there is room for
  /// up to the ring's end, and at least one. They are nobody's until they are finished: what is given up was never
  /// claimed.
  template <class Clock>
  Append claim_in_place(const Clock& clock, std::uint64_t most, Claim& claim) noexcept requires Layout::gated {
    if (next_ & closed_bit) [[unlikely]] {
      return {Append::Status::closed, next_ & ~closed_bit};
    }
    auto count = layout_.side_by_side(next_, most);
    if (next_ + count > limit_) {
      const auto held = raise_limit(next_ + count);
      count = std::min(count, limit_ - next_);
      if (count == 0) {
        return {Append::Status::full, held};
      }
    }
    arrive(clock);
    claim = {next_, count, arrived_};
    return {Append::Status::done, next_};
  }
  [[nodiscard]] std::span<T> in_place(const Claim& claim) const noexcept requires Layout::gated {
    return layout_.in_place(claim.first, claim.count);
  }
  /// Publishes the first `count` records, which were written in place. Precondition: nothing was put since the claim.
  void finish_in_place(const Claim& claim, std::uint64_t count) noexcept requires Layout::gated {
    layout_.store_arrivals(claim.first, count, claim.arrived);
    publish(next_, count);
  }
  void skip(const Claim&) noexcept requires Layout::gated {}

  /// By the producing thread alone: `published` is stored, not exchanged, so a put at the same time would wipe out
  /// the bit (hole H1). Once closed, by anybody. Returns one more than the final number.
  std::uint64_t close() noexcept {
    const auto end = next_ & ~closed_bit;
    if (next_ == end) {
      next_ |= closed_bit;
      Memory::store(layout_.head(), next_, detail::release<'P'>);
    }
    return end;
  }

 private:
  /// Zero once numbers below `end` may be written, else how many records the slowest reader has not released.
  std::uint64_t raise_limit(std::uint64_t end) noexcept {
    const auto raised = raise(layout_, next_, end);
    limit_ = raised.limit;
    return limit_ >= end ? 0 : next_ - raised.slowest;
  }

  /// Raises the shared limit if that must be, and of what it allows takes the rest of the stretch in which `end` lies.
  /// Out of line, and given no reference to this: where it lives for one put, its counters stay in registers.
  [[gnu::noinline]] static Raised raise(const Layout& layout, std::uint64_t next, std::uint64_t end) noexcept {
    Raised raised{};
    if constexpr (Layout::gated) {
      raised = layout.gate().raise(end, [next] { return next; });
    } else {
      const auto limit = Memory::load(layout.limit(), detail::relaxed);
      raised.limit = layout.limits().covering(limit, end);
      if (raised.limit != limit) {
        Memory::store(layout.limit(), raised.limit, detail::relaxed);
      }
    }
    raised.limit = std::min(raised.limit, Layout::stretch_end(end));
    if ((Layout::many_in_line || (Layout::takes_lines && end == next + 1)) && raised.limit >= end) {
      layout.take_lines(next, raised.limit);
    }
    return raised;
  }

  template <class Clock>
  void arrive(const Clock& clock) noexcept {
    if constexpr (Layout::timed) {
      if (const auto now = detail::milliseconds_of(clock); now > arrived_) [[unlikely]] {
        arrived_ = now;
        Memory::store(layout_.last_arrival(), now, detail::relaxed);
      }
    }
  }

  Append publish(std::uint64_t first, std::uint64_t count) noexcept {
    next_ = first + count;
    Memory::store(layout_.head(), first + count, detail::release<'P'>);
    return {Append::Status::done, first};
  }

  Held layout_;
  std::uint64_t next_;
  std::uint64_t limit_;
  std::uint64_t arrived_;
};

}  // namespace weir::inline WEIR_ABI
