/// The verbs that describe streams and list them.
#pragma once

#include <algorithm>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "weir/client/account.hpp"
#include "weir/client/names.hpp"

namespace weir::inline WEIR_ABI::detail {

inline constexpr int max_page_asked = 10'000;
inline constexpr int max_streams_page = 100;
inline constexpr int max_describe_page = 100;

[[nodiscard]] inline client::HashKeyRange texts_of(const HashKeyRange& range) {
  return {range.starting.to_string(), range.ending.to_string()};
}

/// The number after a closed shard's last one, so that it is no record's. Those that took over start above it: at its
/// value or a higher one, with a higher shard id.
[[nodiscard]] inline std::optional<std::string> ending_of(const ShardDescription& shard) {
  if (!shard.ending) {
    return std::nullopt;
  }
  return to_decimal({shard.ending->value() + 1, shard.id, shard.ending->incarnation()});
}

[[nodiscard]] inline client::Shard texts_of(const ShardDescription& shard) {
  const auto text = [](const std::optional<ShardId>& id) { return id ? std::optional{id->to_string()} : std::nullopt; };
  return {shard.id.to_string(),
          text(shard.parent),
          text(shard.adjacent_parent),
          texts_of(shard.hash_key_range),
          {to_decimal(shard.starting), ending_of(shard)}};
}

/// **errors** `resource_not_found` for a shard that never was or that has expired.
template <class Stream>
Result<ShardDescription> find_shard(const Stream& stream, ShardId id) {
  const auto shards = stream.shards();
  for (const auto& shard : shards) {
    if (shard.id == id) {
      return shard;
    }
  }
  return Failure{Errc::resource_not_found, Cause::unknown_shard, id.index(), shards.back().id.index()};
}

/// The shards after one, up to `count`, and whether there are more.
struct ShardPage {
  std::vector<client::Shard> shards;
  std::optional<ShardId> last;
  bool more = false;
};
inline ShardPage page_of(const std::vector<ShardDescription>& all, std::optional<ShardId> after, std::size_t count) {
  ShardPage page;
  for (const auto& shard : all) {
    if (after && shard.id <= *after) {
      continue;
    }
    if (page.shards.size() == count) {
      page.more = true;
      break;
    }
    page.shards.push_back(texts_of(shard));
    page.last = shard.id;
  }
  return page;
}

/// What `filter` leaves of a stream's shards; none while it is being created.
template <class Env>
std::vector<ShardDescription> shards_of(NamedStream<Env>& entry, const ShardFilter& filter) {
  const std::lock_guard lock{entry.mutex};  // not in the middle of a change
  return entry.status == client::StreamStatus::creating ? std::vector<ShardDescription>{} : entry.stream.shards(filter);
}

template <class Env>
int retention_hours(const NamedStream<Env>& entry) {
  return static_cast<int>(std::chrono::floor<std::chrono::hours>(entry.stream.retention()).count());
}

template <class Env>
Result<client::ListStreamsResponse> list_streams(Account<Env>& account, const client::ListStreamsRequest& request) {
  const auto limit = page_size(request.limit, max_streams_page, max_page_asked);
  if (!limit) {
    return limit.error();
  }
  const auto& start = request.exclusive_start_stream_name;
  if (start) {
    if (const auto checked = check_stream_name(*start); !checked) {
      return checked.error();
    }
  }
  std::string after{start.value_or("")};
  if (request.next_token) {
    if (start) {
      return Failure{Errc::invalid_argument, Cause::token_or_name, 2, 0};
    }
    auto token = account.tokens.read(*request.next_token, TokenKind::streams, account.now());
    if (!token) {
      return token.error();
    }
    after = std::move(token->stream);
  }
  client::ListStreamsResponse response;
  for (const auto& entry : account.streams.all()) {
    if (entry->name <= after) {
      continue;
    }
    if (response.stream_names.size() == *limit) {
      response.has_more_streams = true;
      response.next_token = account.tokens.write({TokenKind::streams, response.stream_names.back()}, account.now());
      break;
    }
    response.stream_names.push_back(entry->name);
    const std::lock_guard lock{entry->mutex};
    response.stream_summaries.push_back({entry->name, entry->status, {entry->mode}, entry->created});
  }
  return response;
}

template <class Env>
Result<client::DescribeStreamResponse> describe_stream(Account<Env>& account,
                                                       const client::DescribeStreamRequest& request) {
  if (const auto checked = check_stream_name(request.stream_name); !checked) {
    return checked.error();
  }
  const auto limit = page_size(request.limit, max_describe_page, max_page_asked);
  if (!limit) {
    return limit.error();
  }
  std::optional<ShardId> after;
  if (request.exclusive_start_shard_id) {
    const auto id = read_shard_id(*request.exclusive_start_shard_id);
    if (!id) {
      return id.error();
    }
    after = *id;
  }
  const auto found = account.streams.find(request.stream_name);
  if (!found) {
    return found.error();
  }
  auto& entry = **found;
  auto page = page_of(shards_of(entry, ShardFilter::from_trim_horizon()), after, *limit);
  const std::lock_guard lock{entry.mutex};
  return client::DescribeStreamResponse{{entry.name,
                                         entry.status,
                                         {entry.mode},
                                         std::move(page.shards),
                                         page.more,
                                         retention_hours(entry),
                                         entry.created}};
}

template <class Env>
Result<client::DescribeStreamSummaryResponse> describe_stream_summary(
    Account<Env>& account, const client::DescribeStreamSummaryRequest& request) {
  if (const auto checked = check_stream_name(request.stream_name); !checked) {
    return checked.error();
  }
  const auto found = account.streams.find(request.stream_name);
  if (!found) {
    return found.error();
  }
  auto& entry = **found;
  const auto open = shards_of(entry, ShardFilter::at_latest()).size();
  const std::lock_guard lock{entry.mutex};
  return client::DescribeStreamSummaryResponse{{.stream_name = entry.name,
                                                .stream_status = entry.status,
                                                .stream_mode_details = {entry.mode},
                                                .retention_period_hours = retention_hours(entry),
                                                .stream_creation_timestamp = entry.created,
                                                .open_shard_count = static_cast<int>(open),
                                                .max_record_size_in_kib = static_cast<int>(entry.max_record / 1024)}};
}

template <class Env>
client::DescribeLimitsResponse describe_limits(Account<Env>& account) {
  const auto usage = account.usage();
  return {account.config.shard_limit, static_cast<int>(usage.open_shards), static_cast<int>(usage.on_demand),
          account.config.on_demand_limit};
}

}  // namespace weir::inline WEIR_ABI::detail
