/// From what a ring answers to what a caller is told.
#pragma once

#include <chrono>
#include <thread>

#include "weir/ring/record_log.hpp"
#include "weir/ring/wait.hpp"
#include "weir/stream/keeping.hpp"

namespace weir::inline WEIR_ABI::detail {

/// The outcome, or what came of trying again for as long as it was a stalled producer's fault, and once if a gated
/// shard was held by nobody who needs it.
template <class Shard, class Attempt>
Append patiently(Shard& shard, Append outcome, std::chrono::milliseconds stall, const Attempt& attempt) {
  if constexpr (Shard::Log::gated) {
    if (outcome.status == Append::Status::full) {
      if (made_room(shard)) {
        outcome = attempt();
      } else {
        shard.full().add(1);
      }
    }
  }
  if (outcome.status != Append::Status::stalled) [[likely]] {
    return outcome;
  }
  const Deadline deadline{stall};
  while (outcome.status == Append::Status::stalled && !deadline.passed()) {
    std::this_thread::yield();  // the stalled producer may need this very core
    outcome = attempt();
  }
  return outcome;
}

/// Whether a put asks first if a shard's rate, or a test's plan, lets it through; it does so once, however often it is
/// tried.
enum class Asked : std::uint8_t { not_yet, already };

/// Tries a put into a shard until it is done, refused for good, or the deadline passes, and keeps the time that a gated
/// one had to wait for readers.
template <class Shard, wait_strategy Wait, class Attempt>
auto insist(Shard& shard, Wait& wait, const Deadline& deadline, const Attempt& attempt) {
  auto put = attempt(Asked::not_yet);
  if (put || (put.error().code != Errc::full && put.error().code != Errc::stalled_writer) || deadline.passed()) {
    return put;
  }
  [[maybe_unused]] const auto begun = std::chrono::steady_clock::now();
  put = insist(wait, deadline, [&] { return attempt(Asked::already); });
  if constexpr (Shard::Log::gated) {
    const std::chrono::nanoseconds waited = std::chrono::steady_clock::now() - begun;
    shard.gate_wait().add(static_cast<std::uint64_t>(waited.count()));
  }
  return put;
}

/// Why nothing was stored in the shard of this header.
template <class Header>
Failure refusal(const Append& outcome, const Header& header) noexcept {
  const auto shard = header.id.index();
  switch (outcome.status) {
    case Append::Status::full: return {Errc::full, Cause::shard_full, outcome.number, shard};
    case Append::Status::stalled: return {Errc::stalled_writer, Cause::writer_stalled, outcome.number, shard};
    case Append::Status::closed:
    case Append::Status::done: break;
  }
  return header.read_only ? Failure{Errc::read_only, Cause::stream_read_only, shard, 0}
                          : Failure{Errc::closed, Cause::shard_closed, shard, 0};
}

}  // namespace weir::inline WEIR_ABI::detail
