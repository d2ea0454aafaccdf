/// A reader's private place in one shard.
#pragma once

#include <limits>
#include <memory>
#include <optional>
#include <stop_token>

#include "weir/stream/batch.hpp"

namespace weir::inline WEIR_ABI {

/// Replays a shard from any retained position and then follows it. Writers know nothing of it: a reader that is too
/// slow is told how many records it missed and goes on at the oldest.
///
/// Of a gated stream it is registered for as long as it lives, and misses nothing from then on: writers stay behind
/// what it has not released, which the next read or `commit()` does, and nothing else. An iterator that is destroyed
/// with a batch in hand, by an exception say, has not released it.
///
/// **threads** one at a time; any number of iterators read one shard. **progress** `read()` is wait-free per batch;
/// waiting for a number that nobody has put yet is lock-free in the segment ring. Making and dropping one of a gated
/// stream is lock-free.
/// **invalidates** each read ends the batch before. An iterator must not outlive its stream; the stream may move.
template <class T, class Storage, Options options, class Env>
class Iterator {
  using Shard = weir::Shard<T, Storage, options, Env>;

 public:
  using batch_type = Batch<Shard>;
  static constexpr bool gated = options.delivery == Delivery::gated;

  /// What is there now: up to 12 KB of it; of a gated stream's records of one size up to a sixteenth of the capacity if
  /// that is more, and to a quarter if that is less.
  batch_type read() & { return read_up_to(std::numeric_limits<std::size_t>::max()); }
  batch_type read() && = delete;  // the batch would refer to a buffer that is gone

  /// The same, of at most `count` records: Kinesis' Limit.
  batch_type read_up_to(std::size_t count) & {
    auto& cursor = *cursor_;
    ++cursor.reads;
    if (cursor.shard.admission().refuses_read()) [[unlikely]] {
      return {cursor, {}, true};
    }
    const auto run = cursor.seat ? cursor.reader.read(count, cursor.shard.sieve()) : remains();
    cursor.shard.admission().was_read(cursor.reader.bytes());
    cursor.seat.note(run, cursor.reader.bytes(), cursor.reader.number());
    at_end_ = run.end;
    started_ = started_ || run.count != 0;
    return {cursor, run};
  }

  /// Waits for something to tell: records, a gap or the shard's end; a false batch means that the deadline passed or
  /// the end came.
  template <wait_strategy Wait>
  batch_type read(Wait& wait, const Deadline& deadline) & {
    return detail::wait_for_batch(*this, cursor_->shard.alarm(), wait, deadline, nullptr);
  }

  /// The same, until a stop is requested: from then on no record is delivered, and the batch is false unless it tells a
  /// gap.
  template <wait_strategy Wait>
  batch_type read(Wait& wait, const Deadline& deadline, const std::stop_token& stop) & {
    return detail::wait_for_batch(*this, cursor_->shard.alarm(), wait, deadline, &stop);
  }

  /// The same with the iterator's own `BackOff`, which uses a whole core while it waits: where that matters, pass a
  /// `Park`.
  batch_type read(const Deadline& deadline) & { return read(back_off_, deadline); }

  /// Releases the batch, which ends: writers may have the place of everything that was read.
  void commit() requires gated {
    ++cursor_->reads;
    static_cast<void>(cursor_->reader.release());
  }

  /// Who this is among the readers of a gated shard; nothing when it was evicted and found no place to come back to.
  [[nodiscard]] std::optional<ReaderId> reader_id() const noexcept requires gated {
    const auto place = cursor_->reader.place();
    return place ? std::optional{ReaderId{shard(), *place}} : std::nullopt;
  }

  /// The shard is closed, or its storage is open for reading only, and everything in it was read.
  [[nodiscard]] bool at_end() const noexcept { return at_end_; }

  /// Where the next read begins: what to save in a checkpoint, and to hand to `Stream::iterator` later. It stays what
  /// was asked for as long as that has no number.
  [[nodiscard]] Position position() const noexcept {
    const bool symbolic =
        asked_.kind() == Position::Kind::trim_horizon || asked_.kind() == Position::Kind::at_timestamp;
    if (symbolic && !started_) {
      return asked_;
    }
    return Position::at(cursor_->shard.number(cursor_->reader.number()));
  }

  [[nodiscard]] ShardId shard() const noexcept { return cursor_->shard.header().id; }

 private:
  friend Shard;
  Iterator(Shard& shard, const Start& start, const Position& asked)
      : cursor_(std::make_unique<detail::Cursor<Shard>>(shard, start)), asked_(asked) {}

  /// What a read tells of a shard whose bytes were given up before this iterator came.
  Run remains() const {
    const auto& shard = cursor_->shard;
    return {.missed = at_end_ ? 0 : shard.log().end() - shard.start() - 1, .end = true};
  }

  std::unique_ptr<detail::Cursor<Shard>> cursor_;
  Position asked_;
  BackOff back_off_;
  bool at_end_ = false;
  bool started_ = false;
};

namespace detail {

/// How far a clock may lag behind the time that a caller read from a finer one: its `resolution`, where it names one.
template <class Clock>
constexpr std::chrono::milliseconds lag_of(const Clock&) noexcept {
  if constexpr (requires { Clock::resolution; }) {
    return Clock::resolution;
  } else {
    return std::chrono::milliseconds{0};
  }
}

/// Where a reader of `shard` begins for a position, or why it cannot.
template <class Shard>
Result<Start> start_of(const Shard& shard, const Position& position) {
  const auto& header = shard.header();
  const auto& log = shard.log();
  const auto checked = [&](std::uint64_t beyond) -> Result<Start> {
    const auto number = position.sequence_number();
    if (number.incarnation() != header.incarnation) {
      return Failure{Errc::invalid_argument, Cause::foreign_incarnation, number.incarnation().value(),
                     header.incarnation.value()};
    }
    if (number.shard() != header.id) {
      return Failure{Errc::invalid_argument, Cause::foreign_shard, number.shard().index(), header.id.index()};
    }
    // The starting number is reserved, so at and after it both mean the first record.
    const auto wanted = number.value() == ~std::uint64_t{0} ? number.value() : number.value() + beyond;
    return Start{.number = std::max(wanted, shard.start() + 1)};
  };
  switch (position.kind()) {
    case Position::Kind::trim_horizon: return Start{.number = shard.start() + 1, .at_horizon = true};
    // Nothing is missed of a gated shard from the registration on, and these begin there.
    case Position::Kind::latest: return Start{.number = log.end(), .at_horizon = Shard::Log::gated};
    case Position::Kind::at: return checked(0);
    case Position::Kind::after: return checked(1);
    case Position::Kind::last: {
      const auto end = log.end();
      return Start{.number = std::max(log.oldest(), end - std::min(end, position.count())),
                   .at_horizon = Shard::Log::gated};
    }
    case Position::Kind::at_timestamp:
      if constexpr (timed_log<typename Shard::Log>) {
        const auto moment = position.timestamp().time_since_epoch().count();
        const auto now = std::max(shard.env().clock.now().time_since_epoch().count(), log.last_arrival());
        if (moment > now + detail::lag_of(shard.env().clock).count()) {
          return Failure{Errc::invalid_argument, Cause::timestamp_in_future, static_cast<std::uint64_t>(moment),
                         static_cast<std::uint64_t>(now)};
        }
        return log.seek(moment);
      }
      return Failure{Errc::invalid_argument, Cause::no_arrival_times, 0, 0};
  }
  return Start{};
}

}  // namespace detail

template <class T, class Storage, Options options, class Env>
Result<Iterator<T, Storage, options, Env>> Shard<T, Storage, options, Env>::iterator(const Position& position) {
  const auto start = detail::start_of(*this, position);
  if (!start) {
    return start.error();
  }
  Iterator<T, Storage, options, Env> iterator{*this, *start, position};
  if (!iterator.cursor_->seat) {
    return Failure{Errc::resource_not_found, Cause::shard_expired, header_.id.index(), 0};
  }
  if constexpr (Log::gated) {
    if (position.kind() == Position::Kind::latest || position.kind() == Position::Kind::last) {
      iterator.cursor_->reader.from_here();
    }
    if (!iterator.reader_id()) {
      return Failure{Errc::limit_exceeded, Cause::readers_taken, log_.gate().places(), header_.id.index()};
    }
  }
  return iterator;
}

template <class T, class Storage, Options options, class Env>
Iterator<T, Storage, options, Env> Shard<T, Storage, options, Env>::successive_iterator(const Position& asked) {
  lineage_.begin();
  Start start{.number = this->start() + 1};  // not the horizon: whatever is gone of it is missed
  auto position = Position::at(number(this->start()));
  if (asked.kind() == Position::Kind::at_timestamp) {
    if (const auto found = detail::start_of(*this, asked)) {
      start = *found;
      position = asked;
    }
  }
  return {*this, start, position};
}

}  // namespace weir::inline WEIR_ABI
