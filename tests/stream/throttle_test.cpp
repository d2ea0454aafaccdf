#include "weir/stream/throttle.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <latch>
#include <limits>
#include <string>
#include <thread>
#include <vector>

#include "support/random.hpp"
#include "support/watchdog.hpp"
#include "weir/testing/manual_clock.hpp"

namespace {

using namespace std::chrono_literals;
using weir::Cause;
using weir::Errc;
using weir::Failure;
using weir::Limits;
using weir::ShardId;
using weir::Timestamp;
using weir::detail::Throttle;
using weir::detail::TokenBucket;
using weir::testing::ManualClock;

constexpr std::uint64_t mebibyte = 1 << 20;

/// A shard's throttle at a time that stands still.
struct Shard {
  explicit Shard(const Limits& limits) : throttle(ShardId{7}, limits) {}

  auto put(std::uint64_t records, std::uint64_t bytes) { return throttle.admit(records, bytes, clock.now()); }
  /// A read that gives `bytes`, if it may begin.
  auto read(std::uint64_t bytes) {
    const auto refused = throttle.admit_read(clock.now());
    if (!refused) {
      throttle.charge_read(bytes, clock.now());
    }
    return refused;
  }
  /// How many milliseconds go by until a read may begin, and it has; a minute at most.
  std::int64_t wait_for_read() {
    const auto begin = clock.now();
    while (clock.now() - begin < 1min && read(0)) {
      clock.advance(1ms);
    }
    return (clock.now() - begin).count();
  }

  ManualClock clock;
  Throttle throttle;
};

Failure exceeded(Cause cause, std::uint64_t rate) {
  return {Errc::throughput_exceeded, cause, 7, rate};
}

TEST_CASE("without limits nothing is refused, and nothing counted") {
  Shard shard{Limits{}};
  for (int i = 0; i < 3; ++i) {
    CHECK_FALSE(shard.put(~std::uint64_t{0}, ~std::uint64_t{0}));
    CHECK_FALSE(shard.read(~std::uint64_t{0}));
  }
  CHECK(shard.throttle.write_throttles() == 0);
  CHECK(shard.throttle.read_throttles() == 0);
}

TEST_CASE("each limit stands alone") {
  const auto none_but = [](double Limits::*one, double rate) {
    Limits limits;
    limits.*one = rate;
    return limits;
  };
  Shard records{none_but(&Limits::records_in, 3)};
  CHECK_FALSE(records.put(3, 100 * mebibyte));
  CHECK(records.put(1, 0) == exceeded(Cause::record_rate, 3));
  Shard bytes{none_but(&Limits::bytes_in, 300)};
  CHECK_FALSE(bytes.put(1'000'000, 300));
  CHECK(bytes.put(1, 1) == exceeded(Cause::byte_rate, 300));
  Shard reads{none_but(&Limits::reads_out, 2)};
  CHECK_FALSE(reads.read(100 * mebibyte));
  CHECK_FALSE(reads.read(100 * mebibyte));
  CHECK(reads.read(0) == exceeded(Cause::read_rate, 2));
  Shard read_bytes{none_but(&Limits::bytes_out, 400)};
  for (int i = 0; i < 1000; ++i) {
    REQUIRE_FALSE(read_bytes.read(0));
  }
  CHECK_FALSE(read_bytes.read(400));
  CHECK(read_bytes.read(0) == exceeded(Cause::read_byte_rate, 400));
}

TEST_CASE("a shard takes a second's records at once, then as many as time brings") {
  Shard shard{weir::kinesis_limits()};
  for (int i = 0; i < 1000; ++i) {
    REQUIRE_FALSE(shard.put(1, 10));
  }
  CHECK(shard.put(1, 10) == exceeded(Cause::record_rate, 1000));
  shard.clock.advance(1ms);
  CHECK_FALSE(shard.put(1, 10));
  CHECK(shard.put(1, 10) == exceeded(Cause::record_rate, 1000));
  shard.clock.advance(999ms);
  CHECK_FALSE(shard.put(999, 10));
  CHECK(shard.put(1, 10) == exceeded(Cause::record_rate, 1000));
  shard.clock.advance(1h);  // no more than a second's worth is saved up
  CHECK_FALSE(shard.put(1000, 10));
  CHECK(shard.put(1, 10) == exceeded(Cause::record_rate, 1000));
}

TEST_CASE("row 11: an entry over the rate is refused alone, and those beside it are taken") {
  Shard shard{Limits{.bytes_in = 100}};
  CHECK_FALSE(shard.put(1, 40));
  CHECK(shard.put(1, 70) == exceeded(Cause::byte_rate, 100));
  CHECK_FALSE(shard.put(1, 60));
}

TEST_CASE("a put is taken whole or not at all") {
  Shard shard{Limits{.records_in = 10, .bytes_in = 100}};
  CHECK(shard.put(5, 60) == std::nullopt);
  CHECK(shard.put(6, 10) == exceeded(Cause::record_rate, 10));
  CHECK(shard.put(2, 50) == exceeded(Cause::byte_rate, 100));
  CHECK(shard.put(6, 50) == exceeded(Cause::record_rate, 10));
  CHECK(shard.put(5, 40) == std::nullopt);  // what the refused ones did not take
  CHECK(shard.put(1, 0) == exceeded(Cause::record_rate, 10));
}

TEST_CASE("a put larger than a second's worth passes a shard that was idle, and is paid for by those after it") {
  Shard shard{Limits{.bytes_in = 1000}};
  CHECK_FALSE(shard.put(1, 1));
  CHECK(shard.put(1, 5000) == exceeded(Cause::byte_rate, 1000));
  shard.clock.advance(1ms);
  CHECK_FALSE(shard.put(1, 5000));
  shard.clock.advance(4000ms);  // the debt is paid, nothing is saved up
  CHECK(shard.put(1, 1) == exceeded(Cause::byte_rate, 1000));
  shard.clock.advance(1ms);
  CHECK_FALSE(shard.put(1, 1));
}

TEST_CASE("refused records are counted, each attempt again, and refused reads") {
  Shard shard{weir::kinesis_limits()};
  CHECK_FALSE(shard.put(1000, 0));
  CHECK(shard.put(30, 0));
  CHECK(shard.put(4, 0));
  CHECK(shard.throttle.write_throttles() == 34);
  CHECK(shard.throttle.read_throttles() == 0);
  for (int i = 0; i < 7; ++i) {
    static_cast<void>(shard.read(0));
  }
  CHECK(shard.throttle.read_throttles() == 2);
  CHECK(shard.throttle.write_throttles() == 34);
}

TEST_CASE("five reads a second, and the next one when a fifth of a second has passed") {
  Shard shard{weir::kinesis_limits()};
  for (int i = 0; i < 5; ++i) {
    CHECK_FALSE(shard.read(1000));
  }
  CHECK(shard.read(1000) == exceeded(Cause::read_rate, 5));
  shard.clock.advance(199ms);
  CHECK(shard.read(1000) == exceeded(Cause::read_rate, 5));
  shard.clock.advance(1ms);
  CHECK_FALSE(shard.read(1000));
  CHECK(shard.read(1000) == exceeded(Cause::read_rate, 5));
  for (int i = 0; i < 100; ++i) {
    shard.clock.advance(200ms);
    REQUIRE_FALSE(shard.read(1000));
  }
}

TEST_CASE("reads are refused for a second after 2 MiB, and for five after an answer of 10 MiB") {
  for (const std::uint64_t size : {2U, 10U}) {
    CAPTURE(size);
    Shard shard{weir::kinesis_limits()};
    CHECK_FALSE(shard.read(size * mebibyte));
    CHECK(shard.read(0) == exceeded(Cause::read_byte_rate, 2 * mebibyte));
    CHECK(shard.wait_for_read() == static_cast<std::int64_t>(size) * 500);
  }
}

TEST_CASE("row 57: what one reader used up is refused to another, whatever the sizes of its reads") {
  Shard shard{weir::kinesis_limits()};
  CHECK_FALSE(shard.read(mebibyte));
  CHECK_FALSE(shard.read(mebibyte - 1));
  CHECK_FALSE(shard.read(1));
  CHECK(shard.read(0) == exceeded(Cause::read_byte_rate, 2 * mebibyte));
  CHECK(shard.wait_for_read() == 1000);
}

TEST_CASE("a read that began before others used up all and ends while that is paid for lets nobody in") {
  Shard shard{Limits{.bytes_out = 1000}};
  const auto& clock = shard.clock;
  CHECK_FALSE(shard.throttle.admit_read(clock.now()));
  CHECK_FALSE(shard.read(1000));
  clock.advance(500ms);
  shard.throttle.charge_read(100, clock.now());
  CHECK(shard.read(0) == exceeded(Cause::read_byte_rate, 1000));
  CHECK(shard.wait_for_read() == 600);
}

TEST_CASE("reads that keep to the rate are never refused") {
  Shard shard{weir::kinesis_limits()};
  for (int i = 0; i < 1000; ++i) {
    REQUIRE_FALSE(shard.read(2 * mebibyte / 5));
    shard.clock.advance(200ms);
  }
}

TEST_CASE("readers that take all they can get have the rate, whatever an answer holds") {
  for (const std::uint64_t size : {mebibyte / 2, mebibyte, 3 * mebibyte, 10 * mebibyte}) {
    CAPTURE(size);
    Shard shard{weir::kinesis_limits()};
    std::uint64_t given = 0;
    for (const auto end = shard.clock.now() + 1000s; shard.clock.now() < end; shard.clock.advance(1ms)) {
      given += shard.read(size) ? 0 : size;
    }
    CHECK(given <= 2000 * mebibyte + 2 * mebibyte + size);
    CHECK(given >= 2000 * mebibyte - size);
  }
}

TEST_CASE("a refused read takes none of the reads a second") {
  Shard shard{Limits{.bytes_out = 1000, .reads_out = 2}};
  CHECK_FALSE(shard.read(1000));
  for (int i = 0; i < 10; ++i) {
    CHECK(shard.read(0) == exceeded(Cause::read_byte_rate, 1000));
  }
  shard.clock.advance(1000ms);
  CHECK_FALSE(shard.read(0));
  CHECK_FALSE(shard.read(0));
  CHECK(shard.read(0) == exceeded(Cause::read_rate, 2));
}

TEST_CASE("a clock that steps back brings nothing, and nothing twice") {
  Shard shard{Limits{.records_in = 1000}};
  CHECK_FALSE(shard.put(1000, 0));
  for (int i = 0; i < 10; ++i) {  // two threads that read the clock in one order and asked in the other
    shard.clock.advance(-10ms);
    CHECK(shard.put(1, 0));
    shard.clock.advance(10ms);
    CHECK(shard.put(1, 0));
  }
  shard.clock.advance(1ms);
  CHECK_FALSE(shard.put(1, 0));
}

TEST_CASE("a clock that steps back takes nothing away") {
  Shard shard{Limits{.records_in = 1000}};
  CHECK_FALSE(shard.put(500, 0));
  shard.clock.advance(-900ms);
  CHECK_FALSE(shard.put(500, 0));
}

TEST_CASE("a shard is not shut until a clock that was set back by hours has caught up") {
  Shard shard{Limits{.records_in = 1000}};
  CHECK_FALSE(shard.put(1000, 0));
  shard.clock.advance(-2h);
  CHECK(shard.put(1, 0));
  shard.clock.advance(5ms);
  CHECK_FALSE(shard.put(5, 0));
  CHECK(shard.put(1, 0));
}

TEST_CASE("a shard is as good as idle at any first moment") {
  for (const auto moment : {Timestamp{-5s}, Timestamp{-1ms}, Timestamp{0ms}, Timestamp{1ms}}) {
    Shard shard{Limits{.records_in = 10}};
    shard.clock.set(moment);
    CHECK_FALSE(shard.put(10, 0));
    CHECK(shard.put(1, 0));
    shard.clock.advance(100ms);
    CHECK_FALSE(shard.put(1, 0));
    CHECK(shard.put(1, 0));
  }
}

TEST_CASE("rates under one a second") {
  Shard shard{Limits{.records_in = 0.5, .reads_out = 0.25}};
  CHECK_FALSE(shard.put(1, 0));
  CHECK(shard.put(1, 0) == exceeded(Cause::record_rate, 1));
  CHECK_FALSE(shard.read(0));
  CHECK(shard.read(0) == exceeded(Cause::read_rate, 1));
  shard.clock.advance(1999ms);
  CHECK(shard.put(1, 0));
  shard.clock.advance(1ms);
  CHECK_FALSE(shard.put(1, 0));
  CHECK(shard.wait_for_read() == 2000);
}

TEST_CASE("a bucket gives what one filled token by token would, whatever the steps of its clock") {
  weir::support::Random random;
  for (int round = 0; round < 200; ++round) {
    const auto rate = random.below(2000) + 1;
    const auto depth = random.below(300) + 1;
    TokenBucket bucket{static_cast<double>(rate), static_cast<double>(depth)};
    Timestamp now{std::chrono::milliseconds{static_cast<std::int64_t>(random.below(1'000'000))}};
    const auto full = static_cast<std::int64_t>(depth) * 1000;
    std::int64_t level = full;  // thousandths
    for (int call = 0; call < 200; ++call) {
      for (auto step = random.below(4) == 0 ? random.below(1000) : random.below(3); step > 0; --step) {
        now += 1ms;
        level = std::min(full, level + static_cast<std::int64_t>(rate));
      }
      const auto amount = random.below(depth + depth / 4 + 1);
      const auto cost = static_cast<std::int64_t>(amount) * 1000;
      const bool expected = level >= std::min(cost, full);
      const bool taken = bucket.take(static_cast<double>(amount), now);
      REQUIRE(taken == expected);
      level -= taken ? cost : 0;
      REQUIRE(bucket.empty() == (level <= 0));
      REQUIRE(bucket.full(now) == (level == full));
    }
  }
}

TEST_CASE("threads together are given no more than one alone, and no less") {
  const weir::support::Watchdog watchdog{"threads ask a throttle"};
  Shard shard{Limits{.records_in = 10'000, .reads_out = 1000}};
  constexpr int threads = 4;
  std::latch start{threads};
  std::vector<std::uint64_t> puts(threads);
  std::vector<std::uint64_t> reads(threads);
  {
    std::vector<std::jthread> running;
    for (std::size_t i = 0; i < threads; ++i) {
      running.emplace_back([&, i] {
        start.arrive_and_wait();
        std::uint64_t put = 0;
        std::uint64_t read = 0;
        for (int call = 0; call < 5000; ++call) {
          put += shard.put(1, 1) ? 0U : 1U;
          read += shard.read(1) ? 0U : 1U;
        }
        puts[i] = put;
        reads[i] = read;
      });
    }
  }
  std::uint64_t all_puts = 0;
  std::uint64_t all_reads = 0;
  for (std::size_t i = 0; i < threads; ++i) {
    all_puts += puts[i];
    all_reads += reads[i];
  }
  CHECK(all_puts == 10'000);
  CHECK(all_reads == 1000);
  CHECK(shard.throttle.write_throttles() == threads * 5000 - all_puts);
  CHECK(shard.throttle.read_throttles() == threads * 5000 - all_reads);
}

}  // namespace
