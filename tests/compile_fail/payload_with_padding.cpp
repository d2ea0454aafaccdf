// expect: weir: this payload may hold padding
#include <weir/storage/mmap.hpp>
#include <weir/weir.hpp>

struct Padded {
  char kind;
  int value;
};

auto open() {
  return weir::Stream<Padded, weir::MmapStorage>::open({}, weir::MmapStorage{"directory"});
}
