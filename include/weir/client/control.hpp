/// The verbs that create, change and delete streams.
#pragma once

#include <algorithm>
#include <limits>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include "weir/client/account.hpp"
#include "weir/client/listing.hpp"
#include "weir/client/names.hpp"
#include "weir/stream/reshard.hpp"

/// Each checks the fields of its request first, then that the stream exists, its state, its shards, the account's
/// limits, and at last what the arguments mean: the order in which the service was seen to answer.
namespace weir::inline WEIR_ABI::detail {

inline constexpr int default_shard_count = 4;
inline constexpr int min_retention_hours = 24;
inline constexpr int max_retention_hours = 8760;
inline constexpr std::size_t max_creating = 5;

template <class Env>
Result<void> create_stream(Account<Env>& account, const client::CreateStreamRequest& request) {
  if (const auto checked = check_stream_name(request.stream_name); !checked) {
    return checked;
  }
  const auto count = request.shard_count.value_or(default_shard_count);
  if (count < 1 || count > max_shards) {
    return Failure{Errc::validation, Cause::shard_count, static_cast<std::uint64_t>(count), max_shards};
  }
  const auto kib = request.max_record_size_in_kib;
  if (constexpr int least = 1024, most = 10'240; kib && (*kib < least || *kib > most)) {
    return Failure{Errc::validation, Cause::record_kib, static_cast<std::uint64_t>(*kib), most};
  }
  if (const auto checked = Tags::check(request.tags); !checked) {
    return checked;
  }
  const std::lock_guard lock{account.control};
  if (account.streams.find(request.stream_name)) {
    return Failure{Errc::resource_in_use, Cause::stream_taken, request.stream_name.size(), 0};
  }
  if (const auto creating = account.usage().creating; creating >= max_creating) {
    return Failure{Errc::limit_exceeded, Cause::creating_quota, creating, max_creating};
  }
  const auto mode = request.stream_mode_details.stream_mode;
  if (const auto checked = mode == client::StreamMode::on_demand
                               ? account.check_on_demand()
                               : account.check_shards(static_cast<std::uint64_t>(count));
      !checked) {
    return checked;
  }
  const auto record = kib ? *kib * std::int64_t{1024} : account.config.max_record;
  StreamConfig config;
  config.name = std::string{request.stream_name};
  config.shards = count;
  config.capacity = account.config.capacity;
  config.max_record = record;
  config.retention = std::chrono::hours{min_retention_hours};
  config.closed_bytes = std::numeric_limits<std::int64_t>::max();  // closed shards go when their time is over
  // How much is read is limited here: the service counts answers, which take several reads of the stream's.
  config.limits = {.records_in = account.config.limits.records_in, .bytes_in = account.config.limits.bytes_in};
  auto stream = NamedStream<Env>::stream_type::open(config, MemoryStorage{}, account.env);
  if (!stream) {
    return stream.error();
  }
  auto entry = std::make_shared<NamedStream<Env>>(std::string{request.stream_name}, std::move(stream).value(), mode,
                                                  account.now(), account.config.limits, record);
  if (const auto added = entry->tags.add(request.tags); !added) {
    return added;
  }
  account.streams.add(std::move(entry));
  return {};
}

template <class Env>
Result<void> delete_stream(Account<Env>& account, const client::DeleteStreamRequest& request) {
  if (const auto checked = check_stream_name(request.stream_name); !checked) {
    return checked;
  }
  const std::lock_guard lock{account.control};
  const auto found = account.streams.find(request.stream_name);
  if (!found) {
    return found.error();
  }
  const auto status = account.streams.status_of(**found);
  if (status != client::StreamStatus::active && status != client::StreamStatus::creating) {
    return Failure{Errc::resource_in_use, Cause::stream_not_active, request.stream_name.size(), 0};
  }
  account.streams.remove(*found);
  return {};
}

/// The stream of a verb that only provisioned streams know.
template <class Env>
Result<typename Account<Env>::Found> find_provisioned(Account<Env>& account, std::string_view name) {
  auto found = account.streams.find_active(name);
  if (found) {
    const auto& entry = **found;
    if (entry.mode == client::StreamMode::on_demand) {  // nobody changes it: this thread has the account's lock
      return Failure{Errc::validation, Cause::on_demand_shards, entry.open_shards, 0};
    }
  }
  return found;
}

template <class Env>
Result<void> split_shard(Account<Env>& account, const client::SplitShardRequest& request) {
  for (const auto& checked : {check_stream_name(request.stream_name), check_hash_key(request.new_starting_hash_key)}) {
    if (!checked) {
      return checked;
    }
  }
  const auto id = read_shard_id(request.shard_to_split);
  if (!id) {
    return id.error();
  }
  const std::lock_guard lock{account.control};
  const auto found = find_provisioned(account, request.stream_name);
  if (!found) {
    return found.error();
  }
  const auto shard = find_shard((*found)->stream, *id);
  if (!shard) {
    return shard.error();
  }
  if (const auto checked = account.check_shards(1); !checked) {
    return checked;
  }
  const auto key = HashKey::parse(request.new_starting_hash_key);
  if (!key) {
    return key.error();
  }
  const bool possible = !shard->ending && shard->hash_key_range.splits_at(*key);
  return account.streams.change(*found, {(*found)->open_shards + 1, (*found)->mode, possible},
                                [id = *id, key = *key](auto& entry) -> Result<void> {
                                  const auto done = split(entry.stream, id, key);
                                  return done ? Result<void>{} : done.error();
                                });
}

template <class Env>
Result<void> merge_shards(Account<Env>& account, const client::MergeShardsRequest& request) {
  if (const auto checked = check_stream_name(request.stream_name); !checked) {
    return checked;
  }
  const auto lower = read_shard_id(request.shard_to_merge);
  const auto upper = read_shard_id(request.adjacent_shard_to_merge);
  if (!lower || !upper) {
    return lower ? upper.error() : lower.error();
  }
  const std::lock_guard lock{account.control};
  const auto found = find_provisioned(account, request.stream_name);
  if (!found) {
    return found.error();
  }
  const auto first = find_shard((*found)->stream, *lower);
  const auto second = find_shard((*found)->stream, *upper);
  if (!first || !second) {
    return first ? second.error() : first.error();
  }
  const bool possible = !first->ending && !second->ending && first->hash_key_range.adjoins(second->hash_key_range);
  return account.streams.change(*found, {(*found)->open_shards - 1, (*found)->mode, possible},
                                [lower = *lower, upper = *upper](auto& entry) -> Result<void> {
                                  const auto done = merge(entry.stream, lower, upper);
                                  return done ? Result<void>{} : done.error();
                                });
}

template <class Env>
Result<client::UpdateShardCountResponse> update_shard_count(Account<Env>& account,
                                                            const client::UpdateShardCountRequest& request) {
  if (const auto checked = check_stream_name(request.stream_name); !checked) {
    return checked.error();
  }
  const auto target = request.target_shard_count;
  if (target < 1 || target > max_shards) {
    return Failure{Errc::validation, Cause::shard_count, static_cast<std::uint64_t>(target), max_shards};
  }
  const std::lock_guard lock{account.control};
  const auto found = find_provisioned(account, request.stream_name);
  if (!found) {
    return found.error();
  }
  auto& entry = **found;
  const auto open = entry.open_shards;
  const auto wanted = static_cast<std::uint64_t>(target);
  client::UpdateShardCountResponse response{entry.name, static_cast<int>(open), target};
  if (wanted == open) {
    return response;
  }
  if (const auto checked = account.check_shards(wanted > open ? wanted - open : 0); !checked) {
    return checked.error();
  }
  if (const auto count = entry.resizes.count(account.now()); count >= max_resizes_a_day) {
    return Failure{Errc::limit_exceeded, Cause::resize_rate, count, max_resizes_a_day};
  }
  const auto shards = entry.stream.shards(ShardFilter::at_latest());
  const bool splits = std::all_of(shards.begin(), shards.end(), [](const ShardDescription& shard) {
    return shard.hash_key_range.splits_at(shard.hash_key_range.midpoint());
  });
  const bool possible = wanted <= 2 * open && 2 * wanted >= open && (wanted < open || splits);
  const auto changed = account.streams.change(*found, {wanted, entry.mode, possible},
                                              [target](auto& changing) { return resize(changing.stream, target); });
  if (!changed) {
    return changed.error();
  }
  entry.resizes.add(account.now());
  return response;
}

/// Which way a retention period may go; equal is accepted either way.
enum class Retain : std::uint8_t { longer, shorter };

template <class Env>
Result<void> change_retention(Account<Env>& account, std::string_view name, int hours, Retain way) {
  if (const auto checked = check_stream_name(name); !checked) {
    return checked;
  }
  const std::lock_guard lock{account.control};
  const auto found = account.streams.find_active(name);
  if (!found) {
    return found.error();
  }
  if (hours < min_retention_hours || hours > max_retention_hours) {
    return Failure{Errc::invalid_argument, Cause::retention_hours, static_cast<std::uint64_t>(hours),
                   max_retention_hours};
  }
  const std::chrono::hours wanted{hours};
  const auto now = std::chrono::floor<std::chrono::hours>((*found)->stream.retention());
  if (way == Retain::longer ? wanted < now : wanted > now) {
    return Failure{Errc::invalid_argument, Cause::retention_direction, static_cast<std::uint64_t>(hours),
                   static_cast<std::uint64_t>(now.count())};
  }
  return account.streams.change(*found, {(*found)->open_shards, (*found)->mode},
                                [wanted](auto& entry) { return entry.stream.retain_for(wanted); });
}

template <class Env>
Result<void> update_stream_mode(Account<Env>& account, const client::UpdateStreamModeRequest& request) {
  if (const auto checked = check_stream_name(request.stream_name); !checked) {
    return checked;
  }
  const std::lock_guard lock{account.control};
  const auto found = account.streams.find_active(request.stream_name);
  if (!found) {
    return found.error();
  }
  auto& entry = **found;
  const auto mode = request.stream_mode_details.stream_mode;
  if (mode == entry.mode) {
    return {};
  }
  if (const auto checked =
          mode == client::StreamMode::on_demand ? account.check_on_demand() : account.check_shards(entry.open_shards);
      !checked) {
    return checked;
  }
  if (const auto count = entry.mode_changes.count(account.now()); count >= max_mode_changes_a_day) {
    return Failure{Errc::limit_exceeded, Cause::mode_rate, count, max_mode_changes_a_day};
  }
  const auto changed =
      account.streams.change(*found, {entry.open_shards, mode}, [mode](auto& changing) -> Result<void> {
        changing.mode = mode;
        return {};
      });
  if (changed) {
    entry.mode_changes.add(account.now());
  }
  return changed;
}

}  // namespace weir::inline WEIR_ABI::detail
