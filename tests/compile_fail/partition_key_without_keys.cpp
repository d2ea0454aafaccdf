// expect: weir: records of one size keep no partition key: give the payload a Codec, or put the key into it
#include <weir/weir.hpp>

std::size_t length_of_first_key(weir::Stream<int>& stream) {
  auto iterator = stream.iterator(weir::ShardId{0}, weir::Position::trim_horizon()).value();
  return iterator.read().front().partition_key().size();
}
