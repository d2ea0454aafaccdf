/// `std::format` for the values that have a text, with the specification of a string: `std::format("{:>20}", number)`.
///
/// Opt-in, because `<format>` is heavy, and empty where the standard library has none (GCC 12, libc++ 16).
#pragma once

#include <version>

#include "weir/core/print.hpp"

#if defined(__cpp_lib_format)
# include <format>

/// **cost** a string, where the value's `to_string()` makes one.
template <weir::detail::printable T>
struct std::formatter<T, char> : std::formatter<std::string_view, char> {
  template <class Context>
  auto format(const T& value, Context& context) const {
    const auto& text = weir::detail::text_of(value);
    return std::formatter<std::string_view, char>::format(std::string_view{text}, context);
  }
};
#endif
