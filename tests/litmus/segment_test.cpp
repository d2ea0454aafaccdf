#include "litmus/edges.hpp"

namespace {

using namespace weir;
using weir::litmus::Memory;
using weir::litmus::needs;

/// Producers of texts in a ring of two segments of 64 bytes; each puts texts of lengths that it cycles through, so that
/// generations hold different counts: one frame of 48 bytes, or two of 24.
template <std::size_t producers, std::array<std::uint64_t, producers> puts, bool reads>
struct Segments {
  using Log = SegmentLog<std::string, Options{.arrival = Arrival::dropped}, model::CheckedEnv>;
  static constexpr std::uint64_t capacity = 128;
  static constexpr std::size_t threads = producers + (reads ? 1 : 0);
  static constexpr std::size_t readers = reads ? 1 : 0;
  static constexpr std::uint64_t total = [] {
    std::uint64_t sum = 0;
    for (const auto count : puts) {
      sum += count;
    }
    return sum;
  }();

  alignas(line_size) std::array<std::byte, Log::footprint(capacity)> bytes{};
  Log log = Log::format(bytes, capacity, 1);
  std::optional<Log::Reader> reader;
  std::array<std::array<std::uint64_t, 8>, producers> numbers{};  // what each put was told

  Segments() {
    if constexpr (reads) {
      reader.emplace(log.reader({.number = 1}));
    }
  }

  void run(std::size_t thread) { thread < producers ? put(thread) : read(); }

  void put(std::size_t thread) {
    auto writer = log.writer();
    for (std::uint64_t done = 0; done < puts[thread];) {
      const char letter = static_cast<char>('a' + thread * 8 + done);
      std::array<char, 40> text;
      text.fill(letter);
      const std::size_t length = done % 3 == 2 ? 40 : 16;
      const auto outcome = writer.try_put(model::CheckedClock{}, "", std::string_view{text.data(), length});
      if (outcome.status == Append::Status::done) {
        numbers[thread][done++] = outcome.number;
      } else {
        Memory::pause();
      }
      std::uint64_t told = done;
      for (const auto number : numbers[thread]) {
        told = told << 4U | number;
      }
      model::settle(told);  // the writer keeps nothing else
    }
  }

  void read() {
    for (std::uint64_t next = 1; next <= total;) {
      const auto run = reader->read(1);
      next += run.missed + run.count;
      if (run.count != 0) {
        model::expect(run.first + 1 == next, "numbers do not add up");
        const auto text = reader->value(0);
        model::expect(text.size() == 16 || text.size() == 40, "a size that nobody put");
        model::expect(text.find_first_not_of(text.front()) == std::string_view::npos, "a record is torn");
        model::expect(producers > 1 || text.front() == static_cast<char>('a' + run.first - 1), "another's number");
      }
      model::settle(next);
      if (run.count + run.missed == 0) {
        Memory::pause();
      }
    }
  }

  void finish() const {
    model::expect(log.end() == total + 1, "claims were lost, or counted twice");
    std::array<bool, total + 1> given{};
    for (std::size_t thread = 0; thread < producers; ++thread) {
      for (std::uint64_t i = 0; i < puts[thread]; ++i) {
        const auto number = numbers[thread][i];
        model::expect(number >= 1 && number <= total && !given[number], "a number was given twice");
        given[number] = true;
      }
    }
  }
};

using OneAndReader = Segments<1, std::array<std::uint64_t, 1>{6}, true>;
using TwoWriters = Segments<2, std::array<std::uint64_t, 2>{5, 1}, false>;

TEST_CASE("edge E: a directory entry brings the words of its frame") {
  needs<Segments<1, std::array<std::uint64_t, 1>{2}, true>>('E');
}

TEST_CASE("edge W, frames: a word of a later generation brings its first number") {
  needs<OneAndReader>('W');
}

TEST_CASE("edge G: a tail brings what recycling its segment needed") {
  needs<TwoWriters>('G');
}

TEST_CASE("edge F: a first number brings the tail that had moved before") {
  needs<TwoWriters>('F', {.max_time = std::chrono::seconds{30}});
}

}  // namespace
