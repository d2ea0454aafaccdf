#include "weir/client/listing.hpp"

#include <doctest/doctest.h>

#include "client/service.hpp"

namespace {

using namespace weir::client_tests;
using weir::Cause;
using weir::Errc;
using weir::client::StreamMode;

TEST_CASE("streams are listed by name, in pages of up to 100, with or without a token") {
  Service service{std::nullopt};
  for (const auto* name : {"d", "a", "e", "c", "b"}) {
    service.create(name);
    service.env.clock.advance(1s);
  }
  auto page = service.client.list_streams({.limit = 2}).value();
  CHECK(page.stream_names == Texts{"a", "b"});
  CHECK(page.has_more_streams);
  CHECK(page.stream_summaries.at(1).stream_name == "b");
  CHECK(page.stream_summaries.at(1).stream_creation_timestamp == service.env.clock.now() - 1s);
  CHECK(page.stream_summaries.at(1).stream_status == weir::client::StreamStatus::active);
  page = service.client.list_streams({.limit = 2, .next_token = page.next_token}).value();
  CHECK(page.stream_names == Texts{"c", "d"});
  page = service.client.list_streams({.limit = 1, .next_token = page.next_token}).value();
  CHECK(page.stream_names == Texts{"e"});
  CHECK_FALSE(page.has_more_streams);
  CHECK_FALSE(page.next_token);
  CHECK(service.client.list_streams({.exclusive_start_stream_name = "bb"}).value().stream_names ==
        Texts{"c", "d", "e"});
  CHECK(service.client.list_streams().value().stream_names.size() == 5);
}

TEST_CASE("a hundred streams are a page, whatever more was asked for") {
  Service service{std::nullopt, {.capacity = weir::bytes(4096), .max_record = 64}};
  for (int i = 0; i < 101; ++i) {
    service.create("s" + std::to_string(1000 + i));
  }
  for (const std::optional<int> limit : {std::optional<int>{}, std::optional{10'000}}) {
    const auto page = service.client.list_streams({.limit = limit}).value();
    CHECK(page.stream_names.size() == 100);
    CHECK(page.has_more_streams);
  }
}

TEST_CASE("a list of streams refuses limits, names and tokens that cannot be") {
  Service service{2};
  for (const int limit : {0, 10'001}) {
    check_refused(service.client.list_streams({.limit = limit}), Errc::validation, Cause::page_limit);
  }
  check_refused(service.client.list_streams({.exclusive_start_stream_name = "a b"}), Errc::validation,
                Cause::stream_name);
  check_refused(service.client.list_streams({.next_token = "garbage"}), Errc::invalid_argument, Cause::token_text);
  service.create("more");
  const auto token = service.client.list_streams({.limit = 1}).value().next_token.value();
  check_refused(service.client.list_streams({.exclusive_start_stream_name = "a", .next_token = token}),
                Errc::invalid_argument, Cause::token_or_name);
  check_refused(service.client.list_shards({.next_token = token}), Errc::invalid_argument, Cause::token_text);
  service.env.clock.advance(300'000ms);
  CHECK(service.client.list_streams({.next_token = token}));
  service.env.clock.advance(1ms);
  check_refused(service.client.list_streams({.next_token = token}), Errc::expired_next_token, Cause::token_age);
}

TEST_CASE("a stream is described with its shards, in pages") {
  Service service{5};
  const auto describe = [&](std::optional<int> limit, std::optional<std::string_view> after) {
    return service.client.describe_stream({.stream_name = "clicks", .limit = limit, .exclusive_start_shard_id = after})
        .value()
        .stream_description;
  };
  const auto first = describe(3, {});
  CHECK(first.stream_name == "clicks");
  CHECK(first.retention_period_hours == 24);
  CHECK(first.shards.size() == 3);
  CHECK(first.has_more_shards);
  const auto rest = describe({}, first.shards.back().shard_id);
  CHECK(rest.shards.size() == 2);
  CHECK(rest.shards.front().shard_id == shard_name(3));
  CHECK_FALSE(rest.has_more_shards);
  CHECK(describe({}, "4").shards.empty());
  check_refused(service.client.describe_stream({.stream_name = "clicks", .limit = 0}), Errc::validation,
                Cause::page_limit);
  check_refused(service.client.describe_stream({.stream_name = "clicks", .exclusive_start_shard_id = "x"}),
                Errc::resource_not_found, Cause::shard_id_syntax);
  check_refused(service.client.describe_stream({.stream_name = "unknown"}), Errc::resource_not_found,
                Cause::stream_missing);
  check_refused(service.client.describe_stream_summary({.stream_name = "unknown"}), Errc::resource_not_found,
                Cause::stream_missing);
}

TEST_CASE("a hundred shards are a page of a description, a thousand one of a list") {
  Service service{1001, {.capacity = weir::bytes(4096), .max_record = 64}};
  const auto description =
      service.client.describe_stream({.stream_name = "clicks", .limit = 10'000}).value().stream_description;
  CHECK(description.shards.size() == 100);
  CHECK(description.has_more_shards);
  const auto list = service.client.list_shards({.stream_name = "clicks", .max_results = 10'000}).value();
  CHECK(list.shards.size() == 1000);
  CHECK(service.client.list_shards({.next_token = list.next_token.value()}).value().shards.size() == 1);
}

TEST_CASE("the limits of the account tell what is in use") {
  Service service{3, {.shard_limit = 20, .on_demand_limit = 7}};
  REQUIRE(service.client.create_stream({.stream_name = "b", .stream_mode_details = {StreamMode::on_demand}}));
  REQUIRE(service.split(0, "1000"));
  const auto limits = service.client.describe_limits();
  CHECK(limits.shard_limit == 20);
  CHECK(limits.open_shard_count == 4);
  CHECK(limits.on_demand_stream_count == 1);
  CHECK(limits.on_demand_stream_count_limit == 7);
}

}  // namespace
