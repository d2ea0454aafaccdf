/// Memory that a call needs and that its thread keeps for the next one.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <utility>

#include "weir/core/config.hpp"

namespace weir::inline WEIR_ABI::detail {

/// So many bytes of no certain value, without an allocation once this thread has had as many. What a thread had at most
/// stays with it until it ends; a call inside another one's use gets memory of its own, and the larger is kept.
class Scratch {
 public:
  explicit Scratch(std::size_t size) : memory_(std::exchange(kept, {})), size_(size) {
    static thread_local const Owner owner;
    if (memory_.size < size) {
      delete[] memory_.bytes;
      memory_ = {};
      memory_ = {new std::byte[size], size};
    }
  }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  ~Scratch() {
    if (kept.size < memory_.size && !gone) {
      std::swap(kept, memory_);
    }
    delete[] memory_.bytes;
  }

  [[nodiscard]] std::span<std::byte> bytes() const noexcept { return {memory_.bytes, size_}; }

 private:
  struct Memory {
    std::byte* bytes;
    std::size_t size;
  };
  struct Owner {
    ~Owner() {
      delete[] std::exchange(kept, {}).bytes;
      gone = true;
    }
  };

  // Trivial, so that what runs after the owner's end, the destructor of a static object say, still finds them.
  static inline constinit thread_local Memory kept{};
  static inline constinit thread_local bool gone = false;

  Memory memory_;
  std::size_t size_;
};

}  // namespace weir::inline WEIR_ABI::detail
