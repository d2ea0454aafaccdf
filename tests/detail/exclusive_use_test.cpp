#include "weir/detail/exclusive_use.hpp"

#include <doctest/doctest.h>

#include <type_traits>

#include "support/aborts.hpp"

namespace {

using weir::detail::exclusive_use;

static_assert(!std::is_copy_constructible_v<exclusive_use::scope> || !WEIR_ASSERTS, "a scope leaves once");

TEST_CASE("one use after another is fine") {
  exclusive_use use;
  for (int i = 0; i < 3; ++i) {
    const exclusive_use::scope scope{use, "one after another"};
  }
  const exclusive_use::scope last{use, "one after another"};
}

TEST_CASE("two at once end a program that checks, with the text of the second") {
  const auto text = weir::support::text_of_abort([] {
    exclusive_use use;
    const exclusive_use::scope first{use, "the first"};
    const exclusive_use::scope second{use, "two threads are putting"};
  });
  CHECK(text.has_value() == static_cast<bool>(WEIR_ASSERTS));
  if (text) {
    CHECK(text->find("two threads are putting") != std::string::npos);
  }
}

TEST_CASE("without checks it takes no room") {
  CHECK(std::is_empty_v<exclusive_use> == !WEIR_ASSERTS);
}

}  // namespace
