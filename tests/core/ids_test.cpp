#include "weir/core/ids.hpp"

#include <doctest/doctest.h>

#include <limits>
#include <set>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "support/random.hpp"
#include "support/text_form.hpp"

namespace {

using weir::Cause;
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

/// Every index of up to four digits, the ends, the neighbours of powers of two and ten, and some of all sizes.
std::vector<std::uint32_t> numbers() {
  std::vector<std::uint32_t> all;
  for (std::uint32_t i = 0; i < 10'000; ++i) {
    all.push_back(i);
  }
  for (std::uint32_t power = 10'000; power < 1'000'000'000; power *= 10) {
    all.insert(all.end(), {power * 10 - 1, power * 10, power * 10 + 1});
  }
  for (unsigned bit = 14; bit < 32; ++bit) {
    all.insert(all.end(), {(1U << bit) - 1, 1U << bit, (1U << bit) + 1});
  }
  weir::support::Random random;
  for (int i = 0; i < 1000; ++i) {
    all.push_back(static_cast<std::uint32_t>(random.next() >> (32 + random.below(32))));
  }
  all.push_back(std::numeric_limits<std::uint32_t>::max());
  return all;
}

template <class Id>
std::vector<Id> ids() {
  std::vector<Id> all;
  for (const auto number : numbers()) {
    all.push_back(Id{number});
  }
  return all;
}

TEST_CASE("ids come back from their text, and nothing else is one") {
  weir::support::check_round_trips(ids<ShardId>());
  weir::support::check_round_trips(ids<Incarnation>());
  weir::support::check_text_form(std::vector{ShardId{}, ShardId{7}, ShardId{1'234'567'890}, ShardId{~0U}});
  weir::support::check_text_form(
      std::vector{Incarnation{}, Incarnation{7}, Incarnation{1'234'567'890}, Incarnation{~0U}});
  CHECK(weir::support::check_all_texts<Incarnation>("012+-. x", 5) == 1 + 2 * (1 + 3 + 9 + 27 + 81));
  static_assert(*ShardId::parse("shardId-000000000007") == ShardId{7} && *Incarnation::parse("7") == Incarnation{7});
}

TEST_CASE("a refused id says where its text goes wrong, or which number is too large") {
  using weir::support::check_refused;
  check_refused<ShardId>("", Cause::shard_id_syntax, 0, 0);
  check_refused<ShardId>("7", Cause::shard_id_syntax, 0, 1);
  check_refused<ShardId>("ShardId-000000000007", Cause::shard_id_syntax, 0, 20);
  check_refused<ShardId>("shardId-", Cause::shard_id_syntax, 8, 8);
  check_refused<ShardId>("shardId-7", Cause::shard_id_syntax, 8, 9);
  check_refused<ShardId>("shardId-00000000007", Cause::shard_id_syntax, 8, 19);
  check_refused<ShardId>("shardId-0000000000007", Cause::shard_id_syntax, 8, 21);
  check_refused<ShardId>("shardId-+00000000007", Cause::shard_id_syntax, 8, 20);
  check_refused<ShardId>("shardId-000000000007 ", Cause::shard_id_syntax, 20, 21);
  check_refused<ShardId>("shardId-004294967296", Cause::number_range, 4'294'967'296, 4'294'967'295);
  check_refused<ShardId>("shardId-1000000000000", Cause::number_range, 1'000'000'000'000, 4'294'967'295);
  check_refused<Incarnation>("", Cause::incarnation_syntax, 0, 0);
  check_refused<Incarnation>("-1", Cause::incarnation_syntax, 0, 2);
  check_refused<Incarnation>("01", Cause::incarnation_syntax, 0, 2);
  check_refused<Incarnation>("1.0", Cause::incarnation_syntax, 1, 3);
  check_refused<Incarnation>("4294967296", Cause::number_range, 4'294'967'296, 4'294'967'295);
  check_refused<Incarnation>("18446744073709551617", Cause::number_range, 1'844'674'407'370'955'161, 4'294'967'295);
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
