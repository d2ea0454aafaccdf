#include "weir/ring/limit.hpp"

#include <doctest/doctest.h>

#include "weir/core/env.hpp"

namespace {

using weir::Limit;
using weir::Producers;

constexpr std::uint64_t capacities[] = {1, 2, 4, 8, 16, 32, 64, 256, 512, 1024, 4096};
constexpr Producers both[] = {Producers::single, Producers::multiple};

template <class Body>
void for_each_limit(Body body) {
  for (const auto capacity : capacities) {
    for (const auto producers : both) {
      CAPTURE(capacity);
      CAPTURE(static_cast<int>(producers));
      body(Limit{capacity, producers});
    }
  }
}

TEST_CASE("the step costs at most an eighth of the ring, and at least the one record that is written next") {
  for_each_limit([](const Limit& limit) {
    CHECK(limit.step() >= 1);
    CHECK(limit.step() <= std::max<std::uint64_t>(limit.capacity() / 8, 1));
  });
  CHECK(Limit{1 << 16, Producers::single}.step() == 64);
  CHECK(Limit{1 << 16, Producers::multiple}.step() == (1 << 12));
}

TEST_CASE("hole H5: no claim that is allowed can wait for itself, or take what it has just written") {
  for_each_limit([](const Limit& limit) {
    CHECK(limit.max_claim() == std::max<std::uint64_t>(limit.capacity() / 8, 1));
    constexpr std::uint64_t first = 1'000'000;
    for (std::uint64_t reached = 0; reached <= limit.step(); ++reached) {
      // The limit is less than a step above the numbers claimed so far, and nothing but what was claimed is finished.
      const auto old = limit.initial(first) + limit.step();
      const auto tail = old - reached;
      for (std::uint64_t count = 1; count <= limit.max_claim(); ++count) {
        const auto raised = limit.covering(old, tail + count);
        CHECK(raised >= tail + count);
        CHECK(limit.oldest(raised) <= tail);
      }
    }
  });
}

TEST_CASE("a limit is raised in whole steps, by no more than is needed, and never lowered") {
  for_each_limit([](const Limit& limit) {
    const auto from = limit.initial(77);
    for (std::uint64_t end = 70; end < from + 5 * limit.step() + 3; ++end) {
      const auto raised = limit.covering(from, end);
      CHECK(raised >= std::max(from, end));
      CHECK((raised - from) % limit.step() == 0);
      CHECK((raised == from || raised - limit.step() < end));
    }
  });
}

TEST_CASE("what is retained depends on how many were put, not on the batches they came in") {
  for_each_limit([](const Limit& limit) {
    auto one_by_one = limit.initial(1);
    auto batched = limit.initial(1);
    std::uint64_t end = 1;
    for (std::uint64_t batch = 0; end < 4 * limit.capacity(); ++batch) {
      const auto count = 1 + batch % limit.max_claim();
      for (std::uint64_t i = 1; i <= count; ++i) {
        one_by_one = limit.covering(one_by_one, end + i);
      }
      end += count;
      batched = limit.covering(batched, end);
      CHECK(batched == one_by_one);
      CHECK(end - limit.oldest(batched) >= std::min(end - 1, limit.capacity() - limit.step()));
      CHECK(end - limit.oldest(batched) <= limit.capacity());
    }
  });
}

TEST_CASE("everything is intact at first") {
  constexpr Limit limit{8, Producers::single};
  CHECK(limit.oldest(limit.initial(42)) == 42);
  CHECK(limit.mask() == 7);
}

/// A word that somebody else changes just before the exchange.
struct Contended {
  static inline std::uint64_t theirs = 0;
  template <class Order>
  static std::uint64_t load(const std::uint64_t& word, Order) {
    return word;
  }
  template <class Order>
  static bool compare_exchange(std::uint64_t& word, std::uint64_t expected, std::uint64_t desired, Order) {
    word = std::max(word, std::exchange(theirs, 0));
    return word == expected && (word = desired, true);
  }
};

TEST_CASE("raise_to ends with the higher of two values, whoever was faster") {
  for (const std::uint64_t theirs : {0U, 6U, 7U, 8U}) {
    CAPTURE(theirs);
    std::uint64_t word = 5;
    Contended::theirs = theirs;
    weir::detail::raise_to<Contended>(word, 7, weir::detail::relaxed);
    CHECK(word == std::max<std::uint64_t>(theirs, 7));
  }
  std::uint64_t word = 5;
  weir::detail::raise_to<weir::HardwareMemory>(word, 4, weir::detail::relaxed);
  CHECK(word == 5);
}

}  // namespace
