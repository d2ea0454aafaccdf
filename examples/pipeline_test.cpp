/// A pipeline from stream to stream, and its unit test: what goes wrong goes wrong at the record that the test names.
#include <cstdio>
#include <cstdlib>
#include <vector>
#include <weir/testing/fault_plan.hpp>
#include <weir/testing/manual_clock.hpp>
#include <weir/weir.hpp>

using namespace std::chrono_literals;
using weir::Position;

// [pipeline]
/// Puts an alarm for each reading over 90. Tells where to go on: at a reading whose alarm was refused, or at the end.
template <class Readings, class Alarms>
Position relay(Readings& readings, Alarms& alarms, const Position& from) {
  auto cursor = readings.iterator(weir::ShardId{0}, from).value();
  while (auto batch = cursor.read())
    for (const auto& reading : batch)
      if (reading.value() > 90 && !alarms.put("boiler", reading.value()))
        return Position::at(reading.sequence_number());
  return cursor.position();
}
// [pipeline]

void expect(bool holds, const char* what) {
  std::printf("%s: %s\n", holds ? "ok" : "FAILED", what);
  if (!holds)
    std::exit(1);
}

// [test]
int main() {
  const weir::testing::ManualEnv env;  // of the alarms alone: nothing goes wrong with the readings
  auto readings = weir::Stream<int>::open({.name = "readings"}).value();
  using Alarms = weir::Stream<int, weir::MemoryStorage, weir::Options{}, weir::testing::ManualEnv>;
  auto alarms = Alarms::open({.name = "alarms"}, {}, env).value();
  auto sent = alarms.iterator(weir::ShardId{0}, Position::trim_horizon()).value();
  auto from = Position::trim_horizon();
  const auto run = [&] {  // the pipeline, until it stops; what it sent
    from = relay(readings, alarms, from);
    const auto batch = sent.read();
    return std::vector<int>(batch.values().begin(), batch.values().end());
  };
  for (const int reading : {70, 95, 80, 97, 60, 99, 91})
    readings.put("boiler", reading).value();

  env.faults.throttle_put(2);
  expect(run() == std::vector{95}, "it stops where the shard is over its rate");
  expect(run() == std::vector{97, 99, 91}, "it goes on with what was refused, and sends nothing twice");

  env.faults.fail_every(3);
  readings.put_all("boiler", std::vector{92, 93, 94, 95}).value();
  expect(run() == std::vector{92, 93}, "it stops where the service fails");
  env.faults.at_put(1, [clock = env.clock] { clock.advance(5min); });
  expect(run() == std::vector{94, 95}, "it goes on after five minutes");
  auto late = alarms.iterator(weir::ShardId{0}, Position::at_timestamp(env.clock.now())).value();
  expect(late.read().values()[0] == 94, "what was put then carries that time");
  expect(env.faults.hits().throttled == 1 && env.faults.hits().failed == 1, "each fault came, and came once");
}
// [test]
