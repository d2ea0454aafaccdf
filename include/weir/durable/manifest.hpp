/// What a storage tells of the stream that lives in it.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "weir/core/clock.hpp"
#include "weir/core/hash_key.hpp"
#include "weir/core/ids.hpp"
#include "weir/core/md5.hpp"
#include "weir/core/scan.hpp"

namespace weir::inline WEIR_ABI {

/// The page that stands beside a stream's bytes: who it is, and what it was made for. Written when the stream is made,
/// and anew before its shards are split or merged and when its retention changes. Text, so that people can read it too:
///
///     weir stream 1                                                   the format's version
///     name ticks
///     incarnation 1871269542
///     payload 16 8 Tick                                               size, alignment, stable_name
///     options multiple kept overwrite
///     layout column 1                                                 the ring, and the version of its layout
///     hasher md5
///     capacity 65536                                                  of each shard, in the ring's unit
///     record-limit 0
///     readers 0                                                       places for readers of a gated shard
///     made-with 2                                                     shards
///     retention 0                                                     milliseconds; 0: by capacity alone
///     shard 0 0 170141183460469231731687303715884105727 0 0           id, hash keys from, to, start, created, parents
///     shard 1 170141183460469231731687303715884105728 340282366920938463463374607431768211455 0 0
///     check 28215814355833321414236193472172435296                    MD5 of everything above
struct Manifest {
  static constexpr std::uint64_t version = 1;
  /// The blob that holds it.
  static constexpr std::string_view blob = "manifest";

  struct Shard {
    ShardId id;
    HashKeyRange range;
    std::uint64_t start = 0;  ///< zero for one with parents: its span says with which number it began
    std::vector<ShardId> parents;
    Timestamp created{};

    friend bool operator==(const Shard&, const Shard&) = default;
  };

  std::string name;
  Incarnation incarnation;
  std::uint64_t payload_size = 0;  ///< 1 for payloads of any size
  std::uint64_t payload_alignment = 0;
  std::string payload;
  std::string options;
  std::string layout;
  std::string hasher;
  std::uint64_t capacity = 0;
  std::uint64_t record_limit = 0;
  std::uint64_t readers = 0;
  std::uint64_t made_with = 0;
  std::chrono::milliseconds retention{0};
  std::vector<Shard> shards;
  Timestamp created{};  ///< told by the first shard

  friend bool operator==(const Manifest&, const Manifest&) = default;

  [[nodiscard]] std::string to_text() const;

  /// **errors** `format` for another version, and for anything but what `to_text` gives.
  static Result<Manifest> parse(std::string_view text);
};

/// The numbers of the manifest's lines that a refusal names.
inline constexpr std::uint64_t manifest_options_line = 5;
inline constexpr std::uint64_t manifest_layout_line = 6;
inline constexpr std::uint64_t manifest_hasher_line = 7;
inline constexpr std::uint64_t manifest_capacity_line = 8;
inline constexpr std::uint64_t manifest_readers_line = 10;
inline constexpr std::uint64_t manifest_first_shard_line = 13;

namespace detail {

/// A text with its check: the MD5 of everything before it.
inline std::string sealed(std::string text) {
  text += "check ";
  return text + Md5Hasher{}(text).to_string() + '\n';
}
/// The end of a sealed text, which has nothing after it.
inline void read_seal(Scan& in, std::string_view text) noexcept {
  in.expect("check ");
  const auto covered = text.substr(0, in.position());
  const auto check = HashKey::parse(in.until('\n'));
  in.require(check && *check == Md5Hasher{}(covered));
  in.expect("\n");
  in.require(in.position() == text.size());
}

inline HashKey read_hash_key(Scan& in, char end) noexcept {
  const auto key = HashKey::parse(in.until(end));
  in.require(key.has_value());
  return key ? *key : HashKey{};
}

inline Manifest::Shard read_shard(Scan& in) {
  Manifest::Shard shard;
  shard.id = ShardId{in.number<std::uint32_t>()};
  in.expect(" ");
  shard.range.starting = read_hash_key(in, ' ');
  in.expect(" ");
  shard.range.ending = read_hash_key(in, ' ');
  in.require(shard.range.starting <= shard.range.ending);
  in.expect(" ");
  shard.start = in.number<std::uint64_t>();
  in.expect(" ");
  shard.created = Timestamp{std::chrono::milliseconds{static_cast<std::int64_t>(in.number<std::uint64_t>())}};
  while (in.skip(" ")) {
    shard.parents.emplace_back(in.number<std::uint32_t>());
  }
  return shard;
}

}  // namespace detail

inline std::string Manifest::to_text() const {
  const auto number = [](std::uint64_t value) { return std::to_string(value); };
  std::string text = "weir stream " + number(version) + "\nname " + name + "\nincarnation " +
                     number(incarnation.value()) + "\npayload " + number(payload_size) + ' ' +
                     number(payload_alignment) + ' ' + payload + "\noptions " + options + "\nlayout " + layout +
                     "\nhasher " + hasher + "\ncapacity " + number(capacity) + "\nrecord-limit " +
                     number(record_limit) + "\nreaders " + number(readers) + "\nmade-with " + number(made_with) +
                     "\nretention " + number(static_cast<std::uint64_t>(retention.count()));
  for (const auto& shard : shards) {
    text += "\nshard " + number(shard.id.index()) + ' ' + shard.range.starting.to_string() + ' ' +
            shard.range.ending.to_string() + ' ' + number(shard.start) + ' ' +
            number(static_cast<std::uint64_t>(shard.created.time_since_epoch().count()));
    for (const auto parent : shard.parents) {
      text += ' ' + number(parent.index());
    }
  }
  return detail::sealed(text + '\n');
}

inline Result<Manifest> Manifest::parse(std::string_view text) {
  detail::Scan in{text, Cause::manifest_damaged};
  const auto next_line = [&](std::string_view begins) {
    in.expect("\n");
    in.expect(begins);
  };
  Manifest manifest;
  in.expect("weir stream ");
  if (const auto found = in.number<std::uint64_t>(); !in.failed() && found != version) {
    return Failure{Errc::format, Cause::format_version, found, version};
  }
  next_line("name ");
  manifest.name = in.until('\n');
  in.require(valid_stream_name(manifest.name));
  next_line("incarnation ");
  manifest.incarnation = Incarnation{in.number<std::uint32_t>()};
  next_line("payload ");
  manifest.payload_size = in.number<std::uint64_t>();
  in.expect(" ");
  manifest.payload_alignment = in.number<std::uint64_t>();
  in.expect(" ");
  manifest.payload = in.until('\n');
  next_line("options ");
  manifest.options = in.until('\n');
  next_line("layout ");
  manifest.layout = in.until('\n');
  next_line("hasher ");
  manifest.hasher = in.until('\n');
  next_line("capacity ");
  manifest.capacity = in.number<std::uint64_t>();
  next_line("record-limit ");
  manifest.record_limit = in.number<std::uint64_t>();
  next_line("readers ");
  manifest.readers = in.number<std::uint64_t>();
  next_line("made-with ");
  manifest.made_with = in.number<std::uint64_t>();
  next_line("retention ");
  manifest.retention = std::chrono::milliseconds{static_cast<std::int64_t>(in.number<std::uint64_t>())};
  while (in.skip("\nshard ")) {
    manifest.shards.push_back(detail::read_shard(in));
    in.require(manifest.shards.back().id.index() + 1 == manifest.shards.size());
  }
  in.require(!manifest.shards.empty());
  manifest.created = manifest.shards.empty() ? Timestamp{} : manifest.shards.front().created;
  in.expect("\n");
  detail::read_seal(in, text);
  if (in.failed()) {
    const auto line = 1 + std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(in.position()), '\n');
    return Failure{Errc::format, Cause::manifest_damaged, static_cast<std::uint64_t>(line), 0};
  }
  return manifest;
}

}  // namespace weir::inline WEIR_ABI
