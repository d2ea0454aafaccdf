/// Bytes for a ring under test.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "weir/core/config.hpp"

namespace weir::support {

/// Zero, on a line's border, and exactly as many as asked for in whole lines, so that AddressSanitizer sees a ring
/// that leaves its span.
class ZeroedBytes {
 public:
  explicit ZeroedBytes(std::size_t size) : lines_((size + line_size - 1) / line_size), size_(size) {}

  [[nodiscard]] std::span<std::byte> span() noexcept { return {reinterpret_cast<std::byte*>(lines_.data()), size_}; }

 private:
  struct alignas(line_size) Line {
    std::byte bytes[line_size]{};
  };
  std::vector<Line> lines_;
  std::size_t size_;
};

}  // namespace weir::support
