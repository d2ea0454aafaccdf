/// The first line of a shard's span, before its ring: whose bytes these are, and whether anybody has them.
#pragma once

#include <array>
#include <cstring>
#include <span>
#include <string>

#include "weir/durable/manifest.hpp"

namespace weir::inline WEIR_ABI::detail {

/// Ties the bytes to the manifest, so that a file of another stream, or of an earlier one of this name, is not taken
/// for a shard.
///
///     0    magic | version | fingerprint | capacity | start | incarnation, shard
///     56   expired | check                          whether the records were given up: 1, or 0; of that and the start
///     72   entered | left                           counted by whoever has the stream
class SpanHeader {
 public:
  SpanHeader() = default;
  SpanHeader(const Manifest& manifest, const Manifest::Shard& of) {
    const auto fingerprint =
        Md5Hasher{}(std::to_string(manifest.payload_size) + ' ' + std::to_string(manifest.payload_alignment) + '\n' +
                    manifest.payload + '\n' + manifest.options + '\n' + manifest.layout + '\n' + manifest.hasher);
    identity_.fingerprint_high = fingerprint.high();
    identity_.fingerprint_low = fingerprint.low();
    identity_.capacity = manifest.capacity;
    identity_.start = of.start;
    identity_.incarnation = manifest.incarnation.value();
    identity_.shard = of.id.index();
    check_ = sum();
  }

  /// What a span begins with; nothing is known of its contents.
  static SpanHeader in(std::span<const std::byte> span) noexcept {
    SpanHeader header;
    if (span.size() >= sizeof header) {
      std::memcpy(&header, span.data(), sizeof header);
    }
    return header;
  }
  void write_to(std::span<std::byte> span) const noexcept { std::memcpy(span.data(), this, sizeof *this); }

  /// The same shard of the same stream, laid out in the same way.
  [[nodiscard]] bool same_shard(const SpanHeader& other) const noexcept {
    return identity_ == other.identity_ && check_ == sum();
  }

  /// The number that the first record's is higher than; of a shard that has not begun zero.
  [[nodiscard]] std::uint64_t start() const noexcept { return identity_.start; }
  void begin(std::uint64_t start) noexcept {
    identity_.start = start;
    check_ = sum();
  }
  /// Its records were given up.
  [[nodiscard]] bool expired() const noexcept { return expired_ != 0; }
  void expire() noexcept {
    expired_ = 1;
    check_ = sum();
  }

  /// How often the stream was entered. All its spans agree: one that does not is a copy of another time.
  [[nodiscard]] std::uint64_t entered() const noexcept { return entered_; }
  /// Nobody has the stream, and whoever had it left it in order. Said by the first span alone.
  [[nodiscard]] bool is_left() const noexcept { return entered_ == left_; }
  void enter() noexcept { ++entered_; }
  void leave() noexcept { left_ = entered_; }
  /// Takes an `enter` back that came to nothing.
  void return_to(const SpanHeader& before) noexcept { entered_ = before.entered_; }

 private:
  struct Identity {
    std::array<char, 8> magic{'w', 'e', 'i', 'r', 's', 'p', 'a', 'n'};
    std::uint64_t version = Manifest::version;
    std::uint64_t fingerprint_high = 0;  // of payload, options, layout and hasher
    std::uint64_t fingerprint_low = 0;
    std::uint64_t capacity = 0;
    std::uint64_t start = 0;
    std::uint32_t incarnation = 0;
    std::uint32_t shard = 0;

    friend bool operator==(const Identity&, const Identity&) = default;
  };

  Identity identity_;
  /// Of what the manifest does not say.
  [[nodiscard]] std::uint64_t sum() const noexcept {
    return Md5Hasher{}(std::to_string(identity_.start) + ' ' + std::to_string(expired_)).low();
  }

  std::uint64_t expired_ = 0;
  std::uint64_t check_ = 0;
  std::uint64_t entered_ = 0;
  std::uint64_t left_ = 0;
};
static_assert(sizeof(SpanHeader) <= line_size && std::is_standard_layout_v<SpanHeader>);
static_assert(std::has_unique_object_representations_v<SpanHeader>);

}  // namespace weir::inline WEIR_ABI::detail
