// expect: unused-result
#include <weir/weir.hpp>

#pragma GCC diagnostic error "-Wunused-result"

void put(weir::Stream<int>& stream) {
  stream.put("key", 1);
}
