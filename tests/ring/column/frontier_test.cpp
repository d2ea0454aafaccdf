#include "weir/ring/column/frontier.hpp"

#include <doctest/doctest.h>

#include "ring/ring.hpp"
#include "weir/ring/column/log.hpp"

namespace {

using namespace weir::support;
using weir::Claim;
using Log = weir::ColumnLog<Wide, multiple, weir::DefaultEnv>;
using Layout = weir::ColumnLayout<Wide, multiple, weir::DefaultEnv>;
using SingleLog = weir::ColumnLog<Wide, single, weir::DefaultEnv>;
using SingleLayout = weir::ColumnLayout<Wide, single, weir::DefaultEnv>;
constexpr weir::CoarseClock now{};

TEST_CASE("with one producer everything published may be read, whatever the reader knows") {
  Ring<SingleLog> ring{8};
  const auto layout = ring.as<SingleLayout>();
  auto writer = ring.log.writer();
  weir::detail::PublishedFrontier<SingleLayout> frontier{layout};
  for (std::uint64_t number = 1; number < 20; ++number) {
    std::uint64_t position = number;
    CHECK(frontier.reach(layout, ring.log.oldest(), position, 1) == number);
    CHECK_FALSE(frontier.ended(layout, position));
    put(writer, Wide{number});
    CHECK(frontier.reach(layout, ring.log.oldest(), position, 1) == number + 1);
    CHECK(position == number);
  }
  writer.close();
  std::uint64_t position = 20;
  CHECK(frontier.reach(layout, ring.log.oldest(), position, 1) == 20);
  CHECK(frontier.ended(layout, position));
}

TEST_CASE("with many the reach is the finished prefix, no farther ahead than wanted") {
  Ring<Log> ring{64};
  const auto layout = ring.as<Layout>();
  auto writer = ring.log.writer();
  for (std::uint64_t number = 1; number <= 10; ++number) {
    put(writer, Wide{number});
  }
  Claim claim;
  REQUIRE(writer.try_claim(now, 4, claim).status == weir::Append::Status::done);
  put(writer, Wide{15});
  for (std::uint64_t wanted = 1; wanted <= 20; ++wanted) {
    weir::detail::StampFrontier<Layout> frontier{layout};
    std::uint64_t position = 4;
    CHECK(frontier.reach(layout, 1, position, wanted) == std::min<std::uint64_t>(4 + wanted, 11));
    CHECK(position == 4);
  }
  writer.finish(claim);
  weir::detail::StampFrontier<Layout> frontier{layout};
  std::uint64_t position = 12;  // in the middle of the run
  CHECK(frontier.reach(layout, 1, position, 100) == 16);
  CHECK(position == 12);
}

TEST_CASE("a skipped run ends the reach; a position in it moves to its end") {
  Ring<Log> ring{64};
  const auto layout = ring.as<Layout>();
  auto writer = ring.log.writer();
  for (std::uint64_t number = 1; number <= 3; ++number) {
    put(writer, Wide{number});
  }
  Claim claim;
  REQUIRE(writer.try_claim(now, 4, claim).status == weir::Append::Status::done);
  writer.skip(claim);
  put(writer, Wide{8});
  for (std::uint64_t position = 1; position <= 8; ++position) {
    CAPTURE(position);
    weir::detail::StampFrontier<Layout> frontier{layout};
    auto moved = position;
    const auto reach = frontier.reach(layout, 1, moved, 100);
    if (position < 4) {
      CHECK(reach == 4);
      CHECK(moved == position);
    } else {
      CHECK(reach == 9);
      CHECK(moved == 8);
    }
  }
}

TEST_CASE("below what is done a start in the middle of a skipped run is moved to its end, too") {
  Ring<Log> ring{64};
  const auto layout = ring.as<Layout>();
  auto writer = ring.log.writer();
  put(writer, Wide{1});
  Claim claim;
  REQUIRE(writer.try_claim(now, 4, claim).status == weir::Append::Status::done);
  writer.skip(claim);
  put(writer, Wide{6});
  layout.done() = 7;
  for (std::uint64_t position = 2; position <= 5; ++position) {
    weir::detail::StampFrontier<Layout> frontier{layout};
    auto moved = position;
    CHECK(frontier.reach(layout, 1, moved, 100) == 7);
    CHECK(moved == 6);
  }
}

TEST_CASE("a frontier that fell behind goes on from `done`, which is never below the oldest intact number") {
  Ring<Log> ring{16};
  const auto layout = ring.as<Layout>();
  auto writer = ring.log.writer();
  weir::detail::StampFrontier<Layout> frontier{layout};
  for (std::uint64_t number = 1; number <= 100; ++number) {
    put(writer, Wide{number});
    CHECK(layout.done() >= ring.log.oldest());
    if (number % 17 == 0) {
      auto position = ring.log.oldest();
      CHECK(frontier.reach(layout, position, position, 100) == number + 1);
      CHECK(position == ring.log.oldest());
    }
  }
}

TEST_CASE(
    "a frontier that is overtaken while it walks asks each record that it has not walked whether it was given up") {
  Ring<Log> ring{2};
  const auto layout = ring.as<Layout>();
  auto writer = ring.log.writer();
  put(writer, Wide{1});
  weir::detail::StampFrontier<Layout> frontier{layout};
  std::uint64_t position = 1;
  REQUIRE(frontier.reach(layout, 1, position, 2) == 2);
  position = 2;
  put(writer, Wide{2});
  Claim claim;
  REQUIRE(writer.try_claim(now, 1, claim).status == weir::Append::Status::done);
  writer.skip(claim);
  put(writer, Wide{4});
  layout.done() = 4;  // a producer is about to raise the limit for number 5
  // The reader looked at the limit before: 2 counts as intact, and the check after its copy will find out.
  CHECK(frontier.reach(layout, 2, position, 3) == 3);
  CHECK(position == 2);
}

TEST_CASE("the end is where the closer said, and not before everything was read") {
  Ring<Log> ring{16};
  const auto layout = ring.as<Layout>();
  auto writer = ring.log.writer();
  put(writer, Wide{1});
  const weir::detail::StampFrontier<Layout> frontier{layout};
  CHECK_FALSE(frontier.ended(layout, 2));
  writer.close();
  CHECK_FALSE(frontier.ended(layout, 1));
  CHECK(frontier.ended(layout, 2));
}

}  // namespace
