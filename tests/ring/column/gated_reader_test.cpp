#include "weir/ring/column/gated_reader.hpp"

#include <doctest/doctest.h>

#include <vector>

#include "conformance/gated_log.hpp"
#include "ring/ring.hpp"
#include "weir/ring/column/log.hpp"

namespace {

using weir::Append;
using weir::Arrival;
using weir::Delivery;
using weir::Options;
using weir::Producers;
using weir::support::Ring;
using weir::support::Wide;

constexpr Options many{.delivery = Delivery::gated};
constexpr Options one{.producers = Producers::single, .arrival = Arrival::dropped, .delivery = Delivery::gated};

template <Options options>
using Log = weir::ColumnLog<Wide, options, weir::DefaultEnv>;

Wide sample(std::uint64_t index) {
  return Wide{index};
}

TEST_CASE("a gated column log of many producers keeps the laws of the gate") {
  weir::conformance::gated_log_conformance<Log<many>>(16, sample);
}
TEST_CASE("a gated column log of one producer, and of one record, keeps the laws of the gate") {
  weir::conformance::gated_log_conformance<Log<one>>(32, sample);
  weir::conformance::gated_laws::agrees<Log<one>>(1, 1, sample);
  weir::conformance::gated_laws::agrees<Log<many>>(1, 1, sample);
}

TEST_CASE("values lie in the ring, and a run leaves writers three quarters of it") {
  Ring<Log<many>> ring{16};
  auto writer = ring.log.writer();
  for (std::uint64_t i = 0; i < 16; ++i) {
    REQUIRE(writer.try_put(weir::CoarseClock{}, "", Wide{i}).status == Append::Status::done);
  }
  auto reader = ring.log.reader({.number = 1});
  const auto run = reader.read(weir::support::no_limit);
  CHECK(run.count == 4);
  CHECK(run.next_arrival != weir::Run::nothing_unread);
  REQUIRE(reader.values().size() == 4);
  const auto* bytes = reinterpret_cast<const std::byte*>(reader.values().data());
  CHECK(bytes >= ring.bytes.span().data());
  CHECK(bytes + sizeof(Wide) * 4 <= ring.bytes.span().data() + ring.bytes.span().size());
  auto next = ring.log.reader({.number = 2});
  REQUIRE(next.read(1).count == 1);
  CHECK(&next.value(0) == &reader.value(1));
}

TEST_CASE("what is behind an unfinished claim is neither read nor released, and a put that it holds is told so") {
  Ring<Log<many>> ring{16};
  auto reader = ring.log.reader({.number = 1});
  auto writer = ring.log.writer();
  weir::Claim claim;
  REQUIRE(writer.try_claim(weir::CoarseClock{}, 2, claim).status == Append::Status::done);
  while (writer.try_put(weir::CoarseClock{}, "", Wide{7}).status == Append::Status::done) {
  }
  CHECK(reader.read(weir::support::no_limit).count == 0);
  const auto stalled = writer.try_put(weir::CoarseClock{}, "", Wide{7});
  CHECK(stalled.status == Append::Status::stalled);
  CHECK(stalled.number == 16);
  writer.skip(claim);
  CHECK(reader.read(1).first == 3);
  CHECK(reader.read(1).first == 4);
  CHECK(writer.try_put(weir::CoarseClock{}, "", Wide{7}).status == Append::Status::done);
}

TEST_CASE("claims that were given up before a start neither hide what lies behind it nor are held") {
  Ring<Log<many>> ring{16};
  auto writer = ring.log.writer();
  for (std::uint64_t i = 0; i < 4; ++i) {
    REQUIRE(writer.try_put(weir::CoarseClock{}, "", Wide{i}).status == Append::Status::done);
    weir::Claim claim;
    REQUIRE(writer.try_claim(weir::CoarseClock{}, 1, claim).status == Append::Status::done);
    writer.skip(claim);
  }
  auto reader = ring.log.reader({.number = 7});
  CHECK(ring.log.gate().reader(0, 7)->number == 7);
  const auto run = reader.read(1);
  CHECK(run.count == 1);
  CHECK(run.first == 7);
}

TEST_CASE("a reader that found no place at first is given nothing that was given up before its start") {
  Ring<Log<many>> ring{16};
  auto writer = ring.log.writer();
  const auto put = [&](std::uint64_t value) {
    REQUIRE(writer.try_put(weir::CoarseClock{}, "", Wide{value}).status == Append::Status::done);
  };
  put(1);
  weir::Claim claim;
  REQUIRE(writer.try_claim(weir::CoarseClock{}, 2, claim).status == Append::Status::done);
  writer.skip(claim);
  put(4);
  std::vector<Log<many>::Reader> others;
  while (others.empty() || others.back().place()) {
    others.push_back(ring.log.reader({.number = 1}));
  }
  auto reader = ring.log.reader({.number = 3});
  REQUIRE_FALSE(reader.place());
  others.clear();
  const auto run = reader.read(10);
  CHECK(run.first == 4);
  CHECK(run.count == 1);
}

}  // namespace
