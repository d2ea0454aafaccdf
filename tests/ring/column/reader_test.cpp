#include "weir/ring/column/reader.hpp"

#include <doctest/doctest.h>

#include <memory>
#include <set>

#include "ring/ring.hpp"
#include "weir/ring/column/log.hpp"

namespace {

using namespace weir::support;
template <weir::Options options, class Env = weir::DefaultEnv>
using Log = weir::ColumnLog<Wide, options, Env>;
constexpr weir::CoarseClock now{};

template <weir::Options options>
void at_each_border(std::uint64_t capacity) {
  CAPTURE(capacity);
  for (std::uint64_t put_before = 0; put_before <= 3 * capacity; ++put_before) {
    for (std::uint64_t behind = 0; behind <= std::min(put_before, 2 * capacity); ++behind) {
      Ring<Log<options>> ring{capacity};
      auto writer = ring.log.writer();
      for (std::uint64_t number = 1; number <= put_before; ++number) {
        put(writer, Wide{number});
      }
      const auto start = 1 + put_before - behind;
      const auto oldest = ring.log.oldest();
      auto reader = ring.log.reader({.number = start});
      std::uint64_t position = start;
      std::uint64_t missed = 0;
      for (auto run = reader.read(no_limit); run.count + run.missed != 0; run = reader.read(no_limit)) {
        missed += run.missed;
        REQUIRE(run.first == position + run.missed);
        for (std::size_t i = 0; i < run.count; ++i) {
          CHECK(reader.value(i) == Wide{run.first + i});
        }
        position = run.first + run.count;
      }
      CHECK(position == put_before + 1);
      CHECK(missed == (start < oldest ? oldest - start : 0));
    }
  }
}

TEST_CASE("a reader that was lapped by any number of records misses exactly those below the oldest") {
  for (const std::uint64_t capacity : {1U, 2U, 4U, 8U, 16U}) {
    at_each_border<single>(capacity);
    at_each_border<multiple>(capacity);
  }
}

/// Reads with `burst` records put by somebody else in the middle, at every place where that can be.
template <weir::Options options>
void overtaken(std::uint64_t capacity, std::uint64_t before, std::uint64_t burst, std::size_t limit, bool at_horizon) {
  CAPTURE(capacity);
  CAPTURE(before);
  CAPTURE(burst);
  CAPTURE(limit);
  CAPTURE(at_horizon);
  at_every_access([&](std::uint64_t after) {
    CAPTURE(after);
    Ring<Log<options>> ring{capacity};
    auto writer = ring.log.writer();
    for (std::uint64_t number = 1; number <= before; ++number) {
      put(writer, Wide{number});
    }
    auto reader = ring.template as<Log<options, InterruptedEnv>>().reader({.number = 1, .at_horizon = at_horizon});
    bool happened = false;
    std::uint64_t missed = 0;
    std::uint64_t delivered = 0;
    std::uint64_t position = 1;
    bool known = !at_horizon;
    const auto read = [&] {
      const auto run = reader.read(limit);
      missed += run.missed;
      delivered += run.count;
      position += run.missed;
      if (run.count != 0) {
        CHECK((run.first == position || !known));
        if (!known) {
          CHECK(missed == 0);  // the horizon was resolved by this record
          delivered += run.first - position;
          position = run.first;
        }
        known = true;
        for (std::size_t i = 0; i < run.count; ++i) {
          CHECK(reader.value(i) == Wide{run.first + i});
        }
        position += run.count;
      }
      return run.count != 0;
    };
    {
      const Interruption interruption{after, [&] {
                                        for (std::uint64_t number = before + 1; number <= before + burst; ++number) {
                                          put(writer, Wide{number});
                                        }
                                      }};
      const bool told = read() || missed != 0;
      CHECK((told || before == 0 || at_horizon));  // something was due before the read began
      happened = interruption.happened();
    }
    const auto end = ring.log.end();
    while (read()) {
    }
    CHECK(position == end);
    CHECK(missed + delivered == end - 1);
    return happened;
  });
}

template <weir::Options options>
void overtaken_anywhere() {
  for (const std::uint64_t capacity : {1U, 2U, 4U, 8U}) {
    for (const auto before : {std::uint64_t{0}, std::uint64_t{1}, capacity, capacity + 3}) {
      for (const auto burst : {std::uint64_t{1}, capacity / 2, capacity - 1, capacity, capacity + 1, 3 * capacity}) {
        for (const std::size_t limit : {std::size_t{1}, std::size_t{3}, no_limit}) {
          overtaken<options>(capacity, before, burst, limit, false);
          overtaken<options>(capacity, before, burst, limit, true);
        }
      }
    }
  }
}

TEST_CASE("a reader overtaken anywhere by one producer gets whole records and an exact account") {
  overtaken_anywhere<single>();
}
TEST_CASE("a reader overtaken anywhere by many producers gets whole records and an exact account") {
  overtaken_anywhere<multiple>();
}
TEST_CASE("the same without arrival times") {
  overtaken_anywhere<multiple_untimed>();
}

/// Whatever the writers do, a read that found records and could keep none must not pass for caught up.
template <weir::Options options>
void lapped_at_every_access(bool at_horizon) {
  CAPTURE(at_horizon);
  Ring<Log<options>> ring{4};
  auto writer = ring.log.writer();
  std::uint64_t number = 0;
  const auto lap = [&] {
    for (int i = 0; i < 4; ++i) {
      put(writer, Wide{++number});
    }
  };
  lap();
  auto reader = ring.template as<Log<options, InterruptedEnv>>().reader({.number = 1, .at_horizon = at_horizon});
  {
    const Interruption lapping{0, lap, Interruption::Repeat::always};
    const auto run = reader.read(no_limit);
    CHECK(run.count == 0);
    CHECK(run.missed != 0);
    CHECK_FALSE(run.end);
  }
  const auto position = reader.number();
  const auto run = reader.read(no_limit);
  CHECK(run.count != 0);
  CHECK(run.first == position + run.missed);
}

TEST_CASE("a reader that is overtaken at every try says that it missed something, from the horizon too") {
  for (const bool at_horizon : {false, true}) {
    lapped_at_every_access<single>(at_horizon);
    lapped_at_every_access<multiple>(at_horizon);
    lapped_at_every_access<multiple_untimed>(at_horizon);
  }
}

TEST_CASE("a reader interrupted anywhere by claims that are finished, given up or left open is not misled") {
  constexpr std::uint64_t capacity = 32;  // claims of up to 4
  using Layout = weir::ColumnLayout<Wide, multiple, weir::DefaultEnv>;
  for (const std::uint64_t before : {0U, 7U, 40U}) {
    for (const std::uint64_t start_behind : {0U, 3U, 20U}) {
      for (int kind = 0; kind < 4; ++kind) {
        CAPTURE(before);
        CAPTURE(start_behind);
        CAPTURE(kind);
        at_every_access([&](std::uint64_t after) {
          CAPTURE(after);
          Ring<Log<multiple>> ring{capacity};
          const auto layout = ring.as<Layout>();
          auto writer = ring.log.writer();
          for (std::uint64_t i = 0; i < before; ++i) {
            put(writer, Wide{ring.log.end()});
          }
          std::set<std::uint64_t> skipped;
          weir::Claim open;
          weir::Claim given_up;
          const auto start = ring.log.end() - std::min(start_behind, before);
          auto reader = ring.as<Log<multiple, InterruptedEnv>>().reader({.number = start});
          std::uint64_t position = start;
          std::uint64_t missed = 0;
          const auto read = [&] {
            const auto run = reader.read(no_limit);
            missed += run.missed;
            for (std::size_t i = 0; i < run.count; ++i) {
              CHECK(reader.value(i) == Wide{run.first + i});
              CHECK(!skipped.contains(run.first + i));
            }
            if (run.count != 0) {
              CHECK(run.first >= position + run.missed);
              for (auto number = position + run.missed; number < run.first; ++number) {
                CHECK(skipped.contains(number));
              }
              CHECK((open.count == 0 || run.first + run.count <= open.first));
              position = run.first + run.count;
            } else {
              position += run.missed;
            }
            return run.count != 0;
          };
          bool happened = false;
          {
            const Interruption interruption{after, [&] {
                                              put(writer, Wide{ring.log.end()});
                                              writer.try_claim(now, 3, given_up);
                                              for (auto number = given_up.first;
                                                   number < given_up.first + given_up.count; ++number) {
                                                skipped.insert(number);
                                              }
                                              writer.skip(given_up);
                                              for (int i = 0; i < kind * 8; ++i) {
                                                put(writer, Wide{ring.log.end()});
                                              }
                                              writer.try_claim(now, 2, open);
                                              put(writer, Wide{ring.log.end()});
                                            }};
            read();
            happened = interruption.happened();
          }
          while (read()) {
          }
          if (happened) {
            for (std::uint64_t number = open.first; number < open.first + open.count; ++number) {
              layout.store(number, Wide{number}, open.arrived);
            }
            writer.finish(std::exchange(open, {}));
            CHECK(read());
            while (read()) {
            }
          }
          CHECK(position == ring.log.end());
          return happened;
        });
      }
    }
  }
}

TEST_CASE("a run never crosses the ring's end, so that its values lie side by side") {
  Ring<Log<single>> ring{8, 6};
  auto writer = ring.log.writer();
  auto reader = ring.log.reader({.number = 6});
  for (std::uint64_t number = 6; number < 12; ++number) {
    put(writer, Wide{number});
  }
  auto run = reader.read(no_limit);
  CHECK(run.count == 2);
  CHECK(reader.values().size() == 2);
  run = reader.read(no_limit);
  CHECK(run.first == 8);
  CHECK(run.count == 4);
}

struct alignas(128) Aligned {
  std::uint64_t number;
  std::uint64_t others[15];
};

TEST_CASE("the buffer is aligned as the payload is, and a payload larger than it is read one by one") {
  using Logged = weir::ColumnLog<Aligned, single, weir::DefaultEnv>;
  Ring<Logged> ring{8};
  auto writer = ring.log.writer();
  for (std::uint64_t number = 1; number <= 3; ++number) {
    put(writer, Aligned{number, {}});
  }
  auto reader = ring.log.reader({.number = 1});
  REQUIRE(reader.read(no_limit).count == 3);
  CHECK(reinterpret_cast<std::uintptr_t>(&reader.value(0)) % 128 == 0);
  CHECK(reader.value(2).number == 3);

  struct Huge {
    std::uint64_t words[weir::read_bytes / 8 + 10];
  };
  Ring<weir::ColumnLog<Huge, multiple, weir::DefaultEnv>> large{8};
  auto huge_writer = large.log.writer();
  const auto huge = std::make_unique<Huge>();
  for (std::uint64_t number = 1; number <= 3; ++number) {
    huge->words[0] = huge->words[weir::read_bytes / 8 + 9] = number;
    put(huge_writer, *huge);
  }
  auto huge_reader = large.log.reader({.number = 1});
  for (std::uint64_t number = 1; number <= 3; ++number) {
    REQUIRE(huge_reader.read(no_limit).count == 1);
    CHECK(huge_reader.value(0).words[0] == number);
    CHECK(huge_reader.value(0).words[weir::read_bytes / 8 + 9] == number);
  }
}

}  // namespace
