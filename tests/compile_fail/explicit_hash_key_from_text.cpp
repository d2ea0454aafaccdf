// expect: (no matching (member )?function|could not convert|no known conversion|cannot convert)
#include <weir/weir.hpp>

auto put(weir::Stream<int>& stream) {
  return stream.put({"key", "340282366920938463463374607431768211456"}, 1);
}
