/// What the compiler and the user's switches decide, and the only home of macros.
#pragma once

#if __cplusplus < 202002L
# error "weir needs C++20: compile with -std=c++20"
#endif

#include <bit>
#include <cstddef>
#include <cstdint>

#define WEIR_VERSION_MAJOR 0
#define WEIR_VERSION_MINOR 1
#define WEIR_VERSION_PATCH 0

#if defined(__cpp_exceptions)
# define WEIR_EXCEPTIONS 1
# define WEIR_ABI_EXCEPTIONS_ e
#else
# define WEIR_EXCEPTIONS 0
# define WEIR_ABI_EXCEPTIONS_ n
#endif

#if defined(__SANITIZE_THREAD__)
# define WEIR_THREAD_SANITIZER 1
#elif defined(__has_feature)
# if __has_feature(thread_sanitizer)
#  define WEIR_THREAD_SANITIZER 1
# endif
#endif
#ifndef WEIR_THREAD_SANITIZER
# define WEIR_THREAD_SANITIZER 0
#endif

/// Checks the order of calls (a batch used after the next read, say): misuse, not input. On unless NDEBUG is
/// defined; define `WEIR_ASSERT(condition, text)` before the first include to send a failure elsewhere.
#ifdef WEIR_ASSERT
# define WEIR_ASSERTS 1
# define WEIR_ABI_ASSERTS_ u
#elif defined(NDEBUG)
# define WEIR_ASSERTS 0
# define WEIR_ABI_ASSERTS_ r
# define WEIR_ASSERT(condition, text) static_cast<void>(0)
#else
# define WEIR_ASSERTS 1
# define WEIR_ABI_ASSERTS_ a
# define WEIR_ASSERT(condition, text) \
  (static_cast<bool>(condition) ? static_cast<void>(0) : ::weir::detail::assertion_failed(text, __FILE__, __LINE__))
#endif

/// The inline namespace carries the switches that change code or layout, so that units built with different
/// switches can be linked into one program without sharing a function that differs.
#if WEIR_THREAD_SANITIZER
# define WEIR_ABI_SANITIZER_ t
#else
# define WEIR_ABI_SANITIZER_ p
#endif
#define WEIR_ABI_JOIN_(version, a, b, c) version##_##a##b##c
#define WEIR_ABI_EXPAND_(version, a, b, c) WEIR_ABI_JOIN_(version, a, b, c)
#define WEIR_ABI WEIR_ABI_EXPAND_(v0, WEIR_ABI_EXCEPTIONS_, WEIR_ABI_ASSERTS_, WEIR_ABI_SANITIZER_)

namespace weir::inline WEIR_ABI {

static_assert(sizeof(void*) == 8, "weir: 32-bit targets are not supported: sequence numbers are 64-bit atomics");
static_assert(std::endian::native == std::endian::little, "weir: big-endian targets are not supported");

/// Two 64-byte cache lines: neighbours are fetched in pairs on x86-64, and lines are 128 bytes on some aarch64.
/// A constant of the format, never taken from the compiler.
inline constexpr std::size_t line_size = 128;

}  // namespace weir::inline WEIR_ABI

#if WEIR_ASSERTS
# include <cstdio>
# include <cstdlib>
namespace weir::inline WEIR_ABI::detail {
[[noreturn]] inline void assertion_failed(const char* text, const char* file, int line) noexcept {
  std::fprintf(stderr, "weir: %s:%d: %s\n", file, line, text);
  std::abort();
}
}  // namespace weir::inline WEIR_ABI::detail
#endif
