/// Reads the text forms of the values: words and decimal numbers from the left, without allocating.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>

#include "weir/core/result.hpp"

namespace weir::inline WEIR_ABI::detail {

/// The decimal digits at the beginning of a text.
template <class Unsigned>
struct Digits {
  Unsigned value = 0;         ///< meaningless when `over`
  std::uint64_t leading = 0;  ///< the value of the first 19 digits, as many as 64 bits surely hold
  std::size_t count = 0;
  bool over = false;  ///< more than the largest
};

template <class Unsigned>
constexpr Digits<Unsigned> leading_digits(std::string_view text, Unsigned largest) noexcept {
  Digits<Unsigned> digits;
  for (; digits.count < text.size(); ++digits.count) {
    const char c = text[digits.count];
    if (c < '0' || c > '9') {
      break;
    }
    const auto digit = static_cast<unsigned>(c - '0');
    digits.over = digits.over || digits.value > (largest - digit) / 10;
    digits.value = static_cast<Unsigned>(digits.value * 10 + digit);
    if (digits.count < 19) {
      digits.leading = digits.leading * 10 + digit;
    }
  }
  return digits;
}

/// A text read step by step. The first step that fails decides the failure and the steps after it do nothing, so that
/// a parser is a list of what it expects.
class Scan {
 public:
  /// `syntax` is the cause for text of the wrong form; its numbers are the characters that were right and their count.
  constexpr Scan(std::string_view text, Cause syntax) noexcept
      : rest_(text), size_(text.size()), failure_{Errc::invalid_argument, syntax, 0, text.size()} {}

  /// Steps over `word` if it comes next.
  constexpr bool skip(std::string_view word) noexcept {
    if (failed_ || !rest_.starts_with(word)) {
      return false;
    }
    rest_.remove_prefix(word.size());
    return true;
  }

  constexpr void expect(std::string_view word) noexcept {
    if (!skip(word)) {
      fail();
    }
  }

  /// A number without leading zeros, so that each number has one text.
  template <class Unsigned>
  constexpr Unsigned number(Unsigned largest = static_cast<Unsigned>(~Unsigned{0})) noexcept {
    const bool zeros = rest_.size() > 1 && rest_[0] == '0' && rest_[1] >= '0' && rest_[1] <= '9';
    return zeros ? fail<Unsigned>() : padded_number(0, largest);
  }

  /// A number of exactly `width` digits with its leading zeros, or of more digits without one.
  template <class Unsigned>
  constexpr Unsigned padded_number(std::size_t width, Unsigned largest = static_cast<Unsigned>(~Unsigned{0})) noexcept {
    const auto digits = leading_digits(rest_, largest);
    if (failed_ || digits.count == 0 || digits.count < width ||
        (width != 0 && digits.count > width && rest_.front() == '0')) {
      return fail<Unsigned>();
    }
    if (digits.over) {
      failed_ = true;
      failure_ = {Errc::invalid_argument, Cause::number_range, digits.leading, static_cast<std::uint64_t>(largest)};
      return 0;
    }
    rest_.remove_prefix(digits.count);
    return digits.value;
  }

  /// A number with a minus where it is below zero, and no sign else.
  constexpr std::int64_t signed_number() noexcept {
    constexpr auto above = std::uint64_t{1} << 63;
    if (rest_.starts_with("-0") || !skip("-")) {  // left where it is, the minus is no digit
      return static_cast<std::int64_t>(number<std::uint64_t>(above - 1));
    }
    return static_cast<std::int64_t>(0 - number<std::uint64_t>(above));
  }

  /// Everything before the next `end`, which must come.
  constexpr std::string_view until(char end) noexcept {
    const auto size = rest_.find(end);
    return size == rest_.npos ? fail(), std::string_view{} : take(size);
  }

  /// The next `count` characters.
  constexpr std::string_view take(std::size_t count) noexcept {
    if (failed_ || count > rest_.size()) {
      fail();
      return {};
    }
    const auto taken = rest_.substr(0, count);
    rest_.remove_prefix(count);
    return taken;
  }

  /// Fails here unless what was read last is as it must be.
  constexpr void require(bool truth) noexcept {
    if (!truth) {
      fail();
    }
  }

  [[nodiscard]] constexpr bool failed() const noexcept { return failed_; }
  /// How many characters were right.
  [[nodiscard]] constexpr std::size_t position() const noexcept { return size_ - rest_.size(); }

  /// `value` if all steps succeeded and nothing is left.
  template <class T>
  constexpr Result<T> finish(T value) noexcept {
    if (!rest_.empty()) {
      fail();
    }
    return failed_ ? Result<T>{failure_} : Result<T>{std::move(value)};
  }

 private:
  template <class Unsigned = unsigned>
  constexpr Unsigned fail() noexcept {
    if (!failed_) {
      failed_ = true;
      failure_.value = size_ - rest_.size();
    }
    return 0;
  }

  std::string_view rest_;
  std::size_t size_;
  Failure failure_;
  bool failed_ = false;
};

}  // namespace weir::inline WEIR_ABI::detail
