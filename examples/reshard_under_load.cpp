/// Resharding under load: two producers put while two shards become four, and two again; a reader checks every record.
#include <array>
#include <cstdio>
#include <thread>
#include <weir/stream/metrics.hpp>
#include <weir/stream/reshard.hpp>
#include <weir/weir.hpp>

struct Event {
  std::uint64_t key, number;  // the numbers of a key are 1, 2, 3 ...
};
constexpr weir::Options lossless{.delivery = weir::Delivery::gated, .notify = weir::Notify::on_put};
using Events = weir::Stream<Event, weir::MemoryStorage, lossless>;

/// A row of the table: how many thousand records a second each open shard takes in while the stream is given `shards`.
void show(Events& events, int shards) {
  const auto closed = events.describe().closed_shards;  // these have the lowest ids
  auto before = weir::metrics(events);
  const auto begin = std::chrono::steady_clock::now();
  std::this_thread::sleep_for(std::chrono::milliseconds{100});
  weir::resize(events, shards).value();  // as many as there are: nothing changes
  std::this_thread::sleep_for(std::chrono::milliseconds{100});
  const auto after = weir::metrics(events);
  const std::chrono::duration<double, std::milli> taken = std::chrono::steady_clock::now() - begin;
  const auto rate = [&](const auto& from, const auto& to) {
    return static_cast<double>(to.incoming_records - from.incoming_records) / taken.count();
  };
  std::printf("%zu -> %d%10.0f%*s", before.shards.size() - closed, shards, rate(before.total(), after.total()),
              static_cast<int>(8 * closed), "");
  before.shards.resize(after.shards.size());  // what began meanwhile had taken in nothing
  for (auto i = closed; i < after.shards.size(); ++i)
    std::printf("%8.0f", rate(before.shards[i], after.shards[i]));
  std::printf("\n");
}

int main() {
  auto events = Events::open({.shards = 2, .closed_bytes = std::int64_t{1} << 40}).value();  // closed ones stay listed
  std::array<std::uint64_t, 64> put{}, read{}, place{};  // of each key: its newest number, and where that was read
  std::uint64_t wrong = 0;
  auto reader = weir::subscribe(events, weir::Position::latest(), [&](const auto& record) {
                  const auto [key, number] = record.value();
                  const auto before = std::exchange(place[key], record.sequence_number().value());
                  wrong += std::exchange(read[key], number) + 1 != number || before >= place[key] ? 1 : 0;
                }).value();
  std::printf("shards   1,000/s shard 0       1       2       3       4       5       6       7\n");
  {
    const auto produce = [&](const std::stop_token& stop, std::uint64_t first) {
      for (auto key = first; !stop.stop_requested(); key = (key + 2) % put.size())
        events.put("key " + std::to_string(key), {key, ++put[key]}, weir::Deadline::never()).value();
    };
    const std::jthread even{produce, 0}, odd{produce, 1};
    for (const int shards : {2, 4, 4, 2, 2})
      show(events, shards);
  }
  events.close().value();
  reader.join();
  const bool good = put == read && wrong == 0;
  std::printf("every record was read once, those of a key in order: %s\n", good ? "yes" : "no");
  return good ? 0 : 1;
}
