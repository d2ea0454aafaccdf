/// `Result<T>`: what every fallible public call returns.
#pragma once

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>

#include "weir/core/failure.hpp"

namespace weir::inline WEIR_ABI {

/// Thrown by `Result::value()` alone; the library throws nothing of its own elsewhere.
class Error : public std::exception {
 public:
  explicit Error(const Failure& failure) : failure_(failure), text_(failure.message()) {}
  [[nodiscard]] const Failure& failure() const noexcept { return failure_; }
  [[nodiscard]] const char* what() const noexcept override { return text_.c_str(); }

 private:
  Failure failure_;
  std::string text_;
};

namespace detail {

/// Kept out of line so that the good path of `value()` stays a test and a load.
[[noreturn, gnu::cold, gnu::noinline]] inline void raise(const Failure& failure) {
#if WEIR_EXCEPTIONS
  throw Error(failure);
#else
  std::fprintf(stderr, "weir: %s\n", failure.message().c_str());
  std::abort();
#endif
}

}  // namespace detail

/// A value, or the `Failure` that stands in its place.
///
/// Test it like a pointer and take `*result`, or call `value()`, which throws `weir::Error` on failure (and ends
/// the program with the message where exceptions are off).
template <class T>
class [[nodiscard]] Result {
 public:
  using value_type = T;

  constexpr Result(T value) : outcome_(std::in_place_index<0>, std::move(value)) {}
  constexpr Result(Failure failure) noexcept : outcome_(std::in_place_index<1>, failure) {}

  [[nodiscard]] constexpr bool has_value() const noexcept { return outcome_.index() == 0; }
  constexpr explicit operator bool() const noexcept { return has_value(); }

  constexpr T& value() & { return require(), **this; }
  constexpr const T& value() const& { return require(), **this; }
  constexpr T value() && {
    require();
    if (std::is_constant_evaluated()) {
      return std::get<0>(std::move(outcome_));  // GCC 12 cannot compare the address of a temporary with null then
    }
    return *std::move(*this);
  }

  /// Precondition: `has_value()`.
  constexpr T& operator*() & { return *operator->(); }
  constexpr const T& operator*() const& { return *operator->(); }
  constexpr T operator*() && { return std::move(*operator->()); }
  constexpr T* operator->() {
    WEIR_ASSERT(has_value(), "Result: no value");
    return std::get_if<0>(&outcome_);
  }
  constexpr const T* operator->() const {
    WEIR_ASSERT(has_value(), "Result: no value");
    return std::get_if<0>(&outcome_);
  }

  /// Precondition: `!has_value()`.
  [[nodiscard]] constexpr const Failure& error() const {
    WEIR_ASSERT(!has_value(), "Result: no error");
    return *std::get_if<1>(&outcome_);
  }

 private:
  constexpr void require() const {
    if (!has_value()) [[unlikely]] {
      detail::raise(error());
    }
  }

  std::variant<T, Failure> outcome_;
};

/// Success without a value, or a `Failure`.
template <>
class [[nodiscard]] Result<void> {
 public:
  constexpr Result() noexcept = default;
  constexpr Result(Failure failure) noexcept : failure_(failure), failed_(true) {}

  [[nodiscard]] constexpr bool has_value() const noexcept { return !failed_; }
  constexpr explicit operator bool() const noexcept { return has_value(); }
  constexpr void value() const {
    if (failed_) [[unlikely]] {
      detail::raise(failure_);
    }
  }
  [[nodiscard]] constexpr const Failure& error() const {
    WEIR_ASSERT(!has_value(), "Result: no error");
    return failure_;
  }

 private:
  Failure failure_;
  bool failed_ = false;
};

/// The text of the value, where it has one, or of the failure.
template <class T>
[[nodiscard]] std::string to_string(const Result<T>& result) {
  if (!result) {
    return to_string(result.error());
  }
  if constexpr (detail::printable<T>) {
    return std::string{detail::text_of(*result)};
  } else {
    return "success";
  }
}

template <class T>
inline constexpr bool detail::has_text<Result<T>> = true;

/// Reads what `to_string(Errc)` writes, and nothing else.
///
/// **errors** `invalid_argument` for anything but the name of an enumerator.
constexpr Result<Errc> parse_errc(std::string_view text) noexcept {
  for (std::uint8_t i = 0; !to_string(Errc{i}).empty(); ++i) {
    if (to_string(Errc{i}) == text) {
      return Errc{i};
    }
  }
  return Failure{Errc::invalid_argument, Cause::errc_name, text.size(), 0};
}

}  // namespace weir::inline WEIR_ABI
