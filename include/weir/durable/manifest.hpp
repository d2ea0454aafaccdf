/// What a storage tells of the stream that lives in it.
#pragma once

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "weir/core/hash_key.hpp"
#include "weir/core/ids.hpp"
#include "weir/core/md5.hpp"

namespace weir::inline WEIR_ABI {

/// The page that stands beside a stream's bytes: who it is, what it was made for, and whether it was closed. Text, so
/// that people can read it too:
///
///     weir stream 1                                                   the format's version
///     name ticks
///     incarnation 1871269542
///     state closed                                                    or open: in use, or left by a crash
///     payload 16 8 Tick                                               size, alignment, stable_name
///     options multiple kept
///     layout column 1                                                 the ring, and the version of its layout
///     hasher md5
///     capacity 65536                                                  of each shard, in the ring's unit
///     record-limit 0
///     made-with 2                                                     shards
///     shard 0 0 170141183460469231731687303715884105727 0             id, hash keys from, to, start, parents
///     shard 1 170141183460469231731687303715884105728 340282366920938463463374607431768211455 0
///     check 212195283714503853416826217452837425345                   MD5 of everything above
struct Manifest {
  static constexpr std::uint64_t version = 1;
  /// The blob that holds it.
  static constexpr std::string_view blob = "manifest";

  enum class State : std::uint8_t { open, closed };

  struct Shard {
    ShardId id;
    HashKeyRange range;
    std::uint64_t start = 0;
    std::vector<ShardId> parents;

    friend bool operator==(const Shard&, const Shard&) = default;
  };

  std::string name;
  Incarnation incarnation;
  State state = State::open;
  std::uint64_t payload_size = 0;  ///< 1 for payloads of any size
  std::uint64_t payload_alignment = 0;
  std::string payload;
  std::string options;
  std::string layout;
  std::string hasher;
  std::uint64_t capacity = 0;
  std::uint64_t record_limit = 0;
  std::uint64_t made_with = 0;
  std::vector<Shard> shards;

  friend bool operator==(const Manifest&, const Manifest&) = default;

  [[nodiscard]] std::string to_text() const;

  /// **errors** `format` for another version, and for anything but what `to_text` gives.
  static Result<Manifest> parse(std::string_view text);
};

/// The numbers of the manifest's lines that a refusal names.
inline constexpr std::uint64_t manifest_options_line = 6;
inline constexpr std::uint64_t manifest_layout_line = 7;
inline constexpr std::uint64_t manifest_hasher_line = 8;
inline constexpr std::uint64_t manifest_capacity_line = 9;
inline constexpr std::uint64_t manifest_first_shard_line = 12;

inline std::string Manifest::to_text() const {
  const auto number = [](std::uint64_t value) { return std::to_string(value); };
  std::string text = "weir stream " + number(version) + "\nname " + name + "\nincarnation " +
                     number(incarnation.value()) + "\nstate " + (state == State::closed ? "closed" : "open") +
                     "\npayload " + number(payload_size) + ' ' + number(payload_alignment) + ' ' + payload +
                     "\noptions " + options + "\nlayout " + layout + "\nhasher " + hasher + "\ncapacity " +
                     number(capacity) + "\nrecord-limit " + number(record_limit) + "\nmade-with " + number(made_with);
  for (const auto& shard : shards) {
    text += "\nshard " + number(shard.id.index()) + ' ' + shard.range.starting.to_string() + ' ' +
            shard.range.ending.to_string() + ' ' + number(shard.start);
    for (const auto parent : shard.parents) {
      text += ' ' + number(parent.index());
    }
  }
  text += "\ncheck ";
  return text + Md5Hasher{}(text).to_string() + '\n';
}

namespace detail {

/// Takes a manifest apart, word by word; remembers in which line it failed.
class ManifestText {
 public:
  explicit ManifestText(std::string_view text) noexcept : rest_(text) {}

  /// Goes to the next line, which begins with these words.
  void line(std::string_view words) noexcept {
    if (failed()) {
      return;
    }
    ++number_;
    const auto end = rest_.find('\n');
    line_ = rest_.substr(0, end);
    rest_ = end == rest_.npos ? std::string_view{} : rest_.substr(end + 1);
    expect(end != rest_.npos && line_.starts_with(words) && line_.substr(words.size()).starts_with(' '));
    line_.remove_prefix(std::min(words.size() + 1, line_.size()));
  }
  [[nodiscard]] bool next_begins(std::string_view words) const noexcept { return rest_.starts_with(words); }

  [[nodiscard]] std::string_view word() noexcept {
    const auto end = std::min(line_.find(' '), line_.size());
    const auto word = line_.substr(0, end);
    line_.remove_prefix(std::min(end + 1, line_.size()));
    expect(!word.empty());
    return word;
  }
  [[nodiscard]] std::string_view remainder() noexcept { return std::exchange(line_, {}); }
  [[nodiscard]] bool line_left() const noexcept { return !line_.empty(); }

  template <class Number>
  [[nodiscard]] Number number() noexcept {
    const auto digits = word();
    Number value = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    expect(error == std::errc{} && end == digits.data() + digits.size());
    return value;
  }
  [[nodiscard]] HashKey hash_key() noexcept {
    const auto key = HashKey::parse(word());
    expect(key.has_value());
    return key ? *key : HashKey{};
  }

  void expect(bool truth) noexcept { bad_ = bad_ != 0 || truth ? bad_ : number_; }
  [[nodiscard]] bool failed() const noexcept { return bad_ != 0; }
  [[nodiscard]] bool finished() const noexcept { return !failed() && rest_.empty(); }
  [[nodiscard]] Failure failure() const noexcept {
    return {Errc::format, Cause::manifest_damaged, failed() ? bad_ : number_ + 1, 0};
  }

 private:
  std::string_view rest_;
  std::string_view line_;
  std::uint64_t number_ = 0;
  std::uint64_t bad_ = 0;
};

}  // namespace detail

inline Result<Manifest> Manifest::parse(std::string_view text) {
  detail::ManifestText in{text};
  Manifest manifest;
  in.line("weir stream");
  if (const auto found = in.number<std::uint64_t>(); !in.failed() && found != version) {
    return Failure{Errc::format, Cause::format_version, found, version};
  }
  in.line("name");
  manifest.name = in.remainder();
  in.expect(valid_stream_name(manifest.name));
  in.line("incarnation");
  manifest.incarnation = Incarnation{in.number<std::uint32_t>()};
  in.line("state");
  const auto state = in.word();
  in.expect(state == "open" || state == "closed");
  manifest.state = state == "closed" ? State::closed : State::open;
  in.line("payload");
  manifest.payload_size = in.number<std::uint64_t>();
  manifest.payload_alignment = in.number<std::uint64_t>();
  manifest.payload = in.remainder();
  in.line("options");
  manifest.options = in.remainder();
  in.line("layout");
  manifest.layout = in.remainder();
  in.line("hasher");
  manifest.hasher = in.remainder();
  in.line("capacity");
  manifest.capacity = in.number<std::uint64_t>();
  in.line("record-limit");
  manifest.record_limit = in.number<std::uint64_t>();
  in.line("made-with");
  manifest.made_with = in.number<std::uint64_t>();
  while (!in.failed() && in.next_begins("shard")) {
    in.line("shard");
    Shard shard{.id = ShardId{in.number<std::uint32_t>()},
                .range = {in.hash_key(), in.hash_key()},
                .start = in.number<std::uint64_t>(),
                .parents = {}};
    while (!in.failed() && in.line_left()) {
      shard.parents.emplace_back(in.number<std::uint32_t>());
    }
    in.expect(shard.id.index() == manifest.shards.size() && shard.range.starting <= shard.range.ending);
    manifest.shards.push_back(std::move(shard));
  }
  in.expect(!manifest.shards.empty());
  in.line("check");
  const auto check = in.hash_key();
  const auto covered = text.substr(0, text.rfind(' ') + 1);
  in.expect(check == Md5Hasher{}(covered));
  if (!in.finished()) {
    return in.failure();
  }
  return manifest;
}

}  // namespace weir::inline WEIR_ABI
