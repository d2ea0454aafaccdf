#include "weir/ring/column/layout.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstring>
#include <vector>

#include "ring/payloads.hpp"
#include "ring/ring.hpp"
#include "support/aborts.hpp"

namespace {

using namespace weir::support;
template <class T, weir::Options options>
using Layout = weir::ColumnLayout<T, options, weir::DefaultEnv>;

struct alignas(128) Aligned {
  std::uint64_t words[16];
};

/// Every word of the layout, with its size: none may overlap another or leave the footprint.
template <class T, weir::Options options>
void columns_apart(std::uint64_t capacity) {
  CAPTURE(sizeof(T));
  CAPTURE(capacity);
  using L = Layout<T, options>;
  ZeroedBytes bytes{L::footprint(capacity)};
  const L layout{bytes.span(), capacity};
  std::vector<int> taken(bytes.span().size());
  const auto take = [&](const void* place, std::size_t size) {
    const auto offset = static_cast<const std::byte*>(place) - bytes.span().data();
    REQUIRE(offset >= 0);
    REQUIRE(static_cast<std::size_t>(offset) + size <= taken.size());
    for (std::size_t i = 0; i < size; ++i) {
      CHECK(taken[static_cast<std::size_t>(offset) + i]++ == 0);
    }
  };
  for (auto* word : {&layout.head(), &layout.last_arrival(), &layout.limit(), &layout.final_end(), &layout.skipped(),
                     &layout.done()}) {
    take(word, sizeof *word);
  }
  for (std::uint64_t slot = 0; slot < capacity; ++slot) {
    take(layout.payload(slot), sizeof(T));
    if constexpr (L::timed) {
      take(layout.arrival(slot), sizeof(std::uint64_t));
    }
    if constexpr (L::stamped) {
      take(layout.stamp(slot), sizeof(std::uint64_t));
    }
  }
  CHECK(reinterpret_cast<std::uintptr_t>(layout.payload(0)) % alignof(T) == 0);
}

TEST_CASE("columns lie apart and inside the footprint") {
  for (const std::uint64_t capacity : {1U, 2U, 8U, 64U}) {
    columns_apart<Raw<1>, multiple>(capacity);
    columns_apart<Raw<3>, single>(capacity);
    columns_apart<Raw<20>, multiple_untimed>(capacity);
    columns_apart<Raw<72>, single_untimed>(capacity);
    columns_apart<Aligned, multiple>(capacity);
  }
}

TEST_CASE("the payload column is not padded, so that readers get a span") {
  ZeroedBytes bytes{Layout<Raw<3>, single>::footprint(8)};
  const Layout<Raw<3>, single> layout{bytes.span(), 8};
  CHECK(reinterpret_cast<std::byte*>(layout.payload(1)) - reinterpret_cast<std::byte*>(layout.payload(0)) == 3);
}

TEST_CASE("what is not kept takes no room") {
  constexpr std::uint64_t capacity = 1024;
  const auto least = Layout<int, single_untimed>::footprint(capacity);
  CHECK(Layout<int, single>::footprint(capacity) == least + capacity * 8);
  CHECK(Layout<int, multiple>::footprint(capacity) == least + capacity * 16);
}

TEST_CASE("words that are written at every put share no line with those that everybody reads") {
  ZeroedBytes bytes{Layout<int, multiple>::footprint(8)};
  const Layout<int, multiple> layout{bytes.span(), 8};
  const auto line = [](const std::uint64_t& word) { return reinterpret_cast<std::uintptr_t>(&word) / weir::line_size; };
  CHECK(line(layout.head()) != line(layout.limit()));
  CHECK(line(layout.limit()) == line(layout.final_end()));
  CHECK(line(layout.done()) != line(layout.limit()));
  CHECK(line(layout.done()) != line(layout.head()));
}

TEST_CASE("a batch crosses the ring's end and writes nothing but its own slots") {
  using L = Layout<Wide, multiple>;
  constexpr std::uint64_t capacity = 8;
  for (std::uint64_t first = 100; first < 100 + capacity; ++first) {
    for (std::uint64_t count = 1; count <= capacity; ++count) {
      ZeroedBytes bytes{L::footprint(capacity)};
      const L layout{bytes.span(), capacity};
      std::vector<Wide> values;
      for (std::uint64_t i = 0; i < count; ++i) {
        values.emplace_back(first + i);
      }
      layout.store_all(first, values, 77);
      for (std::uint64_t number = first; number < first + capacity; ++number) {
        Wide stored;
        std::memcpy(static_cast<void*>(&stored), layout.payload(layout.slot(number)), sizeof stored);
        CHECK(stored == (number < first + count ? Wide{number} : Wide{}));
        CHECK(*layout.arrival(layout.slot(number)) == (number < first + count ? 77U : 0U));
      }
    }
  }
}

/// Of each line but the first of its own slots one word, and nothing else.
template <class T, weir::Options options>
void takes_its_own_lines(std::uint64_t capacity) {
  using L = Layout<T, options>;
  constexpr std::size_t line = 64;
  for (std::uint64_t first = 100; first < 100 + capacity; ++first) {
    for (std::uint64_t count = 1; count <= capacity; ++count) {
      ZeroedBytes bytes{L::footprint(capacity)};
      std::ranges::fill(bytes.span(), std::byte{0xff});
      const L layout{bytes.span(), capacity};
      layout.take_lines(first, first + count);
      const auto last = std::min(layout.slot(first) + count, capacity) - 1;
      const auto check = [&](const void* from, const void* to) {  // their last bytes are their ends
        for (auto* at = static_cast<const std::byte*>(from); at != to; ++at) {
          const bool begins_line = at != from && reinterpret_cast<std::uintptr_t>(at) % line == 0;
          REQUIRE((*at == std::byte{0}) == begins_line);
        }
      };
      std::size_t written = 0;
      for (const auto byte : bytes.span()) {
        written += byte != std::byte{0xff} ? 1 : 0;
      }
      const auto lines_in = [](const void* from, std::size_t size) {
        return (reinterpret_cast<std::uintptr_t>(from) + size - 1) / line -
               reinterpret_cast<std::uintptr_t>(from) / line;
      };
      const auto slots = last - layout.slot(first) + 1;
      const auto lines = lines_in(layout.payload(layout.slot(first)), slots * sizeof(T));
      std::size_t expected = lines * sizeof(typename L::Word);
      if constexpr (L::timed) {
        expected += lines_in(layout.arrival(layout.slot(first)), slots * 8) * 8;
      }
      REQUIRE(written == expected);
      if constexpr (sizeof(typename L::Word) == 1) {
        check(layout.payload(layout.slot(first)), layout.payload(last) + sizeof(T));
      }
    }
  }
}

TEST_CASE("lines are taken by one word each, up to the ring's end") {
  constexpr weir::Options gated{.producers = weir::Producers::single, .delivery = weir::Delivery::gated};
  takes_its_own_lines<std::uint64_t, single>(32);
  takes_its_own_lines<std::uint64_t, gated>(16);
  takes_its_own_lines<Wide, single_untimed>(16);
  takes_its_own_lines<Raw<3>, single>(64);
  takes_its_own_lines<Raw<1>, gated>(128);
}

TEST_CASE("a span that is too small is noticed") {
  const auto text = text_of_abort([] {
    ZeroedBytes bytes{Layout<int, multiple>::footprint(4)};
    const Layout<int, multiple> layout{bytes.span(), 64};
  });
  CHECK(text.has_value() == static_cast<bool>(WEIR_ASSERTS));
}

}  // namespace
