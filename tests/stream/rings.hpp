/// What the tests of the stream layer share: the same stream over either ring, and refusals read as a user reads them.
#pragma once

#include <doctest/doctest.h>

#include <charconv>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "support/refused.hpp"
#include "weir/stream/stream.hpp"
#include "weir/testing/manual_clock.hpp"

// These tests can be built over another storage: its header and its type.
#ifdef WEIR_TESTS_STORAGE
# include WEIR_TESTS_STORAGE_HEADER
#else
# define WEIR_TESTS_STORAGE weir::MemoryStorage
#endif

namespace weir::stream_tests {

/// Numbers in a column ring.
template <Producers producers>
struct Columns {
  using payload = std::uint64_t;
  static constexpr Options options{.producers = producers};
  static constexpr Capacity capacity = records(64);
  static std::uint64_t value_of(std::uint64_t n) { return n; }
  static std::uint64_t number_in(std::uint64_t value) { return value; }
};
using ManyColumns = Columns<Producers::multiple>;
using OneColumn = Columns<Producers::single>;

/// Numbers as text in a segment ring.
struct Texts {
  using payload = std::string;
  static constexpr Options options{};
  static constexpr Capacity capacity = bytes(4096);
  static std::string value_of(std::uint64_t n) { return std::to_string(n); }
  static std::uint64_t number_in(std::string_view text) {
    std::uint64_t n = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), n);
    return error == std::errc{} && end == text.data() + text.size() ? n : ~std::uint64_t{0};
  }
};

template <class Ring>
using StreamOf = Stream<typename Ring::payload, WEIR_TESTS_STORAGE, Ring::options, testing::ManualEnv>;

using Numbers = std::vector<std::uint64_t>;

/// `first`, `first` + 1 and so on to `last`.
inline Numbers from_to(std::uint64_t first, std::uint64_t last) {
  Numbers numbers;
  for (auto n = first; n <= last; ++n) {
    numbers.push_back(n);
  }
  return numbers;
}

/// A stream of one shard, of a clock that stands still, whose n-th record carries n.
template <class Ring>
class Numbered {
 public:
  using stream_type = StreamOf<Ring>;
  using iterator_type = typename stream_type::iterator_type;

  SequenceNumber put() {
    ++count;
    return stream.put("key", Ring::value_of(count)).value().sequence_number;
  }
  void put_more(std::uint64_t records) {
    for (std::uint64_t i = 0; i < records; ++i) {
      put();
    }
  }
  /// Several times round the ring, and not to a round place in it.
  void lap() { put_more(1003); }

  iterator_type at(const Position& position) { return stream.iterator(ShardId{0}, position).value(); }

  /// The number of the n-th record; 0 is the shard's starting number.
  [[nodiscard]] SequenceNumber number(std::uint64_t n) const {
    const auto start = stream.shards().front().starting;
    return {start.value() + n, start.shard(), start.incarnation()};
  }
  /// Which record is the oldest that is retained now.
  std::uint64_t oldest() {
    auto iterator = at(Position::trim_horizon());
    return Ring::number_in(iterator.read().front().value());
  }

  testing::ManualEnv env;
  stream_type stream = stream_type::open({.name = "numbered", .capacity = Ring::capacity}, {}, env).value();
  std::uint64_t count = 0;
};

/// What a batch carries; its sequence numbers must agree with it.
template <class Ring, class Batch>
Numbers carried(const Batch& batch) {
  Numbers numbers;
  for (const auto& record : batch) {
    const auto n = Ring::number_in(record.value());
    CHECK(record.sequence_number().value() == n);
    numbers.push_back(n);
  }
  return numbers;
}

/// Everything an iterator still has to give, and how many numbers it said were missed.
struct Rest {
  Numbers numbers;
  std::uint64_t missed = 0;
};
template <class Ring, class Iterator>
Rest rest_of(Iterator& iterator) {
  Rest rest;
  while (auto batch = iterator.read()) {
    rest.missed += batch.missed();
    const auto numbers = carried<Ring>(batch);
    rest.numbers.insert(rest.numbers.end(), numbers.begin(), numbers.end());
  }
  return rest;
}

using support::check_refused;

}  // namespace weir::stream_tests
