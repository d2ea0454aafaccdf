/// Asking for a cache line before it is written.
#pragma once

#include "weir/core/config.hpp"

namespace weir::inline WEIR_ABI::detail {

/// Fetches the line of `address` in the state for writing; a hint, any mapped address will do.
///
/// The instruction is written out because compilers turn the builtin into a prefetch for reading unless told that
/// the processor has the other one; every x86-64 processor since 2014 has it, and older ones ignore it.
inline void prefetch_for_writing(const void* address) noexcept {
#if defined(__x86_64__)
  __asm__ __volatile__("prefetchw %0" : : "m"(*static_cast<const char*>(address)));
#else
  __builtin_prefetch(address, 1);
#endif
}

}  // namespace weir::inline WEIR_ABI::detail
