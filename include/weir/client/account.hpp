/// What the verbs of a client work on.
#pragma once

#include <algorithm>
#include <mutex>

#include "weir/client/catalog.hpp"
#include "weir/client/config.hpp"
#include "weir/client/tokens.hpp"

namespace weir::inline WEIR_ABI::detail {

/// Streams, tokens and limits of one client, which stay in place.
template <class Env>
struct Account {
  using Entry = NamedStream<Env>;
  using Found = typename Catalog<Env>::Found;

  Account(const ClientConfig& its_config, const Env& environment)
      : config(its_config), env(environment), streams(environment) {}
  Account(const Account&) = delete;
  Account& operator=(const Account&) = delete;

  [[nodiscard]] Timestamp now() const noexcept { return env.clock.now(); }

  /// Open shards of the provisioned streams, which count against the limit, and how many on-demand streams there are.
  struct Usage {
    std::uint64_t open_shards = 0;
    std::uint64_t on_demand = 0;
    std::uint64_t creating = 0;
  };
  [[nodiscard]] Usage usage() {
    Usage usage;
    for (const auto& entry : streams.all()) {
      const std::lock_guard lock{entry->mutex};
      const bool on_demand = entry->mode_due == client::StreamMode::on_demand;
      usage.open_shards += on_demand ? 0 : entry->open_shards;
      usage.on_demand += on_demand ? 1 : 0;
      usage.creating += entry->status == client::StreamStatus::creating ? 1 : 0;
    }
    return usage;
  }

  /// **errors** `limit_exceeded` when so many more open shards are too many.
  [[nodiscard]] Result<void> check_shards(std::uint64_t more) {
    const auto open = usage().open_shards + more;
    if (const auto limit = static_cast<std::uint64_t>(std::max(config.shard_limit, 0)); open > limit) {
      return Failure{Errc::limit_exceeded, Cause::shard_quota, open, limit};
    }
    return {};
  }
  /// **errors** `limit_exceeded` when one more on-demand stream is too many.
  [[nodiscard]] Result<void> check_on_demand() {
    const auto count = usage().on_demand + 1;
    if (const auto limit = static_cast<std::uint64_t>(std::max(config.on_demand_limit, 0)); count > limit) {
      return Failure{Errc::limit_exceeded, Cause::on_demand_quota, count, limit};
    }
    return {};
  }

  const ClientConfig config;
  [[no_unique_address]] Env env;
  Tokens tokens;
  Catalog<Env> streams;
  relaxed_counter planned_expiries;  ///< iterators that a test's fault plan let expire
  std::mutex
      control;  ///< held by whoever creates, changes or deletes: so that limits are kept, and one state at a time
};

}  // namespace weir::inline WEIR_ABI::detail
