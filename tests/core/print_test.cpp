#include "weir/core/print.hpp"

#include <doctest/doctest.h>

#include <iomanip>
#include <set>
#include <sstream>
#include <string>
#include <type_traits>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "weir/core/bytes.hpp"
#include "weir/core/partition_key.hpp"
#include "weir/core/position.hpp"

namespace {

using weir::Bytes;
using weir::BytesView;
using weir::Cause;
using weir::Errc;
using weir::Failure;
using weir::HashKey;
using weir::HashKeyRange;
using weir::Incarnation;
using weir::PartitionKey;
using weir::Position;
using weir::Put;
using weir::PutRange;
using weir::Result;
using weir::SequenceNumber;
using weir::ShardId;

constexpr SequenceNumber number{17, ShardId{2}, Incarnation{123}};
constexpr Failure refused{Errc::closed, Cause::shard_closed, 7, 0};

template <class T>
std::string streamed(const T& value) {
  std::ostringstream out;
  out << value;
  return out.str();
}

template <class T>
std::string in_a_failed_check(const T& value) {
  return doctest::toString(value).c_str();
}

template <class T>
void check_prints(const T& value, const std::string& text) {
  CAPTURE(text);
  CHECK(streamed(value) == text);
  if constexpr (!std::is_enum_v<T>) {  // doctest prints every enumerator as its number
    CHECK(in_a_failed_check(value) == text);
  }
}

TEST_CASE("values are printed by their text, into streams and in failed checks") {
  check_prints(ShardId{7}, "shardId-000000000007");
  check_prints(Incarnation{123}, "123");
  check_prints(number, "17@2.123");
  check_prints(HashKey::largest(), "340282366920938463463374607431768211455");
  check_prints(HashKeyRange{}, "0..340282366920938463463374607431768211455");
  check_prints(Put{ShardId{2}, number}, "17@2.123 in shardId-000000000002");
  check_prints(PutRange{ShardId{2}, number, 3}, "3 from 17@2.123 in shardId-000000000002");
  check_prints(Position::after(number), "after 17@2.123");
  check_prints(Errc::stalled_writer, "stalled_writer");
  check_prints(Cause::key_empty, "key_empty");
  check_prints(refused, "closed: shard 7 is closed: it takes no more records");
  check_prints(PartitionKey::make("user-42").value(), "user-42");
  check_prints(BytesView{"plain"}, "plain");
  check_prints(Bytes{"plain"}, "plain");
}

TEST_CASE("a result is printed as its value or its failure") {
  struct Wordless {};
  check_prints(Result<ShardId>{ShardId{7}}, "shardId-000000000007");
  check_prints(Result<Wordless>{Wordless{}}, "success");
  check_prints(Result<void>{}, "success");
  for (const auto& text :
       {streamed(Result<ShardId>{refused}), streamed(Result<Wordless>{refused}), streamed(Result<void>{refused})}) {
    CHECK(text == "closed: shard 7 is closed: it takes no more records");
  }
}

TEST_CASE("width, fill and alignment are those of a string, and the width is used up") {
  std::ostringstream ours;
  std::ostringstream strings;
  ours << std::setfill('.') << std::setw(12) << number << '|' << std::left << std::setw(12) << number << '|' << number
       << std::setw(3) << number;
  const auto text = number.to_string();
  strings << std::setfill('.') << std::setw(12) << text << '|' << std::left << std::setw(12) << text << '|' << text
          << std::setw(3) << text;
  CHECK(ours.str() == strings.str());
  CHECK(ours.str() == "....17@2.123|17@2.123....|17@2.12317@2.123");
}

struct Traits : std::char_traits<char> {};

TEST_CASE("a stream with traits of its own is served as well") {
  std::basic_ostringstream<char, Traits> out;
  out << number << ' ' << Errc::closed;
  CHECK(out.str() == "17@2.123 closed");
}

template <class T>
concept streamable = requires(std::ostream& out, const T& value) {
  out << value;
};

struct Foreign {
  std::string to_string() const { return "foreign"; }
};

TEST_CASE("a type of somebody else's is not printed by accident") {
  static_assert(streamable<ShardId> && streamable<Result<void>>);
  static_assert(!streamable<Foreign> && !streamable<Position::Kind>);
  static_assert(!streamable<std::vector<ShardId>> && !streamable<std::pair<ShardId, Foreign>>);
}

/// Hashes of distinct values are distinct, and 12 bits of them, at either end, are about as distinct as random ones:
/// of n random balls in n boxes, n/e boxes stay empty.
template <class T>
void check_spread(const std::vector<T>& values) {
  constexpr std::size_t boxes = 4096;
  REQUIRE(values.size() == boxes);
  std::set<std::size_t> whole;
  std::set<std::size_t> low;
  std::set<std::size_t> high;
  for (const auto& value : values) {
    const auto hash = std::hash<T>{}(value);
    CHECK(hash == std::hash<T>{}(T{value}));
    whole.insert(hash);
    low.insert(hash % boxes);
    high.insert(hash >> 52);
  }
  CHECK(whole.size() == boxes);
  CHECK(low.size() > boxes * 58 / 100);
  CHECK(high.size() > boxes * 58 / 100);
}

template <class Make>
void check_spread_of(Make make) {
  std::vector<decltype(make(std::uint32_t{}))> values;
  for (std::uint32_t i = 0; i < 4096; ++i) {
    values.push_back(make(i));
  }
  check_spread(values);
}

TEST_CASE("hashes of neighbours spread, whichever part differs") {
  check_spread_of([](std::uint32_t i) { return ShardId{i}; });
  check_spread_of([](std::uint32_t i) { return ShardId{i << 20}; });
  check_spread_of([](std::uint32_t i) { return Incarnation{i}; });
  check_spread_of([](std::uint32_t i) { return SequenceNumber{i, ShardId{1}, Incarnation{1}}; });
  check_spread_of([](std::uint32_t i) { return SequenceNumber{std::uint64_t{i} << 52, ShardId{1}, Incarnation{1}}; });
  check_spread_of([](std::uint32_t i) { return SequenceNumber{1, ShardId{i}, Incarnation{1}}; });
  check_spread_of([](std::uint32_t i) { return SequenceNumber{1, ShardId{1}, Incarnation{i}}; });
  check_spread_of([](std::uint32_t i) { return SequenceNumber{i % 64, ShardId{i / 64}, Incarnation{1}}; });
  check_spread_of([](std::uint32_t i) { return HashKey{i}; });
  check_spread_of([](std::uint32_t i) { return HashKey{i, 0}; });
  check_spread_of([](std::uint32_t i) { return HashKey{i, i}; });
  check_spread_of([](std::uint32_t i) { return Put{ShardId{1}, {i, ShardId{1}, Incarnation{1}}}; });
  check_spread_of([](std::uint32_t i) { return Put{ShardId{i}, number}; });
  check_spread_of([](std::uint32_t i) { return PartitionKey::make(std::to_string(i)).value(); });
  check_spread_of([](std::uint32_t i) { return PartitionKey::with_explicit_hash("same", HashKey{i}).value(); });
  check_spread_of([](std::uint32_t i) { return Bytes{std::to_string(i)}; });
}

TEST_CASE("hashes tell words apart by their place, and by their count") {
  using weir::detail::hash_of;
  static_assert(hash_of({1, 2}) != hash_of({2, 1}) && hash_of({1}) != hash_of({1, 0}) && hash_of({1}) == hash_of({1}));
  CHECK(hash_of({1, 2, 3}) != hash_of({1, 3, 2}));
}

TEST_CASE("values are keys of unordered maps") {
  std::unordered_map<ShardId, int> by_shard{{ShardId{1}, 10}, {ShardId{2}, 20}};
  ++by_shard[ShardId{2}];
  CHECK(by_shard.at(ShardId{2}) == 21);
  CHECK(std::unordered_set{number, number, SequenceNumber{}}.size() == 2);
  CHECK(std::unordered_set<PartitionKey>{PartitionKey::make("a").value()}.contains(PartitionKey::make("a").value()));
  const std::string text = "bytes";
  CHECK(std::hash<BytesView>{}(text) == std::hash<Bytes>{}(Bytes{text}));
}

}  // namespace
