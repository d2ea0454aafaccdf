/// One partition of a stream: a log of records, the range of hash keys it answers for, and its place in the lineage.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "weir/core/partition_key.hpp"
#include "weir/core/position.hpp"
#include "weir/detail/exclusive_use.hpp"
#include "weir/detail/published.hpp"
#include "weir/detail/spare.hpp"
#include "weir/fwd.hpp"
#include "weir/ring/wait.hpp"
#include "weir/stream/admission.hpp"
#include "weir/stream/describe.hpp"
#include "weir/stream/lineage.hpp"
#include "weir/stream/log_for.hpp"
#include "weir/stream/outcome.hpp"
#include "weir/stream/readership.hpp"
#include "weir/stream/retention.hpp"
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
  using Asked = detail::Asked;
  static constexpr bool single_producer = options.producers == Producers::single;

  /// What does not change after birth.
  struct Header {
    ShardId id;
    Incarnation incarnation;
    HashKeyRange range;
    std::uint64_t max_record = 0;  ///< key and data together
    std::chrono::milliseconds stall{};
    bool read_only = false;                  ///< closed for this process only, because its storage takes nothing
    detail::Retention* retention = nullptr;  ///< the stream's
    Limits limits{};
    Timestamp created{};
  };

  /// `start` is the number that the first record's is higher than; zero: it takes over from its parents, see `Lineage`.
  Shard(Header header, const std::vector<Shard*>& parents, std::uint64_t start, const Log& log, const Env& env,
        const Alarm& alarm)
      : header_(std::move(header)),
        log_(log),
        env_(env),
        alarm_(alarm),
        lineage_(*this, parents, start),
        admission_(env, header_.limits, header_.id) {}
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
    return detail::insist(*this, wait, deadline,
                          [&](Asked asked) { return one(key, value, std::chrono::milliseconds{0}, asked); });
  }

  /// One claim, consecutive numbers, all or nothing.
  Result<PutRange> put_all(const key_argument& key, std::span<const element> values) {
    return all(key, values, header_.stall);
  }
  template <wait_strategy Wait>
  Result<PutRange> put_all(const key_argument& key, std::span<const element> values, Wait& wait,
                           const Deadline& deadline) {
    return detail::insist(*this, wait, deadline,
                          [&](Asked asked) { return all(key, values, std::chrono::milliseconds{0}, asked); });
  }

  /// The hot loop's handle: see `Writer`.
  Result<Writer<T, Storage, options, Env>> writer(const key_argument& key);
  /// Slots to be written and put: see `Stream::claim`.
  Result<Slots<Writer<T, Storage, options, Env>>> claim(const key_argument& key, std::size_t count);

  /// A reader's private place in this shard: see `Iterator`.
  Result<Iterator<T, Storage, options, Env>> iterator(const Position& position);
  /// The same for a reader that has read the parents to their end, from a moment on or whole. It is never refused: of a
  /// shard that has expired it tells how many records are missed.
  Iterator<T, Storage, options, Env> successive_iterator(const Position& asked);

  /// Who holds the writers of this gated shard, the slowest not first but in the order of their places.
  [[nodiscard]] std::vector<ReaderDescription> readers() const requires Log::gated { return detail::readers_of(*this); }
  /// Takes a reader's place away, so that it holds no writer any more. **The caller promises that it holds no batch and
  /// is neither being made nor inside a read, waiting included**: what it looks at, or is about to be given, is
  /// overwritten. A reader that was evicted and reads again comes back where it was, and is told how many records it
  /// missed meanwhile.
  ///
  /// **errors** `resource_not_found` when it has left.
  Result<void> evict(const ReaderPlace& reader) requires Log::gated { return detail::evict_from(*this, reader); }

  /// No put succeeds afterwards; what is held stays readable, and readers are told when they have had everything.
  Result<void> close() {
    if (header_.read_only) {
      return detail::refusal({Append::Status::closed, 0}, header_);
    }
    if (writer_held()) {
      return check_free().error();
    }
    [[maybe_unused]] const auto scope = produce();
    log_.close();
    alarm_.wake_all();
    return {};
  }

  /// Whether a record is small enough to be put.
  [[nodiscard]] Result<void> check_size(std::string_view key, const argument& value) const {
    if (oversized(key, value)) {
      return Failure{Errc::validation, Cause::record_size, size_of(key, value), header_.max_record};
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

  [[nodiscard]] ShardDescription describe() const { return detail::described(*this); }

  [[nodiscard]] std::uint64_t start() const noexcept { return lineage_.start(); }
  [[nodiscard]] detail::Lineage<Shard>& lineage() noexcept { return lineage_; }
  [[nodiscard]] const detail::Lineage<Shard>& lineage() const noexcept { return lineage_; }
  /// The shards that take over when this one is closed; published before it is, so that a put that meets the closed
  /// shard always finds them. Null: none.
  [[nodiscard]] const std::vector<Shard*>* successors() const noexcept { return lineage_.successors(); }
  /// Precondition: the vector outlives this shard.
  void succeed(const std::vector<Shard*>& successors) noexcept {
    lineage_.succeed(successors);
    alarm_.wake_all();
  }

  /// What readers skip by age.
  [[nodiscard]] Sieve sieve() const noexcept {
    return {header_.retention == nullptr ? Start::any_time : header_.retention->expired_before(env_.clock)};
  }
  /// Who reads this shard, and has read it.
  [[nodiscard]] detail::Readership& readership() noexcept { return readership_; }
  [[nodiscard]] const detail::Readership& readership() const noexcept { return readership_; }
  [[nodiscard]] detail::Admission<Env>& admission() noexcept { return admission_; }
  /// Attempts that found a gated shard full, and nanoseconds that puts waited for room.
  [[nodiscard]] detail::relaxed_counter& full() noexcept { return full_; }
  [[nodiscard]] detail::relaxed_counter& gate_wait() noexcept { return gate_wait_; }

  /// A handle is alive that has a single-producer shard to itself.
  [[nodiscard]] bool writer_held() const noexcept { return single_producer && writers_.get() != 0; }
  /// **errors** `resource_in_use` while one is.
  [[nodiscard]] Result<void> check_free() const noexcept {
    return writer_held() ? Result<void>{Failure{Errc::resource_in_use, Cause::writer_held, header_.id.index(), 0}}
                         : Result<void>{};
  }

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
    const auto checked = key.check();
    return checked ? check_free() : checked;
  }

  Result<Put> one(const key_argument& key, const argument& value, std::chrono::milliseconds stall,
                  Asked asked = Asked::not_yet) {
    if (!detail::short_key(key.text())) [[unlikely]] {
      if (const auto checked = key.check(); !checked) {
        return checked.error();
      }
    }
    if (writer_held()) [[unlikely]] {
      return check_free().error();
    }
    if (oversized(key.text(), value)) [[unlikely]] {
      return check_size(key.text(), value).error();
    }
    if (const auto refused = hindrance(asked, 1, [&] { return size_of(key.text(), value); })) [[unlikely]] {
      return *refused;
    }
    auto writer = log_.brief_writer();
    // Each branch makes its result in the caller's place: a copy of one just written stalls the store buffer.
    if (const auto outcome = attempt(writer, key.text(), value); outcome.status == Append::Status::done) [[likely]] {
      return Put{header_.id, number(outcome.number)};
    } else {
      return retried(key, value, outcome, stall, asked);
    }
  }

  /// What came of a put that was not done at once, through a writer of its own: the other one stays in registers.
  [[gnu::noinline]] Result<Put> retried(const key_argument& key, const argument& value, const Append& first,
                                        std::chrono::milliseconds stall, Asked asked) {
    auto writer = log_.writer();
    auto put = settled(writer, key.text(), value, first, stall);
    if (auto* next = put ? nullptr : successor(put.error(), key)) {
      return next->one(key, value, stall, asked);
    }
    return put;
  }

  Result<PutRange> all(const key_argument& key, std::span<const element> values, std::chrono::milliseconds stall,
                       Asked asked = Asked::not_yet) {
    if (const auto checked = key.check(); !checked) [[unlikely]] {
      return checked.error();
    }
    if (writer_held()) [[unlikely]] {
      return check_free().error();
    }
    auto writer = log_.writer();
    auto put = append_all(writer, key.text(), values, stall, asked);
    if (auto* next = put ? nullptr : successor(put.error(), key)) [[unlikely]] {
      return next->all(key, values, stall, asked);
    }
    return put;
  }

  Result<Put> append(typename Log::Writer& writer, std::string_view key, const argument& value,
                     std::chrono::milliseconds stall, Asked& asked) {
    if (oversized(key, value)) [[unlikely]] {
      return check_size(key, value).error();
    }
    if (const auto refused = hindrance(asked, 1, [&] { return size_of(key, value); })) [[unlikely]] {
      return *refused;
    }
    if (const auto outcome = attempt(writer, key, value); outcome.status == Append::Status::done) [[likely]] {
      return Put{header_.id, number(outcome.number)};
    } else {
      return settled(writer, key, value, outcome, stall);
    }
  }

  [[nodiscard]] bool oversized(std::string_view key, const argument& value) const {
    return encoded_payload<T> && size_of(key, value) > header_.max_record;
  }

  static std::uint64_t size_of(std::string_view key, const argument& value) {
    if constexpr (encoded_payload<T>) {
      return key.size() + Codec<T>::encoded_size(value);
    } else {
      return sizeof(T);
    }
  }

  /// Why records are refused before anything is claimed. What is closed is not asked: those that took over are.
  template <class Bytes>
  std::optional<Failure> hindrance(Asked& asked, std::uint64_t records, const Bytes& bytes) {
    if (admission_.open() || asked == Asked::already || log_.closed()) [[likely]] {
      return {};
    }
    asked = Asked::already;
    return admission_.refusal(records, bytes());
  }

  template <class Writer>
  Append attempt(Writer& writer, std::string_view key, const argument& value) {
    [[maybe_unused]] const detail::NotifiedAfter notified{alarm_};
    [[maybe_unused]] const auto scope = produce();
    return writer.try_put(env_.clock, key, value);
  }

  [[gnu::noinline]] Result<Put> settled(typename Log::Writer& writer, std::string_view key, const argument& value,
                                        const Append& first, std::chrono::milliseconds stall) {
    const auto outcome = detail::patiently(*this, first, stall, [&] { return attempt(writer, key, value); });
    if (outcome.status != Append::Status::done) {
      return detail::refusal(outcome, header_);
    }
    return Put{header_.id, number(outcome.number)};
  }

  Result<PutRange> append_all(typename Log::Writer& writer, std::string_view key, std::span<const element> values,
                              std::chrono::milliseconds stall, Asked& asked) {
    if (values.empty()) {
      return PutRange{header_.id, {}, 0};
    }
    if (values.size() > writer.max_claim()) {
      return Failure{Errc::validation, Cause::batch_records, values.size(), writer.max_claim()};
    }
    std::uint64_t payload = encoded_payload<T> ? 0 : values.size() * sizeof(T);
    if constexpr (encoded_payload<T>) {
      std::uint64_t bytes = 0;
      for (const auto& value : values) {
        if (const auto sized = check_size(key, value); !sized) {
          return sized.error();
        }
        bytes += writer.frame_size(key, value);
        payload += size_of(key, value);
      }
      if (bytes > writer.max_claim_bytes()) {
        return Failure{Errc::validation, Cause::batch_bytes, bytes, writer.max_claim_bytes()};
      }
    }
    const auto first =
        stored(asked, values.size(), payload, stall, [&] { return writer.try_put_all(env_.clock, key, values); });
    return first ? PutRange{header_.id, *first, values.size()} : Result<PutRange>{first.error()};
  }

  /// A record that is encoded already.
  Result<Put> append_encoded(typename Log::Writer& writer, std::string_view key, std::span<const std::byte> data,
                             std::chrono::milliseconds stall, Asked& asked) {
    const auto first = stored(asked, 1, key.size() + data.size(), stall,
                              [&] { return writer.try_put_encoded(env_.clock, key, data); });
    return first ? Put{header_.id, *first} : Result<Put>{first.error()};
  }

  /// The first number that an append gave, tried patiently.
  template <class Append>
  Result<SequenceNumber> stored(Asked& asked, std::uint64_t records, std::uint64_t bytes,
                                std::chrono::milliseconds stall, const Append& append) {
    if (const auto refused = hindrance(asked, records, [&] { return bytes; })) [[unlikely]] {
      return *refused;
    }
    const auto attempt = [&] {
      [[maybe_unused]] const detail::NotifiedAfter notified{alarm_};
      [[maybe_unused]] const auto scope = produce();
      return append();
    };
    const auto outcome = detail::patiently(*this, attempt(), stall, attempt);
    return outcome.status == weir::Append::Status::done ? Result<SequenceNumber>{number(outcome.number)}
                                                        : detail::refusal(outcome, header_);
  }

  /// The shard that took over the key from this one, ready for puts, if that is why a put failed.
  [[nodiscard, gnu::noinline]] Shard* successor(const Failure& failure, const key_argument& key) const {
    const auto* next = successors();
    if (failure.code != Errc::closed || next == nullptr) {
      return nullptr;
    }
    const auto hash = key.hash(env_.hasher);
    auto* shard = *std::find_if(next->begin(), next->end(),
                                [&](const Shard* each) { return each->header_.range.contains(hash); });
    shard->lineage_.begin();
    return shard;
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
  detail::Lineage<Shard> lineage_;
  detail::Admission<Env> admission_;
  alignas(line_size) detail::relaxed_counter users_;  // apart: iterators come and go while others put
  detail::relaxed_counter writers_;                   // handles alive, of a single-producer stream
  detail::exclusive_use producing_;
  detail::Spare<Leftovers> leftovers_;
  detail::Readership readership_;
  detail::relaxed_counter full_;
  detail::relaxed_counter gate_wait_;
};

}  // namespace weir::inline WEIR_ABI
