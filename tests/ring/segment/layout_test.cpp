#include "weir/ring/segment/layout.hpp"

#include <doctest/doctest.h>

#include <vector>

#include "ring/ring.hpp"
#include "weir/storage/memory.hpp"

namespace {

using namespace weir::support;
using weir::Entry;
using weir::Tail;
template <weir::Options options = multiple>
using Layout = weir::SegmentLayout<options, weir::DefaultEnv>;

TEST_CASE("the tail's fields do not touch each other, at their largest values either") {
  constexpr std::uint64_t largest_generation = (1U << 20) - 1;
  constexpr std::uint64_t largest_count = (1U << 20) - 1;
  constexpr std::uint64_t largest_end = (std::uint64_t{8} << 22) - 8;
  const auto tail = Tail::beginning(largest_generation).claim(largest_count, largest_end);
  CHECK(tail.generation() == largest_generation);
  CHECK(tail.count() == largest_count);
  CHECK(tail.offset() == largest_end);
  CHECK_FALSE(tail.closed());
  CHECK_FALSE(tail.sealed());
  const Tail sealed{tail.word() | Tail::sealed_bit};
  CHECK(sealed.sealed());
  CHECK_FALSE(sealed.closed());
  CHECK(sealed.generation() == largest_generation);
  CHECK(sealed.count() == largest_count);
  const Tail closed{tail.word() | std::uint64_t{1} << 63};
  CHECK(closed.closed());
  CHECK_FALSE(closed.sealed());
  CHECK(closed.offset() == largest_end);
}

TEST_CASE("a claim adds to the count and the offset, and generations wrap at 2^20") {
  const auto tail = Tail::beginning(5).claim(1, 24).claim(3, 8);
  CHECK(tail.generation() == 5);
  CHECK(tail.count() == 4);
  CHECK(tail.offset() == 32);
  CHECK(Tail::beginning(1U << 20).word() == Tail::beginning(0).word());
  CHECK(Tail::beginning((1U << 20) + 7).generation() == 7);
}

TEST_CASE("an entry names its number, and no other that it could meet") {
  for (const std::uint64_t number :
       {1ULL, (1ULL << 20) - 1, 1ULL << 32, (1ULL << 42) - 1, 1ULL << 42, (1ULL << 42) + 1, (1ULL << 62) + 12345}) {
    CAPTURE(number);
    for (const std::uint64_t offset : {0ULL, 8ULL, 4096ULL, (8ULL << 22) - 24}) {
      const auto entry = Entry::at(number, offset);
      CHECK(entry.names(number));
      CHECK(entry.offset() == offset);
      CHECK(entry.words(number) == offset / 8);
      CHECK(entry.words(number + 1) >= Entry::no_frame);
      CHECK_FALSE(entry.skipped());
      CHECK_FALSE(entry.names(number + 1));
      CHECK_FALSE(entry.names(number - 1));
      CHECK_FALSE(entry.names(number ^ (1ULL << 41)));
      CHECK(entry.names(number ^ (1ULL << 42)));  // the field is 42 bits wide, as docs/memory_model.md says
    }
    CHECK(Entry::skip(number).names(number));
    CHECK(Entry::skip(number).skipped());
    CHECK(Entry::skip(number).words(number) >= Entry::no_frame);
    CHECK_FALSE(Entry::skip(number).names(number + 1));
  }
}

TEST_CASE("the zero of fresh memory names no record, whatever the number's low bits are") {
  for (const std::uint64_t number : {0ULL, 1ULL, 1ULL << 42, 3ULL << 42, 1ULL << 62}) {
    CHECK_FALSE(Entry{0}.names(number));
    CHECK(Entry{0}.words(number) >= Entry::no_frame);
  }
}

TEST_CASE("frames are whole words and sizes are read as they were written") {
  using Timed = weir::Frame<true>;
  using Untimed = weir::Frame<false>;
  for (std::uint64_t key = 0; key <= 300; key += 1 + key / 9) {
    for (const std::uint64_t data : {0ULL, 1ULL, 7ULL, 8ULL, 9ULL, 1ULL << 20, (8ULL << 22)}) {
      const auto sizes = Timed::sizes(key, data);
      CHECK(Timed::key_size(sizes) == key);
      CHECK(Timed::data_size(sizes) == data);
      CHECK(Timed::words(sizes) == Untimed::words(sizes) + 1);
      CHECK(Timed::words(sizes) * 8 == Timed::size(key, data));
      CHECK(Timed::words(sizes) * 8 <= key + data + Timed::overhead);
      CHECK(Timed::words(sizes) * 8 >= key + data + 16);
    }
  }
}

/// The least frame at the last place where one fits has an entry that is not the one for skipped records.
template <weir::Options options>
void last_place() {
  using L = Layout<options>;
  constexpr std::uint64_t largest_segments = L::usual_segments * L::max_segment_bytes;
  auto storage = weir::MemoryStorage{};  // pages that nothing touches take no memory
  const L layout{storage.create("ring", L::footprint(largest_segments)).value(), largest_segments};
  const auto least = L::FrameShape::size(0, 0);
  CHECK(largest_segments / layout.segments() == L::max_segment_bytes);
  CHECK_FALSE(Entry::at(7, layout.usable_bytes() - least).skipped());
  const auto full = Tail::beginning(0).claim(layout.entries(), layout.usable_bytes());
  CHECK(full.offset() == layout.usable_bytes());
  CHECK(full.count() == layout.entries());
  CHECK(full.generation() == 0);
}

TEST_CASE("the last frame of the largest segment is a record like any other") {
  last_place<multiple>();
  last_place<multiple_untimed>();
}

TEST_CASE("segments are powers of two, no larger than an offset can tell, and cover the capacity") {
  for (std::uint64_t capacity = 128; capacity <= std::uint64_t{1} << 42; capacity *= 2) {
    CAPTURE(capacity);
    const auto segments = Layout<>::segments_for(capacity);
    CHECK(std::has_single_bit(segments));
    CHECK(segments >= 2);
    CHECK(capacity / segments <= Layout<>::max_segment_bytes);
    CHECK(segments <= std::uint64_t{1} << 20);  // else generations could not tell them apart
  }
  CHECK(Layout<>::segments_for(128) == 2);
  CHECK(Layout<>::segments_for(256) == 4);
  CHECK(Layout<>::segments_for(1 << 20) == 8);
}

TEST_CASE("tail, firsts, directory and bytes lie apart and inside the footprint") {
  for (const std::uint64_t capacity : {128U, 256U, 512U, 4096U}) {
    CAPTURE(capacity);
    ZeroedBytes bytes{Layout<>::footprint(capacity)};
    const Layout<> layout{bytes.span(), capacity};
    std::vector<int> taken(bytes.span().size());
    const auto take = [&](const std::uint64_t& word) {
      const auto offset = reinterpret_cast<const std::byte*>(&word) - bytes.span().data();
      REQUIRE(offset >= 0);
      REQUIRE(static_cast<std::size_t>(offset) + 8 <= taken.size());
      for (std::size_t i = 0; i < 8; ++i) {
        CHECK(taken[static_cast<std::size_t>(offset) + i]++ == 0);
      }
    };
    take(layout.tail());
    take(layout.last_arrival());
    take(layout.final_end());
    for (std::uint64_t segment = 0; segment < layout.segments(); ++segment) {
      take(layout.first(segment));
      for (std::uint64_t index = 0; index < layout.entries(); ++index) {
        take(layout.entry(segment, index));
      }
      for (std::uint64_t offset = 0; offset < layout.usable_bytes(); offset += 8) {
        take(*layout.bytes(segment, offset));
      }
    }
    CHECK(layout.following(layout.segments() - 1) == 0);
    CHECK(layout.segment((1U << 20) - 1) == layout.segments() - 1);
  }
}

TEST_CASE("a ring may begin at any generation") {
  for (const std::uint64_t generation : {0ULL, 3ULL, (1ULL << 20) - 1, 1ULL << 20}) {
    ZeroedBytes bytes{Layout<>::footprint(256)};
    const Layout<> layout{bytes.span(), 256};
    layout.begin(42, generation, false);
    CHECK(Tail{layout.tail()}.generation() == generation % (1U << 20));
    CHECK(layout.first(layout.segment(generation)) == 42);
    CHECK(layout.first(layout.segment(generation + 1)) == 0);
  }
}

}  // namespace
