/// How large a ring is, and what capacity it accepts.
#pragma once

#include <bit>

#include "weir/core/options.hpp"
#include "weir/core/result.hpp"

namespace weir::inline WEIR_ABI {

/// What a ring's bytes are cut for: the capacity in its unit and, when gated, the places for readers.
struct RingSize {
  constexpr RingSize(std::uint64_t count, std::uint64_t places = default_readers) noexcept
      : capacity(count), readers(places) {}

  std::uint64_t capacity;
  std::uint64_t readers;
};

namespace detail {

/// No shard is larger: a bound that keeps every size computed from a capacity far from overflow.
inline constexpr std::uint64_t max_shard_bytes = std::uint64_t{1} << 46;

/// A gated ring keeps 32 bits of the limit, and the limit within a capacity of every number it is held beside.
inline constexpr std::uint64_t max_gated_records = std::uint64_t{1} << 30;

/// The count asked for, or `otherwise` when none was: a power of two from `least` to `most`.
constexpr Result<std::uint64_t> check_capacity(const Capacity& capacity, std::uint64_t otherwise, std::uint64_t least,
                                               std::uint64_t most) noexcept {
  if (capacity.unit == Capacity::Unit::unspecified && capacity.count != 0) {
    return Failure{Errc::invalid_argument, Cause::capacity_no_unit, capacity.count, most};
  }
  const auto count = capacity.unit == Capacity::Unit::unspecified ? otherwise : capacity.count;
  if (count == 0) {
    return Failure{Errc::invalid_argument, Cause::capacity_zero, 0, most};
  }
  if (count < least) {
    return Failure{Errc::invalid_argument, Cause::capacity_too_small, count, least};
  }
  if (count > most) {
    return Failure{Errc::invalid_argument, Cause::capacity_too_large, count, most};
  }
  if (!std::has_single_bit(count)) {
    return Failure{Errc::invalid_argument, Cause::capacity_not_power_of_two, count, std::bit_ceil(count)};
  }
  return count;
}

}  // namespace detail

}  // namespace weir::inline WEIR_ABI
