#include "weir/ring/gate.hpp"

#include <doctest/doctest.h>

#include "ring/zeroed_bytes.hpp"
#include "weir/core/env.hpp"

namespace {

using weir::detail::Versioned;
using Gate = weir::Gate<weir::HardwareMemory>;

TEST_CASE("a number is made whole again beside any that is less than half its period away") {
  for (const std::uint64_t near : {1ULL, (1ULL << 32) - 1, 1ULL << 32, (1ULL << 48) - 2, 1ULL << 62}) {
    for (const std::int64_t apart : {0LL, 1LL, -1LL, 1000LL, (1LL << 31) - 1, -(1LL << 31) + 1}) {
      const auto number = near + static_cast<std::uint64_t>(apart);
      const Versioned<32> word{7, number};
      CHECK(word.version() == 7);
      CHECK(word.number(near) == number);
      CHECK(Versioned<48>{65'535, number}.number(near) == number);
    }
  }
  CHECK(Versioned<48>{65'536, 5}.version() == 0);  // a registration of 16 bits comes round
}

/// A gate of `places` readers before a ring of `capacity` records that begins at `first`; `end` is what was written.
struct Fixture {
  explicit Fixture(std::uint64_t capacity, std::uint64_t places = 4, std::uint64_t first = 1)
      : bytes(Gate::footprint(places)), gate(limit, bytes.span().data(), places, capacity), end(first) {
    gate.begin(first, false);
  }
  auto near() {
    return [this] { return end; };
  }
  /// Writes up to `number` if the gate lets it.
  bool write_to(std::uint64_t number) {
    if (gate.raise(number, near()).limit < number) {
      return false;
    }
    end = number;
    return true;
  }

  std::uint64_t limit = 0;
  weir::support::ZeroedBytes bytes;
  Gate gate;
  std::uint64_t end;
};

TEST_CASE("without readers the gate lets a capacity pass and stands where the furthest left") {
  Fixture f{32};
  CHECK(f.write_to(33));
  CHECK_FALSE(f.write_to(34));
  CHECK(f.gate.raise(34, f.near()).slowest == 1);
  {
    auto reader = f.gate.enter(1, f.near());
    REQUIRE(reader);
    CHECK(reader.release(20));
  }
  CHECK(f.write_to(52));
  CHECK_FALSE(f.write_to(53));
  {
    const auto behind = f.gate.enter(20, f.near());  // leaves no further on: the floor stays
  }
  CHECK_FALSE(f.write_to(53));
}

TEST_CASE("from the moment it is seen a reader stands where something still is, however far back it asked") {
  Fixture f{32, 4, std::uint64_t{1} << 62};
  int looks = 0;
  const auto reader = f.gate.enter(1, [&] {
    if (const auto seen = f.gate.reader(0, f.end)) {
      CHECK(seen->number == f.end);
      ++looks;
    }
    return f.end;
  });
  CHECK(reader.number() == f.end);
  CHECK(looks > 0);
}

TEST_CASE("an eviction takes the place of the reader that it names, and of nobody else") {
  Fixture f{32};
  CHECK_FALSE(f.gate.evict({}, f.end));  // nobody was ever there
  const auto first = f.gate.enter(1, f.near());
  const auto gone = first.place();
  CHECK(f.gate.evict(gone, f.end));
  CHECK_FALSE(f.gate.evict(gone, f.end));
  auto second = f.gate.enter(1, f.near());
  REQUIRE(second.place().place == gone.place);
  CHECK_FALSE(f.gate.evict(gone, f.end));
  CHECK(second.release(1));
  CHECK(f.gate.evict(second.place(), f.end));
  CHECK_FALSE(second.release(1));
}

TEST_CASE("the limit rises in steps of a sixteenth, so that a late reader finds the rest") {
  Fixture f{32};
  auto reader = f.gate.enter(1, f.near());
  REQUIRE(f.write_to(33));
  CHECK(reader.release(33));
  CHECK(f.gate.oldest(f.near()) == 1);
  REQUIRE(f.write_to(34));
  CHECK(f.gate.oldest(f.near()) == 3);
  REQUIRE(f.write_to(36));
  CHECK(f.gate.oldest(f.near()) == 5);
  const auto late = f.gate.enter(1, f.near());
  CHECK(late.number() == 5);
  CHECK(f.write_to(37));
  CHECK_FALSE(f.write_to(38));  // late holds now
}

TEST_CASE("a reader registers where it asks, not below what is protected nor above what is finished") {
  Fixture f{16};
  auto first = f.gate.enter(1, f.near());
  REQUIRE(f.write_to(17));
  REQUIRE(first.release(17));
  REQUIRE(f.write_to(25));
  CHECK(f.gate.enter(1, f.near()).number() == f.gate.oldest(f.near()));
  CHECK(f.gate.enter(20, f.near()).number() == 20);
  CHECK(f.gate.enter(1000, f.near()).number() == 25);
}

TEST_CASE("each registration changes the version, so that a raise begun before it fails") {
  Fixture f{8};
  const auto version = [&] { return f.limit >> 32U; };
  const auto before = version();
  auto one = f.gate.enter(1, f.near());
  auto two = f.gate.enter(1, f.near());
  CHECK(version() == before + 2);
  CHECK(one.place() != two.place());
  one = {};
  CHECK(version() == before + 2);
  CHECK(f.gate.enter(1, f.near()).place().place == 0);
}

TEST_CASE("a gate that is held lets nothing pass beyond where it begins, whoever reads, until it is let go") {
  weir::support::ZeroedBytes bytes{Gate::footprint(2)};
  std::uint64_t limit = 0;
  const Gate gate{limit, bytes.span().data(), 2, 8};
  const auto end = [] { return std::uint64_t{30}; };
  gate.begin(10, true);
  CHECK(gate.held());
  CHECK(gate.deserted());
  CHECK(gate.raise(18, end).limit == 18);
  CHECK(gate.raise(19, end).limit == 18);
  CHECK(gate.raise(19, end).slowest == 10);
  {
    auto reader = gate.enter(18, end);
    CHECK_FALSE(gate.deserted());
    CHECK(gate.raise(19, end).limit == 18);
  }
  CHECK(gate.left_at() == 18);
  gate.let_go();
  CHECK_FALSE(gate.held());
  gate.begin(10, true);  // somebody who began it, too, and was late
  CHECK_FALSE(gate.held());
  CHECK(gate.raise(26, end).limit == 26);
  CHECK(gate.raise(27, end).limit == 26);
}

TEST_CASE("places are counted, told and taken away") {
  Fixture f{8, 2};
  CHECK(f.gate.places() == 2);
  auto one = f.gate.enter(1, f.near());
  auto two = f.gate.enter(1, f.near());
  CHECK_FALSE(f.gate.enter(1, f.near()));
  REQUIRE(f.write_to(9));
  REQUIRE(two.release(5));
  CHECK(f.gate.reader(1, f.end)->number == 5);
  CHECK(f.gate.reader(1, f.end)->place == two.place());
  CHECK(f.gate.evict(one.place(), f.end));
  CHECK_FALSE(f.gate.reader(0, f.end));
  CHECK_FALSE(f.gate.evict(one.place(), f.end));
  CHECK_FALSE(one.release(3));
  CHECK(f.write_to(13));
  auto three = f.gate.enter(7, f.near());
  REQUIRE(three);
  CHECK(three.place().place == one.place().place);
  one = {};  // whoever has its place now keeps it
  CHECK(f.gate.reader(0, f.end)->number == 7);
  f.gate.evict_all(f.end);
  CHECK_FALSE(f.gate.reader(0, f.end));
  CHECK_FALSE(f.gate.reader(1, f.end));
}

TEST_CASE("a registration moves with its reader") {
  Fixture f{8, 2};
  auto one = f.gate.enter(1, f.near());
  auto moved = std::move(one);
  one = {};
  CHECK(f.gate.reader(0, f.end));
  auto other = f.gate.enter(1, f.near());
  moved = std::move(other);  // the place it had is free, and it has the other's
  CHECK_FALSE(f.gate.reader(0, f.end));
  CHECK(f.gate.reader(1, f.end)->place == moved.place());
}

TEST_CASE("before a ring of segments the limit is what all have released, and rises only to what is asked") {
  Fixture f{0};
  auto reader = f.gate.enter(1, f.near());
  f.end = 50;
  CHECK(f.gate.raise(10, f.near()).limit == 1);
  CHECK(reader.release(8));
  CHECK(f.gate.raise(10, f.near()).limit == 1);
  CHECK(f.gate.raise(10, f.near()).slowest == 8);
  CHECK(reader.release(30));
  CHECK(f.gate.raise(10, f.near()).limit == 10);
  CHECK(f.gate.oldest(f.near()) == 10);
}

}  // namespace
