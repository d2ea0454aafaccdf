#include "weir/core/ids.hpp"

#include <doctest/doctest.h>

#include <limits>
#include <set>
#include <string>
#include <string_view>
#include <type_traits>

namespace {

using weir::Incarnation;
using weir::ShardId;

TEST_CASE("a shard's name is Kinesis' name: twelve digits, always") {
  CHECK(ShardId{}.to_string() == "shardId-000000000000");
  CHECK(ShardId{1}.to_string() == "shardId-000000000001");
  CHECK(ShardId{9'999}.to_string() == "shardId-000000009999");
  CHECK(ShardId{std::numeric_limits<std::uint32_t>::max()}.to_string() == "shardId-004294967295");
}

TEST_CASE("shards are ordered by their index, and their names in the same way") {
  static_assert(ShardId{2} < ShardId{10} && ShardId{10} == ShardId{10} && ShardId{11} != ShardId{10});
  CHECK(ShardId{2}.to_string() < ShardId{10}.to_string());
  CHECK(std::set{ShardId{3}, ShardId{1}, ShardId{3}}.size() == 2);
  CHECK(ShardId{77}.index() == 77);
}

TEST_CASE("a number is a shard or an incarnation only when it is said to be") {
  static_assert(!std::is_convertible_v<std::uint32_t, ShardId> && !std::is_convertible_v<std::uint32_t, Incarnation>);
  static_assert(!std::is_convertible_v<ShardId, Incarnation>);
  CHECK(Incarnation{5} == Incarnation{5});
  CHECK(Incarnation{5} != Incarnation{6});
  CHECK(Incarnation{5}.value() == 5);
  CHECK(Incarnation{}.value() == 0);
}

TEST_CASE("a stream name has 1 to 128 characters") {
  CHECK_FALSE(weir::valid_stream_name(""));
  CHECK(weir::valid_stream_name("a"));
  CHECK(weir::valid_stream_name(std::string(128, 'x')));
  CHECK_FALSE(weir::valid_stream_name(std::string(129, 'x')));
  CHECK(weir::max_stream_name == 128);
  static_assert(weir::valid_stream_name("ticks") && !weir::valid_stream_name("two words"));
}

TEST_CASE("each of the 256 bytes is allowed in a stream name exactly when Kinesis' pattern has it") {
  const std::string_view alphabet = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-";
  for (int i = 0; i < 256; ++i) {
    CAPTURE(i);
    const auto character = static_cast<char>(i);
    const bool allowed = alphabet.find(character) != std::string_view::npos;
    CHECK(weir::valid_stream_name(std::string(1, character)) == allowed);
    CHECK(weir::valid_stream_name(std::string{"a"} + character + "b") == allowed);
    CHECK(weir::valid_stream_name(std::string(127, 'x') + character) == allowed);
  }
}

}  // namespace
