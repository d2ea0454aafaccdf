/// What a value's text owes: `parse` reads all that `to_string` writes, and nothing else.
#pragma once

#include <doctest/doctest.h>

#include <string>
#include <string_view>
#include <vector>

#include "weir/core/result.hpp"

namespace weir::support {

/// Whether a text is refused with a cause and a sentence, or is exactly what its value prints.
template <class T>
bool refused_or_exact(std::string_view text) {
  const auto parsed = T::parse(text);
  return parsed ? parsed->to_string() == text
                : parsed.error().code == Errc::invalid_argument && !parsed.error().message().empty();
}

/// All texts that differ from `text` in one character: each byte in each place, put in or exchanged, and each taken
/// out.
inline std::vector<std::string> neighbours(const std::string& text) {
  std::vector<std::string> all;
  for (std::size_t i = 0; i <= text.size(); ++i) {
    for (int byte = 0; byte < 256; ++byte) {
      all.push_back(text.substr(0, i) + static_cast<char>(byte) + text.substr(i));
      if (i < text.size()) {
        all.push_back(text.substr(0, i) + static_cast<char>(byte) + text.substr(i + 1));
      }
    }
    all.push_back(text.substr(0, i) + (i < text.size() ? text.substr(i + 1) : ""));
  }
  return all;
}

/// Each value comes back from its text.
template <class T>
void check_round_trips(const std::vector<T>& values) {
  for (const auto& value : values) {
    const auto text = value.to_string();
    CAPTURE(text);
    const auto parsed = T::parse(text);
    REQUIRE(parsed);
    CHECK(*parsed == value);
  }
}

/// Each value comes back from its text; no text beside it is taken for one that it is not, and no part of it is taken.
template <class T>
void check_text_form(const std::vector<T>& values) {
  check_round_trips(values);
  for (const auto& value : values) {
    const auto text = value.to_string();
    for (const auto& other : neighbours(text)) {
      if (!refused_or_exact<T>(other)) {
        FAIL_CHECK("'", other, "' beside '", text, "' is taken for another");
      }
    }
    CHECK_FALSE(T::parse(text + " "));
    CHECK_FALSE(T::parse(" " + text));
    CHECK_FALSE(T::parse(text + '\0'));
    CHECK(refused_or_exact<T>(text + text));
  }
  CHECK_FALSE(T::parse(""));
}

/// All texts of up to `length` characters out of `alphabet` are refused or exact; gives how many were taken.
template <class T>
int check_all_texts(std::string_view alphabet, std::size_t length, const std::string& prefix = "") {
  int taken = T::parse(prefix) ? 1 : 0;
  if (!refused_or_exact<T>(prefix)) {
    FAIL_CHECK("'", prefix, "' is taken for another");
  }
  if (length > 0) {
    for (const char c : alphabet) {
      taken += check_all_texts<T>(alphabet, length - 1, prefix + c);
    }
  }
  return taken;
}

/// `text` is refused with these numbers.
template <class T>
void check_refused(std::string_view text, Cause cause, std::uint64_t value, std::uint64_t limit) {
  INFO("parsing ", std::string{text});
  const auto parsed = T::parse(text);
  REQUIRE_FALSE(parsed);
  CHECK(parsed.error() == Failure{Errc::invalid_argument, cause, value, limit});
}

}  // namespace weir::support
