/// A log beside everything that was ever put into it.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "ring/zeroed_bytes.hpp"
#include "support/reference/decisions.hpp"
#include "weir/ring/capacity.hpp"
#include "weir/ring/record_log.hpp"
#include "weir/testing/manual_clock.hpp"

namespace weir::support {

/// What happens to a log whoever reads it: puts, the clock, another view, the end. The heirs have readers, and know
/// what stands in a writer's way.
template <class Subject>
class ReferenceLog {
 protected:
  using Log = typename Subject::Log;
  using Element = typename Subject::Element;
  static constexpr bool many = Subject::options.producers == Producers::multiple;

  struct Stored {
    std::string key;
    Element value;
    std::int64_t arrival;
    bool skipped = false;
  };

  ReferenceLog(ByteSource& source, std::uint64_t places)
      : source_(source),
        subject_(source),
        size_(subject_.capacity(), places),
        bytes_(Log::footprint(size_)),
        first_(
            source.among({std::uint64_t{1}, (std::uint64_t{1} << 20) - 3, (std::uint64_t{1} << 32) - 3,
                          (std::uint64_t{1} << 42) - 3, (std::uint64_t{1} << 48) - 3, (std::uint64_t{1} << 62) - 3})),
        end_(first_),
        log_(subject_.format(bytes_.span(), size_, first_)),
        writer_(log_.writer()) {
    source.tell("capacity, places, first number", size_.capacity, size_.readers, first_);
  }
  virtual ~ReferenceLog() = default;

  /// Why so many records cannot be put now. `bytes` as the subject counts them.
  virtual std::optional<Append> refusal(std::uint64_t count, std::uint64_t bytes) = 0;
  [[nodiscard]] virtual std::uint64_t oldest() const = 0;

  /// The end of the finished prefix.
  [[nodiscard]] std::uint64_t visible() const { return open_.empty() ? end_ : open_.begin()->first; }
  /// How far a reader that stands at a number may go. In segments it does not look back at what it did not ask for.
  [[nodiscard]] std::uint64_t visible_from(std::uint64_t number) const {
    if constexpr (Subject::in_segments) {
      const auto next = open_.lower_bound(number);
      return next == open_.end() ? end_ : next->first;
    } else {
      return visible();
    }
  }
  /// The first number from here on that is not known to be given up.
  [[nodiscard]] std::uint64_t over_skipped(std::uint64_t number) const {
    while (number < visible_from(number) && stored_.at(number).skipped) {
      ++number;
    }
    return number;
  }

  void check_log() const {
    agree("oldest", log_.oldest(), oldest());
    agree("end", log_.end(), end_);
    agree("closed", log_.closed(), closed_);
    if constexpr (Subject::timed) {
      agree("last arrival", log_.last_arrival(), last_arrival_);
    }
  }

  void put(std::uint64_t count) {
    const std::string key(source_.below(9), 'k');
    std::vector<Element> values;
    for (std::uint64_t i = 0; i < std::min(count, subject_.most()); ++i) {
      values.push_back(subject_.make(source_, end_ + i));
    }
    values.resize(std::max<std::uint64_t>(subject_.fitting(key, values), 1));
    const auto bytes = Subject::bytes(key, values);
    const auto expected = append(values.size(), bytes);
    source_.tell("put records, bytes", values.size(), bytes);
    Append outcome;
    if (values.size() == 1) {
      outcome = writer_.try_put(clock_, key, values.front());
    } else {
      const std::vector<std::remove_cvref_t<typename Log::argument>> arguments(values.begin(), values.end());
      outcome = writer_.try_put_all(clock_, key, std::span{arguments});
    }
    if (agrees(outcome, expected)) {
      store(key, values, bytes);
    }
  }

  /// What an append of so many must come to.
  [[nodiscard]] Append append(std::uint64_t count, std::uint64_t bytes) {
    if (closed_) {
      return {Append::Status::closed, end_};
    }
    return refusal(count, bytes).value_or(Append{Append::Status::done, end_});
  }
  /// Whether it came to that, and stored something.
  bool agrees(const Append& outcome, const Append& expected) const {
    source_.tell("    status, number", static_cast<int>(outcome.status), outcome.number);
    agree("status", static_cast<int>(outcome.status), static_cast<int>(expected.status));
    agree(expected.status == Append::Status::done ? "number" : "number of a refusal", outcome.number, expected.number);
    return expected.status == Append::Status::done;
  }

  void arrive() {
    const auto now = std::max<std::int64_t>(clock_.now().time_since_epoch().count(), 0);
    last_arrival_ = Subject::timed ? std::max(last_arrival_, now) : 0;
  }
  void store(const std::string& key, std::span<const Element> values, std::uint64_t bytes) {
    arrive();
    subject_.put(end_, values.size(), bytes);
    for (const auto& value : values) {
      stored_.emplace(end_++, Stored{key, value, last_arrival_});
    }
  }
  void open(std::uint64_t first, std::uint64_t count) { open_.emplace(first, count); }
  /// A claim of `count` records ends, whose first `kept` are there and whose others are given up.
  void finish(std::uint64_t first, std::uint64_t kept) {
    source_.tell("finish claim at, records", first, kept);
    const auto claim = open_.extract(first);
    for (auto number = first + kept; number < first + claim.mapped(); ++number) {
      stored_.at(number).skipped = true;
    }
  }

  /// Mostly a little on or back; now and then as far as clocks are set.
  void set_clock() {
    const auto decision = source_.below(64);
    if (decision >= 8) {
      const auto step = static_cast<std::int64_t>(decision % 40) - 12;
      source_.tell("advance clock by", step);
      clock_.advance(std::chrono::milliseconds{step});
      return;
    }
    const std::int64_t moments[] = {
        -1'000'000,           -1, 0, 1'000, last_arrival_ + 1, 1'000'000'000'000, last_arrival_ + 1'000'000,
        std::int64_t{1} << 50};
    source_.tell("set clock to", moments[decision]);
    clock_.set(Timestamp{std::chrono::milliseconds{moments[decision]}});
  }

  /// Where a reader begins: anywhere that is retained, was, or will be.
  [[nodiscard]] Start any_start() {
    const auto span = end_ + 3 - oldest();
    switch (source_.below(6)) {
      case 0: return {.number = first_, .at_horizon = true};
      case 1: return {.number = end_};
      case 2: return {.number = oldest() - std::min<std::uint64_t>(source_.below(9), oldest() - first_)};
      case 3: return {.number = oldest() + source_.take() % span};
      case 4: return {.number = end_ + source_.below(40)};
      default: return since(last_arrival_ + 5 - static_cast<std::int64_t>(source_.below(120)));
    }
  }
  [[nodiscard]] Start since(std::int64_t moment) {
    if constexpr (Subject::timed) {
      const auto start = log_.seek(moment);
      // The bound may be low; nothing that arrived in time lies below it.
      for (auto number = oldest(); number < std::min(start.number, end_); ++number) {
        if (!stored_.at(number).skipped && stored_.at(number).arrival >= moment) {
          throw Disagreement{"seek: begins after a record that arrived in time"};
        }
      }
      return start;
    } else {
      return {.number = end_};
    }
  }

  void check_record(const typename Log::Reader& reader, std::size_t index, std::uint64_t number) const {
    if (number >= visible_from(number)) {
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
  void check_next_arrival(const Run& run, std::uint64_t next) const {
    if constexpr (Subject::timed) {
      const auto end = visible_from(next);
      if (next < end && !stored_.at(next).skipped) {
        agree("arrival of the next unread", run.next_arrival, stored_.at(next).arrival);
      } else if (next >= end) {
        agree("nothing unread", run.next_arrival, Run::nothing_unread);
      }
    }
  }

  /// Another view, and another writer that takes over.
  void attach() {
    source_.tell("attach");
    log_ = Log::attach(bytes_.span(), size_);
    writer_ = log_.writer();
  }

  void close_at_last() {
    if (source_.below(8) == 0) {
      source_.tell("close");
      agree("end of a close", log_.close(), end_);
      closed_ = true;
      writer_ = log_.writer();
    }
  }

  ByteSource& source_;
  Subject subject_;
  RingSize size_;
  ZeroedBytes bytes_;
  std::uint64_t first_;
  std::uint64_t end_;
  Log log_;
  typename Log::Writer writer_;
  testing::ManualClock clock_;
  std::int64_t last_arrival_ = 0;
  bool closed_ = false;
  std::map<std::uint64_t, Stored> stored_;       // everything ever put
  std::map<std::uint64_t, std::uint64_t> open_;  // claims that have not ended: first number, count
};

}  // namespace weir::support
