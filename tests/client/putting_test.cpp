#include "weir/client/putting.hpp"

#include <doctest/doctest.h>

#include "client/service.hpp"

namespace {

using namespace weir::client_tests;
using weir::Cause;
using weir::Errc;

TEST_CASE("fields are checked before the stream, and what they mean after it") {
  Service service;
  const auto put = [&](std::string_view stream, std::string_view key, std::optional<std::string_view> hash = {}) {
    return service.client.put_record(
        {.stream_name = stream, .data = "x", .partition_key = key, .explicit_hash_key = hash});
  };
  check_refused(put("no name", ""), Errc::validation, Cause::stream_name);
  check_refused(put("unknown", ""), Errc::validation, Cause::key_empty);
  check_refused(put("unknown", "key", "01"), Errc::validation, Cause::hash_key_syntax);
  check_refused(put("unknown", "key", beyond_keys), Errc::resource_not_found, Cause::stream_missing);
  check_refused(put("clicks", "key", beyond_keys), Errc::invalid_argument, Cause::hash_key_range);
  const auto put_two = [&](std::string_view stream, std::string_view key, std::optional<std::string_view> hash = {}) {
    return service.client.put_records({.stream_name = stream, .records = {{"x", "key", {}}, {"x", key, hash}}});
  };
  check_refused(put_two("no name", ""), Errc::validation, Cause::stream_name);
  check_refused(put_two("unknown", ""), Errc::validation, Cause::key_empty);
  check_refused(put_two("unknown", "key", "x"), Errc::validation, Cause::hash_key_syntax);
  check_refused(put_two("unknown", "key"), Errc::resource_not_found, Cause::stream_missing);
  CHECK(service.texts(service.at(Type::trim_horizon)).empty());
}

TEST_CASE("a request is 5 MiB at most, keys included") {
  Service service;
  const std::string data((1 << 20) - 3, 'x');
  std::vector<weir::client::PutRecordsRequestEntry> entries(5, {data, "key", {}});
  CHECK(service.client.put_records({.stream_name = "clicks", .records = entries}).value().failed_record_count == 0);
  entries.push_back({"", "k", {}});
  check_refused(service.client.put_records({.stream_name = "clicks", .records = entries}), Errc::invalid_argument,
                Cause::request_bytes, {"5242881", "5242880"});
  CHECK(service.read(service.at(Type::trim_horizon)).records.size() == 5);
}

TEST_CASE("an answer has an entry for each of the request, wherever it went") {
  Service service{3};
  const auto response =
      service.client
          .put_records({.stream_name = "clicks",
                        .records = {{"1", "e", {}}, {"2", "a", {}}, {"3", "e", end_of_keys}, {"4", "b", {}}}})
          .value();
  Texts shards;
  for (const auto& entry : response.records) {
    shards.push_back(entry.shard_id.value());
  }
  CHECK(shards == Texts{shard_name(2), shard_name(0), shard_name(2), shard_name(1)});
  CHECK(response.failed_record_count == 0);
  CHECK(service.texts(service.at(Type::at_sequence_number, response.records[0].sequence_number, 2)) == Texts{"1", "3"});
}

TEST_CASE("an entry that fails otherwise is an internal failure") {
  Service service;
  service.env.faults.fail_every(2);
  const auto response =
      service.client.put_records({.stream_name = "clicks", .records = {{"1", "k", {}}, {"2", "k", {}}, {"3", "k", {}}}})
          .value();
  CHECK(response.failed_record_count == 1);
  CHECK(response.records.at(1).error_code == "InternalFailure");
  CHECK_FALSE(response.records.at(1).error_message.value_or("").empty());
  check_refused(service.client.put_record({.stream_name = "clicks", .data = "4", .partition_key = "k"}),
                Errc::internal_failure, Cause::fault_planned);
}

}  // namespace
