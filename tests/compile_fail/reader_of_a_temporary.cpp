// expect: (use of deleted function|call to deleted member function).*read
#include <weir/weir.hpp>

std::size_t read_one(weir::Stream<std::string>& stream) {
  return stream.reader(weir::Position::latest()).value().read().size();
}
