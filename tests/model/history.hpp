/// What each place in memory has held, and what each thread knows of it.
#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <vector>

namespace weir::model {

/// Bounds of one program under test; a program that needs more is reported, never cut short.
inline constexpr std::size_t max_places = 112;
inline constexpr std::size_t max_threads = 8;
inline constexpr std::size_t max_messages = 250;  ///< stores to one place in one execution

/// One step of a hash; for either argument fixed it is a bijection of the other, so nothing is lost in one step.
constexpr std::uint64_t mix(std::uint64_t hash, std::uint64_t value) noexcept {
  hash = (hash ^ value) * 0x9E37'79B9'7F4A'7C15U;
  return hash ^ (hash >> 29U);
}

/// Per place, the oldest message that may still be read.
using Seen = std::array<std::uint8_t, max_places>;

/// A lower bound on what may still be read: per place the oldest message that coherence and happens-before leave,
/// and per thread the time up to which its accesses happened before (for races of plain accesses).
struct alignas(16) View {
  Seen seen{};
  std::array<std::uint16_t, max_threads> clock{};

  /// By value, so that compilers see two things apart and take sixteen bytes at a time.
  void join(View other) noexcept {
    for (std::size_t i = 0; i < seen.size(); ++i) {
      other.seen[i] = std::max(seen[i], other.seen[i]);
    }
    for (std::size_t i = 0; i < clock.size(); ++i) {
      other.clock[i] = std::max(clock[i], other.clock[i]);
    }
    *this = other;
  }
};

/// One letter as one bit; zero for characters that cannot name an edge.
constexpr std::uint64_t letter_bit(char letter) noexcept {
  if (letter >= 'A' && letter <= 'Z') {
    return std::uint64_t{1} << static_cast<unsigned>(letter - 'A');
  }
  if (letter >= 'a' && letter <= 'z') {
    return std::uint64_t{1} << static_cast<unsigned>(letter - 'a' + 26);
  }
  if (letter >= '0' && letter <= '9') {
    return std::uint64_t{1} << static_cast<unsigned>(letter - '0' + 52);
  }
  return 0;
}

template <class Letters>
constexpr std::uint64_t letter_bits() noexcept {
  std::uint64_t bits = 0;
  for (char letter = '0'; letter <= 'z'; ++letter) {
    bits |= Letters::contains(letter) ? letter_bit(letter) : 0;
  }
  return bits;
}

/// An order tag of `detail/orders.hpp` at run time.
struct Sides {
  bool acquires;
  bool releases;
  std::uint64_t acquire_letters;
  std::uint64_t release_letters;

  template <class Order>
  static constexpr Sides of(Order) noexcept {
    constexpr auto order = Order::value;
    static_assert(order == std::memory_order_relaxed || order == std::memory_order_acquire ||
                      order == std::memory_order_release || order == std::memory_order_acq_rel,
                  "the checker knows relaxed, acquire, release and both");
    return {order == std::memory_order_acquire || order == std::memory_order_acq_rel,
            order == std::memory_order_release || order == std::memory_order_acq_rel,
            letter_bits<typename Order::acquires>(), letter_bits<typename Order::releases>()};
  }

  /// These sides without the edge `weakened` (a bit, or 0 for none): see `Message::synchronise`.
  [[nodiscard]] constexpr Sides without(std::uint64_t weakened) const noexcept {
    Sides result = *this;
    result.acquires = acquires && (weakened == 0 || acquire_letters != weakened);
    result.releases = releases && (weakened == 0 || release_letters != weakened);
    return result;
  }
};

/// One store, with what its reader learns.
///
/// **Weakened edges.** Without one, orders mean what C++ says: an acquire load that reads a release store (or a later
/// link of its release sequence) synchronises with it, whatever the letters. Weakening X takes X from every side:
/// - a side that lists only X becomes relaxed;
/// - between two sides that both list X among others, only a letter they share besides X keeps them synchronised;
/// - a side that does not list X is as it was.
/// So the mutant differs from the program in nothing but the edges called X. A release sequence may carry several
/// releases that list X; their letters are then taken together, which makes the mutant stronger, never weaker.
struct Message {
  std::uint64_t value = 0;
  bool update = false;    ///< a read-modify-write: nothing comes between it and the message before
  bool released = false;  ///< `view` holds something
  bool marked = false;    ///< `marked_view` holds something
  std::uint64_t marked_letters = 0;
  View view;         ///< of the releases that do not list the weakened letter
  View marked_view;  ///< of those that list it among others

  void start(std::uint64_t stored, bool is_update) noexcept {
    value = stored;
    update = is_update;
    released = marked = false;
    marked_letters = 0;
  }

  /// Continues the release sequence of the message that an update read.
  void inherit(const Message& read) noexcept {
    if ((released = read.released)) {
      view = read.view;
    }
    if ((marked = read.marked)) {
      marked_view = read.marked_view;
      marked_letters = read.marked_letters;
    }
  }

  void release(const View& known, std::uint64_t letters, std::uint64_t weakened) noexcept {
    const bool mark = (letters & weakened) != 0;
    View& target = mark ? marked_view : view;
    bool& held = mark ? marked : released;
    if (held) {
      target.join(known);
    } else {
      target = known;
      held = true;
    }
    if (mark) {
      marked_letters |= letters & ~weakened;
    }
  }

  /// What an acquire side with these letters takes over.
  void synchronise(View& reader, std::uint64_t letters, std::uint64_t weakened) const noexcept {
    if (released) {
      reader.join(view);
    }
    if (marked && ((letters & weakened) == 0 || (letters & marked_letters) != 0)) {
      reader.join(marked_view);
    }
  }
};

enum class Access : std::uint8_t { plain_load, plain_store, load, store };

/// A word (or a plain value of any size). Messages stand in modification order, which is the order of execution:
/// stores for which that is not certain are errors.
struct Place {
  std::size_t offset = 0;
  std::size_t size = 0;
  bool updated = false;          ///< somewhere in this search a read-modify-write was tried on it
  bool plain = false;            ///< somewhere in this search it was accessed plainly
  bool stored_unseen = false;    ///< stored to before `updated` was known, so the search has to begin again then
  bool accessed_unseen = false;  ///< accessed before `plain` was known: likewise
  bool touched = false;          ///< in this execution
  std::vector<Message> messages;
  std::array<std::array<std::uint16_t, max_threads>, 4> last_access{};  ///< [Access][thread], kept if `plain`

  /// A thread with another access that neither happened before nor may be concurrent, or `max_threads`.
  [[nodiscard]] std::size_t racing(Access access, const View& view, Access& with) const noexcept {
    for (const auto other : {Access::plain_store, Access::store, Access::plain_load, Access::load}) {
      const bool one_stores = stores(access) || stores(other);
      const bool one_is_plain = access <= Access::plain_store || other <= Access::plain_store;
      if (!one_stores || !one_is_plain) {
        continue;
      }
      for (std::size_t thread = 0; thread < max_threads; ++thread) {
        if (last_access[static_cast<std::size_t>(other)][thread] > view.clock[thread]) {
          with = other;
          return thread;
        }
      }
    }
    return max_threads;
  }

  static constexpr bool stores(Access access) noexcept {
    return access == Access::plain_store || access == Access::store;
  }
};

/// The bytes as a number: exact up to eight, a hash beyond.
inline std::uint64_t contents(const void* bytes, std::size_t size) noexcept {
  std::uint64_t result = size;
  const auto* from = static_cast<const std::byte*>(bytes);
  if (size <= sizeof(result)) {
    result = 0;
    std::memcpy(&result, from, size);
    return result;
  }
  for (std::size_t i = 0; i < size; ++i) {
    result = mix(result, static_cast<std::uint64_t>(from[i]));
  }
  return result;
}

}  // namespace weir::model
