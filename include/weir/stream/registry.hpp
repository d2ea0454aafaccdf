/// All shards that a stream ever had, and which of them are open.
#pragma once

#include <algorithm>
#include <iterator>
#include <memory>
#include <mutex>
#include <vector>

#include "weir/detail/published.hpp"
#include "weir/stream/describe.hpp"
#include "weir/stream/shard_map.hpp"

namespace weir::inline WEIR_ABI::detail {

/// Puts look at the topology, which is immutable and replaced as a whole; everything else takes a mutex.
template <class Shard>
class Registry {
 public:
  struct Topology {
    ShardMap open;
    std::vector<Shard*> shards;  // by range
    Shard* only = nullptr;       // one open shard takes every key: nothing need be hashed
  };

  [[nodiscard]] const Topology& current() const noexcept { return *current_.get(); }

  /// The shards from the first on that a topology was made with, which is how far listings go, in the order of their
  /// ids.
  [[nodiscard]] std::vector<Shard*> listed() const {
    const std::lock_guard lock{mutex_};
    return {all_.begin(), all_.begin() + static_cast<std::ptrdiff_t>(listed_)};
  }
  /// Also those that a put was told of already. Null: none of this id.
  [[nodiscard]] Shard* find(ShardId id) const {
    const std::lock_guard lock{mutex_};
    return id.index() < all_.size() && all_[id.index()]->lineage().begun() ? all_[id.index()] : nullptr;
  }
  [[nodiscard]] std::size_t size() const {
    const std::lock_guard lock{mutex_};
    return all_.size();
  }
  /// Every one, for whoever has the stream to himself.
  [[nodiscard]] const std::vector<Shard*>& all() const noexcept { return all_; }

  /// Adds shards whose ids follow on, and makes the topology without those that `closing` names, old and new ones.
  /// Once it has thrown (`std::bad_alloc`) nothing was added; what is left to do, `publish`, needs no memory.
  void add(std::vector<std::unique_ptr<Shard>> shards, const std::vector<Shard*>& closing) {
    const std::lock_guard lock{mutex_};
    std::vector<Shard*> open;
    if (const auto* before = current_.get(); before != nullptr) {
      open = before->shards;
    }
    std::transform(shards.begin(), shards.end(), std::back_inserter(open),
                   [](const auto& shard) { return shard.get(); });
    std::erase_if(open,
                  [&](Shard* shard) { return std::find(closing.begin(), closing.end(), shard) != closing.end(); });
    next_ = topology_of(std::move(open));
    make_room(topologies_, 1);
    make_room(owned_, shards.size());
    make_room(all_, shards.size());
    for (auto& shard : shards) {
      all_.push_back(shard.get());
      owned_.push_back(std::move(shard));
    }
  }

  /// Keeps a list of successors, which puts may look at for as long as the stream lives.
  const std::vector<Shard*>& keep(std::vector<Shard*> successors) {
    const std::lock_guard lock{mutex_};
    successors_.push_back(std::make_unique<const std::vector<Shard*>>(std::move(successors)));
    return *successors_.back();
  }

  /// Makes what was added current.
  void publish() noexcept {
    const std::lock_guard lock{mutex_};
    topologies_.push_back(std::move(next_));
    listed_ = all_.size();
    current_.set(topologies_.back().get());
  }

 private:
  static std::unique_ptr<const Topology> topology_of(std::vector<Shard*> open) {
    const auto ending = [](const Shard* shard) -> const HashKey& { return shard->header().range.ending; };
    std::sort(open.begin(), open.end(), [&](const Shard* a, const Shard* b) { return ending(a) < ending(b); });
    std::vector<ShardMap::Range> ranges;
    for (const Shard* shard : open) {
      WEIR_ASSERT(ranges.empty() ? shard->header().range.starting == HashKey{}
                                 : (HashKeyRange{{}, ranges.back().ending}.adjoins(shard->header().range)),
                  "Stream: the ranges of the open shards do not tile the hash keys");
      ranges.push_back({ending(shard), shard->header().id});
    }
    auto* const only = open.size() == 1 ? open.front() : nullptr;
    return std::make_unique<const Topology>(Topology{ShardMap{std::move(ranges)}, std::move(open), only});
  }

  static void make_room(auto& all, std::size_t more) {
    if (all.size() + more > all.capacity()) {
      all.reserve(2 * all.size() + more);
    }
  }

  mutable std::mutex mutex_;
  std::vector<std::unique_ptr<Shard>> owned_;
  std::vector<Shard*> all_;  // by id
  std::size_t listed_ = 0;
  std::vector<std::unique_ptr<const std::vector<Shard*>>> successors_;
  std::vector<std::unique_ptr<const Topology>> topologies_;
  std::unique_ptr<const Topology> next_;  // of what was added and is not current yet
  published<Topology> current_;
};

}  // namespace weir::inline WEIR_ABI::detail
