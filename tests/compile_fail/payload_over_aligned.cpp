// expect: weir: a payload may be aligned to 128 bytes at most
#include <weir/weir.hpp>

struct alignas(256) Wide {
  char bytes[256];
};

auto open() {
  return weir::Stream<Wide>::open({});
}
