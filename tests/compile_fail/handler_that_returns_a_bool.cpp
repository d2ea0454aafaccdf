// expect: weir: a handler returns nothing, or weir::After
#include <weir/weir.hpp>

int main() {
  auto stream = weir::Stream<int>::open({}).value();
  static_cast<void>(weir::subscribe(stream, weir::Position::latest(), [](const auto&) { return true; }));
}
