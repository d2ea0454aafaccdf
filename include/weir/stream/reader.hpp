/// A reader of a whole stream: every shard, children after their parents.
#pragma once

#include <algorithm>
#include <vector>

#include "weir/stream/iterator.hpp"

namespace weir::inline WEIR_ABI {

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

  /// The next shard's batch that has something to tell; a false one when no shard has.
  batch_type read() & {
    for (std::size_t asked = 0;; ++asked) {
      next_ = next_ + 1 < iterators_.size() ? next_ + 1 : 0;
      const bool ended = iterators_[next_].at_end();
      auto batch = iterators_[next_].read();
      if (!ended && iterators_[next_].at_end()) {
        follow(*shards_[next_]);
      }
      if (batch || asked + 1 >= iterators_.size()) {
        return batch;
      }
    }
  }
  batch_type read() && = delete;

  /// Waits for something to tell, as `Iterator::read` does.
  template <wait_strategy Wait>
  batch_type read(Wait& wait, const Deadline& deadline) & {
    for (;;) {
      wait.before_poll();
      auto batch = read();
      wait.after_poll(batch.size());
      if (batch || at_end() || deadline.passed()) {
        return batch;
      }
    }
  }
  batch_type read(const Deadline& deadline) & { return read(back_off_, deadline); }

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
  Reader(std::vector<Shard*> shards, std::vector<Iterator> iterators)
      : shards_(std::move(shards)), iterators_(std::move(iterators)), next_(iterators_.size() - 1) {}

  /// Begins the successors of a shard that ended, each once all its parents that this reader reads have ended.
  void follow(const Shard& ended) {
    if (ended.successors() == nullptr) {
      return;
    }
    for (Shard* successor : *ended.successors()) {
      if (std::find(shards_.begin(), shards_.end(), successor) == shards_.end() && parents_ended(*successor)) {
        iterators_.push_back(successor->iterator(Position::trim_horizon()).value());
        shards_.push_back(successor);
      }
    }
  }

  [[nodiscard]] bool parents_ended(const Shard& shard) const {
    const auto& parents = shard.header().parents;
    return std::all_of(iterators_.begin(), iterators_.end(), [&](const Iterator& iterator) {
      return iterator.at_end() || std::find(parents.begin(), parents.end(), iterator.shard()) == parents.end();
    });
  }

  std::vector<Shard*> shards_;  // beside iterators_
  std::vector<Iterator> iterators_;
  std::size_t next_;
  BackOff back_off_;
};

}  // namespace weir::inline WEIR_ABI
