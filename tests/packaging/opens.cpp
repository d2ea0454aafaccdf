#include "opens.hpp"

weir::Stream<int> open_numbers() {
  auto numbers = weir::Stream<int>::open({.name = "numbers"}).value();
  numbers.put("key", 42).value();
  return numbers;
}
