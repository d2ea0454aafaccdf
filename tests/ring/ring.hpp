/// Rings made for one test, and payloads that betray a torn or mistaken record.
#pragma once

#include <cstdint>
#include <string>
#include <utility>

#include "ring/interruption.hpp"
#include "ring/zeroed_bytes.hpp"
#include "weir/core/clock.hpp"
#include "weir/core/options.hpp"
#include "weir/ring/record_log.hpp"

namespace weir::support {

inline constexpr Options single{.producers = Producers::single};
inline constexpr Options single_untimed{.producers = Producers::single, .arrival = Arrival::dropped};
inline constexpr Options multiple{};
inline constexpr Options multiple_untimed{.arrival = Arrival::dropped};

/// Three words that agree with each other only as long as they are one record's.
struct Wide {
  constexpr Wide() = default;
  explicit constexpr Wide(std::uint64_t number) noexcept : value(number), triple(3 * number), complement(~number) {}

  [[nodiscard]] constexpr bool whole() const noexcept { return triple == 3 * value && complement == ~value; }
  friend bool operator==(const Wide&, const Wide&) = default;

  std::uint64_t value = 0;
  std::uint64_t triple = 0;
  std::uint64_t complement = 0;
};

/// A formatted log and its bytes.
template <class Log>
struct Ring {
  template <class... More>
  explicit Ring(std::uint64_t size, std::uint64_t first = 1, More... more)
      : bytes(Log::footprint(size)), capacity(size), log(Log::format(bytes.span(), size, first, more...)) {}
  Ring(const Ring&) = delete;
  Ring& operator=(const Ring&) = delete;

  /// The same ring seen through another environment, or as a layout.
  template <class Other>
  Other as() {
    if constexpr (requires { Other::attach(bytes.span(), capacity); }) {
      return Other::attach(bytes.span(), capacity);
    } else {
      return Other{bytes.span(), capacity};
    }
  }

  ZeroedBytes bytes;
  std::uint64_t capacity;
  Log log;
};

inline constexpr std::size_t no_limit = ~std::size_t{0};

/// Puts a value that must fit.
template <class Writer, class Value>
std::uint64_t put(Writer& writer, const Value& value, std::string_view key = {}) {
  const auto outcome = writer.try_put(CoarseClock{}, key, value);
  REQUIRE(outcome.status == Append::Status::done);
  return outcome.number;
}

}  // namespace weir::support
