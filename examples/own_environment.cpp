/// An environment of one's own: a hasher that keeps a room's devices in one shard, and a clock that the program sets.
#include <cstdio>
#include <weir/testing/manual_clock.hpp>
#include <weir/weir.hpp>

// [environment]
/// Kinesis' hash of what stands before the slash: `kitchen/oven` and `kitchen/fridge` share a shard and its order.
struct ByRoom {
  weir::HashKey operator()(std::string_view key) const noexcept { return md5(key.substr(0, key.find('/'))); }
  weir::Md5Hasher md5;
};

struct House {
  using Memory = weir::HardwareMemory;
  weir::testing::ManualClock clock;  // a clock is anything with `now()`
  ByRoom hasher;
};

using Events = weir::Stream<std::string, weir::MemoryStorage, weir::Options{}, House>;
// [environment]

int main() {
  const House house;  // its copies share one time
  auto events = Events::open({.name = "events", .shards = 4}, {}, house).value();

  const auto noon = house.clock.now();
  const auto put = events.put("kitchen/oven", "on").value();
  house.clock.advance(std::chrono::minutes{20});
  events.put("kitchen/fridge", "open").value();
  events.put("cellar/pump", "on").value();
  house.clock.advance(std::chrono::minutes{10});
  events.put("kitchen/oven", "off").value();

  const auto since = weir::Position::at_timestamp(noon + std::chrono::minutes{15});
  auto cursor = events.iterator(put.shard, since).value();
  for (const auto& record : cursor.read()) {
    const auto minutes = std::chrono::duration_cast<std::chrono::minutes>(record.arrival() - noon);
    std::printf("after %d min: %s %s\n", static_cast<int>(minutes.count()), std::string{record.partition_key()}.c_str(),
                std::string{record.value()}.c_str());
  }
}
