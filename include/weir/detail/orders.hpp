/// Memory orders as tags that carry the letters of their edges.
///
/// An edge is a pair of operations in two threads, one that releases and one that acquires; each has a letter and a
/// row in `docs/memory_model.md`. Written as `load(word, acquire<'P'>)`, an order says which edge it is the end of;
/// the model checker weakens one letter at a time and some instance of the rings must then fail.
#pragma once

#include <atomic>

#include "weir/core/config.hpp"

namespace weir::inline WEIR_ABI::detail {

/// The edges of one operation, as the checker sees them: `acquires` and `releases` list letters.
template <char... Edges>
struct Letters {
  static constexpr bool contains(char edge) noexcept { return ((Edges == edge) || ...); }
};

struct Relaxed {
  static constexpr std::memory_order value = std::memory_order_relaxed;
  static constexpr std::memory_order on_failure = std::memory_order_relaxed;
  using acquires = Letters<>;
  using releases = Letters<>;
};

template <char... Edges>
struct Acquire {
  static constexpr std::memory_order value = std::memory_order_acquire;
  static constexpr std::memory_order on_failure = std::memory_order_relaxed;
  using acquires = Letters<Edges...>;
  using releases = Letters<>;
};

template <char... Edges>
struct Release {
  static constexpr std::memory_order value = std::memory_order_release;
  static constexpr std::memory_order on_failure = std::memory_order_relaxed;
  using acquires = Letters<>;
  using releases = Letters<Edges...>;
};

/// One operation that ends the edges of `From` and begins those of `To`.
template <class From, class To>
struct AcquireRelease {
  static constexpr std::memory_order value = std::memory_order_acq_rel;
  static constexpr std::memory_order on_failure = std::memory_order_relaxed;
  using acquires = typename From::acquires;
  using releases = typename To::releases;
};

inline constexpr Relaxed relaxed{};
template <char... Edges>
inline constexpr Acquire<Edges...> acquire{};
template <char... Edges>
inline constexpr Release<Edges...> release{};

template <class From, class To>
constexpr AcquireRelease<From, To> both(From, To) noexcept {
  return {};
}

}  // namespace weir::inline WEIR_ABI::detail
