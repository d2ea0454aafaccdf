/// Run stamps: how many producers tell readers, and each other, which records are finished.
#pragma once

#include "weir/ring/column/layout.hpp"
#include "weir/ring/record_log.hpp"

namespace weir::inline WEIR_ABI::detail {

/// The slot of a run's first number holds the number after its last one; with this bit the run was given up. The
/// run's other slots keep what they held. A stamp is a full number, so none can be taken for another lap's (hole
/// H10), and stamps lie apart from the payload, so no payload can be taken for a stamp.
inline constexpr std::uint64_t skip_bit = std::uint64_t{1} << 63;

/// What the stamp at a run's beginning says.
struct StampedRun {
  enum class State : std::uint8_t { finished, skipped, unfinished, overtaken };
  State state;
  std::uint64_t end;
};

/// `number` must be the beginning of a run, or lie in a skipped one.
template <class Memory, class Layout>
[[nodiscard]] StampedRun run_at(const Layout& layout, std::uint64_t number) noexcept {
  using enum StampedRun::State;
  const auto stamp = Memory::load(*layout.stamp(layout.slot(number)), acquire<'S'>);
  const auto end = stamp & ~skip_bit;
  if (end <= number) {
    return {unfinished, number};
  }
  if (end > number + layout.limits().max_claim()) {
    return {overtaken, end};  // a later lap's
  }
  return {(stamp & skip_bit) != 0 ? skipped : finished, end};
}

}  // namespace weir::inline WEIR_ABI::detail
