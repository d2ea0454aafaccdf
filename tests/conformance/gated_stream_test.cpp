/// A gated stream as its users meet it: who is refused, who waits, who is told of, and what stays after they have gone.
#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "support/held_storage.hpp"
#include "support/watchdog.hpp"
#include "weir/weir.hpp"

namespace {

using namespace std::chrono_literals;
using weir::Cause;
using weir::Delivery;
using weir::Errc;
using weir::Options;
using weir::Position;
using weir::ShardId;
using weir::support::Watchdog;

constexpr std::uint64_t capacity = 16;

using Numbers = weir::Stream<std::uint64_t, weir::MemoryStorage, Options{.delivery = Delivery::gated}>;
using Texts = weir::Stream<std::string, weir::MemoryStorage,
                           Options{.producers = weir::Producers::single, .delivery = Delivery::gated}>;

Numbers numbers(int readers = 4) {
  return Numbers::open({.capacity = weir::records(capacity), .readers = readers}).value();
}
Texts texts() {
  return Texts::open({.capacity = weir::bytes(4096)}).value();
}
std::uint64_t sample(const Numbers&) {
  return 7;
}
std::string sample(const Texts&) {
  return "a text of some length";
}

template <class Stream>
std::uint64_t fill(Stream& stream) {
  std::uint64_t stored = 0;
  while (stream.put("key", sample(stream))) {
    ++stored;
  }
  return stored;
}

TEST_CASE("a gated stream has places for readers, and one that overwrites has none to count") {
  const auto refused = [](auto opened) {
    REQUIRE_FALSE(opened);
    CHECK(opened.error().code == Errc::invalid_argument);
    return opened.error().cause;
  };
  CHECK(refused(Numbers::open({.readers = 0})) == Cause::reader_count);
  CHECK(refused(Numbers::open({.readers = -1})) == Cause::reader_count);
  CHECK(refused(Numbers::open({.readers = weir::max_readers + 1})) == Cause::reader_count);
  CHECK(refused(weir::Stream<int>::open({.readers = 4})) == Cause::readers_unlimited);
  CHECK(refused(Numbers::footprint(1, {}, 0)) == Cause::reader_count);
  CHECK(Numbers::footprint(3, weir::records(capacity), 5).value() -
            Numbers::footprint(3, weir::records(capacity), 4).value() ==
        3 * weir::line_size);

  auto stream = numbers(2);
  std::optional one{stream.iterator(ShardId{0}, Position::trim_horizon()).value()};
  auto two = stream.reader(Position::latest()).value();
  const auto third = stream.iterator(ShardId{0}, Position::latest());
  REQUIRE_FALSE(third);
  CHECK(third.error() == weir::Failure{Errc::limit_exceeded, Cause::readers_taken, 2, 0});
  CHECK_FALSE(stream.reader(Position::latest()));
  one.reset();
  CHECK(stream.iterator(ShardId{0}, Position::latest()));
}

TEST_CASE_TEMPLATE("without room a put is refused at once, and with a deadline when that has passed", Stream, Numbers,
                   Texts) {
  auto stream = [] {
    if constexpr (std::is_same_v<Stream, Numbers>) {
      return numbers();
    } else {
      return texts();
    }
  }();
  const auto value = sample(stream);
  using Element = typename Stream::element;
  const std::vector<Element> two(2, Element{value});
  auto reader = stream.reader(Position::trim_horizon()).value();
  const auto stored = fill(stream);
  const auto put = stream.put("key", value);
  REQUIRE_FALSE(put);
  CHECK(put.error() == weir::Failure{Errc::full, Cause::shard_full, stored, 0});
  CHECK(stream.try_put("key", value).error().code == Errc::full);
  CHECK(stream.put_all("key", two).error().code == Errc::full);

  const auto passes = [&](auto attempt) {
    const auto deadline = std::chrono::steady_clock::now() + 20ms;
    const auto outcome = attempt(weir::Deadline{deadline});
    CHECK(outcome.error().code == Errc::full);
    CHECK(std::chrono::steady_clock::now() >= deadline);
  };
  weir::Yield wait;
  passes([&](weir::Deadline deadline) { return stream.put("key", value, deadline); });
  passes([&](weir::Deadline deadline) { return stream.put("key", value, wait, deadline); });
  passes([&](weir::Deadline deadline) { return stream.put_all("key", two, deadline); });
  passes([&](weir::Deadline deadline) { return stream.put_all("key", two, wait, deadline); });
  {
    auto writer = stream.writer("key").value();
    passes([&](weir::Deadline deadline) { return writer.put(value, deadline); });
    passes([&](weir::Deadline deadline) { return writer.put(value, wait, deadline); });
    passes([&](weir::Deadline deadline) { return writer.put_all(two, deadline); });
    passes([&](weir::Deadline deadline) { return writer.put_all(two, wait, deadline); });
  }
  CHECK(stream.put("", value, 20ms).error().code == Errc::validation);  // for good, so at once

  const Watchdog watchdog{"puts that wait for room", 60s};
  std::uint64_t had = 0;
  std::thread slow{[&] {
    while (had < stored + 3) {
      had += reader.read().size();
    }
  }};
  const auto waited = stream.put("key", value, weir::Deadline::never());
  const auto waited_for_two = stream.put_all("key", two, weir::Deadline::never());
  slow.join();
  CHECK(waited);
  CHECK(waited_for_two);
  CHECK(had == stored + 3);
}

TEST_CASE("a stream tells who holds its writers, and by how much") {
  auto stream = numbers();
  CHECK(stream.readers().empty());
  auto slow = stream.iterator(ShardId{0}, Position::trim_horizon()).value();
  auto fast = stream.iterator(ShardId{0}, Position::trim_horizon()).value();
  fill(stream);
  std::uint64_t had = 0;
  while (auto batch = fast.read()) {
    had += batch.size();
  }
  CHECK(had == capacity);
  REQUIRE(slow.read_up_to(3).size() == 3);
  auto readers = stream.readers();
  REQUIRE(readers.size() == 2);
  CHECK(readers[0].id == *slow.reader_id());
  CHECK(readers[0].unreleased == capacity);
  CHECK(readers[0].next.value() == 1);
  CHECK(readers[1].id == *fast.reader_id());
  CHECK(readers[1].unreleased == 0);
  slow.commit();
  readers = stream.readers();
  CHECK(readers[0].unreleased == capacity - 3);
  CHECK(fill(stream) == 3);
}

TEST_CASE("a thread that puts into the stream whose batch it holds is refused, and goes on after a commit") {
  auto stream = numbers();
  auto iterator = stream.iterator(ShardId{0}, Position::trim_horizon()).value();
  fill(stream);
  const auto batch = iterator.read();
  REQUIRE(batch);
  CHECK(stream.put("key", 1).error().code == Errc::full);
  CHECK(stream.put("key", 1, 5ms).error().code == Errc::full);
  iterator.commit();
  CHECK(stream.put("key", 1));
}

TEST_CASE("a reader that vanished holds the writers until it is evicted, and is told what it missed if it comes back") {
  auto stream = numbers();
  std::unique_ptr<Numbers::iterator_type> vanished;
  std::thread{[&] {
    vanished = std::make_unique<Numbers::iterator_type>(
        stream.iterator(ShardId{0}, Position::at(stream.shards().front().starting)).value());
    static_cast<void>(vanished->read());
    vanished->commit();
  }}.join();
  auto alive = stream.iterator(ShardId{0}, Position::trim_horizon()).value();
  const auto drain = [&] {
    std::uint64_t had = 0;
    while (auto batch = alive.read()) {
      CHECK(batch.missed() == 0);
      had += batch.size();
    }
    return had;
  };
  CHECK(fill(stream) == capacity);
  CHECK(drain() == capacity);
  CHECK(stream.put("key", 7).error().code == Errc::full);
  const auto readers = stream.readers();
  const auto slowest =
      *std::max_element(readers.begin(), readers.end(), [](auto& a, auto& b) { return a.unreleased < b.unreleased; });
  CHECK(slowest.id == *vanished->reader_id());
  REQUIRE(stream.evict(slowest.id));
  CHECK(stream.readers().size() == 1);
  CHECK(stream.evict(slowest.id).error() == weir::Failure{Errc::resource_not_found, Cause::unknown_reader, 0, 0});
  CHECK(stream.evict({ShardId{0}, {99, 1}}).error().cause == Cause::unknown_reader);
  CHECK(stream.evict({ShardId{7}, {0, 1}}).error().cause == Cause::unknown_shard);
  CHECK(fill(stream) == capacity);
  CHECK(drain() == capacity);
  const auto back = vanished->read();
  CHECK(back.missed() == capacity);
  CHECK((*back.begin()).sequence_number().value() == capacity + 1);
}

TEST_CASE("who comes at latest, or for the last few, has missed nothing, however long coming took") {
  auto stream = numbers();
  auto start = weir::detail::start_of(*stream.shard(ShardId{0}).value(), Position::latest());
  CHECK(start->at_horizon);
  start = weir::detail::start_of(*stream.shard(ShardId{0}).value(), Position::last(3));
  CHECK(start->at_horizon);
  std::uint64_t missed = 0;
  std::atomic<bool> finished{false};
  auto always = stream.reader(Position::latest()).value();
  std::thread reader{[&] {
    while (!finished.load()) {
      static_cast<void>(always.read());
    }
  }};
  std::thread producer{[&] {
    while (!finished.load()) {
      static_cast<void>(stream.put("key", 7));
    }
  }};
  for (int i = 0; i < 2000; ++i) {
    auto comes = stream.iterator(ShardId{0}, i % 2 == 0 ? Position::latest() : Position::last(3)).value();
    missed += comes.read().missed();
  }
  finished.store(true);
  reader.join();
  producer.join();
  CHECK(missed == 0);
}

TEST_CASE("a batch that an exception leaves behind is not released, and the next reader is given it again") {
  auto stream = numbers();
  fill(stream);
  try {
    auto iterator = stream.iterator(ShardId{0}, Position::trim_horizon()).value();
    const auto batch = iterator.read();
    REQUIRE(batch);
    throw std::runtime_error{"in the middle of a batch"};
  } catch (const std::runtime_error&) {
  }
  CHECK(stream.readers().empty());
  CHECK(stream.put("key", 7).error().code == Errc::full);
  auto next = stream.iterator(ShardId{0}, Position::trim_horizon()).value();
  const auto again = next.read();
  REQUIRE(again);
  CHECK((*again.begin()).sequence_number().value() == 1);
}

TEST_CASE("a stream that is opened again has no reader of former times, and keeps what nobody released") {
  using Held = weir::Stream<std::uint64_t, weir::support::HeldStorage, Options{.delivery = Delivery::gated}>;
  const weir::support::HeldStorage storage;
  {
    auto made = Held::open({.capacity = weir::records(capacity), .readers = 1}, storage).value();
    for (std::uint64_t i = 0; i < capacity; ++i) {
      made.put("key", i).value();
    }
    auto reader = made.iterator(ShardId{0}, Position::trim_horizon()).value();
    REQUIRE(reader.read_up_to(2).size() == 2);
    reader.commit();
  }
  CHECK(Held::open({.readers = 2}, storage).error() ==
        weir::Failure{Errc::invalid_argument, Cause::other_readers, 2, 1});
  auto again = Held::open({}, storage).value();
  CHECK(again.readers().empty());
  CHECK(again.put("key", 16));
  CHECK(again.put("key", 17));
  CHECK(again.put("key", 18).error().code == Errc::full);
  auto reader = again.iterator(ShardId{0}, Position::last(capacity)).value();
  std::uint64_t next = 2;
  while (auto batch = reader.read()) {
    for (const auto value : batch.values()) {
      CHECK(value == next++);
    }
  }
  CHECK(next == 18);
}

}  // namespace
