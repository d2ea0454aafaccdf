#include "weir/client/control.hpp"

#include <doctest/doctest.h>

#include "client/service.hpp"

namespace {

using namespace weir::client_tests;
using weir::Cause;
using weir::Errc;
using weir::Transition;
using weir::client::StreamMode;
using weir::client::StreamStatus;

weir::Result<weir::client::UpdateShardCountResponse> resize(Service& service, int count) {
  return service.client.update_shard_count({.stream_name = "clicks", .target_shard_count = count});
}
weir::Result<void> set_mode(Service& service, StreamMode mode) {
  return service.client.update_stream_mode({.stream_name = "clicks", .stream_mode_details = {mode}});
}
weir::Result<void> retain(Service& service, int hours) {
  return service.client.increase_stream_retention_period({.stream_name = "clicks", .retention_period_hours = hours});
}
weir::client::StreamDescriptionSummary summary(Service& service) {
  return service.client.describe_stream_summary({.stream_name = "clicks"}).value().stream_description_summary;
}

TEST_CASE("a stream is created active, with four shards and 24 hours when nothing else is said") {
  Service service{std::nullopt};
  REQUIRE(service.client.create_stream({.stream_name = "clicks"}));
  CHECK(summary(service).stream_status == StreamStatus::active);
  CHECK(summary(service).open_shard_count == 4);
  CHECK(summary(service).retention_period_hours == 24);
  CHECK(summary(service).stream_mode_details.stream_mode == StreamMode::provisioned);
  CHECK(summary(service).stream_creation_timestamp == service.env.clock.now());
  CHECK(summary(service).max_record_size_in_kib == 1024);
}

TEST_CASE("fields of a stream that break their constraint are told") {
  Service service{std::nullopt};
  check_refused(service.client.create_stream({.stream_name = "no name"}), Errc::validation, Cause::stream_name);
  for (const int count : {0, -1, 10'001}) {
    check_refused(service.client.create_stream({.stream_name = "clicks", .shard_count = count}), Errc::validation,
                  Cause::shard_count);
  }
  for (const int kib : {1023, 10'241}) {
    check_refused(service.client.create_stream({.stream_name = "clicks", .max_record_size_in_kib = kib}),
                  Errc::validation, Cause::record_kib);
  }
  CHECK_FALSE(service.client.stream_exists("clicks"));
}

TEST_CASE("a record size is the stream's own, as far as the capacity allows") {
  Service service{std::nullopt, {.capacity = weir::bytes(128 << 20)}};
  REQUIRE(service.client.create_stream({.stream_name = "clicks", .shard_count = 1, .max_record_size_in_kib = 2048}));
  CHECK(summary(service).max_record_size_in_kib == 2048);
  service.put(std::string((2 << 20) - 3, 'x'));
  check_refused(service.client.put_record(
                    {.stream_name = "clicks", .data = std::string((2 << 20) - 2, 'x'), .partition_key = "key"}),
                Errc::validation, Cause::record_size);
  check_refused(service.client.create_stream({.stream_name = "larger", .max_record_size_in_kib = 10'240}),
                Errc::invalid_argument, Cause::record_limit);
}

TEST_CASE("an account has so many open shards, whichever verb asks for more") {
  Service service{std::nullopt, {.shard_limit = 5}};
  check_refused(service.client.create_stream({.stream_name = "clicks", .shard_count = 6}), Errc::limit_exceeded,
                Cause::shard_quota, {"6", "5"});
  service.create("other", 1);
  service.create("clicks", 3);
  REQUIRE(service.split(0, "1000"));
  check_refused(service.split(1, middle_of_keys), Errc::limit_exceeded, Cause::shard_quota);
  check_refused(resize(service, 5), Errc::limit_exceeded, Cause::shard_quota);
  check_refused(service.client.create_stream({.stream_name = "more", .shard_count = 1}), Errc::limit_exceeded,
                Cause::shard_quota);
  REQUIRE(service.merge(3, 4));
  service.create("more", 1);
  REQUIRE(service.client.delete_stream({.stream_name = "other"}));
  CHECK(resize(service, 4));
}

TEST_CASE("what a held change will have opened counts already") {
  Service service{2, {.shard_limit = 3}};
  service.env.faults.hold(Transition::updating);
  REQUIRE(service.split(0, "1000"));
  check_refused(service.client.create_stream({.stream_name = "more", .shard_count = 1}), Errc::limit_exceeded,
                Cause::shard_quota);
  CHECK(service.client.describe_limits().open_shard_count == 3);
}

TEST_CASE("five streams are created at a time") {
  Service service{std::nullopt};
  service.env.faults.hold(Transition::creating);
  for (const auto* name : {"a", "b", "c", "d", "e"}) {
    service.create(name);
  }
  check_refused(service.client.create_stream({.stream_name = "f"}), Errc::limit_exceeded, Cause::creating_quota);
  REQUIRE(service.client.delete_stream({.stream_name = "a"}));  // in any state but these: updating, deleting
  CHECK(service.client.create_stream({.stream_name = "f"}));
  service.env.faults.release(Transition::creating);
  CHECK(service.client.create_stream({.stream_name = "g"}));
}

TEST_CASE("a deletion needs a stream that is there and not being changed") {
  Service service;
  check_refused(service.client.delete_stream({.stream_name = "unknown"}), Errc::resource_not_found,
                Cause::stream_missing);
  service.env.faults.hold(Transition::updating);
  REQUIRE(service.split(0, middle_of_keys));
  check_refused(service.client.delete_stream({.stream_name = "clicks"}), Errc::resource_in_use,
                Cause::stream_not_active);
  service.env.faults.release(Transition::updating);
  service.env.faults.hold(Transition::deleting);
  REQUIRE(service.client.delete_stream({.stream_name = "clicks"}));
  check_refused(service.client.delete_stream({.stream_name = "clicks"}), Errc::resource_in_use,
                Cause::stream_not_active);
  CHECK(service.client.stream_exists("clicks"));
  service.env.faults.release(Transition::deleting);
  CHECK_FALSE(service.client.stream_exists("clicks"));
}

TEST_CASE("a stream in any other state than active is not changed") {
  Service service{2};
  const auto in_use = [](const auto& result) {
    check_refused(result, Errc::resource_in_use, Cause::stream_not_active);
  };
  const auto none_changes = [&] {
    in_use(service.split(0, "1000"));
    in_use(service.merge(0, 1));
    in_use(resize(service, 4));
    in_use(retain(service, 48));
    in_use(set_mode(service, StreamMode::on_demand));
  };
  service.env.faults.hold(Transition::updating);
  REQUIRE(retain(service, 72));
  none_changes();
  CHECK(summary(service).retention_period_hours == 24);
  service.env.faults.release(Transition::updating);
  CHECK(summary(service).retention_period_hours == 72);
  service.env.faults.hold(Transition::deleting);
  REQUIRE(service.client.delete_stream({.stream_name = "clicks"}));
  none_changes();
  service.env.faults.clear();
  service.env.faults.hold(Transition::creating);
  service.create("clicks", 2);
  none_changes();
}

TEST_CASE("arguments that cannot be are refused though the change would be held") {
  Service service{4};
  service.env.faults.hold(Transition::updating);
  check_refused(service.split(0, "1"), Errc::invalid_argument, Cause::split_key);
  check_refused(service.merge(1, 0), Errc::invalid_argument, Cause::not_adjacent);
  check_refused(resize(service, 9), Errc::invalid_argument, Cause::resize_count);
  CHECK(service.status() == StreamStatus::active);
  service.env.faults.clear();
  REQUIRE(service.split(0, "2"));  // a shard of two keys
  service.env.faults.hold(Transition::updating);
  check_refused(resize(service, 6), Errc::invalid_argument, Cause::split_too_small);
  CHECK(service.status() == StreamStatus::active);
}

TEST_CASE("shards are named as leniently as the service has it, and checked before the stream") {
  Service service;
  const auto split = [&](std::string_view stream, std::string_view shard, std::string_view key) {
    return service.client.split_shard({.stream_name = stream, .shard_to_split = shard, .new_starting_hash_key = key});
  };
  check_refused(split("unknown", "shardId-x", "2"), Errc::resource_not_found, Cause::shard_id_syntax);
  check_refused(split("unknown", "0", "02"), Errc::validation, Cause::hash_key_syntax, {"the hash key is no"});
  check_refused(split("unknown", "0", "2"), Errc::resource_not_found, Cause::stream_missing);
  check_refused(split("clicks", "7", "2"), Errc::resource_not_found, Cause::unknown_shard);
  check_refused(split("clicks", "0", beyond_keys), Errc::invalid_argument, Cause::hash_key_range,
                {"the hash key 3402"});
  CHECK(split("clicks", "shard-0", "2"));
  const auto merge = [&](std::string_view lower, std::string_view upper) {
    return service.client.merge_shards(
        {.stream_name = "clicks", .shard_to_merge = lower, .adjacent_shard_to_merge = upper});
  };
  check_refused(merge("1", "7"), Errc::resource_not_found, Cause::unknown_shard);
  check_refused(merge("7", "1"), Errc::resource_not_found, Cause::unknown_shard);
  check_refused(merge("1", ""), Errc::validation, Cause::shard_id_text);
  CHECK(merge("1", "2"));
}

TEST_CASE("a shard count is changed ten times within 24 hours, and the present count changes nothing") {
  Service service{2};
  for (int i = 0; i < 5; ++i) {
    REQUIRE(resize(service, 3));
    REQUIRE(resize(service, 2));
  }
  check_refused(resize(service, 3), Errc::limit_exceeded, Cause::resize_rate, {"10"});
  CHECK(resize(service, 2).value().current_shard_count == 2);
  service.env.clock.advance(24h - 1ms);
  check_refused(resize(service, 3), Errc::limit_exceeded, Cause::resize_rate);
  service.env.clock.advance(1ms);
  CHECK(resize(service, 3));
  for (const int count : {0, -1, 10'001}) {
    check_refused(resize(service, count), Errc::validation, Cause::shard_count);
  }
}

TEST_CASE("shard counts leave as many shards as the service was seen to have") {
  struct Seen {
    int from, to;
    std::size_t all;
  };
  for (const auto& seen : {Seen{2, 4, 6}, {4, 5, 15}, {10, 13, 37}, {4, 2, 6}, {5, 3, 7}}) {
    Service service{seen.from};
    REQUIRE(resize(service, seen.to));
    CAPTURE(seen.from);
    CHECK(service.shards(Filter::at_latest).size() == static_cast<std::size_t>(seen.to));
    CHECK(service.shards().size() == seen.all);
  }
}

TEST_CASE("a mode is changed twice within 24 hours, and the shards stay") {
  Service service{3};
  REQUIRE(set_mode(service, StreamMode::on_demand));
  CHECK(set_mode(service, StreamMode::on_demand));  // which is no change
  CHECK(summary(service).stream_mode_details.stream_mode == StreamMode::on_demand);
  CHECK(summary(service).open_shard_count == 3);
  REQUIRE(set_mode(service, StreamMode::provisioned));
  check_refused(set_mode(service, StreamMode::on_demand), Errc::limit_exceeded, Cause::mode_rate);
  service.env.clock.advance(24h);
  CHECK(set_mode(service, StreamMode::on_demand));
}

TEST_CASE("an account has so many on-demand streams, created or changed to") {
  Service service{2, {.shard_limit = 4, .on_demand_limit = 1}};
  REQUIRE(service.client.create_stream({.stream_name = "a", .stream_mode_details = {StreamMode::on_demand}}));
  check_refused(service.client.create_stream({.stream_name = "b", .stream_mode_details = {StreamMode::on_demand}}),
                Errc::limit_exceeded, Cause::on_demand_quota);
  check_refused(set_mode(service, StreamMode::on_demand), Errc::limit_exceeded, Cause::on_demand_quota);
  check_refused(service.client.update_stream_mode({.stream_name = "a", .stream_mode_details = {}}),
                Errc::limit_exceeded, Cause::shard_quota);  // its four shards would be two too many
}

TEST_CASE("a change of mode that is held is one all the same") {
  Service service{2, {.on_demand_limit = 1}};
  service.create("other", 1);
  service.env.faults.hold(Transition::updating);
  REQUIRE(set_mode(service, StreamMode::on_demand));
  check_refused(
      service.client.update_stream_mode({.stream_name = "other", .stream_mode_details = {StreamMode::on_demand}}),
      Errc::limit_exceeded, Cause::on_demand_quota);
  CHECK(summary(service).stream_mode_details.stream_mode == StreamMode::provisioned);
  service.env.faults.release(Transition::updating);
  CHECK(summary(service).stream_mode_details.stream_mode == StreamMode::on_demand);
}

}  // namespace
