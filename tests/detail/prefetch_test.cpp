#include "weir/detail/prefetch.hpp"

#include <doctest/doctest.h>

#include <array>

namespace {

TEST_CASE("a prefetch changes nothing, at any address of an object") {
  alignas(64) std::array<unsigned char, 256> bytes{};
  bytes.fill(0xA5);
  for (std::size_t offset = 0; offset < bytes.size(); ++offset) {
    weir::detail::prefetch_for_writing(bytes.data() + offset);
  }
  for (const auto byte : bytes) {
    CHECK(byte == 0xA5);
  }
}

}  // namespace
