/// How a payload becomes bytes and back, and which ring it lives in.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>

#include "weir/core/bytes.hpp"

namespace weir::inline WEIR_ABI {

/// Specialise it for a payload of variable size:
///
/// - `argument`: what `put` takes (a view where that saves an allocation);
/// - `view`: what a record gives back; it may refer to the encoded bytes and is valid as long as its batch;
/// - `encoded_size(argument) -> std::size_t`: exact;
/// - `encode(std::span<std::byte>, argument)`: fills exactly `encoded_size` bytes;
/// - `decode(std::span<const std::byte>) -> view`.
///
/// `encode` runs before a place in the stream is claimed, so an exception from it stores nothing.
template <class T>
struct Codec;

template <>
struct Codec<Bytes> {
  using argument = BytesView;
  using view = BytesView;
  static std::size_t encoded_size(argument bytes) noexcept { return bytes.size(); }
  static void encode(std::span<std::byte> out, argument bytes) noexcept {
    if (!bytes.empty()) {
      std::memcpy(out.data(), bytes.data(), bytes.size());
    }
  }
  static view decode(std::span<const std::byte> bytes) noexcept { return bytes; }
  /// The encoded form without a copy, for payloads that are their own encoding: optional.
  static std::span<const std::byte> encoded(const argument& bytes) noexcept { return {bytes.data(), bytes.size()}; }
};

template <>
struct Codec<std::string> {
  using argument = std::string_view;
  using view = std::string_view;
  static std::size_t encoded_size(argument text) noexcept { return text.size(); }
  static void encode(std::span<std::byte> out, argument text) noexcept { Codec<Bytes>::encode(out, text); }
  static view decode(std::span<const std::byte> bytes) noexcept { return BytesView{bytes}.text(); }
  static std::span<const std::byte> encoded(const argument& text) noexcept {
    return Codec<Bytes>::encoded(BytesView{text});
  }
};

/// `T` has a `Codec`: records of any size, kept with their partition keys.
template <class T>
concept encoded_payload = requires(typename Codec<T>::argument argument, std::span<std::byte> out,
                                   std::span<const std::byte> in) {
  { Codec<T>::encoded_size(argument) } -> std::convertible_to<std::size_t>;
  Codec<T>::encode(out, argument);
  { Codec<T>::decode(in) } -> std::convertible_to<typename Codec<T>::view>;
};

/// `T` is copied bytewise: records of one size in columns, without keys. A `Codec` takes precedence.
template <class T>
concept fixed_payload = std::is_trivially_copyable_v<T> && std::is_object_v<T> && !encoded_payload<T>;

}  // namespace weir::inline WEIR_ABI
