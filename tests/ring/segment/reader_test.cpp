#include "weir/ring/segment/reader.hpp"

#include <doctest/doctest.h>

#include <new>
#include <string>

#include "ring/payloads.hpp"
#include "ring/ring.hpp"
#include "weir/ring/segment/log.hpp"

#if !WEIR_THREAD_SANITIZER  // its runtime brings an operator new of its own, and one thread has nothing to race with
# include "support/allocations.hpp"
#endif

namespace {

using namespace weir::support;
using weir::Entry;
template <weir::Options options = multiple, class Env = weir::DefaultEnv>
using Log = weir::SegmentLog<std::string, options, Env>;
using Layout = weir::SegmentLayout<multiple, weir::DefaultEnv>;

/// Text that tells its number, and of a size that makes segments hold different counts; a frame of `room` at most.
std::string text_for(std::uint64_t number, std::size_t room = 40) {
  auto text = std::to_string(number) + ':';
  return text + std::string(number * 7 % (room - text.size()), '.');
}

/// Reads until nothing comes, checks every record; `position` is where the next is due.
template <class Reader>
std::uint64_t drain(Reader& reader, std::uint64_t& position, std::size_t limit = no_limit, std::size_t room = 40) {
  std::uint64_t missed = 0;
  for (auto run = reader.read(limit); run.count + run.missed != 0; run = reader.read(limit)) {
    missed += run.missed;
    position += run.missed;
    if (run.count != 0) {
      CHECK(run.first == position);
      for (std::size_t i = 0; i < run.count; ++i) {
        CHECK(reader.value(i) == text_for(run.first + i, room));
      }
      position += run.count;
      CHECK(reader.number() == position);
    }
  }
  return missed;
}

TEST_CASE("a reader that was lapped by any number of records misses exactly those below the oldest") {
  for (const std::uint64_t capacity : {512U, 1024U, 4096U}) {
    for (std::uint64_t before = 0; before < 12; ++before) {
      for (std::uint64_t burst = 0; burst < 100; burst += 1 + burst / 6) {
        CAPTURE(capacity);
        CAPTURE(before);
        CAPTURE(burst);
        const std::size_t room = capacity == 4096 ? 40 : 16;
        Ring<Log<>> ring{capacity, 1, (1U << 20) - 3};
        auto writer = ring.log.writer();
        std::uint64_t position = 1;
        auto reader = ring.log.reader({.number = 1});
        for (std::uint64_t i = 0; i < before; ++i) {
          put(writer, text_for(ring.log.end(), room));
        }
        const bool part = before % 2 == 0;
        if (part) {
          position += reader.read(before / 2).count;
        }
        for (std::uint64_t i = 0; i < burst; ++i) {
          put(writer, text_for(ring.log.end(), room));
        }
        const auto expected = position < ring.log.oldest() ? ring.log.oldest() - position : 0;
        CHECK(drain(reader, position, 3, room) == expected);
        CHECK(position == ring.log.end());
      }
    }
  }
}

TEST_CASE("a start that was overwritten before the reader came is missed, once, and number() says it until then") {
  Ring<Log<>> ring{512};
  auto writer = ring.log.writer();
  for (int i = 0; i < 50; ++i) {
    put(writer, text_for(ring.log.end(), 16));
  }
  auto reader = ring.log.reader({.number = 3});
  CHECK(reader.number() == 3);
  const auto oldest = ring.log.oldest();
  const auto run = reader.read(1);
  CHECK(run.missed == oldest - 3);
  CHECK(run.first == oldest);
  CHECK(reader.number() == oldest + 1);
  CHECK(reader.read(1).missed == 0);
}

/// Reads with `burst` records put by somebody else in the middle, at every place where that can be.
template <weir::Options options>
void overtaken(std::uint64_t before, std::uint64_t burst, std::size_t limit, bool at_horizon) {
  CAPTURE(before);
  CAPTURE(burst);
  CAPTURE(limit);
  CAPTURE(at_horizon);
  at_every_access([&](std::uint64_t after) {
    CAPTURE(after);
    Ring<Log<options>> ring{512, (std::uint64_t{1} << 42) - 5, (1U << 20) - 3};
    const auto first = ring.log.end();
    auto writer = ring.log.writer();
    for (std::uint64_t i = 0; i < before; ++i) {
      put(writer, text_for(ring.log.end(), 17));
    }
    auto reader = ring.template as<Log<options, InterruptedEnv>>().reader({.number = first, .at_horizon = at_horizon});
    auto position = first;
    bool happened = false;
    std::uint64_t missed = 0;
    bool known = !at_horizon;
    const auto read = [&] {
      const auto run = reader.read(limit);
      missed += run.missed;
      position += run.missed;
      if (run.count != 0) {
        if (!known) {
          CHECK(missed == 0);  // the horizon was resolved by this record
          CHECK(run.first >= position);
          position = run.first;
          known = true;
        }
        CHECK(run.first == position);
        for (std::size_t i = 0; i < run.count; ++i) {
          CHECK(reader.value(i) == text_for(run.first + i, 17));
        }
        position += run.count;
      }
      return run.count + run.missed != 0;
    };
    {
      const Interruption interruption{after, [&] {
                                        for (std::uint64_t i = 0; i < burst; ++i) {
                                          put(writer, text_for(ring.log.end(), 17));
                                        }
                                      }};
      const bool told = read();
      happened = interruption.happened();
      CHECK((told || before == 0 || at_horizon));  // something was due before the read began
    }
    while (read()) {
    }
    CHECK(position == ring.log.end());
    return happened;
  });
}

TEST_CASE("a reader overtaken anywhere gets whole records and an exact account") {
  for (const std::uint64_t before : {0U, 1U, 8U, 17U, 30U}) {
    for (const std::uint64_t burst : {1U, 2U, 5U, 9U, 14U, 15U, 16U, 17U, 33U}) {
      for (const std::size_t limit : {std::size_t{1}, no_limit}) {
        overtaken<multiple>(before, burst, limit, false);
        overtaken<multiple_untimed>(before, burst, limit, false);
        overtaken<multiple>(before, burst, limit, true);
      }
    }
  }
}

TEST_CASE("a reader that is overtaken at every try says that it missed something, from the horizon too") {
  for (const bool at_horizon : {false, true}) {
    CAPTURE(at_horizon);
    Ring<Log<multiple>> ring{512};
    auto writer = ring.log.writer();
    const auto lap = [&] {
      for (int i = 0; i < 30; ++i) {
        put(writer, text_for(ring.log.end()));
      }
    };
    lap();
    auto reader = ring.as<Log<multiple, InterruptedEnv>>().reader({.number = 1, .at_horizon = at_horizon});
    {
      const Interruption lapping{0, lap, Interruption::Repeat::always};
      const auto run = reader.read(no_limit);
      CHECK(run.count == 0);
      CHECK(run.missed != 0);
      CHECK_FALSE(run.end);
    }
    auto position = reader.number();
    drain(reader, position);  // the laps after the last try are told there
    CHECK(position == ring.log.end());
  }
}

TEST_CASE("records that are claimed and not finished hide the later ones, given up ones do not") {
  Ring<Log<>> ring{4096};
  const auto layout = ring.as<Layout>();
  auto writer = ring.log.writer();
  for (int i = 0; i < 3; ++i) {
    put(writer, text_for(ring.log.end()));
  }
  const weir::Tail tail{layout.tail()};
  layout.tail() = tail.claim(2, 64).word();  // numbers 4 and 5
  put(writer, text_for(6));
  auto reader = ring.log.reader({.number = 1});
  auto run = reader.read(no_limit);
  CHECK(run.count == 3);
  CHECK(reader.read(no_limit).count == 0);
  layout.entry(0, 4) = Entry::skip(5).word();
  CHECK(reader.read(no_limit).count == 0);
  layout.entry(0, 3) = Entry::skip(4).word();
  run = reader.read(no_limit);
  CHECK(run.count == 1);
  CHECK(run.first == 6);
  CHECK(run.missed == 0);
  for (std::uint64_t start = 1; start <= 6; ++start) {
    CAPTURE(start);
    auto other = ring.log.reader({.number = start});
    std::uint64_t delivered = 0;
    for (run = other.read(no_limit); run.count != 0; run = other.read(no_limit)) {
      CHECK(run.missed == 0);
      delivered += run.count;
    }
    CHECK(delivered == (start <= 3 ? 5 - start : 1));
  }
  ring.log.close();
  CHECK(reader.read(no_limit).end);
}

TEST_CASE("a skipped record at the very end of a closed log is no reason to wait") {
  Ring<Log<>> ring{4096};
  const auto layout = ring.as<Layout>();
  const weir::Tail tail{layout.tail()};
  layout.tail() = tail.claim(1, 32).word();
  CHECK(ring.log.close() == 2);
  auto reader = ring.log.reader({.number = 1});
  CHECK_FALSE(reader.read(no_limit).end);
  layout.entry(0, 0) = Entry::skip(1).word();
  CHECK(reader.read(no_limit).end);
}

TEST_CASE("fresh memory is no record at numbers whose low 42 bits are zero, and those numbers work") {
  for (std::uint64_t before = 0; before < 4; ++before) {
    Ring<Log<>> ring{4096, (std::uint64_t{1} << 42) - before};
    auto reader = ring.log.reader({.number = ring.log.end()});
    auto writer = ring.log.writer();
    for (int i = 0; i < 6; ++i) {
      CHECK(reader.read(no_limit).count == 0);
      put(writer, "x");
      CHECK(reader.read(no_limit).count == 1);
    }
  }
}

TEST_CASE("runs end after about 12 KiB, at the limit and at the segment's end, and say what is unread") {
  Ring<Log<>> ring{1 << 18};  // segments of 32 KiB
  auto writer = ring.log.writer();
  const std::string text(1000, 't');
  for (int i = 0; i < 60; ++i) {
    put(writer, text);
  }
  auto reader = ring.log.reader({.number = 1});
  std::uint64_t position = 1;
  for (auto run = reader.read(no_limit); run.count != 0; run = reader.read(no_limit)) {
    CHECK(run.count * 1016 <= weir::read_bytes);
    position += run.count;
    CHECK((run.next_arrival != weir::Run::nothing_unread) == (position < 61));
  }
  CHECK(position == 61);
}

TEST_CASE("a record larger than the usual buffer is read whole") {
  Ring<Log<>> ring{1 << 20};
  auto writer = ring.log.writer();
  auto reader = ring.log.reader({.number = 1});
  for (std::size_t size = 10'000; size <= 32'000; size += 2'000) {
    const std::string text(size, static_cast<char>('a' + size / 1000 % 26));
    put(writer, text, "key");
    put(writer, "small", "key");
    auto run = reader.read(no_limit);
    REQUIRE(run.count >= 1);
    CHECK(reader.value(0) == text);
    if (run.count == 1) {
      run = reader.read(no_limit);
      REQUIRE(run.count == 1);
      CHECK(reader.value(0) == "small");
    } else {
      CHECK(reader.value(1) == "small");
    }
  }
}

#if !WEIR_THREAD_SANITIZER
TEST_CASE("a read that finds no memory for a large record loses neither the record nor the count of missed ones") {
  Ring<Log<>> ring{1 << 20};
  auto writer = ring.log.writer();
  auto reader = ring.log.reader({.number = 1});
  const std::string large(20'000, 'l');
  while (ring.log.oldest() == 1) {
    put(writer, large);
  }
  for (int again = 0; again < 2; ++again) {
    bool thrown = false;
    {
      const NoMemory none;
      try {
        reader.read(no_limit);
      } catch (const std::bad_alloc&) {
        thrown = true;
      }
    }
    CHECK(thrown);
    CHECK(reader.number() == 1);
  }
  const auto run = reader.read(no_limit);
  CHECK(run.missed == ring.log.oldest() - 1);
  CHECK(run.first == ring.log.oldest());
  REQUIRE(run.count == 1);
  CHECK(reader.value(0) == large);
  CHECK(reader.number() == ring.log.oldest() + 1);
}
#endif

TEST_CASE("a start that is still to come is where delivery begins, however much is put before it") {
  for (std::uint64_t ahead = 0; ahead < 12; ++ahead) {
    CAPTURE(ahead);
    Ring<Log<>> ring{256};
    auto writer = ring.log.writer();
    put(writer, std::string("before"));
    auto reader = ring.log.reader({.number = 2 + ahead});
    for (std::uint64_t i = 0; i <= ahead; ++i) {
      CHECK(reader.read(no_limit).count == 0);
      put(writer, std::string("text"));
    }
    const auto run = reader.read(no_limit);
    CHECK(run.first == 2 + ahead);
    CHECK(run.count == 1);
    CHECK(run.missed == 0);
  }
}

TEST_CASE("a damaged ring whose segments all begin alike is read to an end") {
  Ring<Log<>> ring{4096};
  const auto layout = ring.as<Layout>();
  for (std::uint64_t segment = 0; segment < layout.segments(); ++segment) {
    layout.first(segment) = 1;
  }
  auto reader = ring.log.reader({.number = 1});
  CHECK(reader.read(no_limit).count == 0);
}

}  // namespace
