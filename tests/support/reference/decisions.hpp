/// What to do next, and what to do when a log and its reference do not agree.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>

namespace weir::support {

/// Decisions, one byte each: a fuzzer's input, or random bytes. After the last one everything is zero.
class ByteSource {
 public:
  /// What was decided is told to `story`, for somebody who reads a failure.
  explicit ByteSource(std::span<const std::uint8_t> bytes, std::string* story = nullptr) noexcept
      : bytes_(bytes), story_(story) {}

  [[nodiscard]] bool exhausted() const noexcept { return bytes_.empty(); }
  std::uint8_t take() noexcept {
    if (bytes_.empty()) {
      return 0;
    }
    const auto byte = bytes_.front();
    bytes_ = bytes_.subspan(1);
    return byte;
  }
  /// 0 to `count` - 1, of which no more than 256 are met.
  std::uint64_t below(std::uint64_t count) noexcept { return take() % count; }
  template <class T, std::size_t size>
  const T& among(const T (&choices)[size]) noexcept {
    return choices[below(size)];
  }

  template <class... Numbers>
  void tell(std::string_view what, const Numbers&... numbers) const {
    if (story_ != nullptr) {
      story_->append("\n  ").append(what);
      (story_->append(" ").append(std::to_string(numbers)), ...);
    }
  }

 private:
  std::span<const std::uint8_t> bytes_;
  std::string* story_;
};

/// What the log did and the reference did not.
struct Disagreement : std::logic_error {
  using std::logic_error::logic_error;
};

template <class A, class B>
void agree(std::string_view text, const A& log, const B& reference) {
  if (!(log == reference)) {
    std::string message{text};
    if constexpr (std::is_convertible_v<A, std::uint64_t> && std::is_convertible_v<B, std::uint64_t>) {
      message += ": " + std::to_string(static_cast<std::uint64_t>(log)) + " instead of " +
                 std::to_string(static_cast<std::uint64_t>(reference));
    }
    throw Disagreement{message};
  }
}

/// The same where the reference leaves a choice.
inline void agree_within(std::string_view text, std::uint64_t log, std::uint64_t least, std::uint64_t most) {
  if (log < least || log > most) {
    throw Disagreement{std::string{text} + ": " + std::to_string(log) + " and not from " + std::to_string(least) +
                       " to " + std::to_string(most)};
  }
}

}  // namespace weir::support
