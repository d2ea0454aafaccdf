/// The column ring in memory: which word lives where, and who writes it.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>

#include "weir/core/codec.hpp"
#include "weir/detail/atomic_words.hpp"
#include "weir/detail/prefetch.hpp"
#include "weir/ring/capacity.hpp"
#include "weir/ring/gate.hpp"

namespace weir::inline WEIR_ABI {

/// Numbers that belong to one producer until it finishes or skips them.
struct Claim {
  std::uint64_t first = 0;
  std::uint64_t count = 0;
  std::uint64_t arrived = 0;
};

/// Structure of arrays over one span of bytes. Columns, so that a reader gets `std::span<const T>` and a batch moves
/// at the speed of memory.
///
///     line 0   | head | last_arrival |            producers write at every put
///     line 1   | limit | final | skipped |        written once in `step` records, read by everybody
///     line 2   | done |                           many producers: with each raise of the limit; gated: by readers
///     lines    | T T T T T ...                    payload[capacity], never padded
///     lines    | arrival arrival ...              arrival[capacity], when kept
///     lines    | stamp stamp ...                  stamp[capacity], many producers
///     lines    | floor | cursor ...               gated: see `Gate`
///
/// The payload of a gated ring is plain memory, which nobody writes while a reader may look at it. Number n lives in
/// slot n & (capacity - 1). All words start at zero, `format` sets those that do not.
template <class T, Options options, class Env>
class ColumnLayout {
  static constexpr std::size_t taken_ahead = 1024;  // bytes; 512 to 4096 measured alike
  static constexpr std::size_t cache_line = Env::Memory::cache_line;

 public:
  using Memory = typename Env::Memory;
  using Word = detail::WordFor<sizeof(T)>;
  static constexpr std::size_t words = sizeof(T) / sizeof(Word);
  static constexpr bool timed = options.arrival == Arrival::kept;
  static constexpr bool stamped = options.producers == Producers::multiple;
  static constexpr bool gated = options.delivery == Delivery::gated;
  /// Whether a lone producer takes lines before single records, see `take_lines`: a larger one is a run of lines
  /// itself.
  static constexpr bool takes_lines = sizeof(T) <= taken_ahead / 4;
  /// The lines of how many records it takes at a time.
  static constexpr std::uint64_t stretch =
      takes_lines ? std::bit_floor(taken_ahead / sizeof(T)) : std::uint64_t{1} << 62;
  /// Whether batches gain by it as well: they store no head between two lines, but where a line takes many stores,
  /// those of a few lines fill the core's buffer.
  static constexpr bool many_in_line = sizeof(T) <= cache_line / 4;
  static_assert(alignof(T) <= line_size, "weir: a payload may be aligned to 128 bytes at most");

  static constexpr std::size_t footprint(const RingSize& size) noexcept { return Offsets{size}.end; }

  ColumnLayout(std::span<std::byte> bytes, const RingSize& size) noexcept
      : limits_(size.capacity, options.producers), base_(bytes.data()) {
    const Offsets offsets{size};
    WEIR_ASSERT(bytes.size() >= offsets.end, "column ring: the span is smaller than the footprint");
    arrivals_ = reinterpret_cast<std::uint64_t*>(base_ + offsets.arrival);
    stamps_ = reinterpret_cast<std::uint64_t*>(base_ + offsets.stamp);
    if constexpr (gated) {
      gate_ = {base_ + offsets.gate, size.readers};
    }
  }

  /// See `ColumnLog::begin`.
  void begin(std::uint64_t first, bool held) const noexcept {
    if constexpr (gated) {
      gate().begin(first, held);
    } else {
      detail::from_zero<Memory>(limit(), limits_.initial(first));
    }
    detail::from_zero<Memory>(done(), first);
    detail::from_zero<Memory>(head(), first);
  }

  /// What holds records and nothing else.
  [[nodiscard]] std::span<std::byte> records() const noexcept {
    const Offsets offsets{{limits_.capacity(), 0}};
    return {base_ + Offsets::payload, offsets.gate - Offsets::payload};
  }

  [[nodiscard]] const Limit& limits() const noexcept { return limits_; }
  [[nodiscard]] std::uint64_t slot(std::uint64_t number) const noexcept { return number & limits_.mask(); }

  /// One producer: `published`, the next number, everything below is finished. Many: `tail`, the next to be claimed.
  /// Bit 63 says closed.
  [[nodiscard]] std::uint64_t& head() const noexcept { return word(0, 0); }
  /// The largest arrival time of any claim; written by producers, once in a tick of the clock.
  [[nodiscard]] std::uint64_t& last_arrival() const noexcept { return word(0, 1); }
  [[nodiscard]] std::uint64_t& limit() const noexcept { return word(1, 0); }
  /// One more than the final number once closed, else zero. A copy of what the head says, here because readers that
  /// have nothing to read must not touch the head of many producers.
  [[nodiscard]] std::uint64_t& final_end() const noexcept { return word(1, 1); }
  /// Nothing at or above it was skipped; only raised.
  [[nodiscard]] std::uint64_t& skipped() const noexcept { return word(1, 2); }
  /// Everything below is finished, and a claim began there; only raised.
  [[nodiscard]] std::uint64_t& done() const noexcept { return word(2, 0); }

  [[nodiscard]] Gate<Memory> gate() const noexcept requires gated {
    return {limit(), gate_.lines, gate_.readers, limits_.capacity()};
  }

  /// A number that was claimed lately: the newest that this thread knows of.
  [[nodiscard]] std::uint64_t near() const noexcept { return Memory::load(head(), detail::relaxed) & ~closed_bit; }
  /// Numbers below it may be written; of a gated ring made whole beside `near`.
  [[nodiscard]] std::uint64_t limit_beside(std::uint64_t near) const noexcept {
    if constexpr (gated) {
      return gate().limit(near);
    } else {
      return Memory::load(limit(), detail::acquire<'L'>);
    }
  }
  /// The oldest intact number.
  [[nodiscard]] std::uint64_t oldest() const noexcept {
    if constexpr (gated) {
      return gate().oldest([this] { return near(); });
    } else {
      return limits_.oldest(Memory::load(limit(), detail::relaxed));
    }
  }
  /// A number below which everything is finished; arrivals above it may still be a former lap's.
  [[nodiscard]] std::uint64_t finished() const noexcept {
    if constexpr (stamped) {
      return Memory::load(done(), detail::acquire<'D'>);
    } else {
      return Memory::load(head(), detail::acquire<'P'>) & ~closed_bit;
    }
  }

  [[nodiscard]] Word* payload(std::uint64_t slot) const noexcept {
    return reinterpret_cast<Word*>(base_ + Offsets::payload) + slot * words;
  }
  [[nodiscard]] std::uint64_t* arrival(std::uint64_t slot) const noexcept { return arrivals_ + slot; }
  [[nodiscard]] std::uint64_t* stamp(std::uint64_t slot) const noexcept { return stamps_ + slot; }

  /// Writes one record. The claim, and what makes it visible, are the caller's.
  void store(std::uint64_t number, const T& value, std::uint64_t arrived) const noexcept {
    const auto at = slot(number);
    if constexpr (stamped) {
      prefetch_behind(at);
    }
    const auto* bytes = reinterpret_cast<const std::byte*>(&value);
    if constexpr (gated) {
      Memory::plain_copy(payload(at), bytes, words);
    } else if constexpr (words <= 16) {
      detail::store_words_of<words, Memory>(payload(at), bytes);
    } else {
      detail::store_words<Memory>(payload(at), bytes, words);
    }
    if constexpr (timed) {
      Memory::store(*arrival(at), arrived, detail::word_in);
    }
  }

  /// Writes records with consecutive numbers and one arrival time, across the ring's end if need be.
  void store_all(std::uint64_t number, std::span<const T> values, std::uint64_t arrived) const noexcept {
    while (!values.empty()) {
      const auto at = slot(number);
      const auto part = values.first(std::min<std::uint64_t>(values.size(), limits_.capacity() - at));
      const auto* from = reinterpret_cast<const std::byte*>(part.data());
      if constexpr (gated) {
        Memory::plain_copy(payload(at), from, part.size() * words);
      } else {
        detail::store_words<Memory>(payload(at), from, part.size() * words);
      }
      store_arrivals(number, part.size(), arrived);
      number += part.size();
      values = values.subspan(part.size());
    }
  }

  /// Says of records with consecutive numbers when they arrived.
  void store_arrivals(std::uint64_t number, std::uint64_t count, std::uint64_t arrived) const noexcept {
    if constexpr (timed) {
      for (const auto end = number + count; number < end; ++number) {
        Memory::store(*arrival(slot(number)), arrived, detail::word_in);
      }
    }
  }

  /// The first number from `number` on at which a stretch of records ends.
  static constexpr std::uint64_t stretch_end(std::uint64_t number) noexcept {
    return (number + stretch - 1) / stretch * stretch;
  }
  /// Makes this core the owner of the lines that the slots of [number, end) fill, but for the line in which they begin
  /// and what lies beyond the ring's end, by writing something into each. Lines that other cores have read come side by
  /// side then; when the head is stored between two of them, the second is waited for on its own. What was in these
  /// slots is given up already: who looks is told that it is lost, or as a search by time goes on to what is not.
  void take_lines(std::uint64_t number, std::uint64_t end) const noexcept {
    const auto at = slot(number);
    const auto count = std::min(end - number, limits_.capacity() - at);
    for_each_line(payload(at), count * words, [](Word& word) {
      if constexpr (gated) {
        constexpr std::array<std::byte, sizeof(Word)> zero{};
        Memory::plain_copy(&word, zero.data(), 1);
      } else {
        Memory::store(word, Word{}, detail::word_in);
      }
    });
    if constexpr (timed) {
      for_each_line(arrival(at), count, [](std::uint64_t& word) { Memory::store(word, 0, detail::word_in); });
    }
  }

  /// How many of `most` slots from a number on one claim may have that is written in place.
  [[nodiscard]] std::uint64_t side_by_side(std::uint64_t number, std::uint64_t most) const noexcept {
    return std::min({most, limits_.max_claim(), limits_.capacity() - slot(number)});
  }
  [[nodiscard]] std::span<T> in_place(std::uint64_t number, std::uint64_t count) const noexcept requires gated {
    return {reinterpret_cast<T*>(payload(slot(number))), count};
  }

 private:
  static constexpr std::size_t fetched_ahead = 1024;  // bytes; 1 to 2 KB paid in measurements, for far cores

  /// The first of `count` words in each line but the one of the first.
  template <class Each, class Action>
  static void for_each_line(Each* first, std::uint64_t count, const Action& action) noexcept {
    constexpr auto in_line = std::max<std::size_t>(cache_line / sizeof(Each), 1);
    const auto before = reinterpret_cast<std::uintptr_t>(first) % cache_line / sizeof(Each);
    for (auto i = in_line - before; i < count; i += in_line) {
      action(first[i]);
    }
  }

  void prefetch_behind(std::uint64_t at) const noexcept {
    constexpr auto ahead = std::max<std::size_t>(fetched_ahead / sizeof(T), 1);
    const auto* next = reinterpret_cast<const std::byte*>(payload((at + ahead) & limits_.mask()));
    if constexpr (sizeof(T) >= cache_line) {
      for (std::size_t offset = 0; offset < sizeof(T); offset += cache_line) {
        detail::prefetch_for_writing(next + offset);
      }
    } else if (at * sizeof(T) % cache_line < sizeof(T)) {
      detail::prefetch_for_writing(next);
    }
  }

  struct Offsets {
    static constexpr std::size_t to_line(std::size_t bytes) noexcept {
      return (bytes + line_size - 1) / line_size * line_size;
    }
    constexpr explicit Offsets(const RingSize& size) noexcept
        : arrival(payload + to_line(size.capacity * sizeof(T))),
          stamp(arrival + (timed ? to_line(size.capacity * sizeof(std::uint64_t)) : 0)),
          gate(stamp + (stamped ? to_line(size.capacity * sizeof(std::uint64_t)) : 0)),
          end(gate + (gated ? Gate<Memory>::footprint(size.readers) : 0)) {}

    static constexpr std::size_t payload = 3 * line_size;
    std::size_t arrival;
    std::size_t stamp;
    std::size_t gate;
    std::size_t end;
  };

  [[nodiscard]] std::uint64_t& word(std::size_t line, std::size_t index) const noexcept {
    return reinterpret_cast<std::uint64_t*>(base_ + line * line_size)[index];
  }

  Limit limits_;
  std::byte* base_;
  std::uint64_t* arrivals_;
  std::uint64_t* stamps_;
  [[no_unique_address]] detail::GateLines<gated> gate_;
};

}  // namespace weir::inline WEIR_ABI
