/// The texts of the service, as requests and answers carry them: names, shard ids, sequence numbers, pages and tags.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>

#include "weir/core/hash_key.hpp"
#include "weir/core/partition_key.hpp"
#include "weir/core/sequence.hpp"

namespace weir::inline WEIR_ABI {

/// A sequence number as the service writes it: one decimal number, which names the shard and the incarnation too.
/// Compared as numbers, those of one shard are in its order; as strings they are not, because their lengths differ.
[[nodiscard]] inline std::string to_decimal(const SequenceNumber& number) {
  const std::uint64_t place{number.shard().index()};
  return HashKey{number.value(), place << 32 | number.incarnation().value()}.to_string();
}

/// Reads what `to_decimal` writes. Every number below 2^128 names a place in some stream; whether that is the one at
/// hand is for the stream to say.
///
/// **errors** `invalid_argument` for anything but digits, for a leading zero and for 2^128 or more.
constexpr Result<SequenceNumber> parse_decimal(std::string_view text) noexcept {
  const auto number = HashKey::parse(text);
  if (!number) {
    return Failure{Errc::invalid_argument, Cause::number_text, text.size(), 0};
  }
  return SequenceNumber{number->high(), ShardId{static_cast<std::uint32_t>(number->low() >> 32)},
                        Incarnation{static_cast<std::uint32_t>(number->low())}};
}

inline constexpr std::size_t max_shard_id_text = 128;
inline constexpr std::size_t max_tag_key = 128;    ///< in characters, as partition keys are counted
inline constexpr std::size_t max_tag_value = 256;  ///< the same
inline constexpr std::size_t max_tags = 50;        ///< of one stream

namespace detail {

/// **errors** `validation`, where `Stream::open` answers `invalid_argument`: a request's field has a constraint.
inline Result<void> check_stream_name(std::string_view name) noexcept {
  if (!valid_stream_name(name)) {
    return Failure{Errc::validation, Cause::stream_name, name.size(), max_stream_name};
  }
  return {};
}

/// A shard id as the service reads it: what stands before the first `-` does not matter, and leading zeros may be left
/// out, so that `0`, `shard-0` and `shardId-000000000000` are the same.
///
/// **errors** `validation` for text that no shard id may have; `resource_not_found` where no number below 2^31 follows.
inline Result<ShardId> read_shard_id(std::string_view text) noexcept {
  if (text.empty() || text.size() > max_shard_id_text || !plain_name(text)) {
    return Failure{Errc::validation, Cause::shard_id_text, text.size(), max_shard_id_text};
  }
  const auto dash = text.find('-');
  const auto number = dash == text.npos ? text : text.substr(dash + 1);
  constexpr std::uint32_t largest = std::numeric_limits<std::int32_t>::max();
  const auto digits = leading_digits(number, largest);
  if (digits.count == 0 || digits.count != number.size()) {
    return Failure{Errc::resource_not_found, Cause::shard_id_syntax, text.size() - number.size() + digits.count,
                   text.size()};
  }
  if (digits.over) {
    return Failure{Errc::resource_not_found, Cause::number_range, digits.leading, largest};
  }
  return ShardId{digits.value};
}

/// Whether a hash key has the form of one; how large it is, is checked when the stream is known.
///
/// **errors** `validation`.
inline Result<void> check_hash_key(std::string_view text) noexcept {
  constexpr std::size_t most_digits = 39;
  const auto key = HashKey::parse(text);
  if (text.size() > most_digits || (!key && key.error().cause == Cause::hash_key_syntax)) {
    return Failure{Errc::validation, Cause::hash_key_syntax, text.size(), 0};
  }
  return {};
}

/// How many items an answer may hold: what was asked for, but `cap` at most.
///
/// **errors** `validation` for less than 1 and more than `largest`.
inline Result<std::size_t> page_size(std::optional<int> asked, int cap, int largest) noexcept {
  if (asked && (*asked < 1 || *asked > largest)) {
    return Failure{Errc::validation, Cause::page_limit, static_cast<std::uint64_t>(*asked),
                   static_cast<std::uint64_t>(largest)};
  }
  return static_cast<std::size_t>(std::min(asked.value_or(cap), cap));
}

/// Letters beyond ASCII are taken for letters, whatever they are.
inline Result<void> check_tag_characters(std::string_view text) noexcept {
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    const bool alphanumeric = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (!alphanumeric && byte < 0x80 && std::string_view{" \t_./=+-%@:"}.find(c) == std::string_view::npos) {
      return Failure{Errc::invalid_argument, Cause::tag_characters, byte, 0};
    }
  }
  return {};
}

/// **errors** `validation` for a length of 0 or over the limit, `invalid_argument` for other characters than tags have.
inline Result<void> check_tag_key(std::string_view key) noexcept {
  if (const auto length = utf16_length(key); length < 1 || length > max_tag_key) {
    return Failure{Errc::validation, Cause::tag_key, length, max_tag_key};
  }
  return check_tag_characters(key);
}
inline Result<void> check_tag_value(std::string_view value) noexcept {
  if (const auto length = utf16_length(value); length > max_tag_value) {
    return Failure{Errc::validation, Cause::tag_value, length, max_tag_value};
  }
  return check_tag_characters(value);
}

}  // namespace detail

}  // namespace weir::inline WEIR_ABI
