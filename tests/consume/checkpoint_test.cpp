#include "weir/consume/checkpoint.hpp"

#include <doctest/doctest.h>

#include <array>
#include <cstring>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "conformance/checkpoint.hpp"
#include "stream/rings.hpp"

namespace {

using namespace weir::stream_tests;
using weir::Cause;
using weir::Errc;
using weir::MemoryCheckpoints;
using weir::Position;
using weir::Rewind;
using weir::ShardId;

/// The least that the concept asks for: no defaults, no copies, and no const.
class MinimalCheckpoints {
 public:
  weir::Result<void> save(std::string_view application, ShardId shard, const Position& position,
                          std::span<const std::byte> state, Rewind rewind) {
    return checkpoints_.save(application, shard, position, state, rewind);
  }
  weir::Result<std::optional<weir::Checkpoint>> load(std::string_view application, ShardId shard) {
    return checkpoints_.load(application, shard);
  }
  weir::Result<void> remove(std::string_view application, ShardId shard) {
    return checkpoints_.remove(application, shard);
  }

 private:
  MemoryCheckpoints checkpoints_;
};

TEST_CASE("MemoryCheckpoints keep the laws of checkpoints") {
  weir::conformance::checkpoint_conformance<MemoryCheckpoints>([] { return MemoryCheckpoints{}; });
}

TEST_CASE("the laws use no more of a store than the concept says") {
  weir::conformance::checkpoint_conformance<MinimalCheckpoints>([] { return MinimalCheckpoints{}; });
}

struct WithoutRemove {
  weir::Result<void> save(std::string_view, ShardId, const Position&, std::span<const std::byte>, Rewind);
  weir::Result<std::optional<weir::Checkpoint>> load(std::string_view, ShardId);
};
struct LoadsAPosition : MinimalCheckpoints {
  weir::Result<std::optional<Position>> load(std::string_view, ShardId);
};
static_assert(!weir::checkpoint_store<WithoutRemove> && !weir::checkpoint_store<LoadsAPosition>);

TEST_CASE("the order of checkpoints: a moment, the horizon, the tip, numbers by the first record they deliver") {
  const auto at = [](std::uint64_t n) { return Position::at({n, ShardId{0}, weir::Incarnation{1}}); };
  const auto after = [](std::uint64_t n) { return Position::after({n, ShardId{0}, weir::Incarnation{1}}); };
  constexpr auto largest = std::numeric_limits<std::uint64_t>::max();
  const std::vector<std::vector<Position>> order{
      {Position::at_timestamp({}), Position::at_timestamp(weir::Timestamp{std::chrono::milliseconds{9}})},
      {Position::trim_horizon()},
      {Position::latest()},
      {at(0)},
      {after(0), at(1)},
      {after(1), at(2)},
      {at(largest), after(largest), after(largest - 1)}};
  for (std::size_t i = 0; i < order.size(); ++i) {
    for (std::size_t j = 0; j < order.size(); ++j) {
      for (const auto& a : order[i]) {
        for (const auto& b : order[j]) {
          CAPTURE(i);
          CAPTURE(j);
          CHECK(weir::precedes(a, b) == (i < j));
        }
      }
    }
  }
  static_assert(weir::precedes(Position::trim_horizon(), Position::latest()));
}

TEST_CASE("refusals name what was given and what stands in the way") {
  MemoryCheckpoints store;
  const auto position = [](std::uint64_t n, std::uint32_t shard, std::uint32_t incarnation) {
    return Position::at({n, ShardId{shard}, weir::Incarnation{incarnation}});
  };
  REQUIRE(store.save("app", ShardId{3}, position(70, 3, 5)));
  check_refused(store.save("app", ShardId{3}, position(69, 3, 5)), Errc::invalid_argument, Cause::behind_checkpoint,
                {"69", "70", "Rewind::allowed"});
  check_refused(store.save("app", ShardId{3}, position(71, 4, 5)), Errc::invalid_argument, Cause::foreign_shard,
                {"shard 4", "shard 3"});
  check_refused(store.save("app", ShardId{3}, position(71, 3, 6)), Errc::invalid_argument, Cause::foreign_incarnation,
                {"incarnation 6", "incarnation 5"});
  check_refused(store.save("app", ShardId{3}, Position::last(12)), Errc::invalid_argument, Cause::relative_checkpoint,
                {"last(12)", "position()"});
  CHECK(store.load("app", ShardId{3}).value()->position == position(70, 3, 5));
}

TEST_CASE_TEMPLATE("an application that stops anywhere goes on there, with its sum", Ring, ManyColumns, OneColumn,
                   Texts) {
  Numbered<Ring> shard;
  shard.put_more(40);
  MemoryCheckpoints store;
  REQUIRE(store.save("sum", ShardId{0}, Position::trim_horizon()));
  const auto resume = [&] {
    const auto checkpoint = store.load("sum", ShardId{0}).value().value();
    std::uint64_t sum = 0;
    if (checkpoint.state.size() == sizeof sum) {
      std::memcpy(&sum, checkpoint.state.data(), sizeof sum);
    }
    return std::pair{shard.at(checkpoint.position), sum};
  };
  for (std::size_t limit = 1; limit <= 8; ++limit) {  // each life reads a few records and stops
    auto [iterator, sum] = resume();
    const auto batch = iterator.read_up_to(limit);
    CHECK(batch.missed() == 0);
    for (const auto& record : batch) {
      sum += Ring::number_in(record.value());
    }
    REQUIRE(store.save("sum", ShardId{0}, iterator.position(), std::as_bytes(std::span{&sum, 1})));
  }
  auto [iterator, sum] = resume();
  const auto next = iterator.position().sequence_number().value();
  CHECK(next > 8);  // a batch may be shorter than its limit, never empty
  CHECK(sum == next * (next - 1) / 2);
  CHECK(rest_of<Ring>(iterator).numbers == from_to(next, 40));
}

TEST_CASE_TEMPLATE("a checkpoint that fell out of retention resumes at the horizon and tells the gap", Ring,
                   ManyColumns, OneColumn, Texts) {
  Numbered<Ring> shard;
  shard.put_more(5);
  MemoryCheckpoints store;
  {
    auto iterator = shard.at(Position::trim_horizon());
    CHECK(iterator.read_up_to(3).size() == 3);
    REQUIRE(store.save("app", ShardId{0}, iterator.position()));
  }
  shard.lap();
  auto iterator = shard.at(store.load("app", ShardId{0}).value()->position);
  const auto oldest = shard.oldest();
  const auto rest = rest_of<Ring>(iterator);
  CHECK(rest.missed == oldest - 4);
  CHECK(rest.numbers == from_to(oldest, shard.count));
}

TEST_CASE("a checkpoint of an earlier stream of the same name is not resumed from") {
  MemoryCheckpoints store;
  {
    Numbered<Texts> shard;
    const auto put = shard.put();
    REQUIRE(store.save("app", ShardId{0}, Position::after(put)));
  }
  Numbered<Texts> anew;
  const auto position = store.load("app", ShardId{0}).value()->position;
  check_refused(anew.stream.iterator(ShardId{0}, position), Errc::invalid_argument, Cause::foreign_incarnation,
                {"created anew"});
}

}  // namespace
