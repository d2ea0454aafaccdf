/// Random operations on a log beside a reference that is a map: one body for a seeded test and for a fuzzer.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "ring/zeroed_bytes.hpp"
#include "weir/ring/column/log.hpp"
#include "weir/ring/segment/log.hpp"
#include "weir/testing/manual_clock.hpp"

namespace weir::support {

/// Decisions, one byte each: a fuzzer's input, or random bytes. After the last one everything is zero.
class ByteSource {
 public:
  explicit ByteSource(std::span<const std::uint8_t> bytes) noexcept : bytes_(bytes) {}

  [[nodiscard]] bool exhausted() const noexcept { return bytes_.empty(); }
  std::uint8_t take() noexcept {
    if (bytes_.empty()) {
      return 0;
    }
    const auto byte = bytes_.front();
    bytes_ = bytes_.subspan(1);
    return byte;
  }
  /// 0 to `count` - 1; `count` is 1 to 256.
  std::uint64_t below(std::uint64_t count) noexcept { return take() % count; }
  template <class T, std::size_t size>
  const T& among(const T (&choices)[size]) noexcept {
    return choices[below(size)];
  }

 private:
  std::span<const std::uint8_t> bytes_;
};

/// What the log did and the reference did not.
struct Disagreement : std::logic_error {
  using std::logic_error::logic_error;
};

template <class A, class B>
void agree(std::string_view text, const A& log, const B& reference) {
  if (!(log == reference)) {
    std::string message{text};
    if constexpr (std::is_convertible_v<A, std::uint64_t> && std::is_convertible_v<B, std::uint64_t>) {
      message += ": " + std::to_string(static_cast<std::uint64_t>(log)) + " instead of " +
                 std::to_string(static_cast<std::uint64_t>(reference));
    }
    throw Disagreement{message};
  }
}

/// A payload of 12 bytes that tells its number, and that it is whole.
struct Twelve {
  std::uint32_t low;
  std::uint32_t high;
  std::uint32_t sum;

  static Twelve of(std::uint64_t number) noexcept {
    const auto low = static_cast<std::uint32_t>(number);
    const auto high = static_cast<std::uint32_t>(number >> 32);
    return {low, high, low * 3 + high * 5 + 7};
  }
  friend bool operator==(const Twelve&, const Twelve&) = default;
};

/// What the column ring promises to retain, as a formula of how many records were put: the ring's end rises by whole
/// steps, just far enough.
template <Options options>
class ColumnSubject {
 public:
  using Log = ColumnLog<Twelve, options, testing::ManualEnv>;
  using Layout = ColumnLayout<Twelve, options, testing::ManualEnv>;
  using Element = Twelve;
  static constexpr bool claims = options.producers == Producers::multiple;
  static constexpr bool timed = options.arrival == Arrival::kept;

  explicit ColumnSubject(ByteSource& source) : capacity_(source.among({1U, 2U, 4U, 8U, 16U, 64U})) {}

  [[nodiscard]] std::uint64_t capacity() const noexcept { return capacity_; }
  Log format(std::span<std::byte> bytes, std::uint64_t first) noexcept {
    first_ = first;
    return Log::format(bytes, capacity_, first);
  }

  /// The oldest number once `end` is the next.
  [[nodiscard]] std::uint64_t oldest_before(std::uint64_t end) const noexcept {
    const auto step = options.producers == Producers::single
                          ? std::min<std::uint64_t>(std::max<std::uint64_t>(capacity_ / 8, 1), 64)
                          : std::max<std::uint64_t>(capacity_ / 16, 1);
    const auto put = end - first_;
    return put <= capacity_ ? first_ : first_ + (put - capacity_ + step - 1) / step * step;
  }
  [[nodiscard]] std::uint64_t oldest(std::uint64_t end) const noexcept { return oldest_before(end); }

  [[nodiscard]] std::uint64_t most() const noexcept { return std::max<std::uint64_t>(capacity_ / 8, 1); }
  Twelve make(ByteSource&, std::uint64_t number) { return Twelve::of(number); }
  [[nodiscard]] std::uint64_t fitting(std::string_view, std::span<const Twelve> values) const noexcept {
    return values.size();
  }
  void put(std::uint64_t, std::string_view, std::span<const Twelve>) noexcept {}
  static bool same(const Twelve& view, const Twelve& value) noexcept { return view == value; }

 private:
  std::uint64_t capacity_;
  std::uint64_t first_ = 1;
};

/// What the segment ring promises to retain: a queue of segments, filled frame by frame.
template <Options options>
class SegmentSubject {
 public:
  using Log = SegmentLog<std::string, options, testing::ManualEnv>;
  using Element = std::string;
  static constexpr bool claims = false;
  static constexpr bool timed = options.arrival == Arrival::kept;

  explicit SegmentSubject(ByteSource& source)
      : capacity_(source.among({128U, 256U, 512U, 1024U, 4096U})),
        generation_(source.among({0U, 5U, (1U << 20) - 1, (1U << 20) - 2, (1U << 20) - 7})) {}

  [[nodiscard]] std::uint64_t capacity() const noexcept { return capacity_; }
  Log format(std::span<std::byte> bytes, std::uint64_t first) {
    segments_.push_back({first, 0, 0});
    return Log::format(bytes, capacity_, first, generation_);
  }

  [[nodiscard]] std::uint64_t oldest(std::uint64_t) const noexcept { return segments_.front().first; }

  [[nodiscard]] std::uint64_t most() const noexcept { return std::max<std::uint64_t>(entries() / 2, 1); }
  std::string make(ByteSource& source, std::uint64_t number) {
    const auto room = std::min<std::uint64_t>(segment_bytes() / 2 - header - 8, 96);  // 8 for the key
    std::string text;
    for (auto size = source.below(room + 1); text.size() < size;) {
      text += static_cast<char>('a' + (number + text.size() * 7) % 26);
    }
    return text;
  }
  /// How many of the values one claim may take.
  [[nodiscard]] std::uint64_t fitting(std::string_view key, std::span<const std::string> values) const noexcept {
    std::uint64_t bytes = 0;
    std::uint64_t count = 0;
    for (const auto& value : values) {
      bytes += frame(key, value);
      if (bytes > segment_bytes() / 2) {
        break;
      }
      ++count;
    }
    return count;
  }
  void put(std::uint64_t number, std::string_view key, std::span<const std::string> values) {
    std::uint64_t bytes = 0;
    for (const auto& value : values) {
      bytes += frame(key, value);
    }
    if (segments_.back().bytes + bytes > segment_bytes() || segments_.back().count + values.size() > entries()) {
      segments_.push_back({number, 0, 0});
      if (segments_.size() > segment_count()) {
        segments_.pop_front();
      }
    }
    segments_.back().bytes += bytes;
    segments_.back().count += values.size();
  }
  static bool same(std::string_view view, const std::string& value) noexcept { return view == value; }

 private:
  static constexpr std::uint64_t header = timed ? 16 : 8;
  struct Segment {
    std::uint64_t first;
    std::uint64_t bytes;
    std::uint64_t count;
  };

  [[nodiscard]] std::uint64_t segment_count() const noexcept { return std::min<std::uint64_t>(capacity_ / 64, 8); }
  [[nodiscard]] std::uint64_t segment_bytes() const noexcept { return capacity_ / segment_count(); }
  [[nodiscard]] std::uint64_t entries() const noexcept { return segment_bytes() / 32; }
  static std::uint64_t frame(std::string_view key, std::string_view data) noexcept {
    return header + (key.size() + 7) / 8 * 8 + (data.size() + 7) / 8 * 8;
  }

  std::uint64_t capacity_;
  std::uint64_t generation_;
  std::deque<Segment> segments_;
};

/// One run of the test: make it, and call `step()` until the source is exhausted.
template <class Subject>
class ReferenceTest {
  using Log = typename Subject::Log;
  using Element = typename Subject::Element;

  struct Stored {
    std::string key;
    Element value;
    std::int64_t arrival;
    bool skipped = false;
  };

  struct Claimed {
    Claim claim;
    bool open = false;
  };

  struct ReaderBeside {
    typename Log::Reader reader;
    std::uint64_t position;
    bool at_horizon;
    std::int64_t arrival;
  };

 public:
  explicit ReferenceTest(ByteSource& source)
      : source_(source),
        subject_(source),
        bytes_(Log::footprint(subject_.capacity())),
        first_(source.among({std::uint64_t{1}, (std::uint64_t{1} << 20) - 3, (std::uint64_t{1} << 32) - 3,
                             (std::uint64_t{1} << 42) - 3, (std::uint64_t{1} << 62) - 3})),
        end_(first_),
        log_(subject_.format(bytes_.span(), first_)),
        writer_(log_.writer()) {}

  void step() {
    switch (source_.below(16)) {
      default: put(1); break;
      case 6:
      case 7: put(1 + source_.below(subject_.most() < 255 ? subject_.most() + 1 : 255)); break;
      case 8:
      case 9:
      case 10: read(); break;
      case 11: open_reader(); break;
      case 12: clock_.advance(std::chrono::milliseconds{static_cast<std::int64_t>(source_.below(40)) - 12}); break;
      case 13: claim_or_finish(); break;
      case 14: attach(); break;
      case 15: close_at_last(); break;
    }
    check_log();
  }

 private:
  [[nodiscard]] std::uint64_t oldest() const { return subject_.oldest(end_); }
  /// The end of the finished prefix.
  [[nodiscard]] std::uint64_t visible() const {
    auto end = end_;
    for (const auto& each : claimed_) {
      end = each.open ? std::min(end, each.claim.first) : end;
    }
    return end;
  }

  void check_log() {
    agree("oldest", log_.oldest(), oldest());
    agree("end", log_.end(), end_);
    agree("closed", log_.closed(), closed_);
    if constexpr (Subject::timed) {
      agree("last arrival", log_.last_arrival(), last_arrival_);
    }
  }

  [[nodiscard]] std::int64_t arrive() {
    const auto now = std::max<std::int64_t>(clock_.now().time_since_epoch().count(), 0);
    return Subject::timed ? std::max(last_arrival_, now) : 0;
  }

  void put(std::uint64_t count) {
    const std::string key(source_.below(9), 'k');
    std::vector<Element> values;
    for (std::uint64_t i = 0; i < std::min(count, subject_.most()); ++i) {
      values.push_back(subject_.make(source_, end_ + i));
    }
    values.resize(std::max<std::uint64_t>(subject_.fitting(key, values), 1));
    Append outcome;
    if (values.size() == 1) {
      outcome = writer_.try_put(clock_, key, values.front());
    } else {
      const std::vector<std::remove_cvref_t<typename Log::argument>> arguments(values.begin(), values.end());
      outcome = writer_.try_put_all(clock_, key, std::span{arguments});
    }
    if (!agrees(outcome, values.size())) {
      return;
    }
    last_arrival_ = arrive();
    subject_.put(end_, key, values);
    for (auto& value : values) {
      stored_.emplace(end_++, Stored{key, std::move(value), last_arrival_});
    }
  }

  /// Whether `count` records were, and had to be, appended.
  bool agrees(const Append& outcome, std::uint64_t count) {
    if (closed_) {
      agree("status of a closed log", static_cast<int>(outcome.status), static_cast<int>(Append::Status::closed));
      agree("final number", outcome.number, end_);
      return false;
    }
    if constexpr (Subject::claims) {
      if (subject_.oldest_before(end_ + count) > visible()) {
        agree("status behind an open claim", static_cast<int>(outcome.status),
              static_cast<int>(Append::Status::stalled));
        agree("records since the open claim", outcome.number, end_ - visible());
        return false;
      }
    }
    agree("status", static_cast<int>(outcome.status), static_cast<int>(Append::Status::done));
    agree("number", outcome.number, end_);
    return true;
  }

  void claim_or_finish() {
    if constexpr (Subject::claims) {
      auto& chosen = claimed_[source_.below(claimed_.size())];
      if (!chosen.open) {
        const auto count = 1 + source_.below(subject_.most());
        if (agrees(writer_.try_claim(clock_, count, chosen.claim), count)) {
          last_arrival_ = arrive();
          chosen.open = true;
          for (std::uint64_t i = 0; i < count; ++i) {
            stored_.emplace(end_, Stored{"", subject_.make(source_, end_), last_arrival_});
            ++end_;
          }
        }
        return;
      }
      chosen.open = false;
      const auto& claim = chosen.claim;
      if (source_.below(2) == 0) {
        writer_.skip(claim);
        for (auto number = claim.first; number < claim.first + claim.count; ++number) {
          stored_.at(number).skipped = true;
        }
      } else {
        const typename Subject::Layout layout{bytes_.span(), subject_.capacity()};
        for (auto number = claim.first; number < claim.first + claim.count; ++number) {
          layout.store(number, stored_.at(number).value, claim.arrived);
        }
        writer_.finish(claim);
      }
    }
  }

  void open_reader() {
    Start start;
    const auto span = end_ + 3 - oldest();
    switch (source_.below(5)) {
      case 0: start = {.number = first_, .at_horizon = true}; break;
      case 1: start = {.number = end_}; break;
      case 2: start = {.number = oldest() - std::min<std::uint64_t>(source_.below(9), oldest() - first_)}; break;
      case 3: start = {.number = oldest() + source_.take() % span}; break;
      default:
        if constexpr (Subject::timed) {
          const auto moment = last_arrival_ + 5 - static_cast<std::int64_t>(source_.below(120));
          start = log_.seek(moment);
          // The bound may be low; nothing that arrived in time lies below it.
          for (auto number = oldest(); number < std::min(start.number, end_); ++number) {
            if (!stored_.at(number).skipped && stored_.at(number).arrival >= moment) {
              throw Disagreement{"seek: begins after a record that arrived in time"};
            }
          }
        }
    }
    ReaderBeside opened{log_.reader(start), start.number, start.at_horizon, start.arrival};
    if (readers_.size() < 4) {
      readers_.push_back(std::move(opened));
    } else {
      readers_[source_.below(4)] = std::move(opened);
    }
  }

  void read() {
    if (readers_.empty()) {
      return;
    }
    auto& beside = readers_[source_.below(readers_.size())];
    const std::size_t limit = source_.among(
        {std::size_t{0}, std::size_t{1}, std::size_t{2}, std::size_t{5}, std::size_t{100}, ~std::size_t{0}});
    const auto known = beside.reader.number();
    const auto run = beside.reader.read(limit);
    std::uint64_t missed = 0;
    if (beside.position < oldest()) {
      missed = beside.at_horizon ? 0 : oldest() - beside.position;
      beside.position = oldest();
    }
    agree("missed", run.missed, missed);
    const auto end = visible();
    auto next = beside.position;
    while (next < end && stored_.at(next).skipped) {
      ++next;
    }
    beside.position = next;  // stepped over once it is at hand, so never missed
    while (next < end && (stored_.at(next).skipped || stored_.at(next).arrival < beside.arrival)) {
      ++next;
    }
    if (next < end && limit != 0) {
      if (run.count == 0) {
        throw Disagreement{"nothing was read, and record " + std::to_string(next) + " is there"};
      }
      agree("first of a run", run.first, next);
      agree("run within its limit", run.count <= limit, true);
      agree("first at or after number()", run.first >= known, true);
      for (std::size_t i = 0; i < run.count; ++i) {
        check_record(beside.reader, i, next++);
      }
      beside.position = next;
      beside.at_horizon = false;
      beside.arrival = Start::any_time;
      agree("end with records", run.end, false);
      agree("number()", beside.reader.number(), next);
      if constexpr (Subject::timed) {
        check_next_arrival(run, next);
      }
    } else {
      agree("count", run.count, 0U);
      beside.position = limit != 0 ? std::max(beside.position, next) : beside.position;
      const bool ended = closed_ && beside.position >= end_;
      // A start beyond the end walks there first, and a read of nothing does not walk.
      agree("end", run.end || (limit == 0 && ended), ended);
    }
  }

  void check_record(const typename Log::Reader& reader, std::size_t index, std::uint64_t number) {
    if (number >= visible()) {
      throw Disagreement{"record " + std::to_string(number) + " was read before it was finished"};
    }
    const auto& stored = stored_.at(number);
    agree("skipped", stored.skipped, false);
    agree("payload", Subject::same(reader.value(index), stored.value), true);
    if constexpr (keyed_log<Log>) {
      agree("key", reader.key(index), std::string_view{stored.key});
    }
    if constexpr (Subject::timed) {
      agree("arrival", reader.arrival(index), stored.arrival);
    }
  }

  /// Records given up may hide the next one.
  void check_next_arrival(const Run& run, std::uint64_t next) {
    const auto end = visible();
    if (next < end && !stored_.at(next).skipped) {
      agree("arrival of the next unread", run.next_arrival, stored_.at(next).arrival);
    } else if (next >= end) {
      agree("nothing unread", run.next_arrival, Run::nothing_unread);
    }
  }

  /// Another view, and another writer that takes over.
  void attach() {
    log_ = Log::attach(bytes_.span(), subject_.capacity());
    writer_ = log_.writer();
  }

  void close_at_last() {
    if (source_.below(8) == 0) {
      agree("end of a close", log_.close(), end_);
      closed_ = true;
      writer_ = log_.writer();
    }
  }

  ByteSource& source_;
  Subject subject_;
  ZeroedBytes bytes_;
  std::uint64_t first_;
  std::uint64_t end_;
  Log log_;
  typename Log::Writer writer_;
  testing::ManualClock clock_;
  std::int64_t last_arrival_ = 0;
  bool closed_ = false;
  std::map<std::uint64_t, Stored> stored_;  // everything ever put
  std::array<Claimed, 2> claimed_;
  std::vector<ReaderBeside> readers_;
};

/// Runs the operations that `bytes` say. Throws `Disagreement` when the log and the reference do not agree.
template <class Subject>
void run_reference_test(std::span<const std::uint8_t> bytes) {
  ByteSource source{bytes};
  ReferenceTest<Subject> test{source};
  while (!source.exhausted()) {
    test.step();
  }
}

}  // namespace weir::support
