/// Memory under test: every access is checked, and every load returns one of the values that it may.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "model/history.hpp"
#include "model/scheduler.hpp"
#include "model/text.hpp"

namespace weir::model {

class Engine : public Scheduler {
 public:
  /// For programs of `size` bytes.
  Engine(const Limits& limits, char weakened_edge, std::size_t threads, std::size_t readers, std::size_t mortals,
         std::size_t size)
      : Scheduler(limits, threads, readers, mortals), weakened_(letter_bit(weakened_edge)), place_at_(size, no_place) {}

  /// The engine whose thread this is; null outside of a search's threads, where accesses go straight to memory.
  static Engine* running() noexcept {
    Scheduler* const scheduler = current();
    return scheduler != nullptr && scheduler->in_thread() ? static_cast<Engine*>(scheduler) : nullptr;
  }

  std::uint64_t load(const void* address, std::size_t size, Sides sides) {
    auto [place, index] = at(address, size);
    before(place, true);
    return load(place, index, sides.without(weakened_));
  }

  /// The caller writes the same value to memory itself, so that memory always holds the newest one.
  void store(void* address, std::size_t size, std::uint64_t value, Sides sides) {
    sides = sides.without(weakened_);
    auto [place, index] = at(address, size);
    before(place, false);
    Thread& self = threads_[self_];
    place.stored_unseen = place.stored_unseen || !place.updated;
    check_race(place, Access::store, index);
    note("store", place, index, value, sides, 0);
    if (self.view.seen[index] != newest_[index]) {
      fail("unordered store to " + name(place, index) + ": nothing orders it after the newest store there");
    }
    Message& message = append(place, index, value, false);
    if (sides.releases) {
      release(self, message, sides);
    }
    after_store(self);
    self.observe(2);
  }

  /// Of the newest value, always; the caller writes the sum to memory itself.
  void fetch_add(void* address, std::size_t size, std::uint64_t amount, Sides sides) {
    auto [place, index] = at(address, size);
    before_update(place);
    const auto before = place.messages[newest_[index]].value;
    const auto sum = (before + amount) & (~std::uint64_t{0} >> (64 - 8 * size));
    note("fetch_add", place, index, sum, sides, 0);
    update(place, index, sum, sides.without(weakened_));
  }

  /// Two kinds of fences. Of a heavy one and another one is first, and what its thread knew then (by happens-before,
  /// or because it has read it) is known after the other: no load there returns anything older. Two light ones order
  /// nothing, and nothing is passed on through a third fence. Neither makes plain accesses happen before others. Heavy
  /// fences alone are sequentially consistent ones.
  void light_fence() {
    stand_alone();
    const Seen mine = threads_[self_].view.seen;
    learn(heavily_known_);
    join(lightly_known_, mine);
    threads_[self_].observe(11);
    note("light fence");
  }
  void heavy_fence() {
    stand_alone();
    const Seen mine = threads_[self_].view.seen;
    learn(lightly_known_);
    learn(heavily_known_);
    join(heavily_known_, mine);
    threads_[self_].observe(15);
    note("heavy fence");
  }

  /// The two system calls on a word that others may sleep on. Each is one step, and the kernel's lock makes a fence of
  /// it for the others of them: it compares the word and puts the thread to sleep, or wakes all who do. What the word
  /// says then it may have said before: the compare is a load. Being woken orders nothing.
  void sleep_while(const void* address, std::size_t size, std::uint64_t expected) {
    auto [place, index] = at(address, size);
    stand_alone();
    enter_kernel();
    note("sleep if it is still " + std::to_string(expected));
    if (load(place, index, Sides{}) == expected) {
      fall_asleep(index);
      note("is awake");
    }
  }
  void wake_all(const void* address, std::size_t size) {
    auto [place, index] = at(address, size);
    stand_alone();
    enter_kernel();
    threads_[self_].observe(14);
    wake(index);
    note("wake all  " + name(place, index));
  }

  /// True: it was exchanged, and the caller writes `desired` to memory itself.
  bool compare_exchange(void* address, std::size_t size, std::uint64_t expected, std::uint64_t desired, Sides sides) {
    auto [place, index] = at(address, size);
    before_update(place);
    Thread& self = threads_[self_];
    const std::size_t newest = newest_[index];
    // Success reads the newest message; a failure is a relaxed load of any that is not what was expected.
    std::array<std::uint8_t, max_messages + 1> candidates;
    std::uint32_t count = 0;
    for (std::size_t i = newest + 1; i-- > self.view.seen[index];) {
      if (i == newest || place.messages[i].value != expected) {
        candidates[count++] = static_cast<std::uint8_t>(i);
      }
    }
    const bool may_succeed = place.messages[newest].value == expected;
    const auto choice = choose_message(count);
    const std::size_t chosen = candidates[choice];
    if (choice != 0 || !may_succeed) {
      check_race(place, Access::load, index);
      note("compare_exchange failed", place, index, place.messages[chosen].value, Sides{}, newest - chosen);
      read(self, index, chosen);
      self.observe(3);
      return false;
    }
    note("compare_exchange", place, index, desired, sides, 0);
    update(place, index, desired, sides.without(weakened_));
    self.observe(4);
    return true;
  }

  /// No scheduling point: whether two accesses race does not depend on which of them came first, and without races
  /// memory holds the only value that can be read.
  void plain_load(const void* address, std::size_t size) {
    auto [place, index] = at_plain(address, size);
    check_race(place, Access::plain_load, index);
    const auto value = contents(address, size);
    threads_[self_].observe(value);
    note("plain load", place, index, value, Sides{}, 0);
  }
  void plain_store(const void* address, std::size_t size, std::uint64_t value) {
    auto [place, index] = at_plain(address, size);
    check_race(place, Access::plain_store, index);
    append(place, index, value, false);
    threads_[self_].fresh = true;
    threads_[self_].observe(5);
    note("plain store", place, index, value, Sides{}, 0);
  }

 private:
  static constexpr std::uint8_t no_place = 255;
  struct Located {
    Place& place;
    std::size_t index;
  };

  std::uint64_t load(Place& place, std::size_t index, const Sides& sides) {
    Thread& self = threads_[self_];
    check_race(place, Access::load, index);
    const std::size_t newest = newest_[index];
    const auto back = choose_message(newest - self.view.seen[index] + 1U);
    const Message& message = place.messages[newest - back];
    read(self, index, newest - back);
    if (sides.acquires) {
      message.synchronise(self.view, sides.acquire_letters, weakened_);
    }
    self.observe(message.value);
    note("load", place, index, message.value, sides, back);
    return message.value;
  }

  void before_update(Place& place) {
    if (!place.updated) {
      place.updated = true;
      if (place.stored_unseen && !every_step_) {
        leave(End::restart);
      }
    }
    before(place, true);
  }

  void update(Place& place, std::size_t index, std::uint64_t value, const Sides& sides) {
    Thread& self = threads_[self_];
    const std::size_t newest = newest_[index];
    check_race(place, Access::store, index);
    for (std::size_t i = self.view.seen[index] + 1U; i <= newest; ++i) {
      if (!place.messages[i].update) {
        fail("unordered update of " + name(place, index) + ": a store there that it has not seen may come after it");
      }
    }
    self.observe(place.messages[newest].value);
    self.view.seen[index] = static_cast<std::uint8_t>(newest);
    if (sides.acquires) {
      place.messages[newest].synchronise(self.view, sides.acquire_letters, weakened_);
    }
    Message& message = append(place, index, value, true);
    message.inherit(place.messages[newest]);
    if (sides.releases) {
      release(self, message, sides);
    }
    after_store(self);
  }

  static void join(Seen& known, const Seen& more) noexcept {
    for (std::size_t i = 0; i < known.size(); ++i) {
      known[i] = std::max(known[i], more[i]);
    }
  }
  /// Whoever learns of something newer has observed something.
  void learn(const Seen& known) noexcept {
    Thread& self = threads_[self_];
    for (std::size_t i = 0; i < known.size(); ++i) {
      self.fresh = self.fresh || self.view.seen[i] < known[i];
    }
    join(self.view.seen, known);
  }
  void enter_kernel() noexcept {
    const Seen mine = threads_[self_].view.seen;
    learn(known_to_kernel_);
    join(known_to_kernel_, mine);
  }

  void read(Thread& self, std::size_t index, std::size_t message) noexcept {
    const auto time = static_cast<std::uint8_t>(message);
    const bool again =
        (self.polled.contains(index) || self.polled_before.contains(index)) && self.last_read[index] == time;
    self.fresh = self.fresh || !again;
    self.last_read[index] = time;
    self.view.seen[index] = time;
    self.polled.insert(index);
  }

  Message& append(Place& place, std::size_t index, std::uint64_t value, bool update) {
    const std::size_t next = newest_[index] + std::size_t{1};
    if (next >= max_messages) {
      fail("more stores to " + name(place, index) + " than the checker keeps");
    }
    if (place.messages.size() <= next) {
      place.messages.resize(next + 8);
    }
    newest_[index] = static_cast<std::uint8_t>(next);
    threads_[self_].view.seen[index] = static_cast<std::uint8_t>(next);
    place.messages[next].start(value, update);
    return place.messages[next];
  }

  void release(Thread& self, Message& message, const Sides& sides) noexcept {
    message.release(self.view, sides.release_letters, weakened_);
    ++self.view.clock[self_];
  }

  void check_race(Place& place, Access access, std::size_t index) {
    if (!place.plain) {
      place.accessed_unseen = true;
      return;
    }
    const View& view = threads_[self_].view;
    Access with{};
    const std::size_t other = place.racing(access, view, with);
    if (other != max_threads) {
      fail(std::string{"race: "} + text(access) + " of " + name(place, index) + ", and " + text(with) + " by thread " +
           std::to_string(other));
    }
    place.last_access[static_cast<std::size_t>(access)][self_] = view.clock[self_];
  }

  Located at_plain(const void* address, std::size_t size) {
    count_step();
    Located result = at(address, size);
    if (!result.place.plain) {
      result.place.plain = any_plain_ = true;
      if (result.place.accessed_unseen) {
        leave(End::restart);
      }
    }
    return result;
  }

  Located at(const void* address, std::size_t size) {
    const auto offset = static_cast<std::size_t>(static_cast<const std::byte*>(address) - base_);
    if (offset >= place_at_.size() || size > place_at_.size() - offset) {
      fail("an access outside of the program: what threads share must be a part of it");
    }
    std::size_t index = place_at_[offset];
    if (index == no_place) {
      index = add_place(offset, size);
    }
    Place& place = places_[index];
    if (place.offset != offset || place.size != size) {
      fail("accesses of different sizes overlap at " + name(place, index));
    }
    if (!place.touched) {
      place.touched = true;
      place.last_access = {};
      place.messages[0].start(contents(address, size), false);
    }
    return {place, index};
  }

  std::size_t add_place(std::size_t offset, std::size_t size) {
    const std::size_t index = places_.size();
    if (index == max_places) {
      fail("more places than the checker keeps");
    }
    for (std::size_t i = offset; i < offset + size; ++i) {
      if (place_at_[i] != no_place) {
        fail("accesses of different sizes overlap at " + name(places_[place_at_[i]], place_at_[i]));
      }
    }
    std::fill_n(place_at_.begin() + static_cast<std::ptrdiff_t>(offset), size, static_cast<std::uint8_t>(index));
    Place& place = places_.emplace_back();
    place.offset = offset;
    place.size = size;
    place.messages.resize(8);
    return index;
  }

  [[nodiscard]] std::string name(const Place& place, std::size_t index) const {
    const std::byte* const address = base_ + place.offset;
    for (const Label& label : labels_) {
      if (address >= label.begin && address < label.begin + label.size) {
        const auto offset = static_cast<std::size_t>(address - label.begin);
        return label.text + (label.size == place.size ? "" : "[" + std::to_string(offset / place.size) + "]");
      }
    }
    return model::name(place, index);
  }

  using Scheduler::note;
  void note(const char* operation, const Place& place, std::size_t index, std::uint64_t value, const Sides& sides,
            std::size_t back) {
    if (trace_ != nullptr) {
      note(std::string{operation} + "  " + name(place, index) + "  " + std::to_string(value) + "  " + text(sides) +
           (back == 0 ? "" : "  (" + std::to_string(back) + " newer)"));
    }
  }

  const std::uint64_t weakened_;
  std::vector<std::uint8_t> place_at_;  // by byte of the program
};

}  // namespace weir::model
