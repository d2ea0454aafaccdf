/// A reader of a whole stream: every shard, children after their parents.
#pragma once

#include <algorithm>
#include <iterator>
#include <optional>
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
  for (Shard* shard : first) {
    shard->lineage().begin();  // a successor whose parents are closed
  }
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

  /// The next shard's batch that has something to tell; a false one when no shard has. That one is `throttled` if a
  /// shard was, and names it.
  batch_type read() & { return read_up_to(std::numeric_limits<std::size_t>::max()); }
  batch_type read() && = delete;

  /// The same, of at most `count` records.
  batch_type read_up_to(std::size_t count) & {
    if constexpr (gated) {
      commit();
    }
    let_go();
    std::optional<batch_type> throttled;
    for (std::size_t idle = 0;;) {
      next_ = next_ + 1 < places_.size() ? next_ + 1 : 0;
      auto batch = places_[next_].iterator.read_up_to(count);
      const bool more = places_[next_].iterator.at_end() && !places_[next_].followed && follow(next_);
      idle = more ? 0 : idle + 1;  // successors begin behind the place in the turn: another round for them
      if (batch) {
        return batch;
      }
      if (batch.throttled()) {
        throttled = batch;
      }
      if (idle >= places_.size()) {
        return throttled.value_or(batch);
      }
    }
  }

  /// Waits for something to tell, as `Iterator::read` does.
  template <wait_strategy Wait>
  batch_type read(Wait& wait, const Deadline& deadline) & {
    return detail::wait_for_batch(*this, places_.front().shard->alarm(), wait, deadline, nullptr);
  }
  template <wait_strategy Wait>
  batch_type read(Wait& wait, const Deadline& deadline, const std::stop_token& stop) & {
    return detail::wait_for_batch(*this, places_.front().shard->alarm(), wait, deadline, &stop);
  }
  batch_type read(const Deadline& deadline) & { return read(back_off_, deadline); }

  /// Releases the batch of a gated stream, which ends.
  void commit() requires gated { places_[next_].iterator.commit(); }

  /// Every shard is closed and everything in all of them was read.
  [[nodiscard]] bool at_end() const noexcept {
    return std::all_of(places_.begin(), places_.end(), [](const Place& place) { return place.iterator.at_end(); });
  }

  /// Where the next read of each shard begins. One that was read to its end is named no more once others follow it.
  [[nodiscard]] std::vector<std::pair<ShardId, Position>> positions() const {
    std::vector<std::pair<ShardId, Position>> all;
    for (const auto& place : places_) {
      all.emplace_back(place.iterator.shard(), place.iterator.position());
    }
    return all;
  }

 private:
  template <class, class, Options, class>
  friend class Stream;
  /// A shard that is being read.
  struct Place {
    Shard* shard;
    Iterator iterator;
    bool followed = false;  // it has come to its end, and those that took over were begun as far as they could be
  };
  Reader(std::vector<Place> places, const Position& asked)
      : places_(std::move(places)), next_(places_.size() - 1), asked_(asked) {}

  /// Lets the shards go that were read to their end and are followed, now that the batch is over that may refer to one:
  /// their bytes may go then. The last one stays, because a turn needs somebody.
  void let_go() {
    for (std::size_t i = 0; followed_ && i < places_.size();) {
      if (places_.size() > 1 && places_[i].followed && arrived(*places_[i].shard)) {
        places_.erase(places_.begin() + static_cast<std::ptrdiff_t>(i));
        next_ = next_ >= i && next_ != 0 ? next_ - 1 : next_;
      } else {
        ++i;
      }
    }
    followed_ = std::any_of(places_.begin(), places_.end(), [](const Place& place) { return place.followed; });
  }

  /// Whether this reader has a place at the gate of each shard after `ended` that it has begun: until then, its place
  /// with the one that ended keeps writers from what it has not read.
  [[nodiscard]] bool arrived([[maybe_unused]] const Shard& ended) const {
    if constexpr (gated) {
      const auto& successors = *ended.successors();
      return std::all_of(places_.begin(), places_.end(), [&](const Place& place) {
        return place.iterator.reader_id() ||
               std::find(successors.begin(), successors.end(), place.shard) == successors.end();
      });
    } else {
      return true;
    }
  }

  /// Begins the successors of a shard that ended, each once nothing that comes before it is still to be read. Whether
  /// there were any. Where it throws (`std::bad_alloc`) it is done again by the next read.
  bool follow(std::size_t place) {
    const auto* successors = places_[place].shard->successors();
    if (successors == nullptr) {
      return false;
    }
    const auto before = places_.size();
    for (Shard* successor : *successors) {
      const bool begun =
          std::any_of(places_.begin(), places_.end(), [&](const Place& p) { return p.shard == successor; });
      if (!begun && !awaited(*successor)) {
        places_.push_back({successor, successor->successive_iterator(asked_)});
      }
    }
    places_[place].followed = followed_ = true;
    return places_.size() != before;
  }

  /// Whether a shard that leads to this one is still being read. Its parents need not be begun themselves for that:
  /// of a split and a merge of one half, the merged shard is met first through the other parent.
  [[nodiscard]] bool awaited(const Shard& shard) const {
    return std::any_of(places_.begin(), places_.end(), [&](const Place& place) {
      return !place.iterator.at_end() && detail::leads_to(*place.shard, shard);
    });
  }

  std::vector<Place> places_;
  std::size_t next_;
  Position asked_;
  BackOff back_off_;
  bool followed_ = false;  // some place is
};

}  // namespace weir::inline WEIR_ABI
