#include "weir/stream/keeping.hpp"

#include "stream/rings.hpp"

namespace weir::stream_tests {
namespace {

using namespace std::chrono_literals;

using Stream =
    weir::Stream<std::uint64_t, WEIR_TESTS_STORAGE, Options{.delivery = Delivery::gated}, testing::ManualEnv>;

TEST_CASE("those who hold the writers are told and evicted by their places") {
  testing::ManualEnv env;
  auto stream = Stream::open({.capacity = records(8), .readers = 2}, {}, env).value();
  auto& shard = *stream.shard(ShardId{0}).value();
  CHECK(detail::readers_of(shard).empty());
  auto reader = stream.iterator(ShardId{0}, Position::trim_horizon()).value();
  stream.put("a", 1).value();
  const auto all = detail::readers_of(shard);
  REQUIRE(all.size() == 1);
  CHECK(all[0].id == reader.reader_id());
  CHECK(all[0].unreleased == 1);
  CHECK(all[0].next == shard.number(1));
  detail::evict_from(shard, all[0].id.place).value();
  check_refused(detail::evict_from(shard, all[0].id.place), Errc::resource_not_found, Cause::unknown_reader, {"0"});
  check_refused(detail::evict_from(shard, ReaderPlace{77, 1}), Errc::resource_not_found, Cause::unknown_reader, {});
}

TEST_CASE("room is made where nobody is registered, of what has expired and of nothing else") {
  testing::ManualEnv env;
  auto stream = Stream::open({.capacity = records(8), .retention = 10s}, {}, env).value();
  auto& shard = *stream.shard(ShardId{0}).value();
  for (std::uint64_t n = 0; n < 3; ++n) {
    stream.put("a", n).value();
  }
  env.clock.advance(5s);
  stream.put("a", 3).value();
  CHECK_FALSE(detail::made_room(shard));
  env.clock.advance(6s);
  {
    const auto reader = stream.iterator(ShardId{0}, Position::trim_horizon()).value();
    CHECK_FALSE(detail::made_room(shard));
  }
  const auto before = shard.log().gate().left_at();
  CHECK(detail::made_room(shard));
  CHECK(shard.log().gate().left_at() == before + 3);
  CHECK_FALSE(detail::made_room(shard));
}

}  // namespace
}  // namespace weir::stream_tests
