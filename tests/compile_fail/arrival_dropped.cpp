// expect: weir: this stream keeps no arrival times: declare it with Arrival::kept
#include <weir/weir.hpp>

using Stream = weir::Stream<int, weir::MemoryStorage, weir::Options{.arrival = weir::Arrival::dropped}>;

weir::Timestamp arrival_of_first(Stream& stream) {
  auto iterator = stream.iterator(weir::ShardId{0}, weir::Position::trim_horizon()).value();
  return iterator.read().front().arrival();
}
