/// Random numbers whose seed is printed and can be given again.
#pragma once

#include <doctest/doctest.h>

#include <cstdint>
#include <cstdlib>
#include <limits>
#include <random>
#include <string>

namespace weir::support {

/// A small generator (a counter through a mixing function: any seed is as good as any other); usable with `<random>`
/// and `std::shuffle`. One thread each: hand `next()` to a thread as the seed of its own.
class Random {
 public:
  using result_type = std::uint64_t;

  /// Seeded from the environment variable WEIR_SEED, else anew in each run; the seed is printed either way, and
  /// `WEIR_SEED=<what was printed>` repeats the run.
  Random() : Random(choose_seed()) { MESSAGE("WEIR_SEED=", seed_); }
  explicit constexpr Random(std::uint64_t seed) noexcept : seed_(seed), state_(seed) {}

  [[nodiscard]] constexpr std::uint64_t seed() const noexcept { return seed_; }

  constexpr std::uint64_t next() noexcept {
    state_ += 0x9e3779b97f4a7c15;  // 2^64 over the golden ratio, odd: all 2^64 states come round
    auto mixed = state_;
    mixed = (mixed ^ (mixed >> 32)) * 0xd6e8feb86659fd93;
    mixed = (mixed ^ (mixed >> 32)) * 0xd6e8feb86659fd93;
    return mixed ^ (mixed >> 32);
  }

  /// 0 to `count` - 1, evenly but for a bias of `count` / 2^64. Precondition: `count` is not 0.
  constexpr std::uint64_t below(std::uint64_t count) noexcept { return next() % count; }

  constexpr std::uint64_t operator()() noexcept { return next(); }
  static constexpr std::uint64_t min() noexcept { return 0; }
  static constexpr std::uint64_t max() noexcept { return std::numeric_limits<std::uint64_t>::max(); }

 private:
  static std::uint64_t choose_seed() {
    if (const char* given = std::getenv("WEIR_SEED")) {
      char* end = nullptr;
      const auto seed = std::strtoull(given, &end, 0);
      REQUIRE_MESSAGE((end != given && *end == '\0'), "WEIR_SEED is no number: ", std::string{given});
      return seed;
    }
    std::random_device device;
    return std::uint64_t{device()} << 32 | device();
  }

  std::uint64_t seed_;
  std::uint64_t state_;
};

}  // namespace weir::support
