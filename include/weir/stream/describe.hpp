/// What a stream tells about its shards.
#pragma once

#include <optional>

#include "weir/core/hash_key.hpp"
#include "weir/core/sequence.hpp"

namespace weir::inline WEIR_ABI {

/// Kinesis' Shard structure. `starting` is reserved: the first record carries a higher number. `ending` is there once
/// the shard is closed, and is the number of its last record (or `starting`, if it has none).
struct ShardDescription {
  ShardId id;
  std::optional<ShardId> parent;
  std::optional<ShardId> adjacent_parent;  ///< of a shard made by a merge
  HashKeyRange hash_key_range;
  SequenceNumber starting;
  std::optional<SequenceNumber> ending;
};

}  // namespace weir::inline WEIR_ABI
