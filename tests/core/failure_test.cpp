#include "weir/core/failure.hpp"

#include <doctest/doctest.h>

#include <cctype>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace {

using weir::Cause;
using weir::Errc;
using weir::Failure;

constexpr std::uint64_t given = 71'013;
constexpr std::uint64_t allowed = 80'209;

std::string message(Cause cause, std::uint64_t value = given, std::uint64_t limit = allowed) {
  return Failure{Errc::validation, cause, value, limit}.message();
}

/// All causes: those that have a sentence.
std::vector<Cause> causes() {
  std::vector<Cause> all;
  for (int i = 0; i < 256; ++i) {
    if (const auto cause = static_cast<Cause>(i); message(cause) != "unknown failure") {
      all.push_back(cause);
    }
  }
  return all;
}

/// What a sentence leaves out, because the cause has no such number or says it in words.
struct Unnamed {
  bool value;
  bool limit;
};
const std::map<Cause, Unnamed> unnamed = {
    {Cause::capacity_zero, {true, true}},
    {Cause::stall_negative, {true, true}},
    {Cause::readers_unlimited, {false, true}},
    {Cause::no_arrival_times, {true, true}},
    {Cause::unknown_reader, {false, true}},
    {Cause::key_empty, {true, false}},
    {Cause::capacity_unit, {false, true}},
    {Cause::hash_key_syntax, {false, true}},
    {Cause::number_in_stream_position, {false, true}},
    {Cause::relative_checkpoint, {false, true}},
    {Cause::shard_closed, {false, true}},
    {Cause::writer_held, {false, true}},
    {Cause::split_key, {false, true}},
    {Cause::shard_not_open, {false, true}},
    {Cause::shard_expired, {false, true}},
    {Cause::reshard_running, {true, true}},
    {Cause::retention_range, {false, true}},
    {Cause::closed_bytes, {false, true}},
    {Cause::fault_planned, {false, true}},
    {Cause::stream_in_use, {false, true}},
    {Cause::thread_refused, {false, true}},
    {Cause::storage_exhausted, {false, true}},
    {Cause::span_exists, {false, true}},
    {Cause::no_such_span, {false, true}},
    {Cause::no_such_blob, {false, true}},
    {Cause::no_such_stream, {true, true}},
    {Cause::stream_unclean, {false, true}},
    {Cause::stream_half_made, {false, true}},
    {Cause::stream_read_only, {false, true}},
    {Cause::other_name, {true, true}},
    {Cause::storage_lock_missing, {true, true}},
    {Cause::manifest_damaged, {false, true}},
    {Cause::foreign_span, {false, true}},
    {Cause::other_options, {false, true}},
    {Cause::storage_read_only, {true, true}},
    {Cause::storage_in_use, {false, true}},
    {Cause::storage_full, {false, true}},
    {Cause::directory_refused, {false, true}},
    {Cause::file_refused, {false, true}},
    {Cause::stream_missing, {false, true}},
    {Cause::stream_taken, {false, true}},
    {Cause::stream_not_ready, {false, true}},
    {Cause::stream_not_active, {false, true}},
    {Cause::on_demand_shards, {false, true}},
    {Cause::token_text, {false, true}},
    {Cause::token_or_name, {false, true}},
    {Cause::number_missing, {true, true}},
    {Cause::number_unwanted, {false, true}},
    {Cause::number_text, {false, true}},
    {Cause::timestamp_missing, {true, true}},
    {Cause::shard_missing, {true, true}},
    {Cause::tag_characters, {false, true}},
    {Cause::errc_name, {false, true}},
};

TEST_CASE("every cause has a sentence of its own, and nothing else has one") {
  const auto all = causes();
  REQUIRE(all.size() > static_cast<std::size_t>(Cause::errc_name));
  std::set<std::string> sentences;
  for (std::size_t i = 0; i < all.size(); ++i) {
    CHECK(static_cast<std::size_t>(all[i]) == i);
    sentences.insert(message(all[i]));
  }
  CHECK(sentences.size() == all.size());
}

TEST_CASE("a sentence names the value and the limit and says what to do, in one line that reads well") {
  for (const auto cause : causes()) {
    const auto text = message(cause);
    CAPTURE(text);
    const auto found = unnamed.find(cause);
    const auto [value_unnamed, limit_unnamed] = found == unnamed.end() ? Unnamed{false, false} : found->second;
    CHECK((text.find(std::to_string(given)) == std::string::npos) == value_unnamed);
    CHECK((text.find(std::to_string(allowed)) == std::string::npos) == limit_unnamed);
    CHECK(text.find_first_of(":;,") != std::string::npos);  // what was wrong: what to do

    CHECK(text.find("  ") == std::string::npos);
    CHECK(text.find(" :") == std::string::npos);
    CHECK(text.find('\n') == std::string::npos);
    CHECK(text.find(std::to_string(given) + std::to_string(allowed)) == std::string::npos);
    CHECK_FALSE(std::isspace(static_cast<unsigned char>(text.front())));
    CHECK_FALSE(std::isupper(static_cast<unsigned char>(text.front())));
    CHECK((std::isalnum(static_cast<unsigned char>(text.back())) || text.back() == ')'));
    for (const auto number : {given, allowed}) {
      const auto digits = std::to_string(number);
      const auto place = text.find(digits);
      if (place != std::string::npos && place > 0) {
        CHECK_FALSE(std::isalnum(static_cast<unsigned char>(text[place - 1])));
      }
      if (place != std::string::npos && place + digits.size() < text.size()) {
        CHECK_FALSE(std::isalnum(static_cast<unsigned char>(text[place + digits.size()])));
      }
    }
  }
}

TEST_CASE("numbers are printed whole") {
  CHECK(message(Cause::record_size, ~std::uint64_t{0}, 0).find("18446744073709551615") != std::string::npos);
  CHECK(message(Cause::record_size, 0, 1).find(" 0 bytes") != std::string::npos);
}

TEST_CASE("a capacity of the wrong unit names the right one") {
  CHECK(message(Cause::capacity_unit, given, 0).find("say records(n)") != std::string::npos);
  CHECK(message(Cause::capacity_unit, given, 1).find("say bytes(n)") != std::string::npos);
}

TEST_CASE("the sentence is chosen by the cause alone, never by the code") {
  for (const auto cause : causes()) {
    CHECK(Failure{Errc::invalid_argument, cause, given, allowed}.message() ==
          Failure{Errc::out_of_memory, cause, given, allowed}.message());
  }
}

TEST_CASE("failures are equal when all their parts are") {
  constexpr Failure failure{Errc::closed, Cause::shard_closed, 1, 2};
  static_assert(failure == Failure{Errc::closed, Cause::shard_closed, 1, 2});
  static_assert(failure != Failure{Errc::validation, Cause::shard_closed, 1, 2});
  static_assert(failure != Failure{Errc::closed, Cause::writer_held, 1, 2});
  static_assert(failure != Failure{Errc::closed, Cause::shard_closed, 3, 2});
  static_assert(failure != Failure{Errc::closed, Cause::shard_closed, 1, 3});
  CHECK(failure == Failure{failure});
}

TEST_CASE("a failure travels in registers and copies without throwing") {
  static_assert(std::is_trivially_copyable_v<Failure>);
  CHECK(sizeof(Failure) <= 3 * sizeof(std::uint64_t));
}

}  // namespace
