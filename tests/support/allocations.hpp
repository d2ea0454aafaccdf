/// What this thread gets from `new`, counted and, where asked for, refused. One file of a program includes it, because
/// it replaces the operators of the whole program; a program under ThreadSanitizer, which has operators of its own,
/// does without.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <new>

namespace weir::support {

struct Allocations {
  static inline thread_local std::uint64_t count = 0;
  static inline thread_local std::uint64_t left = ~std::uint64_t{0};  ///< so many are granted

  static void* get(std::size_t size, std::size_t alignment) {
    ++count;
    const bool granted = left != 0;
    left -= granted ? 1 : 0;
    void* const bytes =
        granted ? std::aligned_alloc(alignment, (size + alignment - 1) / alignment * alignment) : nullptr;
    if (bytes == nullptr) {
      throw std::bad_alloc{};
    }
    return bytes;
  }
};

/// While it lives, this thread gets memory from `new` so often and no more.
struct NoMemory {
  explicit NoMemory(std::uint64_t after = 0) { Allocations::left = after; }
  NoMemory(const NoMemory&) = delete;
  NoMemory& operator=(const NoMemory&) = delete;
  ~NoMemory() { Allocations::left = ~std::uint64_t{0}; }
};

}  // namespace weir::support

// Out of line: GCC warns of a pair of which it has seen through one alone.
[[gnu::noinline]] void* operator new(std::size_t size) {
  return weir::support::Allocations::get(size, __STDCPP_DEFAULT_NEW_ALIGNMENT__);
}
[[gnu::noinline]] void* operator new(std::size_t size, std::align_val_t alignment) {
  return weir::support::Allocations::get(size, static_cast<std::size_t>(alignment));
}
[[gnu::noinline]] void operator delete(void* bytes) noexcept {
  std::free(bytes);
}
[[gnu::noinline]] void operator delete(void* bytes, std::size_t) noexcept {
  std::free(bytes);
}
[[gnu::noinline]] void operator delete(void* bytes, std::align_val_t) noexcept {
  std::free(bytes);
}
[[gnu::noinline]] void operator delete(void* bytes, std::size_t, std::align_val_t) noexcept {
  std::free(bytes);
}
