// expect: (use of deleted function|call to deleted member function).*read
#include <weir/weir.hpp>

std::size_t read_one(weir::Stream<int>& stream) {
  return stream.iterator(weir::ShardId{0}, weir::Position::latest()).value().read().size();
}
