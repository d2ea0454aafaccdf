// expect: weir: a handler takes a record \(const auto&\), or a batch by its type
#include <weir/weir.hpp>

int main() {
  auto stream = weir::Stream<int>::open({}).value();
  static_cast<void>(weir::subscribe(stream, weir::Position::latest(), [](int) {}));
}
