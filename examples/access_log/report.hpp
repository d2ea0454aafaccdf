/// What is printed.
#pragma once

#include <cinttypes>
#include <numeric>

#include "replay.hpp"

namespace access_log {

inline constexpr std::size_t shown_clients = 10;
inline constexpr std::size_t shown_hours = 24 * 7;
inline constexpr std::uint64_t longest_bar = 50;

/// 1234567 as 1,234,567.
inline std::string grouped(std::uint64_t number) {
  auto digits = std::to_string(number);
  for (auto place = digits.size(); place > 3;) {
    place -= 3;
    digits.insert(place, 1, ',');
  }
  return digits;
}

/// Text of the log, harmless to a terminal.
inline std::string printable(std::string text) {
  std::replace_if(
      text.begin(), text.end(), [](char c) { return c < ' ' || c > '~'; }, '?');
  return text;
}

inline void print_row(const std::string& name, std::uint64_t count) {
  std::printf("%-40s %12s\n", name.c_str(), grouped(count).c_str());
}

inline void print_shards(const Live& live) {
  std::printf("\n%-24s %12s %15s %9s %12s\n", "shard", "records", "bytes", "missed", "checkpoints");
  const auto row = [](const Reading& reading, const std::string& name) {
    std::printf("%-24s %12s %15s %9s %12s\n", name.c_str(), grouped(reading.counts.lines).c_str(),
                grouped(reading.counts.bytes).c_str(), grouped(reading.missed).c_str(),
                grouped(reading.checkpoints).c_str());
  };
  Reading all;
  all.counts = live.counts;
  for (const auto& reading : live.readings) {
    row(reading, reading.shard.to_string());
    all.missed += reading.missed;
    all.checkpoints += reading.checkpoints;
  }
  row(all, "all");
}

inline void print_clients(const Counts& counts) {
  std::vector<std::pair<std::string_view, std::uint64_t>> ranking{counts.clients.begin(), counts.clients.end()};
  std::stable_sort(ranking.begin(), ranking.end(), [](const auto& a, const auto& b) { return a.second > b.second; });
  const auto shown = std::min(ranking.size(), shown_clients);
  std::printf("\n%-40s %12s\n", "client", "requests");
  for (std::size_t i = 0; i < shown; ++i) {
    print_row(std::string{ranking[i].first}, ranking[i].second);
  }
  if (shown < ranking.size()) {
    const auto others = std::accumulate(ranking.begin() + static_cast<std::ptrdiff_t>(shown), ranking.end(),
                                        std::uint64_t{0}, [](auto sum, const auto& row) { return sum + row.second; });
    print_row(grouped(ranking.size() - shown) + " others", others);
  }
}

inline void print_statuses(const Counts& counts) {
  std::printf("\n%-40s %12s\n", "status", "requests");
  for (const auto& [status, count] : counts.statuses) {
    std::printf("%03u %49s\n", status, grouped(count).c_str());
  }
}

inline void print_hours(const Counts& counts) {
  const auto hidden = counts.hours.size() - std::min(counts.hours.size(), shown_hours);
  const auto first = std::next(counts.hours.begin(), static_cast<std::ptrdiff_t>(hidden));
  const auto highest = std::accumulate(first, counts.hours.end(), std::uint64_t{0},
                                       [](auto most, const auto& row) { return std::max(most, row.second); });
  std::printf("\n%-16s %12s\n", "hour", "requests");
  if (hidden != 0) {
    std::printf("(%s earlier hours are left out)\n", grouped(hidden).c_str());
  }
  for (auto row = first; row != counts.hours.end(); ++row) {
    const auto [hour, count] = *row;
    const std::string bar((count * longest_bar + highest - 1) / highest, '#');
    std::printf("%04" PRIu64 "-%02" PRIu64 "-%02" PRIu64 " %02" PRIu64 ":00 %12s  %s\n", hour / 1'000'000,
                hour / 10'000 % 100, hour / 100 % 100, hour % 100, grouped(count).c_str(), bar.c_str());
  }
  std::printf("%s requests, answered with %s bytes\n", grouped(counts.requests).c_str(), grouped(counts.sent).c_str());
}

inline void print_remarks(const std::vector<Remark>& remarks) {
  for (const auto& remark : remarks) {
    std::printf("  line %" PRIu64 ": %s\n", remark.line, remark.complaint.c_str());
    if (!remark.text.empty()) {
      std::printf("    %s\n", printable(remark.text).c_str());
    }
  }
}

/// The first malformed lines of the log, whatever their shards.
inline std::vector<Remark> first_malformed(const Live& live) {
  std::vector<Remark> remarks;
  for (const auto& reading : live.readings) {
    remarks.insert(remarks.end(), reading.remarks.begin(), reading.remarks.end());
  }
  std::sort(remarks.begin(), remarks.end(), [](const Remark& a, const Remark& b) { return a.line < b.line; });
  remarks.resize(std::min(remarks.size(), shown_lines));
  return remarks;
}

inline void print_complaints(const Live& live) {
  const auto& counts = live.counts;
  const auto readable = counts.malformed - (counts.lines - counts.requests);
  std::printf("\nmalformed lines: %s (%s of them counted above, being whole up to the size of the answer)\n",
              grouped(counts.malformed).c_str(), grouped(readable).c_str());
  print_remarks(first_malformed(live));
  if (live.written.too_long != 0) {
    std::printf("lines too long for a record: %s (not put, so not counted above)\n",
                grouped(live.written.too_long).c_str());
    print_remarks(live.written.remarks);
  }
}

inline void print_live(const std::string& name, const Live& live) {
  const auto seconds = std::max(live.elapsed.count(), 1e-9);
  std::printf("%s: %s lines\n", name.c_str(), grouped(live.written.lines + live.written.too_long).c_str());
  std::printf("put and read in %.3f s: %s lines/s, %.1f MB/s (%d shards, 1 producer, %zu readers)\n", seconds,
              grouped(static_cast<std::uint64_t>(static_cast<double>(live.counts.lines) / seconds)).c_str(),
              static_cast<double>(live.counts.bytes) / seconds / 1e6, shards, live.readings.size());
  print_shards(live);
  print_clients(live.counts);
  print_statuses(live.counts);
  print_hours(live.counts);
  print_complaints(live);
}

/// Returns whether all replays agree with what was counted live.
inline bool print_replays(const std::vector<Replay>& replays, const Counts& live) {
  bool all = true;
  std::printf("\n%-16s %12s %12s\n", "replay from", "records", "before it");
  for (const auto& replay : replays) {
    const bool good = agrees(replay, live);
    all = all && good;
    std::printf("%-16s %12s %12s  %s\n", std::string{replay.from}.c_str(), grouped(replay.replayed.lines).c_str(),
                grouped(replay.before.lines).c_str(), good ? "agrees" : "DIFFERS");
  }
  return all;
}

}  // namespace access_log
