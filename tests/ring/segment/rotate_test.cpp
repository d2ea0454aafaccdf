#include "weir/ring/segment/rotate.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "ring/ring.hpp"
#include "weir/ring/segment/log.hpp"

namespace {

using namespace weir::support;
using weir::Append;
using weir::Entry;
using weir::Tail;
template <class Env = weir::DefaultEnv>
using Log = weir::SegmentLog<std::string, multiple_untimed, Env>;
template <class Env = weir::DefaultEnv>
using Layout = weir::SegmentLayout<multiple_untimed, Env>;
template <class Env = weir::DefaultEnv>
using Rotation = weir::detail::Rotation<Layout<Env>>;
constexpr weir::CoarseClock now{};

/// Segments of 64 bytes hold two records of this size.
const std::string half_a_segment(16, 'x');

/// Everything from the oldest number on is there, in order, and `end()` is one more.
void check_numbers(const Log<>& log, std::uint64_t end) {
  CHECK(log.end() == end);
  auto reader = log.reader({.number = log.oldest()});
  auto position = log.oldest();
  for (auto run = reader.read(no_limit); run.count + run.missed != 0; run = reader.read(no_limit)) {
    CHECK(run.missed == 0);
    CHECK(run.first == position);
    for (std::size_t i = 0; i < run.count; ++i) {
      CHECK(reader.value(i) == half_a_segment);
    }
    position += run.count;
  }
  CHECK(position == end);
}

/// Seals the tail of a full ring and stops there, as a producer would that lost its processor.
void stall_sealer(const Layout<>& layout) {
  const Rotation<> rotation{layout};
  REQUIRE_FALSE(rotation.seal(rotation.tail()));
  REQUIRE(Tail{layout.tail()}.sealed());
}

TEST_CASE("hole H8: a rotation whose sealer stalled is finished by the next put") {
  for (const std::uint64_t capacity : {128U, 256U, 512U}) {
    for (std::uint64_t count = 1; count < 30; ++count) {
      for (const bool installed : {false, true}) {
        CAPTURE(capacity);
        CAPTURE(count);
        Ring<Log<>> ring{capacity, 1, (1U << 20) - 3};
        const auto layout = ring.as<Layout<>>();
        auto writer = ring.log.writer();
        for (std::uint64_t i = 0; i < count; ++i) {
          put(writer, half_a_segment);
        }
        stall_sealer(layout);
        if (installed) {  // the sealer got as far as the first number of the next segment
          const auto generation = Tail{layout.tail()}.generation();
          layout.first(layout.segment(generation + 1)) = count + 1;
        }
        CHECK(ring.log.end() == count + 1);
        CHECK_FALSE(ring.log.closed());
        check_numbers(ring.log, count + 1);
        CHECK(put(writer, half_a_segment) == count + 1);
        CHECK_FALSE(Tail{layout.tail()}.sealed());
        check_numbers(ring.log, count + 2);
        for (std::uint64_t i = 0; i < 40; ++i) {
          CHECK(put(writer, half_a_segment) == count + 2 + i);
        }
        check_numbers(ring.log, count + 42);
      }
    }
  }
}

TEST_CASE("holes H7 and H8: a close that meets a sealed tail finishes the rotation, and is not wiped out by it") {
  for (std::uint64_t count = 1; count < 12; ++count) {
    CAPTURE(count);
    Ring<Log<>> ring{256};
    const auto layout = ring.as<Layout<>>();
    auto writer = ring.log.writer();
    for (std::uint64_t i = 0; i < count; ++i) {
      put(writer, half_a_segment);
    }
    stall_sealer(layout);
    const Tail sealed{layout.tail()};
    CHECK(ring.log.close() == count + 1);
    const Rotation<> late{layout};
    late.rotate(sealed);  // the sealer comes back with the word that it had
    CHECK_FALSE(late.seal(sealed));
    CHECK(ring.log.closed());
    CHECK_FALSE(Tail{layout.tail()}.sealed());
    CHECK(ring.log.close() == count + 1);
    const auto outcome = writer.try_put(now, "", half_a_segment);
    CHECK(outcome.status == Append::Status::closed);
    CHECK(outcome.number == count + 1);
    check_numbers(ring.log, count + 1);
    auto reader = ring.log.reader({.number = count + 1});
    CHECK(reader.read(no_limit).end);
  }
}

TEST_CASE("hole H7: a close between the sealer's look at the tail and its seal wins") {
  at_every_access([](std::uint64_t after) {
    Ring<Log<>> ring{128};
    auto writer = ring.log.writer();
    for (int i = 0; i < 4; ++i) {
      put(writer, half_a_segment);
    }
    const auto layout = ring.as<Layout<InterruptedEnv>>();
    const Rotation<InterruptedEnv> rotation{layout};
    const auto tail = Tail{ring.as<Layout<>>().tail()};
    const Interruption interruption{after, [&] { CHECK(ring.log.close() == 5); }};
    CHECK_FALSE(rotation.seal(tail));
    if (interruption.happened()) {
      CHECK(ring.log.closed());
      CHECK_FALSE(Tail{layout.tail()}.sealed());
      check_numbers(ring.log, 5);
    }
    return interruption.happened();
  });
}

TEST_CASE("hole H9: a helper that is overtaken anywhere by whole rotations installs nothing") {
  for (const std::uint64_t capacity : {128U, 256U}) {
    for (std::uint64_t theirs = 1; theirs <= 20; ++theirs) {
      at_every_access([&](std::uint64_t after) {
        CAPTURE(capacity);
        CAPTURE(theirs);
        CAPTURE(after);
        Ring<Log<>> ring{capacity, 1, (1U << 20) - 2};
        auto writer = ring.log.writer();
        for (int i = 0; i < 6; ++i) {
          put(writer, half_a_segment);
        }
        stall_sealer(ring.as<Layout<>>());
        const auto layout = ring.as<Layout<InterruptedEnv>>();
        const Rotation<InterruptedEnv> helper{layout};
        const auto sealed = Tail{ring.as<Layout<>>().tail()};
        std::vector<std::uint64_t> firsts;
        std::uint64_t tail = 0;
        const auto snapshot = [&] {
          tail = ring.as<Layout<>>().tail();
          firsts.clear();
          for (std::uint64_t segment = 0; segment < layout.segments(); ++segment) {
            firsts.push_back(ring.as<Layout<>>().first(segment));
          }
        };
        const Interruption interruption{after, [&] {
                                          for (std::uint64_t i = 0; i < theirs; ++i) {
                                            put(writer, half_a_segment);
                                          }
                                          snapshot();
                                        }};
        helper.rotate(sealed);
        if (interruption.happened()) {
          const auto tail_then = tail;
          const auto firsts_then = firsts;
          snapshot();
          CHECK(tail == tail_then);
          CHECK(firsts == firsts_then);
          check_numbers(ring.log, 7 + theirs);
        }
        return interruption.happened();
      });
    }
  }
}

TEST_CASE("an outdated tail changes nothing, in rotate and in seal") {
  Ring<Log<>> ring{256};
  const auto layout = ring.as<Layout<>>();
  const Rotation<> rotation{layout};
  auto writer = ring.log.writer();
  std::vector<Tail> seen;
  for (std::uint64_t count = 0; count < 25; ++count) {
    seen.push_back(rotation.tail());
    put(writer, half_a_segment);
  }
  for (const auto tail : seen) {
    CHECK_FALSE(rotation.seal(tail));
    rotation.rotate(Tail{tail.word() | Tail::sealed_bit});
    rotation.rotate(tail);
    check_numbers(ring.log, 26);
    CHECK_FALSE(Tail{layout.tail()}.sealed());
  }
}

TEST_CASE("a segment with an unfinished record is not entered again, and the record is named") {
  for (const std::uint64_t capacity : {128U, 256U, 512U}) {
    CAPTURE(capacity);
    Ring<Log<>> ring{capacity};
    const auto layout = ring.as<Layout<>>();
    const Rotation<> rotation{layout};
    auto writer = ring.log.writer();
    put(writer, half_a_segment);
    // A producer claims number 2 and stops.
    const auto place = rotation.tail();
    layout.tail() = place.claim(1, 24).word();
    std::uint64_t next = 3;
    Append outcome;
    while ((outcome = writer.try_put(now, "", half_a_segment)).status == Append::Status::done) {
      CHECK(outcome.number == next);
      ++next;
    }
    CHECK(next == 1 + 2 * layout.segments());
    for (int again = 0; again < 3; ++again) {
      const auto before = layout.tail();
      outcome = writer.try_put(now, "", half_a_segment);
      CHECK(outcome.status == Append::Status::stalled);
      CHECK(outcome.number == next - 2);
      CHECK(layout.tail() == before);
      CHECK(ring.log.end() == next);
    }
    CHECK(ring.log.oldest() == 1);
    auto reader = ring.log.reader({.number = 1});
    CHECK(reader.read(no_limit).count == 1);
    CHECK(reader.read(no_limit).count == 0);
    auto later = ring.log.reader({.number = 2});
    CHECK(later.read(no_limit).count == 0);
    // It may also be skipped: that is as good as finished.
    layout.entry(layout.segment(place.generation()), place.count()) = Entry::skip(2).word();
    auto run = reader.read(no_limit);
    CHECK(run.first == 3);
    CHECK(run.missed == 0);
    CHECK(put(writer, half_a_segment) == next);
  }
}

TEST_CASE("while the tail is sealed nobody claims, and readers and end() are not misled") {
  Ring<Log<>> ring{128};
  auto writer = ring.log.writer();
  for (int i = 0; i < 4; ++i) {
    put(writer, half_a_segment);
  }
  auto reader = ring.log.reader({.number = 5});
  auto behind = ring.log.reader({.number = 1});
  stall_sealer(ring.as<Layout<>>());
  CHECK(ring.log.end() == 5);
  auto run = reader.read(no_limit);
  CHECK(run.count == 0);
  CHECK(run.missed == 0);
  CHECK_FALSE(run.end);
  CHECK(behind.read(no_limit).first == 1);
  put(writer, half_a_segment);
  run = reader.read(no_limit);
  CHECK(run.first == 5);
  CHECK(run.count == 1);
  CHECK(run.missed == 0);
}

TEST_CASE("a close that is interrupted anywhere by puts ends with the number that everybody sees") {
  for (std::uint64_t before = 0; before < 6; ++before) {
    for (std::uint64_t theirs = 0; theirs < 7; ++theirs) {
      for (const bool sealed : {false, true}) {
        at_every_access([&](std::uint64_t after) {
          CAPTURE(before);
          CAPTURE(theirs);
          CAPTURE(sealed);
          CAPTURE(after);
          Ring<Log<>> ring{128};
          auto writer = ring.log.writer();
          std::uint64_t next = 1;
          for (; next <= before; ++next) {
            put(writer, half_a_segment);
          }
          if (sealed && before > 0) {
            stall_sealer(ring.as<Layout<>>());
          }
          const Interruption interruption{after, [&] {
                                            for (std::uint64_t i = 0; i < theirs; ++i) {
                                              const auto outcome = writer.try_put(now, "", half_a_segment);
                                              if (outcome.status == Append::Status::done) {
                                                CHECK(outcome.number == next++);
                                              } else {
                                                CHECK(outcome.status == Append::Status::closed);
                                                CHECK(outcome.number == next);
                                              }
                                            }
                                          }};
          const auto end = ring.as<Log<InterruptedEnv>>().close();
          CHECK(end == next);
          CHECK(ring.log.closed());
          CHECK(ring.log.close() == next);
          check_numbers(ring.log, next);
          auto reader = ring.log.reader({.number = next});
          CHECK(reader.read(no_limit).end);
          return interruption.happened();
        });
      }
    }
  }
}

TEST_CASE("two firsts of different generations count no more records than a segment's directory has") {
  Ring<Log<>> ring{128};  // two segments with two entries each
  const auto layout = ring.as<Layout<>>();
  const Rotation<> rotation{layout};
  auto writer = ring.log.writer();
  for (int i = 0; i < 6; ++i) {
    put(writer, half_a_segment);
  }
  // Segment 1, with numbers 3 and 4, is to be recycled, and the first of the one that follows has run ahead of what the
  // sealer sees of the tail.
  REQUIRE(layout.first(1) == 3);
  layout.first(0) = 100;
  CHECK_FALSE(rotation.seal(rotation.tail()));
  CHECK(Tail{layout.tail()}.sealed());
}

TEST_CASE("a helper that slept until the generations had come round moves no tail") {
  Ring<Log<>> ring{128};
  auto writer = ring.log.writer();
  for (int i = 0; i < 4; ++i) {
    put(writer, half_a_segment);
  }
  const auto layout = ring.as<Layout<>>();
  stall_sealer(layout);
  const Tail sealed{layout.tail()};
  const auto ours = ring.as<Layout<InterruptedEnv>>();
  const Rotation<InterruptedEnv> helper{ours};
  // It has looked at both firsts and at the tail, and is about to install. Then 2^20 rotations bring the same tail
  // again.
  constexpr std::uint64_t looks = 3;
  const Interruption interruption{looks, [&] {
                                    layout.first(0) += 2U << 20;
                                    layout.first(1) += 2U << 20;
                                  }};
  helper.rotate(sealed);
  REQUIRE(interruption.happened());
  CHECK(layout.tail() == sealed.word());
  CHECK(ring.log.end() == 5 + (2U << 20));
}

}  // namespace
