/// Reads the closed stream again from each kind of position, and compares with what was counted live.
#pragma once

#include <functional>

#include "live.hpp"

namespace access_log {

/// The records that a position led to, and those before it: together they must be all.
struct Replay {
  std::string_view from;
  Counts replayed;
  Counts before;
};

template <class Visit>
void visit_records(Lines& stream, weir::ShardId shard, const weir::Position& from, Visit&& visit) {
  auto cursor = stream.iterator(shard, from).value();
  while (!cursor.at_end()) {
    for (const auto& record : cursor.read(weir::Deadline::never())) {
      visit(record);
    }
  }
}

inline void add_from(Counts& counts, Lines& stream, weir::ShardId shard, const weir::Position& from) {
  visit_records(stream, shard, from, [&](const auto& record) { counts.add(record.value()); });
}

/// The middle record of a shard. In an empty shard: its starting number, which no record has.
struct Middle {
  weir::SequenceNumber number;
  weir::Timestamp arrival{};
  std::uint64_t onwards = 0;  ///< records from this one to the last
};

inline Middle middle_of(Lines& stream, const weir::ShardDescription& shard, std::uint64_t records) {
  Middle middle{shard.starting};
  std::uint64_t index = 0;
  visit_records(stream, shard.id, weir::Position::trim_horizon(), [&](const auto& record) {
    if (index++ == records / 2) {
      middle = {record.sequence_number(), record.arrival(), records - records / 2};
    }
  });
  return middle;
}

/// A position, and which records lie before it, told from the record alone.
struct Way {
  std::string_view name;
  weir::Position from;
  std::function<bool(const Lines::record_type&)> before;
};

inline std::vector<Way> ways_through(const Middle& middle) {
  using weir::Position;
  const auto below = [number = middle.number](const auto& record) { return record.sequence_number() < number; };
  return {
      {"trim_horizon", Position::trim_horizon(), [](const auto&) { return false; }},
      {"latest", Position::latest(), [](const auto&) { return true; }},
      {"at", Position::at(middle.number), below},
      {"after", Position::after(middle.number),
       [number = middle.number](const auto& record) { return record.sequence_number() <= number; }},
      {"at_timestamp", Position::at_timestamp(middle.arrival),
       [arrival = middle.arrival](const auto& record) { return record.arrival() < arrival; }},
      {"last", Position::last(middle.onwards), below},
  };
}

/// Each shard from each kind of position, at its middle record where the position can be chosen.
inline std::vector<Replay> replay_positions(Lines& stream, const std::vector<Reading>& readings) {
  std::vector<Replay> replays;
  for (const auto& way : ways_through({})) {
    replays.push_back({way.name, {}, {}});
  }
  for (const auto& shard : stream.shards()) {
    const auto middle = middle_of(stream, shard, readings[shard.id.index()].counts.lines);
    const auto ways = ways_through(middle);
    for (std::size_t i = 0; i < ways.size(); ++i) {
      add_from(replays[i].replayed, stream, shard.id, ways[i].from);
      visit_records(stream, shard.id, weir::Position::trim_horizon(), [&](const auto& record) {
        if (ways[i].before(record)) {
          replays[i].before.add(record.value());
        }
      });
    }
  }
  return replays;
}

/// Each shard from its checkpoint, as after a restart: the counts saved, and the records behind them.
inline Replay replay_checkpoints(Lines& stream, const weir::MemoryCheckpoints& checkpoints) {
  Replay replay{"checkpoint", {}, {}};
  for (const auto& shard : stream.shards()) {
    const auto saved = checkpoints.load(application, shard.id).value();
    if (saved) {
      replay.before += Counts::from_text(weir::BytesView{saved->state}.text());
    }
    add_from(replay.replayed, stream, shard.id, saved ? saved->position : weir::Position::trim_horizon());
  }
  return replay;
}

/// All shards with one reader.
inline Replay replay_stream(Lines& stream) {
  Replay replay{"reader", {}, {}};
  auto reader = stream.reader(weir::Position::trim_horizon()).value();
  while (!reader.at_end()) {
    for (const auto& record : reader.read(weir::Deadline::never())) {
      replay.replayed.add(record.value());
    }
  }
  return replay;
}

inline bool agrees(Replay replay, const Counts& live) {
  return (replay.before += replay.replayed) == live;
}

}  // namespace access_log
