/// The tokens that answers hand out and requests hand back: iterators, and where a listing goes on.
#pragma once

#include <sys/random.h>

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "weir/core/md5.hpp"
#include "weir/core/position.hpp"
#include "weir/detail/published.hpp"

namespace weir::inline WEIR_ABI {

/// How long a token is good for: one that is older by a millisecond is refused.
inline constexpr std::chrono::milliseconds token_lifetime{300'000};

namespace detail {

enum class TokenKind : char { iterator = 'i', streams = 's', shards = 'h' };

/// What a token says: a place, as a value. The client keeps nothing of what it handed out.
struct Token {
  TokenKind kind = TokenKind::iterator;
  std::string stream{};  ///< whose it is; of a list of streams the last one that was listed
  Incarnation incarnation{};
  ShardId shard{};  ///< of a list of shards the last one that was listed
  char place = '-';
  std::uint64_t argument = 0;  ///< of the place: a number, a moment

  /// Of one shard: all that `Iterator::position()` gives.
  void set_position(const Position& position) noexcept {
    switch (position.kind()) {
      case Position::Kind::at:
        place = 'n';
        argument = position.sequence_number().value();
        break;
      case Position::Kind::at_timestamp:
        place = 't';
        argument = static_cast<std::uint64_t>(position.timestamp().time_since_epoch().count());
        break;
      default: place = 'o'; argument = 0;  // the oldest
    }
  }
  [[nodiscard]] Position position() const noexcept {
    switch (place) {
      case 'n': return Position::at({argument, shard, incarnation});
      case 't':
        return Position::at_timestamp(Timestamp{std::chrono::milliseconds{static_cast<std::int64_t>(argument)}});
      default: return Position::trim_horizon();
    }
  }

  friend bool operator==(const Token&, const Token&) = default;
};

/// Writes tokens and reads them back. Whoever alters one, or makes one up, is refused by a check that takes a secret of
/// this object; against somebody who means harm it is no protection.
///
/// **threads** any, at any time.
class Tokens {
 public:
  static constexpr std::size_t longest = 512;

  Tokens() noexcept {
    if (::getrandom(&secret_, sizeof secret_, 0) != sizeof secret_) {
      secret_ = static_cast<std::uint64_t>(std::chrono::steady_clock::now().time_since_epoch().count());
    }
  }

  /// Never the same text twice: a token is fresh for its whole life, even where it says what another says.
  [[nodiscard]] std::string write(const Token& token, Timestamp now) {
    std::string body{static_cast<char>(token.kind)};
    const auto append = [&body](const std::string& part) { body += ':' + part; };
    append(token.incarnation.to_string());
    append(std::to_string(token.shard.index()));
    append(token.place + std::to_string(token.argument));
    append(std::to_string(now.time_since_epoch().count()));
    append(std::to_string(serial_.add(1)));
    append(token.stream);
    return body + ':' + check_of(body);
  }

  /// **errors** `invalid_argument` for a text that `write` of this object did not give for this kind;
  /// `expired_iterator` or `expired_next_token` for one that is too old.
  [[nodiscard]] Result<Token> read(std::string_view text, TokenKind kind, Timestamp now) const {
    const Failure garbage{Errc::invalid_argument, Cause::token_text, text.size(), 0};
    const auto end = text.rfind(':');
    if (text.size() > longest || end == text.npos || text.substr(end + 1) != check_of(text.substr(0, end)) ||
        text.front() != static_cast<char>(kind)) {
      return garbage;
    }
    Scan scan{text.substr(1, end - 1), Cause::token_text};
    Token token;
    token.kind = kind;
    scan.expect(":");
    token.incarnation = Incarnation{scan.number<std::uint32_t>()};
    scan.expect(":");
    token.shard = ShardId{scan.number<std::uint32_t>()};
    scan.expect(":");
    const auto place = scan.take(1);
    token.argument = scan.number<std::uint64_t>();
    scan.expect(":");
    const auto written = scan.signed_number();
    scan.expect(":");
    static_cast<void>(scan.number<std::uint64_t>());
    scan.expect(":");
    if (scan.failed()) {
      return garbage;
    }
    token.place = place.front();
    token.stream = text.substr(1 + scan.position(), end - 1 - scan.position());
    const auto age = now.time_since_epoch().count() - written;
    if (age > token_lifetime.count()) {
      return Failure{kind == TokenKind::iterator ? Errc::expired_iterator : Errc::expired_next_token, Cause::token_age,
                     static_cast<std::uint64_t>(age), static_cast<std::uint64_t>(token_lifetime.count())};
    }
    return token;
  }

 private:
  [[nodiscard]] std::string check_of(std::string_view body) const {
    return Md5Hasher{}(std::to_string(secret_).append(body)).to_string();
  }

  std::uint64_t secret_ = 0;
  relaxed_counter serial_;
};

}  // namespace detail

}  // namespace weir::inline WEIR_ABI
