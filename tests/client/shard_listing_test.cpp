#include "weir/client/shard_listing.hpp"

#include <doctest/doctest.h>

#include "client/service.hpp"

namespace {

using namespace weir::client_tests;
using weir::Cause;
using weir::Errc;

TEST_CASE("pages of shards keep their filter, and begin after a shard") {
  Service service{4};
  REQUIRE(service.split(0, "1000"));
  const weir::client::ShardFilter open{.type = Filter::at_latest};
  auto page = service.client.list_shards({.stream_name = "clicks", .max_results = 2, .shard_filter = open}).value();
  CHECK(page.shards.at(0).shard_id == shard_name(1));
  page = service.client.list_shards({.next_token = page.next_token, .max_results = 2}).value();
  CHECK(page.shards.at(0).shard_id == shard_name(3));
  CHECK(page.shards.at(1).shard_id == shard_name(4));
  page = service.client.list_shards({.next_token = page.next_token}).value();
  CHECK(page.shards.size() == 1);
  CHECK_FALSE(page.next_token);
  const auto after =
      service.client
          .list_shards({.stream_name = "clicks", .exclusive_start_shard_id = shard_name(1), .shard_filter = open})
          .value();
  CHECK(after.shards.at(0).shard_id == shard_name(2));
  CHECK(after.shards.size() == 4);
}

TEST_CASE("filters by moment and by shard name those that they say") {
  Service service;
  const auto start = service.env.clock.now();
  service.put("x");
  service.env.clock.advance(1h);
  REQUIRE(service.split(0, middle_of_keys));
  service.env.clock.advance(1h);
  const auto named = [&](const weir::client::ShardFilter& filter) {
    Texts all;
    for (const auto& shard :
         service.client.list_shards({.stream_name = "clicks", .shard_filter = filter}).value().shards) {
      all.push_back(shard.shard_id);
    }
    return all;
  };
  const Texts children{shard_name(1), shard_name(2)};
  CHECK(named({.type = Filter::at_timestamp, .timestamp = start + 30min}) == Texts{shard_name(0)});
  CHECK(named({.type = Filter::at_timestamp, .timestamp = start + 90min}) == children);
  CHECK(named({.type = Filter::from_timestamp, .timestamp = start + 30min}).size() == 3);
  CHECK(named({.type = Filter::from_timestamp, .timestamp = start + 90min}) == children);
  CHECK(named({.type = Filter::after_shard_id, .shard_id = "shardId-000000000000"}) == children);
  const auto refused = [&](const weir::client::ShardFilter& filter, Errc code, Cause cause) {
    check_refused(service.client.list_shards({.stream_name = "clicks", .shard_filter = filter}), code, cause);
  };
  refused({.type = Filter::at_timestamp}, Errc::invalid_argument, Cause::timestamp_missing);
  refused({.type = Filter::from_timestamp}, Errc::invalid_argument, Cause::timestamp_missing);
  refused({.type = Filter::after_shard_id}, Errc::invalid_argument, Cause::shard_missing);
  refused({.type = Filter::after_shard_id, .shard_id = ""}, Errc::validation, Cause::shard_id_text);
}

TEST_CASE("a filter with an argument goes on through a token") {
  Service service{5};
  const auto first =
      service.client
          .list_shards({.stream_name = "clicks",
                        .max_results = 1,
                        .shard_filter = weir::client::ShardFilter{.type = Filter::after_shard_id, .shard_id = "2"}})
          .value();
  CHECK(first.shards.at(0).shard_id == shard_name(3));
  const auto rest = service.client.list_shards({.next_token = first.next_token}).value();
  CHECK(rest.shards.size() == 1);
  CHECK(rest.shards.at(0).shard_id == shard_name(4));
}

TEST_CASE("a moment goes on through a token") {
  Service service{2};
  const auto start = service.env.clock.now();
  service.env.clock.advance(1h);
  REQUIRE(service.split(0, "1000"));
  service.env.clock.advance(1h);
  const weir::client::ShardFilter then{.type = Filter::at_timestamp, .timestamp = start + 90min};
  const auto first =
      service.client.list_shards({.stream_name = "clicks", .max_results = 1, .shard_filter = then}).value();
  CHECK(first.shards.at(0).shard_id == shard_name(1));
  const auto rest = service.client.list_shards({.next_token = first.next_token}).value();
  REQUIRE(rest.shards.size() == 2);
  CHECK(rest.shards[0].shard_id == shard_name(2));
  CHECK(rest.shards[1].shard_id == shard_name(3));
}

TEST_CASE("with a token nothing else is given but the page's size") {
  Service service{3};
  const auto token = service.client.list_shards({.stream_name = "clicks", .max_results = 1}).value().next_token;
  const auto refused = [&](const weir::client::ListShardsRequest& request) {
    check_refused(service.client.list_shards(request), Errc::invalid_argument, Cause::token_or_name);
  };
  refused({.next_token = token, .exclusive_start_shard_id = "0"});
  refused({.next_token = token, .stream_creation_timestamp = service.env.clock.now()});
  refused({.next_token = token, .shard_filter = weir::client::ShardFilter{}});
  CHECK(service.client.list_shards({.next_token = token, .max_results = 2}));
  service.env.clock.advance(300'001ms);
  check_refused(service.client.list_shards({.next_token = token}), Errc::expired_next_token, Cause::token_age);
}

TEST_CASE("a stream that was created at another time is not the one meant") {
  Service service{2};
  const auto created = service.env.clock.now();
  const auto token = service.client.list_shards({.stream_name = "clicks", .max_results = 1}).value().next_token;
  CHECK(service.client.list_shards({.stream_name = "clicks", .stream_creation_timestamp = created}));
  REQUIRE(service.client.delete_stream({.stream_name = "clicks"}));
  service.env.clock.advance(1s);
  service.create("clicks", 2);
  check_refused(service.client.list_shards({.stream_name = "clicks", .stream_creation_timestamp = created}),
                Errc::resource_not_found, Cause::stream_moment, {"leave it out"});
  check_refused(service.client.list_shards({.next_token = token}), Errc::resource_not_found, Cause::token_stream,
                {"deleted", "new token"});
}

}  // namespace
