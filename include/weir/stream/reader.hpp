/// A reader of a whole stream: every shard, children after their parents.
#pragma once

#include <algorithm>
#include <iterator>
#include <stop_token>
#include <vector>

#include "weir/stream/iterator.hpp"

namespace weir::inline WEIR_ABI {

namespace detail {

/// Whether `shard` took over from `earlier`, at once or through others, so that the records of `earlier` come first.
template <class Shard>
bool leads_to(const Shard& earlier, const Shard& shard) {
  std::vector<const Shard*> line{&earlier};
  for (std::size_t i = 0; i < line.size(); ++i) {
    const auto* successors = line[i]->successors();
    if (successors == nullptr) {
      continue;
    }
    for (const Shard* successor : *successors) {
      if (successor == &shard) {
        return true;
      }
      // A shard is younger than those it took over from: only what is older than `shard` can lead to it.
      if (successor->header().id < shard.header().id && std::find(line.begin(), line.end(), successor) == line.end()) {
        line.push_back(successor);
      }
    }
  }
  return false;
}

/// Where a reader begins for `latest`: shards that still take records. Successors count before the map names them,
/// and a parent until it is closed, so that nothing put from now on is passed over while a reshard is under way.
template <class Shard>
std::vector<Shard*> at_the_tip(std::vector<Shard*> known) {
  std::vector<Shard*> begun;
  for (std::size_t i = 0; i < known.size(); ++i) {
    auto* shard = known[i];
    const bool closed = shard->log().closed();
    const auto* successors = shard->successors();
    if (successors == nullptr || !closed) {
      begun.push_back(shard);
    }
    if (successors != nullptr) {
      std::copy_if(successors->begin(), successors->end(), std::back_inserter(known), [&](const Shard* successor) {
        return std::find(known.begin(), known.end(), successor) == known.end();
      });
    }
  }
  const auto awaits_none = [&](const Shard* shard) {
    return std::none_of(begun.begin(), begun.end(),
                        [&](const Shard* other) { return other->successors() != nullptr && leads_to(*other, *shard); });
  };
  std::vector<Shard*> first;
  std::copy_if(begun.begin(), begun.end(), std::back_inserter(first), awaits_none);
  return first;
}

}  // namespace detail

/// Takes the shards in turn. Records of one shard come in order; a shard that took over from others is begun when all
/// of those were read to their end, so the records of a key stay in order too. Across shards there is no order.
///
/// **threads** one at a time. **invalidates** each read ends the batch before.
template <class T, class Storage, Options options, class Env>
class Reader {
  using Shard = weir::Shard<T, Storage, options, Env>;
  using Iterator = weir::Iterator<T, Storage, options, Env>;

 public:
  using batch_type = Batch<Shard>;
  static constexpr bool gated = options.delivery == Delivery::gated;

  /// The next shard's batch that has something to tell; a false one when no shard has.
  batch_type read() & { return read_up_to(std::numeric_limits<std::size_t>::max()); }
  batch_type read() && = delete;

  /// The same, of at most `count` records.
  batch_type read_up_to(std::size_t count) & {
    if constexpr (gated) {
      commit();
    }
    for (std::size_t idle = 0;;) {
      next_ = next_ + 1 < iterators_.size() ? next_ + 1 : 0;
      const bool ended = iterators_[next_].at_end();
      auto batch = iterators_[next_].read_up_to(count);
      const bool followed = !ended && iterators_[next_].at_end() && follow(*shards_[next_]);
      idle = followed ? 0 : idle + 1;  // successors begin behind the place in the turn: another round for them
      if (batch || idle >= iterators_.size()) {
        return batch;
      }
    }
  }

  /// Waits for something to tell, as `Iterator::read` does.
  template <wait_strategy Wait>
  batch_type read(Wait& wait, const Deadline& deadline) & {
    return detail::wait_for_batch(*this, shards_.front()->alarm(), wait, deadline, nullptr);
  }
  template <wait_strategy Wait>
  batch_type read(Wait& wait, const Deadline& deadline, const std::stop_token& stop) & {
    return detail::wait_for_batch(*this, shards_.front()->alarm(), wait, deadline, &stop);
  }
  batch_type read(const Deadline& deadline) & { return read(back_off_, deadline); }

  /// Releases the batch of a gated stream, which ends.
  void commit() requires gated { iterators_[next_].commit(); }

  /// Every shard is closed and everything in all of them was read.
  [[nodiscard]] bool at_end() const noexcept {
    return std::all_of(iterators_.begin(), iterators_.end(), [](const Iterator& i) { return i.at_end(); });
  }

  /// Where the next read of each shard begins.
  [[nodiscard]] std::vector<std::pair<ShardId, Position>> positions() const {
    std::vector<std::pair<ShardId, Position>> all;
    for (const auto& iterator : iterators_) {
      all.emplace_back(iterator.shard(), iterator.position());
    }
    return all;
  }

 private:
  template <class, class, Options, class>
  friend class Stream;
  Reader(std::vector<Shard*> shards, std::vector<Iterator> iterators, const Position& asked)
      : shards_(std::move(shards)), iterators_(std::move(iterators)), next_(iterators_.size() - 1), asked_(asked) {}

  /// Begins the successors of a shard that ended, each once nothing that comes before it is still to be read. Whether
  /// there were any.
  bool follow(const Shard& ended) {
    if (ended.successors() == nullptr) {
      return false;
    }
    const auto before = shards_.size();
    for (Shard* successor : *ended.successors()) {
      if (std::find(shards_.begin(), shards_.end(), successor) == shards_.end() && !awaited(*successor)) {
        iterators_.push_back(begin(*successor));
        shards_.push_back(successor);
      }
    }
    return shards_.size() != before;
  }

  /// Whether a shard that leads to this one is still being read. Its parents need not be begun themselves for that:
  /// of a split and a merge of one half, the merged shard is met first through the other parent.
  [[nodiscard]] bool awaited(const Shard& shard) const {
    for (std::size_t i = 0; i < shards_.size(); ++i) {
      if (!iterators_[i].at_end() && detail::leads_to(*shards_[i], shard)) {
        return true;
      }
    }
    return false;
  }

  /// All of it, unless only what arrived from some moment on was asked for.
  [[nodiscard]] Iterator begin(Shard& successor) const {
    if (asked_.kind() == Position::Kind::at_timestamp) {
      if (auto iterator = successor.iterator(asked_)) {
        return std::move(iterator).value();
      }
    }
    return successor.iterator(Position::trim_horizon()).value();
  }

  std::vector<Shard*> shards_;  // beside iterators_
  std::vector<Iterator> iterators_;
  std::size_t next_;
  Position asked_;
  BackOff back_off_;
};

}  // namespace weir::inline WEIR_ABI
