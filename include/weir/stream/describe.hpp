/// What a stream tells about its shards.
#pragma once

#include <optional>
#include <string>

#include "weir/core/hash_key.hpp"
#include "weir/core/sequence.hpp"
#include "weir/ring/gate.hpp"

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

  /// `shardId-000000000002 of shardId-000000000000 and shardId-000000000001, keys 0..99, numbers 7@2.1..19@2.1`
  [[nodiscard]] std::string to_string() const {
    auto text = id.to_string();
    if (parent) {
      text += " of " + parent->to_string();
    }
    if (adjacent_parent) {
      text += " and " + adjacent_parent->to_string();
    }
    text += ", keys " + hash_key_range.to_string() + ", numbers " + starting.to_string() + "..";
    return ending ? text + ending->to_string() : text;
  }
  friend constexpr bool operator==(const ShardDescription&, const ShardDescription&) noexcept = default;
};

/// One registration of an iterator with a shard of a gated stream.
struct ReaderId {
  ShardId shard;
  ReaderPlace place;

  friend constexpr bool operator==(const ReaderId&, const ReaderId&) noexcept = default;
};

/// What holds the writers of a gated shard.
struct ReaderDescription {
  ReaderId id;
  SequenceNumber next;           ///< the first number that it has not released
  std::uint64_t unreleased = 0;  ///< how many numbers that are, up to the newest

  friend constexpr bool operator==(const ReaderDescription&, const ReaderDescription&) noexcept = default;
};

template <>
inline constexpr bool detail::has_text<ShardDescription> = true;

}  // namespace weir::inline WEIR_ABI
