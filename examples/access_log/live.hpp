/// The main job: one thread puts the lines, one thread per shard counts them and checkpoints.
#pragma once

#include <bit>
#include <chrono>
#include <future>

#include "counts.hpp"
#include "input.hpp"
#include "progress.hpp"

namespace access_log {

using Lines = weir::Stream<LogLine>;

inline constexpr int shards = 4;
inline constexpr std::uint64_t max_record = 64 << 10;  // client address, number and text together
inline constexpr std::string_view application = "access_log";
inline constexpr std::size_t shown_lines = 5;  // of those that are wrong somehow
inline constexpr std::size_t shown_text = 100;

/// A line that deserves to be shown.
struct Remark {
  std::uint64_t line = 0;
  std::string complaint;
  std::string text;
};

/// What came of putting.
struct Written {
  std::uint64_t lines = 0;  ///< stored
  std::uint64_t too_long = 0;
  std::vector<Remark> remarks;
};

/// What one reader found in its shard.
struct Reading {
  weir::ShardId shard;
  Counts counts;
  std::uint64_t missed = 0;
  std::uint64_t checkpoints = 0;
  std::vector<Remark> remarks;
};

struct Live {
  Written written;
  std::vector<Reading> readings;
  Counts counts;  ///< of all shards
  std::chrono::duration<double> elapsed{};
};

/// How much there is to do, found before the stream is opened.
struct Workload {
  std::uint64_t lines = 0;
  std::uint64_t frames = 0;  ///< bytes that the lines take in a stream, at most

  explicit Workload(std::string_view text) {
    for_each_line(text, [&](std::uint64_t number, std::string_view line) {
      lines = number;
      frames += key_of(line).size() + line.size() + 48;  // number, arrival, sizes, padding
    });
  }

  /// Such that every shard could hold all lines: the replays want them all. A ring gives up one of its eight segments
  /// at a time and may leave a quarter of each unused, so twice the bytes are enough. Memory is taken as it is used.
  [[nodiscard]] weir::Capacity capacity() const {
    return weir::bytes(std::bit_ceil(std::max(2 * frames, 8 * 4 * (max_record + 64))));
  }

  /// Records of a shard from one checkpoint to the next: about ten checkpoints in each.
  [[nodiscard]] std::uint64_t checkpoint_interval() const { return std::max<std::uint64_t>(lines / (shards * 10), 4); }
};

/// The producer thread.
inline Written write(Lines& stream, std::string_view text, std::uint64_t total) {
  Written written;
  Progress progress{total};
  for_each_line(text, [&](std::uint64_t number, std::string_view line) {
    const auto put = stream.put(key_of(line), LogLine{number, line});
    if (put) {
      ++written.lines;
    } else if (put.error().cause != weir::Cause::record_size) {
      throw weir::Error(put.error());
    } else if (++written.too_long <= shown_lines) {
      written.remarks.push_back({number, put.error().message(), std::string{line.substr(0, shown_text)}});
    }
    progress.show(number);
  });
  return written;
}

/// A reader thread: counts until the shard is closed and everything was read. Every `interval` records it saves the
/// counts together with the place they stand for.
inline Reading follow(Lines::iterator_type cursor, weir::MemoryCheckpoints& checkpoints, std::uint64_t interval) {
  Reading reading;
  reading.shard = cursor.shard();
  auto& counts = reading.counts;
  // There may be more threads than cores: on two, 1.5 to 3 times the rate of the default wait.
  weir::Yield wait;
  while (!cursor.at_end()) {
    const auto batch = cursor.read(wait, weir::Deadline::never());
    reading.missed += batch.missed();
    for (const auto& record : batch) {
      const LogLine line = record.value();
      const Parsed parsed = parse(line.text);
      counts.add(line, parsed);
      if (!parsed.complaint.empty() && reading.remarks.size() < shown_lines) {
        reading.remarks.push_back(
            {line.number, std::string{parsed.complaint}, std::string{line.text.substr(0, shown_text)}});
      }
      if (counts.lines % interval == 0) {
        const auto state = counts.to_text();
        checkpoints
            .save(application, reading.shard, weir::Position::after(record.sequence_number()),
                  std::as_bytes(std::span{state}))
            .value();
        ++reading.checkpoints;
      }
    }
  }
  return reading;
}

/// Closes a stream when its scope ends, however it ends: readers wait for that.
class Closing {
 public:
  explicit Closing(Lines& stream) noexcept : stream_(stream) {}
  Closing(const Closing&) = delete;
  Closing& operator=(const Closing&) = delete;
  ~Closing() { static_cast<void>(stream_.close().has_value()); }

 private:
  Lines& stream_;
};

/// Runs the producer and the readers to their ends. What one of them throws is thrown here, when all have ended.
inline Live run_live(Lines& stream, std::string_view text, const Workload& workload,
                     weir::MemoryCheckpoints& checkpoints) {
  Live live;
  const auto begin = std::chrono::steady_clock::now();
  std::vector<std::future<Reading>> readers;
  {
    const Closing closing{stream};
    for (const auto& shard : stream.shards()) {
      readers.push_back(std::async(std::launch::async, follow,
                                   stream.iterator(shard.id, weir::Position::trim_horizon()).value(),
                                   std::ref(checkpoints), workload.checkpoint_interval()));
    }
    live.written = std::async(std::launch::async, write, std::ref(stream), text, workload.lines).get();
  }
  for (auto& reader : readers) {
    live.readings.push_back(reader.get());
    live.counts += live.readings.back().counts;
  }
  live.elapsed = std::chrono::steady_clock::now() - begin;
  return live;
}

}  // namespace access_log
