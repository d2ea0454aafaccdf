#include "weir/core/format.hpp"

#include <doctest/doctest.h>

#include <string>

#include "weir/core/bytes.hpp"
#include "weir/core/partition_key.hpp"
#include "weir/core/position.hpp"

namespace {

using weir::Errc;
using weir::SequenceNumber;
using weir::ShardId;

#if defined(__cpp_lib_format)

constexpr SequenceNumber number{17, ShardId{2}, weir::Incarnation{123}};

TEST_CASE("values are formatted as their text") {
  CHECK(std::format("{} {}", ShardId{7}, number.incarnation()) == "shardId-000000000007 123");
  CHECK(std::format("{}", number) == "17@2.123");
  CHECK(std::format("{}", weir::HashKey::largest()) == "340282366920938463463374607431768211455");
  CHECK(std::format("{}", weir::HashKeyRange{}) == "0..340282366920938463463374607431768211455");
  CHECK(std::format("{}", weir::Put{ShardId{2}, number}) == "17@2.123 in shardId-000000000002");
  CHECK(std::format("{}", weir::PutRange{ShardId{2}, number, 3}) == "3 from 17@2.123 in shardId-000000000002");
  CHECK(std::format("{}", weir::Position::after(number)) == "after 17@2.123");
  CHECK(std::format("{} {}", Errc::closed, weir::Cause::key_empty) == "closed key_empty");
  CHECK(std::format("{}", weir::Failure{Errc::closed, weir::Cause::shard_closed, 7, 0}) ==
        "closed: shard 7 is closed: it takes no more records");
  CHECK(std::format("{}", weir::Result<ShardId>{ShardId{7}}) == "shardId-000000000007");
  CHECK(std::format("{}", weir::PartitionKey::make("user-42").value()) == "user-42");
  CHECK(std::format("{}", weir::BytesView{"a\n"}) == "a\\x0a");
}

TEST_CASE("width, fill, alignment and precision are those of a string") {
  for (const auto& value : {number, SequenceNumber{}}) {
    const auto text = value.to_string();
    CHECK(std::format("{:12}|{:>12}|{:^12}|{:*<12}|{:.3}", value, value, value, value, value) ==
          std::format("{:12}|{:>12}|{:^12}|{:*<12}|{:.3}", text, text, text, text, text));
    CHECK(std::format("{:{}}", value, 15) == std::format("{:{}}", text, 15));
  }
  CHECK(std::format("{:.>12}", number) == "....17@2.123");
  CHECK(std::format("{:_^10}", Errc::closed) == "__closed__");
}

TEST_CASE("a specification that a string refuses is refused") {
  const auto value = number;
  CHECK_THROWS_AS(static_cast<void>(std::vformat("{:d}", std::make_format_args(value))), std::format_error);
}

#else

TEST_CASE("without std::format the header is empty, and values are printed by other means") {
  CHECK(SequenceNumber{17, ShardId{2}, weir::Incarnation{123}}.to_string() == "17@2.123");
  CHECK(to_string(Errc::closed) == "closed");
}

#endif

}  // namespace
