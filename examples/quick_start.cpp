/// The program that the README shows.
// [quick-start]
#include <cstdio>
#include <vector>
#include <weir/weir.hpp>

struct Tick {
  double price;
  std::uint32_t size, venue;
};

int main() {
  auto ticks = weir::Stream<Tick>::open({.name = "ticks", .shards = 4, .capacity = weir::records(1 << 16)}).value();

  const weir::Put where = ticks.put("EURUSD", {1.0841, 250, 3}).value();  // {shard, sequence number}
  const std::vector<Tick> burst(1000, {1.0842, 100, 3});
  ticks.put_all("EURUSD", burst).value();        // one key, one claim, consecutive numbers
  auto writer = ticks.writer("GBPUSD").value();  // for a hot loop: the key is routed once
  writer.put({1.2703, 500, 1}).value();

  auto cursor = ticks.iterator(where.shard, weir::Position::trim_horizon()).value();
  while (auto batch = cursor.read()) {  // false: caught up
    if (batch.missed() != 0)
      std::printf("overwritten before we came: %ju\n", std::uintmax_t{batch.missed()});
    for (const auto& record : batch)  // each knows its number, its value and when it arrived
      if (record.value().size > 200)
        std::printf("%u at %.4f\n", record.value().size, record.value().price);
    double notional = 0;
    for (const Tick& tick : batch.values())  // the payloads side by side: a std::span<const Tick>
      notional += tick.price * tick.size;
    std::printf("%zu ticks, %.2f in all\n", batch.size(), notional);
  }

  std::size_t count = 0;
  auto everything = ticks.reader(weir::Position::last(10)).value();  // every shard, from its last ten on
  while (auto batch = everything.read())
    count += batch.size();
  std::printf("%zu records in the last ten of each shard\n", count);
}
// [quick-start]
