/// What a stream owns: its storage, its shards, and how shards are made, found again and given up.
#pragma once

#include <memory>
#include <mutex>
#include <vector>

#include "weir/detail/turn.hpp"
#include "weir/durable/housing.hpp"
#include "weir/stream/listing.hpp"
#include "weir/stream/shard.hpp"

namespace weir::inline WEIR_ABI::detail {

template <class T, class Storage, Options options, class Env>
struct StreamState {
  using Shard = weir::Shard<T, Storage, options, Env>;
  using Log = typename Shard::Log;
  using Hasher = std::remove_cvref_t<decltype(std::declval<Env&>().hasher)>;

  StreamState(Storage bytes, const Env& environment, const StreamConfig& config)
      : env(environment),
        storage(std::move(bytes)),
        retention(config.retention.value_or(std::chrono::milliseconds{0})),
        stall(config.stall),
        limits(config.limits),
        closed_bytes(config.closed_bytes) {}
  StreamState(const StreamState&) = delete;
  StreamState& operator=(const StreamState&) = delete;
  ~StreamState() {
    static_cast<void>(housing.leave());  // first: a mistake of the program's is no reason to refuse its records
    for ([[maybe_unused]] auto* shard : shards.all()) {
      WEIR_ASSERT(use_count::none(shard->users()), "Stream: destroyed while an iterator or a writer handle is alive");
    }
  }

  /// Finds the stream in the storage, or makes it: see `Stream::open`.
  Result<void> open(const StreamConfig& config) {
    auto wanted = manifest_for<T, Log, Hasher>(options);
    wanted.created = env.clock.now();
    if (const auto housed = house<Log>(housing, storage, config, std::move(wanted)); !housed) {
      return housed;
    }
    retention.change(config.retention.value_or(housing.manifest().retention), env.clock);
    std::vector<std::unique_ptr<Shard>> found;
    std::vector<Shard*> closing;
    for (const auto& described : housing.manifest().shards) {
      std::vector<Shard*> parents;
      for (const auto parent : described.parents) {
        parents.push_back(found[parent.index()].get());
        closing.push_back(parents.back());
      }
      found.push_back(make(described, parents));
      const auto& log = found.back()->log();
      if (!housing.found()) {
        log.begin(described.start + 1);
      }
      if constexpr (Log::gated) {
        log.gate().evict_all(log.end());  // whoever was registered is gone: the storage is ours alone
      }
      if (storage.read_only()) {
        log.close();  // in this process' copy: puts are refused, and readers come to an end
      }
    }
    shards.add(std::move(found), closing);
    for (Shard* shard : shards.all()) {
      if (const auto& parents = shard->lineage().parents(); !parents.empty() && parents[0]->successors() == nullptr) {
        succeed(parents);
      }
      if (housing.expired(shard->header().id)) {
        shard->readership().end();
      }
    }
    shards.publish();
    most_open = shards.all().size();  // what a reshard before has left is given up by the next one at the earliest
    const auto entered = housing.enter();
    const bool other = config.retention && *config.retention != housing.manifest().retention;
    return entered && other && !storage.read_only() ? housing.retain_for(*config.retention) : entered;
  }

  /// A shard over its bytes. With a start of zero it takes over from its parents.
  std::unique_ptr<Shard> make(const Manifest::Shard& described, const std::vector<Shard*>& parents) {
    const auto& manifest = housing.manifest();
    const auto ring = ring_of(housing.spans()[described.id.index()]);
    const auto log = Log::attach(ring, ring_size(manifest));
    typename Shard::Header header{.id = described.id,
                                  .incarnation = manifest.incarnation,
                                  .range = described.range,
                                  .max_record = largest_record<Log>(manifest),
                                  .stall = stall,
                                  .read_only = storage.read_only() && !log.closed(),
                                  .retention = &retention,
                                  .limits = limits,
                                  .created = described.created};
    return std::make_unique<Shard>(std::move(header), parents, described.start, log, env, typename Shard::Alarm{event});
  }

  /// Tells the parents which of all shards follow them.
  void succeed(const std::vector<Shard*>& parents) {
    std::vector<Shard*> children;
    for (Shard* shard : shards.all()) {
      if (shard->lineage().parents() == parents) {
        children.push_back(shard);
      }
    }
    const auto& kept = shards.keep(std::move(children));
    for (Shard* parent : parents) {
      parent->succeed(kept);
    }
  }

  /// Gives back the bytes of closed shards that have expired and that nobody reads: by age, and the oldest of those
  /// whose records take more room than they are given. Under the lock of reshards; `were_open` so many shards before
  /// it.
  void expire(std::size_t were_open) {
    most_open = std::max(were_open, shards.current().open.size());
    std::uint64_t kept = 0;
    const Shard* some = nullptr;
    const auto each_closed = [&](const auto& act) {
      for (Shard* shard : shards.all()) {
        if (shard->successors() != nullptr && !shard->readership().ended()) {
          act(*shard);
        }
      }
    };
    each_closed([&](const Shard& shard) {
      some = &shard;
      kept += used(shard);
    });
    if (some == nullptr) {
      return;
    }
    const auto most =
        closed_bytes ? static_cast<std::uint64_t>(*closed_bytes) : most_open * some->log().records().size();
    each_closed([&](Shard& shard) {
      const bool old = aged(shard, shard.sieve().expired_before);
      const auto bytes = used(shard);
      if ((old || kept > most) && give_up(shard, old)) {
        kept -= bytes;
      }
    });
  }
  /// The bytes that a shard's records take; a line at least, so that the number of closed shards has a bound, too.
  static std::uint64_t used(const Shard& shard) {
    const auto& log = shard.log();
    return std::min<std::uint64_t>(log.bytes_since(shard.start() + 1) + line_size, log.records().size());
  }

  /// Whether the bytes of a closed shard could be given back.
  bool give_up(Shard& shard, bool old) {
    const auto& log = shard.log();
    if (!log.closed() || !log.settled()) {
      return false;
    }
    if constexpr (Log::gated) {
      // Nothing is lost that a reader has not had, nor one that is still to come from a parent.
      if (!shard.lineage().awaits_none() || (!old && log.gate().left_at() < log.end())) {
        return false;
      }
    }
    if (!shard.readership().end()) {
      return false;
    }
    housing.expire(shard.header().id);
    static_cast<void>(storage.discard(log.records()));
    return true;
  }

  /// The same when somebody looks, unless a reshard is under way, which does it itself.
  Listing<Shard> listing() {
    if (const std::unique_lock lock{resharding, std::try_to_lock}; lock && !storage.read_only()) {
      expire(most_open);
    }
    return Listing<Shard>{shards.listed()};
  }

  Env env;
  Storage storage;
  Housing<Storage> housing{storage};
  Retention retention;
  [[no_unique_address]] typename Shard::Alarm::Event event;  // before those who refer to it
  Registry<Shard> shards;
  Turn resharding;
  std::chrono::milliseconds stall;
  Limits limits;
  std::optional<std::int64_t> closed_bytes;
  std::size_t most_open = 1;  // before the newest reshard or after it; under the lock
};

}  // namespace weir::inline WEIR_ABI::detail
