/// A stream as a unit test's double for Kinesis: partial failure, retry and lag, without a network and without waiting.
#include <cstdio>
#include <cstdlib>
#include <vector>
#include <weir/testing/manual_clock.hpp>
#include <weir/weir.hpp>

using namespace std::chrono_literals;

// [under-test]
/// Puts orders and, after a pause, once more those that were refused, as PutRecords asks for. How many are left.
template <class Stream>
std::size_t send(Stream& stream, std::vector<typename Stream::Entry> orders, const auto& pause) {
  std::vector<weir::Result<weir::Put>> results(orders.size(), weir::Put{});
  if (stream.put_batch(orders, results).value() == 0)
    return 0;
  pause();
  std::size_t kept = 0;
  for (std::size_t i = 0; i < orders.size(); ++i)
    if (!results[i])
      orders[kept++] = orders[i];
  orders.resize(kept);
  results.resize(kept, weir::Put{});
  return stream.put_batch(orders, results).value();
}
// [under-test]

// [test]
using Orders = weir::Stream<int, weir::MemoryStorage, weir::Options{.producers = weir::Producers::single},
                            weir::testing::ManualEnv>;

void expect(bool holds, const char* what) {
  std::printf("%s: %s\n", holds ? "ok" : "FAILED", what);
  if (!holds)
    std::exit(1);
}

int main() {
  const weir::testing::ManualEnv env;
  auto orders = Orders::open({.name = "orders", .shards = 2}, {}, env).value();
  const auto shard = orders.shard_of("ada").value();

  auto busy = std::optional{orders.writer("ada").value()};  // has the shard to itself: other puts into it are refused
  const auto recover = [&] {
    busy.reset();
    env.clock.advance(200ms);
  };
  expect(send(orders, {{"ada", 1}, {"grace", 2}, {"ada", 3}}, [] {}) == 2, "what is refused twice is counted");
  expect(send(orders, {{"ada", 4}, {"grace", 5}, {"ada", 6}}, recover) == 0, "what is refused once is sent again");

  auto cursor = orders.iterator(shard, weir::Position::trim_horizon()).value();
  env.clock.advance(300ms);
  const auto first = cursor.read_up_to(1);
  expect(first.values()[0] == 4 && first.millis_behind_latest() == 300ms, "the pause has passed, in no time");
  expect(cursor.read().values()[0] == 6 && !cursor.read(), "each is stored once, in order");
}
// [test]
