/// How much a client reads from each shard of a stream in a second.
#pragma once

#include <algorithm>
#include <map>
#include <mutex>
#include <optional>

#include "weir/stream/throttle.hpp"

namespace weir::inline WEIR_ABI::detail {

/// The service counts calls and answers, and a stream counts the reads of its iterators, of which one answer may take
/// hundreds: so a client's reads are counted here.
///
/// **threads** any, at any time. **cost** none without limits.
class ReadLimits {
 public:
  explicit ReadLimits(const Limits& limits)
      : limits_{.bytes_out = limits.bytes_out, .reads_out = limits.reads_out}, off_(limits_ == Limits{}) {}

  /// Whether a new iterator of the shard may be given: as many a second as answers.
  [[nodiscard]] std::optional<Failure> admit_iterator(ShardId shard, Timestamp now) {
    if (off_) {
      return std::nullopt;
    }
    const std::lock_guard lock{mutex_};
    if (!of(shard).iterators.take(1, now)) {
      return Failure{Errc::throughput_exceeded, Cause::iterator_rate, shard.index(),
                     static_cast<std::uint64_t>(std::max(1.0, limits_.reads_out))};
    }
    return std::nullopt;
  }

  /// Whether the shard may be read from.
  [[nodiscard]] std::optional<Failure> admit_read(ShardId shard, Timestamp now) {
    if (off_) {
      return std::nullopt;
    }
    const std::lock_guard lock{mutex_};
    return of(shard).reads.admit_read(now);
  }
  /// Tells what an admitted read gave.
  void charge_read(ShardId shard, std::uint64_t bytes, Timestamp now) {
    if (!off_) {
      const std::lock_guard lock{mutex_};
      of(shard).reads.charge_read(bytes, now);
    }
  }

 private:
  struct OfShard {
    OfShard(ShardId shard, const Limits& limits)
        : reads(shard, limits), iterators(limits.reads_out, limits.reads_out) {}

    Throttle reads;
    TokenBucket iterators;
  };
  OfShard& of(ShardId shard) { return shards_.try_emplace(shard, shard, limits_).first->second; }

  const Limits limits_;
  const bool off_;
  std::mutex mutex_;
  std::map<ShardId, OfShard> shards_;
};

}  // namespace weir::inline WEIR_ABI::detail
