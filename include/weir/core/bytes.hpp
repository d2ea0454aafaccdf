/// Opaque payloads: `Bytes` owns them, `BytesView` looks at them.
#pragma once

#include <compare>
#include <concepts>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "weir/core/print.hpp"

namespace weir::inline WEIR_ABI {

/// Bytes that somebody else owns. Made from anything that is bytes or text, so that puts take either.
class BytesView {
 public:
  constexpr BytesView() noexcept = default;
  constexpr BytesView(const std::byte* data, std::size_t size) noexcept : data_(data), size_(size) {}
  constexpr BytesView(std::span<const std::byte> bytes) noexcept : BytesView(bytes.data(), bytes.size()) {}
  /// A vector or an array of bytes would else need two conversions, and a call makes one.
  template <class Container>
  requires(!std::same_as<Container, BytesView> &&
           std::convertible_to<const Container&, std::span<const std::byte>>) constexpr BytesView(const Container&
                                                                                                      bytes) noexcept
      : BytesView(std::span<const std::byte>{bytes}) {}
  BytesView(std::string_view text) noexcept : BytesView(reinterpret_cast<const std::byte*>(text.data()), text.size()) {}
  BytesView(const std::string& text) noexcept : BytesView(std::string_view{text}) {}
  BytesView(const char* text) noexcept : BytesView(std::string_view{text}) {}

  [[nodiscard]] constexpr const std::byte* data() const noexcept { return data_; }
  [[nodiscard]] constexpr std::size_t size() const noexcept { return size_; }
  [[nodiscard]] constexpr bool empty() const noexcept { return size_ == 0; }
  [[nodiscard]] constexpr const std::byte* begin() const noexcept { return data_; }
  [[nodiscard]] constexpr const std::byte* end() const noexcept { return data_ + size_; }
  [[nodiscard]] std::string_view text() const noexcept { return {reinterpret_cast<const char*>(data_), size_}; }

  /// Printable ASCII as it is, a backslash doubled, any other byte as `\xNN`.
  [[nodiscard]] std::string to_string() const {
    constexpr auto hexadecimal = "0123456789abcdef";
    std::string printed;
    for (const char c : text()) {
      const auto byte = static_cast<unsigned char>(c);
      if (byte < 0x20 || byte > 0x7e) {
        printed.append({'\\', 'x', hexadecimal[byte / 16], hexadecimal[byte % 16]});
      } else {
        printed.append(c == '\\' ? 2 : 1, c);
      }
    }
    return printed;
  }

  friend bool operator==(BytesView a, BytesView b) noexcept { return a.text() == b.text(); }
  /// As bytes, unsigned, then by length.
  friend std::strong_ordering operator<=>(BytesView a, BytesView b) noexcept { return a.text() <=> b.text(); }

 private:
  const std::byte* data_ = nullptr;
  std::size_t size_ = 0;
};

/// Bytes of one's own: the payload type of a stream of opaque records.
class Bytes {
 public:
  Bytes() = default;
  explicit Bytes(BytesView view) : bytes_(view.begin(), view.end()) {}

  operator BytesView() const noexcept { return {bytes_.data(), bytes_.size()}; }
  [[nodiscard]] std::size_t size() const noexcept { return bytes_.size(); }
  [[nodiscard]] std::string_view text() const noexcept { return BytesView{*this}.text(); }

  [[nodiscard]] std::string to_string() const { return BytesView{*this}.to_string(); }

  friend bool operator==(const Bytes&, const Bytes&) = default;
  friend auto operator<=>(const Bytes&, const Bytes&) = default;

 private:
  std::vector<std::byte> bytes_;
};

template <>
inline constexpr bool detail::has_text<BytesView> = true;
template <>
inline constexpr bool detail::has_text<Bytes> = true;

}  // namespace weir::inline WEIR_ABI

template <>
struct std::hash<weir::BytesView> {
  std::size_t operator()(weir::BytesView bytes) const noexcept { return std::hash<std::string_view>{}(bytes.text()); }
};

template <>
struct std::hash<weir::Bytes> {
  std::size_t operator()(const weir::Bytes& bytes) const noexcept { return std::hash<weir::BytesView>{}(bytes); }
};
