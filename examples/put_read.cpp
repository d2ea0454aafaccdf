/// The smallest program: put three readings into a stream, and read them back.
#include <cstdio>
#include <weir/weir.hpp>

int main() {
  auto readings = weir::Stream<double>::open({.name = "readings"}).value();

  for (const double celsius : {71.5, 71.8, 72.4}) {
    const weir::Put where = readings.put("boiler", celsius).value();  // the key decides the shard: here there is one
    std::printf("put %.1f as number %ju\n", celsius, std::uintmax_t{where.sequence_number.value()});
  }

  auto cursor = readings.iterator(weir::ShardId{0}, weir::Position::trim_horizon()).value();
  while (auto batch = cursor.read()) {  // false: caught up
    for (const auto& record : batch) {
      std::printf("read %.1f\n", record.value());
    }
  }
}
