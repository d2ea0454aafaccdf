#include "weir/client/read_limits.hpp"

#include <doctest/doctest.h>

namespace {

using namespace std::chrono_literals;
using weir::Cause;
using weir::Errc;
using weir::ShardId;
using weir::Timestamp;
using weir::detail::ReadLimits;

constexpr Timestamp noon{1'000'000'000'000ms};

TEST_CASE("without limits nothing is refused") {
  ReadLimits limits{{}};
  for (int i = 0; i < 1000; ++i) {
    CHECK_FALSE(limits.admit_iterator(ShardId{0}, noon));
    CHECK_FALSE(limits.admit_read(ShardId{0}, noon));
    limits.charge_read(ShardId{0}, 10 << 20, noon);
  }
}

TEST_CASE("a shard gives five iterators and five answers a second, whatever others give") {
  ReadLimits limits{weir::kinesis_limits()};
  for (const auto shard : {ShardId{0}, ShardId{1}}) {
    for (int i = 0; i < 5; ++i) {
      CHECK_FALSE(limits.admit_iterator(shard, noon));
      CHECK_FALSE(limits.admit_read(shard, noon));
    }
    const auto iterator = limits.admit_iterator(shard, noon);
    REQUIRE(iterator);
    CHECK(*iterator == weir::Failure{Errc::throughput_exceeded, Cause::iterator_rate, shard.index(), 5});
    const auto read = limits.admit_read(shard, noon);
    REQUIRE(read);
    CHECK(read->code == Errc::throughput_exceeded);
    CHECK(read->cause == Cause::read_rate);
  }
  CHECK_FALSE(limits.admit_iterator(ShardId{0}, noon + 200ms));
  CHECK(limits.admit_iterator(ShardId{0}, noon + 200ms));
}

TEST_CASE("an answer of 10 MiB keeps a shard's readers waiting for five seconds, and its iterators go on") {
  ReadLimits limits{weir::kinesis_limits()};
  REQUIRE_FALSE(limits.admit_read(ShardId{0}, noon));
  limits.charge_read(ShardId{0}, 10 << 20, noon);
  const auto refused = limits.admit_read(ShardId{0}, noon + 4999ms);
  REQUIRE(refused);
  CHECK(refused->cause == Cause::read_byte_rate);
  CHECK_FALSE(limits.admit_iterator(ShardId{0}, noon));
  CHECK_FALSE(limits.admit_read(ShardId{1}, noon));
  CHECK_FALSE(limits.admit_read(ShardId{0}, noon + 5s));
}

}  // namespace
