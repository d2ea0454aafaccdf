// Built with -fno-exceptions: prints the text of a failure, or (with an argument) meets that failure.
#include <cstdio>

#include "use_weir.hpp"

int main(int argc, char**) {
  if (argc > 1) {
    static_cast<void>(refused().value());
  }
  std::printf("weir: %s\n", refused().error().message().c_str());
  return answer() == 42 ? 0 : 1;
}
