/// Who holds the writers of a gated shard, and when it need not any more.
#pragma once

#include <algorithm>
#include <vector>

#include "weir/core/result.hpp"
#include "weir/ring/record_log.hpp"
#include "weir/stream/describe.hpp"

namespace weir::inline WEIR_ABI::detail {

/// See `Shard::readers`.
template <class Shard>
std::vector<ReaderDescription> readers_of(const Shard& shard) {
  std::vector<ReaderDescription> all;
  const auto gate = shard.log().gate();
  const auto end = shard.log().end();
  for (std::uint64_t place = 0; place < gate.places(); ++place) {
    if (const auto reader = gate.reader(place, end)) {
      all.push_back(
          {{shard.header().id, reader->place}, shard.number(reader->number), end - std::min(end, reader->number)});
    }
  }
  return all;
}

/// See `Shard::evict`.
template <class Shard>
Result<void> evict_from(const Shard& shard, const ReaderPlace& reader) {
  const auto gate = shard.log().gate();
  if (reader.place >= gate.places() || !gate.evict(reader, shard.log().end())) {
    return Failure{Errc::resource_not_found, Cause::unknown_reader, shard.header().id.index(), 0};
  }
  shard.alarm().notify();  // one that was evicted before may have been waiting for a place
  return {};
}

/// Whether something gave way that holds the writers and is no reader: the wait for those that were to come from the
/// parents, when all have, and, where nobody is registered, records that have expired.
template <class Shard>
[[gnu::noinline]] bool made_room(const Shard& shard) {
  const auto& log = shard.log();
  const auto gate = log.gate();
  const bool came = gate.held() && shard.lineage().awaits_none();
  if constexpr (timed_log<typename Shard::Log>) {
    const auto expired_before = shard.sieve().expired_before;
    if (expired_before != Start::any_time && !gate.held() && gate.deserted()) {
      const auto left_at = gate.left_at();
      auto kept = left_at;
      {
        auto reader = log.reader({.number = left_at, .at_horizon = true});
        const auto run = reader.read(1, shard.sieve());
        kept = run.count != 0 ? run.first : reader.number();
      }
      static_cast<void>(log.reader({.number = kept}));  // comes and leaves: what lies before it is released
      return came || gate.left_at() > left_at;
    }
  }
  return came;
}

}  // namespace weir::inline WEIR_ABI::detail
