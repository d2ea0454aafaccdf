// expect: weir: this stream keeps no arrival times: declare it with Arrival::kept
#include <weir/weir.hpp>

using Stream = weir::Stream<std::string, weir::MemoryStorage, weir::Options{.arrival = weir::Arrival::dropped}>;

std::chrono::milliseconds lag(Stream& stream) {
  auto iterator = stream.iterator(weir::ShardId{0}, weir::Position::trim_horizon()).value();
  return iterator.read().millis_behind_latest();
}
