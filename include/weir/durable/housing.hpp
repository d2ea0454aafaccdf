/// How a stream is found in a storage, or given room there.
#pragma once

#include <sys/random.h>
#include <unistd.h>

#include <chrono>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "weir/durable/agreement.hpp"
#include "weir/durable/span_header.hpp"
#include "weir/storage/storage.hpp"

namespace weir::inline WEIR_ABI::detail {

/// The bytes of one shard's span: a line for the header, and the ring.
constexpr std::size_t span_bytes(std::size_t ring_bytes) noexcept {
  return line_size + ring_bytes;
}
inline std::span<std::byte> ring_of(std::span<std::byte> span) noexcept {
  return span.subspan(line_size);
}

/// Random, so that neither an earlier stream of this name nor one of another process has it.
inline Incarnation new_incarnation() noexcept {
  std::uint32_t value = 0;
  if (::getrandom(&value, sizeof value, 0) != sizeof value || value == 0) {
    value = static_cast<std::uint32_t>(std::chrono::steady_clock::now().time_since_epoch().count()) | 1U;
  }
  return Incarnation{value};
}

/// Where a stream lives: its spans in a storage, which outlives this. Made by `house`, then entered, then left.
template <class Storage>
class Housing {
 public:
  explicit Housing(Storage& storage) noexcept : storage_(&storage) {}
  Housing(const Housing&) = delete;
  Housing& operator=(const Housing&) = delete;
  /// Leaves; of a stream that was made and never entered nothing stays.
  ~Housing() {
    if (inside_ != 0) {
      static_cast<void>(leave());
    } else if (!found_) {
      remove_spans();
    }
  }

  [[nodiscard]] const Manifest& manifest() const noexcept { return manifest_; }
  [[nodiscard]] const std::vector<std::span<std::byte>>& spans() const noexcept { return spans_; }
  /// The stream was there already; else its rings are still to be formatted.
  [[nodiscard]] bool found() const noexcept { return found_; }

  /// Makes the storage say that somebody has the stream. A new stream is there from now on; where this fails, one that
  /// was found is as it was.
  Result<void> enter() {
    if (storage_->read_only()) {
      return {};
    }
    const auto before = SpanHeader::in(spans_.front());
    for (const auto span : spans_) {
      auto header = SpanHeader::in(span);
      header.enter();
      header.write_to(span);
    }
    // Before the first put: were the word to reach the device later than records do, a machine that stops in between
    // would leave half of them under a header that says all is well.
    if (const auto synced = storage_->sync(spans_.front().first(line_size)); !synced) {
      for (const auto span : spans_) {
        auto header = SpanHeader::in(span);
        header.return_to(before);
        header.write_to(span);
      }
      return synced;
    }
    if (!found_) {
      if (const auto told = tell(); !told) {
        return told;
      }
    }
    inside_ = ::getpid();
    return {};
  }

  /// The bytes first, then the word that they are good. Asks for no room and no descriptor, so that it does not fail
  /// for want of them; when it fails it may be tried again. A child made by fork() is not who entered, and changes
  /// nothing.
  Result<void> leave() {
    if (inside_ != ::getpid()) {
      return {};
    }
    if (untold_) {
      if (const auto told = tell(); !told) {
        return told;
      }
    }
    for (const auto span : spans_) {
      if (const auto synced = storage_->sync(span); !synced) {
        return synced;
      }
    }
    const auto entered = SpanHeader::in(spans_.front());
    auto left = entered;
    left.leave();
    left.write_to(spans_.front());
    const auto synced = storage_->sync(spans_.front().first(line_size));
    if (synced) {
      inside_ = 0;
      found_ = true;
    } else {
      entered.write_to(spans_.front());
    }
    return synced;
  }

  /// Gives each shard of a new stream a span.
  Result<void> make(Manifest manifest, std::size_t size) {
    manifest_ = std::move(manifest);
    for (const auto& shard : manifest_.shards) {
      const auto bytes = storage_->create(shard.id.name(), size);
      if (!bytes) {
        const bool abandoned = bytes.error().cause == Cause::span_exists;
        return abandoned ? Failure{Errc::unclean, Cause::stream_half_made, shard.id.index(), 0} : bytes.error();
      }
      spans_.push_back(*bytes);
      SpanHeader{manifest_, shard}.write_to(*bytes);
    }
    return {};
  }

  /// Gives shards that are to be a span each, and says so in the storage. Where this fails nothing has changed.
  Result<void> add(const std::vector<Manifest::Shard>& shards) {
    struct Undo {
      Housing& housing;
      std::size_t shards = 0;
      ~Undo() { housing.take_back(shards); }
    } undo{*this};
    const auto entered = SpanHeader::in(spans_.front());
    spans_.reserve(spans_.size() + shards.size());
    for (const auto& shard : shards) {
      manifest_.shards.push_back(shard);
      ++undo.shards;
      const auto bytes = storage_->create(shard.id.name(), spans_.front().size());
      if (!bytes) {
        return bytes.error();
      }
      spans_.push_back(*bytes);
      SpanHeader header{manifest_, shard};
      header.return_to(entered);
      header.write_to(*bytes);
    }
    const auto told = note();
    undo.shards = told ? 0 : undo.shards;
    return told;
  }
  /// Takes back the last shards that were added, which nobody has used.
  void take_back(std::size_t shards) noexcept {
    for (; shards != 0; --shards) {
      if (spans_.size() == manifest_.shards.size()) {
        static_cast<void>(storage_->remove(manifest_.shards.back().id.name()));
        spans_.pop_back();
      }
      manifest_.shards.pop_back();
      untold_ = true;
    }
  }

  /// Says in the storage how long records are retained.
  Result<void> retain_for(std::chrono::milliseconds period) {
    const auto before = std::exchange(manifest_.retention, period);
    const auto told = note();
    if (!told) {
      manifest_.retention = before;
    }
    return told;
  }
  /// A shard that was added has begun.
  void begin(ShardId shard, std::uint64_t start) noexcept {
    change(shard, [&](SpanHeader& header) { header.begin(start); });
  }
  /// The records of a shard are gone.
  void expire(ShardId shard) noexcept {
    change(shard, [](SpanHeader& header) { header.expire(); });
  }
  [[nodiscard]] bool expired(ShardId shard) const noexcept { return SpanHeader::in(spans_[shard.index()]).expired(); }

  /// Takes the spans of a stream that is there; each must be the manifest's, and of the same time.
  Result<void> find(Manifest manifest, std::size_t size) {
    manifest_ = std::move(manifest);
    found_ = true;
    for (auto& shard : manifest_.shards) {
      const auto bytes = storage_->open(shard.id.name());
      if (!bytes && bytes.error().code != Errc::resource_not_found && bytes.error().code != Errc::format) {
        return bytes.error();
      }
      const auto header = bytes && bytes->size() == size ? SpanHeader::in(*bytes) : SpanHeader{};
      if (!shard.parents.empty()) {
        shard.start = header.start();
      }
      const bool first = spans_.empty();
      const bool begun = shard.parents.empty() || shard.start != 0;
      if (!begun || !header.same_shard({manifest_, shard}) ||
          (!first && header.entered() != SpanHeader::in(spans_.front()).entered())) {
        return Failure{Errc::format, Cause::foreign_span, shard.id.index(), 0};
      }
      if (first && !header.is_left()) {
        return Failure{Errc::unclean, Cause::stream_unclean, manifest_.incarnation.value(), 0};
      }
      spans_.push_back(*bytes);
    }
    return {};
  }

 private:
  /// Has the storage know what has changed: at once where that outlives the process, else when the stream is left,
  /// because a page of all shards there ever were is long.
  Result<void> note() {
    untold_ = true;
    return persistent_storage<Storage> && inside_ != 0 ? tell() : Result<void>{};
  }
  Result<void> tell() {
    const auto text = manifest_.to_text();
    const auto told = storage_->replace(Manifest::blob, std::as_bytes(std::span{text}));
    untold_ = !told;
    return told;
  }

  template <class Change>
  void change(ShardId shard, const Change& how) noexcept {
    const auto span = spans_[shard.index()];
    auto header = SpanHeader::in(span);
    how(header);
    header.write_to(span);
  }

  void remove_spans() noexcept {
    for (std::size_t i = 0; i < spans_.size(); ++i) {
      static_cast<void>(storage_->remove(manifest_.shards[i].id.name()));
    }
  }

  Storage* storage_;
  Manifest manifest_;
  std::vector<std::span<std::byte>> spans_;  // by shard
  bool found_ = false;
  bool untold_ = false;  // the manifest has changed since the storage was told
  ::pid_t inside_ = 0;   // the process that entered; zero: nobody
};

/// The storage's manifest, if there is one.
template <class Storage>
Result<std::optional<Manifest>> find_manifest(Storage& storage) {
  const auto blob = storage.load(Manifest::blob);
  if (!blob) {
    if (blob.error().code == Errc::resource_not_found) {
      return std::optional<Manifest>{};
    }
    return blob.error();
  }
  auto manifest = Manifest::parse({reinterpret_cast<const char*>(blob->data()), blob->size()});
  if (!manifest) {
    return manifest.error();
  }
  return std::optional{std::move(manifest).value()};
}

/// Finds the stream in the storage, or makes room for a new one; `wanted` has what the program's types decide. Nothing
/// that was found is written to.
template <class Log, class Storage>
Result<void> house(Housing<Storage>& housing, Storage& storage, const StreamConfig& config, Manifest wanted) {
  // What can never be is refused before the storage is touched; a record limit without a capacity may fit the one
  // found.
  if (const auto checked = Log::check(config.capacity, config.max_record); !checked) {
    const bool open_yet = config.capacity == Capacity{} && config.max_record > 0;
    if (!open_yet || checked.error().cause != Cause::record_limit) {
      return checked.error();
    }
  }
  auto found = find_manifest(storage);
  if (!found) {
    return found.error();
  }
  if (*found) {
    auto& manifest = **found;
    for (const auto& checked :
         {check_same(manifest, wanted), check_possible<Log>(manifest), check_agreement<Log>(manifest, config)}) {
      if (!checked) {
        return checked;
      }
    }
    const auto size = span_bytes(Log::footprint(ring_size(manifest)));
    return housing.find(std::move(manifest), size);
  }
  if (storage.read_only()) {
    return Failure{Errc::resource_not_found, Cause::no_such_stream, 0, 0};
  }
  const auto capacity = Log::check(config.capacity, config.max_record);
  if (!capacity) {
    return capacity.error();
  }
  const auto count = static_cast<std::uint32_t>(config.shards.value_or(1));
  wanted.name = config.name.value_or("stream");
  wanted.incarnation = new_incarnation();
  wanted.capacity = *capacity;
  wanted.record_limit = static_cast<std::uint64_t>(config.max_record);
  wanted.readers = Log::gated ? static_cast<std::uint64_t>(config.readers.value_or(default_readers)) : 0;
  wanted.made_with = count;
  wanted.retention = config.retention.value_or(std::chrono::milliseconds{0});
  for (std::uint32_t i = 0; i < count; ++i) {
    wanted.shards.push_back({ShardId{i}, HashKeyRange::initial(i, count), 0, {}, wanted.created});
  }
  const auto size = span_bytes(Log::footprint(ring_size(wanted)));
  return housing.make(std::move(wanted), size);
}

}  // namespace weir::inline WEIR_ABI::detail
