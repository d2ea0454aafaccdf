/// What a stream has done so far, shard by shard: numbers to look at, and a page for a collector of metrics.
#pragma once

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "weir/core/ids.hpp"
#include "weir/core/print.hpp"
#include "weir/stream/stream.hpp"

namespace weir::inline WEIR_ABI {

/// One shard at one moment. Counts begin at 0 when the stream is opened, those of what came in when the shard began,
/// and never fall, so that whoever wants a rate takes two snapshots; the others tell how things stand. Numbers of one
/// snapshot are read one after another while producers and readers go on: between them they may differ by what happened
/// meanwhile.
struct ShardMetrics {
  ShardId shard;
  std::uint64_t incoming_records = 0;  ///< IncomingRecords
  /// IncomingBytes: payload in a column ring; in a segment ring stored frames, with the partition key and what they are
  /// padded by.
  std::uint64_t incoming_bytes = 0;
  std::uint64_t outgoing_records = 0;  ///< OutgoingRecords: those that several readers are given count for each
  std::uint64_t outgoing_bytes = 0;    ///< OutgoingBytes, counted as the incoming ones
  std::uint64_t write_throttles = 0;   ///< WriteProvisionedThroughputExceeded: records
  std::uint64_t read_throttles = 0;    ///< ReadProvisionedThroughputExceeded: reads
  std::uint64_t laps = 0;              ///< how often a reader was told of a gap
  std::uint64_t missed = 0;            ///< the records in those gaps
  std::uint64_t full = 0;              ///< attempts to put that found no room, because readers had not released enough
  /// IteratorAgeMilliseconds: how long ago the record arrived that the slowest reader is at; 0 when all have caught up.
  std::chrono::milliseconds iterator_age{0};
  std::chrono::nanoseconds gate_wait{0};  ///< what producers spent waiting for readers, all of it together
  std::uint64_t reader_lag = 0;           ///< records that the slowest reader has before it

  friend constexpr bool operator==(const ShardMetrics&, const ShardMetrics&) noexcept = default;
};

/// All shards of a stream, those that are closed among them.
struct StreamMetrics {
  std::string stream;
  std::vector<ShardMetrics> shards;  ///< that have not expired
  ShardMetrics expired{};            ///< what those counted that have

  /// Counts summed, ages and lags of the slowest; which shard it names means nothing.
  [[nodiscard]] ShardMetrics total() const;
  /// A table for people: a row for each shard, the totals last, times in seconds.
  [[nodiscard]] std::string to_string() const;

  friend bool operator==(const StreamMetrics&, const StreamMetrics&) = default;
};

namespace detail {

/// A number of the table and of the page, and what each calls it.
struct Metric {
  enum class Kind : std::uint8_t { count, level };
  /// Writes seconds exactly, with as many digits as they need.
  static std::string seconds(std::chrono::nanoseconds time) {
    const auto nanos = std::max<std::int64_t>(time.count(), 0);
    auto digits = std::to_string(nanos % 1'000'000'000 + 1'000'000'000);  // a one before nine digits
    digits.front() = '.';
    digits.resize(digits.find_last_not_of('0') + 1);
    return std::to_string(nanos / 1'000'000'000) + (digits == "." ? "" : digits);
  }

  std::string_view heading;
  std::string_view name;
  std::string_view help;
  Kind kind;
  std::string (*text)(const ShardMetrics&);
};

inline constexpr std::array<Metric, 12> metrics{{
    {"records in", "weir_incoming_records_total", "Records put (IncomingRecords).", Metric::Kind::count,
     [](const ShardMetrics& shard) { return std::to_string(shard.incoming_records); }},
    {"bytes in", "weir_incoming_bytes_total", "Bytes put, as they are stored (IncomingBytes).", Metric::Kind::count,
     [](const ShardMetrics& shard) { return std::to_string(shard.incoming_bytes); }},
    {"records out", "weir_outgoing_records_total", "Records given to readers (OutgoingRecords).", Metric::Kind::count,
     [](const ShardMetrics& shard) { return std::to_string(shard.outgoing_records); }},
    {"bytes out", "weir_outgoing_bytes_total", "Bytes given to readers (OutgoingBytes).", Metric::Kind::count,
     [](const ShardMetrics& shard) { return std::to_string(shard.outgoing_bytes); }},
    {"throttled in", "weir_write_provisioned_throughput_exceeded_total",
     "Records refused because the shard was over its rate (WriteProvisionedThroughputExceeded).", Metric::Kind::count,
     [](const ShardMetrics& shard) { return std::to_string(shard.write_throttles); }},
    {"throttled out", "weir_read_provisioned_throughput_exceeded_total",
     "Reads refused because the shard was over its rate (ReadProvisionedThroughputExceeded).", Metric::Kind::count,
     [](const ShardMetrics& shard) { return std::to_string(shard.read_throttles); }},
    {"laps", "weir_laps_total", "Times that a reader was told of a gap.", Metric::Kind::count,
     [](const ShardMetrics& shard) { return std::to_string(shard.laps); }},
    {"missed", "weir_missed_records_total", "Records overwritten before a reader came to them.", Metric::Kind::count,
     [](const ShardMetrics& shard) { return std::to_string(shard.missed); }},
    {"full", "weir_full_total", "Attempts to put that found no room, because readers had not released enough.",
     Metric::Kind::count, [](const ShardMetrics& shard) { return std::to_string(shard.full); }},
    {"age s", "weir_iterator_age_seconds", "Age of the record that the slowest reader is at (IteratorAgeMilliseconds).",
     Metric::Kind::level, [](const ShardMetrics& shard) { return Metric::seconds(shard.iterator_age); }},
    {"gate wait s", "weir_gate_wait_seconds_total", "Time that producers spent waiting for readers.",
     Metric::Kind::count, [](const ShardMetrics& shard) { return Metric::seconds(shard.gate_wait); }},
    {"lag", "weir_reader_lag_records", "Records that the slowest reader has before it.", Metric::Kind::level,
     [](const ShardMetrics& shard) { return std::to_string(shard.reader_lag); }},
}};

/// A label's value as the format wants it between quotation marks.
inline std::string escaped_label(std::string_view value) {
  std::string text;
  for (const char c : value) {
    if (c == '\n') {
      text += "\\n";
    } else {
      text.append(c == '\\' || c == '"' ? 1 : 0, '\\') += c;
    }
  }
  return text;
}

/// Counts summed, ages and lags of the slowest.
inline void add(ShardMetrics& sum, const ShardMetrics& shard) noexcept {
  sum.incoming_records += shard.incoming_records;
  sum.incoming_bytes += shard.incoming_bytes;
  sum.outgoing_records += shard.outgoing_records;
  sum.outgoing_bytes += shard.outgoing_bytes;
  sum.write_throttles += shard.write_throttles;
  sum.read_throttles += shard.read_throttles;
  sum.laps += shard.laps;
  sum.missed += shard.missed;
  sum.full += shard.full;
  sum.iterator_age = std::max(sum.iterator_age, shard.iterator_age);
  sum.gate_wait += shard.gate_wait;
  sum.reader_lag = std::max(sum.reader_lag, shard.reader_lag);
}

/// What one shard has counted.
template <class Shard>
ShardMetrics metrics_of(Shard& shard) {
  const auto& log = shard.log();
  const auto end = log.end();
  const auto given = shard.readership().given();
  const auto lag = shard.readership().lag(end);
  const auto now = shard.env().clock.now().time_since_epoch().count();
  const bool behind = lag.waiting_since != Run::nothing_unread;
  return {.shard = shard.header().id,
          .incoming_records = end - shard.start() - 1,
          .incoming_bytes = log.bytes_since(shard.start() + 1),
          .outgoing_records = given.records,
          .outgoing_bytes = given.bytes,
          .write_throttles = shard.admission().write_throttles(),
          .read_throttles = shard.admission().read_throttles(),
          .laps = given.laps,
          .missed = given.missed,
          .full = shard.full().get(),
          .iterator_age = std::chrono::milliseconds{behind ? std::max<std::int64_t>(now - lag.waiting_since, 0) : 0},
          .gate_wait = std::chrono::nanoseconds{static_cast<std::int64_t>(shard.gate_wait().get())},
          .reader_lag = lag.records};
}

}  // namespace detail

inline ShardMetrics StreamMetrics::total() const {
  auto sum = expired;
  for (const auto& shard : shards) {
    detail::add(sum, shard);
  }
  return sum;
}

inline std::string StreamMetrics::to_string() const {
  constexpr auto columns = detail::metrics.size() + 1;
  using Row = std::array<std::string, columns>;
  std::vector<Row> rows(1);
  rows[0][0] = stream;
  for (std::size_t column = 1; column < columns; ++column) {
    rows[0][column] = detail::metrics[column - 1].heading;
  }
  const auto add = [&](std::string name, const ShardMetrics& shard) {
    auto& row = rows.emplace_back();
    row[0] = std::move(name);
    for (std::size_t column = 1; column < columns; ++column) {
      row[column] = detail::metrics[column - 1].text(shard);
    }
  };
  for (const auto& shard : shards) {
    add(shard.shard.to_string(), shard);
  }
  add("total", total());
  std::array<std::size_t, columns> widths{};
  for (const auto& row : rows) {
    for (std::size_t column = 0; column < columns; ++column) {
      widths[column] = std::max(widths[column], row[column].size());
    }
  }
  std::string text;
  for (const auto& row : rows) {
    text += row[0] + std::string(widths[0] - row[0].size(), ' ');
    for (std::size_t column = 1; column < columns; ++column) {
      text += std::string(widths[column] - row[column].size() + 2, ' ') + row[column];
    }
    text += '\n';
  }
  return text;
}

template <>
inline constexpr bool detail::has_text<StreamMetrics> = true;

/// A page in Prometheus' text format, version 0.0.4 (`text/plain; version=0.0.4`): a family for each number, with the
/// labels `stream` and `shard`, times in seconds. One page for several streams, because a family may occur once in it.
[[nodiscard]] inline std::string to_prometheus(std::span<const StreamMetrics> streams) {
  std::string page;
  for (const auto& metric : detail::metrics) {
    const std::string name{metric.name};
    page += "# HELP " + name + ' ' + std::string{metric.help} + '\n';
    page += "# TYPE " + name + (metric.kind == detail::Metric::Kind::count ? " counter\n" : " gauge\n");
    for (const auto& stream : streams) {
      const auto labels = "{stream=\"" + detail::escaped_label(stream.stream) + "\",shard=\"";
      for (const auto& shard : stream.shards) {
        page += name + labels + shard.shard.to_string() + "\"} " + metric.text(shard) + '\n';
      }
    }
  }
  return page;
}
[[nodiscard]] inline std::string to_prometheus(const StreamMetrics& stream) {
  return to_prometheus(std::span{&stream, 1});
}

/// Takes stock of a stream.
///
/// **cost** writers and readers do nothing for it but that a reader keeps count, in a line of its own, once a batch.
template <class T, class Storage, Options options, class Env>
StreamMetrics metrics(const Stream<T, Storage, options, Env>& stream) {
  StreamMetrics all{stream.name(), {}, {}};
  for (std::uint32_t id = 0;; ++id) {
    const auto shard = stream.shard(ShardId{id});
    if (!shard) {
      break;
    }
    if ((*shard)->readership().ended()) {
      detail::add(all.expired, detail::metrics_of(**shard));
    } else {
      all.shards.push_back(detail::metrics_of(**shard));
    }
  }
  return all;
}

}  // namespace weir::inline WEIR_ABI
