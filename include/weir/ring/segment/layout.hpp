/// The segment ring in memory: which word lives where, and what its fields are.
#pragma once

#include <algorithm>
#include <cstddef>
#include <span>

#include "weir/core/options.hpp"
#include "weir/detail/atomic_words.hpp"
#include "weir/detail/prefetch.hpp"
#include "weir/ring/capacity.hpp"
#include "weir/ring/gate.hpp"

namespace weir::inline WEIR_ABI {

/// The word by which producers claim: every change of it is a CAS from the exact word seen, because a plain store
/// would wipe out a close that came between (hole H7).
///
///     63 closed | 62 sealed | 61..42 generation | 41..22 count of claims | 21..0 offset / 8
///
/// Generation and count tell a word from an earlier one with the same offset; they repeat only after 2^20 rotations.
class Tail {
 public:
  static constexpr std::uint64_t sealed_bit = std::uint64_t{1} << 62;
  static constexpr unsigned offset_bits = 22;
  static constexpr unsigned count_bits = 20;
  static constexpr unsigned generation_bits = 20;

  constexpr explicit Tail(std::uint64_t word) noexcept : word_(word) {}
  /// The beginning of a generation, of which `generation_bits` are kept.
  static constexpr Tail beginning(std::uint64_t generation) noexcept {
    return Tail{generation % (std::uint64_t{1} << generation_bits) << (offset_bits + count_bits)};
  }

  [[nodiscard]] constexpr std::uint64_t word() const noexcept { return word_; }
  [[nodiscard]] constexpr bool closed() const noexcept { return word_ >> 63 != 0; }
  [[nodiscard]] constexpr bool sealed() const noexcept { return (word_ & sealed_bit) != 0; }
  [[nodiscard]] constexpr std::uint64_t generation() const noexcept {
    return field(offset_bits + count_bits, generation_bits);
  }
  [[nodiscard]] constexpr std::uint64_t count() const noexcept { return field(offset_bits, count_bits); }
  [[nodiscard]] constexpr std::uint64_t offset() const noexcept { return field(0, offset_bits) * 8; }
  [[nodiscard]] constexpr Tail claim(std::uint64_t count, std::uint64_t bytes) const noexcept {
    return Tail{word_ + (count << offset_bits) + bytes / 8};
  }

 private:
  [[nodiscard]] constexpr std::uint64_t field(unsigned shift, unsigned bits) const noexcept {
    return word_ >> shift & ((std::uint64_t{1} << bits) - 1);
  }
  std::uint64_t word_;
};

/// What a directory says of one record: that the frame of exactly this number is finished, and where it lies.
///
///     63..22 number, low 42 bits | 21..0 offset / 8 + 1, all ones for skipped
///
/// The offset is kept plus one so that the zero of fresh memory names no record, not even number 2^42 * k. The
/// directory lies apart from the bytes: were stamps beside payload, old payload could be taken for one (hole H6).
class Entry {
 public:
  static constexpr std::uint64_t no_frame = (std::uint64_t{1} << Tail::offset_bits) - 2;

  constexpr explicit Entry(std::uint64_t word) noexcept : word_(word) {}
  static constexpr Entry at(std::uint64_t number, std::uint64_t offset) noexcept {
    return Entry{number << Tail::offset_bits | (offset / 8 + 1)};
  }
  static constexpr Entry skip(std::uint64_t number) noexcept { return Entry{number << Tail::offset_bits | all_ones}; }

  [[nodiscard]] constexpr std::uint64_t word() const noexcept { return word_; }
  [[nodiscard]] constexpr bool names(std::uint64_t number) const noexcept { return words(number) < all_ones; }
  /// The offset in words of the frame of exactly this number; `no_frame` or more when that is not finished or given up.
  [[nodiscard]] constexpr std::uint64_t words(std::uint64_t number) const noexcept {
    return (word_ ^ number << Tail::offset_bits) - 1;  // the number's bits cancel each other out
  }
  [[nodiscard]] constexpr bool skipped() const noexcept { return (word_ & all_ones) == all_ones; }
  [[nodiscard]] constexpr std::uint64_t offset() const noexcept { return ((word_ & all_ones) - 1) * 8; }

 private:
  static constexpr std::uint64_t all_ones = no_frame + 1;
  std::uint64_t word_;
};

/// A record in its segment: a word of sizes, the arrival when kept, the key and the data, each padded to words.
///
///     | key size 16 | unused 16 | data size 32 (low) |  arrival  |  key ...  |  data ...  |
template <bool timed>
struct Frame {
  static constexpr std::size_t header_words = timed ? 2 : 1;

  static constexpr std::uint64_t padded(std::uint64_t bytes) noexcept { return (bytes + 7) / 8 * 8; }
  static constexpr std::uint64_t size(std::uint64_t key, std::uint64_t data) noexcept {
    return header_words * 8 + padded(key) + padded(data);
  }
  static constexpr std::uint64_t sizes(std::uint64_t key, std::uint64_t data) noexcept { return key << 48 | data; }
  static constexpr std::uint64_t key_size(std::uint64_t sizes) noexcept { return sizes >> 48; }
  static constexpr std::uint64_t data_size(std::uint64_t sizes) noexcept { return sizes & 0xFFFF'FFFFU; }
  /// Of the whole frame, in words.
  static constexpr std::uint64_t words(std::uint64_t sizes) noexcept {
    return header_words + (key_size(sizes) + 7) / 8 + (data_size(sizes) + 7) / 8;
  }

  /// The most that a frame takes beyond its key and data.
  static constexpr std::uint64_t overhead = header_words * 8 + 7 + 7;
};

/// K equal segments; a frame never crosses one, and a whole segment is given up at once.
///
///     line 0   | tail | last_arrival | sealed bytes | producers write at every put; the last once in a segment
///     line 1   | final | limit |                      written at close, read by idle readers; gated: see `Gate`
///     lines    | first[0] first[1] ... first[K-1] |   number of each segment's first record, only ever raised
///     lines    | entry entry ... |                    directory[K][entries]
///     lines    | frame frame ... |                    bytes[K][segment]
///     lines    | floor | cursor ... |                 gated
///
/// Keys and data of a gated ring are plain memory, which nobody writes while a reader may look at it. Its gate stands
/// where the records are that all readers have released: a segment is recycled when it ends there or before.
template <Options options, class Env>
class SegmentLayout {
 public:
  using Memory = typename Env::Memory;
  static constexpr bool timed = options.arrival == Arrival::kept;
  static constexpr bool gated = options.delivery == Delivery::gated;
  using FrameShape = Frame<timed>;

  static constexpr std::uint64_t max_segment_bytes = std::uint64_t{8} << Tail::offset_bits;
  static constexpr std::uint64_t min_segment_bytes = 64;
  static constexpr std::uint64_t usual_segments = 8;
  static constexpr std::uint64_t bytes_per_entry = 32;  // smaller frames fill the directory before the bytes

  static constexpr std::uint64_t segments_for(std::uint64_t capacity) noexcept {
    return std::max(std::clamp<std::uint64_t>(capacity / min_segment_bytes, 2, usual_segments),
                    capacity / max_segment_bytes);
  }
  static constexpr std::size_t footprint(const RingSize& size) noexcept { return Offsets{size}.end; }

  SegmentLayout(std::span<std::byte> bytes, const RingSize& size) noexcept
      : base_(bytes.data()), segments_(segments_for(size.capacity)), segment_bytes_(size.capacity / segments_) {
    const Offsets offsets{size};
    WEIR_ASSERT(bytes.size() >= offsets.end, "segment ring: the span is smaller than the footprint");
    directory_ = reinterpret_cast<std::uint64_t*>(base_ + offsets.directory);
    bytes_ = base_ + offsets.bytes;
    if constexpr (gated) {
      gate_ = {base_ + offsets.gate, size.readers};
    }
  }

  /// See `SegmentLog::begin`. The tail of generation zero is zero: there is nothing to say of it.
  void begin(std::uint64_t first_number, std::uint64_t generation, bool held) const noexcept {
    if constexpr (gated) {
      gate().begin(first_number, held);
    }
    detail::from_zero<Memory>(tail(), Tail::beginning(generation).word());
    detail::from_zero<Memory>(first(segment(generation)), first_number);
  }

  /// What holds records and nothing else.
  [[nodiscard]] std::span<std::byte> records() const noexcept {
    const Offsets offsets{{segments_ * segment_bytes_, 0}};
    return {base_ + offsets.directory, offsets.gate - offsets.directory};
  }

  [[nodiscard]] std::uint64_t segments() const noexcept { return segments_; }
  [[nodiscard]] std::uint64_t segment(std::uint64_t generation) const noexcept { return generation & (segments_ - 1); }
  [[nodiscard]] std::uint64_t following(std::uint64_t segment) const noexcept {
    return (segment + 1) & (segments_ - 1);
  }
  /// Bytes of a segment that frames may take. The largest stays two words below: the end's offset has 22 bits, and
  /// the last frame's, plus one, must not be the mark of skipped records.
  [[nodiscard]] std::uint64_t usable_bytes() const noexcept { return std::min(segment_bytes_, max_segment_bytes - 16); }
  [[nodiscard]] std::uint64_t entries() const noexcept {
    return std::min(entries_of(segment_bytes_), (std::uint64_t{1} << Tail::count_bits) - 1);
  }

  [[nodiscard]] std::uint64_t& tail() const noexcept { return word(0); }
  /// The largest arrival time of any claim; written once in a tick of the clock.
  [[nodiscard]] std::uint64_t& last_arrival() const noexcept { return word(8); }
  /// Bytes of the frames in segments that were sealed, since the beginning.
  [[nodiscard]] std::uint64_t& sealed_bytes() const noexcept { return word(16); }
  /// One more than the final number once closed, else zero; here because idle readers must not touch the tail.
  [[nodiscard]] std::uint64_t& final_end() const noexcept { return word(line_size); }
  [[nodiscard]] Gate<Memory> gate() const noexcept requires gated {
    return {word(line_size + 8), gate_.lines, gate_.readers, 0};
  }
  /// Zero: never used. Else the number of the segment's first record, also when that is still to come.
  [[nodiscard]] std::uint64_t& first(std::uint64_t segment) const noexcept { return word(2 * line_size + segment * 8); }
  [[nodiscard]] std::uint64_t& entry(std::uint64_t segment, std::uint64_t index) const noexcept {
    return directory_[segment * entries_of(segment_bytes_) + index];
  }
  [[nodiscard]] std::uint64_t* bytes(std::uint64_t segment, std::uint64_t offset) const noexcept {
    return reinterpret_cast<std::uint64_t*>(bytes_ + segment * segment_bytes_ + offset);
  }

 private:
  static constexpr std::uint64_t entries_of(std::uint64_t segment_bytes) noexcept {
    return segment_bytes / bytes_per_entry;
  }

  struct Offsets {
    static constexpr std::size_t to_line(std::size_t bytes) noexcept {
      return (bytes + line_size - 1) / line_size * line_size;
    }
    constexpr explicit Offsets(const RingSize& size) noexcept
        : directory(2 * line_size + to_line(segments_for(size.capacity) * 8)),
          bytes(directory + to_line(entries_of(size.capacity) * 8)),
          gate(bytes + to_line(size.capacity)),
          end(gate + (gated ? Gate<Memory>::footprint(size.readers) : 0)) {}

    std::size_t directory;
    std::size_t bytes;
    std::size_t gate;
    std::size_t end;
  };

  [[nodiscard]] std::uint64_t& word(std::size_t offset) const noexcept {
    return *reinterpret_cast<std::uint64_t*>(base_ + offset);
  }

  std::byte* base_;
  std::uint64_t* directory_;
  std::byte* bytes_;
  std::uint64_t segments_;
  std::uint64_t segment_bytes_;
  [[no_unique_address]] detail::GateLines<gated> gate_;
};

}  // namespace weir::inline WEIR_ABI
