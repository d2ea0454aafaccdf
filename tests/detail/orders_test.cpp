#include "weir/detail/orders.hpp"

#include <doctest/doctest.h>

#include <atomic>

namespace {

using namespace weir::detail;

template <auto order>
using Acquires = typename decltype(order)::acquires;
template <auto order>
using Releases = typename decltype(order)::releases;

static_assert(relaxed.value == std::memory_order_relaxed);
static_assert(acquire<'P'>.value == std::memory_order_acquire);
static_assert(release<'P'>.value == std::memory_order_release);
static_assert(both(acquire<'G'>, release<'T'>).value == std::memory_order_acq_rel);

// A CAS that failed has learnt nothing that its caller may rely on: it loads again.
static_assert(relaxed.on_failure == std::memory_order_relaxed);
static_assert(acquire<'P'>.on_failure == std::memory_order_relaxed);
static_assert(release<'P'>.on_failure == std::memory_order_relaxed);
static_assert(both(acquire<'G'>, release<'T'>).on_failure == std::memory_order_relaxed);

TEST_CASE("an order carries the letters of its edges, and only at its own end") {
  CHECK(Acquires<acquire<'G', 'T'>>::contains('G'));
  CHECK(Acquires<acquire<'G', 'T'>>::contains('T'));
  CHECK_FALSE(Acquires<acquire<'G', 'T'>>::contains('P'));
  CHECK_FALSE(Releases<acquire<'G', 'T'>>::contains('G'));
  CHECK(Releases<release<'W'>>::contains('W'));
  CHECK_FALSE(Acquires<release<'W'>>::contains('W'));
  CHECK_FALSE(Acquires<relaxed>::contains('W'));
  CHECK_FALSE(Releases<relaxed>::contains('W'));
}

TEST_CASE("one operation may end some edges and begin others") {
  constexpr auto order = both(acquire<'A', 'B'>, release<'C'>);
  CHECK(Acquires<order>::contains('B'));
  CHECK_FALSE(Acquires<order>::contains('C'));
  CHECK(Releases<order>::contains('C'));
  CHECK_FALSE(Releases<order>::contains('A'));
}

}  // namespace
