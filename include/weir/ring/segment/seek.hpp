/// Finding a place in a segment ring: by number, by age, by time.
#pragma once

#include <optional>
#include <utility>

#include "weir/ring/segment/rotate.hpp"

namespace weir::inline WEIR_ABI::detail {

/// A place that a reader stands at. It is good as long as the segment's first number is `first`.
struct SegmentPlace {
  std::uint64_t segment = 0;
  std::uint64_t first = 0;
  std::uint64_t index = 0;

  [[nodiscard]] std::uint64_t number() const noexcept { return first + index; }
  void step(std::uint64_t records) noexcept { index += records; }
};

/// Where claims are made at the moment: the newest segment and the index after its last claim.
template <class Layout>
[[nodiscard]] SegmentPlace newest_place(const Layout& layout) noexcept {
  using Memory = typename Layout::Memory;
  const Rotation<Layout> rotation{layout};
  for (;;) {
    const auto tail = rotation.tail();
    const auto segment = layout.segment(tail.generation());
    const auto first = Memory::load(layout.first(segment), acquire<'F'>);
    if (rotation.tail().generation() == tail.generation()) {
      return {segment, first, tail.count()};
    }
    Memory::pause();
  }
}

/// The beginning of the oldest segment, or of the one after it. The answer comes from the firsts alone, so a rotation
/// in progress cannot mislead it (hole H11): whatever is read is the number with which that segment begins, now or
/// until a moment ago, and the reader checks it again. Who has seen a segment recycled is told of none that was older.
template <class Layout>
[[nodiscard]] SegmentPlace oldest_place(const Layout& layout, bool second) noexcept {
  using Memory = typename Layout::Memory;
  SegmentPlace oldest{0, ~std::uint64_t{0}, 0};
  SegmentPlace next = oldest;
  for (std::uint64_t segment = 0; segment < layout.segments(); ++segment) {
    const auto first = Memory::load(layout.first(segment), acquire<'F'>);
    if (first == 0) {
      continue;  // never used
    }
    if (first < oldest.first) {
      next = std::exchange(oldest, {segment, first, 0});
    } else if (first < next.first) {
      next = {segment, first, 0};
    }
  }
  return second && next.first != ~std::uint64_t{0} ? next : oldest;
}

/// The place of `number`; if that is not yet claimed, the place of the next claim, whose number is lower; if it is no
/// longer retained, the beginning of the oldest segment seen, whose number is higher. Looking at the firsts orders
/// nothing: the newest place brings those before it, and what may be recycled later its reader checks again, or holds
/// by its place in front of the gate.
template <class Layout>
[[nodiscard]] SegmentPlace place_of(const Layout& layout, std::uint64_t number) noexcept {
  using Memory = typename Layout::Memory;
  const auto newest = newest_place(layout);
  if (number >= newest.first) {
    return {newest.segment, newest.first, std::min(number - newest.first, newest.index)};
  }
  SegmentPlace place{newest.segment, newest.first, 0};
  for (std::uint64_t back = 1; back < layout.segments(); ++back) {
    const auto segment = (newest.segment - back) & (layout.segments() - 1);
    const auto first = Memory::load(layout.first(segment), relaxed);
    if (first == 0 || first >= place.first) {
      break;  // never used, or recycled since
    }
    place = {segment, first, 0};
    if (first <= number) {
      return {segment, first, number - first};
    }
  }
  return place;
}

/// The arrival of the record at a place, if it is finished and not skipped; once its segment is recycled, whatever lies
/// there: who tells it checks the first number afterwards.
template <class Layout>
requires Layout::timed [[nodiscard]] std::optional<std::int64_t> arrival_at(const Layout& layout,
                                                                            const SegmentPlace& place) noexcept {
  using Memory = typename Layout::Memory;
  const Entry entry{Memory::load(layout.entry(place.segment, place.index), acquire<'E'>)};
  if (!entry.names(place.number()) || entry.skipped() || entry.offset() + 16 > layout.usable_bytes()) {
    return {};
  }
  return static_cast<std::int64_t>(Memory::load(layout.bytes(place.segment, entry.offset())[1], word_out));
}

/// A number below which everything arrived before `moment`: the last segment that begins earlier, then bisection of
/// its directory. What a probe cannot tell counts as not earlier, so the answer may be low and is never high: what it
/// finds in a segment that is recycled meanwhile is no matter, because the answer is then no higher than that segment's
/// end, and everything before that is gone. No record below `from` is looked at.
template <class Layout>
requires Layout::timed [[nodiscard]] std::uint64_t number_before(const Layout& layout, std::int64_t moment,
                                                                 std::uint64_t from = 0) noexcept {
  using Memory = typename Layout::Memory;
  const auto earlier = [&](const SegmentPlace& place) {
    const auto arrived = arrival_at(layout, place);
    return arrived && *arrived < moment;
  };
  SegmentPlace best;
  for (std::uint64_t segment = 0; segment < layout.segments(); ++segment) {
    const SegmentPlace place{segment, Memory::load(layout.first(segment), relaxed), 0};
    if (place.first > best.first && place.first >= from && earlier(place)) {
      best = place;
    }
  }
  if (best.first == 0) {
    return 0;  // nothing is known to be earlier: begin at the horizon
  }
  std::uint64_t low = 0;
  for (std::uint64_t high = layout.entries(); low < high;) {
    best.index = low + (high - low) / 2;
    if (earlier(best)) {
      low = best.index + 1;
    } else {
      high = best.index;
    }
  }
  return best.first + low;
}

}  // namespace weir::inline WEIR_ABI::detail
