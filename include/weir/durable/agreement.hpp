/// Whether a program and the stream that it finds mean the same.
#pragma once

#include <optional>
#include <vector>

#include "weir/core/options.hpp"
#include "weir/core/stable_name.hpp"
#include "weir/durable/manifest.hpp"
#include "weir/ring/capacity.hpp"
#include "weir/ring/record_log.hpp"

namespace weir::inline WEIR_ABI::detail {

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
  manifest.options += options.arrival == Arrival::kept ? "kept " : "dropped ";
  manifest.options += options.delivery == Delivery::gated ? "gated" : "overwrite";
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

/// The first shard, if any, that is neither one of those that the stream was made with nor what a split or a merge of
/// earlier ones makes: then the open ones tile the hash keys.
inline std::optional<std::size_t> first_impossible(const Manifest& found) {
  const auto& shards = found.shards;
  std::vector<bool> taken_over(shards.size());
  if (found.made_with < 1 || found.made_with > shards.size()) {
    return 0;
  }
  std::size_t i = 0;
  for (; i < found.made_with; ++i) {
    const auto range =
        HashKeyRange::initial(static_cast<std::uint32_t>(i), static_cast<std::uint32_t>(found.made_with));
    if (!shards[i].parents.empty() || shards[i].range != range) {
      return i;
    }
  }
  while (i < shards.size()) {
    const auto& parents = shards[i].parents;
    for (const auto parent : parents) {
      if (parent.index() >= i || taken_over[parent.index()]) {
        return i;
      }
      taken_over[parent.index()] = true;
    }
    if (parents.size() == 1) {
      const auto& whole = shards[parents[0].index()].range;
      const auto& lower = shards[i].range;
      if (i + 1 == shards.size() || shards[i + 1].parents != parents || lower.starting != whole.starting ||
          !lower.adjoins(shards[i + 1].range) || shards[i + 1].range.ending != whole.ending) {
        return i;
      }
      i += 2;
    } else if (parents.size() == 2) {
      const auto& lower = shards[parents[0].index()].range;
      const auto& upper = shards[parents[1].index()].range;
      if (!lower.adjoins(upper) || shards[i].range != HashKeyRange{lower.starting, upper.ending}) {
        return i;
      }
      i += 1;
    } else {
      return i;
    }
  }
  return {};
}

/// What a manifest says must be possible, whoever wrote it.
template <class Log>
Result<void> check_possible(const Manifest& found) {
  if (!Log::check({Log::unit, found.capacity}, static_cast<std::int64_t>(found.record_limit))) {
    return Failure{Errc::format, Cause::manifest_damaged, manifest_capacity_line, 0};
  }
  if (Log::gated ? found.readers < 1 || found.readers > max_readers : found.readers != 0) {
    return Failure{Errc::format, Cause::manifest_damaged, manifest_readers_line, 0};
  }
  if (const auto wrong = first_impossible(found)) {
    return Failure{Errc::format, Cause::manifest_damaged, manifest_first_shard_line + *wrong, 0};
  }
  return {};
}

/// The largest record that a manifest allows, key and data together.
template <class Log>
std::uint64_t largest_record(const Manifest& manifest) noexcept {
  if constexpr (encoded_payload<typename Log::payload>) {
    return manifest.record_limit != 0 ? manifest.record_limit : Log::largest_record(manifest.capacity);
  } else {
    return sizeof(typename Log::payload);
  }
}

/// What a config asks for must be possible; the capacity is the log's to check.
template <class Log>
Result<void> check_config(const StreamConfig& config) {
  const auto refused = [](Cause cause, std::int64_t value, std::uint64_t limit) {
    return Failure{Errc::invalid_argument, cause, static_cast<std::uint64_t>(value), limit};
  };
  if (config.name && !valid_stream_name(*config.name)) {
    return Failure{Errc::invalid_argument, Cause::stream_name, config.name->size(), max_stream_name};
  }
  if (config.shards && (*config.shards < 1 || *config.shards > max_shards)) {
    return refused(Cause::shard_count, *config.shards, max_shards);
  }
  if (config.readers && !Log::gated) {
    return refused(Cause::readers_unlimited, *config.readers, 0);
  }
  if (config.readers && (*config.readers < 1 || *config.readers > max_readers)) {
    return refused(Cause::reader_count, *config.readers, max_readers);
  }
  if (config.stall.count() < 0) {
    return refused(Cause::stall_negative, 0, 0);
  }
  const auto retention = config.retention.value_or(std::chrono::milliseconds{0}).count();
  if (retention < 0) {
    return refused(Cause::retention_range, retention, 0);
  }
  if (retention != 0 && !timed_log<Log>) {
    return refused(Cause::no_arrival_times, 0, 0);
  }
  if (const auto checked = config.limits.check(); !checked) {
    return checked;
  }
  if (config.closed_bytes.value_or(0) < 0) {
    return refused(Cause::closed_bytes, *config.closed_bytes, 0);
  }
  return {};
}

/// What the rings of a manifest's shards are cut for.
inline RingSize ring_size(const Manifest& manifest) noexcept {
  return {manifest.capacity, manifest.readers};
}

/// Whether the config says nothing against a stream that was found.
template <class Log>
Result<void> check_agreement(const Manifest& found, const StreamConfig& config) {
  if (config.name && *config.name != found.name) {
    return Failure{Errc::invalid_argument, Cause::other_name, found.name.size(), config.name->size()};
  }
  if (config.shards && static_cast<std::uint64_t>(*config.shards) != found.made_with) {
    return Failure{Errc::invalid_argument, Cause::other_shards, static_cast<std::uint64_t>(*config.shards),
                   found.made_with};
  }
  if (config.capacity != Capacity{} && config.capacity.count != found.capacity) {
    return Failure{Errc::invalid_argument, Cause::other_capacity, config.capacity.count, found.capacity};
  }
  const auto limit = largest_record<Log>(found);
  if (config.max_record != 0 && static_cast<std::uint64_t>(config.max_record) != limit) {
    return Failure{Errc::invalid_argument, Cause::other_record_limit, static_cast<std::uint64_t>(config.max_record),
                   limit};
  }
  if (config.readers && static_cast<std::uint64_t>(*config.readers) != found.readers) {
    return Failure{Errc::invalid_argument, Cause::other_readers, static_cast<std::uint64_t>(*config.readers),
                   found.readers};
  }
  return {};
}

}  // namespace weir::inline WEIR_ABI::detail
