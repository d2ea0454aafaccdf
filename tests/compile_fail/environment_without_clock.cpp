// expect: weir: the fourth argument of a stream is an environment: Memory, clock and hasher
#include <weir/weir.hpp>

struct Timeless {
  using Memory = weir::HardwareMemory;
  weir::Md5Hasher hasher;
};

auto open() {
  return weir::Stream<int, weir::MemoryStorage, weir::Options{}, Timeless>::open({});
}
