/// How much one shard takes and gives in a second: Kinesis' throughput limits, off unless asked for.
#pragma once

#include <cstdint>

#include "weir/core/result.hpp"

namespace weir::inline WEIR_ABI {

/// Rates per shard and second; 0 is no limit. A shard that was idle takes a second's worth at once. What is larger than
/// that, a batch say, is taken when nothing was for long enough, and holds up what follows until it is paid for.
struct Limits {
  double records_in = 0;
  double bytes_in = 0;   ///< key and data together
  double bytes_out = 0;  ///< of all readers of the shard together
  double reads_out = 0;  ///< of all readers, with or without records

  /// The largest rate, in whatever unit: far above what memory gives, so it is a mistake beyond.
  static constexpr double largest = 1e15;

  /// **errors** `invalid_argument` for a rate that is negative, over the largest, or no number.
  [[nodiscard]] constexpr Result<void> check() const noexcept {
    std::uint64_t place = 0;
    for (const double rate : {records_in, bytes_in, bytes_out, reads_out}) {
      ++place;
      if (!(rate >= 0 && rate <= largest)) {
        return Failure{Errc::invalid_argument, Cause::limit_rate, place, static_cast<std::uint64_t>(largest)};
      }
    }
    return {};
  }

  friend constexpr bool operator==(const Limits&, const Limits&) noexcept = default;
};

/// What a shard of Kinesis has: 1,000 records and 1 MiB a second in, 2 MiB and 5 reads a second out.
[[nodiscard]] constexpr Limits kinesis_limits() noexcept {
  return {.records_in = 1000, .bytes_in = 1 << 20, .bytes_out = 2 << 20, .reads_out = 5};
}

}  // namespace weir::inline WEIR_ABI
