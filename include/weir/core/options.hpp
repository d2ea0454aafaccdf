/// The choices made when a stream is declared (`Options`) and when it is opened (`StreamConfig`).
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "weir/core/config.hpp"
#include "weir/core/limits.hpp"

namespace weir::inline WEIR_ABI {

/// Who may put into a stream at the same time.
enum class Producers : std::uint8_t {
  multiple,  ///< any thread, any time
  single,    ///< one thread at a time, with a happens-before between hand-overs; no locked instruction in a put
};

/// Whether each record keeps the time at which it arrived.
enum class Arrival : std::uint8_t {
  kept,     ///< `record.arrival()`, `Position::at_timestamp` and millis-behind-latest work; a put reads the clock
  dropped,  ///< a put reads no clock and a record takes 8 bytes less
};

/// What becomes of records that a reader has not come to when their place is needed again.
enum class Delivery : std::uint8_t {
  overwrite,  ///< the newest wins: a slow reader is told how many it missed, and never holds a writer
  gated,      ///< none is lost: a put is refused with `full` until the slowest reader has released room
};

/// Whether a put wakes readers that sleep.
enum class Notify : std::uint8_t {
  none,    ///< readers poll, so one that waits uses a core; a put does nothing for them
  on_put,  ///< readers may wait with `Park`, which uses no processor; a put looks whether any does
};

/// The closed choices that change the code of a stream; a template argument, written with designated initialisers.
struct Options {
  Producers producers = Producers::multiple;
  Arrival arrival = Arrival::kept;
  Delivery delivery = Delivery::overwrite;
  Notify notify = Notify::none;

  friend constexpr bool operator==(const Options&, const Options&) = default;
};

/// How much each shard retains: made by `records(n)` or `bytes(n)`, as the payload asks. Zero of no unit, which is
/// the initial value, means the ring's default.
struct Capacity {
  enum class Unit : std::uint8_t { unspecified, records, bytes };
  Unit unit = Unit::unspecified;
  std::uint64_t count = 0;

  friend constexpr bool operator==(const Capacity&, const Capacity&) = default;
};

/// For fixed-size payloads: the records that a shard's ring holds.
constexpr Capacity records(std::uint64_t count) noexcept {
  return {Capacity::Unit::records, count};
}
/// For payloads of any size: the bytes that a shard's ring holds, frames included.
constexpr Capacity bytes(std::uint64_t count) noexcept {
  return {Capacity::Unit::bytes, count};
}

/// Defaults per shard: 65,536 records, or 8 MiB.
inline constexpr std::uint64_t default_capacity_records = std::uint64_t{1} << 16;
inline constexpr std::uint64_t default_capacity_bytes = std::uint64_t{8} << 20;

/// Shards a stream can be opened with; Kinesis' own ceiling for one stream.
inline constexpr int max_shards = 10'000;

/// Readers that a shard of a gated stream has places for: each takes a line of 128 bytes, and a put that finds no room
/// looks at all of them.
inline constexpr int default_readers = 16;
inline constexpr int max_readers = 1024;

/// The numbers of a stream. What is left out has a default; where the storage holds the stream already, what it was
/// made with holds, and what contradicts that is refused.
struct StreamConfig {
  std::optional<std::string> name{};  ///< `stream` by default
  std::optional<int> shards{};        ///< to begin with; 1 by default
  Capacity capacity{};                ///< per shard, a power of two
  /// The largest record in bytes, key and data together; 0 for the most that the capacity allows. Only for
  /// payloads of variable size.
  std::int64_t max_record = 0;
  /// Iterators that may read one shard of a gated stream at a time; 16 by default. Only for `Delivery::gated`: others
  /// have no such bound.
  std::optional<int> readers{};
  /// How long a `put` waits politely for another put that stopped in the middle nearly a lap ago.
  std::chrono::milliseconds stall{1000};
  /// How long records are given to readers after they arrived; 0, the default, for as long as the capacity keeps them.
  /// Left out, what was found holds. See `Stream::retain_for`.
  std::optional<std::chrono::milliseconds> retention{};
  /// Bytes that the records of closed shards may take, besides those that somebody reads; by default as many as the
  /// shards have room for that were open before the newest reshard, or are after it. As `stall` and `limits` it is of
  /// this opening alone.
  std::optional<std::int64_t> closed_bytes{};
  /// Off by default: see `Limits`.
  Limits limits{};
};

}  // namespace weir::inline WEIR_ABI
