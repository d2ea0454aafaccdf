/// Splitting and merging the shards of a stream while producers and readers are at work.
#pragma once

#include <algorithm>
#include <array>
#include <iterator>
#include <vector>

#include "weir/stream/stream.hpp"

namespace weir::inline WEIR_ABI {

namespace detail {

/// One change of a stream's shards at a time; who comes second waits.
template <class State>
class Reshard {
  using Shard = typename State::Shard;

 public:
  /// Some shards and the ranges that take over from them: one and two, or two and one. Parents may be of a step before.
  struct Step {
    std::vector<ShardId> parents;
    std::vector<HashKeyRange> ranges;
  };

  /// **errors** `resource_in_use` when another's is not over by the deadline, `read_only`.
  static Result<Reshard> begin(State& state, const Deadline& deadline) {
    if (state.storage.read_only()) {
      return Failure{Errc::read_only, Cause::storage_read_only, 0, 0};
    }
    if (!state.resharding.try_lock_until(deadline.moment())) {
      return Failure{Errc::resource_in_use, Cause::reshard_running, 0, 0};
    }
    return Reshard{state, std::unique_lock{state.resharding, std::adopt_lock}};
  }

  /// An open shard.
  ///
  /// **errors** `resource_not_found`; `invalid_argument` for one that is closed; `resource_in_use` while a writer
  /// handle has a single-producer shard to itself.
  Result<Shard*> open_shard(ShardId id) const {
    auto* const shard = state_->shards.find(id);
    if (shard == nullptr) {
      return Failure{Errc::resource_not_found, Cause::unknown_shard, id.index(), state_->shards.size() - 1};
    }
    if (shard->successors() != nullptr || shard->log().closed()) {
      return Failure{Errc::invalid_argument, Cause::shard_not_open, id.index(), 0};
    }
    if (const auto free = shard->check_free(); !free) {
      return free.error();
    }
    return shard;
  }
  [[nodiscard]] std::size_t open_count() const noexcept { return state_->shards.current().open.size(); }
  /// All of them, by range.
  Result<std::vector<Shard*>> open_shards() const {
    auto open = state_->shards.current().shards;
    for (const Shard* shard : open) {
      if (const auto checked = open_shard(shard->header().id); !checked) {
        return checked.error();
      }
    }
    return open;
  }

  /// The id that the next new shard gets.
  [[nodiscard]] std::uint32_t next_id() const { return static_cast<std::uint32_t>(state_->shards.size()); }

  /// Takes the steps, which name each shard once. Where this fails, or throws `std::bad_alloc`, nothing has changed.
  ///
  /// **errors** `out_of_memory` and whatever else the storage refuses; `limit_exceeded` when ids run out.
  Result<std::vector<ShardId>> take(const std::vector<Step>& steps) {
    std::vector<Manifest::Shard> described;
    std::vector<ShardId> ids;
    const auto now = state_->env.clock.now();
    for (const auto& step : steps) {
      for (const auto& range : step.ranges) {
        const auto id = state_->shards.size() + described.size();
        if (id >= max_shards_ever) {
          return Failure{Errc::limit_exceeded, Cause::shards_taken, id, max_shards_ever};
        }
        ids.emplace_back(static_cast<std::uint32_t>(id));
        described.push_back({ids.back(), range, 0, step.parents, now});
      }
    }
    if (const auto housed = state_->housing.add(described); !housed) {
      return housed.error();
    }
    const auto families = make(steps, described);
    for (const auto& [parents, successors] : families) {  // from here on nothing is refused, and puts follow
      for (Shard* parent : parents) {
        parent->succeed(*successors);
      }
      for (Shard* child : *successors) {
        child->lineage().begin();
        state_->housing.begin(child->header().id, child->start());
      }
    }
    const auto were_open = open_count();
    state_->shards.publish();
    state_->expire(were_open);
    return ids;
  }

 private:
  static constexpr std::uint64_t max_shards_ever = std::uint64_t{1} << 31;  // Kinesis' own bound of an index

  Reshard(State& state, std::unique_lock<Turn> lock) : state_(&state), lock_(std::move(lock)) {}

  struct Family {
    std::vector<Shard*> parents;
    const std::vector<Shard*>* successors;
  };

  /// Makes the shards that are housed already, or undoes that.
  std::vector<Family> make(const std::vector<Step>& steps, const std::vector<Manifest::Shard>& described) {
    struct Undo {
      State& state;
      std::size_t shards;
      ~Undo() { state.housing.take_back(shards); }
    } undo{*state_, described.size()};
    std::vector<std::unique_ptr<Shard>> made;
    const auto shard = [&](ShardId id) {
      const auto first = described.front().id.index();
      return id.index() < first ? state_->shards.all()[id.index()] : made[id.index() - first].get();
    };
    std::vector<Family> families;
    std::vector<Shard*> closing;
    auto next = described.begin();
    for (const auto& step : steps) {
      Family family;
      std::transform(step.parents.begin(), step.parents.end(), std::back_inserter(family.parents), shard);
      closing.insert(closing.end(), family.parents.begin(), family.parents.end());
      std::vector<Shard*> children;
      for (std::size_t i = 0; i < step.ranges.size(); ++i, ++next) {
        made.push_back(state_->make(*next, family.parents));
        children.push_back(made.back().get());
      }
      family.successors = &state_->shards.keep(std::move(children));
      families.push_back(std::move(family));
    }
    state_->shards.add(std::move(made), closing);
    undo.shards = 0;
    return families;
  }

  State* state_;
  std::unique_lock<Turn> lock_;
};

template <class T, class Storage, Options options, class Env>
Result<Reshard<StreamState<T, Storage, options, Env>>> begin_reshard(Stream<T, Storage, options, Env>& stream,
                                                                     const std::optional<Deadline>& deadline) {
  auto& state = *stream.state_;
  return Reshard<StreamState<T, Storage, options, Env>>::begin(state, deadline ? *deadline : Deadline{state.stall});
}

}  // namespace detail

/// Splits an open shard in two: the lower half keeps the hash keys below `new_starting_hash_key` and gets the lower id.
/// Puts go on meanwhile, to the shard until it is closed and then to the halves; whoever reads the shard to its end is
/// told which follow it. Numbers grow for each key.
///
/// Waits for another reshard up to the deadline, by default as long as the stream's puts wait for a stalled one. With
/// `Producers::single` it is called where puts are.
///
/// **errors** `resource_not_found` for an unknown shard; `invalid_argument` for one that is closed, and for a key that
/// does not leave two hash keys or more to both halves; `resource_in_use` for another reshard, and for a writer handle
/// of a single-producer stream; `read_only`; `out_of_memory` and what else the storage answers. Nothing has changed
/// then, nor when it throws `std::bad_alloc`.
template <class T, class Storage, Options options, class Env>
Result<std::array<ShardId, 2>> split(Stream<T, Storage, options, Env>& stream, ShardId shard,
                                     const HashKey& new_starting_hash_key, std::optional<Deadline> deadline = {}) {
  auto reshard = detail::begin_reshard(stream, deadline);
  if (!reshard) {
    return reshard.error();
  }
  const auto parent = reshard->open_shard(shard);
  if (!parent) {
    return parent.error();
  }
  const auto& range = (*parent)->header().range;
  if (!range.splits_at(new_starting_hash_key)) {
    const bool small = !range.splits_at(range.midpoint());
    return Failure{Errc::invalid_argument, small ? Cause::split_too_small : Cause::split_key, shard.index(), 4};
  }
  const auto halves = range.split(new_starting_hash_key);
  const auto ids = reshard->take({{{shard}, {halves.begin(), halves.end()}}});
  if (!ids) {
    return ids.error();
  }
  return std::array{(*ids)[0], (*ids)[1]};
}

/// Merges two open shards whose ranges are neighbours, the one with the lower hash keys first.
///
/// **errors** as `split`, and `invalid_argument` for shards that are no neighbours, or in the other order.
template <class T, class Storage, Options options, class Env>
Result<ShardId> merge(Stream<T, Storage, options, Env>& stream, ShardId shard, ShardId adjacent_shard,
                      std::optional<Deadline> deadline = {}) {
  auto reshard = detail::begin_reshard(stream, deadline);
  if (!reshard) {
    return reshard.error();
  }
  const auto lower = reshard->open_shard(shard);
  const auto upper = lower ? reshard->open_shard(adjacent_shard) : lower;
  if (!upper) {
    return upper.error();
  }
  const auto& below = (*lower)->header().range;
  const auto& above = (*upper)->header().range;
  if (!below.adjoins(above)) {
    return Failure{Errc::invalid_argument, Cause::not_adjacent, shard.index(), adjacent_shard.index()};
  }
  const auto ids = reshard->take({{{shard, adjacent_shard}, {{below.starting, above.ending}}}});
  if (!ids) {
    return ids.error();
  }
  return ids->front();
}

/// Gives a stream another number of open shards, as UpdateShardCount does: to have more, every shard is split in the
/// middle, and then neighbours are merged down to the count; to have fewer, neighbours are merged. So the ranges are
/// equal where the count is a multiple or a half, and else some are twice as long as others. The present count changes
/// nothing.
///
/// **errors** as `split`, and `invalid_argument` for less than half or more than twice the open shards, and for more
/// than a stream may have.
template <class T, class Storage, Options options, class Env>
Result<void> resize(Stream<T, Storage, options, Env>& stream, int count, std::optional<Deadline> deadline = {}) {
  auto reshard = detail::begin_reshard(stream, deadline);
  if (!reshard) {
    return reshard.error();
  }
  const auto before = static_cast<std::int64_t>(reshard->open_count());
  if (count == before) {
    return {};
  }
  const auto asked = static_cast<std::uint64_t>(std::int64_t{count});
  if (count < 1 || count > max_shards) {
    return Failure{Errc::invalid_argument, Cause::shard_count, asked, max_shards};
  }
  if (count > 2 * before || 2 * std::int64_t{count} < before) {
    return Failure{Errc::invalid_argument, Cause::resize_count, asked, static_cast<std::uint64_t>(before)};
  }
  const auto open = reshard->open_shards();
  if (!open) {
    return open.error();
  }
  struct Range {
    ShardId shard;
    HashKeyRange keys;
  };
  std::vector<Range> ranges;  // to be merged, in order
  std::vector<typename std::remove_cvref_t<decltype(*reshard)>::Step> steps;
  auto id = reshard->next_id();
  for (const auto* shard : *open) {
    const auto& range = shard->header().range;
    if (count < before) {
      ranges.push_back({shard->header().id, range});
      continue;
    }
    if (!range.splits_at(range.midpoint())) {
      return Failure{Errc::invalid_argument, Cause::split_too_small, shard->header().id.index(), 4};
    }
    const auto halves = range.split(range.midpoint());
    steps.push_back({{shard->header().id}, {halves.begin(), halves.end()}});
    ranges.push_back({ShardId{id++}, halves[0]});
    ranges.push_back({ShardId{id++}, halves[1]});
  }
  const auto merges = ranges.size() - static_cast<std::size_t>(count);
  for (std::size_t i = 0; i < 2 * merges; i += 2) {
    steps.push_back({{ranges[i].shard, ranges[i + 1].shard}, {{ranges[i].keys.starting, ranges[i + 1].keys.ending}}});
  }
  const auto ids = reshard->take(steps);
  return ids ? Result<void>{} : ids.error();
}

}  // namespace weir::inline WEIR_ABI
