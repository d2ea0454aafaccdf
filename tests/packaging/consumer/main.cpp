#include "../use_weir.hpp"

int main() {
  return answer() == 42 ? 0 : 1;
}
