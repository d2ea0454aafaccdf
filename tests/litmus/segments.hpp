/// Small segment rings under the model checker.
#pragma once

#include <algorithm>
#include <array>
#include <numeric>
#include <utility>

#include "litmus/edges.hpp"

namespace weir::litmus {

/// The lengths of the texts that are put one after another.
template <std::size_t count = 0>
using Lengths = std::array<std::size_t, count>;

/// A ring of two segments of 64 bytes. It holds `before` when the threads start; then each of them puts texts of its
/// `lengths`, 40 bytes at most, and a reader, if `reads`, takes all records one by one.
template <Delivery delivery, auto before, bool reads, auto... lengths>
struct SegmentsOf {
  using Log = SegmentLog<std::string, Options{.arrival = Arrival::dropped, .delivery = delivery}, model::CheckedEnv>;
  static constexpr RingSize capacity{128, 2};
  static constexpr std::size_t producers = sizeof...(lengths);
  static constexpr std::size_t threads = producers + (reads ? 1 : 0);
  static constexpr std::size_t readers = reads && !Log::gated ? 1 : 0;  // a gated one releases what it read
  static constexpr std::uint64_t total = before.size() + (lengths.size() + ...);
  static_assert(total < 16);

  alignas(line_size) std::array<std::byte, Log::footprint(capacity)> bytes{};
  Log log = Log::format(bytes, capacity, 1);
  std::optional<typename Log::Reader> reader;
  std::array<std::array<std::uint64_t, 8>, producers> numbers{};  // what each put was told
  std::array<std::size_t, producers> told{};                      // and how many were

  SegmentsOf() {
    for (std::size_t i = 0; i < before.size(); ++i) {
      put(Text{before[i], i});
    }
    if constexpr (reads) {
      reader.emplace(log.reader({.number = 1}));
    }
  }

  void run(std::size_t thread) {
    if (thread == producers) {
      read();
      return;
    }
    std::size_t index = 0;
    ((thread == index++ ? put_all(thread, lengths) : void()), ...);
  }

  void put_all(std::size_t thread, const auto& mine) {
    auto& done = told[thread];
    while (done < mine.size()) {
      const auto append = put(Text{mine[done], before.size() + thread * 8 + done});
      outcome(append);
      if (append.status == Append::Status::done) {
        numbers[thread][done++] = append.number;
      } else {
        Memory::pause();
      }
      model::settle(std::accumulate(numbers[thread].begin(), numbers[thread].end(), std::uint64_t{done},
                                    [](auto all, auto number) { return all << 4U | (number & 15U); }));
    }
  }

  void read() {
    for (std::uint64_t next = 1; next <= total;) {
      const auto run = reader->read(1);
      outcome(run);
      next += run.missed + run.count;
      if (run.count == 0) {
        if (run.missed == 0) {
          Memory::pause();
        }
        continue;
      }
      model::expect(run.first + 1 == next, "numbers do not add up");
      check(reader->value(0), run.first);
      if constexpr (producers == 1) {
        model::settle(next);  // the place after a record follows from its number; of several producers it does not
      }
    }
  }

  /// Nobody stores any more: each number was given once, and what is retained can be read.
  void finish() const {
    model::expect(log.end() == total + 1, "claims were lost, or counted twice");
    std::array<bool, 16> given{};
    for (std::size_t thread = 0; thread < producers; ++thread) {
      for (std::size_t i = 0; i < told[thread]; ++i) {
        const auto number = numbers[thread][i];
        model::expect(number > before.size() && number <= total, "a number out of range was given");
        model::expect(!std::exchange(given[number & 15U], true), "a number was given twice");
      }
    }
    const auto oldest = log.oldest();
    model::expect(oldest >= 1 && oldest <= total, "the oldest record is none");
    auto after = log.reader({.number = oldest});
    for (auto next = oldest; next <= total; ++next) {
      const auto run = after.read(1);
      if (run.count != 1 || run.missed != 0 || run.first != next) {
        model::expect(false, "a retained record cannot be read");
        return;
      }
      check(after.value(0), next);
    }
  }

 private:
  struct Text {
    std::array<char, 40> letters;
    std::size_t length;
    Text(std::size_t size, std::size_t letter) noexcept : length(size) {
      letters.fill(static_cast<char>('a' + letter));
    }
  };

  Append put(const Text& text) const {
    return log.writer().try_put(model::CheckedClock{}, "", std::string_view{text.letters.data(), text.length});
  }

  static void check(std::string_view text, std::uint64_t number) {
    if constexpr (Log::gated) {  // it lies in the ring, as words of plain memory
      for (std::size_t i = 0; i < text.size(); i += 8) {
        Memory::plain_load(*reinterpret_cast<const std::uint64_t*>(text.data() + i));
      }
    }
    model::expect(text.size() == 13 || text.size() == 16 || text.size() == 40, "a size that nobody put");
    model::expect(!text.empty() && text.find_first_not_of(text.front()) == std::string_view::npos, "a record is torn");
    model::expect(producers > 1 || text.front() == static_cast<char>('a' + number - 1), "another's number");
  }
};

template <auto before, bool reads, auto... lengths>
using Segments = SegmentsOf<Delivery::overwrite, before, reads, lengths...>;
template <auto before, bool reads, auto... lengths>
using GatedSegments = SegmentsOf<Delivery::gated, before, reads, lengths...>;

}  // namespace weir::litmus
