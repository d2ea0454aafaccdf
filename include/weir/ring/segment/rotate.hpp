/// From one segment to the next: sealing, helping, closing.
#pragma once

#include <optional>

#include "weir/ring/record_log.hpp"
#include "weir/ring/segment/layout.hpp"

namespace weir::inline WEIR_ABI::detail {

/// The steps by which a segment ring turns. Each is a CAS on a word that only rises, from a value that was checked
/// against the tail, so anyone may do any of them at any time and a stalled thread stops nobody (hole H8).
template <class Layout>
class Rotation {
  using Memory = typename Layout::Memory;

 public:
  explicit Rotation(const Layout& layout) noexcept : layout_(layout) {}

  /// The tail as a claim must see it: with all that recycling its segment needed (G), and the arrivals (T).
  [[nodiscard]] Tail tail() const noexcept { return Tail{Memory::load(layout_.tail(), acquire<'G', 'T'>)}; }

  /// One more than the newest number claimed under `tail`, which must be the tail at hand.
  [[nodiscard]] std::uint64_t end_of(Tail tail) const noexcept {
    return Memory::load(layout_.first(layout_.segment(tail.generation())), relaxed) + tail.count();
  }

  /// Seals `tail`, so that nothing more is claimed in its segment. The segment to come must be drained and, gated,
  /// released by every reader, because its bytes are written next: otherwise nothing is changed and the answer says who
  /// stands in the way.
  [[nodiscard]] std::optional<Append> seal(Tail tail) const noexcept {
    if (const auto refused = refused_by(layout_.segment(tail.generation() + 1), tail)) {
      // The look was at the segment to come only if the tail stood still.
      return Memory::load(layout_.tail(), relaxed) == tail.word() ? refused : std::nullopt;
    }
    Memory::compare_exchange(layout_.tail(), tail.word(), tail.word() | Tail::sealed_bit, release<'G'>);
    return {};
  }

  /// Finishes the rotation that the sealed `tail` began, or finds that somebody has.
  void rotate(Tail tail) const noexcept {
    auto& next_first = layout_.first(layout_.segment(tail.generation() + 1));
    const auto first = Memory::load(layout_.first(layout_.segment(tail.generation())), acquire<'F'>);
    const auto old = Memory::load(next_first, acquire<'F'>);
    if (Memory::load(layout_.tail(), relaxed) != tail.word()) {
      return;  // both firsts may be of later generations: installing from them would go backwards (hole H9)
    }
    const auto next = first + tail.count();
    if (old != next && !Memory::compare_exchange(next_first, old, next, release<'F'>)) {
      return;  // a helper was faster, or this one slept while the generations went round: look at the tail again
    }
    if (Memory::compare_exchange(layout_.tail(), tail.word(), Tail::beginning(tail.generation() + 1).word(),
                                 release<'G'>)) {
      Memory::fetch_add(layout_.sealed_bytes(), tail.offset(), relaxed);  // of all helpers one gets here
    }
  }

  /// Sets the closed bit from the word seen; a rotation in progress is finished first. Returns one more than the
  /// final number.
  std::uint64_t close() const noexcept {
    for (;;) {
      const auto seen = tail();
      if (seen.sealed()) {
        rotate(seen);
      } else if (seen.closed() ||
                 Memory::compare_exchange(layout_.tail(), seen.word(), seen.word() | closed_bit, release<'T'>)) {
        return announce_close(seen);
      } else {
        Memory::pause();
      }
    }
  }

  /// Every claim is finished or given up. Precondition: closed.
  [[nodiscard]] bool settled() const noexcept {
    const auto last = tail();  // brings all firsts: nothing turns any more
    for (std::uint64_t segment = 0; segment < layout_.segments(); ++segment) {
      const bool newest = segment == layout_.segment(last.generation());
      const auto first = Memory::load(layout_.first(segment), relaxed);
      if (first != 0 && unfinished_in(segment, first, newest ? last.count() : length_of(segment, first))) {
        return false;
      }
    }
    return true;
  }

  std::uint64_t announce_close(Tail tail) const noexcept {
    const auto end = end_of(tail);
    if (Memory::load(layout_.final_end(), relaxed) == 0) {
      Memory::compare_exchange(layout_.final_end(), 0, end, release<'O'>);  // the same value whoever does it
    }
    return end;
  }

 private:
  [[nodiscard]] std::optional<Append> refused_by(std::uint64_t segment, Tail tail) const noexcept {
    // Zero: never used.
    if (const auto first = Memory::load(layout_.first(segment), acquire<'F'>); first != 0) {
      if (const auto unfinished = unfinished_in(segment, first, length_of(segment, first))) {
        return Append{Append::Status::stalled, end_of(tail) - *unfinished};
      }
    }
    if constexpr (Layout::gated) {
      // Where the segment ends; of one that was never used, no further than where the gate stood at first.
      const auto end = Memory::load(layout_.first(layout_.following(segment)), acquire<'F'>);
      const auto raised = layout_.gate().raise(end, [&] { return end_of(tail); });
      if (raised.limit < end) {
        return Append{Append::Status::full, end_of(tail) - raised.slowest};
      }
    }
    return {};
  }

  /// The records of a segment that another follows.
  [[nodiscard]] std::uint64_t length_of(std::uint64_t segment, std::uint64_t first) const noexcept {
    return Memory::load(layout_.first(layout_.following(segment)), acquire<'F'>) - first;
  }

  /// The first of a segment's records that is claimed and not finished.
  [[nodiscard]] std::optional<std::uint64_t> unfinished_in(std::uint64_t segment, std::uint64_t first,
                                                           std::uint64_t count) const noexcept {
    for (std::uint64_t i = 0; i < std::min(count, layout_.entries()); ++i) {
      if (!Entry{Memory::load(layout_.entry(segment, i), acquire<'E'>)}.names(first + i)) {
        return first + i;
      }
    }
    return {};
  }

  const Layout& layout_;
};

}  // namespace weir::inline WEIR_ABI::detail
