// expect: weir: this payload can be neither copied bytewise nor encoded: make it trivially copyable
#include <weir/weir.hpp>

#include <vector>

auto open() {
  return weir::Stream<std::vector<int>>::open({});
}
