// expect: weir: a put into this stream wakes nobody: declare it with Notify::on_put, or wait with BackOff
#include <weir/weir.hpp>

std::size_t await(weir::Stream<int>& stream) {
  auto iterator = stream.iterator(weir::ShardId{0}, weir::Position::latest()).value();
  weir::Park park;
  return iterator.read(park, weir::Deadline::never()).size();
}
