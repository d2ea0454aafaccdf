#include "opens.hpp"

int main() {
  auto numbers = open_numbers();
  numbers.put("key", 24).value();
  auto cursor = numbers.iterator(weir::ShardId{0}, weir::Position::trim_horizon()).value();
  const auto batch = cursor.read();
  const auto values = batch.values();
  return values.size() == 2 && values[0] == 42 && values[1] == 24 ? 0 : 1;
}
