/// The state of one execution, and its fingerprint.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <vector>

#include "model/fibers.hpp"
#include "model/history.hpp"

namespace weir::model {

/// A set of places.
class Places {
 public:
  void insert(std::size_t place) noexcept { bits_[place / 64] |= std::uint64_t{1} << (place % 64); }
  [[nodiscard]] bool contains(std::size_t place) const noexcept {
    return (bits_[place / 64] >> (place % 64) & 1U) != 0;
  }
  [[nodiscard]] bool empty() const noexcept { return (bits_[0] | bits_[1]) == 0; }

 private:
  std::array<std::uint64_t, 2> bits_{};
};

struct Thread {
  Fiber fiber;
  View view;
  std::uint64_t observed = 0;  ///< hash of all it has observed: its locals and its place in the program follow from it
  // A round goes from one pause, or store of its own, to the next.
  Places polled;                                     ///< places it looked at in this round
  Places polled_before;                              ///< and in the round before
  std::array<std::uint8_t, max_places> last_read{};  ///< of a place in one of them: which message
  int clock = 0;
  bool clock_polled = false;
  bool fresh = false;    ///< since the last pause it has stored, or observed something it had not observed before
  bool stored = false;   ///< since the last scheduling point
  bool blocked = false;  ///< in a pause
  bool woken = false;    ///< out of a pause that blocked: observe something new, or be cut off
  bool finished = false;
  std::size_t asleep_on = awake;  ///< a place: until somebody wakes who sleeps there

  static constexpr std::size_t awake = max_places;

  void start(std::uint64_t index) noexcept {
    view = View{};
    view.clock[index] = 1;
    observed = mix(index, 1);
    polled = polled_before = {};
    clock = 0;
    clock_polled = fresh = stored = blocked = woken = finished = false;
    asleep_on = awake;
  }

  void observe(std::uint64_t value) noexcept { observed = mix(observed, value); }
};

/// Equal for states with the same future. Times are counted backwards from the newest message, and what no running
/// thread can tell apart (messages that none may read, knowledge that all share) leaves no trace.
class Fingerprint {
 public:
  Fingerprint(const std::array<Thread, max_threads>& threads, std::size_t count, const std::vector<Place>& places,
              const std::array<std::uint8_t, max_places>& newest, bool any_plain)
      : places_(places), newest_(newest), any_plain_(any_plain), bytes_((places.size() + 7) / 8 * 8) {
    find_floor(threads, count);
    for (std::size_t i = 0; i < count; ++i) {
      add(threads[i]);
    }
    for (std::size_t i = 0; i < places.size(); ++i) {
      add(places[i], i);
    }
  }

  void add(std::uint64_t word) noexcept { value_ = mix(value_, word); }
  void add_seen(const Seen& seen, std::uint64_t salt) noexcept {
    std::array<std::uint8_t, max_places> behind{};
    for (std::size_t i = 0; i < bytes_; ++i) {
      behind[i] = static_cast<std::uint8_t>(newest_[i] - std::max(seen[i], floor_.seen[i]));
    }
    add_bytes(behind, salt);
  }
  [[nodiscard]] std::uint64_t value() const noexcept { return mix(value_, 0); }

 private:
  void find_floor(const std::array<Thread, max_threads>& threads, std::size_t count) noexcept {
    floor_.seen = newest_;
    for (std::size_t i = 0; i < count; ++i) {
      now_[i] = floor_.clock[i] = threads[i].view.clock[i];
    }
    for (std::size_t i = 0; i < count; ++i) {
      if (threads[i].finished) {
        continue;
      }
      for (std::size_t k = 0; k < bytes_; ++k) {
        floor_.seen[k] = std::min(floor_.seen[k], threads[i].view.seen[k]);
      }
      for (std::size_t k = 0; k < count; ++k) {
        floor_.clock[k] = std::min(floor_.clock[k], threads[i].view.clock[k]);
      }
    }
  }

  /// Zero words are left out, so that a place found later in the search does not change older fingerprints.
  void add_bytes(const std::array<std::uint8_t, max_places>& bytes, std::uint64_t salt) noexcept {
    for (std::size_t i = 0; i < bytes_; i += 8) {
      std::uint64_t word = 0;
      std::memcpy(&word, bytes.data() + i, sizeof(word));
      if (word != 0) {
        add(salt + i);
        add(word);
      }
    }
  }

  void add(const View& view) noexcept {
    add_seen(view.seen, 0x100);
    if (any_plain_) {
      for (std::size_t i = 0; i < max_threads; ++i) {
        add(static_cast<std::uint64_t>(now_[i] - std::max(view.clock[i], floor_.clock[i])));
      }
    }
  }

  void add(const Thread& thread) noexcept {
    add(thread.observed);
    if (thread.finished) {
      add(0x200);
      return;
    }
    add(thread.view);
    std::array<std::uint8_t, max_places> rounds{};
    for (std::size_t i = 0; i < places_.size(); ++i) {
      const bool up_to_date = thread.last_read[i] == thread.view.seen[i];
      const bool polled = thread.polled.contains(i);
      const bool repeats = !thread.fresh && thread.polled_before.contains(i) && up_to_date;
      rounds[i] = static_cast<std::uint8_t>((polled ? 1 : 0) | (polled && up_to_date ? 2 : 0) | (repeats ? 4 : 0));
    }
    add_bytes(rounds, 0x300);
    add((thread.fresh ? 1U : 0U) | (thread.woken ? 2U : 0U) | (thread.blocked ? 4U : 0U) |
        (thread.clock_polled ? 8U : 0U) | (thread.asleep_on << 4U));
  }

  void add(const Place& place, std::size_t index) noexcept {
    const std::size_t newest = newest_[index];
    for (std::size_t i = floor_.seen[index]; newest > 0 && i <= newest; ++i) {
      const Message& message = place.messages[i];
      add(0x400 + (index << 16U) + ((newest - i) << 4U) + (message.update ? 1U : 0U) + (message.released ? 2U : 0U) +
          (message.marked ? 4U : 0U));
      add(message.value);
      if (message.released) {
        add(message.view);
      }
      if (message.marked) {
        add(message.marked_letters);
        add(message.marked_view);
      }
    }
    for (std::size_t access = 0; place.touched && place.plain && access < place.last_access.size(); ++access) {
      for (std::size_t thread = 0; thread < max_threads; ++thread) {
        const auto time = place.last_access[access][thread];
        if (time > floor_.clock[thread]) {
          add((index << 32U) + (access << 24U) + (thread << 16U) + static_cast<std::uint64_t>(now_[thread] - time) + 1);
        }
      }
    }
  }

  const std::vector<Place>& places_;
  const std::array<std::uint8_t, max_places>& newest_;
  const bool any_plain_;
  const std::size_t bytes_;
  View floor_;
  std::array<std::uint16_t, max_threads> now_{};
  std::uint64_t value_ = 0;
};

}  // namespace weir::model
