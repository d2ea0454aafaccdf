/// What files need to know of a type: a name that is the same in every program, and that its bytes hold nothing else.
#pragma once

#include <array>
#include <cstddef>
#include <string_view>
#include <type_traits>
#include <utility>

#include "weir/core/clock.hpp"
#include "weir/core/codec.hpp"
#include "weir/core/md5.hpp"

namespace weir::inline WEIR_ABI {

namespace detail {

/// The type as the compiler spells it.
template <class T>
constexpr std::string_view spelled() noexcept {
  std::string_view text = __PRETTY_FUNCTION__;  // GCC: "... [with T = X; std::string_view = ...]", Clang: "... [T = X]"
  text.remove_prefix(text.find("T = ") + 4);
  const auto more = text.rfind("; std::string_view = ");
  return text.substr(0, more != text.npos ? more : text.size() - 1);
}

/// The same without the part of our namespace that tells units of different switches apart: files are for all of them.
template <class T>
struct Spelling {
  static constexpr std::string_view raw = spelled<T>();
  static constexpr std::string_view tag = [] {
    auto ours = spelled<Bytes>();  // weir::Bytes, with the part after weir::
    ours.remove_prefix(std::string_view{"weir::"}.size());
    return ours.substr(0, ours.find("Bytes"));
  }();
  static constexpr auto kept = [] {
    std::pair<std::array<char, raw.size()>, std::size_t> text{};
    for (std::size_t i = 0; i < raw.size();) {
      if (!tag.empty() && raw.substr(i).starts_with(tag)) {
        i += tag.size();
      } else {
        text.first[text.second++] = raw[i++];
      }
    }
    return text;
  }();
  static constexpr std::string_view text{kept.first.data(), kept.second};
};

/// Numbers by kind and bytes, because each compiler spells them its own way.
template <class T>
constexpr std::string_view initial_name() noexcept {
  if constexpr (std::is_same_v<T, bool>) {
    return "bool";
  } else if constexpr (std::is_integral_v<T> && sizeof(T) <= sizeof(std::uint64_t)) {
    constexpr bool plus = std::is_unsigned_v<T>;
    switch (sizeof(T)) {
      case 1: return plus ? "u8" : "i8";
      case 2: return plus ? "u16" : "i16";
      case 4: return plus ? "u32" : "i32";
      default: return plus ? "u64" : "i64";
    }
  } else if constexpr (std::is_floating_point_v<T> && sizeof(T) <= sizeof(double)) {
    return sizeof(T) == sizeof(float) ? "f32" : "f64";
  } else {
    return Spelling<T>::text;
  }
}

}  // namespace detail

/// The name by which files tell payloads of one size apart: numbers by kind and size, other types as the compiler
/// spells them. Compilers agree on the names of types in namespaces. They differ in types of an unnamed namespace,
/// local types (of which Clang says no more than the last word, so that two may look alike), templates' instances and
/// arrays. Specialise it for those, and for a type that is renamed or whose meaning changes.
template <class T>
inline constexpr std::string_view stable_name = detail::initial_name<T>();

template <>
inline constexpr std::string_view stable_name<Bytes> = "weir::Bytes";
template <>
inline constexpr std::string_view stable_name<std::string> = "std::string";
template <>
inline constexpr std::string_view stable_name<Md5Hasher> = "md5";
template <>
inline constexpr std::string_view stable_name<Timestamp> = "weir::Timestamp";

/// The bytes of a `T` mean the same in another process: they hold no padding, which is stray memory, and no pointers.
/// Specialise it as true for a type of which that holds and the compiler cannot vouch for it: one with a floating-point
/// member. Nobody checks what you say, nor looks for pointers among members.
template <class T>
inline constexpr bool no_padding = (std::is_floating_point_v<T> && sizeof(T) <= sizeof(double)) ||
                                   (std::has_unique_object_representations_v<T> && !std::is_pointer_v<T> &&
                                    !std::is_member_pointer_v<T>);

}  // namespace weir::inline WEIR_ABI
