/// Which shards a listing names, and where readers of a whole stream begin.
#pragma once

#include <algorithm>
#include <vector>

#include "weir/ring/record_log.hpp"
#include "weir/stream/registry.hpp"

namespace weir::inline WEIR_ABI::detail {

/// Whether the shard's own records, and those of whatever was closed with it, arrived before the moment.
template <class Shard>
bool aged(const Shard& shard, std::int64_t moment) {
  if constexpr (timed_log<typename Shard::Log>) {
    const auto* successors = shard.successors();
    if (successors == nullptr || successors->front()->header().created.time_since_epoch().count() >= moment) {
      return false;
    }
    const auto& parents = successors->front()->lineage().parents();
    return std::all_of(parents.begin(), parents.end(), [&](const Shard* parent) {
      return parent->log().closed() && parent->log().last_arrival() < moment;
    });
  }
  return false;
}

/// The shards of a stream at one time: those that have not expired, up to the newest reshard that is complete. A shard
/// whose successors are not among them is still open here.
template <class Shard>
class Listing {
 public:
  explicit Listing(const std::vector<Shard*>& listed) : size_(listed.size()), retained_(size_, nullptr) {
    for (Shard* shard : listed) {
      // One that is open here stays, whatever has become of it since: those that took over from it are not here.
      if (open(shard) || (!shard->readership().ended() && !aged(*shard, shard->sieve().expired_before))) {
        retained_[shard->header().id.index()] = shard;
      }
    }
  }

  /// In the order of their ids.
  [[nodiscard]] std::vector<Shard*> named(const ShardFilter& filter) const {
    using Kind = ShardFilter::Kind;
    switch (filter.kind()) {
      case Kind::at_trim_horizon: return open_at(Timestamp::min());
      case Kind::at_latest: return open_at(Timestamp::max());
      case Kind::at_timestamp: return open_at(filter.timestamp());
      case Kind::from_trim_horizon:
      case Kind::from_timestamp:
      case Kind::after_shard_id: break;
    }
    return those([&](const Shard* shard) {
      return filter.kind() == Kind::after_shard_id   ? shard->header().id > filter.shard_id()
             : filter.kind() == Kind::from_timestamp ? open(shard) || resharded(shard) >= filter.timestamp()
                                                     : true;
    });
  }

  /// Those before which nothing is left to be read.
  [[nodiscard]] std::vector<Shard*> oldest() const {
    return those([&](const Shard* shard) {
      const auto& parents = shard->lineage().parents();
      return std::none_of(parents.begin(), parents.end(), [&](const Shard* parent) { return has(parent); });
    });
  }

  /// Nobody has taken over from it.
  [[nodiscard]] bool open(const Shard* shard) const {
    const auto* successors = shard->successors();
    return successors == nullptr || successors->front()->header().id.index() >= size_;
  }

  [[nodiscard]] ShardDescription describe(const Shard& shard) const {
    auto description = shard.describe();
    if (open(&shard) && shard.successors() != nullptr) {
      description.ending.reset();
      description.resharded.reset();
    }
    return description;
  }

 private:
  static Timestamp resharded(const Shard* shard) { return shard->successors()->front()->header().created; }
  [[nodiscard]] bool has(const Shard* shard) const { return retained_[shard->header().id.index()] == shard; }

  template <class Condition>
  [[nodiscard]] std::vector<Shard*> those(const Condition& condition) const {
    std::vector<Shard*> found;
    std::copy_if(retained_.begin(), retained_.end(), std::back_inserter(found),
                 [&](Shard* shard) { return shard != nullptr && condition(shard); });
    return found;
  }

  /// Those that were open at a moment, or, as far back as they reach, the oldest: their ranges tile. From the open ones
  /// back, parents stand in for the shards that took over after the moment, if all of the parents are retained.
  [[nodiscard]] std::vector<Shard*> open_at(Timestamp moment) const {
    std::vector<bool> found(size_);
    const auto among = [&](const Shard* shard) { return found[shard->header().id.index()]; };
    const auto set = [&](const std::vector<Shard*>& shards, bool value) {
      for (const Shard* shard : shards) {
        found[shard->header().id.index()] = value;
      }
    };
    for (const Shard* shard : retained_) {
      if (shard != nullptr && open(shard)) {
        found[shard->header().id.index()] = true;
      }
    }
    for (auto child = retained_.rbegin(); child != retained_.rend(); ++child) {
      if (*child == nullptr || (*child)->header().created <= moment || !among(*child)) {
        continue;
      }
      const auto& parents = (*child)->lineage().parents();
      if (!parents.empty() &&
          std::all_of(parents.begin(), parents.end(), [&](const Shard* parent) { return has(parent); })) {
        const auto& family = *parents.front()->successors();
        if (std::all_of(family.begin(), family.end(), among)) {
          set(family, false);
          set(parents, true);
        }
      }
    }
    return those(among);
  }

  std::size_t size_;
  std::vector<Shard*> retained_;  // by id; null: expired
};

}  // namespace weir::inline WEIR_ABI::detail
