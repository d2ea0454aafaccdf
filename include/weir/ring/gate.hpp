/// Lossless delivery: a gate in front of puts, which the slowest reader holds.
#pragma once

#include <cstddef>
#include <optional>
#include <utility>

#include "weir/ring/limit.hpp"

namespace weir::inline WEIR_ABI {

namespace detail {

/// A version and the low bits of a number that only rises, in one word: what was read under one version cannot be
/// acted upon under another. The number is made whole again beside one that is known to be near.
template <unsigned bits>
class Versioned {
 public:
  constexpr explicit Versioned(std::uint64_t word) noexcept : word_(word) {}
  constexpr Versioned(std::uint64_t version, std::uint64_t number) noexcept
      : word_(version << bits | (number & low_bits)) {}

  [[nodiscard]] constexpr std::uint64_t word() const noexcept { return word_; }
  [[nodiscard]] constexpr std::uint64_t version() const noexcept { return word_ >> bits; }
  /// The number with these low bits that is nearest to `near`.
  [[nodiscard]] constexpr std::uint64_t number(std::uint64_t near) const noexcept {
    const auto ahead = (word_ - near) & low_bits;
    return ahead <= low_bits / 2 ? near + ahead : near + ahead - low_bits - 1;
  }

 private:
  static constexpr std::uint64_t low_bits = (std::uint64_t{1} << bits) - 1;
  std::uint64_t word_;
};

using GateLimit = Versioned<32>;
using CursorWord = Versioned<48>;

/// Where a layout keeps its gate, if it has one.
template <bool gated>
struct GateLines {};
template <>
struct GateLines<true> {
  std::byte* lines;
  std::uint64_t readers;
};

}  // namespace detail

/// One registration of a reader with a shard of a gated stream: its place, and how manieth it is to have that place.
struct ReaderPlace {
  std::uint32_t place = 0;
  std::uint32_t registration = 0;

  friend constexpr bool operator==(const ReaderPlace&, const ReaderPlace&) = default;
};

/// A view of the words by which readers hold writers. **No number at or above `limit` is written; no reader's cursor
/// and no released point is ever further than `capacity` below it.** A ring that is recycled by whole segments has the
/// capacity 0: there the limit says what all have released.
///
///     limit    | version 32 | low half of the limit 32 |     the version counts registrations
///     line 0   | floor | used | hold |                       the furthest point that a reader released and left; how
///                                                            many places were ever used; zero, one more than a number
///                                                            that writers are held at for readers to come, or all ones
///     lines    | cursor | ...                                a line each: registration 16, odd while registered, and
///                                                            the low 48 bits of the first number not released
///
///     raise     l = limit (acquire L R);  m = least cursor (acquire C), or the floor after the scan if there is none
///               CAS(limit, l, {same version, what is asked in whole steps, at most m + capacity}, release L R)
///     register  cursor = clamp(asked, limit - capacity, finished)
///               limit: CAS to one version more (acquire R, release R);  cursor = max(cursor, that limit - capacity)
///     release   cursor = the first number not released (release C)
///     leave     floor: CAS-max to the cursor;  cursor = nobody (release C)
///
/// A registration between a raiser's scan and its CAS changes the version, so that the CAS fails: a late reader is
/// never overwritten (hole H2), and it begins no lower than what the limit at its registration protects. The limit is
/// raised no further than a put needs, in steps of a sixteenth of the capacity, so that a late reader finds nearly a
/// whole ring to replay, whoever has released it.
template <class Memory>
class Gate {
 public:
  static constexpr std::size_t footprint(std::uint64_t readers) noexcept {
    return (1 + static_cast<std::size_t>(readers)) * line_size;
  }

  Gate() noexcept = default;  ///< none
  Gate(std::uint64_t& limit, std::byte* lines, std::uint64_t readers, std::uint64_t capacity) noexcept
      : limit_(&limit),
        lines_(lines),
        readers_(readers),
        capacity_(capacity),
        step_(std::max<std::uint64_t>(capacity / 16, 1)) {}

  /// Opens a gate of zeroed words; again with the same number changes nothing, however late. `held`: no further than
  /// that number, until `let_go()`. The version begins at one, so that no word returns to zero within 2^32
  /// registrations.
  void begin(std::uint64_t first, bool held) const noexcept {
    detail::from_zero<Memory>(floor(), first);
    if (held) {
      detail::from_zero<Memory>(hold(), first + 1);
    }
    detail::from_zero<Memory>(*limit_, detail::GateLimit{1, first + capacity_}.word());
  }

  /// Whether writers are held for readers that are still to come.
  [[nodiscard]] bool held() const noexcept {
    const auto word = Memory::load(hold(), detail::relaxed);
    return word != 0 && word != let_go_word;
  }
  /// They have come: each that there was has registered. Whoever raises the gate from now on meets their registrations.
  void let_go() const noexcept { Memory::store(hold(), let_go_word, detail::release<'C'>); }
  /// Nobody is registered; what those did who were happens before.
  [[nodiscard]] bool deserted() const noexcept { return least_cursor(0) == nobody; }
  /// The furthest point that a reader released before it left.
  [[nodiscard]] std::uint64_t left_at() const noexcept { return Memory::load(floor(), detail::relaxed); }

  /// Numbers below it may be written. `near` is a number that was claimed lately.
  [[nodiscard]] std::uint64_t limit(std::uint64_t near) const noexcept {
    return detail::GateLimit{Memory::load(*limit_, detail::acquire<'L'>)}.number(near);
  }
  /// What a reader that registers now is certain to find. `near()` gives a number that was claimed lately.
  template <class Near>
  [[nodiscard]] std::uint64_t oldest(const Near& near) const noexcept {
    const detail::GateLimit seen{Memory::load(*limit_, detail::relaxed)};
    return seen.number(near()) - capacity_;
  }

  /// How far the gate is open.
  struct Raised {
    std::uint64_t limit;    ///< at least, now
    std::uint64_t slowest;  ///< the first number that some reader has not released
  };
  /// Lets numbers below `end` be written if the readers do; `limit` tells. `near` as above.
  template <class Near>
  [[nodiscard]] Raised raise(std::uint64_t end, const Near& near) const noexcept {
    for (;;) {
      const detail::GateLimit seen{Memory::load(*limit_, detail::acquire<'L', 'R'>)};
      const auto beside = near();
      const auto limit = seen.number(beside);
      if (limit >= end) {
        return {limit, limit - capacity_};
      }
      const auto slowest = slowest_reader(beside);
      const auto wanted = limit + (end - limit + step_ - 1) / step_ * step_;
      const auto raised = std::max(limit, std::min(slowest + capacity_, wanted));
      if (raised == limit || (capacity_ == 0 && raised < end)) {  // a part of a segment is of no use
        return {limit, slowest};
      }
      if (Memory::compare_exchange(*limit_, seen.word(), detail::GateLimit{seen.version(), raised}.word(),
                                   detail::release<'L', 'R'>)) {
        return {raised, slowest};
      }
    }
  }

  /// A place in front of the gate, for as long as this lives, or none. It goes with its reader when that is moved.
  class Registration {
   public:
    Registration() noexcept = default;
    Registration(const Gate& gate, std::uint64_t place, detail::CursorWord word, std::uint64_t number) noexcept
        : gate_(gate), place_(place), word_(word), number_(number) {}
    Registration(Registration&& other) noexcept
        : gate_(other.gate_), place_(other.place_), word_(other.word_), number_(std::exchange(other.number_, 0)) {}
    Registration& operator=(Registration&& other) noexcept {
      leave();
      gate_ = other.gate_;
      place_ = other.place_;
      word_ = other.word_;
      number_ = std::exchange(other.number_, 0);
      return *this;
    }
    ~Registration() { leave(); }

    explicit operator bool() const noexcept { return number_ != 0; }

    /// The first number that this reader has not released, and that no writer passes.
    [[nodiscard]] std::uint64_t number() const noexcept { return number_; }
    [[nodiscard]] ReaderPlace place() const noexcept {
      return {static_cast<std::uint32_t>(place_), static_cast<std::uint32_t>(word_.version())};
    }

    /// Lets writers have everything below `number`, which all must be finished. False when this reader was evicted.
    [[nodiscard]] bool release(std::uint64_t number) noexcept {
      if (number == number_) {
        return Memory::load(gate_.cursor(place_), detail::relaxed) == word_.word();
      }
      const detail::CursorWord next{word_.version(), number};
      if (!Memory::compare_exchange(gate_.cursor(place_), word_.word(), next.word(), detail::release<'C'>)) {
        return false;
      }
      word_ = next;
      number_ = number;
      return true;
    }

   private:
    void leave() noexcept {
      if (number_ != 0) {
        static_cast<void>(gate_.free(place_, word_, number_));
      }
    }

    Gate gate_;
    std::uint64_t place_ = 0;
    detail::CursorWord word_{0};
    std::uint64_t number_ = 0;  // zero: none
  };

  /// Registers a reader of the numbers from `asked` on, or of those after it that are still there: see `number()`.
  /// None when every place is taken. `finished()` gives a number below which all is finished; never less than it
  /// gave before.
  template <class Finished>
  [[nodiscard]] Registration enter(std::uint64_t asked, const Finished& finished) const noexcept {
    for (std::uint64_t place = 0; place < readers_; ++place) {
      const detail::CursorWord seen{Memory::load(cursor(place), detail::relaxed)};
      if (registered(seen)) {
        continue;
      }
      const auto end = finished();
      const auto number = std::clamp(asked, std::min(oldest(finished), end), end);
      const detail::CursorWord mine{seen.version() + 1, number};
      if (!Memory::compare_exchange(cursor(place), seen.word(), mine.word(), detail::relaxed)) {
        continue;  // somebody else has it
      }
      detail::raise_to<Memory>(used(), place + 1, detail::relaxed);
      Registration registration{*this, place, mine, number};
      if (const auto safe = one_version_more(finished); safe > number) {
        static_cast<void>(registration.release(safe));  // not evicted: nobody has been told of it
      }
      return registration;
    }
    return {};
  }

  /// Who is registered at a place.
  struct Reader {
    ReaderPlace place;
    std::uint64_t number;  ///< the first that it has not released
  };
  /// The reader at a place, if there is one. `near` as above.
  [[nodiscard]] std::optional<Reader> reader(std::uint64_t place, std::uint64_t near) const noexcept {
    const detail::CursorWord seen{Memory::load(cursor(place), detail::relaxed)};
    if (!registered(seen)) {
      return {};
    }
    return Reader{{static_cast<std::uint32_t>(place), static_cast<std::uint32_t>(seen.version())}, seen.number(near)};
  }
  [[nodiscard]] std::uint64_t places() const noexcept { return readers_; }

  /// Takes a reader's place away. Precondition: it holds no batch and is not inside a read. False when it was not
  /// registered any more.
  [[nodiscard]] bool evict(const ReaderPlace& reader, std::uint64_t near) const noexcept {
    for (;;) {
      const detail::CursorWord seen{Memory::load(cursor(reader.place), detail::relaxed)};
      if (seen.version() != reader.registration || !registered(seen)) {
        return false;
      }
      if (free(reader.place, seen, seen.number(near))) {
        return true;
      }
    }
  }
  /// The same of all there are, when nobody is left who could read.
  void evict_all(std::uint64_t near) const noexcept {
    for (std::uint64_t place = 0; place < readers_; ++place) {
      if (const auto found = reader(place, near)) {
        static_cast<void>(evict(found->place, near));
      }
    }
  }

 private:
  static constexpr auto let_go_word = ~std::uint64_t{0};
  static constexpr auto nobody = ~std::uint64_t{1};
  static constexpr bool registered(detail::CursorWord cursor) noexcept { return cursor.version() % 2 != 0; }

  [[nodiscard]] std::uint64_t slowest_reader(std::uint64_t near) const noexcept {
    const auto slowest = std::min(Memory::load(hold(), detail::acquire<'C'>) - 1, least_cursor(near));
    return slowest != nobody ? slowest : Memory::load(floor(), detail::relaxed);
  }

  [[nodiscard]] std::uint64_t least_cursor(std::uint64_t near) const noexcept {
    auto slowest = nobody;
    for (std::uint64_t place = 0, end = Memory::load(used(), detail::relaxed); place < end; ++place) {
      const detail::CursorWord seen{Memory::load(cursor(place), detail::acquire<'C'>)};
      if (registered(seen)) {
        slowest = std::min(slowest, seen.number(near));
      }
    }
    return slowest;
  }

  /// Returns what the limit that was met protects.
  template <class Finished>
  std::uint64_t one_version_more(const Finished& finished) const noexcept {
    for (;;) {
      const detail::GateLimit seen{Memory::load(*limit_, detail::relaxed)};
      const detail::GateLimit next{seen.word() + (std::uint64_t{1} << 32)};
      if (Memory::compare_exchange(*limit_, seen.word(), next.word(),
                                   detail::both(detail::acquire<'R'>, detail::release<'R'>))) {
        return next.number(finished()) - capacity_;
      }
    }
  }

  /// The release that makes what the reader read safe to overwrite is the one of the cursor; the floor is only a
  /// number, and one that is out of date holds writers longer.
  bool free(std::uint64_t place, detail::CursorWord word, std::uint64_t number) const noexcept {
    detail::raise_to<Memory>(floor(), number, detail::relaxed);
    return Memory::compare_exchange(cursor(place), word.word(), detail::CursorWord{word.version() + 1, number}.word(),
                                    detail::release<'C'>);
  }

  [[nodiscard]] std::uint64_t& word(std::size_t line, std::size_t index) const noexcept {
    return reinterpret_cast<std::uint64_t*>(lines_ + line * line_size)[index];
  }
  [[nodiscard]] std::uint64_t& floor() const noexcept { return word(0, 0); }
  /// No place at or above it was ever taken.
  [[nodiscard]] std::uint64_t& used() const noexcept { return word(0, 1); }
  [[nodiscard]] std::uint64_t& hold() const noexcept { return word(0, 2); }
  [[nodiscard]] std::uint64_t& cursor(std::uint64_t place) const noexcept {
    return word(1 + static_cast<std::size_t>(place), 0);
  }

  std::uint64_t* limit_ = nullptr;
  std::byte* lines_ = nullptr;
  std::uint64_t readers_ = 0;
  std::uint64_t capacity_ = 0;
  std::uint64_t step_ = 1;
};

}  // namespace weir::inline WEIR_ABI
