#include "litmus/segments.hpp"

namespace {

using weir::litmus::Lengths;
using weir::litmus::needs;
using weir::litmus::Segments;

// A text of 40 bytes fills a segment; two of 16, or of 13, which end in a part of a word, fit one.

TEST_CASE("edge E: a directory entry brings the words of its frame") {
  needs<Segments<Lengths<>{}, true, Lengths<2>{16, 16}>>('E', {"delivered", "nothing yet", "put"}, "a record is torn");
}

TEST_CASE("edge W, frames: a word of a later generation brings its first number") {
  needs<Segments<Lengths<>{}, true, Lengths<6>{13, 13, 40, 13, 13, 40}>>(
      'W', {"delivered", "missed", "nothing yet", "put"}, "another's number");
}

TEST_CASE("edge G: a tail brings the first number of its segment") {
  needs<Segments<Lengths<1>{40}, false, Lengths<1>{16}, Lengths<1>{16}>>('G', {"put"},
                                                                         "a number out of range was given");
}

TEST_CASE("edge F: a first number brings the tail that had moved before") {
  // The first thread seals, rotates, and does both again; the second has seen no more than the first seal (hole H9).
  needs<Segments<Lengths<1>{40}, false, Lengths<2>{40, 16}, Lengths<1>{16}>>('F', {"put", "stalled"},
                                                                             "claims were lost, or counted twice");
}

/// A producer turns the ring three times; another that saw no more than the first seal finishes that rotation.
struct LateHelper : Segments<Lengths<1>{40}, false, Lengths<3>{40, 40, 40}> {
  using Layout = weir::SegmentLayout<weir::Options{.arrival = weir::Arrival::dropped}, weir::model::CheckedEnv>;
  static constexpr std::size_t threads = 2;

  void run(std::size_t thread) {
    if (thread == 0) {
      put_all(0, Lengths<3>{40, 40, 40});
      return;
    }
    const Layout layout{bytes, capacity};
    const weir::detail::Rotation<Layout> rotation{layout};
    const auto tail = rotation.tail();
    weir::litmus::outcome(tail.sealed() ? "sealed" : "not sealed");
    if (tail.sealed()) {
      rotation.rotate(tail);
    }
  }
};

TEST_CASE("edge F, helpers: the first number of the segment to come brings the tail, too") {
  needs<LateHelper>('F', {"not sealed", "put", "sealed"}, "claims were lost, or counted twice");
}

/// A producer turns the ring while another thread asks where it begins and ends.
struct Bounds : Segments<Lengths<3>{40, 16, 16}, false, Lengths<2>{40, 40}> {
  static constexpr std::size_t threads = 2;
  std::uint64_t oldest = 0;
  std::uint64_t end = 0;

  void run(std::size_t thread) {
    if (thread == 0) {
      put_all(0, Lengths<2>{40, 40});
      return;
    }
    oldest = log.oldest();
    end = log.end();
    weir::litmus::outcome("asked");
  }
  void finish() const {
    weir::model::expect(oldest >= 1 && oldest <= log.oldest(), "the horizon was said to be further than it is");
    weir::model::expect(end <= log.end(), "the end was said to be further than it is");
  }
};

/// The same of a ring whose second segment was never used.
struct FreshBounds : Segments<Lengths<1>{40}, false, Lengths<2>{40, 40}> {
  static constexpr std::size_t threads = 2;
  std::uint64_t oldest = 0;

  void run(std::size_t thread) {
    if (thread == 0) {
      put_all(0, Lengths<2>{40, 40});
      return;
    }
    oldest = log.oldest();
    weir::litmus::outcome("asked");
  }
  void finish() const {
    weir::model::expect(oldest >= 1 && oldest <= log.oldest(), "the horizon was said to be further than it is");
  }
};

TEST_CASE("edge F, bounds: a first number brings the firsts and the tail that were there before") {
  needs<Bounds>('F', {"asked", "put"}, "the end was said to be further than it is");
  needs<FreshBounds>('F', {"asked", "put"}, "the horizon was said to be further than it is");
}

/// The segment of a reader is recycled, and before it another was that holds a record which stays.
struct LappedBehind : Segments<Lengths<2>{40, 40}, false, Lengths<2>{40, 40}> {
  using Layout = weir::SegmentLayout<weir::Options{.arrival = weir::Arrival::dropped}, weir::model::CheckedEnv>;
  static constexpr std::size_t threads = 2;
  std::optional<Log::Reader> at_second{log.reader({.number = 2})};

  void run(std::size_t thread) {
    if (thread == 0) {
      put_all(0, Lengths<2>{40, 40});
      return;
    }
    const Layout layout{bytes, capacity};
    while (weir::litmus::Memory::load(layout.first(1), weir::detail::relaxed) != 4) {
      weir::litmus::Memory::pause();
    }
    const auto run = at_second->read(1);
    weir::litmus::outcome("lapped");
    weir::model::expect(run.missed == 1, "a retained record was missed");
  }
};

TEST_CASE("edge F, lapped: a first number that rose brings those that rose before it") {
  needs<LappedBehind>('F', {"lapped", "put"}, "a retained record was missed");
}

}  // namespace
