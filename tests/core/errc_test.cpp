#include "weir/core/errc.hpp"

#include <doctest/doctest.h>

#include <cstddef>
#include <string_view>
#include <utility>

namespace {

using weir::Cause;
using weir::Errc;

/// What the compiler calls an enumerator: the last word of `weir::Errc::closed`; a cast where there is none.
template <auto enumerator>
std::string_view compilers_name() {
  std::string_view text = __PRETTY_FUNCTION__;
  text.remove_prefix(text.find("enumerator = ") + 13);
  text = text.substr(0, text.find_first_of(";]"));
  return text.find('(') != std::string_view::npos ? "" : text.substr(text.rfind(':') + 1);
}

template <class Enum, std::size_t... numbers>
std::size_t check_names(std::index_sequence<numbers...>) {
  std::size_t named = 0;
  const auto check = [&](std::size_t i, std::string_view expected) {
    CAPTURE(i);
    CHECK(to_string(static_cast<Enum>(i)) == expected);
    named += expected.empty() ? 0 : 1;
  };
  (check(numbers, compilers_name<static_cast<Enum>(numbers)>()), ...);
  return named;
}

TEST_CASE("codes and causes have their enumerators' names, and no other number has one") {
  CHECK(check_names<Errc>(std::make_index_sequence<256>{}) > static_cast<std::size_t>(Errc::out_of_memory));
  CHECK(check_names<Cause>(std::make_index_sequence<256>{}) > static_cast<std::size_t>(Cause::errc_name));
}

TEST_CASE("codes that Kinesis has are told by its exception's name") {
  CHECK(kinesis_name(Errc::invalid_argument) == "InvalidArgumentException");
  CHECK(kinesis_name(Errc::validation) == "ValidationException");
  CHECK(kinesis_name(Errc::resource_not_found) == "ResourceNotFoundException");
  CHECK(kinesis_name(Errc::resource_in_use) == "ResourceInUseException");
  CHECK(kinesis_name(Errc::limit_exceeded) == "LimitExceededException");
  CHECK(kinesis_name(Errc::throughput_exceeded) == "ProvisionedThroughputExceededException");
  CHECK(kinesis_name(Errc::expired_iterator) == "ExpiredIteratorException");
  CHECK(kinesis_name(Errc::expired_next_token) == "ExpiredNextTokenException");
  CHECK(kinesis_name(Errc::internal_failure) == "InternalFailure");
  CHECK(kinesis_name(Errc::closed).empty());
  CHECK(kinesis_name(Errc::stalled_writer).empty());
  CHECK(kinesis_name(Errc::out_of_memory).empty());
}

}  // namespace
