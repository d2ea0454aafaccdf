#include "weir/client/tagging.hpp"

#include <doctest/doctest.h>

#include "client/service.hpp"

namespace {

using namespace weir::client_tests;
using weir::Cause;
using weir::Errc;
using weir::client::Tag;

std::vector<Tag> tags_of(Service& service) {
  return service.client.list_tags_for_stream({.stream_name = "clicks"}).value().tags;
}

TEST_CASE("tags are given with a stream, added, replaced and removed") {
  Service service{std::nullopt};
  REQUIRE(service.client.create_stream({.stream_name = "clicks", .shard_count = 1, .tags = {{"team", "web"}}}));
  REQUIRE(service.client.add_tags_to_stream({.stream_name = "clicks", .tags = {{"team", "shop"}, {"cost", "7"}}}));
  CHECK(tags_of(service) == std::vector<Tag>{{"cost", "7"}, {"team", "shop"}});
  REQUIRE(service.client.remove_tags_from_stream({.stream_name = "clicks", .tag_keys = {"cost", "unknown"}}));
  CHECK(tags_of(service) == std::vector<Tag>{{"team", "shop"}});
}

TEST_CASE("tags are listed in pages of up to 50") {
  Service service;
  REQUIRE(service.client.add_tags_to_stream({.stream_name = "clicks", .tags = {{"a", ""}, {"b", ""}, {"c", ""}}}));
  const auto first = service.client.list_tags_for_stream({.stream_name = "clicks", .limit = 2}).value();
  CHECK(first.has_more_tags);
  const auto rest =
      service.client.list_tags_for_stream({.stream_name = "clicks", .exclusive_start_tag_key = first.tags.back().key})
          .value();
  CHECK(rest.tags == std::vector<Tag>{{"c", ""}});
  CHECK_FALSE(rest.has_more_tags);
  for (const int limit : {0, 51}) {
    check_refused(service.client.list_tags_for_stream({.stream_name = "clicks", .limit = limit}), Errc::validation,
                  Cause::page_limit);
  }
}

TEST_CASE("a field is checked before the stream is looked for, and what it means after") {
  Service service;
  check_refused(service.client.add_tags_to_stream({.stream_name = "no name", .tags = {}}), Errc::validation,
                Cause::stream_name);
  check_refused(service.client.add_tags_to_stream({.stream_name = "unknown", .tags = {{"", "v"}}}), Errc::validation,
                Cause::tag_key);
  check_refused(service.client.remove_tags_from_stream({.stream_name = "unknown", .tag_keys = {""}}), Errc::validation,
                Cause::tag_key);
  check_refused(service.client.list_tags_for_stream({.stream_name = "unknown", .exclusive_start_tag_key = ""}),
                Errc::validation, Cause::tag_key);
  check_refused(service.client.add_tags_to_stream({.stream_name = "unknown", .tags = {{"k", "v"}}}),
                Errc::resource_not_found, Cause::stream_missing);
  check_refused(service.client.remove_tags_from_stream({.stream_name = "unknown", .tag_keys = {"k"}}),
                Errc::resource_not_found, Cause::stream_missing);
  check_refused(service.client.list_tags_for_stream({.stream_name = "unknown"}), Errc::resource_not_found,
                Cause::stream_missing);
}

TEST_CASE("a stream with tags that cannot be is not created") {
  Service service{std::nullopt};
  check_refused(service.client.create_stream({.stream_name = "clicks", .tags = {{"k", "a*b"}}}), Errc::invalid_argument,
                Cause::tag_characters);
  CHECK_FALSE(service.client.stream_exists("clicks"));
}

}  // namespace
