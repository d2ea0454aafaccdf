/// Refusals read as a user reads them.
#pragma once

#include <doctest/doctest.h>

#include <initializer_list>
#include <string>
#include <string_view>

#include "weir/core/failure.hpp"

namespace weir::support {

/// An error of this code and cause, whose sentence names what a user has to know.
template <class Result>
void check_refused(const Result& result, Errc code, Cause cause, std::initializer_list<std::string_view> named = {}) {
  REQUIRE_FALSE(result.has_value());
  CHECK(result.error().code == code);
  CHECK(result.error().cause == cause);
  const auto message = result.error().message();
  for (const auto word : named) {
    INFO(message);
    CAPTURE(word);
    CHECK(message.find(word) != std::string::npos);
  }
}

}  // namespace weir::support
