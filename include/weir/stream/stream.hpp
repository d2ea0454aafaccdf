/// The stream: what a program opens, puts into, and reads.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "weir/core/env.hpp"
#include "weir/storage/memory.hpp"
#include "weir/stream/reader.hpp"
#include "weir/stream/slots.hpp"
#include "weir/stream/stream_state.hpp"

namespace weir::inline WEIR_ABI {

namespace detail {
template <class State>
class Reshard;
template <class T, class Storage, Options options, class Env>
Result<Reshard<StreamState<T, Storage, options, Env>>> begin_reshard(Stream<T, Storage, options, Env>& stream,
                                                                     const std::optional<Deadline>& deadline);
}  // namespace detail

/// An in-process Kinesis data stream: records go to shards by the hash of their partition key, each shard keeps its
/// newest ones in order, and any number of iterators replay them from any retained position.
///
/// A stream owns its state behind one pointer, so moving it keeps iterators and handles valid; destroying it while
/// one is alive breaks a precondition (checked in debug builds).
///
/// **threads** every member but moving and destruction may be called by any thread at any time; with
/// `Producers::single` one thread at a time puts. **progress** puts are lock-free except behind an unfinished claim.
template <class T, class Storage, Options options, class Env>
class Stream {
  static_assert(storage_backend<Storage>, "weir: the second argument of a stream is a storage_backend");
  static_assert(!persistent_storage<Storage> || encoded_payload<T> || no_padding<T>,
                "weir: this payload may hold padding or a pointer, which mean nothing in a file: give it a layout "
                "without either and say `template <> inline constexpr bool weir::no_padding<T> = true;`");
  static_assert(environment<Env>, "weir: the fourth argument of a stream is an environment: Memory, clock and hasher");

  using Log = LogFor<T, options, Env>;

 public:
  using shard_type = Shard<T, Storage, options, Env>;
  using iterator_type = Iterator<T, Storage, options, Env>;
  using reader_type = Reader<T, Storage, options, Env>;
  using writer_type = Writer<T, Storage, options, Env>;
  using slots_type = Slots<writer_type>;
  using batch_type = Batch<shard_type>;
  using record_type = Record<shard_type>;
  using key_argument = typename shard_type::key_argument;  ///< text, or a partition key made before
  using partition_key = BasicPartitionKey<std::remove_cvref_t<decltype(std::declval<Env&>().hasher)>>;
  using argument = typename shard_type::argument;  ///< what `put` takes: `const T&`, or the codec's argument
  using element = typename shard_type::element;    ///< what `put_all` takes a span of

  /// One record of a `put_batch`.
  struct Entry {
    std::string_view key;
    element data;
    std::optional<HashKey> explicit_hash_key{};
  };

  /// Opens the stream that `storage` holds, which goes on where it was: numbers, positions and checkpoints stay
  /// good. Where it holds none, makes one, empty, with the hash ranges that Kinesis gives to `config.shards` shards.
  ///
  /// **errors** `invalid_argument` for a name, shard count, capacity, record limit or stall time that cannot be, or
  /// that contradicts the stream found; `format` for a stream of another payload, other options or another version, and
  /// for damage; `unclean` when a program ended without leaving the stream; `out_of_memory` when the storage cannot
  /// supply the bytes; whatever else the storage refuses. Nothing is left behind then, and what was found is left
  /// untouched.
  static Result<Stream> open(const StreamConfig& config, Storage storage = Storage{}, const Env& env = Env{}) {
    if (const auto checked = detail::check_config<Log>(config); !checked) {
      return checked.error();
    }
    auto state = std::make_unique<State>(std::move(storage), env, config);
    if (const auto opened = state->open(config); !opened) {
      return opened.error();
    }
    return Stream{std::move(state)};
  }

  /// The bytes that a stream of so many shards asks of its storage: exact, and all that it asks until it is resharded,
  /// which takes as much for each new shard. `readers` counts in gated streams alone.
  ///
  /// **errors** as `open`.
  static constexpr Result<std::size_t> footprint(int shards, const Capacity& capacity = {},
                                                 int readers = default_readers) {
    if (shards < 1 || shards > max_shards) {
      return Failure{Errc::invalid_argument, Cause::shard_count, static_cast<std::uint64_t>(shards), max_shards};
    }
    if (readers < 1 || readers > max_readers) {
      return Failure{Errc::invalid_argument, Cause::reader_count, static_cast<std::uint64_t>(readers), max_readers};
    }
    const auto checked = Log::check(capacity, 0);
    if (!checked) {
      return checked.error();
    }
    const auto ring = Log::footprint({*checked, static_cast<std::uint64_t>(readers)});
    return static_cast<std::size_t>(shards) * detail::span_bytes(ring);
  }

  /// Appends a record to the shard that answers for the key. Waits politely behind a put that stalled, for at most
  /// `StreamConfig::stall`.
  ///
  /// **errors** `validation` for an empty key, a key of more than 256 characters or a record over the limit; `closed`;
  /// `stalled_writer`; `full` in a gated stream, at once; `resource_in_use` while a writer handle of a single-producer
  /// stream is alive; `throughput_exceeded` over a limit of the stream; what a test's fault plan says. Nothing is
  /// stored then.
  Result<Put> put(const key_argument& key, const argument& value) { return shard_for(key).put(key, value); }

  /// The same without waiting: `stalled_writer` at once.
  Result<Put> try_put(const key_argument& key, const argument& value) { return shard_for(key).try_put(key, value); }

  /// The same, waiting up to the deadline behind a stalled put, and in a gated stream for its slowest reader to release
  /// room. A deadline is a duration from now, or a moment of the steady clock.
  ///
  /// **cost** the default strategy gives the processor away while it waits, and takes it when nobody else wants it.
  template <wait_strategy Wait>
  Result<Put> put(const key_argument& key, const argument& value, Wait& wait, const Deadline& deadline) {
    return shard_for(key).put(key, value, wait, deadline);
  }
  Result<Put> put(const key_argument& key, const argument& value, const Deadline& deadline) {
    BackOff wait;
    return put(key, value, wait, deadline);
  }

  /// Appends records with one key as one claim: consecutive numbers, all or nothing.
  ///
  /// **errors** as `put`, and `validation` for more than one claim takes: an eighth of the capacity in records, or
  /// half a segment in bytes.
  Result<PutRange> put_all(const key_argument& key, std::span<const element> values) {
    return shard_for(key).put_all(key, values);
  }

  template <wait_strategy Wait>
  Result<PutRange> put_all(const key_argument& key, std::span<const element> values, Wait& wait,
                           const Deadline& deadline) {
    return shard_for(key).put_all(key, values, wait, deadline);
  }
  Result<PutRange> put_all(const key_argument& key, std::span<const element> values, const Deadline& deadline) {
    BackOff wait;
    return put_all(key, values, wait, deadline);
  }

  /// Puts entries one after the other; `results[i]` tells what became of `entries[i]`. One that fails does not stop
  /// later ones, so the order within a batch is not certain after a partial failure. Returns how many failed.
  ///
  /// **errors** `validation` for a bad key or an oversized record in any entry, `invalid_argument` when the spans
  /// differ in length. Nothing is stored then. An exception of a codec passes through: entries before its own are
  /// stored and have their results.
  Result<std::size_t> put_batch(std::span<const Entry> entries, std::span<Result<Put>> results) {
    if (entries.size() != results.size()) {
      return Failure{Errc::invalid_argument, Cause::batch_results, results.size(), entries.size()};
    }
    for (const auto& entry : entries) {
      if (const auto checked = detail::check_key(entry.key); !checked) {
        return checked.error();
      }
      if (const auto checked = any_shard().check_size(entry.key, entry.data); !checked) {
        return checked.error();
      }
    }
    std::size_t failed = 0;
    for (std::size_t i = 0; i < entries.size(); ++i) {
      const auto& hash = entries[i].explicit_hash_key;
      results[i] = put(key_argument{entries[i].key, hash ? &*hash : nullptr}, entries[i].data);
      failed += results[i] ? 0 : 1;
    }
    return failed;
  }

  /// Up to `count` slots to write records of one key into, or a span of `count` bytes to encode one into: see `Slots`.
  /// It holds a writer handle of its own, which in a single-producer stream has the shard to itself; a loop that claims
  /// again and again claims from a handle that it keeps.
  ///
  /// **errors** as `writer`, and `validation` for a record over the limit.
  Result<slots_type> claim(const key_argument& key, std::size_t count) { return shard_for(key).claim(key, count); }

  /// A handle to the key's shard for a hot loop: see `Writer`.
  Result<writer_type> writer(const key_argument& key) { return shard_for(key).writer(key); }

  /// Checks and hashes a key once, for many puts.
  [[nodiscard]] Result<partition_key> make_key(std::string_view text) const {
    return partition_key::make(text, state_->env.hasher);
  }

  /// The open shard that answers for a key.
  [[nodiscard]] Result<ShardId> shard_of(const key_argument& key) const {
    if (const auto checked = key.check(); !checked) {
      return checked.error();
    }
    return state_->shards.current().open.route(key.hash(state_->env.hasher));
  }

  /// Shards that have not expired, in the order of their ids: all of them, or those that a filter names.
  [[nodiscard]] std::vector<ShardDescription> shards(
      const ShardFilter& filter = ShardFilter::from_trim_horizon()) const {
    std::vector<ShardDescription> all;
    const auto listing = state_->listing();
    for (const auto* shard : listing.named(filter)) {
      all.push_back(listing.describe(*shard));
    }
    return all;
  }

  /// Those that take over from a shard: two after a split, one after a merge, none while it is open.
  ///
  /// **errors** `resource_not_found` when there is no such shard.
  [[nodiscard]] Result<std::vector<ShardDescription>> children(ShardId id) const {
    const auto found = shard(id);
    if (!found) {
      return found.error();
    }
    std::vector<ShardDescription> all;
    if (const auto* successors = (*found)->successors(); successors != nullptr && (*found)->log().closed()) {
      std::transform(successors->begin(), successors->end(), std::back_inserter(all), [](auto* successor) {
        successor->lineage().begin_if_closed();
        return successor->describe();
      });
    }
    return all;
  }

  [[nodiscard]] StreamDescription describe() const {
    const auto listing = state_->listing();
    const auto open = listing.named(ShardFilter::at_latest()).size();
    return {name(),      incarnation(), state_->housing.manifest().created,
            retention(), open,          listing.named(ShardFilter::from_trim_horizon()).size() - open};
  }

  /// How long records are given to readers; zero: as long as the capacity keeps them.
  [[nodiscard]] std::chrono::milliseconds retention() const noexcept { return state_->retention.period(); }
  /// Changes it. What has expired stays expired: a longer time brings nothing back, a shorter one holds at once. No
  /// reader is given an expired record; one that would have come to it is told that it was missed.
  ///
  /// **errors** `invalid_argument` for a time below zero, and where no arrival times are kept; what the storage
  /// answers.
  Result<void> retain_for(std::chrono::milliseconds period) {
    if (period.count() < 0) {
      return Failure{Errc::invalid_argument, Cause::retention_range, static_cast<std::uint64_t>(period.count()), 0};
    }
    if (!timed_log<Log>) {
      return Failure{Errc::invalid_argument, Cause::no_arrival_times, 0, 0};
    }
    const std::lock_guard lock{state_->resharding};
    const auto told = state_->storage.read_only() ? Result<void>{} : state_->housing.retain_for(period);
    if (told) {
      state_->retention.change(period, state_->env.clock);
    }
    return told;
  }

  /// Who holds the writers of a gated stream: every registered iterator, and how many records it has not released.
  [[nodiscard]] std::vector<ReaderDescription> readers() const requires Log::gated {
    std::vector<ReaderDescription> all;
    for (const auto* shard : state_->shards.listed()) {
      const auto some = shard->readers();
      all.insert(all.end(), some.begin(), some.end());
    }
    return all;
  }
  /// Takes the place of a reader that is gone away, so that it holds no writer any more: see `Shard::evict` for what
  /// the caller promises.
  ///
  /// **errors** `resource_not_found` when it has left, or when there is no such shard.
  Result<void> evict(const ReaderId& reader) requires Log::gated {
    const auto found = shard(reader.shard);
    if (!found) {
      return found.error();
    }
    return (*found)->evict(reader.place);
  }

  /// **errors** `resource_not_found` when there is no such shard.
  [[nodiscard]] Result<shard_type*> shard(ShardId id) const {
    auto* const found = state_->shards.find(id);
    if (found == nullptr) {
      return Failure{Errc::resource_not_found, Cause::unknown_shard, id.index(), state_->shards.size() - 1};
    }
    return found;
  }

  /// A reader's private place in one shard.
  ///
  /// **errors** `resource_not_found` for an unknown shard, and for one whose records have expired; `invalid_argument`
  /// for a number of another shard or of another incarnation, for a timestamp in the future, and for a timestamp where
  /// no arrival times are kept; `limit_exceeded` when a gated shard has no place for another reader.
  Result<iterator_type> iterator(ShardId id, const Position& position) {
    const auto found = shard(id);
    if (!found) {
      return found.error();
    }
    if (detail::aged(**found, (*found)->sieve().expired_before)) {  // whether or not its bytes were given back yet
      return Failure{Errc::resource_not_found, Cause::shard_expired, id.index(), 0};
    }
    return (*found)->iterator(position);
  }

  /// A reader of all shards. `last(n)` is meant per shard.
  ///
  /// **errors** as `iterator`, and `invalid_argument` for `at` and `after`: a number has its place in one shard.
  Result<reader_type> reader(const Position& position) {
    if (position.kind() == Position::Kind::at || position.kind() == Position::Kind::after) {
      return Failure{Errc::invalid_argument, Cause::number_in_stream_position, position.sequence_number().value(), 0};
    }
    const bool at_tip = position.kind() == Position::Kind::latest || position.kind() == Position::Kind::last;
    for (;;) {
      const auto begun = at_tip ? detail::at_the_tip(state_->shards.current().shards) : state_->listing().oldest();
      std::vector<typename reader_type::Place> places;
      for (auto* shard : begun) {
        if (auto iterator = shard->iterator(position)) {
          places.push_back({shard, std::move(iterator).value()});
        } else if (iterator.error().cause != Cause::shard_expired) {
          return iterator.error();
        }
      }
      if (places.size() == begun.size()) {
        return reader_type{std::move(places), position};
      }  // else one has expired since, and others have taken over from it
    }
  }

  /// Ends the stream for producers, in files for good: puts are answered `closed`, readers are told when they have had
  /// everything.
  ///
  /// **errors** `resource_in_use` while a writer handle of a single-producer stream is alive; no shard is closed then.
  Result<void> close() {
    const std::lock_guard lock{state_->resharding};
    const auto shards = state_->shards.listed();
    for (const auto* shard : shards) {
      if (const auto free = shard->check_free(); !free) {
        return free;
      }
    }
    for (auto* shard : shards) {
      if (const auto closed = shard->close(); !closed) {
        return closed.error();
      }
    }
    return {};
  }

  /// Lets go of the stream as its destruction does, so that its storage can be opened again, and says whether all was
  /// kept. (`close` is something else: it ends the stream for producers, in files for good.)
  ///
  /// **errors** `resource_in_use` while an iterator or a handle is alive, and what the storage answers to `sync`; the
  /// stream stays as it was then, and this may be called again. **invalidates** the stream itself, which may only be
  /// destroyed or assigned to afterwards.
  Result<void> leave() {
    WEIR_ASSERT(state_ != nullptr, "Stream: used after leave() or after it was moved from");
    for (auto* shard : state_->shards.all()) {
      if (!detail::use_count::none(shard->users())) {
        return Failure{Errc::resource_in_use, Cause::stream_in_use, shard->header().id.index(), 0};
      }
    }
    const auto left = state_->housing.leave();
    if (left) {
      state_.reset();
    }
    return left;
  }

  [[nodiscard]] const std::string& name() const noexcept { return state_->housing.manifest().name; }
  [[nodiscard]] Incarnation incarnation() const noexcept { return state_->housing.manifest().incarnation; }

 private:
  using State = detail::StreamState<T, Storage, options, Env>;
  template <class T2, class Storage2, Options options2, class Env2>
  friend Result<detail::Reshard<detail::StreamState<T2, Storage2, options2, Env2>>> detail::begin_reshard(
      Stream<T2, Storage2, options2, Env2>&, const std::optional<Deadline>&);

  explicit Stream(std::unique_ptr<State> state) noexcept : state_(std::move(state)) {}

  [[nodiscard]] shard_type& shard_for(const key_argument& key) const noexcept {
    WEIR_ASSERT(state_ != nullptr, "Stream: used after leave() or after it was moved from");
    const auto& topology = state_->shards.current();
    if (topology.only != nullptr) {
      return *topology.only;
    }
    return *topology.shards[topology.open.find(key.hash(state_->env.hasher))];
  }

  [[nodiscard]] const shard_type& any_shard() const noexcept { return *state_->shards.current().shards.front(); }

  std::unique_ptr<State> state_;
};

}  // namespace weir::inline WEIR_ABI
