/// The table of what is known of the service's behaviour, row by row, asked of a client.
#include <doctest/doctest.h>

#include <algorithm>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "client/service.hpp"
#include "support/watchdog.hpp"

namespace {

using namespace weir::client_tests;
using weir::Cause;
using weir::Errc;
using weir::HashKey;

bool numbers_ascend(const std::vector<std::string>& numbers) {
  const auto value = [](const std::string& text) { return HashKey::parse(text).value(); };
  return std::adjacent_find(numbers.begin(), numbers.end(),
                            [&](const auto& a, const auto& b) { return !(value(a) < value(b)); }) == numbers.end();
}

TEST_CASE("row 1: a new stream of 3 shards cuts the keys in thirds, and the last shard holds the rest") {
  Service service{3};
  const auto shards = service.shards();
  REQUIRE(shards.size() == 3);
  CHECK(shards[0].hash_key_range == weir::client::HashKeyRange{"0", "113427455640312821154458202477256070484"});
  CHECK(shards[1].hash_key_range == weir::client::HashKeyRange{"113427455640312821154458202477256070485",
                                                               "226854911280625642308916404954512140969"});
  CHECK(shards[2].hash_key_range ==
        weir::client::HashKeyRange{"226854911280625642308916404954512140970", std::string{end_of_keys}});
  for (std::uint32_t i = 0; i < 3; ++i) {
    CHECK(shards[i].shard_id == shard_name(i));
    CHECK_FALSE(shards[i].parent_shard_id);
    CHECK_FALSE(shards[i].sequence_number_range.ending_sequence_number);
  }
}

TEST_CASE("row 2: keys a, b, e and f go to shards 0, 1, 2 and 1 of 3") {
  Service service{3};
  Texts shards;
  for (const auto* key : {"a", "b", "e", "f"}) {
    shards.push_back(service.put("x", key).shard_id);
  }
  CHECK(shards == Texts{shard_name(0), shard_name(1), shard_name(2), shard_name(1)});
}

TEST_CASE("row 3: the largest explicit hash key goes to the last shard") {
  Service service{3};
  CHECK(service.shard_of_hash(end_of_keys) == shard_name(2));
}

TEST_CASE("row 4: a shard's ending hash key is its own, and the next one is the next shard's") {
  Service service{3};
  CHECK(service.shard_of_hash("226854911280625642308916404954512140969") == shard_name(1));  // 2q - 1
  CHECK(service.shard_of_hash("226854911280625642308916404954512140970") == shard_name(2));  // 2q
}

TEST_CASE("row 5: an explicit hash key of 2^128 is refused, and nothing is stored") {
  Service service;
  check_refused(service.client.put_record(
                    {.stream_name = "clicks", .data = "x", .partition_key = "key", .explicit_hash_key = beyond_keys}),
                Errc::invalid_argument, Cause::hash_key_range);
  CHECK(service.texts(service.at(Type::trim_horizon)).empty());
}

TEST_CASE("row 6: one entry with an explicit hash key of 2^128 has the whole request refused") {
  Service service;
  check_refused(
      service.client.put_records({.stream_name = "clicks",
                                  .records = {{.data = "x", .partition_key = "a"},
                                              {.data = "y", .partition_key = "b", .explicit_hash_key = beyond_keys}}}),
      Errc::invalid_argument, Cause::hash_key_range);
  CHECK(service.texts(service.at(Type::trim_horizon)).empty());
}

TEST_CASE("row 7: empty data is stored, and read back empty") {
  Service service;
  service.put("");
  CHECK(service.texts(service.at(Type::trim_horizon)) == Texts{""});
}

TEST_CASE("row 8: data and key of exactly 1 MiB together are accepted, one byte more is not") {
  Service service;
  std::string data((1 << 20) - 3, 'x');
  service.put(data, "abc");
  CHECK(service.texts(service.at(Type::trim_horizon)) == Texts{data});
  data += 'x';
  check_refused(service.client.put_record({.stream_name = "clicks", .data = data, .partition_key = "abc"}),
                Errc::validation, Cause::record_size, {"1048577", "1048576"});
  check_refused(service.client.put_records(
                    {.stream_name = "clicks",
                     .records = {{.data = "small", .partition_key = "abc"}, {.data = data, .partition_key = "abc"}}}),
                Errc::validation, Cause::record_size);
  CHECK(service.read(service.at(Type::trim_horizon)).records.size() == 1);
}

TEST_CASE("row 9: a partition key has 1 to 256 characters") {
  Service service;
  service.put("x", std::string(256, 'k'));
  const auto put = [&](std::string_view key) {
    return service.client.put_record({.stream_name = "clicks", .data = "x", .partition_key = key});
  };
  check_refused(put(std::string(257, 'k')), Errc::validation, Cause::key_length);
  check_refused(put(""), Errc::validation, Cause::key_empty);
  std::string umlauts;
  for (int i = 0; i < 256; ++i) {
    umlauts += "\xc3\xa4";  // two bytes and one character
  }
  service.put("x", umlauts);
  check_refused(put(umlauts + "\xc3\xa4"), Errc::validation, Cause::key_length);
}

TEST_CASE("row 10: a request has 1 to 500 entries") {
  Service service;
  const auto put = [&](std::size_t count) {
    return service.client.put_records({.stream_name = "clicks", .records = {count, {"x", "key", {}}}});
  };
  check_refused(put(0), Errc::validation, Cause::request_entries);
  check_refused(put(501), Errc::validation, Cause::request_entries);
  CHECK(put(500).value().records.size() == 500);
}

TEST_CASE("row 11: an entry that is throttled tells so in its place, and the others are stored in order") {
  Service service;
  service.env.faults.throttle_put(2);
  const auto response = service.client
                            .put_records({.stream_name = "clicks",
                                          .records = {{.data = "1", .partition_key = "key"},
                                                      {.data = "2", .partition_key = "key"},
                                                      {.data = "3", .partition_key = "key"}}})
                            .value();
  CHECK(response.failed_record_count == 1);
  REQUIRE(response.records.size() == 3);
  CHECK(response.records[1].error_code == "ProvisionedThroughputExceededException");
  CHECK_FALSE(response.records[1].error_message.value_or("").empty());
  CHECK_FALSE(response.records[1].shard_id);
  CHECK_FALSE(response.records[1].sequence_number);
  for (const auto stored : {0U, 2U}) {
    CHECK(response.records[stored].shard_id == shard_name(0));
    CHECK_FALSE(response.records[stored].error_code);
  }
  CHECK(numbers_ascend({*response.records[0].sequence_number, *response.records[2].sequence_number}));
  CHECK(service.texts(service.at(Type::trim_horizon)) == Texts{"1", "3"});
}

TEST_CASE("row 11: so is an entry that its shard's rate does not allow") {
  Service service{1, {.limits = weir::kinesis_limits()}};
  const std::string large(600 << 10, 'x');
  const auto response = service.client
                            .put_records({.stream_name = "clicks",
                                          .records = {{.data = large, .partition_key = "key"},
                                                      {.data = large, .partition_key = "key"},
                                                      {.data = "small", .partition_key = "key"}}})
                            .value();
  CHECK(response.failed_record_count == 1);
  CHECK(response.records.at(1).error_code == "ProvisionedThroughputExceededException");
  CHECK(response.records.at(1).error_message->find("1048576 bytes a second") != std::string::npos);
  CHECK(service.texts(service.at(Type::trim_horizon)) == Texts{large, "small"});
}

TEST_CASE("row 12: 100 concurrent puts get distinct numbers, and are read in their order") {
  const weir::support::Watchdog watchdog{"row 12"};
  Service service;
  std::vector<Texts> given(4);
  {
    std::vector<std::jthread> threads;
    for (auto& mine : given) {
      threads.emplace_back([&] {
        for (int i = 0; i < 25; ++i) {
          const auto put = service.client.put_record({.stream_name = "clicks", .data = "x", .partition_key = "key"});
          mine.push_back(put ? put->sequence_number : "");
        }
      });
    }
  }
  std::set<std::string> distinct;
  for (const auto& mine : given) {
    distinct.insert(mine.begin(), mine.end());
    CHECK(numbers_ascend(mine));
  }
  CHECK(distinct.size() == 100);
  Texts read;
  for (const auto& record : service.read(service.at(Type::trim_horizon)).records) {
    read.push_back(record.sequence_number);
  }
  CHECK(numbers_ascend(read));
  CHECK(std::set<std::string>{read.begin(), read.end()} == distinct);
}

TEST_CASE("row 13: a put that names the number of the one before gets a larger one") {
  Service service;
  Texts numbers{service.put("1").sequence_number};
  for (int i = 0; i < 3; ++i) {
    numbers.push_back(service.client
                          .put_record({.stream_name = "clicks",
                                       .data = "x",
                                       .partition_key = "key",
                                       .sequence_number_for_ordering = numbers.back()})
                          .value()
                          .sequence_number);
  }
  CHECK(numbers_ascend(numbers));
}

TEST_CASE("row 14: a number for ordering that no put can have given is refused") {
  Service service{2};
  const auto put = [&](std::string_view number) {
    return service.client.put_record(
        {.stream_name = "clicks", .data = "x", .partition_key = "a", .sequence_number_for_ordering = number});
  };
  const auto last = weir::parse_decimal(service.put("x", "a").sequence_number).value();
  check_refused(put("abc"), Errc::invalid_argument, Cause::number_text);
  check_refused(put("01"), Errc::invalid_argument, Cause::number_text);
  check_refused(put(weir::to_decimal({last.value() + 1, last.shard(), last.incarnation()})), Errc::invalid_argument,
                Cause::number_in_future);
  check_refused(put(weir::to_decimal({last.value(), weir::ShardId{2}, last.incarnation()})), Errc::invalid_argument,
                Cause::unknown_shard);
  check_refused(put(weir::to_decimal({last.value(), last.shard(), weir::Incarnation{last.incarnation().value() + 1}})),
                Errc::invalid_argument, Cause::foreign_incarnation);
  const auto elsewhere = service.put("x", "b");
  CHECK(elsewhere.shard_id != service.put("x", "a").shard_id);
  CHECK(put(elsewhere.sequence_number));  // of another shard
}

TEST_CASE("row 15: a name that is taken, by a stream in any state, is refused") {
  Service service;
  const auto create = [&] { return service.client.create_stream({.stream_name = "clicks", .shard_count = 1}); };
  check_refused(create(), Errc::resource_in_use, Cause::stream_taken);
  service.env.faults.hold(weir::Transition::deleting);
  REQUIRE(service.client.delete_stream({.stream_name = "clicks"}));
  CHECK(service.status() == weir::client::StreamStatus::deleting);
  check_refused(create(), Errc::resource_in_use, Cause::stream_taken);
  service.put("still served");
  service.env.faults.release(weir::Transition::deleting);
  CHECK(create());
  CHECK(service.texts(service.at(Type::trim_horizon)).empty());
}

TEST_CASE("row 16: a stream that is being created takes no records") {
  Service service{std::nullopt};
  service.env.faults.hold(weir::Transition::creating);
  service.create("clicks");
  CHECK(service.status() == weir::client::StreamStatus::creating);
  CHECK(service.shards().empty());
  const auto put = [&] {
    return service.client.put_record({.stream_name = "clicks", .data = "x", .partition_key = "key"});
  };
  check_refused(put(), Errc::resource_not_found, Cause::stream_not_ready);
  check_refused(service.client.put_records({.stream_name = "clicks", .records = {{"x", "key", {}}}}),
                Errc::resource_not_found, Cause::stream_not_ready);
  service.env.faults.release(weir::Transition::creating);
  CHECK(put());
  CHECK(service.status() == weir::client::StreamStatus::active);
}

/// Five records, and their numbers.
struct Five : Service {
  Five() {
    for (const auto* text : {"1", "2", "3", "4", "5"}) {
      numbers.push_back(put(text).sequence_number);
    }
  }
  Texts numbers;
};

TEST_CASE("row 17: AT a number begins with it") {
  Five service;
  CHECK(service.texts(service.at(Type::at_sequence_number, service.numbers[1])) == Texts{"2", "3", "4", "5"});
}

TEST_CASE("row 18: AFTER a number begins with the next") {
  Five service;
  CHECK(service.texts(service.at(Type::after_sequence_number, service.numbers[1])) == Texts{"3", "4", "5"});
}

TEST_CASE("row 19: AT and AFTER the starting number of an empty shard begin with its first record") {
  Service service;
  const auto start = service.shards().at(0).sequence_number_range.starting_sequence_number;
  const auto at = service.at(Type::at_sequence_number, start);
  const auto after = service.at(Type::after_sequence_number, start);
  service.put("r");
  CHECK(service.texts(at) == Texts{"r"});
  CHECK(service.texts(after) == Texts{"r"});
}

// Numbers of a shard are dense here, so the only gap that a test can name is where records are gone.
TEST_CASE("row 20: AT a number inside a gap begins with the next higher one that is there") {
  Service service{1, {.capacity = weir::bytes(4096), .max_record = 64}};
  const auto gone = service.put("gone").sequence_number;
  for (int i = 0; i < 1000; ++i) {
    service.put("x");
  }
  const auto horizon = service.read(service.at(Type::trim_horizon));
  const auto at = service.read(service.at(Type::at_sequence_number, gone));
  REQUIRE_FALSE(at.records.empty());
  CHECK(at.records.front().sequence_number == horizon.records.front().sequence_number);
  CHECK(at.missed == weir::parse_decimal(at.records.front().sequence_number).value().value() -
                         weir::parse_decimal(gone).value().value());
  CHECK(horizon.missed == 0);
}

TEST_CASE("row 21: LATEST begins with what is put after it was taken") {
  Service service;
  service.put("before");
  const auto latest = service.at(Type::latest);
  service.put("r");
  CHECK(service.texts(latest) == Texts{"r"});
}

TEST_CASE("row 22: so does the iterator that an empty answer carries") {
  Service service;
  service.put("before");
  const auto empty = service.read(service.at(Type::latest));
  CHECK(empty.records.empty());
  service.put("r");
  CHECK(service.texts(empty.next_shard_iterator.value()) == Texts{"r"});
}

TEST_CASE("row 23: TRIM_HORIZON of an empty shard finds what is put later, and so does the next iterator") {
  Service service;
  const auto horizon = service.at(Type::trim_horizon);
  const auto empty = service.read(horizon);
  CHECK(empty.records.empty());
  service.put("r");
  CHECK(service.texts(horizon) == Texts{"r"});
  CHECK(service.texts(empty.next_shard_iterator.value()) == Texts{"r"});
}

TEST_CASE("row 24: an iterator that is used again gives the same records") {
  Five service;
  const auto iterator = service.at(Type::after_sequence_number, service.numbers[0]);
  const auto first = service.read(iterator, 3);
  const auto second = service.read(iterator, 3);
  CHECK(Service::data_of(first) == Texts{"2", "3", "4"});
  CHECK(Service::data_of(second) == Service::data_of(first));
  CHECK(second.records.front().sequence_number == first.records.front().sequence_number);
}

TEST_CASE("row 25: an idle shard gives another iterator each time") {
  Service service;
  std::set<std::string> iterators{service.at(Type::latest)};
  auto iterator = *iterators.begin();
  for (int i = 0; i < 10; ++i) {
    iterator = service.read(iterator).next_shard_iterator.value();
    iterators.insert(iterator);
  }
  CHECK(iterators.size() == 11);
}

TEST_CASE("row 26: limits follow each other without loss or repetition") {
  Five service;
  const auto first = service.read(service.at(Type::trim_horizon), 2);
  CHECK(Service::data_of(first) == Texts{"1", "2"});
  const auto second = service.read(first.next_shard_iterator.value(), 3);
  CHECK(Service::data_of(second) == Texts{"3", "4", "5"});
  CHECK(service.texts(second.next_shard_iterator.value()).empty());
}

TEST_CASE("row 27: a limit is 1 to 10000") {
  Five service;
  const auto iterator = service.at(Type::trim_horizon);
  for (const int limit : {0, -1, 10'001}) {
    check_refused(service.client.get_records({.shard_iterator = iterator, .limit = limit}), Errc::validation,
                  Cause::page_limit);
  }
  CHECK(service.texts(iterator, 1) == Texts{"1"});
  CHECK(service.texts(iterator, 10'000).size() == 5);
}

TEST_CASE("row 28: 12 MiB are given as 10 MiB at most, with the lag, and the rest next") {
  Service service;
  const std::string data(512 << 10, 'x');
  for (int i = 0; i < 24; ++i) {
    service.put(data);
    service.env.clock.advance(1s);
  }
  const auto first = service.read(service.at(Type::trim_horizon));
  std::size_t bytes = 0;
  for (const auto& record : first.records) {
    bytes += record.data.size() + record.partition_key.size();
  }
  CHECK(bytes <= std::size_t{10} << 20);
  CHECK(first.records.size() == 19);          // the keys of a 20th would be too much
  CHECK(first.millis_behind_latest == 5000);  // the first one that is left was put five seconds ago
  const auto rest = service.read(first.next_shard_iterator.value());
  CHECK(rest.records.size() == 5);
  CHECK(rest.millis_behind_latest == 0);
}

TEST_CASE("row 28: while something is unread the lag is not 0, even when it was put just now") {
  Five service;
  CHECK(service.read(service.at(Type::trim_horizon), 4).millis_behind_latest == 1);
  CHECK(service.read(service.at(Type::trim_horizon), 5).millis_behind_latest == 0);
}

TEST_CASE("row 29: an iterator is good for 300000 ms and no longer") {
  Five service;
  const auto iterator = service.at(Type::trim_horizon);
  service.env.clock.advance(300'000ms);
  const auto read = service.read(iterator);
  CHECK(read.records.size() == 5);
  service.env.clock.advance(1ms);
  check_refused(service.client.get_records({.shard_iterator = iterator}), Errc::expired_iterator, Cause::token_age,
                {"300001", "300000"});
  CHECK(service.texts(read.next_shard_iterator.value()).empty());  // which is younger
}

TEST_CASE("row 30: garbage is no iterator") {
  Service service;
  for (const auto* garbage : {"garbage", "", "AAAAAAAAAAFq"}) {
    check_refused(service.client.get_records({.shard_iterator = garbage}), Errc::invalid_argument, Cause::token_text);
  }
}

TEST_CASE("row 31: an iterator of a deleted stream finds nothing") {
  Five service;
  const auto iterator = service.at(Type::trim_horizon);
  REQUIRE(service.client.delete_stream({.stream_name = "clicks"}));
  check_refused(service.client.get_records({.shard_iterator = iterator}), Errc::resource_not_found,
                Cause::stream_missing);
}

// The service answers an internal failure where the shard's index exists again; here both are not found.
TEST_CASE("row 32: iterators and numbers of a deleted stream do not read the new one of its name") {
  Five service;
  const auto iterator = service.at(Type::trim_horizon);
  REQUIRE(service.client.delete_stream({.stream_name = "clicks"}));
  service.create("clicks");
  service.put("new");
  check_refused(service.client.get_records({.shard_iterator = iterator}), Errc::resource_not_found, Cause::token_stream,
                {"deleted", "new token"});
  check_refused(service.ask(Type::at_sequence_number, service.numbers[0]), Errc::invalid_argument,
                Cause::foreign_incarnation);
}

TEST_CASE("row 33: a type that begins at a number needs one, and others have none") {
  Five service;
  check_refused(service.ask(Type::at_sequence_number), Errc::invalid_argument, Cause::number_missing);
  check_refused(service.ask(Type::after_sequence_number), Errc::invalid_argument, Cause::number_missing);
  check_refused(service.ask(Type::latest, service.numbers[0]), Errc::invalid_argument, Cause::number_unwanted);
  check_refused(service.ask(Type::trim_horizon, service.numbers[0]), Errc::invalid_argument, Cause::number_unwanted);
}

TEST_CASE("row 34: a number of another shard is refused") {
  Service service{2};
  const auto elsewhere = service.put("x", "b");
  REQUIRE(elsewhere.shard_id == shard_name(1));
  check_refused(service.ask(Type::at_sequence_number, elsewhere.sequence_number), Errc::invalid_argument,
                Cause::foreign_shard, {"shard 1", "shard 0"});
  check_refused(service.ask(Type::after_sequence_number, "abc"), Errc::invalid_argument, Cause::number_text);
}

TEST_CASE("row 35: a moment in the future, and none, are refused") {
  Service service;
  check_refused(service.ask(Type::at_timestamp, {}, 0, service.env.clock.now() + 2s), Errc::invalid_argument,
                Cause::timestamp_in_future);
  check_refused(service.ask(Type::at_timestamp), Errc::invalid_argument, Cause::timestamp_missing);
}

TEST_CASE("row 36: AT_TIMESTAMP begins with the first record that arrived then or later") {
  Service service;
  const auto start = service.env.clock.now();
  service.put("1");
  service.env.clock.advance(10ms);
  service.put("2");
  const auto at = [&](std::chrono::milliseconds later) {
    return service.texts(service.at(Type::at_timestamp, {}, 0, start + later));
  };
  CHECK(at(0ms) == Texts{"1", "2"});
  CHECK(at(1ms) == Texts{"2"});
  CHECK(at(10ms) == Texts{"2"});
  service.env.clock.advance(1ms);
  CHECK(at(11ms).empty());
}

TEST_CASE("row 37: AT_TIMESTAMP before the trim horizon begins there") {
  Service service;
  service.put("expired");
  service.env.clock.advance(25h);
  service.put("1");
  service.put("2");
  const auto moment = service.env.clock.now() - 48h;
  CHECK(service.texts(service.at(Type::at_timestamp, {}, 0, moment)) == Texts{"1", "2"});
  CHECK(service.texts(service.at(Type::trim_horizon)) == Texts{"1", "2"});
}

TEST_CASE("row 38: a record older than the retention period is not given, by whatever iterator") {
  Service service;
  const auto number = service.put("old").sequence_number;
  service.env.clock.advance(24h);
  auto older = service.at(Type::at_sequence_number, number);
  CHECK(service.texts(older) == Texts{"old"});  // exactly as old
  service.env.clock.advance(1ms);
  service.put("new");
  CHECK(service.texts(older) == Texts{"new"});
  CHECK(service.texts(service.at(Type::trim_horizon)) == Texts{"new"});
}

TEST_CASE("row 39: a longer retention period brings nothing back") {
  Service service;
  service.put("expired");
  service.env.clock.advance(30h);
  service.put("new");
  REQUIRE(service.client.increase_stream_retention_period({.stream_name = "clicks", .retention_period_hours = 168}));
  CHECK(service.texts(service.at(Type::trim_horizon)) == Texts{"new"});
  service.env.clock.advance(167h);
  CHECK(service.texts(service.at(Type::trim_horizon)) == Texts{"new"});
}

TEST_CASE("row 40: a shorter retention period holds at once") {
  Service service;
  REQUIRE(service.client.increase_stream_retention_period({.stream_name = "clicks", .retention_period_hours = 48}));
  service.put("30 hours old");
  service.env.clock.advance(30h);
  const auto iterator = service.at(Type::trim_horizon);
  CHECK(service.texts(iterator).size() == 1);
  REQUIRE(service.client.decrease_stream_retention_period({.stream_name = "clicks", .retention_period_hours = 24}));
  CHECK(service.texts(iterator).empty());
}

TEST_CASE("row 41: a retention period changes in the verb's direction, and is 24 to 8760 hours") {
  Service service;
  const auto increase = [&](int hours) {
    return service.client.increase_stream_retention_period({.stream_name = "clicks", .retention_period_hours = hours});
  };
  const auto decrease = [&](int hours) {
    return service.client.decrease_stream_retention_period({.stream_name = "clicks", .retention_period_hours = hours});
  };
  REQUIRE(increase(48));
  check_refused(increase(24), Errc::invalid_argument, Cause::retention_direction, {"24 hours", "48"});
  check_refused(decrease(72), Errc::invalid_argument, Cause::retention_direction, {"72 hours", "48"});
  for (const int hours : {23, -1, 8761}) {
    check_refused(increase(hours), Errc::invalid_argument, Cause::retention_hours);
    check_refused(decrease(hours), Errc::invalid_argument, Cause::retention_hours);
  }
  CHECK(increase(48));
  CHECK(decrease(48));
  CHECK(increase(8760));
  CHECK(decrease(24));
}

TEST_CASE("row 42: a split leaves two hash keys or more to both sides") {
  Service service;
  check_refused(service.split(0, "1"), Errc::invalid_argument, Cause::split_key);
  check_refused(service.split(0, end_of_keys), Errc::invalid_argument, Cause::split_key);
  REQUIRE(service.split(0, "2"));
  const auto shards = service.shards(Filter::at_latest);
  REQUIRE(shards.size() == 2);
  CHECK(shards[0].hash_key_range == weir::client::HashKeyRange{"0", "1"});
  CHECK(shards[1].hash_key_range == weir::client::HashKeyRange{"2", std::string{end_of_keys}});
}

TEST_CASE("row 43: while a split is going on puts go to the parent, and a second one is refused") {
  Service service;
  service.env.faults.hold(weir::Transition::updating);
  REQUIRE(service.split(0, middle_of_keys));
  CHECK(service.status() == weir::client::StreamStatus::updating);
  CHECK(service.shard_of_hash("0") == shard_name(0));
  CHECK(service.shard_of_hash(end_of_keys) == shard_name(0));
  CHECK(service.shard_names() == Texts{shard_name(0)});
  check_refused(service.split(0, middle_of_keys), Errc::resource_in_use, Cause::stream_not_active);
  service.env.faults.release(weir::Transition::updating);
  CHECK(service.shard_of_hash("0") == shard_name(1));
  CHECK(service.shard_of_hash(end_of_keys) == shard_name(2));
  CHECK(service.status() == weir::client::StreamStatus::active);
  CHECK(service.read(service.at(Type::trim_horizon)).records.size() == 2);
}

TEST_CASE("row 44: a split shard ends above its records and below where its children begin, and they name it") {
  Service service;
  const auto last = service.put("x").sequence_number;
  REQUIRE(service.split(0, middle_of_keys));
  const auto shards = service.client.describe_stream({.stream_name = "clicks"}).value().stream_description.shards;
  REQUIRE(shards.size() == 3);
  const auto ending = shards[0].sequence_number_range.ending_sequence_number.value();
  for (const auto child : {1U, 2U}) {
    CHECK(shards[child].parent_shard_id == shard_name(0));
    CHECK_FALSE(shards[child].adjacent_parent_shard_id);
    CHECK_FALSE(shards[child].sequence_number_range.ending_sequence_number);
    CHECK(numbers_ascend({last, ending, shards[child].sequence_number_range.starting_sequence_number}));
  }
}

// The service ends shards by their moment; here it is by the number after the last one, of both parents of a merge.
TEST_CASE("row 44: merged shards end above their records and below where their child begins") {
  Service service{2};
  for (int i = 0; i < 5; ++i) {
    service.shard_of_hash("0");
  }
  const auto last = service.put("x", "b");
  REQUIRE(last.shard_id == shard_name(1));
  REQUIRE(service.merge(0, 1));
  const auto shards = service.shards();
  REQUIRE(shards.size() == 3);
  for (const auto parent : {0U, 1U}) {
    const auto& range = shards[parent].sequence_number_range;
    Texts numbers{range.starting_sequence_number};
    for (const auto& record : service.read(service.at(Type::trim_horizon, {}, parent)).records) {
      numbers.push_back(record.sequence_number);
    }
    CHECK(numbers.size() == (parent == 0 ? 6 : 2));
    numbers.push_back(range.ending_sequence_number.value());
    numbers.push_back(shards[2].sequence_number_range.starting_sequence_number);
    CHECK(numbers_ascend(numbers));
  }
}

TEST_CASE("row 45: a closed shard is neither split nor merged") {
  Service service{2};
  REQUIRE(service.split(0, "1000"));
  check_refused(service.split(0, "2000"), Errc::invalid_argument, Cause::shard_not_open);
  check_refused(service.merge(0, 1), Errc::invalid_argument, Cause::shard_not_open);
}

TEST_CASE("row 46: a merge takes neighbours, the lower first, and its child names both") {
  Service service{3};
  check_refused(service.merge(0, 2), Errc::invalid_argument, Cause::not_adjacent);
  check_refused(service.merge(1, 0), Errc::invalid_argument, Cause::not_adjacent);
  REQUIRE(service.merge(0, 1));
  const auto shards = service.shards(Filter::at_latest);
  REQUIRE(shards.size() == 2);
  CHECK(shards[1].shard_id == shard_name(3));
  CHECK(shards[1].hash_key_range == weir::client::HashKeyRange{"0", "226854911280625642308916404954512140969"});
  CHECK(shards[1].parent_shard_id == shard_name(0));
  CHECK(shards[1].adjacent_parent_shard_id == shard_name(1));
}

TEST_CASE("row 47: a closed shard ends with its last records, no iterator and the two that took over") {
  Service service;
  for (const auto* text : {"1", "2", "3"}) {
    service.put(text);
  }
  REQUIRE(service.split(0, middle_of_keys));
  const auto all = service.read(service.at(Type::trim_horizon));
  CHECK(Service::data_of(all) == Texts{"1", "2", "3"});
  CHECK_FALSE(all.next_shard_iterator);
  REQUIRE(all.child_shards.size() == 2);
  CHECK(all.child_shards[0] ==
        weir::client::ChildShard{shard_name(1), {shard_name(0)}, {"0", "170141183460469231731687303715884105727"}});
  CHECK(all.child_shards[1] == weir::client::ChildShard{shard_name(2),
                                                        {shard_name(0)},
                                                        {std::string{middle_of_keys}, std::string{end_of_keys}}});
  const auto some = service.read(service.at(Type::trim_horizon), 2);
  CHECK(some.next_shard_iterator);
  CHECK(some.child_shards.empty());
  const auto rest = service.read(*some.next_shard_iterator, 1);  // exactly what is left
  CHECK(Service::data_of(rest) == Texts{"3"});
  CHECK_FALSE(rest.next_shard_iterator);
  CHECK(rest.child_shards.size() == 2);
}

TEST_CASE("row 48: merged shards end with their one child, which names both") {
  Service service{2};
  REQUIRE(service.merge(0, 1));
  for (const auto parent : {0U, 1U}) {
    const auto end = service.read(service.at(Type::trim_horizon, {}, parent));
    CHECK_FALSE(end.next_shard_iterator);
    CHECK(end.child_shards == std::vector<weir::client::ChildShard>{
                                  {shard_name(2), {shard_name(0), shard_name(1)}, {"0", std::string{end_of_keys}}}});
  }
}

TEST_CASE("row 49: LATEST of a closed shard is its end") {
  Service service;
  service.put("x");
  REQUIRE(service.split(0, middle_of_keys));
  const auto end = service.read(service.at(Type::latest));
  CHECK(end.records.empty());
  CHECK_FALSE(end.next_shard_iterator);
  CHECK(end.child_shards.size() == 2);
}

TEST_CASE("row 50: an open shard always gives an iterator, and never children") {
  Service service;
  auto iterator = service.at(Type::trim_horizon);
  for (int i = 0; i < 1000; ++i) {
    const auto idle = service.read(iterator);
    REQUIRE(idle.next_shard_iterator);
    REQUIRE(idle.child_shards.empty());
    iterator = *idle.next_shard_iterator;
  }
}

TEST_CASE("row 51: a closed shard whose records have expired is not listed") {
  Service service;
  service.put("x");
  REQUIRE(service.split(0, middle_of_keys));
  CHECK(service.shard_names().size() == 3);
  service.env.clock.advance(25h);
  CHECK(service.shard_names() == Texts{shard_name(1), shard_name(2)});
  CHECK(service.client.describe_stream({.stream_name = "clicks"}).value().stream_description.shards.size() == 2);
}

TEST_CASE("row 52: after a split the filters name the children, all three, or the parent") {
  Service service;
  service.put("x");
  service.env.clock.advance(1ms);
  REQUIRE(service.split(0, middle_of_keys));
  CHECK(service.shard_names(Filter::at_latest) == Texts{shard_name(1), shard_name(2)});
  CHECK(service.shard_names(Filter::from_trim_horizon) == Texts{shard_name(0), shard_name(1), shard_name(2)});
  CHECK(service.shard_names(Filter::at_trim_horizon) == Texts{shard_name(0)});
}

TEST_CASE("row 53: shards are listed by a name or by a token, not by both or neither") {
  Service service{3};
  const auto token = service.client.list_shards({.stream_name = "clicks", .max_results = 2}).value().next_token.value();
  check_refused(service.client.list_shards({.stream_name = "clicks", .next_token = token}), Errc::invalid_argument,
                Cause::token_or_name);
  check_refused(service.client.list_shards({}), Errc::invalid_argument, Cause::token_or_name);
  const auto rest = service.client.list_shards({.next_token = token}).value();
  REQUIRE(rest.shards.size() == 1);
  CHECK(rest.shards[0].shard_id == shard_name(2));
  CHECK_FALSE(rest.next_token);
}

TEST_CASE("row 54: the shard count goes from half to twice, and a count between splits all and merges some") {
  Service service{4};
  const auto update = [&](int count) {
    return service.client.update_shard_count({.stream_name = "clicks", .target_shard_count = count});
  };
  check_refused(update(9), Errc::invalid_argument, Cause::resize_count);
  check_refused(update(1), Errc::invalid_argument, Cause::resize_count);
  const auto updated = update(5).value();
  CHECK(updated.current_shard_count == 4);
  CHECK(updated.target_shard_count == 5);
  CHECK(service.shards(Filter::at_latest).size() == 5);
  CHECK(service.shards().size() == 15);
}

TEST_CASE("row 55: an on-demand stream sees to its shards itself") {
  Service service{std::nullopt};
  REQUIRE(service.client.create_stream(
      {.stream_name = "clicks", .stream_mode_details = {weir::client::StreamMode::on_demand}}));
  CHECK(service.shards().size() == 4);
  check_refused(service.split(0, "1000"), Errc::validation, Cause::on_demand_shards);
  check_refused(service.merge(0, 1), Errc::validation, Cause::on_demand_shards);
  check_refused(service.client.update_shard_count({.stream_name = "clicks", .target_shard_count = 8}), Errc::validation,
                Cause::on_demand_shards);
}

}  // namespace
