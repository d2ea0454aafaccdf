/// How a stream is found in a storage, or given room there.
#pragma once

#include <sys/random.h>

#include <array>
#include <chrono>
#include <cstring>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "weir/core/options.hpp"
#include "weir/core/stable_name.hpp"
#include "weir/durable/manifest.hpp"
#include "weir/storage/storage.hpp"

namespace weir::inline WEIR_ABI::detail {

/// The first line of a shard's span; the ring follows. It ties the bytes to the manifest, so that a file of another
/// stream, or of an earlier one of this name, is not taken for a shard.
struct SpanHeader {
  std::array<char, 8> magic{'w', 'e', 'i', 'r', 's', 'p', 'a', 'n'};
  std::uint64_t version = Manifest::version;
  std::uint64_t fingerprint_high = 0;  ///< of payload, options, layout and hasher
  std::uint64_t fingerprint_low = 0;
  std::uint64_t capacity = 0;
  std::uint64_t start = 0;
  std::uint32_t incarnation = 0;
  std::uint32_t shard = 0;

  friend bool operator==(const SpanHeader&, const SpanHeader&) = default;

  SpanHeader() = default;
  SpanHeader(const Manifest& manifest, const Manifest::Shard& of) noexcept
      : capacity(manifest.capacity), start(of.start), incarnation(manifest.incarnation.value()), shard(of.id.index()) {
    const auto fingerprint =
        Md5Hasher{}(std::to_string(manifest.payload_size) + ' ' + std::to_string(manifest.payload_alignment) + '\n' +
                    manifest.payload + '\n' + manifest.options + '\n' + manifest.layout + '\n' + manifest.hasher);
    fingerprint_high = fingerprint.high();
    fingerprint_low = fingerprint.low();
  }
};
static_assert(sizeof(SpanHeader) <= line_size && std::has_unique_object_representations_v<SpanHeader>);

/// Fills in what the program's types decide; the rest of the manifest comes from the config.
template <class T, class Log, class Hasher>
Manifest manifest_for(const Options& options) {
  Manifest manifest;
  if constexpr (fixed_payload<T>) {
    manifest.payload_size = sizeof(T);
    manifest.payload_alignment = alignof(T);
  } else {
    manifest.payload_size = manifest.payload_alignment = 1;
  }
  manifest.payload = stable_name<T>;
  manifest.options = options.producers == Producers::single ? "single " : "multiple ";
  manifest.options += options.arrival == Arrival::kept ? "kept" : "dropped";
  manifest.layout = Log::layout;
  manifest.hasher = stable_name<Hasher>;
  return manifest;
}

/// Whether a stream that was found is the one that the program means. `wanted` has what its types decide.
inline Result<void> check_same(const Manifest& found, const Manifest& wanted) {
  if (found.payload_size != wanted.payload_size || found.payload_alignment != wanted.payload_alignment ||
      found.payload != wanted.payload) {
    return Failure{Errc::format, Cause::other_payload, found.payload_size, wanted.payload_size};
  }
  if (found.options != wanted.options) {
    return Failure{Errc::format, Cause::other_options, manifest_options_line, 0};
  }
  if (found.layout != wanted.layout) {
    return Failure{Errc::format, Cause::other_options, manifest_layout_line, 0};
  }
  if (found.hasher != wanted.hasher) {
    return Failure{Errc::format, Cause::other_options, manifest_hasher_line, 0};
  }
  return {};
}

/// Whether the config says nothing against a stream that was found. `capacity`: what the config asks for, checked.
inline Result<void> check_agreement(const Manifest& found, const StreamConfig& config, std::uint64_t capacity) {
  if (config.name && *config.name != found.name) {
    return Failure{Errc::invalid_argument, Cause::other_name, found.name.size(), config.name->size()};
  }
  if (config.shards && static_cast<std::uint64_t>(*config.shards) != found.made_with) {
    return Failure{Errc::invalid_argument, Cause::other_shards, static_cast<std::uint64_t>(*config.shards),
                   found.made_with};
  }
  if (config.capacity.unit != Capacity::Unit::unspecified && capacity != found.capacity) {
    return Failure{Errc::invalid_argument, Cause::other_capacity, capacity, found.capacity};
  }
  if (config.max_record != 0 && static_cast<std::uint64_t>(config.max_record) != found.record_limit) {
    return Failure{Errc::invalid_argument, Cause::other_record_limit, static_cast<std::uint64_t>(config.max_record),
                   found.record_limit};
  }
  return {};
}

/// The bytes of one shard's span: a line for the header, and the ring.
constexpr std::size_t span_bytes(std::size_t ring_bytes) noexcept {
  return line_size + ring_bytes;
}
inline std::span<std::byte> ring_of(std::span<std::byte> span) noexcept {
  return span.subspan(line_size);
}

template <class Storage>
void remove_spans(Storage& storage, const Manifest& manifest, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) {
    static_cast<void>(storage.remove(manifest.shards[i].id.to_string()));
  }
}

/// Gives each shard of the manifest a span, or none of them.
template <class Storage>
Result<std::vector<std::span<std::byte>>> make_spans(Storage& storage, const Manifest& manifest, std::size_t size) {
  std::vector<std::span<std::byte>> spans;
  for (const auto& shard : manifest.shards) {
    const auto bytes = storage.create(shard.id.to_string(), size);
    if (!bytes) {
      remove_spans(storage, manifest, spans.size());
      return bytes.error();
    }
    const SpanHeader header{manifest, shard};
    std::memcpy(bytes->data(), &header, sizeof header);
    spans.push_back(*bytes);
  }
  return spans;
}

/// The spans of a stream that was found; each must be the manifest's.
template <class Storage>
Result<std::vector<std::span<std::byte>>> find_spans(Storage& storage, const Manifest& manifest, std::size_t size) {
  std::vector<std::span<std::byte>> spans;
  for (const auto& shard : manifest.shards) {
    const auto bytes = storage.open(shard.id.to_string());
    if (!bytes && bytes.error().code != Errc::resource_not_found) {
      return bytes.error();
    }
    SpanHeader header;
    if (bytes && bytes->size() == size) {
      std::memcpy(&header, bytes->data(), sizeof header);
    }
    if (header != SpanHeader{manifest, shard}) {
      return Failure{Errc::format, Cause::foreign_span, shard.id.index(), 0};
    }
    spans.push_back(*bytes);
  }
  return spans;
}

/// Random, so that neither an earlier stream of this name nor one of another process has it.
inline Incarnation new_incarnation() noexcept {
  std::uint32_t value = 0;
  if (::getrandom(&value, sizeof value, 0) != sizeof value || value == 0) {
    value = static_cast<std::uint32_t>(std::chrono::steady_clock::now().time_since_epoch().count()) | 1U;
  }
  return Incarnation{value};
}

/// The storage's manifest, if there is one; a stream that was not closed is refused.
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
  if (manifest->state != Manifest::State::closed) {
    return Failure{Errc::unclean, Cause::stream_unclean, manifest->incarnation.value(), 0};
  }
  return std::optional{std::move(manifest).value()};
}

/// Makes `state` what the storage tells of the stream.
template <class Storage>
Result<void> tell(Storage& storage, Manifest& manifest, Manifest::State state) {
  manifest.state = state;
  const auto text = manifest.to_text();
  return storage.replace(Manifest::blob, std::as_bytes(std::span{text}));
}

/// Where a stream lives.
struct Housing {
  Manifest manifest;
  std::vector<std::span<std::byte>> spans;  ///< by shard
  bool found = false;                       ///< it was there already
};

/// Finds the stream in the storage, or makes room for a new one; `manifest` has what the program's types decide.
/// Nothing that was found is written to.
template <class Log, class Storage>
Result<Housing> house(Storage& storage, StreamConfig config, Manifest manifest) {
  auto found = find_manifest(storage);
  if (!found) {
    return found.error();
  }
  if (*found) {
    if (const auto same = check_same(**found, manifest); !same) {
      return same.error();
    }
    if (config.capacity == Capacity{}) {
      config.capacity = {Log::unit, (*found)->capacity};
      if (!Log::check(config.capacity, 0)) {
        return Failure{Errc::format, Cause::manifest_damaged, manifest_capacity_line, 0};
      }
    }
  } else if (storage.read_only()) {
    return Failure{Errc::resource_not_found, Cause::no_such_stream, 0, 0};
  }
  const auto capacity = Log::check(config.capacity, config.max_record);
  if (!capacity) {
    return capacity.error();
  }
  const auto size = span_bytes(Log::footprint(*capacity));
  if (*found) {
    if (const auto agreed = check_agreement(**found, config, *capacity); !agreed) {
      return agreed.error();
    }
    for (const auto& shard : (*found)->shards) {  // a stream is not resharded yet, so no file can say otherwise
      const auto count = static_cast<std::uint32_t>((*found)->shards.size());
      if (!shard.parents.empty() || shard.range != HashKeyRange::initial(shard.id.index(), count)) {
        return Failure{Errc::format, Cause::manifest_damaged, manifest_first_shard_line + shard.id.index(), 0};
      }
    }
    auto spans = find_spans(storage, **found, size);
    if (!spans) {
      return spans.error();
    }
    return Housing{std::move(**found), std::move(spans).value(), true};
  }
  const auto count = static_cast<std::uint32_t>(config.shards.value_or(1));
  manifest.name = config.name.value_or("stream");
  manifest.incarnation = new_incarnation();
  manifest.capacity = *capacity;
  manifest.record_limit = static_cast<std::uint64_t>(config.max_record);
  manifest.made_with = count;
  for (std::uint32_t i = 0; i < count; ++i) {
    manifest.shards.push_back({ShardId{i}, HashKeyRange::initial(i, count), 0, {}});
  }
  auto spans = make_spans(storage, manifest, size);
  if (!spans) {
    return spans.error();
  }
  return Housing{std::move(manifest), std::move(spans).value(), false};
}

}  // namespace weir::inline WEIR_ABI::detail
