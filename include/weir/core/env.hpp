/// Everything outside the process, and memory itself, behind one replaceable type: the seam for tests.
#pragma once

#include <atomic>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string_view>
#include <type_traits>

#include "weir/core/clock.hpp"
#include "weir/core/ids.hpp"
#include "weir/core/md5.hpp"

namespace weir::inline WEIR_ABI {

/// Maps partition keys to hash keys. Equal keys give equal hashes; called by many threads at once.
template <class H>
concept key_hasher = requires(const H& hasher, std::string_view key) {
  { hasher(key) }
  noexcept->std::same_as<HashKey>;
};

/// How the rings touch bytes that threads share. Every access of theirs goes through these functions, so that a
/// checker can stand in their place, run the same ring code under every schedule and weaken one order at a time.
///
/// An `Order` is a tag of `detail/orders.hpp`: its `value` is the order, its letters are the edges of
/// `docs/memory_model.md` that it carries.
struct HardwareMemory {
  /// Bytes that a core takes from another at a time. Where it is otherwise, only speed is lost.
  static constexpr std::size_t cache_line = 64;

  template <class Word, class Order>
  static Word load(const Word& word, Order) noexcept {
    return std::atomic_ref<Word>(const_cast<Word&>(word)).load(Order::value);
  }

  template <class Word, class Order>
  static void store(Word& word, std::type_identity_t<Word> value, Order) noexcept {
    std::atomic_ref<Word>(word).store(value, Order::value);
  }

  /// One attempt from exactly `expected`; never fails spuriously. A failure orders nothing.
  template <class Word, class Order>
  static bool compare_exchange(Word& word, std::type_identity_t<Word> expected, std::type_identity_t<Word> desired,
                               Order) noexcept {
    return std::atomic_ref<Word>(word).compare_exchange_strong(expected, desired, Order::value, Order::on_failure);
  }

  /// Returns the value before. Wraps around.
  template <class Word, class Order>
  static Word fetch_add(Word& word, std::type_identity_t<Word> amount, Order) noexcept {
    return std::atomic_ref<Word>(word).fetch_add(amount, Order::value);
  }

  /// Ordinary accesses: of memory that no other thread touches at the time.
  template <class Value>
  static const Value& plain_load(const Value& value) noexcept {
    return value;
  }
  template <class Value>
  static void plain_store(Value& place, const std::type_identity_t<Value>& value) noexcept {
    place = value;
  }
  /// The same of several words, whatever objects they make up.
  template <class Word>
  static void plain_copy(Word* to, const std::byte* from, std::size_t words) noexcept {
    std::memcpy(to, from, words * sizeof(Word));
  }

  /// Waits a few dozen cycles without using the core's resources: the body of a polling loop.
  static void pause() noexcept {
#if defined(__x86_64__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ __volatile__("isb" ::: "memory");
#endif
  }
};

/// What a stream takes from outside: a clock, a hasher, and the way memory is touched. It may have `faults` as
/// well: see `faulty_environment`.
template <class E>
concept environment = std::copy_constructible<E> && requires(E env) {
  typename E::Memory;
  { E::Memory::cache_line } -> std::convertible_to<std::size_t>;
  requires wall_clock<std::remove_cvref_t<decltype(env.clock)>>;
  requires key_hasher<std::remove_cvref_t<decltype(env.hasher)>>;
};

/// What a stream of a client goes through, and takes no time for in this process: a test can hold it there.
enum class Transition : std::uint8_t { creating, updating, deleting };

/// An environment that may have a put fail: its `faults` are asked once for each record, before anything is claimed.
/// The failure that they answer is the put's, and nothing is stored; with none the put goes on. Called by any thread
/// that puts, at once.
template <class E>
concept faulty_environment = environment<E> && requires(E env) {
  { env.faults.on_put(ShardId{}) } -> std::same_as<std::optional<Failure>>;
};

/// The real world: coarse clock, MD5, hardware atomics.
struct DefaultEnv {
  using Memory = HardwareMemory;
  [[no_unique_address]] CoarseClock clock;
  [[no_unique_address]] Md5Hasher hasher;
};

static_assert(key_hasher<Md5Hasher>);
static_assert(environment<DefaultEnv> && !faulty_environment<DefaultEnv>);

}  // namespace weir::inline WEIR_ABI
