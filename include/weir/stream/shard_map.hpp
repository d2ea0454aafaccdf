/// Which open shard answers for a hash key.
#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>
#include <vector>

#include "weir/core/hash_key.hpp"
#include "weir/core/ids.hpp"

namespace weir::inline WEIR_ABI {

/// The open shards of a stream at one time. Their ranges tile the space of hash keys without gap or overlap.
/// Immutable: a reshard makes a new one, and old ones live as long as the stream.
class ShardMap {
 public:
  struct Range {
    HashKey ending;
    ShardId shard;
  };

  /// A stream as it is created: `count` shards of equal ranges, numbered in the order of the ranges.
  static ShardMap initial(std::uint32_t count) {
    std::vector<Range> ranges;
    ranges.reserve(count);
    for (std::uint32_t i = 0; i < count; ++i) {
      ranges.push_back({HashKeyRange::initial(i, count).ending, ShardId{i}});
    }
    return ShardMap{std::move(ranges)};
  }

  /// A map of any ranges. Precondition: sorted by ending, the last of which is the largest hash key.
  explicit ShardMap(std::vector<Range> ranges)
      : ranges_(std::move(ranges)), shift_(64 - static_cast<int>(std::bit_width(4 * ranges_.size()))) {
    WEIR_ASSERT(!ranges_.empty() && ranges_.back().ending == HashKey::largest(), "ShardMap: the ranges do not tile");
    // The first range that reaches into each of at least four equal parts a shard, so that few parts hold a boundary.
    first_.resize((std::size_t{1} << (64 - shift_)) + 1);
    std::uint32_t index = 0;
    for (std::size_t part = 0; part + 1 < first_.size(); ++part) {
      while (ranges_[index].ending < HashKey{part << shift_, 0}) {
        ++index;
      }
      first_[part] = index;
    }
    first_.back() = static_cast<std::uint32_t>(ranges_.size() - 1);
  }

  [[nodiscard]] std::size_t size() const noexcept { return ranges_.size(); }
  [[nodiscard]] const std::vector<Range>& ranges() const noexcept { return ranges_; }

  /// The place among `ranges()` of the one that holds the key: two looks, and a search among the few ranges that
  /// begin in the same part of the space.
  [[nodiscard]] std::size_t find(const HashKey& key) const noexcept {
    const auto part = static_cast<std::size_t>(key.high() >> shift_);
    auto low = first_[part];
    for (auto high = first_[part + 1]; low < high;) {
      const auto middle = low + (high - low) / 2;
      if (ranges_[middle].ending < key) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }
  [[nodiscard]] ShardId route(const HashKey& key) const noexcept { return ranges_[find(key)].shard; }

 private:
  std::vector<Range> ranges_;
  int shift_;
  std::vector<std::uint32_t> first_;
};

}  // namespace weir::inline WEIR_ABI
