// expect: weir: records of variable size do not lie side by side: iterate over the batch
#include <weir/weir.hpp>

void values(weir::Stream<std::string>& stream) {
  auto iterator = stream.iterator(weir::ShardId{0}, weir::Position::trim_horizon()).value();
  const auto batch = iterator.read();
  static_cast<void>(batch.values());
}
