/// Which open shard answers for a hash key.
#pragma once

#include <algorithm>
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
    ShardMap map;
    map.uniform_ = true;
    map.ranges_.reserve(count);
    for (std::uint32_t i = 0; i < count; ++i) {
      map.ranges_.push_back({HashKeyRange::initial(i, count).ending, ShardId{i}});
    }
    return map;
  }

  /// A map of any ranges. Precondition: sorted by ending, the last of which is the largest hash key.
  explicit ShardMap(std::vector<Range> ranges) : ranges_(std::move(ranges)) {}

  [[nodiscard]] std::size_t size() const noexcept { return ranges_.size(); }
  [[nodiscard]] const std::vector<Range>& ranges() const noexcept { return ranges_; }

  [[nodiscard]] ShardId route(const HashKey& key) const noexcept {
    if (uniform_) {
      // The key's share of the space times the count is the index, or next to it: a multiplication and a look instead
      // of a 128-bit division.
      auto index = static_cast<std::size_t>((static_cast<detail::uint128>(key.high()) * ranges_.size()) >> 64);
      while (ranges_[index].ending < key) {
        ++index;
      }
      while (index > 0 && key <= ranges_[index - 1].ending) {
        --index;
      }
      return ranges_[index].shard;
    }
    const auto found =
        std::lower_bound(ranges_.begin(), ranges_.end(), key,
                         [](const Range& range, const HashKey& wanted) { return range.ending < wanted; });
    return found->shard;
  }

 private:
  ShardMap() = default;

  std::vector<Range> ranges_;
  bool uniform_ = false;
};

}  // namespace weir::inline WEIR_ABI
