/// Random operations on a stream of several shards.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "support/reference/column.hpp"
#include "support/reference/decisions.hpp"
#include "weir/consume/checkpoint.hpp"
#include "weir/storage/memory.hpp"
#include "weir/stream/stream.hpp"
#include "weir/testing/manual_clock.hpp"

namespace weir::support {

/// Each shard is a list, and each reader an index into one. Positions of all kinds, as values, as text and through
/// checkpoints.
class StreamTest {
  using Stream = weir::Stream<Twelve, MemoryStorage, Options{}, testing::ManualEnv>;
  using Subject = ColumnSubject<Options{}>;

  struct Stored {
    Twelve value;
    std::int64_t arrival;
  };
  /// Record i has the number `first` + i.
  struct Shard {
    ShardId id;
    std::uint64_t first;
    std::vector<Stored> records{};
    std::int64_t last_arrival = 0;

    [[nodiscard]] std::uint64_t end() const noexcept { return first + records.size(); }
  };
  struct Cursor {
    std::size_t shard;
    Position asked;
    std::uint64_t position;
    bool at_horizon = false;
    std::int64_t arrival = Start::any_time;
    bool started = false;
  };
  struct Beside {
    Stream::iterator_type iterator;
    Cursor cursor;
  };
  struct ReaderBeside {
    Stream::reader_type reader;
    std::vector<Cursor> cursors;
  };

 public:
  explicit StreamTest(ByteSource& source) : source_(source), subject_(source), stream_(open()) {
    for (const auto& shard : stream_.shards()) {
      shards_.push_back({shard.id, (*stream_.shard(shard.id))->start() + 1});
    }
    source_.tell("capacity, shards", subject_.capacity(), shards_.size());
  }

  void step() {
    switch (source_.below(16)) {
      default: put(); break;
      case 5: put_all(); break;
      case 6: put_batch(); break;
      case 7:
      case 8: read(); break;
      case 9: open_iterator(); break;
      case 10:
      case 11: read_all(); break;
      case 12: set_clock(); break;
      case 13: resume(); break;
      case 14: open_reader(); break;
      case 15: close_at_last(); break;
    }
  }

 private:
  Stream open() {
    const auto shards = 1 + static_cast<int>(source_.below(4));
    return Stream::open({.shards = shards, .capacity = records(subject_.capacity())}, {}, env_).value();
  }

  [[nodiscard]] std::uint64_t oldest(const Shard& shard) const noexcept {
    const auto put = shard.records.size();
    const auto step = std::max<std::uint64_t>(subject_.capacity() / 16, 1);
    return put <= subject_.capacity() ? shard.first
                                      : shard.first + (put - subject_.capacity() + step - 1) / step * step;
  }
  [[nodiscard]] std::int64_t now() const noexcept { return env_.clock.now().time_since_epoch().count(); }
  std::string any_key() { return {static_cast<char>('a' + source_.below(12))}; }

  /// Keys with the same shard once have it for ever.
  Shard& shard_for(const std::string& key) {
    const auto id = stream_.shard_of(key).value();
    auto& known = routes_[static_cast<std::size_t>(key[0] - 'a')];
    agree("shard of a key", known.value_or(id) == id, true);
    known = id;
    return shards_.at(id.index());
  }
  [[nodiscard]] Twelve next(const Shard& shard, std::uint64_t ahead = 0) const noexcept {
    return Twelve::of((shard.end() + ahead) << 8 | shard.id.index());
  }
  void store(Shard& shard, const Twelve& value) {
    shard.last_arrival = std::max({shard.last_arrival, now(), std::int64_t{0}});
    shard.records.push_back({value, shard.last_arrival});
  }
  template <class R>
  bool agrees(const R& result) const {
    agree("put", result.has_value(), !closed_);
    agree("error of a put into a closed stream", result.has_value() || result.error().code == Errc::closed, true);
    return result.has_value();
  }
  static void check_number(const SequenceNumber& number, const Shard& shard, std::uint64_t value) {
    agree("shard of a number", number.shard() == shard.id, true);
    agree("number", number.value(), value);
  }

  void put() {
    const auto key = any_key();
    auto& shard = shard_for(key);
    const auto value = next(shard);
    source_.tell("put into shard", shard.id.index());
    if (const auto put = stream_.put(key, value); agrees(put)) {
      check_number(put->sequence_number, shard, shard.end());
      store(shard, value);
    }
  }

  void put_all() {
    const auto key = any_key();
    auto& shard = shard_for(key);
    std::vector<Twelve> values;
    for (auto count = 1 + source_.below(subject_.most() + 1); values.size() < count;) {
      values.push_back(next(shard, values.size()));
    }
    source_.tell("put_all into shard", shard.id.index(), values.size());
    const auto put = stream_.put_all(key, values);
    if (values.size() > subject_.most()) {
      agree("more than one claim takes", !put && put.error().code == Errc::validation, true);
    } else if (agrees(put)) {
      check_number(put->first, shard, shard.end());
      agree("count", put->count, values.size());
      std::for_each(values.begin(), values.end(), [&](const Twelve& value) { store(shard, value); });
    }
  }

  void put_batch() {
    std::vector<Stream::Entry> entries;
    std::vector<std::string> keys(source_.below(6));
    std::vector<std::uint64_t> ahead(shards_.size());
    for (auto& key : keys) {
      key = any_key();
      const auto& shard = shard_for(key);
      entries.push_back({.key = key, .data = next(shard, ahead[shard.id.index()]++)});
    }
    source_.tell("put_batch", entries.size());
    std::vector<Result<Put>> results(entries.size(), Put{});
    const auto failed = stream_.put_batch(entries, results);
    agree("failed", failed.value(), closed_ ? entries.size() : 0U);
    for (std::size_t i = 0; i < entries.size(); ++i) {
      if (agrees(results[i])) {
        auto& shard = shard_for(keys[i]);
        check_number(results[i]->sequence_number, shard, shard.end());
        store(shard, entries[i].data);
      }
    }
  }

  void set_clock() {
    const auto decision = source_.below(64);
    source_.tell("clock", decision);
    if (decision < 4) {
      const std::int64_t moments[] = {-1'000, 0, 2'000'000'000'000, 1'000'000'000'000};
      env_.clock.set(Timestamp{std::chrono::milliseconds{moments[decision]}});
    } else {
      env_.clock.advance(std::chrono::milliseconds{static_cast<std::int64_t>(decision % 40) - 12});
    }
  }

  [[nodiscard]] Position any_position(const Shard& shard) {
    const auto number = [&] {
      const auto value = oldest(shard) + source_.take() % (shard.end() + 3 - oldest(shard));
      return SequenceNumber{value - std::min<std::uint64_t>(source_.below(9), value), shard.id, stream_.incarnation()};
    };
    switch (source_.below(6)) {
      case 0: return Position::trim_horizon();
      case 1: return Position::latest();
      case 2: return Position::at(number());
      case 3: return Position::after(number());
      case 4: return Position::last(source_.below(40));
      default:
        return Position::at_timestamp(Timestamp{
            std::chrono::milliseconds{shard.last_arrival + 5 - static_cast<std::int64_t>(source_.below(120))}});
    }
  }

  /// Where a reader begins, or nothing: a moment that is still to come is refused.
  [[nodiscard]] std::optional<Cursor> begin(std::size_t index, const Position& asked) const {
    const auto& shard = shards_[index];
    Cursor cursor{index, asked, shard.first};
    switch (asked.kind()) {
      case Position::Kind::trim_horizon: cursor.at_horizon = true; break;
      case Position::Kind::latest: cursor.position = shard.end(); break;
      case Position::Kind::at: cursor.position = std::max(asked.sequence_number().value(), shard.first); break;
      case Position::Kind::after: cursor.position = std::max(asked.sequence_number().value() + 1, shard.first); break;
      case Position::Kind::last:
        cursor.position = std::max(oldest(shard), shard.end() - std::min(asked.count(), shard.end()));
        break;
      case Position::Kind::at_timestamp:
        cursor.at_horizon = true;
        cursor.arrival = asked.timestamp().time_since_epoch().count();
        if (cursor.arrival > std::max(now(), shard.last_arrival)) {
          return {};
        }
    }
    return cursor;
  }

  void open_iterator() {
    const auto index = source_.below(shards_.size());
    keep(index, any_position(shards_[index]));
  }
  void keep(std::size_t index, const Position& position) {
    source_.tell("iterator of shard " + std::to_string(index) + " at " + position.to_string());
    auto iterator = stream_.iterator(shards_[index].id, position);
    const auto cursor = begin(index, position);
    agree("iterator", iterator.has_value(), cursor.has_value());
    if (cursor) {
      if (besides_.size() == 6) {
        besides_.erase(besides_.begin());
      }
      besides_.push_back({std::move(iterator).value(), *cursor});
    }
  }

  void open_reader() {
    auto position = any_position(shards_.front());
    if (position.kind() == Position::Kind::at || position.kind() == Position::Kind::after) {
      const auto refused = stream_.reader(position);
      agree("reader at a number", !refused && refused.error().code == Errc::invalid_argument, true);
      position = Position::trim_horizon();
    }
    std::vector<Cursor> cursors;
    for (std::size_t index = 0; index < shards_.size(); ++index) {
      if (const auto cursor = begin(index, position)) {
        cursors.push_back(*cursor);
      }
    }
    source_.tell("reader at " + position.to_string());
    auto reader = stream_.reader(position);
    agree("reader", reader.has_value(), cursors.size() == shards_.size());
    if (reader) {
      reader_.reset();
      reader_.emplace(ReaderBeside{std::move(reader).value(), std::move(cursors)});
    }
  }

  [[nodiscard]] std::size_t any_limit() {
    return source_.among({std::size_t{1}, std::size_t{2}, std::size_t{5}, std::numeric_limits<std::size_t>::max()});
  }

  /// The next record that is due, if it is there.
  [[nodiscard]] std::optional<std::uint64_t> due(const Cursor& cursor) const {
    const auto& shard = shards_[cursor.shard];
    auto number = std::max(cursor.position, oldest(shard));
    while (number < shard.end() && shard.records[number - shard.first].arrival < cursor.arrival) {
      ++number;
    }
    return number < shard.end() ? std::optional{number} : std::nullopt;
  }
  [[nodiscard]] std::uint64_t missed(const Cursor& cursor) const {
    const auto from = oldest(shards_[cursor.shard]);
    return cursor.at_horizon || cursor.position >= from ? 0 : from - cursor.position;
  }

  template <class Batch>
  void check(const Batch& batch, std::size_t limit, Cursor& cursor) const {
    const auto& shard = shards_[cursor.shard];
    source_.tell("    limit, count, missed", limit, batch.size(), batch.missed());
    agree("missed", batch.missed(), missed(cursor));
    const auto number = due(cursor);
    agree("records", batch.size() != 0, number.has_value());
    agree("no more than asked for", batch.size() <= limit, true);
    cursor.position = std::max(cursor.position, oldest(shard));
    if (!number) {
      if (cursor.position < shard.end()) {
        cursor.position = shard.end();  // what arrived too early is passed
      }
      return;
    }
    cursor.position = *number;
    for (const auto& record : batch) {
      const auto& stored = shard.records.at(cursor.position - shard.first);
      check_number(record.sequence_number(), shard, cursor.position++);
      agree("payload", record.value() == stored.value, true);
      agree("arrival", record.arrival().time_since_epoch().count(), stored.arrival);
    }
    const auto waited =
        cursor.position < shard.end() ? now() - shard.records[cursor.position - shard.first].arrival : 0;
    agree("millis behind latest", batch.millis_behind_latest().count(), std::max<std::int64_t>(waited, 0));
    cursor.at_horizon = false;
    cursor.arrival = Start::any_time;
    cursor.started = true;
  }
  [[nodiscard]] bool ended(const Cursor& cursor) const {
    return closed_ && cursor.position >= shards_[cursor.shard].end();
  }
  void check_position(const Position& position, const Cursor& cursor) const {
    const auto kind = cursor.asked.kind();
    if (!cursor.started && (kind == Position::Kind::trim_horizon || kind == Position::Kind::at_timestamp)) {
      agree("position that was asked for", position == cursor.asked, true);
    } else {
      agree("kind of a position", position.kind() == Position::Kind::at, true);
      check_number(position.sequence_number(), shards_[cursor.shard], cursor.position);
    }
  }

  void read() {
    if (besides_.empty()) {
      return;
    }
    const auto chosen = source_.below(besides_.size());
    auto& [iterator, cursor] = besides_[chosen];
    const auto limit = any_limit();
    source_.tell("iterator", chosen);
    const auto batch = iterator.read_up_to(limit);
    check(batch, limit, cursor);
    agree("at end", iterator.at_end(), batch.empty() && ended(cursor));
    check_position(iterator.position(), cursor);
  }

  /// The shards take turns; which is next is the reader's business.
  void read_all() {
    if (!reader_) {
      return;
    }
    auto& [reader, cursors] = *reader_;
    const auto limit = any_limit();
    source_.tell("reader of all");
    const auto batch = reader.read_up_to(limit);
    if (batch) {
      check(batch, limit, cursors.at(batch.shard().index()));
    } else {
      for (auto& cursor : cursors) {
        agree("a shard with something to tell", due(cursor).has_value() || missed(cursor) != 0, false);
        cursor.position = std::max(cursor.position, shards_[cursor.shard].end());
      }
      agree(
          "at end", reader.at_end(),
          closed_ && std::all_of(cursors.begin(), cursors.end(), [&](const Cursor& cursor) { return ended(cursor); }));
    }
  }

  /// One iterator leaves where another goes on, by way of text and a checkpoint.
  void resume() {
    if (besides_.empty()) {
      return;
    }
    const auto chosen = besides_.begin() + static_cast<std::ptrdiff_t>(source_.below(besides_.size()));
    const auto index = chosen->cursor.shard;
    const auto id = shards_[index].id;
    const auto position = chosen->iterator.position();
    check_position(position, chosen->cursor);
    const auto read = Position::parse(position.to_string());
    agree("position from its text", read.has_value() && *read == position, true);
    const auto before = checkpoints_.load("application", id).value();
    const bool behind = before && precedes(position, before->position);
    agree("save", checkpoints_.save("application", id, position).has_value(), !behind);
    const auto kept = checkpoints_.load("application", id).value();
    agree("checkpoint", kept && kept->position == (behind ? before->position : position), true);
    besides_.erase(chosen);
    keep(index, position);
  }

  void close_at_last() {
    if (source_.below(8) == 0) {
      source_.tell("close");
      agree("close", stream_.close().has_value(), true);
      closed_ = true;
    }
  }

  ByteSource& source_;
  Subject subject_;
  testing::ManualEnv env_;
  Stream stream_;
  std::vector<Shard> shards_;
  std::optional<ShardId> routes_[12];
  std::vector<Beside> besides_;
  std::optional<ReaderBeside> reader_;
  MemoryCheckpoints checkpoints_;
  bool closed_ = false;
};

}  // namespace weir::support
