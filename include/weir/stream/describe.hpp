/// What a stream tells about its shards.
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "weir/core/clock.hpp"
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
  Timestamp created{};                   ///< by the stream's clock
  std::optional<Timestamp> resharded{};  ///< when others took over

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

/// Which shards a listing names: Kinesis' ShardFilter. Those that have expired are in none.
class ShardFilter {
 public:
  enum class Kind : std::uint8_t {
    from_trim_horizon,
    at_trim_horizon,
    at_latest,
    at_timestamp,
    from_timestamp,
    after_shard_id
  };

  /// All that readers can still be given records of.
  static constexpr ShardFilter from_trim_horizon() noexcept { return ShardFilter{Kind::from_trim_horizon}; }
  /// Those that were open when the oldest record that is still there was put.
  static constexpr ShardFilter at_trim_horizon() noexcept { return ShardFilter{Kind::at_trim_horizon}; }
  /// Those that nobody has taken over from.
  static constexpr ShardFilter at_latest() noexcept { return ShardFilter{Kind::at_latest}; }
  /// Those that were open at a moment.
  static constexpr ShardFilter at_timestamp(Timestamp moment) noexcept {
    return ShardFilter{Kind::at_timestamp, moment};
  }
  /// Those that were open at a moment or later.
  static constexpr ShardFilter from_timestamp(Timestamp moment) noexcept {
    return ShardFilter{Kind::from_timestamp, moment};
  }
  /// Those with a higher id.
  static constexpr ShardFilter after(ShardId id) noexcept { return ShardFilter{Kind::after_shard_id, {}, id}; }

  [[nodiscard]] constexpr Kind kind() const noexcept { return kind_; }
  [[nodiscard]] constexpr Timestamp timestamp() const noexcept { return timestamp_; }
  [[nodiscard]] constexpr ShardId shard_id() const noexcept { return shard_; }

 private:
  constexpr explicit ShardFilter(Kind kind, Timestamp timestamp = {}, ShardId shard = ShardId{}) noexcept
      : kind_(kind), timestamp_(timestamp), shard_(shard) {}

  Kind kind_;
  Timestamp timestamp_;
  ShardId shard_;
};

/// What a stream tells about itself.
struct StreamDescription {
  std::string name;
  Incarnation incarnation;
  Timestamp created{};
  std::chrono::milliseconds retention{};  ///< zero: as long as the capacity keeps records
  std::uint64_t open_shards = 0;          ///< that nobody has taken over from
  std::uint64_t closed_shards = 0;        ///< that have not expired

  /// `clicks, incarnation 7: open shards 4, closed 2, retention 86400000 ms`
  [[nodiscard]] std::string to_string() const {
    return name + ", incarnation " + incarnation.to_string() + ": open shards " + std::to_string(open_shards) +
           ", closed " + std::to_string(closed_shards) + ", retention " +
           (retention.count() == 0 ? "by capacity" : std::to_string(retention.count()) + " ms");
  }
  friend bool operator==(const StreamDescription&, const StreamDescription&) = default;
};

/// One registration of an iterator with a shard of a gated stream.
struct ReaderId {
  ShardId shard;
  ReaderPlace place;

  /// `reader 0.12 of shardId-000000000002`: its place at the gate, and whose registration it was
  [[nodiscard]] std::string to_string() const {
    return "reader " + std::to_string(place.place) + '.' + std::to_string(place.registration) + " of " +
           shard.to_string();
  }
  friend constexpr bool operator==(const ReaderId&, const ReaderId&) noexcept = default;
};

/// What holds the writers of a gated shard.
struct ReaderDescription {
  ReaderId id;
  SequenceNumber next;           ///< the first number that it has not released
  std::uint64_t unreleased = 0;  ///< how many numbers that are, up to the newest

  /// `reader 0.12 of shardId-000000000002, next 7@2.1, 99 unreleased`
  [[nodiscard]] std::string to_string() const {
    return id.to_string() + ", next " + next.to_string() + ", " + std::to_string(unreleased) + " unreleased";
  }
  friend constexpr bool operator==(const ReaderDescription&, const ReaderDescription&) noexcept = default;
};

template <>
inline constexpr bool detail::has_text<ShardDescription> = true;
template <>
inline constexpr bool detail::has_text<StreamDescription> = true;
template <>
inline constexpr bool detail::has_text<ReaderId> = true;
template <>
inline constexpr bool detail::has_text<ReaderDescription> = true;

namespace detail {

/// See `Shard::describe`.
template <class Shard>
ShardDescription described(const Shard& shard) {
  const auto& header = shard.header();
  ShardDescription description{header.id, {}, {}, header.range, shard.number(shard.start()), {}, header.created, {}};
  if (const auto* successors = shard.successors()) {
    description.resharded = successors->front()->header().created;
  }
  if (const auto& parents = shard.lineage().parents(); !parents.empty()) {
    description.parent = parents.front()->header().id;
    if (parents.size() > 1) {
      description.adjacent_parent = parents[1]->header().id;
    }
  }
  if (shard.log().closed() && !header.read_only) {
    description.ending = shard.number(shard.log().end() - 1);
  }
  return description;
}

}  // namespace detail

}  // namespace weir::inline WEIR_ABI
