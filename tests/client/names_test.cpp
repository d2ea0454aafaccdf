#include "weir/client/names.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "support/refused.hpp"

namespace {

using weir::Cause;
using weir::Errc;
using weir::Incarnation;
using weir::SequenceNumber;
using weir::ShardId;
using weir::support::check_refused;

constexpr std::uint64_t largest = ~std::uint64_t{0};
constexpr std::uint32_t largest32 = ~std::uint32_t{0};

TEST_CASE("a sequence number comes back from its decimal text") {
  for (const std::uint64_t value : {std::uint64_t{0}, std::uint64_t{1}, std::uint64_t{1} << 32, largest}) {
    for (const std::uint32_t shard : {0U, 1U, largest32}) {
      for (const std::uint32_t incarnation : {1U, 77U, largest32}) {
        const SequenceNumber number{value, ShardId{shard}, Incarnation{incarnation}};
        CHECK(weir::parse_decimal(weir::to_decimal(number)).value() == number);
      }
    }
  }
  CHECK(weir::to_decimal({}) == "0");
  CHECK(weir::to_decimal({0, ShardId{0}, Incarnation{7}}) == "7");
  CHECK(weir::to_decimal({0, ShardId{1}, Incarnation{7}}) == "4294967303");            // 2^32 + 7
  CHECK(weir::to_decimal({1, ShardId{0}, Incarnation{0}}) == "18446744073709551616");  // 2^64
  CHECK(weir::to_decimal({largest, ShardId{largest32}, Incarnation{largest32}}) ==
        "340282366920938463463374607431768211455");
}

TEST_CASE("decimal texts of one shard are ordered as its numbers are") {
  const auto key = [](std::uint64_t value) {
    return weir::HashKey::parse(weir::to_decimal({value, ShardId{9}, Incarnation{8}})).value();
  };
  CHECK(key(9) < key(10));
  CHECK(key(largest - 1) < key(largest));
}

TEST_CASE("what is no decimal sequence number is refused") {
  for (const auto* text : {"", "01", "-1", "+1", "1 ", "17@0.5", "0x1", "340282366920938463463374607431768211456"}) {
    CAPTURE(text);
    check_refused(weir::parse_decimal(text), Errc::invalid_argument, Cause::number_text);
  }
  check_refused(weir::parse_decimal(std::string(129, '9')), Errc::invalid_argument, Cause::number_text);
}

TEST_CASE("stream names are checked as a field is") {
  CHECK(weir::detail::check_stream_name("a-B_9."));
  CHECK(weir::detail::check_stream_name(std::string(128, 'x')));
  for (const auto& name : {std::string{}, std::string(129, 'x'), std::string{"a b"}, std::string{"a/b"}}) {
    check_refused(weir::detail::check_stream_name(name), Errc::validation, Cause::stream_name);
  }
}

TEST_CASE("a shard id may have any beginning, and needs no zeros") {
  for (const auto* text : {"shardId-000000000012", "shard-12", "foo-12", "-12", "12", "0012", "a.b_c-012"}) {
    CAPTURE(text);
    CHECK(weir::detail::read_shard_id(text).value() == ShardId{12});
  }
  CHECK(weir::detail::read_shard_id("shardId-2147483647").value() == ShardId{2147483647});
}

TEST_CASE("a shard id that names no number below 2^31 is not found") {
  for (const auto* text : {"shardId-", "shard", "shardId-x", "shardId-1x", "a-b-1", "shardId-1-2"}) {
    CAPTURE(text);
    check_refused(weir::detail::read_shard_id(text), Errc::resource_not_found, Cause::shard_id_syntax);
  }
  check_refused(weir::detail::read_shard_id("2147483648"), Errc::resource_not_found, Cause::number_range);
  check_refused(weir::detail::read_shard_id("shardId-99999999999999999999999"), Errc::resource_not_found,
                Cause::number_range);
}

TEST_CASE("a shard id of other characters, or too long, breaks its constraint") {
  for (const auto& text : {std::string{}, std::string(129, '0'), std::string{"shardId 1"}, std::string{"a/1"}}) {
    check_refused(weir::detail::read_shard_id(text), Errc::validation, Cause::shard_id_text);
  }
  CHECK(weir::detail::read_shard_id(std::string(128, '0')).value() == ShardId{0});
}

TEST_CASE("a hash key's form is a constraint, its size is not") {
  for (const auto* text : {"0", "7", "340282366920938463463374607431768211455",
                           "340282366920938463463374607431768211456", "999999999999999999999999999999999999999"}) {
    CAPTURE(text);
    CHECK(weir::detail::check_hash_key(text));
  }
  for (const auto& text :
       {std::string{}, std::string{"01"}, std::string{"-1"}, std::string{"1a"}, std::string(40, '1')}) {
    CAPTURE(text);
    check_refused(weir::detail::check_hash_key(text), Errc::validation, Cause::hash_key_syntax);
  }
}

TEST_CASE("a page holds what was asked for, up to its cap") {
  using weir::detail::page_size;
  CHECK(page_size({}, 100, 10'000).value() == 100);
  CHECK(page_size(1, 100, 10'000).value() == 1);
  CHECK(page_size(99, 100, 10'000).value() == 99);
  CHECK(page_size(10'000, 100, 10'000).value() == 100);
  for (const int asked : {0, -1, 10'001}) {
    check_refused(page_size(asked, 100, 10'000), Errc::validation, Cause::page_limit);
  }
  CHECK(page_size(-1, 100, 10'000).error().message().find("-1") != std::string::npos);
}

TEST_CASE("tags have 1 to 128 and 0 to 256 characters, counted as keys are") {
  const auto repeated = [](const std::string& text, int count) {
    std::string all;
    for (int i = 0; i < count; ++i) {
      all += text;
    }
    return all;
  };
  CHECK(weir::detail::check_tag_key(std::string(128, 'k')));
  CHECK(weir::detail::check_tag_key(repeated("\xc3\xa4", 128)));  // 256 bytes
  check_refused(weir::detail::check_tag_key(""), Errc::validation, Cause::tag_key);
  check_refused(weir::detail::check_tag_key(std::string(129, 'k')), Errc::validation, Cause::tag_key);
  CHECK(weir::detail::check_tag_value(""));
  CHECK(weir::detail::check_tag_value(std::string(256, 'v')));
  check_refused(weir::detail::check_tag_value(repeated("\xc3\xa4", 257)), Errc::validation, Cause::tag_value);
}

TEST_CASE("tags have letters, digits, spaces and a few signs") {
  CHECK(weir::detail::check_tag_key("Cost centre_./=+-%@:7"));
  CHECK(weir::detail::check_tag_value("\xe6\x97\xa5\xe6\x9c\xac"));
  for (const auto* text : {"a\nb", "a*", "a,b", "<a>", "a&b", "a\x7f"}) {
    CAPTURE(text);
    check_refused(weir::detail::check_tag_key(text), Errc::invalid_argument, Cause::tag_characters);
    check_refused(weir::detail::check_tag_value(text), Errc::invalid_argument, Cause::tag_characters);
  }
  CHECK(weir::detail::check_tag_key("a*").error().value == '*');
}

}  // namespace
