/// A log of records over a span of bytes: the concept that both rings model, its laws, and the words they share.
#pragma once

#include <algorithm>
#include <concepts>
#include <cstdint>
#include <limits>
#include <span>
#include <string_view>

#include "weir/core/env.hpp"
#include "weir/core/options.hpp"
#include "weir/core/result.hpp"

namespace weir::inline WEIR_ABI {

/// What became of an attempt to append.
struct Append {
  enum class Status : std::uint8_t {
    done,     ///< stored; `number` is the first record's
    closed,   ///< nothing stored; `number` is one more than the log's final number
    stalled,  ///< nothing stored; `number` is how many records ago the claim began that has not finished
    full,     ///< nothing stored; `number` is how many records the slowest reader has not released; gated logs alone
  };
  Status status = Status::done;
  std::uint64_t number = 0;
};

/// Where a reader of a log begins.
struct Start {
  static constexpr std::int64_t any_time = std::numeric_limits<std::int64_t>::min();

  std::uint64_t number = 0;         ///< nothing below is delivered
  std::int64_t arrival = any_time;  ///< nothing that arrived before is delivered
  /// The horizon, resolved when the first record is delivered, or when a read is overtaken at every try: what is
  /// overwritten until then is not missed.
  bool at_horizon = false;
};

/// Which of a read's records are not given, although they are there.
struct Sieve {
  std::int64_t expired_before = Start::any_time;  ///< those have expired; they count as missed, but at the horizon

  /// What arrived before is not given to a reader that began at `start`.
  [[nodiscard]] std::int64_t bound(const Start& start) const noexcept {
    return std::max(start.arrival, expired_before);
  }
  /// How many of `dropped` records the reader missed: those that it did not ask to be spared.
  [[nodiscard]] std::uint64_t missed(const Start& start, std::uint64_t dropped) const noexcept {
    return start.at_horizon || start.arrival >= expired_before ? 0 : dropped;
  }
};

/// What one read found: `count` records with consecutive numbers from `first`, in the reader's own buffer.
struct Run {
  static constexpr std::int64_t nothing_unread = -1;

  std::uint64_t first = 0;
  std::size_t count = 0;
  std::uint64_t missed = 0;  ///< numbers that were overwritten before this read came to them; they precede `first`
  bool end = false;          ///< the log is closed and everything in it was read
  std::int64_t next_arrival = nothing_unread;  ///< when the next unread record arrived, or `nothing_unread`
};

/// A log of records with strictly increasing numbers, viewed over bytes that somebody else owns.
///
/// Laws, for a log `log` formatted over zeroed bytes with the first number f:
/// 1. Numbers are consecutive from f; `append` of k records gets k consecutive ones, or stores nothing.
/// 2. Visibility is a prefix: a reader is given a record only when every claim from its start on, and before the
///    record, is finished.
/// 3. A reader sees numbers strictly increase, and each record whole or not at all. Numbers it could not read any
///    more are counted as missed, exactly once, before the next record it gets.
/// 4. At rest, the newest `capacity - step` records are retained (column), or all but the oldest segment (segment).
/// 5. After `close()` no append succeeds; a reader that has had everything gets `end`, and none gets it earlier.
/// 6. Arrival times do not decrease with the number.
/// 7. A copy of the log object is another view of the same log; `attach` over the same bytes is one too.
/// 8. `begin(f)` makes zeroed bytes that were attached to what `format` makes; again with f it changes nothing,
/// whatever
///    was put since.
/// 9. Of a closed log `settled()` says that no append is at work any more. Then the bytes of `records()` may become
/// zero
///    when nobody reads: the log stays closed, has the same end, and refuses appends as before.
/// 10. What a read's sieve holds back is stepped over; it counts as missed unless it lay at the horizon.
///
/// Appending is lock-free except behind an unfinished claim of nearly a lap ago; reading is wait-free per call, with
/// at most `max_read_tries` new starts when it is lapped, but for the segment ring's reader of a number not yet
/// claimed, which is lock-free.
template <class L>
concept record_log = std::copyable<L> &&
    requires(L log, std::span<std::byte> bytes, std::uint64_t number, typename L::argument argument,
             std::string_view key, CoarseClock clock, Start start, std::size_t count) {
  typename L::payload;
  typename L::view;
  typename L::Writer;
  typename L::Reader;
  { L::unit } -> std::convertible_to<Capacity::Unit>;
  { L::layout } -> std::convertible_to<std::string_view>;
  { L::footprint(number) } -> std::same_as<std::size_t>;
  { L::check(Capacity{}, std::int64_t{}) } -> std::same_as<Result<std::uint64_t>>;
  { L::format(bytes, number, number) } -> std::same_as<L>;
  { L::attach(bytes, number) } -> std::same_as<L>;
  { log.writer() } -> std::same_as<typename L::Writer>;
  { log.brief_writer().try_put(clock, key, argument) } -> std::same_as<Append>;
  { log.reader(start) } -> std::same_as<typename L::Reader>;
  { log.close() } -> std::same_as<std::uint64_t>;
  { log.oldest() } -> std::same_as<std::uint64_t>;
  { log.end() } -> std::same_as<std::uint64_t>;
  { log.closed() } -> std::same_as<bool>;
  log.begin(number, false);
  { log.settled() } -> std::same_as<bool>;
  { log.records() } -> std::same_as<std::span<std::byte>>;
  { log.bytes_since(number) } -> std::same_as<std::uint64_t>;
  requires requires(typename L::Writer writer, typename L::Reader reader) {
    { writer.try_put(clock, key, argument) } -> std::same_as<Append>;
    { reader.read(count, Sieve{}) } -> std::same_as<Run>;
    { reader.bytes() } -> std::same_as<std::uint64_t>;
    { reader.value(count) } -> std::convertible_to<typename L::view>;
    { reader.number() } -> std::same_as<std::uint64_t>;
  };
};

/// Optional parts of a log, each required by name where it is used.
template <class L>
concept contiguous_log = record_log<L> && requires(const typename L::Reader& reader) {
  { reader.values() } -> std::same_as<std::span<const typename L::payload>>;
};

template <class L>
concept keyed_log = record_log<L> && requires(const typename L::Reader& reader, std::size_t index) {
  { reader.key(index) } -> std::same_as<std::string_view>;
};

template <class L>
concept timed_log = record_log<L> && requires(L log, const typename L::Reader& reader, std::size_t index) {
  { reader.arrival(index) } -> std::same_as<std::int64_t>;
  { log.last_arrival() } -> std::same_as<std::int64_t>;
};

/// New starts that one read makes when the writers keep overtaking it.
inline constexpr int max_read_tries = 3;

/// Bytes that a reader copies at a time: enough to make one validation cheap, small enough for a first-level cache.
inline constexpr std::size_t read_bytes = std::size_t{12} << 10;

}  // namespace weir::inline WEIR_ABI
