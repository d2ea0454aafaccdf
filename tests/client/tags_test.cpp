#include "weir/client/tags.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "support/refused.hpp"

namespace {

using weir::Cause;
using weir::Errc;
using weir::client::Tag;
using weir::detail::Tags;
using weir::support::check_refused;

Tags::Map numbered(int first, int count, const std::string& value = "v") {
  Tags::Map tags;
  for (int i = first; i < first + count; ++i) {
    tags.emplace("k" + std::to_string(100 + i), value);
  }
  return tags;
}

std::vector<Tag> all_of(const Tags& tags) {
  return tags.page({}, 100).tags;
}

TEST_CASE("tags are kept sorted, and a key that is there gets the new value") {
  Tags tags;
  REQUIRE(tags.add({{"b", "1"}, {"a", "2"}}));
  REQUIRE(tags.add({{"b", "3"}, {"c", ""}}));
  CHECK(all_of(tags) == std::vector<Tag>{{"a", "2"}, {"b", "3"}, {"c", ""}});
}

TEST_CASE("removing a key that is not there changes nothing") {
  Tags tags;
  REQUIRE(tags.add({{"a", "1"}, {"b", "2"}}));
  tags.remove("c");
  tags.remove("a");
  CHECK(all_of(tags) == std::vector<Tag>{{"b", "2"}});
}

TEST_CASE("a stream has 50 tags, and one more adds none of its request") {
  Tags tags;
  REQUIRE(tags.add(numbered(0, 49)));
  check_refused(tags.add(numbered(49, 2)), Errc::invalid_argument, Cause::tag_count);
  CHECK(all_of(tags).size() == 49);
  REQUIRE(tags.add(numbered(49, 1)));
  REQUIRE(tags.add(numbered(0, 50, "new")));  // the same keys
  CHECK(all_of(tags).size() == 50);
  CHECK(all_of(tags).front() == Tag{"k100", "new"});
}

TEST_CASE("pages follow each other without loss") {
  Tags tags;
  REQUIRE(tags.add(numbered(0, 5)));
  const auto first = tags.page({}, 2);
  CHECK(first.has_more_tags);
  const auto second = tags.page(first.tags.back().key, 2);
  CHECK(second.has_more_tags);
  const auto third = tags.page(second.tags.back().key, 2);
  CHECK_FALSE(third.has_more_tags);
  CHECK(first.tags.size() == 2);
  CHECK(second.tags.front().key == "k102");
  CHECK(third.tags == std::vector<Tag>{{"k104", "v"}});
  CHECK(tags.page("k1020", 100).tags.size() == 2);  // a key that is not there has its place too
  CHECK_FALSE(tags.page({}, 5).has_more_tags);
}

TEST_CASE("a bad key, a bad value and too many are told before a stream is looked for") {
  CHECK(Tags::check({}));
  CHECK(Tags::check(numbered(0, 50)));
  check_refused(Tags::check(numbered(0, 51)), Errc::invalid_argument, Cause::tag_count);
  check_refused(Tags::check({{"", "v"}}), Errc::validation, Cause::tag_key);
  check_refused(Tags::check({{"k", std::string(257, 'v')}}), Errc::validation, Cause::tag_value);
  check_refused(Tags::check({{"k", "a*b"}}), Errc::invalid_argument, Cause::tag_characters);
}

}  // namespace
