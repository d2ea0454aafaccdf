#include "weir/stream/stream.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <bit>
#include <chrono>
#include <cstring>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

#include "stream/rings.hpp"
#include "support/archetypes.hpp"
#include "support/exhausted_storage.hpp"
#include "support/held_storage.hpp"
#include "support/watchdog.hpp"

// "row n" is a row of the table of edge cases by which weir is compared with Kinesis.

namespace {

using namespace std::chrono_literals;
using namespace std::string_literals;
using namespace weir::stream_tests;
using weir::Cause;
using weir::Errc;
using weir::HashKey;
using weir::Position;
using weir::Result;
using weir::ShardId;
using weir::Stream;
using weir::StreamConfig;

using IntStream = Stream<int>;
using TextStream = Stream<std::string>;

static_assert(std::is_nothrow_move_constructible_v<IntStream> && !std::is_copy_constructible_v<IntStream>);

/// How many records a stream holds, in all shards.
template <class S>
std::size_t stored(S& stream) {
  std::size_t records = 0;
  auto reader = stream.reader(Position::trim_horizon()).value();
  while (const auto batch = reader.read()) {
    records += batch.size();
  }
  return records;
}

#ifndef WEIR_TESTS_STORAGE_HEADER  // over memory, whatever the others are built over
TEST_CASE("a stream opened with nothing said has a name, one shard and the ring's capacity") {
  auto stream = IntStream::open({}).value();
  CHECK(stream.name() == "stream");
  REQUIRE(stream.shards().size() == 1);
  CHECK(stream.put("key", 1).value().shard == ShardId{0});
  CHECK(stored(stream) == 1);
  CHECK(TextStream::open({}));
}

TEST_CASE("a number of shards that cannot be is refused and named") {
  for (const int shards : {0, weir::max_shards + 1, std::numeric_limits<int>::max()}) {
    check_refused(IntStream::open({.shards = shards}), Errc::invalid_argument, Cause::shard_count,
                  {std::to_string(shards), "1 to 10000"});
  }
  for (const int shards : {-1, std::numeric_limits<int>::min()}) {
    check_refused(IntStream::open({.shards = shards}), Errc::invalid_argument, Cause::shard_count,
                  {std::to_string(shards) + " shards", "1 to 10000"});
  }
  CHECK(IntStream::open({.shards = weir::max_shards, .capacity = weir::records(1)}));
}

TEST_CASE("a capacity that cannot be is refused and named") {
  check_refused(IntStream::open({.capacity = weir::records(0)}), Errc::invalid_argument, Cause::capacity_zero, {" 0 "});
  check_refused(TextStream::open({.capacity = weir::bytes(0)}), Errc::invalid_argument, Cause::capacity_zero, {" 0 "});
  check_refused(IntStream::open({.capacity = weir::records(3)}), Errc::invalid_argument,
                Cause::capacity_not_power_of_two, {" 3 ", " 4 "});
  check_refused(TextStream::open({.capacity = weir::bytes(5000)}), Errc::invalid_argument,
                Cause::capacity_not_power_of_two, {"5000", "8192"});
  check_refused(TextStream::open({.capacity = weir::bytes(2048)}), Errc::invalid_argument, Cause::capacity_too_small,
                {"2048", "4096"});
  check_refused(TextStream::open({.capacity = weir::bytes(1)}), Errc::invalid_argument, Cause::capacity_too_small,
                {" 1 ", "4096"});
  for (const auto huge : {std::uint64_t{1} << 63, std::numeric_limits<std::uint64_t>::max()}) {
    check_refused(IntStream::open({.capacity = weir::records(huge)}), Errc::invalid_argument, Cause::capacity_too_large,
                  {std::to_string(huge)});
    check_refused(TextStream::open({.capacity = weir::bytes(huge)}), Errc::invalid_argument, Cause::capacity_too_large,
                  {std::to_string(huge)});
  }
}

TEST_CASE("a capacity in the wrong unit is refused both ways and the right one is said") {
  check_refused(IntStream::open({.capacity = weir::bytes(4096)}), Errc::invalid_argument, Cause::capacity_unit,
                {"4096 bytes", "records(n)"});
  check_refused(TextStream::open({.capacity = weir::records(4096)}), Errc::invalid_argument, Cause::capacity_unit,
                {"4096 records", "bytes(n)"});
}

TEST_CASE("a stall time below zero is refused") {
  for (const auto stall : {-1ms, std::chrono::milliseconds::min()}) {
    check_refused(IntStream::open({.stall = stall}), Errc::invalid_argument, Cause::stall_negative, {"0 or more"});
  }
  CHECK(IntStream::open({.stall = 0ms}));
  CHECK(IntStream::open({.stall = std::chrono::milliseconds::max()}));
}

TEST_CASE("a name that is no stream name is refused") {
  const auto refused = [](const std::string& name) {
    CAPTURE(name);
    check_refused(IntStream::open({.name = name}), Errc::invalid_argument, Cause::stream_name,
                  {std::to_string(name.size()) + " characters", "1 to 128"});
  };
  refused("");
  refused(std::string(129, 'a'));
  refused("two words");
  refused("path/to");
  refused("caf\xC3\xA9");
  refused("nul\0inside"s);
  CHECK(IntStream::open({.name = std::string(128, 'a')}).value().name().size() == 128);
  CHECK(IntStream::open({.name = "a-Z_0.9"}));
}

TEST_CASE("a largest record that the capacity cannot take is refused") {
  for (const std::int64_t size : {std::int64_t{99}, std::numeric_limits<std::int64_t>::max()}) {
    check_refused(TextStream::open({.capacity = weir::bytes(4096), .max_record = size}), Errc::invalid_argument,
                  Cause::record_limit, {std::to_string(size), "1 to 98"});
  }
  check_refused(TextStream::open({.capacity = weir::bytes(4096), .max_record = -1}), Errc::invalid_argument,
                Cause::record_limit, {"-1 bytes", "1 to 98"});
  CHECK(TextStream::open({.capacity = weir::bytes(4096), .max_record = 98}));
  CHECK(TextStream::open({.capacity = weir::bytes(4096), .max_record = 1}));
  check_refused(IntStream::open({.max_record = 4}), Errc::invalid_argument, Cause::record_fixed, {"4"});
}

TEST_CASE("storage that cannot supply the bytes is an error, at the first shard or a later one") {
  using Exhausted = weir::support::ExhaustedStorage;
  using Small = Stream<int, Exhausted>;
  const StreamConfig config{.shards = 3, .capacity = weir::records(1024)};
  const auto size = Small::footprint(1, weir::records(1024)).value();
  for (const auto room : {std::size_t{0}, size - 1, 3 * size - 1}) {
    check_refused(Small::open(config, Exhausted{room}), Errc::out_of_memory, Cause::storage_exhausted,
                  {std::to_string(size) + " bytes"});
  }
  auto stream = Small::open(config, Exhausted{3 * size}).value();
  CHECK(stream.put("a", 1));
  CHECK(stored(stream) == 1);
}

TEST_CASE("an open that failed leaves nothing behind in a storage that lives on") {
  using Small = Stream<int, weir::support::HeldStorage>;
  const weir::support::HeldStorage storage{Small::footprint(2, weir::records(1024)).value()};
  CHECK_FALSE(Small::open({.shards = 4, .capacity = weir::records(1024)}, storage));
  CHECK(storage.list().empty());
}

TEST_CASE("a count without a unit is no capacity") {
  check_refused(IntStream::open({.capacity = {.count = 1024}}), Errc::invalid_argument, Cause::capacity_no_unit,
                {"1024", "records(n)"});
}

TEST_CASE("the time that a program reads is no future of a stream with the default clock") {
  auto stream = IntStream::open({}).value();
  stream.put("a", 1).value();
  for (int i = 0; i < 100; ++i) {
    const auto now = std::chrono::time_point_cast<std::chrono::milliseconds>(std::chrono::system_clock::now());
    CHECK(stream.iterator(ShardId{0}, weir::Position::at_timestamp(now)));
  }
  const auto later = std::chrono::time_point_cast<std::chrono::milliseconds>(std::chrono::system_clock::now()) +
                     std::chrono::seconds{2};
  CHECK(stream.iterator(ShardId{0}, weir::Position::at_timestamp(later)).error().cause == Cause::timestamp_in_future);
}

TEST_CASE("any thread may close a stream of many producers, several at once too") {
  const weir::support::Watchdog watchdog{"a stream is closed by two"};
  for (int round = 0; round < 200; ++round) {
    auto stream = IntStream::open({.capacity = weir::records(8)}).value();
    std::atomic<int> ready{0};
    std::array<bool, 2> closed{};
    const auto close = [&](std::size_t self) {
      ++ready;
      while (ready < 2) {
      }
      closed[self] = stream.close().has_value();
    };
    std::thread first{close, 0};
    std::thread second{close, 1};
    first.join();
    second.join();
    CHECK((closed[0] && closed[1]));
  }
}

TEST_CASE("more memory than there are addresses is an error, not a crash") {
  struct Large {
    std::byte bytes[4096];
  };
  constexpr auto most = std::bit_floor(weir::detail::max_shard_bytes / (sizeof(Large) + 16));
  check_refused(Stream<Large>::open({.shards = 16, .capacity = weir::records(most)}), Errc::out_of_memory,
                Cause::storage_exhausted, {"lower shards or capacity"});
  check_refused(TextStream::open({.shards = 1000, .capacity = weir::bytes(std::uint64_t{1} << 42)}),
                Errc::out_of_memory, Cause::storage_exhausted, {"lower shards or capacity"});
}

TEST_CASE("a storage that holds something already is refused and not written to") {
  weir::MemoryStorage storage;
  REQUIRE(storage.create(ShardId{1}.to_string(), 64));
  check_refused(IntStream::open({.shards = 2}, std::move(storage)), Errc::unclean, Cause::stream_half_made, {});
}

TEST_CASE("a stream asks no more of its storage, environment and payload than their concepts say") {
  using weir::support::MinimalEnv;
  using weir::support::MinimalPayload;
  using weir::support::MinimalStorage;
  const MinimalEnv env{weir::Timestamp{5ms}, HashKey::largest()};
  auto columns =
      Stream<int, MinimalStorage, weir::Options{}, MinimalEnv>::open({.shards = 4}, MinimalStorage::make(), env)
          .value();
  CHECK(columns.put("any", 1).value().shard == ShardId{3});
  CHECK(columns.writer("any").value().put(2));
  CHECK(columns.make_key("any").value().hash() == HashKey::largest());
  CHECK(stored(columns) == 2);

  auto segments = Stream<MinimalPayload, MinimalStorage, weir::Options{}, MinimalEnv>::open({.shards = 4},
                                                                                            MinimalStorage::make(), env)
                      .value();
  CHECK(segments.put("any", std::size_t{7}));
  const std::array<std::size_t, 2> sizes{600, 0};
  CHECK(segments.put_all("any", std::span{sizes}));
  auto iterator = segments.iterator(ShardId{3}, Position::trim_horizon()).value();
  const auto batch = iterator.read();
  REQUIRE(batch.size() == 3);
  CHECK(batch[0].value() == 7);
  CHECK(batch[1].value() == 600);
  CHECK(batch[2].value() == 0);
  CHECK(batch[2].arrival() == weir::Timestamp{5ms});
}

TEST_CASE("row 2: keys a, b, e and f go to shards 0, 1, 2 and 1 of three") {
  auto columns = IntStream::open({.shards = 3}).value();
  auto segments = TextStream::open({.shards = 3}).value();
  const std::pair<const char*, std::uint32_t> expected[]{{"a", 0}, {"b", 1}, {"e", 2}, {"f", 1}};
  for (const auto& [key, index] : expected) {
    const ShardId shard{index};
    CHECK(columns.put(key, 1).value().shard == shard);
    CHECK(columns.try_put(key, 1).value().shard == shard);
    CHECK(columns.shard_of(key).value() == shard);
    CHECK(columns.writer(key).value().shard() == shard);
    const auto put = segments.put(key, "x").value();
    CHECK(put.shard == shard);
    CHECK(put.sequence_number.shard() == shard);
    CHECK(put.sequence_number.incarnation() == segments.incarnation());
  }
}

TEST_CASE("row 3: the largest explicit hash key goes to the last shard") {
  auto stream = TextStream::open({.shards = 3}).value();
  const auto largest = HashKey::parse("340282366920938463463374607431768211455").value();
  CHECK(largest == HashKey::largest());
  CHECK(stream.put({"a", &largest}, "x").value().shard == ShardId{2});
}

TEST_CASE("row 4: explicit hash keys on both sides of a boundary") {
  auto stream = TextStream::open({.shards = 3}).value();
  const auto below = HashKey::parse("226854911280625642308916404954512140969").value();
  const auto above = HashKey::parse("226854911280625642308916404954512140970").value();
  const HashKey zero;
  CHECK(stream.put({"key", &below}, "x").value().shard == ShardId{1});
  CHECK(stream.put({"key", &above}, "x").value().shard == ShardId{2});
  CHECK(stream.put({"key", &zero}, "x").value().shard == ShardId{0});
  const auto key = TextStream::partition_key::with_explicit_hash("key", above).value();
  CHECK(stream.put(key, "x").value().shard == ShardId{2});
  CHECK(stream.shard_of(key).value() == ShardId{2});
  CHECK(stream.shard_of({"key", &below}).value() == ShardId{1});
}

TEST_CASE("rows 5 and 6: an explicit hash key of 2^128 cannot be made, so it reaches no put") {
  check_refused(HashKey::parse("340282366920938463463374607431768211456"), Errc::invalid_argument,
                Cause::hash_key_range, {"3402823669209384634", "39 digits", "2^128 - 1"});
  check_refused(HashKey::parse("-1"), Errc::invalid_argument, Cause::hash_key_syntax, {"digits only"});
  static_assert(!std::is_convertible_v<std::string, HashKey> && !std::is_constructible_v<HashKey, std::string>);
  static_assert(std::is_same_v<decltype(TextStream::Entry::explicit_hash_key), std::optional<HashKey>>);
}

TEST_CASE("row 7: empty data is a record") {
  auto stream = Stream<weir::Bytes>::open({}).value();
  stream.put("key", "").value();
  stream.put("key", weir::Bytes{}).value();
  stream.put("key", "x").value();
  auto iterator = stream.iterator(ShardId{0}, Position::trim_horizon()).value();
  const auto batch = iterator.read();
  REQUIRE(batch.size() == 3);
  CHECK(batch[0].value().empty());
  CHECK(batch[1].value().empty());
  CHECK(batch[2].value().text() == "x");
  CHECK(batch[1].partition_key() == "key");
}

TEST_CASE("row 8: key and data together may be as large as the limit and not a byte larger") {
  constexpr std::size_t limit = 1 << 20;
  auto stream = Stream<weir::Bytes>::open({.capacity = weir::bytes(64 << 20), .max_record = limit}).value();
  const std::string fits(limit - 3, 'x');
  const std::string too_large(limit - 2, 'x');
  REQUIRE(stream.put("key", fits));
  for (const auto& refused :
       {stream.put("key", too_large), stream.try_put("key", too_large), stream.writer("key").value().put(too_large)}) {
    check_refused(refused, Errc::validation, Cause::record_size, {"1048577 bytes", "1048576"});
  }
  const std::vector<weir::BytesView> values{fits, too_large};
  check_refused(stream.put_all("key", std::span{values}), Errc::validation, Cause::record_size, {"1048577", "1048576"});
  CHECK(stored(stream) == 1);
  auto iterator = stream.iterator(ShardId{0}, Position::trim_horizon()).value();
  CHECK(iterator.read().front().value().text() == fits);
}

TEST_CASE("row 8: the default limit is what the capacity takes, and a key counts") {
  auto stream = TextStream::open({.capacity = weir::bytes(4096)}).value();
  CHECK(stream.put("k", std::string(97, 'x')));
  check_refused(stream.put("k", std::string(98, 'x')), Errc::validation, Cause::record_size, {"99 bytes", "98"});
  CHECK(stream.put(std::string(98, 'k'), ""));
  check_refused(stream.put(std::string(99, 'k'), ""), Errc::validation, Cause::record_size, {"99 bytes", "98"});
  CHECK(stored(stream) == 2);
}

TEST_CASE_TEMPLATE("row 9: keys have 1 to 256 characters, counted as characters", S, IntStream, TextStream) {
  auto stream = S::open({.shards = 2}).value();
  const auto value = typename S::element{};
  const auto repeated = [](const char* text, int times) {
    std::string all;
    for (int i = 0; i < times; ++i) {
      all += text;
    }
    return all;
  };
  const std::vector<std::string> good{"k", std::string(256, 'k'), repeated("\xC3\xA9", 256),
                                      repeated("\xE2\x82\xAC", 256),
                                      repeated("\xF0\x9F\x98\x80", 128)};  // two UTF-16 units each, as Kinesis counts
  for (const auto& key : good) {
    CAPTURE(key.size());
    CHECK(stream.put(key, value));
    CHECK(stream.make_key(key));
    CHECK(stream.shard_of(key));
    CHECK(stream.writer(key));
  }
  CHECK(stored(stream) == good.size());
  const std::vector<std::string> long_keys{std::string(257, 'k'), repeated("\xC3\xA9", 257),
                                           repeated("\xE2\x82\xAC", 256) + "k",
                                           repeated("\xF0\x9F\x98\x80", 128) + "k"};
  for (const auto& key : long_keys) {
    CAPTURE(key.size());
    check_refused(stream.put(key, value), Errc::validation, Cause::key_length, {"257", "256"});
    check_refused(stream.try_put(key, value), Errc::validation, Cause::key_length, {"257", "256"});
    check_refused(stream.put_all(key, std::span{&value, 1}), Errc::validation, Cause::key_length, {"257", "256"});
    check_refused(stream.make_key(key), Errc::validation, Cause::key_length, {"257", "256"});
    check_refused(stream.shard_of(key), Errc::validation, Cause::key_length, {"257", "256"});
    check_refused(stream.writer(key), Errc::validation, Cause::key_length, {"257", "256"});
  }
  check_refused(stream.put("", value), Errc::validation, Cause::key_empty, {"1 to 256"});
  check_refused(stream.try_put("", value), Errc::validation, Cause::key_empty, {"1 to 256"});
  check_refused(stream.put_all("", std::span{&value, 1}), Errc::validation, Cause::key_empty, {"1 to 256"});
  check_refused(stream.make_key(""), Errc::validation, Cause::key_empty, {"1 to 256"});
  check_refused(stream.shard_of(""), Errc::validation, Cause::key_empty, {"1 to 256"});
  check_refused(stream.writer(""), Errc::validation, Cause::key_empty, {"1 to 256"});
  const HashKey hash;
  check_refused(stream.put({"", &hash}, value), Errc::validation, Cause::key_empty, {"1 to 256"});
  CHECK(stored(stream) == good.size());
}

TEST_CASE("a partition key made once puts where its text does, and is kept with the record") {
  auto stream = TextStream::open({.shards = 7}).value();
  for (int i = 0; i < 50; ++i) {
    const auto text = "user-" + std::to_string(i);
    const auto key = stream.make_key(text).value();
    CHECK(key.hash() == weir::PartitionKey::make(text).value().hash());
    const auto first = stream.put(text, "by text").value();
    const auto second = stream.put(key, "by key").value();
    const auto third = stream.put(key, "by key again").value();
    CHECK(first.shard == second.shard);
    CHECK(second.sequence_number > first.sequence_number);
    CHECK(third.sequence_number > second.sequence_number);
    auto iterator = stream.iterator(second.shard, Position::at(second.sequence_number)).value();
    const auto batch = iterator.read();
    CHECK(batch.front().partition_key() == text);
    CHECK(batch.front().value() == "by key");
  }
}
#endif

TEST_CASE_TEMPLATE("put_all takes up to its limit as one claim, and stores nothing of more", Ring, ManyColumns,
                   OneColumn, Texts) {
  Numbered<Ring> shard;
  std::vector<typename Ring::payload> owned;
  std::vector<typename Numbered<Ring>::stream_type::element> values;
  for (std::uint64_t n = 1; n <= 9; ++n) {
    owned.push_back(Ring::value_of(n));
  }
  values.assign(owned.begin(), owned.end());
  // 64 records: an eighth is 8. 4096 bytes: a segment has 512 and 16 entries; half of it are 8 frames of 32 bytes.
  check_refused(shard.stream.put_all("key", std::span{values}), Errc::validation, Cause::batch_records, {"9", "8"});
  auto iterator = shard.at(Position::trim_horizon());
  CHECK_FALSE(iterator.read());

  const auto put = shard.stream.put_all("key", std::span{values}.first(8)).value();
  CHECK(put.shard == ShardId{0});
  CHECK(put.first == shard.number(1));
  CHECK(put.count == 8);
  CHECK(rest_of<Ring>(iterator).numbers == from_to(1, 8));

  const auto nothing = shard.stream.put_all("key", std::span{values}.first(0)).value();
  CHECK(nothing.count == 0);
  CHECK_FALSE(iterator.read());
}

#ifndef WEIR_TESTS_STORAGE_HEADER  // over memory, whatever the others are built over
TEST_CASE("put_all of large texts is limited to half a segment, by the bytes of their frames") {
  auto stream = TextStream::open({.capacity = weir::bytes(4096)}).value();
  const std::string text(40, 'x');  // 16 + 8 + 40 bytes a frame: four fill half a segment
  const std::vector<std::string_view> values(5, text);
  check_refused(stream.put_all("key", std::span{values}), Errc::validation, Cause::batch_bytes, {"320", "256"});
  CHECK(stored(stream) == 0);
  CHECK(stream.put_all("key", std::span{values}.first(4)).value().count == 4);
  CHECK(stored(stream) == 4);
}

TEST_CASE("put_all of the smallest rings is one record") {
  for (const std::uint64_t capacity : {1U, 2U, 4U, 8U}) {
    CAPTURE(capacity);
    auto stream = IntStream::open({.capacity = weir::records(capacity)}).value();
    const std::array<int, 2> two{1, 2};
    check_refused(stream.put_all("key", std::span{two}), Errc::validation, Cause::batch_records, {"2", "1"});
    for (int i = 0; i < 20; ++i) {
      CHECK(stream.put_all("key", std::span{two}.first(1)));
    }
    CHECK(stored(stream) >= 1);
  }
}

TEST_CASE("put_batch answers in the order of its entries, each with its own shard") {
  auto stream = TextStream::open({.shards = 3}).value();
  const HashKey zero;
  const std::vector<TextStream::Entry> entries{{"a", "0", {}}, {"b", "1", {}},   {"e", "2", {}},
                                               {"f", "3", {}}, {"e", "4", zero}, {"a", "5", {}}};
  std::vector<Result<weir::Put>> results(entries.size(), weir::Failure{});
  CHECK(stream.put_batch(entries, results).value() == 0);
  const std::array<std::uint32_t, 6> shards{0, 1, 2, 1, 0, 0};
  for (std::size_t i = 0; i < entries.size(); ++i) {
    REQUIRE(results[i]);
    CHECK(results[i]->shard == ShardId{shards[i]});
    auto iterator = stream.iterator(results[i]->shard, Position::at(results[i]->sequence_number)).value();
    const auto batch = iterator.read();
    CHECK(batch.front().value() == entries[i].data);
    CHECK(batch.front().partition_key() == entries[i].key);
  }
  CHECK(results[0]->sequence_number < results[4]->sequence_number);  // of one shard, in the order of the request
  CHECK(results[4]->sequence_number < results[5]->sequence_number);
  CHECK(stream.put_batch({}, {}).value() == 0);
}

TEST_CASE("put_batch with one bad entry stores nothing and leaves the results alone") {
  auto stream = TextStream::open({.shards = 3, .capacity = weir::bytes(4096)}).value();
  const std::string long_key(257, 'k');
  const std::string large(99, 'x');
  const auto untouched = weir::Failure{Errc::closed, Cause::span_exists, 7, 7};
  const auto refused = [&](const TextStream::Entry& bad, Cause cause) {
    const std::vector<TextStream::Entry> entries{{"a", "0", {}}, {"b", "1", {}}, bad, {"e", "2", {}}};
    std::vector<Result<weir::Put>> results(entries.size(), untouched);
    check_refused(stream.put_batch(entries, results), Errc::validation, cause, {});
    for (const auto& result : results) {
      CHECK(result.error() == untouched);
    }
  };
  refused({"", "x", {}}, Cause::key_empty);
  refused({long_key, "x", {}}, Cause::key_length);
  refused({"k", large, {}}, Cause::record_size);
  CHECK(stored(stream) == 0);
}

TEST_CASE("put_batch wants a place for each result") {
  auto stream = IntStream::open({}).value();
  const std::vector<IntStream::Entry> entries{{"a", 0, {}}, {"b", 1, {}}};
  std::vector<Result<weir::Put>> results(3, weir::Failure{});
  for (const std::size_t places : {0U, 1U, 3U}) {
    check_refused(stream.put_batch(entries, std::span{results}.first(places)), Errc::invalid_argument,
                  Cause::batch_results, {std::to_string(places) + " results", "2 entries"});
  }
  CHECK(stored(stream) == 0);
}
#endif

TEST_CASE_TEMPLATE("a closed stream refuses every put and stays readable", Ring, ManyColumns, OneColumn, Texts) {
  using S = StreamOf<Ring>;
  auto stream = S::open({.shards = 3, .capacity = Ring::capacity}).value();
  stream.put("b", Ring::value_of(1)).value();
  stream.close().value();
  stream.close().value();  // again: nothing more happens
  const auto value = Ring::value_of(2);
  const typename S::element element{value};
  check_refused(stream.put("b", value), Errc::closed, Cause::shard_closed, {"shard 1"});
  check_refused(stream.try_put("a", value), Errc::closed, Cause::shard_closed, {"shard 0"});
  check_refused(stream.put_all("e", std::span{&element, 1}), Errc::closed, Cause::shard_closed, {"shard 2"});
  const std::vector<typename S::Entry> entries{{"a", element, {}}, {"b", element, {}}, {"e", element, {}}};
  std::vector<Result<weir::Put>> results(3, weir::Put{});
  CHECK(stream.put_batch(entries, results).value() == 3);
  for (std::uint32_t i = 0; i < 3; ++i) {
    check_refused(results[i], Errc::closed, Cause::shard_closed, {"shard " + std::to_string(i)});
  }
  auto reader = stream.reader(Position::trim_horizon()).value();
  const auto batch = reader.read();
  REQUIRE(batch.size() == 1);
  CHECK(Ring::number_in(batch.front().value()) == 1);
}

#ifndef WEIR_TESTS_STORAGE_HEADER  // over memory, whatever the others are built over
TEST_CASE("moving a stream keeps its iterators, handles, readers and batches") {
  auto third = TextStream::open({}).value();
  auto first = TextStream::open({.shards = 2, .capacity = weir::bytes(1 << 16)}).value();
  const auto put = first.put("key", "one").value();
  auto iterator = first.iterator(put.shard, Position::trim_horizon()).value();
  auto reader = first.reader(Position::trim_horizon()).value();
  auto writer = first.writer("key").value();
  const auto batch = iterator.read();

  auto second = std::move(first);
  CHECK(batch.front().value() == "one");
  CHECK(second.put("key", "two"));
  CHECK(writer.put("three"));
  CHECK(iterator.read().size() == 2);
  CHECK(reader.read().size() == 3);

  third = std::move(second);
  CHECK(third.put("key", "four"));
  CHECK(iterator.read().front().value() == "four");
  CHECK(third.shards().size() == 2);
}

/// A payload as users write them: its codec takes it by reference.
struct Order {
  std::string item;
  std::uint32_t amount = 0;
  bool poisoned = false;
};

}  // namespace

template <>
struct weir::Codec<Order> {
  using argument = const Order&;
  using view = Order;
  static std::size_t encoded_size(argument order) { return sizeof order.amount + order.item.size(); }
  static void encode(std::span<std::byte> out, argument order) {
    if (order.poisoned) {
      throw std::runtime_error("cannot be encoded");
    }
    std::memcpy(out.data(), &order.amount, sizeof order.amount);
    std::memcpy(out.data() + sizeof order.amount, order.item.data(), order.item.size());
  }
  static view decode(std::span<const std::byte> bytes) {
    Order order;
    std::memcpy(&order.amount, bytes.data(), sizeof order.amount);
    order.item.assign(reinterpret_cast<const char*>(bytes.data()) + sizeof order.amount,
                      bytes.size() - sizeof order.amount);
    return order;
  }
};

namespace {

TEST_CASE("a user's codec that takes its payload by reference works with every put") {
  using Orders = Stream<Order>;
  auto stream = Orders::open({}).value();
  const std::vector<Order> many{{"pear", 2}, {"plum", 3}};
  stream.put("key", Order{"apple", 1}).value();
  CHECK(stream.put_all("key", std::span{many}).value().count == 2);
  CHECK(stream.writer("key").value().put_all(std::span{many}).value().count == 2);
  const std::vector<Orders::Entry> entries{{"key", {"fig", 4}, {}}};
  std::vector<Result<weir::Put>> results(1, weir::Failure{});
  CHECK(stream.put_batch(entries, results).value() == 0);

  auto iterator = stream.iterator(ShardId{0}, Position::trim_horizon()).value();
  std::string read;
  while (const auto batch = iterator.read()) {
    for (const auto& record : batch) {
      const auto order = record.value();
      read += order.item + ' ' + std::to_string(order.amount) + ' ';
    }
  }
  CHECK(read == "apple 1 pear 2 plum 3 pear 2 plum 3 fig 4 ");
}

TEST_CASE_TEMPLATE("an exception from a codec stores nothing and leaves the stream as it was", Producing,
                   std::integral_constant<weir::Producers, weir::Producers::multiple>,
                   std::integral_constant<weir::Producers, weir::Producers::single>) {
  auto stream = Stream<Order, weir::MemoryStorage, weir::Options{.producers = Producing::value}>::open({}).value();
  const std::vector<Order> many{{"pear", 2}, {"plum", 3, true}};
  CHECK_THROWS_AS(static_cast<void>(stream.put("key", Order{"apple", 1, true})), std::runtime_error);
  CHECK_THROWS_AS(static_cast<void>(stream.put_all("key", std::span{many})), std::runtime_error);
  CHECK(stored(stream) == 0);
  CHECK(stream.put("key", Order{"apple", 1}).value().sequence_number.value() == 1);
  CHECK(stored(stream) == 1);
}

TEST_CASE("two streams of one name are two streams") {
  auto first = IntStream::open({.name = "same"}).value();
  auto second = IntStream::open({.name = "same"}).value();
  CHECK(first.incarnation() != second.incarnation());
  first.put("key", 1).value();
  CHECK(stored(first) == 1);
  CHECK(stored(second) == 0);
}
#endif

TEST_CASE_TEMPLATE("row 12: concurrent puts have distinct numbers, and are read in ascending order", Ring, ManyColumns,
                   Texts) {
  const weir::support::Watchdog watchdog{"concurrent puts"};
  Numbered<Ring> shard;
  constexpr std::uint64_t puts = 48;  // less than either ring holds, so that none is overwritten
  std::array<Numbers, 4> numbers;
  {
    std::vector<std::jthread> threads;
    for (auto& own : numbers) {
      threads.emplace_back([&shard, &own] {
        for (std::uint64_t i = 0; i < puts / 4; ++i) {
          own.push_back(shard.stream.put("key", Ring::value_of(7)).value().sequence_number.value());
        }
      });
    }
  }
  Numbers all;
  for (const auto& own : numbers) {
    CHECK(std::is_sorted(own.begin(), own.end()));
    all.insert(all.end(), own.begin(), own.end());
  }
  std::sort(all.begin(), all.end());
  CHECK(all == from_to(1, puts));
  auto iterator = shard.at(Position::trim_horizon());
  Numbers read;
  while (const auto batch = iterator.read()) {
    for (const auto& record : batch) {
      read.push_back(record.sequence_number().value());
    }
  }
  CHECK(read == all);
}

#ifndef WEIR_TESTS_STORAGE_HEADER  // over memory, whatever the others are built over
/// What one reader thread saw of its shard.
struct Seen {
  std::uint64_t records = 0;
  std::uint64_t missed = 0;
  std::uint64_t sum = 0;   // of the numbers of what was read
  std::uint64_t torn = 0;  // payloads whose parts do not agree
  std::uint64_t unordered = 0;
  std::uint64_t gaps = 0;  // numbers left out without a word
  bool ended = false;
};

/// Says twice over who put it and as which.
struct Parcel {
  std::uint64_t producer;
  std::uint64_t index;
  std::uint64_t check;

  static Parcel of(std::uint64_t producer, std::uint64_t index) { return {producer, index, check_of(producer, index)}; }
  static std::uint64_t check_of(std::uint64_t producer, std::uint64_t index) {
    return (producer + 1) * 0x9E37'79B9'7F4A'7C15U ^ index * 0xC2B2'AE3D'27D4'EB4FU;
  }
  [[nodiscard]] bool whole() const { return check == check_of(producer, index); }
};

struct ParcelColumns {
  using payload = Parcel;
  static constexpr weir::Capacity capacity = weir::records(64);
  static Parcel value_of(std::uint64_t producer, std::uint64_t index) { return Parcel::of(producer, index); }
  static Parcel parcel_in(const Parcel& value) { return value; }
};
struct ParcelTexts {
  using payload = std::string;
  static constexpr weir::Capacity capacity = weir::bytes(8192);
  static std::string value_of(std::uint64_t producer, std::uint64_t index) {
    const auto parcel = Parcel::of(producer, index);
    std::string text(sizeof parcel + index % 40, static_cast<char>('a' + producer));
    std::memcpy(text.data(), &parcel, sizeof parcel);
    return text;
  }
  static Parcel parcel_in(std::string_view text) {
    Parcel parcel{};
    if (text.size() >= sizeof parcel) {
      std::memcpy(&parcel, text.data(), sizeof parcel);
      const auto rest = text.substr(sizeof parcel);
      const bool padded = rest.size() == parcel.index % 40 &&
                          rest.find_first_not_of(static_cast<char>('a' + parcel.producer)) == std::string_view::npos;
      parcel.check ^= padded ? 0U : 1U;
    }
    return parcel;
  }
};

/// Reads a shard to its end. A producer has one key, so its records come in the order in which it put them.
template <class Ring, class Iterator>
Seen read_to_the_end(Iterator iterator) {
  Seen seen;
  std::map<std::uint64_t, std::uint64_t> last_of_producer;
  std::uint64_t next = 1;
  weir::Yield wait;
  while (!iterator.at_end()) {
    const auto batch = iterator.read(wait, weir::Deadline::never());
    seen.missed += batch.missed();
    next += batch.missed();
    for (const auto& record : batch) {
      const auto parcel = Ring::parcel_in(record.value());
      const auto number = record.sequence_number().value();
      seen.gaps += number == next ? 0 : 1;
      next = number + 1;
      seen.torn += parcel.whole() ? 0 : 1;
      const auto last = last_of_producer.find(parcel.producer);
      seen.unordered += last != last_of_producer.end() && parcel.index <= last->second ? 1 : 0;
      last_of_producer.insert_or_assign(parcel.producer, parcel.index);
      ++seen.records;
      seen.sum += number;
    }
  }
  seen.ended = true;
  return seen;
}

TEST_CASE_TEMPLATE("three producers and a reader for each shard: nothing is torn, reordered, or lost without a word",
                   Ring, ParcelColumns, ParcelTexts) {
  const weir::support::Watchdog watchdog{"three producers, a reader for each shard", 240s};
  constexpr std::uint32_t shards = 2;
  constexpr std::uint64_t each = 20'000;  // some hundred laps
  auto stream = Stream<typename Ring::payload>::open({.shards = shards, .capacity = Ring::capacity}).value();
  std::array<Seen, shards> seen;
  std::array<std::map<std::uint32_t, std::uint64_t>, 3> put;  // by producer: how many into which shard
  std::array<std::uint64_t, 3> failed{};
  {
    std::vector<std::jthread> readers;
    for (std::uint32_t i = 0; i < shards; ++i) {
      auto iterator = stream.iterator(ShardId{i}, Position::at({0, ShardId{i}, stream.incarnation()})).value();
      readers.emplace_back([&own = seen[i], iterator = std::move(iterator)]() mutable {
        own = read_to_the_end<Ring>(std::move(iterator));
      });
    }
    {
      std::vector<std::jthread> producers;
      for (std::uint64_t producer = 0; producer < 3; ++producer) {
        producers.emplace_back([&, producer] {
          const auto key = "producer-" + std::to_string(producer);
          for (std::uint64_t index = 1; index <= each; ++index) {
            const auto outcome = stream.put(key, Ring::value_of(producer, index));
            if (outcome) {
              ++put[producer][outcome->shard.index()];
            } else {
              ++failed[producer];
            }
          }
        });
      }
    }
    stream.close().value();
  }
  std::array<std::uint64_t, shards> stored{};
  for (std::size_t producer = 0; producer < 3; ++producer) {
    CHECK(failed[producer] == 0);
    CHECK(put[producer].size() == 1);  // one key, one shard
    for (const auto& [shard, count] : put[producer]) {
      stored[shard] += count;
    }
  }
  CHECK(stored[0] + stored[1] == 3 * each);
  CHECK(stored[0] > 0);
  CHECK(stored[1] > 0);
  for (std::uint32_t i = 0; i < shards; ++i) {
    CAPTURE(i);
    MESSAGE("shard ", i, ": read ", seen[i].records, ", missed ", seen[i].missed);
    CHECK(seen[i].ended);
    CHECK(seen[i].records + seen[i].missed == stored[i]);
    CHECK(seen[i].torn == 0);
    CHECK(seen[i].unordered == 0);
    CHECK(seen[i].gaps == 0);
    CHECK(stream.shards()[i].ending->value() == stored[i]);
    CHECK(seen[i].records > 0);
  }
}

TEST_CASE_TEMPLATE("what is left when all producers are done is read alike by every reader", Ring, ParcelColumns,
                   ParcelTexts) {
  const weir::support::Watchdog watchdog{"two producers fill a stream", 240s};
  auto stream = Stream<typename Ring::payload>::open({.capacity = Ring::capacity}).value();
  {
    std::vector<std::jthread> producers;
    for (std::uint64_t producer = 0; producer < 2; ++producer) {
      producers.emplace_back([&, producer] {
        auto writer = stream.writer("key").value();
        for (std::uint64_t index = 1; index <= 5000; ++index) {
          static_cast<void>(writer.put(Ring::value_of(producer, index)));
        }
      });
    }
  }
  stream.close().value();
  const auto begin = [&](const Position& position) { return stream.iterator(ShardId{0}, position).value(); };
  const auto first = read_to_the_end<Ring>(begin(Position::at({0, ShardId{0}, stream.incarnation()})));
  const auto second = read_to_the_end<Ring>(begin(Position::at({0, ShardId{0}, stream.incarnation()})));
  CHECK(first.records == second.records);
  CHECK(first.sum == second.sum);
  CHECK(first.records + first.missed == 10'000);
  CHECK(first.torn + first.unordered + first.gaps == 0);
}
#endif

}  // namespace
