/// Which cache lines an operation reads, writes and has brought to its core: memory that counts them.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <type_traits>
#include <utility>
#include <vector>

#include "weir/core/env.hpp"
#include "weir/testing/manual_clock.hpp"

namespace weir::support {

/// Lines of 64 bytes by number, which is their address divided by 64: sorted, each once.
using LineNumbers = std::vector<std::uintptr_t>;

/// Watches what `CountedMemory` does to some spans of memory, for as long as this lives; one at a time in a thread.
///
/// The thread acts for several cores in turn. Each has a cache without bounds, and the caches are kept coherent as
/// processors do it: a line is held by any number of cores that only read it, or by the one that wrote it last. So the
/// count of lines brought is exact and always the same; what processors fetch on a guess, and what falls out of a real
/// cache, is not in it.
class LineWatch {
 public:
  static constexpr std::size_t line_bytes = 64;

  /// What one operation did, a line once however often.
  struct Touched {
    LineNumbers read, written;
    LineNumbers brought;  ///< not held by the core in the state that was needed: to read it, or alone to write it
  };

  explicit LineWatch(const std::vector<std::span<std::byte>>& spans) {
    for (const auto span : spans) {
      const auto begin = number_of(span.data());
      holders_.push_back({begin, std::vector<std::uint32_t>(number_of(span.data() + span.size() - 1) - begin + 1)});
    }
    watching_ = this;
  }
  LineWatch(const LineWatch&) = delete;
  LineWatch& operator=(const LineWatch&) = delete;
  ~LineWatch() { watching_ = nullptr; }

  static LineWatch* watching() noexcept { return watching_; }
  static std::uintptr_t number_of(const void* address) noexcept {
    return reinterpret_cast<std::uintptr_t>(address) / line_bytes;
  }

  /// What `operation` touches when `core`, one of 32, does it.
  template <class Operation>
  Touched during(unsigned core, Operation&& operation) {
    core_ = std::uint32_t{1} << core;
    touched_ = {};
    operation();
    for (auto* lines : {&touched_.read, &touched_.written, &touched_.brought}) {
      std::sort(lines->begin(), lines->end());
      lines->erase(std::unique(lines->begin(), lines->end()), lines->end());
    }
    return std::exchange(touched_, {});
  }

  /// The current operation looks at these bytes itself, wherever they are.
  void look(std::span<const std::byte> bytes) { each_line(bytes.data(), bytes.size(), &LineWatch::read); }

  /// Bytes that `CountedMemory` touched outside the spans.
  [[nodiscard]] std::uint64_t elsewhere() const noexcept { return elsewhere_; }

 private:
  friend struct CountedMemory;

  struct Holders {
    std::uintptr_t first_line;
    std::vector<std::uint32_t> cores;  // of each line, the set that holds it
  };

  void loads(const void* address, std::size_t bytes) {
    elsewhere_ += each_line(address, bytes, &LineWatch::read) ? 0 : bytes;
  }
  void stores(const void* address, std::size_t bytes) {
    elsewhere_ += each_line(address, bytes, &LineWatch::write) ? 0 : bytes;
  }

  /// Whether the bytes lie in the spans.
  bool each_line(const void* address, std::size_t bytes, void (LineWatch::*touch)(std::uintptr_t, std::uint32_t&)) {
    if (bytes == 0) {
      return true;
    }
    const auto end = number_of(static_cast<const std::byte*>(address) + bytes - 1) + 1;
    for (auto line = number_of(address); line != end; ++line) {
      auto* cores = holders_of(line);
      if (cores == nullptr) {
        return false;
      }
      (this->*touch)(line, *cores);
    }
    return true;
  }

  void read(std::uintptr_t line, std::uint32_t& cores) {
    add(touched_.read, line);
    if ((cores & core_) == 0) {
      add(touched_.brought, line);
      cores |= core_;
    }
  }
  void write(std::uintptr_t line, std::uint32_t& cores) {
    add(touched_.written, line);
    if (cores != core_) {
      add(touched_.brought, line);
      cores = core_;
    }
  }

  /// Most accesses are to the line of the one before; the others are found out at the end.
  static void add(LineNumbers& lines, std::uintptr_t line) {
    if (lines.empty() || lines.back() != line) {
      lines.push_back(line);
    }
  }

  std::uint32_t* holders_of(std::uintptr_t line) noexcept {
    for (auto& span : holders_) {
      if (line - span.first_line < span.cores.size()) {  // below the first it is huge
        return &span.cores[line - span.first_line];
      }
    }
    return nullptr;
  }

  static inline thread_local LineWatch* watching_ = nullptr;

  std::vector<Holders> holders_;
  std::uint32_t core_ = 1;
  Touched touched_;
  std::uint64_t elsewhere_ = 0;
};

/// The hardware's memory, told to the thread's `LineWatch` if it has one.
struct CountedMemory {
  static constexpr std::size_t cache_line = HardwareMemory::cache_line;

  template <class Word, class Order>
  static Word load(const Word& word, Order order) noexcept {
    loads(&word, sizeof word);
    return HardwareMemory::load(word, order);
  }
  template <class Word, class Order>
  static void store(Word& word, std::type_identity_t<Word> value, Order order) noexcept {
    stores(&word, sizeof word);
    HardwareMemory::store(word, value, order);
  }
  /// Takes the line for writing even where it fails, as processors do.
  template <class Word, class Order>
  static bool compare_exchange(Word& word, std::type_identity_t<Word> expected, std::type_identity_t<Word> desired,
                               Order order) noexcept {
    loads_and_stores(&word, sizeof word);
    return HardwareMemory::compare_exchange(word, expected, desired, order);
  }
  template <class Word, class Order>
  static Word fetch_add(Word& word, std::type_identity_t<Word> amount, Order order) noexcept {
    loads_and_stores(&word, sizeof word);
    return HardwareMemory::fetch_add(word, amount, order);
  }

  template <class Value>
  static const Value& plain_load(const Value& value) noexcept {
    loads(&value, sizeof value);
    return HardwareMemory::plain_load(value);
  }
  template <class Value>
  static void plain_store(Value& place, const std::type_identity_t<Value>& value) noexcept {
    stores(&place, sizeof place);
    HardwareMemory::plain_store(place, value);
  }
  template <class Word>
  static void plain_copy(Word* to, const std::byte* from, std::size_t words) noexcept {
    stores(to, words * sizeof(Word));
    HardwareMemory::plain_copy(to, from, words);
  }

  static void pause() noexcept { HardwareMemory::pause(); }

 private:
  static void loads(const void* address, std::size_t bytes) {
    if (auto* watch = LineWatch::watching()) {
      watch->loads(address, bytes);
    }
  }
  static void stores(const void* address, std::size_t bytes) {
    if (auto* watch = LineWatch::watching()) {
      watch->stores(address, bytes);
    }
  }
  static void loads_and_stores(const void* address, std::size_t bytes) {
    loads(address, bytes);
    stores(address, bytes);
  }
};

/// The real world but for its time, which stands still, and for what memory is told.
struct CountedEnv {
  using Memory = CountedMemory;
  testing::ManualClock clock;
  [[no_unique_address]] Md5Hasher hasher;
};
static_assert(environment<CountedEnv>);

}  // namespace weir::support
