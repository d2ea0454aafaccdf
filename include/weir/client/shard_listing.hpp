/// The verb that lists shards, as a filter says.
#pragma once

#include <optional>
#include <utility>
#include <vector>

#include "weir/client/listing.hpp"

namespace weir::inline WEIR_ABI::detail {

inline constexpr int max_shards_page = 1000;

/// A filter as a stream knows it, with what a token keeps of it.
struct AskedFilter {
  ShardFilter filter = ShardFilter::from_trim_horizon();
  client::ShardFilterType type = client::ShardFilterType::from_trim_horizon;
  std::uint64_t argument = 0;
};

inline AskedFilter make_filter(client::ShardFilterType type, std::uint64_t argument) {
  const ShardId shard{static_cast<std::uint32_t>(argument)};
  const Timestamp moment{std::chrono::milliseconds{static_cast<std::int64_t>(argument)}};
  using Type = client::ShardFilterType;
  switch (type) {
    case Type::after_shard_id: return {ShardFilter::after(shard), type, argument};
    case Type::at_trim_horizon: return {ShardFilter::at_trim_horizon(), type, argument};
    case Type::from_trim_horizon: break;
    case Type::at_latest: return {ShardFilter::at_latest(), type, argument};
    case Type::at_timestamp: return {ShardFilter::at_timestamp(moment), type, argument};
    case Type::from_timestamp: return {ShardFilter::from_timestamp(moment), type, argument};
  }
  return {};
}

inline Result<AskedFilter> read_filter(const client::ShardFilter& asked) {
  using Type = client::ShardFilterType;
  if (asked.type == Type::after_shard_id) {
    if (!asked.shard_id) {
      return Failure{Errc::invalid_argument, Cause::shard_missing, 0, 0};
    }
    const auto id = read_shard_id(*asked.shard_id);
    return id ? Result<AskedFilter>{make_filter(asked.type, id->index())} : id.error();
  }
  if (asked.type == Type::at_timestamp || asked.type == Type::from_timestamp) {
    if (!asked.timestamp) {
      return Failure{Errc::invalid_argument, Cause::timestamp_missing, 0, 0};
    }
    return make_filter(asked.type, static_cast<std::uint64_t>(asked.timestamp->time_since_epoch().count()));
  }
  return make_filter(asked.type, 0);
}

/// What one page of a list of shards is taken from.
struct ShardListing {
  Token token{.kind = TokenKind::shards};  ///< with `token.shard` the last one of the page before, where `begun`
  bool begun = false;
  AskedFilter filter{};
};

/// From a token, or from the first request.
template <class Env>
Result<ShardListing> begin_listing(Account<Env>& account, const client::ListShardsRequest& request) {
  ShardListing listing;
  const bool more = request.exclusive_start_shard_id || request.stream_creation_timestamp || request.shard_filter;
  if (request.next_token.has_value() == request.stream_name.has_value() || (request.next_token && more)) {
    const std::uint64_t given = (request.next_token ? 1U : 0U) + (request.stream_name ? 1U : 0U);
    return Failure{Errc::invalid_argument, Cause::token_or_name, given, 0};
  }
  if (request.next_token) {
    auto token = account.tokens.read(*request.next_token, TokenKind::shards, account.now());
    if (!token) {
      return token.error();
    }
    listing.token = std::move(token).value();
    listing.begun = true;
    listing.filter =
        make_filter(static_cast<client::ShardFilterType>(listing.token.place - 'a'), listing.token.argument);
    return listing;
  }
  listing.token.stream = *request.stream_name;
  if (request.exclusive_start_shard_id) {
    const auto id = read_shard_id(*request.exclusive_start_shard_id);
    if (!id) {
      return id.error();
    }
    listing.token.shard = *id;
    listing.begun = true;
  }
  const auto filter = read_filter(request.shard_filter.value_or(client::ShardFilter{}));
  if (!filter) {
    return filter.error();
  }
  listing.filter = *filter;
  return listing;
}

template <class Env>
Result<client::ListShardsResponse> list_shards(Account<Env>& account, const client::ListShardsRequest& request) {
  if (request.stream_name) {
    if (const auto checked = check_stream_name(*request.stream_name); !checked) {
      return checked.error();
    }
  }
  const auto limit = page_size(request.max_results, max_shards_page, max_page_asked);
  if (!limit) {
    return limit.error();
  }
  auto listing = begin_listing(account, request);
  if (!listing) {
    return listing.error();
  }
  auto& token = listing->token;
  const auto found = account.streams.find(token.stream);
  if (!found) {
    return found.error();
  }
  auto& entry = **found;
  if (const auto incarnation = entry.stream.incarnation(); request.next_token && token.incarnation != incarnation) {
    return Failure{Errc::resource_not_found, Cause::token_stream, token.incarnation.value(), incarnation.value()};
  }
  if (const auto asked = request.stream_creation_timestamp; asked && *asked != entry.created) {
    const auto millis = [](Timestamp moment) { return static_cast<std::uint64_t>(moment.time_since_epoch().count()); };
    return Failure{Errc::resource_not_found, Cause::stream_moment, millis(*asked), millis(entry.created)};
  }
  auto page = page_of(shards_of(entry, listing->filter.filter),
                      listing->begun ? std::optional{token.shard} : std::nullopt, *limit);
  client::ListShardsResponse response{std::move(page.shards), std::nullopt};
  if (page.more) {
    token.incarnation = entry.stream.incarnation();
    token.shard = *page.last;
    token.place = static_cast<char>('a' + static_cast<int>(listing->filter.type));
    token.argument = listing->filter.argument;
    response.next_token = account.tokens.write(token, account.now());
  }
  return response;
}

}  // namespace weir::inline WEIR_ABI::detail
