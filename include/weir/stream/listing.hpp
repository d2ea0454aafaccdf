/// Which shards a listing names, and where readers of a whole stream begin.
#pragma once

#include <algorithm>
#include <iterator>
#include <utility>
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
  explicit Listing(std::vector<Shard*> listed) : all_(std::move(listed)), retained_(all_.size(), nullptr) {
    for (Shard* shard : all_) {
      // One that is open here stays, whatever has become of it since: those that took over from it are not here.
      if (open(shard) || (!shard->readership().ended() && !aged(*shard, shard->sieve().expired_before))) {
        retained_[index(shard)] = shard;
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

  /// Those before which nothing is left to be read. One that has expired may lie between two that have not.
  [[nodiscard]] std::vector<Shard*> oldest() const {
    std::vector<bool> later(all_.size());
    for (const Shard* shard : all_) {
      const auto& parents = shard->lineage().parents();
      later[index(shard)] = std::any_of(parents.begin(), parents.end(),
                                        [&](const Shard* parent) { return has(parent) || later[index(parent)]; });
    }
    return those([&](const Shard* shard) { return !later[index(shard)]; });
  }

  /// Nobody has taken over from it.
  [[nodiscard]] bool open(const Shard* shard) const {
    const auto* successors = shard->successors();
    return successors == nullptr || successors->front()->header().id.index() >= all_.size();
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
  static std::size_t index(const Shard* shard) { return shard->header().id.index(); }
  [[nodiscard]] bool has(const Shard* shard) const { return retained_[index(shard)] == shard; }

  template <class Condition>
  [[nodiscard]] std::vector<Shard*> those(const Condition& condition) const {
    std::vector<Shard*> found;
    std::copy_if(retained_.begin(), retained_.end(), std::back_inserter(found),
                 [&](Shard* shard) { return shard != nullptr && condition(shard); });
    return found;
  }

  /// Those that were open at a moment, or, as far back as they reach, the oldest: their ranges tile. Reshards are
  /// undone from the newest on. Where that comes to a shard that has expired, those that took over stay named for its
  /// range, and for whatever was resharded together with it, until all that were open before are there again.
  [[nodiscard]] std::vector<Shard*> open_at(Timestamp moment) const {
    struct Part {  // of the hash keys
      std::vector<Shard*> were;
      std::vector<Shard*> named;
    };
    std::vector<Part> parts;
    const auto none = all_.size();
    std::vector<std::size_t> part_of(all_.size(), none);
    const auto enter = [&](Part part) {
      for (const Shard* shard : part.were) {
        part_of[index(shard)] = parts.size();
      }
      parts.push_back(std::move(part));
    };
    for (Shard* shard : all_) {
      if (open(shard)) {
        enter({{shard}, {shard}});
      }
    }
    const auto entered = [&](const Shard* shard) { return part_of[index(shard)] != none; };
    for (auto child = all_.rbegin(); child != all_.rend(); ++child) {
      const auto& parents = (*child)->lineage().parents();
      if (!entered(*child) || (*child)->header().created <= moment || parents.empty()) {
        continue;
      }
      const auto& family = *parents.front()->successors();
      if (!std::all_of(family.begin(), family.end(), entered)) {
        continue;  // the clock stepped back between two reshards
      }
      Part before{parents, {}};
      for (const Shard* sibling : family) {
        const auto part = std::exchange(parts[std::exchange(part_of[index(sibling)], none)], {});
        std::copy_if(part.were.begin(), part.were.end(), std::back_inserter(before.were), [&](const Shard* shard) {
          return std::find(family.begin(), family.end(), shard) == family.end();
        });
        before.named.insert(before.named.end(), part.named.begin(), part.named.end());
      }
      if (std::all_of(before.were.begin(), before.were.end(), [&](const Shard* shard) { return has(shard); })) {
        for (Shard* shard : before.were) {
          enter({{shard}, {shard}});
        }
      } else {
        enter(std::move(before));
      }
    }
    std::vector<bool> found(all_.size());
    for (const auto& part : parts) {
      for (const Shard* shard : part.named) {
        found[index(shard)] = true;
      }
    }
    return those([&](const Shard* shard) { return found[index(shard)]; });
  }

  std::vector<Shard*> all_;
  std::vector<Shard*> retained_;  // by id; null: expired
};

}  // namespace weir::inline WEIR_ABI::detail
