#include "weir/stream/waiting.hpp"

#include <doctest/doctest.h>
#include <time.h>

#include <algorithm>
#include <thread>
#include <type_traits>
#include <vector>

#include "stream/lineage.hpp"
#include "stream/rings.hpp"
#include "support/watchdog.hpp"
#include "weir/stream/metrics.hpp"

namespace {

using namespace std::chrono_literals;
using namespace weir::stream_tests;
using weir::Deadline;
using weir::HashKey;
using weir::Notify;
using weir::Park;
using weir::Position;
using weir::ShardId;
using weir::support::Watchdog;

struct Waking : ManyColumns {
  static constexpr weir::Options options{.notify = Notify::on_put};
};
struct WakingTexts : Texts {
  static constexpr weir::Options options{.notify = Notify::on_put};
};

static_assert(std::is_empty_v<weir::detail::Alarm<Notify::none>::Event>);
static_assert(std::is_empty_v<weir::detail::Alarm<Notify::none>>);
static_assert(!weir::parking_strategy<weir::Yield>);

/// Never polls twice, so that every wait comes to the point at which a notice may be lost.
struct ParkAtOnce {
  static void before_poll() noexcept {}
  static void after_poll(std::size_t) noexcept {}
  static bool parks() noexcept { return true; }
};
static_assert(weir::parking_strategy<ParkAtOnce>);

/// A reader that sleeps for each record until `put(n)` has put the n-th: the next is put when it was seen.
template <class Ring, class Put>
void check_wakes(Numbered<Ring>& shard, Put put) {
  constexpr std::uint64_t records = 100;
  auto iterator = shard.at(Position::latest());
  weir::detail::relaxed_counter seen;
  Numbers read;
  {
    const std::jthread sleeping{[&] {
      ParkAtOnce park;
      while (read.size() < records) {
        const auto batch = iterator.read(park, Deadline::never());
        for (const auto& record : batch) {
          read.push_back(Ring::number_in(record.value()));
        }
        seen.add(batch.size());
      }
    }};
    for (std::uint64_t n = 1; n <= records; ++n) {
      put(n);
      while (seen.get() < n) {
        std::this_thread::yield();
      }
    }
  }
  CHECK(read == from_to(1, records));
}

TEST_CASE_TEMPLATE("every kind of put wakes", Ring, Waking, WakingTexts) {
  const Watchdog watchdog{"every kind of put wakes"};
  using Stream = StreamOf<Ring>;
  Numbered<Ring> shard;
  auto& stream = shard.stream;
  check_wakes<Ring>(shard, [&](std::uint64_t n) { stream.put("key", Ring::value_of(n)).value(); });
  check_wakes<Ring>(shard, [&](std::uint64_t n) { stream.try_put("key", Ring::value_of(n)).value(); });
  check_wakes<Ring>(shard, [&](std::uint64_t n) {
    const auto value = Ring::value_of(n);
    const typename Stream::element element{value};
    stream.put_all("key", std::span{&element, 1}).value();
  });
  auto writer = stream.writer("key").value();
  check_wakes<Ring>(shard, [&](std::uint64_t n) { writer.put(Ring::value_of(n)).value(); });
  check_wakes<Ring>(shard, [&](std::uint64_t n) {
    const auto value = Ring::value_of(n);
    const typename Stream::element element{value};
    writer.put_all(std::span{&element, 1}).value();
  });
}

TEST_CASE("a deadline ends a sleep and not before, though others' records wake the reader") {
  const Watchdog watchdog{"a sleeper's deadline"};
  auto stream = StreamOf<Waking>::open({.shards = 3, .capacity = Waking::capacity}).value();
  auto iterator = stream.iterator(ShardId{0}, Position::latest()).value();
  const auto before = Deadline::Clock::now();
  Park park;
  CHECK_FALSE(iterator.read(park, 15ms));
  CHECK(Deadline::Clock::now() - before >= 15ms);
  CHECK_FALSE(iterator.read(park, 0ms));

  bool told = true;
  Deadline::Clock::duration slept{};
  weir::detail::relaxed_counter done;
  {
    const std::jthread sleeping{[&] {
      const auto began = Deadline::Clock::now();
      told = static_cast<bool>(iterator.read(park, 30ms));
      slept = Deadline::Clock::now() - began;
      done.add(1);
    }};
    while (done.get() == 0) {
      stream.put("b", 1).value();
    }
  }
  CHECK_FALSE(told);
  CHECK(slept >= 30ms);
  CHECK(stream.shard_of("b").value() == ShardId{1});
}

TEST_CASE("a sleeper whose shard is throttled wakes when it may be read, though nobody puts") {
  const Watchdog watchdog{"throttled sleepers"};
  weir::testing::ManualEnv env;
  using Stream = StreamOf<Waking>;
  auto stream = Stream::open({.shards = 2, .capacity = Waking::capacity, .limits = {.reads_out = 2}}, {}, env).value();
  const auto throttles = [&] { return weir::metrics(stream).total().read_throttles; };
  const auto wakes = [&](auto& source, Stream::iterator_type& other, const HashKey& hash) {
    env.clock.advance(2s);
    CHECK_FALSE(other.read());
    CHECK_FALSE(other.read());
    stream.put({"key", &hash}, 1).value();
    const auto before = throttles();
    bool read = false;
    {
      const std::jthread sleeping{[&] {
        ParkAtOnce park;
        read = source.read(park, Deadline::never()).size() == 1;
      }};
      while (throttles() == before) {
        std::this_thread::yield();
      }
      env.clock.advance(1s);
    }
    return read;
  };
  for (const auto& hash : {HashKey{0}, HashKey::largest()}) {
    const auto shard = hash == HashKey{0} ? ShardId{0} : ShardId{1};
    auto source = stream.iterator(shard, Position::latest()).value();
    auto other = stream.iterator(shard, Position::latest()).value();
    CHECK(wakes(source, other, hash));
    CHECK(other.read().size() == 1);
    auto reader = stream.reader(Position::latest()).value();  // asks both shards, of which the other may be read
    CHECK(wakes(reader, other, hash));
  }
}

TEST_CASE("an idle sleeper uses no processor") {
  const Watchdog watchdog{"an idle sleeper"};
  Numbered<Waking> shard;
  auto iterator = shard.at(Position::latest());
  auto reader = shard.stream.reader(Position::latest()).value();
  Park park;
  const auto cost = [&](auto& source) {
    const auto used = [] {
      timespec reading{};
      ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &reading);
      return std::chrono::seconds{reading.tv_sec} + std::chrono::nanoseconds{reading.tv_nsec};
    };
    const auto before = used();
    CHECK_FALSE(source.read(park, 300ms));
    return used() - before;
  };
  // It does nothing while it sleeps, so that the length of a sleep adds nothing to the way there and back.
  CHECK(std::min({cost(iterator), cost(iterator), cost(iterator)}) < 1ms);
  CHECK(std::min({cost(reader), cost(reader), cost(reader)}) < 1ms);
}

TEST_CASE("the end of a stream wakes, whenever it comes") {
  const Watchdog watchdog{"the end of a stream wakes sleepers"};
  int ended = 0;
  constexpr int rounds = 200;
  for (int round = 0; round < rounds; ++round) {
    Numbered<Waking> shard;
    auto iterator = shard.at(Position::latest());
    auto reader = shard.stream.reader(Position::latest()).value();
    bool told = true, all_told = true;
    {
      const std::jthread one{[&] {
        ParkAtOnce park;
        told = static_cast<bool>(iterator.read(park, Deadline::never()));
      }};
      const std::jthread all{[&] {
        Park park;
        all_told = static_cast<bool>(reader.read(park, Deadline::never()));
      }};
      shard.stream.close().value();
    }
    ended += !told && !all_told && iterator.at_end() && reader.at_end() ? 1 : 0;
  }
  CHECK(ended == rounds);
}

TEST_CASE("a stop wakes, whenever it is requested") {
  const Watchdog watchdog{"a stop wakes sleepers"};
  Numbered<Waking> shard;
  auto iterator = shard.at(Position::latest());
  auto reader = shard.stream.reader(Position::latest()).value();
  bool told = false;      // to the first thread
  bool all_told = false;  // to the second
  for (int round = 0; round < 200; ++round) {
    const std::jthread one{[&](const std::stop_token& stop) {
      ParkAtOnce park;
      told = told || iterator.read(park, Deadline::never(), stop);
    }};
    const std::jthread all{[&](const std::stop_token& stop) {
      Park park;
      weir::BackOff back_off;
      all_told =
          all_told || reader.read(park, Deadline::never(), stop) || reader.read(back_off, Deadline::never(), stop);
    }};
  }
  CHECK_FALSE(told);
  CHECK_FALSE(all_told);
  CHECK_FALSE(iterator.at_end());
}

TEST_CASE("after a stop no record is delivered, and none is lost; a gap is told") {
  Numbered<Waking> shard;
  auto iterator = shard.at(Position::latest());
  auto reader = shard.stream.reader(Position::latest()).value();
  shard.put_more(3);
  std::stop_source source;
  source.request_stop();
  Park park;
  CHECK_FALSE(iterator.read(park, Deadline::never(), source.get_token()));
  CHECK_FALSE(reader.read(park, Deadline::never(), source.get_token()));
  CHECK(rest_of<Waking>(iterator).numbers == from_to(1, 3));
  CHECK(reader.read(park, Deadline::never(), std::stop_token{}).size() == 3);  // one that nobody can request
  shard.lap();
  const auto gap = iterator.read(park, Deadline::never(), source.get_token());
  CHECK(gap.missed() != 0);
  CHECK(gap.empty());
}

TEST_CASE("shards that take over wake a reader of all") {
  const Watchdog watchdog{"a split wakes a sleeper"};
  weir::testing::ManualEnv env;
  using Stream = StreamOf<Waking>;
  auto stream = Stream::open({.capacity = Waking::capacity}, {}, env).value();
  Lineage<Stream> lineage{1, stream.incarnation(), Waking::capacity};
  auto reader = stream.reader(Position::trim_horizon()).value();
  std::size_t read = 0;
  {
    const std::jthread sleeping{[&] {
      ParkAtOnce park;
      read = reader.read(park, Deadline::never()).size();
    }};
    lineage.split(*stream.shard(ShardId{0}).value(), end_of_lower_half, begin_of_upper_half, env);
    stream.put("key", 1).value();
  }
  CHECK(read == 1);
  CHECK_FALSE(reader.read());
  CHECK(reader.positions().size() == 2);  // those of the halves
}

TEST_CASE("a long exchange of two streams, each asleep while the other works, loses no notice") {
  const Watchdog watchdog{"two sleepers exchange records"};
  constexpr std::uint64_t records = 5000;
  Numbered<Waking> there;
  Numbered<Waking> back;
  auto asked = there.at(Position::latest());
  auto answers = back.at(Position::latest());
  std::uint64_t right = 0;
  {
    const std::jthread answering{[&] {
      ParkAtOnce park;
      for (std::uint64_t n = 1; n <= records; ++n) {
        back.stream.put("key", asked.read(park, Deadline::never()).front().value() + 1).value();
      }
    }};
    ParkAtOnce park;
    for (std::uint64_t n = 1; n <= records; ++n) {
      there.stream.put("key", n).value();
      right += answers.read(park, Deadline::never()).front().value() == n + 1 ? 1 : 0;
    }
  }
  CHECK(right == records);
}

TEST_CASE("many readers asleep now and then get all that many producers put") {
  const Watchdog watchdog{"many sleepers and producers"};
  constexpr std::uint64_t producers = 3, records = 3000;
  auto stream = StreamOf<Waking>::open({.shards = 4, .capacity = weir::records(16384)}).value();
  std::vector<std::uint64_t> sums(3), counts(3), missed(3);
  std::vector<StreamOf<Waking>::reader_type> readers;
  for (std::size_t i = 0; i < sums.size(); ++i) {
    readers.push_back(stream.reader(Position::trim_horizon()).value());
  }
  {
    std::vector<std::jthread> threads;
    for (std::size_t i = 0; i < sums.size(); ++i) {
      threads.emplace_back([&, i] {
        ParkAtOnce park;
        while (!readers[i].at_end()) {
          const auto batch = readers[i].read(park, Deadline::never());
          missed[i] += batch.missed();
          counts[i] += batch.size();
          for (const auto value : batch.values()) {
            sums[i] += value;
          }
        }
      });
    }
    std::vector<std::jthread> putting;
    for (std::uint64_t producer = 0; producer < producers; ++producer) {
      putting.emplace_back([&, producer] {
        for (std::uint64_t n = producer; n < producers * records; n += producers) {
          stream.put(std::to_string(n), n).value();
          if (n % 4 == 0) {
            std::this_thread::yield();  // so that a reader catches up, and sleeps
          }
        }
      });
    }
    putting.clear();
    stream.close().value();
  }
  constexpr auto total = producers * records;
  CHECK(counts == std::vector<std::uint64_t>(3, total));
  CHECK(sums == std::vector<std::uint64_t>(3, total * (total - 1) / 2));
  CHECK(missed == std::vector<std::uint64_t>(3, 0));
}

}  // namespace
