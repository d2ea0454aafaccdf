/// Parts of memory in whole pages, as the operating system takes them.
#pragma once

#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <span>

#include "weir/core/config.hpp"

namespace weir::inline WEIR_ABI::detail {

inline std::size_t page_size() noexcept {
  return static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
}

/// The pages that lie in the part as a whole; may be none.
inline std::span<std::byte> pages_within(std::span<std::byte> part) noexcept {
  const auto page = page_size();
  const auto address = reinterpret_cast<std::uintptr_t>(part.data());
  const auto begin = (page - address % page) % page;
  if (part.size() < begin) {
    return {};
  }
  return part.subspan(begin, (part.size() - begin) / page * page);
}

/// The bytes from the beginning of the page in which the part begins; none for an empty part.
inline std::span<std::byte> from_page_on(std::span<std::byte> part) noexcept {
  const auto before = reinterpret_cast<std::uintptr_t>(part.data()) % page_size();
  return part.empty() ? part : std::span{part.data() - before, part.size() + before};
}

}  // namespace weir::inline WEIR_ABI::detail
