#include "weir/ring/segment/writer.hpp"

#include <doctest/doctest.h>

#include <map>
#include <stdexcept>
#include <string>
#include <vector>

#include "ring/payloads.hpp"
#include "ring/ring.hpp"
#include "weir/ring/segment/log.hpp"

namespace weir::support {

/// Its codec throws when asked to.
struct Reluctant {
  bool refuses = false;
};

}  // namespace weir::support

template <>
struct weir::Codec<weir::support::Reluctant> {
  using argument = support::Reluctant;
  using view = std::size_t;
  static std::size_t encoded_size(const argument&) { return 9; }
  static void encode(std::span<std::byte> out, const argument& value) {
    if (value.refuses) {
      throw std::runtime_error{"refused"};
    }
    std::fill(out.begin(), out.end(), std::byte{'r'});
  }
  static view decode(std::span<const std::byte> bytes) { return bytes.size(); }
};

namespace {

using namespace weir::support;
using weir::Append;
using Status = Append::Status;
template <class T = std::string, class Env = weir::DefaultEnv>
using Log = weir::SegmentLog<T, multiple, Env>;
constexpr weir::CoarseClock now{};

/// Key and text of every retained record.
std::map<std::uint64_t, std::string> contents(const Log<>& log) {
  std::map<std::uint64_t, std::string> found;
  auto reader = log.reader({.number = log.oldest()});
  for (auto run = reader.read(no_limit); run.count != 0; run = reader.read(no_limit)) {
    for (std::size_t i = 0; i < run.count; ++i) {
      found[run.first + i] = std::string{reader.key(i)} + '=' + std::string{reader.value(i)};
    }
  }
  return found;
}

TEST_CASE("keys and texts of every padding come back, zeros inside included") {
  Ring<Log<>> ring{4096};
  auto writer = ring.log.writer();
  for (std::size_t key_size = 0; key_size < 18; ++key_size) {
    for (std::size_t size = 0; size < 18; ++size) {
      std::string key(key_size, 'k');
      std::string text(size, '\0');
      if (size > 3) {
        text[2] = 't';
      }
      const auto number = put(writer, text, key);
      auto reader = ring.log.reader({.number = number});
      REQUIRE(reader.read(1).count == 1);
      CHECK(reader.key(0) == key);
      CHECK(reader.value(0) == text);
    }
  }
}

TEST_CASE("a payload of more than 512 encoded bytes takes the long way and arrives the same") {
  using Words = weir::support::Words;
  Ring<Log<Words>> ring{1 << 16};
  auto writer = ring.log.writer();
  for (const std::uint64_t count : {0U, 1U, 62U, 63U, 64U, 65U, 200U}) {
    const Words words{count, "seven_7"};
    const auto number = put(writer, words, "key");
    auto reader = ring.log.reader({.number = number});
    REQUIRE(reader.read(1).count == 1);
    CHECK(reader.value(0) == words);
  }
}

TEST_CASE("an exception from the codec stores nothing and claims nothing") {
  Ring<Log<Reluctant>> ring{4096};
  auto writer = ring.log.writer();
  put(writer, Reluctant{}, "k");
  CHECK_THROWS_AS(writer.try_put(now, "k", Reluctant{true}), std::runtime_error);
  const std::vector<Reluctant> values{{false}, {true}};
  CHECK_THROWS_AS(writer.try_put_all(now, "k", std::span<const Reluctant>{values}), std::runtime_error);
  CHECK(ring.log.end() == 2);
  CHECK(put(writer, Reluctant{}, "k") == 2);
  auto reader = ring.log.reader({.number = 1});
  CHECK(reader.read(no_limit).count == 2);
}

TEST_CASE("a batch lies in one segment, has one arrival time, and is put whole or not at all") {
  Ring<Log<>> ring{4096};
  auto writer = ring.log.writer();
  CHECK(writer.max_claim_bytes() == 256);
  CHECK(writer.max_claim() == 8);
  const std::vector<std::string> texts(6, "0123456789");  // frames of 40 bytes
  const std::vector<std::string_view> values(texts.begin(), texts.end());
  std::uint64_t next = 1;
  for (int round = 0; round < 40; ++round) {
    if (round % 2 == 0) {
      CHECK(put(writer, "single", "k") == next++);
    }
    const auto outcome = writer.try_put_all(now, "key", std::span{values});
    REQUIRE(outcome.status == Status::done);
    CHECK(outcome.number == next);
    next += values.size();
    auto reader = ring.log.reader({.number = outcome.number});
    const auto run = reader.read(no_limit);
    CHECK(run.count == values.size());
    for (std::size_t i = 0; i < run.count; ++i) {
      CHECK(reader.value(i) == texts[i]);
      CHECK(reader.key(i) == "key");
      CHECK(reader.arrival(i) == reader.arrival(0));
    }
  }
  ring.log.close();
  CHECK(writer.try_put_all(now, "key", std::span{values}).status == Status::closed);
  CHECK(ring.log.end() == next);
}

TEST_CASE("many small records fill the directory before the bytes, and the ring turns all the same") {
  Ring<Log<>> ring{4096};  // 16 entries a segment, 512 bytes: frames of 16 fill half of it
  auto writer = ring.log.writer();
  for (std::uint64_t number = 1; number < 400; ++number) {
    CHECK(put(writer, "") == number);
  }
  CHECK(ring.log.oldest() == 400 - 16 * 7 - 15);
}

TEST_CASE("hole H6: old payload that looks like an entry, a frame or a record is never taken for one") {
  // Every word of the segments holds an entry for one of the numbers to come, or the sizes of a small frame.
  Ring<Log<>> ring{512};
  auto writer = ring.log.writer();
  for (std::uint64_t number = 1; number < 60; ++number) {
    std::string forged(16, '\0');
    const auto entry = weir::Entry::at(number + 6 + number % 6, 0).word();
    const auto sizes = weir::Frame<true>::sizes(2, 3);
    std::memcpy(forged.data(), &entry, 8);
    std::memcpy(forged.data() + 8, &sizes, 8);
    put(writer, forged);
    auto reader = ring.log.reader({.number = ring.log.oldest()});
    std::uint64_t last = 0;
    for (auto run = reader.read(no_limit); run.count != 0; run = reader.read(no_limit)) {
      last = run.first + run.count - 1;
      for (std::size_t i = 0; i < run.count; ++i) {
        CHECK(reader.key(i).empty());
        CHECK(reader.value(i).size() == 16);
      }
    }
    CHECK(last == number);
    auto latest = ring.log.reader({.number = number + 1});
    CHECK(latest.read(no_limit).count == 0);
  }
}

/// A put with puts of others, or a close, in its middle, at every place where that can be.
void interrupted_put(std::uint64_t capacity, std::uint64_t before, std::uint64_t burst, bool close, bool batch) {
  CAPTURE(capacity);
  CAPTURE(before);
  CAPTURE(burst);
  CAPTURE(close);
  CAPTURE(batch);
  at_every_access([&](std::uint64_t after) {
    CAPTURE(after);
    Ring<Log<>> ring{capacity, (std::uint64_t{1} << 42) - 4, (1U << 20) - 2};
    const auto first = ring.log.end();
    std::map<std::uint64_t, std::string> put_so_far;
    auto other = ring.log.writer();
    const auto put_other = [&](std::uint64_t value) {
      const auto text = std::to_string(value);
      const auto outcome = other.try_put(now, "o", text);
      if (outcome.status == Status::done) {
        CHECK(put_so_far.emplace(outcome.number, "o=" + text).second);
      }
      return outcome.status;
    };
    for (std::uint64_t i = 0; i < before; ++i) {
      REQUIRE(put_other(i) == Status::done);
    }
    bool stalled = false;
    std::uint64_t final_end = 0;
    auto writer = ring.as<Log<std::string, InterruptedEnv>>().writer();
    const std::vector<std::string_view> values{"first", "second"};
    Append outcome;
    bool happened = false;
    {
      const Interruption interruption{after, [&] {
                                        for (std::uint64_t i = 0; i < burst && !stalled; ++i) {
                                          stalled = put_other(1000 + i) == Status::stalled;
                                        }
                                        final_end = close ? ring.log.close() : 0;
                                      }};
      outcome = batch ? writer.try_put_all(now, "u", std::span{values}) : writer.try_put(now, "u", values[0]);
      happened = interruption.happened();
    }
    if (outcome.status == Status::done) {
      CHECK(put_so_far.emplace(outcome.number, "u=first").second);
      CHECK((!batch || put_so_far.emplace(outcome.number + 1, "u=second").second));
    } else {
      CHECK(outcome.status == Status::closed);
      CHECK(outcome.number == final_end);
    }
    CHECK(ring.log.end() == first + put_so_far.size());
    if (!close) {
      CHECK(put_other(2000) == Status::done);
    }
    put_so_far.erase(put_so_far.begin(), put_so_far.lower_bound(ring.log.oldest()));
    CHECK(contents(ring.log) == put_so_far);
    auto reader = ring.log.reader({.number = ring.log.end()});
    CHECK(reader.read(no_limit).end == (happened && close));
    return happened;
  });
}

TEST_CASE("a put that is interrupted anywhere by puts of others, or by a close, ends as if it came before or after") {
  for (const std::uint64_t capacity : {128U, 256U, 512U}) {
    for (std::uint64_t before = 0; before <= 17; before += 1 + before / 3) {
      for (std::uint64_t burst = 0; burst <= 18; burst += 1 + burst / 3) {
        interrupted_put(capacity, before, burst, false, false);
        interrupted_put(capacity, before, burst, true, false);
      }
    }
  }
}
TEST_CASE("the same for a batch") {
  for (std::uint64_t before = 0; before <= 40; before += 1 + before / 3) {
    for (std::uint64_t burst = 0; burst <= 80; burst += 1 + burst / 2) {
      interrupted_put(1024, before, burst, false, true);
      interrupted_put(1024, before, burst, true, true);
    }
  }
}

TEST_CASE("frames in place are records of as many bytes as were finished, or none, and the ring turns all the same") {
  constexpr weir::Options options{.delivery = weir::Delivery::gated};
  const weir::testing::ManualClock clock;
  Ring<weir::SegmentLog<std::string, options, weir::DefaultEnv>> ring{4096};
  auto writer = ring.log.writer();
  auto reader = ring.log.reader({.number = 1});
  std::map<std::uint64_t, std::string> expected;
  std::map<std::uint64_t, std::string> found;
  const auto read = [&] {
    for (auto run = reader.read(3); run.count != 0; run = reader.read(3)) {
      CHECK(run.missed == 0);
      for (std::size_t i = 0; i < run.count; ++i) {
        found[run.first + i] = std::string{reader.key(i)} + '=' + std::string{reader.value(i)};
        CHECK(reader.arrival(i) == clock.now().time_since_epoch().count() - 1);
      }
    }
  };
  bool was_full = false;
  for (std::uint64_t round = 0; round < 500; ++round) {
    const auto size = round * 7 % 60;
    const std::string key(1 + round % 11, 'k');
    decltype(writer)::Place place;
    const auto outcome = writer.claim_in_place(clock, key, size, place);
    if (outcome.status == Status::full) {
      was_full = true;
      clock.advance(std::chrono::milliseconds{1});
      read();
      CHECK(found == expected);
      continue;
    }
    REQUIRE(outcome.status == Status::done);
    const auto data = writer.in_place(place, key, size);
    REQUIRE(data.size() == size);
    std::fill(data.begin(), data.end(), static_cast<std::byte>('a' + round % 26));
    if (round % 5 == 0) {
      writer.skip(place);
    } else {
      const auto kept = round % 3 == 0 ? size / 2 : size;
      expected[outcome.number] = key + '=' + std::string(kept, static_cast<char>('a' + round % 26));
      writer.finish_in_place(place, key, kept);
    }
  }
  CHECK(was_full);
  decltype(writer)::Place last;
  clock.advance(std::chrono::milliseconds{1});
  read();
  REQUIRE(writer.claim_in_place(clock, "k", 9, last).status == Status::done);
  ring.log.close();
  CHECK_FALSE(reader.read(1).end);
  writer.skip(last);
  CHECK(reader.read(1).end);
  CHECK(writer.claim_in_place(clock, "k", 9, last).status == Status::closed);
  CHECK(found == expected);
}

TEST_CASE("a put that finds the log closed tells readers, should whoever closed it have come no further") {
  Ring<Log<>> ring{4096};
  auto writer = ring.log.writer();
  put(writer, std::string("only"));
  auto reader = ring.log.reader({.number = 2});
  const auto layout = ring.as<weir::SegmentLayout<multiple, weir::DefaultEnv>>();
  layout.tail() |= weir::closed_bit;
  CHECK_FALSE(reader.read(no_limit).end);
  const auto outcome = writer.try_put(now, "", "late");
  CHECK(outcome.status == Status::closed);
  CHECK(outcome.number == 2);
  CHECK(reader.read(no_limit).end);
}

}  // namespace
