// expect: weir: the second argument of a stream is a storage_backend
#include <weir/weir.hpp>

struct Nowhere {};

auto open() {
  return weir::Stream<int, Nowhere>::open({});
}
