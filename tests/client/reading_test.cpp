#include "weir/client/reading.hpp"

#include <doctest/doctest.h>

#include "client/service.hpp"

namespace {

using namespace weir::client_tests;
using weir::Cause;
using weir::Errc;

TEST_CASE("a record comes back with its number, its key, its data and its arrival") {
  Service service;
  const auto put = service.put(std::string_view{"a\0b", 3}, "user-42");
  const auto response = service.read(service.at(Type::trim_horizon));
  REQUIRE(response.records.size() == 1);
  const auto& record = response.records.front();
  CHECK(record.sequence_number == put.sequence_number);
  CHECK(record.partition_key == "user-42");
  CHECK(record.data.text() == std::string_view{"a\0b", 3});
  CHECK(record.approximate_arrival_timestamp == service.env.clock.now());
  CHECK(put.shard_id == shard_name(0));
}

TEST_CASE("the fields of an iterator are checked before the stream, and what they mean after it") {
  Service service;
  check_refused(service.client.get_shard_iterator({.stream_name = "no name", .shard_id = "0"}), Errc::validation,
                Cause::stream_name);
  check_refused(service.client.get_shard_iterator({.stream_name = "unknown", .shard_id = "x"}),
                Errc::resource_not_found, Cause::shard_id_syntax);
  check_refused(service.client.get_shard_iterator({.stream_name = "unknown", .shard_id = "0"}),
                Errc::resource_not_found, Cause::stream_missing);
  check_refused(service.ask(Type::latest, {}, 1), Errc::resource_not_found, Cause::unknown_shard);
  check_refused(service.ask(Type::latest, "1", 1), Errc::resource_not_found, Cause::unknown_shard);
}

TEST_CASE("an iterator expires when a test wants it to, and its text stays good") {
  Service service;
  service.put("x");
  const auto iterator = service.at(Type::trim_horizon);
  service.env.faults.expire_iterator(2);
  CHECK(service.texts(iterator) == Texts{"x"});
  check_refused(service.client.get_records({.shard_iterator = iterator, .limit = 0}), Errc::validation,
                Cause::page_limit);
  CHECK_FALSE(service.client.get_records({.shard_iterator = "no token"}));
  CHECK(service.env.faults.hits().expired == 0);
  check_refused(service.client.get_records({.shard_iterator = iterator}), Errc::expired_iterator, Cause::fault_planned,
                {"number 1"});
  CHECK(service.texts(iterator) == Texts{"x"});
}

TEST_CASE("an expired shard is neither read nor asked for, whether or not somebody has listed the shards since") {
  for (const bool listed : {false, true}) {
    CAPTURE(listed);
    Service service{1};
    service.put("x");
    REQUIRE(service.split(0, "1000"));
    service.env.clock.advance(24h);
    const auto iterator = service.at(Type::trim_horizon);
    service.env.clock.advance(1ms);
    if (listed) {
      CHECK(service.client.list_shards({.stream_name = "clicks"})->shards.size() == 2);
    }
    check_refused(service.client.get_records({.shard_iterator = iterator}), Errc::resource_not_found,
                  Cause::shard_expired);
    check_refused(service.ask(Type::trim_horizon), Errc::resource_not_found, Cause::shard_expired);
  }
}

TEST_CASE("a shard over its rate is not read, and gives no iterator") {
  Service service{2, {.limits = {.bytes_out = 1000, .reads_out = 2}}};
  const auto iterator = service.at(Type::latest);
  REQUIRE(service.ask(Type::latest));
  check_refused(service.ask(Type::latest), Errc::throughput_exceeded, Cause::iterator_rate, {"shard 0", "2"});
  CHECK(service.ask(Type::latest, {}, 1));
  service.put(std::string(1000, 'x'), "a");
  CHECK(service.texts(iterator).size() == 1);
  const auto read = [&] { return service.client.get_records({.shard_iterator = iterator}); };
  check_refused(read(), Errc::throughput_exceeded, Cause::read_byte_rate);
  service.env.clock.advance(1001ms);  // the key counts too
  CHECK(read());
  service.env.clock.advance(2s);
  REQUIRE(read());
}

TEST_CASE("a shard is read as often as its rate has it, however much an answer takes") {
  Service service{1, {.limits = {.reads_out = 2}}};
  for (int i = 0; i < 20; ++i) {
    service.put(std::string(100'000, 'x'));  // far more than the stream gives in one piece
  }
  const auto iterator = service.at(Type::trim_horizon);
  CHECK(service.texts(iterator).size() == 20);
  CHECK(service.texts(iterator).size() == 20);
  check_refused(service.client.get_records({.shard_iterator = iterator}), Errc::throughput_exceeded, Cause::read_rate,
                {"2 reads"});
}

TEST_CASE("without an end of time an iterator goes on through its answers") {
  Service service;
  auto iterator = service.at(Type::trim_horizon);
  for (int i = 0; i < 100; ++i) {
    service.env.clock.advance(4min);
    service.put(std::to_string(i));
    const auto response = service.read(iterator);
    REQUIRE(Service::data_of(response) == Texts{std::to_string(i)});
    iterator = response.next_shard_iterator.value();
  }
}

TEST_CASE("a number beyond the newest waits for the record that has it or a higher one") {
  Service service;
  const auto last = weir::parse_decimal(service.put("1").sequence_number).value();
  const auto number = weir::to_decimal({last.value() + 2, last.shard(), last.incarnation()});
  auto response = service.read(service.at(Type::at_sequence_number, number));
  CHECK(response.records.empty());
  service.put("2");
  response = service.read(response.next_shard_iterator.value());
  CHECK(response.records.empty());
  service.put("3");
  CHECK(service.texts(response.next_shard_iterator.value()) == Texts{"3"});
}

TEST_CASE("AT_TIMESTAMP is kept by answers without records") {
  Service service;
  service.put("before");
  service.env.clock.advance(10ms);
  const auto empty = service.read(service.at(Type::at_timestamp, {}, 0, service.env.clock.now()));
  CHECK(empty.records.empty());
  service.put("then");
  CHECK(service.texts(empty.next_shard_iterator.value()) == Texts{"then"});
}

TEST_CASE("a moment that a clock is set back from is waited for once more, by token after token") {
  Service service;
  const auto moment = service.env.clock.now();
  service.put("earlier");
  service.env.clock.advance(10s);
  auto iterator = service.at(Type::at_timestamp, {}, 0, moment + 10s);
  service.env.clock.set(moment);
  for (int i = 0; i < 3; ++i) {
    service.put("not yet");
    const auto empty = service.read(iterator);
    CHECK(empty.records.empty());
    CHECK(empty.millis_behind_latest == 0);
    CHECK(empty.child_shards.empty());
    REQUIRE(empty.next_shard_iterator);
    CHECK(*empty.next_shard_iterator != iterator);
    iterator = *empty.next_shard_iterator;
    service.env.clock.advance(1ms);
  }
  check_refused(service.ask(Type::at_timestamp, {}, 0, moment + 10s), Errc::invalid_argument,
                Cause::timestamp_in_future);
  service.env.clock.set(moment + 9'999ms);
  service.put("not yet");
  service.env.clock.set(moment + 10s);
  service.put("then");
  CHECK(service.texts(iterator) == Texts{"then"});
}

TEST_CASE("a closed shard has no record of a moment that a clock was set back from, and ends") {
  Service service;
  service.put("earlier");
  service.env.clock.advance(10s);
  const auto iterator = service.at(Type::at_timestamp, {}, 0, service.env.clock.now());
  service.env.clock.advance(-5s);
  REQUIRE(service.split(0, middle_of_keys));
  const auto end = service.read(iterator);
  CHECK(end.records.empty());
  CHECK_FALSE(end.next_shard_iterator);
  CHECK(end.child_shards.size() == 2);
}

TEST_CASE("a reader that is lapped between two answers is told how many records it missed") {
  Service service{1, {.capacity = weir::bytes(4096), .max_record = 64}};
  service.put("1");
  const auto first = service.read(service.at(Type::trim_horizon));
  std::uint64_t put = 0;
  for (; put < 1000; ++put) {
    service.put("x");
  }
  const auto second = service.read(first.next_shard_iterator.value());
  CHECK(first.missed == 0);
  CHECK(second.missed > 0);
  CHECK(second.missed + second.records.size() == put);
}

TEST_CASE("a closed shard ends with the answer that has its last record, not with the one before") {
  Service service;
  for (int i = 0; i < 20; ++i) {
    service.put(std::string(512 << 10, 'x'));  // of which 19 are an answer
  }
  REQUIRE(service.split(0, middle_of_keys));
  const auto first = service.read(service.at(Type::trim_horizon));
  CHECK(first.records.size() == 19);
  CHECK(first.child_shards.empty());
  const auto last = service.read(first.next_shard_iterator.value());
  CHECK(last.records.size() == 1);
  CHECK_FALSE(last.next_shard_iterator);
  CHECK(last.child_shards.size() == 2);
}

TEST_CASE("the ending number of a closed shard is no record's, and leads to the end at once") {
  for (const auto records : {0U, 3U}) {
    Service service;
    for (auto i = 0U; i < records; ++i) {
      service.put("x");
    }
    REQUIRE(service.split(0, middle_of_keys));
    const auto ending = service.shards().front().sequence_number_range.ending_sequence_number.value();
    for (const auto& record : service.read(service.at(Type::trim_horizon)).records) {
      CHECK(record.sequence_number != ending);
    }
    for (const auto type : {Type::at_sequence_number, Type::after_sequence_number}) {
      const auto end = service.read(service.at(type, ending));
      CHECK(end.records.empty());
      CHECK(end.missed == 0);
      CHECK_FALSE(end.next_shard_iterator);
      CHECK(end.child_shards.size() == 2);
    }
  }
}

TEST_CASE("the largest answer has 10000 records") {
  Service service;
  for (int i = 0; i < 21; ++i) {
    CHECK(service.client.put_records({.stream_name = "clicks", .records = {500, {"x", "key", {}}}}));
  }
  const auto first = service.read(service.at(Type::trim_horizon));
  CHECK(first.records.size() == 10'000);
  CHECK(first.millis_behind_latest > 0);
  CHECK(service.read(first.next_shard_iterator.value()).records.size() == 500);
}

}  // namespace
