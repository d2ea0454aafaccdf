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
inline std::span<std::byte> pages_within(std::span<std::byte> part, std::size_t page = page_size()) noexcept {
  const auto address = reinterpret_cast<std::uintptr_t>(part.data());
  const auto begin = (page - address % page) % page;
  if (part.size() < begin) {
    return {};
  }
  return part.subspan(begin, (part.size() - begin) / page * page);
}

/// The huge pages that lie in the part as a whole, with something left before and behind them: what is written to a
/// ring before its first record lies at its ends, and shall not cost a huge page.
inline std::span<std::byte> huge_pages_inside(std::span<std::byte> part) noexcept {
  constexpr std::size_t huge_page = std::size_t{2} << 20;
  const auto page = page_size();
  return part.size() < huge_page ? std::span<std::byte>{}
                                 : pages_within(part.subspan(page, part.size() - 2 * page), huge_page);
}

/// The bytes from the beginning of the page in which the part begins; none for an empty part.
inline std::span<std::byte> from_page_on(std::span<std::byte> part) noexcept {
  const auto before = reinterpret_cast<std::uintptr_t>(part.data()) % page_size();
  return part.empty() ? part : std::span{part.data() - before, part.size() + before};
}

}  // namespace weir::inline WEIR_ABI::detail
