#include "weir/stream/stream_state.hpp"

#include "stream/rings.hpp"
#include "support/held_storage.hpp"
#include "weir/stream/reshard.hpp"

namespace weir::stream_tests {
namespace {

using namespace std::chrono_literals;

template <class Ring>
using Kept = weir::Stream<typename Ring::payload, support::HeldStorage, Ring::options, testing::ManualEnv>;

template <class Stream>
Numbers values_in(Stream& stream, auto number_in) {
  Numbers numbers;
  auto reader = stream.reader(Position::trim_horizon()).value();
  while (auto batch = reader.read()) {
    CHECK(batch.missed() == 0);
    for (const auto& record : batch) {
      numbers.push_back(number_in(record.value()));
    }
  }
  return numbers;
}

TEST_CASE_TEMPLATE("a stream that was resharded is found again with its lineage, and goes on", Ring, ManyColumns,
                   OneColumn, Texts) {
  support::HeldStorage storage;
  testing::ManualEnv env;
  const StreamConfig config{.shards = 2, .capacity = Ring::capacity, .closed_bytes = std::int64_t{1} << 30};
  std::vector<ShardDescription> before;
  const HashKey low{0}, high = HashKey::largest();
  {
    auto stream = Kept<Ring>::open(config, storage, env).value();
    const auto put = [&](const HashKey& hash, std::uint64_t n) { stream.put({"k", &hash}, Ring::value_of(n)).value(); };
    put(low, 1);
    put(high, 2);
    env.clock.advance(3s);
    merge(stream, ShardId{0}, ShardId{1}).value();
    put(low, 3);
    env.clock.advance(3s);
    split(stream, ShardId{2}, HashKey{77}).value();
    put(low, 4);
    put(high, 5);
    before = stream.shards();
    stream.leave().value();
  }
  auto stream = Kept<Ring>::open(config, storage, env).value();
  CHECK(stream.shards() == before);
  CHECK(stream.shards().size() == 5);
  CHECK(stream.shards(ShardFilter::at_trim_horizon()).size() == 2);
  CHECK(stream.describe().created == before[0].created);
  auto numbers = values_in(stream, Ring::number_in);
  REQUIRE(numbers.size() == 5);
  std::sort(numbers.begin(), numbers.begin() + 2);
  std::sort(numbers.begin() + 3, numbers.end());
  CHECK(numbers == Numbers{1, 2, 3, 4, 5});
  CHECK(stream.put({"k", &low}, Ring::value_of(6)).value().shard == ShardId{3});
  CHECK(split(stream, ShardId{4}, HashKey{1, 0}).value()[0] == ShardId{5});  // ids go on
}

TEST_CASE_TEMPLATE(
    "what a reshard has closed is not given up because the stream was left, nor by whoever only reads it", Ring,
    ManyColumns, Texts) {
  support::HeldStorage storage;
  testing::ManualEnv env;
  {
    auto stream = Kept<Ring>::open({.shards = 8, .capacity = Ring::capacity}, storage, env).value();
    for (std::uint32_t n = 0; n < 320; ++n) {
      const auto hash = HashKeyRange::initial(n % 8, 8).starting;
      stream.put({"k", &hash}, Ring::value_of(n)).value();
    }
    resize(stream, 4).value();
    resize(stream, 2).value();
    stream.leave().value();
  }
  for (int look = 0; look < 2; ++look) {
    {
      auto stream = Kept<Ring>::open({}, storage, env).value();
      CHECK(stream.shards().size() == 14);
      CHECK(values_in(stream, Ring::number_in).size() == 320);
    }
    auto stream = Kept<Ring>::open({.closed_bytes = 0}, storage.for_reading(), env).value();
    CHECK(stream.shards().size() == 14);
    CHECK(values_in(stream, Ring::number_in).size() == 320);
  }
}

TEST_CASE("what had expired is expired when the stream is found again") {
  support::HeldStorage storage;
  testing::ManualEnv env;
  {
    auto stream = Kept<ManyColumns>::open({.capacity = records(64), .closed_bytes = 0}, storage, env).value();
    stream.put("k", 1).value();
    split(stream, ShardId{0}, HashKey{77}).value();
    stream.leave().value();
  }
  auto stream = Kept<ManyColumns>::open({}, storage, env).value();
  CHECK(stream.shards().size() == 2);
  CHECK(stream.iterator(ShardId{0}, Position::trim_horizon()).error().cause == Cause::shard_expired);
  CHECK(values_in(stream, ManyColumns::number_in).empty());
}

TEST_CASE("a storage that is open for reading only is not resharded") {
  support::HeldStorage storage;
  testing::ManualEnv env;
  {
    auto stream = Kept<ManyColumns>::open({.capacity = records(64)}, storage, env).value();
    split(stream, ShardId{0}, HashKey{77}).value();
    stream.leave().value();
  }
  auto stream = Kept<ManyColumns>::open({}, storage.for_reading(), env).value();
  check_refused(split(stream, ShardId{1}, HashKey{7}), Errc::read_only, Cause::storage_read_only, {"reading only"});
  CHECK(stream.shards().size() == 3);
  CHECK(stream.shards(ShardFilter::at_latest()).size() == 2);
  CHECK(stream.shards()[0].ending.has_value());  // it was closed before
  CHECK_FALSE(stream.shards()[1].ending.has_value());
}

TEST_CASE("the retention is kept with the stream, and changed by whoever opens it with another") {
  support::HeldStorage storage;
  testing::ManualEnv env;
  const auto open = [&](const StreamConfig& config) { return Kept<Texts>::open(config, storage, env).value(); };
  const auto count = [](auto& stream) { return values_in(stream, Texts::number_in).size(); };
  {
    auto stream = open({.retention = 1h});
    stream.put("k", "1").value();
    env.clock.advance(2h);
    CHECK(count(stream) == 0);
  }
  {
    auto stream = open({});
    CHECK(stream.retention() == 1h);
    CHECK(count(stream) == 0);
    stream.put("k", "2").value();
    stream.retain_for(7h).value();
  }
  {
    auto stream = open({});
    CHECK(stream.retention() == 7h);
    env.clock.advance(3h);
    CHECK(count(stream) == 2);  // five hours old, and three: what had expired was known to the process alone
  }
  CHECK(open({.retention = 4h}).retention() == 4h);
  auto stream = open({});
  CHECK(stream.retention() == 4h);
  CHECK(count(stream) == 1);
}

TEST_CASE("damage in the header of a shard that took over is noticed") {
  support::HeldStorage storage;
  testing::ManualEnv env;
  {
    auto stream = Kept<ManyColumns>::open({.capacity = records(64)}, storage, env).value();
    split(stream, ShardId{0}, HashKey{77}).value();
    stream.leave().value();
  }
  const auto span = storage.open(ShardId{1}.to_string()).value();
  for (std::size_t byte = 0; byte + 8 < sizeof(detail::SpanHeader); ++byte) {
    CAPTURE(byte);
    for (const auto bit : {1, 4, 128}) {
      span[byte] ^= std::byte{static_cast<unsigned char>(bit)};
      CHECK(Kept<ManyColumns>::open({}, storage, env).error().code == Errc::format);
      span[byte] ^= std::byte{static_cast<unsigned char>(bit)};
    }
  }
  CHECK(Kept<ManyColumns>::open({}, storage, env));
}

}  // namespace
}  // namespace weir::stream_tests
