/// How long records are given to readers.
#pragma once

#include <chrono>

#include "weir/core/clock.hpp"
#include "weir/detail/published.hpp"
#include "weir/ring/record_log.hpp"

namespace weir::inline WEIR_ABI::detail {

/// The moment before which records have expired. It only rises: neither a longer period nor a clock that steps back
/// brings a record back.
class Retention {
 public:
  using Period = std::chrono::milliseconds;

  explicit Retention(Period period) : period_(static_cast<std::uint64_t>(period.count())) {}

  /// Nothing that arrived before it is given any more.
  [[nodiscard]] std::int64_t expired_before(const wall_clock auto& clock) noexcept {
    const auto period = period_.get();
    if (period != 0) [[unlikely]] {
      const auto now = std::max<std::int64_t>(clock.now().time_since_epoch().count(), 0);
      before_.raise_to(static_cast<std::uint64_t>(now) - std::min(static_cast<std::uint64_t>(now), period));
    }
    const auto before = before_.get();
    return before != 0 ? static_cast<std::int64_t>(before) : Start::any_time;
  }

  /// What has expired by the period so far has expired for good.
  void change(Period period, const wall_clock auto& clock) noexcept {
    static_cast<void>(expired_before(clock));
    period_.set(static_cast<std::uint64_t>(period.count()));
    static_cast<void>(expired_before(clock));
  }

  /// Zero: for as long as the capacity keeps them.
  [[nodiscard]] Period period() const noexcept { return Period{static_cast<std::int64_t>(period_.get())}; }

 private:
  relaxed_counter period_;
  relaxed_counter before_;
};

}  // namespace weir::inline WEIR_ABI::detail
