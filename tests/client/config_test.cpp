#include "weir/client/config.hpp"

#include <doctest/doctest.h>

#include "client/service.hpp"

namespace {

using namespace weir::client_tests;
using weir::Cause;
using weir::ClientConfig;
using weir::Errc;

TEST_CASE("by default a client has the service's sizes, and no rates") {
  const ClientConfig config;
  CHECK(config.max_record == 1 << 20);
  CHECK(config.max_request == 5 << 20);
  CHECK(config.shard_limit == 10'000);
  CHECK(config.limits == weir::Limits{});
}

TEST_CASE("the default capacity is the least that holds the default record") {
  const ClientConfig config;
  CHECK(weir::Client<>::open({.capacity = weir::bytes(config.capacity.count / 2)}).error().cause ==
        Cause::record_limit);
  CHECK(weir::Client<>::open({.capacity = weir::bytes(config.capacity.count / 2), .max_record = 1 << 19}));
}

TEST_CASE("a client is not opened with what cannot be") {
  check_refused(weir::Client<>::open({.capacity = weir::bytes(3 << 20)}), Errc::invalid_argument,
                Cause::capacity_not_power_of_two);
  check_refused(weir::Client<>::open({.capacity = weir::records(4096)}), Errc::invalid_argument, Cause::capacity_unit);
  check_refused(weir::Client<>::open({.max_record = -1}), Errc::invalid_argument, Cause::record_limit);
  check_refused(weir::Client<>::open({.limits = {.records_in = -1}}), Errc::invalid_argument, Cause::limit_rate);
}

TEST_CASE("shards of a smaller capacity keep less, and take smaller records") {
  Service service{1, {.capacity = weir::bytes(4096), .max_record = 90}};
  CHECK(service.client.put_record({.stream_name = "clicks", .data = std::string(87, 'x'), .partition_key = "key"}));
  check_refused(
      service.client.put_record({.stream_name = "clicks", .data = std::string(88, 'x'), .partition_key = "key"}),
      Errc::validation, Cause::record_size, {"91", "90"});
}

}  // namespace
