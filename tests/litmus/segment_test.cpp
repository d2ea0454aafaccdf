#include "litmus/segments.hpp"
#include "model/holds.hpp"

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

/// A producer turns the ring twice, and nothing stands in its way; another puts what has room wherever it comes.
template <weir::Delivery delivery, auto before>
struct FindsRoom : weir::litmus::SegmentsOf<delivery, before, false, Lengths<2>{40, 16}> {
  static constexpr std::size_t threads = 2;

  FindsRoom() {
    if constexpr (delivery == weir::Delivery::gated) {
      this->reader.emplace(this->log.reader({.number = 1}));
      weir::model::expect(this->reader->read(1).count == 1, "a record that was there is not read");
      this->reader->release();
    }
  }

  void run(std::size_t thread) {
    if (thread == 0) {
      put(40);
      put(16);
    } else {
      weir::model::expect(put(16).status == weir::Append::Status::done, "a put that had room was refused");
    }
  }
  void finish() const {}

 private:
  weir::Append put(std::size_t length) const {
    const auto append = this->log.writer().try_put(weir::model::CheckedClock{}, "", std::string(length, 'a'));
    weir::litmus::outcome(append);
    return append;
  }
};

TEST_CASE("edge F, room: a first number that rose brings the tail, so that nobody is refused for what is no more") {
  needs<FindsRoom<weir::Delivery::overwrite, Lengths<3>{40, 40, 40}>>('F', {"put", "stalled"},
                                                                      "a put that had room was refused");
  needs<FindsRoom<weir::Delivery::gated, Lengths<1>{40}>>('F', {"full", "put", "stalled"},
                                                          "a put that had room was refused");
}

/// One producer writes in place and gives up, another recycles that segment as soon as the reader has stepped over it.
struct GivenUpFrame : weir::litmus::GatedSegments<Lengths<>{}, true, Lengths<>{}> {
  static constexpr std::size_t threads = 3;
  Log::Writer::Place place;

  GivenUpFrame() {
    log.writer().claim_in_place(weir::model::CheckedClock{}, "", 40, place);
    weir::model::expect(put() == weir::Append::Status::done, "no room before the threads began");
  }
  void run(std::size_t thread) {
    if (thread == 0) {
      const auto in_place = log.writer().in_place(place, "", 40);
      weir::litmus::Memory::plain_store(*reinterpret_cast<std::uint64_t*>(in_place.data()), 7);
      log.writer().skip(place);
      weir::litmus::outcome("given up");
    } else if (thread == 1) {
      put();
    } else {
      const auto run = reader->read(1);
      weir::litmus::outcome(run);
      weir::model::expect(run.count == 0 || run.first == 2, "what was given up is delivered");
      reader->release();
    }
  }
  void finish() const {}

 private:
  weir::Append::Status put() const {
    const auto append = log.writer().try_put(weir::model::CheckedClock{}, "", std::string(40, 'a'));
    weir::litmus::outcome(append);
    return append.status;
  }
};

TEST_CASE("edge E, given up: the entry of what was given up brings what was written there") {
  needs<GivenUpFrame>('E', {"delivered", "full", "given up", "nothing yet", "put", "stalled"}, "race: plain");
}

/// What was read and released is recycled, while somebody looks for a moment: where nothing protects what lies there,
/// nobody looks.
struct SearchesBehindTheGate {
  struct Clock {
    std::int64_t moment;
    [[nodiscard]] weir::Timestamp now() const noexcept { return weir::Timestamp{std::chrono::milliseconds{moment}}; }
  };
  using Log = weir::SegmentLog<std::string, weir::Options{.delivery = weir::Delivery::gated}, weir::model::CheckedEnv>;
  static constexpr std::size_t threads = 2;
  static constexpr weir::RingSize capacity{128, 2};

  alignas(weir::line_size) std::array<std::byte, Log::footprint(capacity)> bytes{};
  Log log = Log::format(bytes, capacity, 1);

  SearchesBehindTheGate() {
    auto reader = log.reader({.number = 1});
    put(1, 16);
    put(2, 16);
    put(3, 40);
    while (reader.read(1).count != 0) {
    }
  }
  void run(std::size_t thread) {
    if (thread == 0) {
      put(4, 40);
    } else {
      const auto start = log.seek(3);
      weir::model::expect(start.number <= 3, "a record of that moment lies before the start");
    }
  }
  void finish() const {}

 private:
  void put(std::int64_t moment, std::size_t length) const {
    weir::litmus::outcome(log.writer().try_put(Clock{moment}, "", std::string(length, '\0')));
  }
};

TEST_CASE("a search by time looks at nothing that a producer may write") {
  weir::model::holds<SearchesBehindTheGate>("a search while what was released is recycled");
}

}  // namespace
