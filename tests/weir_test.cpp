#include <doctest/doctest.h>

// The umbrella alone, twice, as a user's only include.
#include <weir/weir.hpp>

#include "weir/weir.hpp"

#include <numeric>
#include <string>
#include <vector>

namespace {

struct Tick {
  double price;
  std::uint32_t size;
  std::uint32_t venue;
};

TEST_CASE("one include gives streams of numbers and of text, iterators, readers and checkpoints") {
  auto ticks = weir::Stream<Tick>::open({.name = "ticks", .shards = 4, .capacity = weir::records(1 << 10)}).value();
  const weir::Put where = ticks.put("EURUSD", Tick{1.0841, 250, 3}).value();
  const std::vector<Tick> burst(100, Tick{2, 3, 4});
  CHECK(ticks.put_all("EURUSD", std::span(burst)).value().count == 100);
  CHECK(ticks.writer("EURUSD").value().put(Tick{3, 4, 5}));

  auto cursor = ticks.iterator(where.shard, weir::Position::trim_horizon()).value();
  std::uint64_t size = 0;
  while (auto batch = cursor.read()) {
    CHECK(batch.missed() == 0);
    for (const auto& record : batch) {
      size += record.value().size;
    }
    CHECK(batch.values().size() == batch.size());
  }
  CHECK(size == 250 + 300 + 4);

  weir::MemoryCheckpoints checkpoints;
  checkpoints.save("application", where.shard, cursor.position()).value();
  CHECK(checkpoints.load("application", where.shard).value()->position == cursor.position());

  auto events =
      weir::Stream<weir::Bytes>::open({.name = "clicks", .shards = 8, .capacity = weir::bytes(1 << 20)}).value();
  events.put("user-42", R"({"page":"/home"})").value();
  auto everything = events.reader(weir::Position::trim_horizon()).value();
  const auto batch = everything.read();
  REQUIRE(batch.size() == 1);
  CHECK(batch.front().partition_key() == "user-42");
  CHECK(batch.front().value().text() == R"({"page":"/home"})");
}

TEST_CASE("an error says what to do, and value() throws it") {
  const auto refused = weir::Stream<int>::open({.shards = 0});
  REQUIRE_FALSE(refused);
#if WEIR_EXCEPTIONS
  CHECK_THROWS_WITH_AS(static_cast<void>(refused.value()), "a stream of 0 shards was asked for: give 1 to 10000",
                       weir::Error);
#endif
}

}  // namespace
