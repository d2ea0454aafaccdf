#include "weir/client/account.hpp"

#include <doctest/doctest.h>

#include <limits>
#include <memory>
#include <string>

#include "weir/testing/manual_clock.hpp"

namespace {

using weir::Cause;
using weir::Errc;
using weir::client::StreamMode;
using Account = weir::detail::Account<weir::testing::ManualEnv>;

void add(Account& account, const std::string& name, int shards, StreamMode mode) {
  auto stream = Account::Entry::stream_type::open({.name = name, .shards = shards}, {}, account.env).value();
  account.streams.add(
      std::make_shared<Account::Entry>(name, std::move(stream), mode, account.now(), weir::Limits{}, 1));
}

void check_refused(const weir::Result<void>& result, Cause cause, std::uint64_t value, std::uint64_t limit) {
  REQUIRE_FALSE(result.has_value());
  CHECK(result.error() == weir::Failure{Errc::limit_exceeded, cause, value, limit});
}

TEST_CASE("open shards of provisioned streams count, and on-demand streams by themselves") {
  Account account{{}, {}};
  add(account, "a", 3, StreamMode::provisioned);
  add(account, "b", 4, StreamMode::on_demand);
  add(account, "c", 2, StreamMode::provisioned);
  CHECK(account.usage().open_shards == 5);
  CHECK(account.usage().on_demand == 1);
  CHECK(account.usage().creating == 0);
  account.env.faults.hold(weir::Transition::creating);
  add(account, "d", 1, StreamMode::provisioned);
  CHECK(account.usage().creating == 1);
  CHECK(account.usage().open_shards == 6);
}

TEST_CASE("as many shards and on-demand streams as the account may have, and no more") {
  Account account{{.shard_limit = 5, .on_demand_limit = 1}, {}};
  add(account, "a", 3, StreamMode::provisioned);
  CHECK(account.check_shards(2));
  check_refused(account.check_shards(3), Cause::shard_quota, 6, 5);
  CHECK(account.check_on_demand());
  add(account, "b", 4, StreamMode::on_demand);
  check_refused(account.check_on_demand(), Cause::on_demand_quota, 2, 1);
  CHECK(account.check_shards(2));
}

TEST_CASE("a limit below zero is none at all") {
  Account account{{.shard_limit = -1, .on_demand_limit = std::numeric_limits<int>::min()}, {}};
  check_refused(account.check_shards(1), Cause::shard_quota, 1, 0);
  check_refused(account.check_on_demand(), Cause::on_demand_quota, 1, 0);
}

}  // namespace
