#include "weir/client/tokens.hpp"

#include <doctest/doctest.h>

#include <limits>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "support/refused.hpp"

namespace {

using namespace std::chrono_literals;
using weir::Cause;
using weir::Errc;
using weir::Position;
using weir::Timestamp;
using weir::detail::Token;
using weir::detail::TokenKind;
using weir::detail::Tokens;
using weir::support::check_refused;

constexpr Timestamp noon{1'000'000'000'000ms};

Token token_at(const Position& position, const std::string& stream = "clicks") {
  Token token{TokenKind::iterator, stream, weir::Incarnation{7}, weir::ShardId{3}};
  token.set_position(position);
  return token;
}

Position number(std::uint64_t value) {
  return Position::at({value, weir::ShardId{3}, weir::Incarnation{7}});
}

TEST_CASE("a token comes back as it was written") {
  Tokens tokens;
  for (const auto kind : {TokenKind::iterator, TokenKind::streams, TokenKind::shards}) {
    for (const auto& position :
         {Position::trim_horizon(), number(0), number(~std::uint64_t{0}), Position::at_timestamp(noon),
          Position::at_timestamp(Timestamp{-1ms}), Position::at_timestamp(Timestamp::min())}) {
      auto token = token_at(position, "a.b-c_D9");
      token.kind = kind;
      const auto read = tokens.read(tokens.write(token, noon), kind, noon).value();
      CHECK(read == token);
      CHECK(read.position() == position);
    }
  }
}

TEST_CASE("a token is printable and short, whatever it carries") {
  Tokens tokens;
  Token token{TokenKind::shards,
              std::string(128, 'x'),
              weir::Incarnation{~std::uint32_t{0}},
              weir::ShardId{~std::uint32_t{0}},
              't',
              ~std::uint64_t{0}};
  const auto text = tokens.write(token, Timestamp::min());
  CHECK(text.size() <= 512);
  for (const char c : text) {
    CHECK((c > ' ' && c <= '~'));
  }
  CHECK(tokens.read(text, TokenKind::shards, Timestamp::min()).value() == token);
}

TEST_CASE("no two tokens are the same text") {
  Tokens tokens;
  std::vector<std::vector<std::string>> written(4);
  {
    std::vector<std::jthread> threads;
    for (auto& mine : written) {
      threads.emplace_back([&] {
        for (int i = 0; i < 100; ++i) {
          mine.push_back(tokens.write(token_at(number(1)), noon));
        }
      });
    }
  }
  std::set<std::string> all;
  for (const auto& some : written) {
    all.insert(some.begin(), some.end());
  }
  CHECK(all.size() == 400);
}

TEST_CASE("a token that is exactly as old as allowed is good, and a millisecond later it is not") {
  Tokens tokens;
  for (const auto kind : {TokenKind::iterator, TokenKind::streams, TokenKind::shards}) {
    auto token = token_at(number(4));
    token.kind = kind;
    const auto text = tokens.write(token, noon);
    CHECK(tokens.read(text, kind, noon + 300'000ms));
    const auto late = tokens.read(text, kind, noon + 300'001ms);
    check_refused(late, kind == TokenKind::iterator ? Errc::expired_iterator : Errc::expired_next_token,
                  Cause::token_age);
    CHECK(late.error().value == 300'001);
    CHECK(tokens.read(text, kind, noon - 24h));  // a clock that was set back makes nothing old
  }
}

TEST_CASE("a token that was altered anywhere is refused") {
  Tokens tokens;
  const auto text = tokens.write(token_at(number(12)), noon);
  for (std::size_t i = 0; i < text.size(); ++i) {
    for (const char c : {'0', '9', ':', 'z'}) {
      auto altered = text;
      if (altered[i] != c) {
        altered[i] = c;
        CAPTURE(altered);
        check_refused(tokens.read(altered, TokenKind::iterator, noon), Errc::invalid_argument, Cause::token_text);
      }
    }
    check_refused(tokens.read(text.substr(0, i), TokenKind::iterator, noon), Errc::invalid_argument, Cause::token_text);
    check_refused(tokens.read(text.substr(i + 1), TokenKind::iterator, noon), Errc::invalid_argument,
                  Cause::token_text);
  }
  check_refused(tokens.read(text + '0', TokenKind::iterator, noon), Errc::invalid_argument, Cause::token_text);
}

TEST_CASE("garbage, another verb's token and another client's are refused") {
  Tokens tokens;
  const auto text = tokens.write(token_at(number(12)), noon);
  for (const auto& garbage :
       {std::string{}, std::string{":"}, std::string{"garbage"}, std::string(600, 'x'), std::string(600, ':')}) {
    check_refused(tokens.read(garbage, TokenKind::iterator, noon), Errc::invalid_argument, Cause::token_text);
  }
  check_refused(tokens.read(text, TokenKind::shards, noon), Errc::invalid_argument, Cause::token_text);
  Tokens others;
  check_refused(others.read(text, TokenKind::iterator, noon), Errc::invalid_argument, Cause::token_text);
}

}  // namespace
