/// Storage that runs out when a test wants it to.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "weir/storage/memory.hpp"

namespace weir::support {

/// Memory with room for a given number of bytes: a `create` that does not fit fails as a full machine would let it,
/// and a `remove` makes room again.
class ExhaustedStorage {
 public:
  explicit ExhaustedStorage(std::size_t room) noexcept : room_(room) {}

  [[nodiscard]] std::size_t room() const noexcept { return room_; }

  Result<std::span<std::byte>> create(std::string_view name, std::size_t size) {
    if (size > room_ && !memory_.open(name)) {
      return Failure{Errc::out_of_memory, Cause::storage_exhausted, size, 0};
    }
    auto made = memory_.create(name, size);
    if (made) {
      room_ -= size;
    }
    return made;
  }

  Result<std::span<std::byte>> open(std::string_view name) { return memory_.open(name); }

  Result<void> remove(std::string_view name) {
    if (const auto found = memory_.open(name)) {
      room_ += found->size();
    }
    return memory_.remove(name);
  }

  [[nodiscard]] std::vector<std::string> list() const { return memory_.list(); }
  static Result<void> sync(std::span<std::byte> part) noexcept { return MemoryStorage::sync(part); }
  static Result<void> discard(std::span<std::byte> part) noexcept { return MemoryStorage::discard(part); }
  Result<void> replace(std::string_view name, std::span<const std::byte> blob) { return memory_.replace(name, blob); }
  static bool read_only() { return false; }

  Result<std::vector<std::byte>> load(std::string_view name) const { return memory_.load(name); }

 private:
  MemoryStorage memory_;
  std::size_t room_;
};
static_assert(storage_backend<ExhaustedStorage>);

}  // namespace weir::support
