// expect: after_poll
#include <weir/weir.hpp>

struct Deaf {
  void before_poll() {}
};

std::size_t wait(weir::Stream<int>& stream) {
  auto iterator = stream.iterator(weir::ShardId{0}, weir::Position::latest()).value();
  Deaf wait;
  return iterator.read(wait, weir::Deadline::never()).size();
}
