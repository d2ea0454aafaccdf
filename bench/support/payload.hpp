/// The records that benchmarks put, so made that whoever reads one knows whether it is the right one and whole.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "support/session.hpp"
#include "weir/weir.hpp"

namespace bench {

/// A payload of one size.
template <std::size_t Size>
struct Fixed {
  std::array<std::byte, Size> bytes;
};

inline constexpr std::array<std::size_t, 4> sizes = {8, 64, 256, 1024};

/// Whether records of `T` live in the segment ring, with their keys; they are given as views then.
template <class T>
inline constexpr bool keyed = std::same_as<T, weir::Bytes>;

/// A stamp at both ends of a payload of 8 bytes or more; the bytes between have one value.
inline constexpr std::byte filling{0x5A};

inline void write_stamp(std::span<std::byte> payload, std::uint64_t stamp) {
  std::memcpy(payload.data(), &stamp, sizeof stamp);
  std::memcpy(payload.data() + payload.size() - sizeof stamp, &stamp, sizeof stamp);
}

inline std::uint64_t first_stamp(std::span<const std::byte> payload) {
  std::uint64_t stamp = 0;
  std::memcpy(&stamp, payload.data(), sizeof stamp);
  return stamp;
}

/// Zero when both ends bear `stamp`: differences of many records can be gathered without a branch for each.
inline std::uint64_t difference(std::span<const std::byte> payload, std::uint64_t stamp) {
  std::uint64_t last = 0;
  std::memcpy(&last, payload.data() + payload.size() - sizeof last, sizeof last);
  return (first_stamp(payload) ^ stamp) | (last ^ stamp);
}

template <std::size_t Size>
std::span<const std::byte> payload_bytes(const Fixed<Size>& payload) {
  return payload.bytes;
}
inline std::span<const std::byte> payload_bytes(weir::BytesView payload) {
  return {payload.data(), payload.size()};
}
inline std::span<const std::byte> payload_bytes(const std::string& payload) {
  return std::as_bytes(std::span{payload});
}

/// Records a batch: what `put_all` is given here.
inline constexpr std::uint64_t batch_records = 256;

/// How the n-th record put into a shard is stamped.
enum class Stamps : std::uint8_t {
  counted,  ///< with n
  batched,  ///< from a table, which costs the putting thread nothing; repeats after 61 batches, which is no lap's
            ///< length
};

inline constexpr std::uint64_t stamp_of(Stamps stamps, std::uint64_t n) {
  return stamps == Stamps::counted ? n : n / batch_records % 61 + n % batch_records;
}

/// Makes one record after another in the same place, so that making it costs two words.
template <class T, std::size_t Size>
class Single {
 public:
  using argument = std::conditional_t<keyed<T>, weir::BytesView, const Fixed<Size>&>;

  Single() { payload_.bytes.fill(filling); }

  argument stamped(std::uint64_t stamp) {
    write_stamp(payload_.bytes, stamp);
    if constexpr (keyed<T>) {
      return weir::BytesView{payload_.bytes};
    } else {
      return payload_;
    }
  }

 private:
  Fixed<Size> payload_;
};

/// Batches made before they are needed.
template <class T, std::size_t Size>
class Table {
 public:
  using element = std::conditional_t<keyed<T>, weir::BytesView, Fixed<Size>>;

  /// The stamps begin at `base`.
  explicit Table(std::uint64_t base = 0) : bytes_(length * Size, filling) {
    elements_.reserve(length);
    for (std::size_t i = 0; i < length; ++i) {
      const std::span<std::byte> place{bytes_.data() + i * Size, Size};
      write_stamp(place, base + i);
      if constexpr (keyed<T>) {
        elements_.push_back(weir::BytesView{place});
      } else {
        std::memcpy(elements_.emplace_back().bytes.data(), place.data(), Size);
      }
    }
  }

  /// Batch number `index`, stamped as `Stamps::batched` says.
  [[nodiscard]] std::span<const element> batch(std::uint64_t index) const {
    return std::span<const element>{elements_}.subspan(index % 61, batch_records);
  }

 private:
  static constexpr std::size_t length = 61 + batch_records;
  std::vector<std::byte> bytes_;
  std::vector<element> elements_;
};

/// The checks of a run of columns that begins with the n-th record put.
template <std::size_t Size>
void require_stamped(std::span<const Fixed<Size>> payloads, Stamps stamps, std::uint64_t n) {
  while (!payloads.empty()) {
    const auto part = payloads.first(std::min<std::size_t>(payloads.size(), batch_records - n % batch_records));
    const auto stamp = stamp_of(stamps, n);
    std::uint64_t wrong = 0;
    for (std::size_t i = 0; i < part.size(); ++i) {
      wrong |= difference(part[i].bytes, stamp + i);
    }
    require(wrong == 0, "a record that is not the one put in this place");
    n += part.size();
    payloads = payloads.subspan(part.size());
  }
}

}  // namespace bench
