/// Mapped files that are gone when the test is.
#pragma once

#include "support/scratch_directory.hpp"
#include "weir/storage/mmap.hpp"

namespace weir::support {

/// `MmapStorage` in a directory of its own.
class ScratchStorage {
 public:
  static constexpr bool persistent = true;

  Result<std::span<std::byte>> create(std::string_view name, std::size_t size) { return mapped_.create(name, size); }
  Result<std::span<std::byte>> open(std::string_view name) { return mapped_.open(name); }
  Result<void> remove(std::string_view name) { return mapped_.remove(name); }
  std::vector<std::string> list() { return mapped_.list(); }
  Result<void> sync(std::span<std::byte> part) { return mapped_.sync(part); }
  Result<void> discard(std::span<std::byte> part) { return mapped_.discard(part); }
  Result<void> replace(std::string_view name, std::span<const std::byte> blob) { return mapped_.replace(name, blob); }
  Result<std::vector<std::byte>> load(std::string_view name) { return mapped_.load(name); }
  [[nodiscard]] bool read_only() const noexcept { return mapped_.read_only(); }

 private:
  ScratchDirectory directory_;
  MmapStorage mapped_{directory_.path()};
};
static_assert(persistent_storage<ScratchStorage>);

}  // namespace weir::support
