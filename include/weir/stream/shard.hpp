/// One partition of a stream: a log of records, the range of hash keys it answers for, and its place in the lineage.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "weir/core/partition_key.hpp"
#include "weir/core/position.hpp"
#include "weir/detail/exclusive_use.hpp"
#include "weir/detail/published.hpp"
#include "weir/detail/spare.hpp"
#include "weir/fwd.hpp"
#include "weir/ring/wait.hpp"
#include "weir/stream/describe.hpp"
#include "weir/stream/log_for.hpp"
#include "weir/stream/waiting.hpp"

namespace weir::inline WEIR_ABI {

/// Owned by a stream and as long-lived as it; never moves.
///
/// **threads** any, at any time; with `Producers::single` one at a time puts or closes (checked in debug builds).
template <class T, class Storage, Options options, class Env>
class Shard {
 public:
  using Log = LogFor<T, options, Env>;
  using argument = typename Log::argument;
  using element = std::remove_cvref_t<argument>;
  using key_argument = KeyArgument<std::remove_cvref_t<decltype(std::declval<Env&>().hasher)>>;
  using Alarm = detail::Alarm<options.notify>;
  static constexpr bool single_producer = options.producers == Producers::single;

  /// What does not change after birth.
  struct Header {
    ShardId id;
    Incarnation incarnation;
    HashKeyRange range;
    std::uint64_t start = 0;  ///< reserved: the first record's number is one higher
    std::vector<ShardId> parents;
    std::uint64_t max_record = 0;  ///< key and data together
    std::chrono::milliseconds stall{};
    bool read_only = false;  ///< closed for this process only, because its storage takes nothing
  };

  Shard(Header header, const Log& log, const Env& env, const Alarm& alarm)
      : header_(std::move(header)), log_(log), env_(env), alarm_(alarm) {}
  Shard(const Shard&) = delete;
  Shard& operator=(const Shard&) = delete;

  /// Appends, waiting politely behind a put that stalled, for as long as the stream was configured to. The key's
  /// hash matters only when this shard is closed and another has taken over.
  ///
  /// **errors** `validation` for a bad key and for a record over the limit, `closed`, `stalled_writer`, `full` in a
  /// gated stream, `resource_in_use` while a writer handle of a single-producer stream is alive. Nothing is stored
  /// then.
  Result<Put> put(const key_argument& key, const argument& value) { return one(key, value, header_.stall); }

  /// The same without waiting.
  Result<Put> try_put(const key_argument& key, const argument& value) {
    return one(key, value, std::chrono::milliseconds{0});
  }

  /// Waits up to the deadline, behind a stalled put and for the readers of a gated shard to release room.
  template <wait_strategy Wait>
  Result<Put> put(const key_argument& key, const argument& value, Wait& wait, const Deadline& deadline) {
    return detail::insist(wait, deadline, [&] { return try_put(key, value); });
  }

  /// One claim, consecutive numbers, all or nothing.
  Result<PutRange> put_all(const key_argument& key, std::span<const element> values) {
    return all(key, values, header_.stall);
  }
  template <wait_strategy Wait>
  Result<PutRange> put_all(const key_argument& key, std::span<const element> values, Wait& wait,
                           const Deadline& deadline) {
    return detail::insist(wait, deadline, [&] { return all(key, values, std::chrono::milliseconds{0}); });
  }

  /// The hot loop's handle: see `Writer`.
  Result<Writer<T, Storage, options, Env>> writer(const key_argument& key);
  /// Slots to be written and put: see `Stream::claim`.
  Result<Slots<Writer<T, Storage, options, Env>>> claim(const key_argument& key, std::size_t count);

  /// A reader's private place in this shard: see `Iterator`.
  Result<Iterator<T, Storage, options, Env>> iterator(const Position& position);

  /// Who holds the writers of this gated shard, the slowest not first but in the order of their places.
  [[nodiscard]] std::vector<ReaderDescription> readers() const requires Log::gated {
    std::vector<ReaderDescription> all;
    const auto end = log_.end();
    for (std::uint64_t place = 0; place < log_.gate().places(); ++place) {
      if (const auto reader = log_.gate().reader(place, end)) {
        all.push_back({{header_.id, reader->place}, number(reader->number), end - std::min(end, reader->number)});
      }
    }
    return all;
  }
  /// Takes a reader's place away, so that it holds no writer any more. **The caller promises that it holds no batch and
  /// is neither being made nor inside a read, waiting included**: what it looks at, or is about to be given, is
  /// overwritten. A reader that was evicted and reads again comes back where it was, and is told how many records it
  /// missed meanwhile.
  ///
  /// **errors** `resource_not_found` when it has left.
  Result<void> evict(const ReaderPlace& reader) requires Log::gated {
    if (reader.place >= log_.gate().places() || !log_.gate().evict(reader, log_.end())) {
      return Failure{Errc::resource_not_found, Cause::unknown_reader, header_.id.index(), 0};
    }
    alarm_.notify();  // one that was evicted before may have been waiting for a place
    return {};
  }

  /// No put succeeds afterwards; what is held stays readable, and readers are told when they have had everything.
  Result<void> close() {
    if (header_.read_only) {
      return refusal({Append::Status::closed, 0});
    }
    if (writer_held()) {
      return held();
    }
    [[maybe_unused]] const auto scope = produce();
    log_.close();
    alarm_.wake_all();
    return {};
  }

  /// Whether a record is small enough to be put.
  [[nodiscard]] Result<void> check_size(std::string_view key, const argument& value) const {
    if (oversized(key, value)) {
      if constexpr (encoded_payload<T>) {
        return Failure{Errc::validation, Cause::record_size, key.size() + Codec<T>::encoded_size(value),
                       header_.max_record};
      }
    }
    return {};
  }

  [[nodiscard]] const Header& header() const noexcept { return header_; }
  [[nodiscard]] const Log& log() const noexcept { return log_; }
  [[nodiscard]] const Env& env() const noexcept { return env_; }
  [[nodiscard]] const Alarm& alarm() const noexcept { return alarm_; }
  [[nodiscard]] SequenceNumber number(std::uint64_t value) const noexcept {
    return {value, header_.id, header_.incarnation};
  }

  [[nodiscard]] ShardDescription describe() const {
    ShardDescription description{header_.id, {}, {}, header_.range, number(header_.start), {}};
    if (!header_.parents.empty()) {
      description.parent = header_.parents.front();
    }
    if (header_.parents.size() > 1) {
      description.adjacent_parent = header_.parents[1];
    }
    if (log_.closed() && !header_.read_only) {
      description.ending = number(log_.end() - 1);
    }
    return description;
  }

  /// The shards that take over when this one is closed; published before it is, so that a put that meets the closed
  /// shard always finds them. Null: none.
  [[nodiscard]] const std::vector<Shard*>* successors() const noexcept { return successors_.get(); }
  /// Precondition: the vector outlives this shard.
  void succeed(const std::vector<Shard*>& successors) noexcept {
    successors_.set(&successors);
    alarm_.wake_all();
  }

  /// A handle is alive that has a single-producer shard to itself.
  [[nodiscard]] bool writer_held() const noexcept { return single_producer && writers_.get() != 0; }

  /// Handles and iterators that refer to this shard.
  [[nodiscard]] detail::relaxed_counter& users() noexcept { return users_; }

 private:
  friend class Writer<T, Storage, options, Env>;
  template <class>
  friend class Slots;

  /// Room for one element of `Slots`, which is written before anything is made of it.
  struct alignas(encoded_payload<T> ? 1 : alignof(T)) Cell {
    std::byte bytes[encoded_payload<T> ? 1 : sizeof(T)];
  };
  /// What a handle that was made for one claim had allocated.
  struct Leftovers {
    std::string key;
    std::vector<Cell> staging;
  };

  [[nodiscard]] Result<void> check_handle(const key_argument& key) const {
    if (const auto checked = key.check(); !checked) {
      return checked.error();
    }
    if (writer_held()) {
      return held();
    }
    return {};
  }
  [[nodiscard]] Failure held() const noexcept {
    return {Errc::resource_in_use, Cause::writer_held, header_.id.index(), 0};
  }

  Result<Put> one(const key_argument& key, const argument& value, std::chrono::milliseconds stall) {
    if (!detail::short_key(key.text())) [[unlikely]] {
      if (const auto checked = key.check(); !checked) {
        return checked.error();
      }
    }
    if (writer_held()) [[unlikely]] {
      return held();
    }
    if (oversized(key.text(), value)) [[unlikely]] {
      return check_size(key.text(), value).error();
    }
    auto writer = log_.brief_writer();
    // Each branch makes its result in the caller's place: a copy of one just written stalls the store buffer.
    if (const auto outcome = attempt(writer, key.text(), value); outcome.status == Append::Status::done) [[likely]] {
      return Put{header_.id, number(outcome.number)};
    } else {
      return retried(key, value, outcome, stall);
    }
  }

  /// What came of a put that was not done at once, through a writer of its own: the other one stays in registers.
  [[gnu::noinline]] Result<Put> retried(const key_argument& key, const argument& value, const Append& first,
                                        std::chrono::milliseconds stall) {
    auto writer = log_.writer();
    auto put = settled(writer, key.text(), value, first, stall);
    if (const auto* next = put ? nullptr : successor(put.error(), key)) {
      return (*next)->one(key, value, stall);
    }
    return put;
  }

  Result<PutRange> all(const key_argument& key, std::span<const element> values, std::chrono::milliseconds stall) {
    if (const auto checked = key.check(); !checked) [[unlikely]] {
      return checked.error();
    }
    if (writer_held()) [[unlikely]] {
      return held();
    }
    auto writer = log_.writer();
    auto put = append_all(writer, key.text(), values, stall);
    if (const auto* next = put ? nullptr : successor(put.error(), key)) [[unlikely]] {
      return (*next)->all(key, values, stall);
    }
    return put;
  }

  Result<Put> append(typename Log::Writer& writer, std::string_view key, const argument& value,
                     std::chrono::milliseconds stall) {
    if (oversized(key, value)) [[unlikely]] {
      return check_size(key, value).error();
    }
    if (const auto outcome = attempt(writer, key, value); outcome.status == Append::Status::done) [[likely]] {
      return Put{header_.id, number(outcome.number)};
    } else {
      return settled(writer, key, value, outcome, stall);
    }
  }

  [[nodiscard]] bool oversized(std::string_view key, const argument& value) const {
    if constexpr (encoded_payload<T>) {
      return key.size() + Codec<T>::encoded_size(value) > header_.max_record;
    } else {
      return false;
    }
  }

  template <class Writer>
  Append attempt(Writer& writer, std::string_view key, const argument& value) {
    [[maybe_unused]] const detail::NotifiedAfter notified{alarm_};
    [[maybe_unused]] const auto scope = produce();
    return writer.try_put(env_.clock, key, value);
  }

  [[gnu::noinline]] Result<Put> settled(typename Log::Writer& writer, std::string_view key, const argument& value,
                                        const Append& first, std::chrono::milliseconds stall) {
    const auto outcome = patiently(first, stall, [&] { return attempt(writer, key, value); });
    if (outcome.status != Append::Status::done) {
      return refusal(outcome);
    }
    return Put{header_.id, number(outcome.number)};
  }

  Result<PutRange> append_all(typename Log::Writer& writer, std::string_view key, std::span<const element> values,
                              std::chrono::milliseconds stall) {
    if (values.empty()) {
      return PutRange{header_.id, {}, 0};
    }
    if (values.size() > writer.max_claim()) {
      return Failure{Errc::validation, Cause::batch_records, values.size(), writer.max_claim()};
    }
    if constexpr (encoded_payload<T>) {
      std::uint64_t bytes = 0;
      for (const auto& value : values) {
        if (const auto sized = check_size(key, value); !sized) {
          return sized.error();
        }
        bytes += writer.frame_size(key, value);
      }
      if (bytes > writer.max_claim_bytes()) {
        return Failure{Errc::validation, Cause::batch_bytes, bytes, writer.max_claim_bytes()};
      }
    }
    const auto attempt = [&] {
      [[maybe_unused]] const detail::NotifiedAfter notified{alarm_};
      [[maybe_unused]] const auto scope = produce();
      return writer.try_put_all(env_.clock, key, values);
    };
    const auto outcome = patiently(attempt(), stall, attempt);
    if (outcome.status != Append::Status::done) [[unlikely]] {
      return refusal(outcome);
    }
    return PutRange{header_.id, number(outcome.number), values.size()};
  }

  /// A record that is encoded already.
  Result<Put> append_encoded(typename Log::Writer& writer, std::string_view key, std::span<const std::byte> data,
                             std::chrono::milliseconds stall) {
    const auto attempt = [&] {
      [[maybe_unused]] const detail::NotifiedAfter notified{alarm_};
      [[maybe_unused]] const auto scope = produce();
      return writer.try_put_encoded(env_.clock, key, data);
    };
    const auto outcome = patiently(attempt(), stall, attempt);
    if (outcome.status != Append::Status::done) [[unlikely]] {
      return refusal(outcome);
    }
    return Put{header_.id, number(outcome.number)};
  }

  /// The outcome, or what came of trying again for as long as it was a stalled producer's fault.
  template <class Attempt>
  static Append patiently(Append outcome, std::chrono::milliseconds stall, Attempt&& attempt) {
    if (outcome.status != Append::Status::stalled) [[likely]] {
      return outcome;
    }
    const Deadline deadline{stall};
    while (outcome.status == Append::Status::stalled && !deadline.passed()) {
      std::this_thread::yield();  // the stalled producer may need this very core
      outcome = attempt();
    }
    return outcome;
  }

  [[nodiscard]] Failure refusal(const Append& outcome) const noexcept {
    if (outcome.status == Append::Status::closed) {
      if (header_.read_only) {
        return {Errc::read_only, Cause::stream_read_only, header_.id.index(), 0};
      }
      return {Errc::closed, Cause::shard_closed, header_.id.index(), 0};
    }
    if (outcome.status == Append::Status::full) {
      return {Errc::full, Cause::shard_full, outcome.number, header_.id.index()};
    }
    return {Errc::stalled_writer, Cause::writer_stalled, outcome.number, header_.id.index()};
  }

  /// The shard that took over the key from this one, if that is why a put failed.
  [[nodiscard, gnu::noinline]] Shard* const* successor(const Failure& failure, const key_argument& key) const {
    const auto* next = successors();
    if (failure.code != Errc::closed || next == nullptr) {
      return nullptr;
    }
    const auto hash = key.hash(env_.hasher);
    return &*std::find_if(next->begin(), next->end(),
                          [&](const Shard* shard) { return shard->header_.range.contains(hash); });
  }

  struct anyone {};
  [[nodiscard]] auto produce() noexcept {
    if constexpr (single_producer) {
      return detail::exclusive_use::scope{producing_, "Producers::single, and two threads put or close"};
    } else {
      return anyone{};
    }
  }

  Header header_;
  Log log_;
  Env env_;
  [[no_unique_address]] Alarm alarm_;
  detail::published<std::vector<Shard*>> successors_;
  alignas(line_size) detail::relaxed_counter users_;  // apart: iterators come and go while others put
  detail::relaxed_counter writers_;                   // handles alive, of a single-producer stream
  detail::exclusive_use producing_;
  detail::Spare<Leftovers> leftovers_;
};

}  // namespace weir::inline WEIR_ABI
