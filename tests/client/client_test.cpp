#include "weir/client/client.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <thread>
#include <utility>

#include "client/service.hpp"
#include "support/watchdog.hpp"

namespace {

using namespace weir::client_tests;
using weir::Cause;
using weir::Errc;

TEST_CASE("a client of the real world goes through a day of a stream") {
  auto client = weir::Client<>::open().value();
  client.create_stream({.stream_name = "clicks", .shard_count = 2}).value();
  const auto put = client.put_record({.stream_name = "clicks", .data = "payload", .partition_key = "user-42"}).value();
  const auto iterator = client.get_shard_iterator({.stream_name = "clicks", .shard_id = put.shard_id}).value();
  const auto read = client.get_records({.shard_iterator = iterator.shard_iterator}).value();
  REQUIRE(read.records.size() == 1);
  CHECK(read.records[0].data.text() == "payload");
  CHECK(client.stream_exists("clicks"));
  client.delete_stream({.stream_name = "clicks"}).value();
  CHECK_FALSE(client.stream_exists("clicks"));
  CHECK_FALSE(client.stream_exists("no name at all"));
  check_refused(client.get_records({.shard_iterator = *read.next_shard_iterator}), Errc::resource_not_found,
                Cause::stream_missing);
}

TEST_CASE("a client moves, and what it handed out stays good") {
  Service service;
  service.put("x");
  const auto iterator = service.at(Type::trim_horizon);
  auto moved = std::move(service.client);
  CHECK(moved.get_records({.shard_iterator = iterator}).value().records.size() == 1);
}

TEST_CASE("clients know nothing of each other's streams and tokens") {
  Service service;
  Service other;
  service.put("x");
  check_refused(other.client.get_records({.shard_iterator = service.at(Type::trim_horizon)}), Errc::invalid_argument,
                Cause::token_text);
  CHECK(other.texts(other.at(Type::trim_horizon)).empty());
}

/// Which answers are right while others create, split, and delete.
bool expected(Errc code) {
  return code == Errc::resource_not_found || code == Errc::resource_in_use || code == Errc::invalid_argument ||
         code == Errc::limit_exceeded || code == Errc::expired_iterator;  // the clock takes days between two verbs
}

TEST_CASE("threads put and read while others reshard, list and delete") {
  const weir::support::Watchdog watchdog{"verbs of many threads"};
  Service service{std::nullopt, {.capacity = weir::bytes(1 << 14), .max_record = 64}};
  service.create("clicks", 2);
  std::atomic<bool> stop = false;
  std::atomic<int> unexpected = 0;
  std::atomic<int> stored = 0;
  const auto note = [&](const auto& result) {
    unexpected += result || expected(result.error().code) ? 0 : 1;
    return result.has_value();
  };
  {
    std::vector<std::jthread> threads;
    for (const auto* key : {"a", "b"}) {
      threads.emplace_back([&, key] {
        while (!stop) {
          stored +=
              note(service.client.put_record({.stream_name = "clicks", .data = "x", .partition_key = key})) ? 1 : 0;
        }
      });
    }
    threads.emplace_back([&] {
      while (!stop) {
        const auto shards = service.client.list_shards({.stream_name = "clicks", .max_results = 1000});
        note(shards);
        for (std::size_t i = 0; shards && i < shards->shards.size(); ++i) {
          auto iterator =
              service.client.get_shard_iterator({.stream_name = "clicks", .shard_id = shards->shards[i].shard_id});
          if (note(iterator)) {
            note(service.client.get_records({.shard_iterator = iterator->shard_iterator}));
          }
        }
        note(service.client.describe_stream_summary({.stream_name = "clicks"}));
        note(service.client.list_streams());
        static_cast<void>(service.client.describe_limits());
      }
    });
    for (int round = 0; round < 60; ++round) {
      if (round % 20 == 19) {
        note(service.client.delete_stream({.stream_name = "clicks"}));
        note(service.client.create_stream({.stream_name = "clicks", .shard_count = 2}));
      } else if (round % 3 == 0) {
        note(service.client.update_shard_count({.stream_name = "clicks", .target_shard_count = 4}));
      } else {
        note(service.client.update_shard_count({.stream_name = "clicks", .target_shard_count = round % 3 + 1}));
      }
      note(service.client.add_tags_to_stream({.stream_name = "clicks", .tags = {{"round", std::to_string(round)}}}));
      service.env.clock.advance(24h);
    }
    while (stored == 0) {  // they may not have begun yet
      std::this_thread::yield();
    }
    stop = true;
  }
  CHECK(unexpected == 0);
}

TEST_CASE("of threads that create one name one succeeds, and a held change is made once") {
  const weir::support::Watchdog watchdog{"creation and change by many threads"};
  Service service{std::nullopt};
  std::atomic<int> created = 0;
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 4; ++i) {
      threads.emplace_back(
          [&] { created += service.client.create_stream({.stream_name = "clicks", .shard_count = 1}) ? 1 : 0; });
    }
  }
  CHECK(created == 1);
  service.env.faults.hold(weir::Transition::updating);
  REQUIRE(service.split(0, middle_of_keys));
  service.env.faults.release(weir::Transition::updating);
  std::atomic<int> put = 0;
  {
    std::vector<std::jthread> threads;
    for (const auto* hash : {"0", "1", "2", "3"}) {
      threads.emplace_back([&, hash] {
        const auto response = service.client.put_record(
            {.stream_name = "clicks", .data = "x", .partition_key = "key", .explicit_hash_key = hash});
        put += response && response->shard_id == shard_name(1) ? 1 : 0;
      });
    }
  }
  CHECK(put == 4);
  CHECK(service.shards().size() == 3);
}

}  // namespace
