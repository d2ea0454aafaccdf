/// The writing side of a segment ring: claims by CAS, frames of words, a directory that says what is finished.
#pragma once

#include <array>

#include "weir/core/codec.hpp"
#include "weir/detail/scratch.hpp"
#include "weir/ring/arrival.hpp"
#include "weir/ring/segment/rotate.hpp"

namespace weir::inline WEIR_ABI {

/// Appends for any thread at any time.
///
///     t = tail.load(acquire G T);  closed -> return;  sealed -> rotate(t), again;  no room -> seal(t), again
///     tail.CAS(t, t + count + size, release T), or pause and again
///     number = first[s].load(relaxed) + count;  words: store(release W);  directory[s][count].store(release E)
template <class T, Options options, class Env>
class SegmentWriter {
  using Layout = SegmentLayout<options, Env>;
  using Shape = typename Layout::FrameShape;
  using Memory = typename Env::Memory;
  using Argument = typename Codec<T>::argument;
  using Element = std::remove_cvref_t<Argument>;  // a codec may take its payload by reference

 public:
  /// Where the next frame of a claim goes.
  struct Place {
    std::uint64_t segment = 0;
    std::uint64_t index = 0;
    std::uint64_t offset = 0;
    std::uint64_t number = 0;
    std::uint64_t arrived = 0;
  };

  explicit SegmentWriter(const Layout& layout) noexcept : layout_(layout) {}

  /// Precondition: the frame fits `max_claim_bytes()`. The payload is encoded before anything is claimed.
  template <class Clock>
  Append try_put(const Clock& clock, std::string_view key, const Argument& value) {
    if constexpr (requires { Codec<T>::encoded(value); }) {
      return try_put_encoded(clock, key, Codec<T>::encoded(value));
    } else {
      const std::size_t size = Codec<T>::encoded_size(value);
      if (size > on_stack) [[unlikely]] {
        const detail::Scratch encoded{size};
        Codec<T>::encode(encoded.bytes(), value);
        return try_put_encoded(clock, key, encoded.bytes());
      }
      std::array<std::byte, on_stack> encoded;
      const auto out = std::span{encoded}.first(size);
      Codec<T>::encode(out, value);
      return try_put_encoded(clock, key, out);
    }
  }

  /// The same for a payload that is encoded already.
  template <class Clock>
  Append try_put_encoded(const Clock& clock, std::string_view key, std::span<const std::byte> data) noexcept {
    Place place;
    const auto outcome = claim(clock, 1, Shape::size(key.size(), data.size()), place);
    if (outcome.status == Append::Status::done) [[likely]] {
      store(place, key, data);
    }
    return outcome;
  }

  /// One claim for all. Precondition: `values` are 1 or more and their frames fit `max_claim_bytes()` together.
  template <class Clock>
  Append try_put_all(const Clock& clock, std::string_view key, std::span<const Element> values) {
    std::uint64_t frames = 0;
    if constexpr (requires(const Argument& value) {
                    { Codec<T>::encoded(value) }
                    noexcept;
                  }) {
      for (const auto& value : values) {
        frames += Shape::size(key.size(), Codec<T>::encoded(value).size());
      }
      return append(clock, key, values.size(), frames, [&](std::size_t i) { return Codec<T>::encoded(values[i]); });
    } else {
      std::size_t total = 0;
      for (const auto& value : values) {
        total += Codec<T>::encoded_size(value);
      }
      const auto sizes_end = values.size() * sizeof(std::size_t);
      const detail::Scratch scratch{sizes_end + total};
      auto* const sizes = reinterpret_cast<std::size_t*>(scratch.bytes().data());
      auto rest = scratch.bytes().subspan(sizes_end);
      const auto next = [&](std::size_t size) {
        const auto part = rest.first(size);
        rest = rest.subspan(size);
        return part;
      };
      for (std::size_t i = 0; i < values.size(); ++i) {
        const auto part = next(Codec<T>::encoded_size(values[i]));
        Codec<T>::encode(part, values[i]);
        sizes[i] = part.size();
        frames += Shape::size(key.size(), part.size());
      }
      rest = scratch.bytes().subspan(sizes_end);
      return append(clock, key, values.size(), frames, [&](std::size_t i) { return next(sizes[i]); });
    }
  }

  /// Claims a frame whose data is encoded where it lies. Precondition: the frame fits `max_claim_bytes()`. Nobody reads
  /// beyond it until it is finished or skipped.
  template <class Clock>
  Append claim_in_place(const Clock& clock, std::string_view key, std::uint64_t size,
                        Place& place) noexcept requires Layout::gated {
    return claim(clock, 1, Shape::size(key.size(), size), place);
  }
  [[nodiscard]] std::span<std::byte> in_place(const Place& place, std::string_view key,
                                              std::uint64_t size) const noexcept requires Layout::gated {
    auto* data = layout_.bytes(place.segment, place.offset) + Shape::header_words + Shape::padded(key.size()) / 8;
    return {reinterpret_cast<std::byte*>(data), size};
  }
  /// Makes a claim's record visible, of which `size` bytes or more were claimed.
  void finish_in_place(Place& place, std::string_view key, std::uint64_t size) noexcept requires Layout::gated {
    store_head(place, key, size);
    finish(place, Shape::size(key.size(), size));
  }
  /// Gives a claim of one record up: readers step over its number.
  void skip(const Place& place) noexcept {
    Memory::store(layout_.entry(place.segment, place.index), Entry::skip(place.number).word(), detail::release<'E'>);
  }

  /// The bytes that the frames of one claim may take: half a segment, so that a rotation wastes at most as much.
  [[nodiscard]] std::uint64_t max_claim_bytes() const noexcept { return layout_.usable_bytes() / 2; }
  /// The records that one claim may take.
  [[nodiscard]] std::uint64_t max_claim() const noexcept { return std::max<std::uint64_t>(layout_.entries() / 2, 1); }
  [[nodiscard]] static constexpr std::uint64_t frame_size(std::string_view key, const Argument& value) {
    return Shape::size(key.size(), Codec<T>::encoded_size(value));
  }

 private:
  static constexpr std::uint64_t fetched_ahead = 2048;  // bytes
  static constexpr std::uint64_t cache_line = 64;
  static constexpr std::size_t on_stack = 512;  // bytes of a record, encoded

  /// One claim of `frames` bytes for `count` records; `data(i)` is the i-th, asked for in order, and does not throw.
  template <class Clock, class Data>
  Append append(const Clock& clock, std::string_view key, std::uint64_t count, std::uint64_t frames,
                const Data& data) noexcept {
    Place place;
    const auto outcome = claim(clock, count, frames, place);
    if (outcome.status == Append::Status::done) {
      for (std::uint64_t i = 0; i < count; ++i) {
        store(place, key, data(i));
      }
    }
    return outcome;
  }

  template <class Clock>
  Append claim(const Clock& clock, std::uint64_t count, std::uint64_t bytes, Place& place) noexcept {
    const detail::Rotation<Layout> rotation{layout_};
    for (;;) {
      const auto tail = rotation.tail();
      if (tail.closed()) [[unlikely]] {
        return {Append::Status::closed, rotation.announce_close(tail)};
      }
      if (tail.sealed()) [[unlikely]] {
        rotation.rotate(tail);
        continue;
      }
      if (tail.offset() + bytes > layout_.usable_bytes() || tail.count() + count > layout_.entries()) [[unlikely]] {
        if (const auto refused = rotation.seal(tail)) {
          return *refused;
        }
        continue;
      }
      std::uint64_t arrived = 0;
      if constexpr (Layout::timed) {
        arrived = detail::arrive<Memory>(layout_.last_arrival(), clock);
      }
      if (Memory::compare_exchange(layout_.tail(), tail.word(), tail.claim(count, bytes).word(), detail::release<'T'>))
          [[likely]] {
        // The segment cannot be recycled before this claim is finished, so its first number stands.
        const auto segment = layout_.segment(tail.generation());
        const auto number = Memory::load(layout_.first(segment), detail::relaxed) + tail.count();
        place = {segment, tail.count(), tail.offset(), number, arrived};
        return {Append::Status::done, number};
      }
      detail::take_turns<Memory>();
    }
  }

  /// Writes a frame, says that it is finished, and moves on to the next place of the claim.
  void store(Place& place, std::string_view key, std::span<const std::byte> data) noexcept {
    const auto size = Shape::size(key.size(), data.size());
    prefetch_behind(place, size);
    store_bytes(store_head(place, key, data.size()), data);
    finish(place, size);
  }

  /// Writes what comes before a frame's data. Returns where that begins.
  std::uint64_t* store_head(const Place& place, std::string_view key, std::uint64_t size) noexcept {
    auto* to = layout_.bytes(place.segment, place.offset);
    Memory::store(*to, Shape::sizes(key.size(), size), detail::word_in);
    if constexpr (Layout::timed) {
      Memory::store(to[1], place.arrived, detail::word_in);
    }
    return store_bytes(to + Shape::header_words, std::as_bytes(std::span{key}));
  }

  void finish(Place& place, std::uint64_t size) noexcept {
    Memory::store(layout_.entry(place.segment, place.index), Entry::at(place.number, place.offset).word(),
                  detail::release<'E'>);
    ++place.index;
    ++place.number;
    place.offset += size;
  }

  static std::uint64_t* store_bytes(std::uint64_t* to, std::span<const std::byte> from) noexcept {
    const auto whole = from.size() / 8;
    const auto rest = from.size() % 8;
    if constexpr (Layout::gated) {
      Memory::plain_copy(to, from.data(), whole);
    } else {
      detail::store_words<Memory>(to, from.data(), whole);
    }
    to += whole;
    if (rest != 0) {
      const auto word = detail::partial_word(from.data() + whole * 8, rest);
      if constexpr (Layout::gated) {
        Memory::plain_copy(to++, reinterpret_cast<const std::byte*>(&word), 1);
      } else {
        Memory::store(*to++, word, detail::word_in);
      }
    }
    return to;
  }

  void prefetch_behind(const Place& place, std::uint64_t size) const noexcept {
    const auto end = std::min(place.offset + fetched_ahead + size, layout_.usable_bytes());
    for (auto offset = place.offset + fetched_ahead; offset < end; offset += cache_line) {
      detail::prefetch_for_writing(layout_.bytes(place.segment, offset));
    }
  }

  Layout layout_;
};

}  // namespace weir::inline WEIR_ABI
