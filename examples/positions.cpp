/// Where reading may begin: the six positions, and what each gives of the same shard.
#include <cstdio>
#include <vector>
#include <weir/testing/manual_clock.hpp>
#include <weir/weir.hpp>

namespace {

using weir::Position;
using Readings = weir::Stream<int, weir::MemoryStorage, weir::Options{}, weir::testing::ManualEnv>;
constexpr weir::ShardId shard{0};

// [positions]
struct Beginning {
  const char* name;
  Position position;
};

/// What each iterator reads. All of them are made before the last reading is put.
void replay(Readings& readings, const std::vector<Beginning>& beginnings, int last_reading) {
  std::vector<Readings::iterator_type> cursors;
  for (const auto& beginning : beginnings) {
    cursors.push_back(readings.iterator(shard, beginning.position).value());
  }
  readings.put("boiler", last_reading).value();
  for (std::size_t i = 0; i < cursors.size(); ++i) {
    std::printf("%-13s", beginnings[i].name);
    while (auto batch = cursors[i].read()) {
      for (const int reading : batch.values()) {
        std::printf(" %d", reading);
      }
    }
    std::printf("\n");
  }
}
// [positions]

}  // namespace

int main() {
  const weir::testing::ManualEnv env;  // a clock that the program sets, so that arrival times are known
  auto readings = Readings::open({.name = "readings"}, {}, env).value();
  std::vector<weir::SequenceNumber> numbers;
  for (int reading = 70; reading < 75; ++reading) {  // one a minute
    numbers.push_back(readings.put("boiler", reading).value().sequence_number);
    env.clock.advance(std::chrono::minutes{1});
  }
  replay(readings,
         {{"trim_horizon", Position::trim_horizon()},  // the oldest that is retained
          {"latest", Position::latest()},              // what is put from now on
          {"at", Position::at(numbers[2])},
          {"after", Position::after(numbers[2])},
          {"at_timestamp", Position::at_timestamp(env.clock.now() - std::chrono::minutes{3})},
          {"last", Position::last(1)}},  // the newest when the iterator was made
         75);
}
