#include "weir/stream/writer.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <optional>
#include <string>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

#include "stream/lineage.hpp"
#include "stream/rings.hpp"
#include "support/watchdog.hpp"

namespace {

using namespace weir::stream_tests;
using weir::Cause;
using weir::Errc;
using weir::HashKey;
using weir::Position;
using weir::ShardId;

using OneStream = StreamOf<OneColumn>;
using ManyStream = StreamOf<ManyColumns>;

static_assert(!std::is_copy_constructible_v<OneStream::writer_type>, "its counters would be kept twice");
static_assert(std::is_nothrow_move_constructible_v<OneStream::writer_type>);

/// A single producer whose segments hold text.
struct OneText : Texts {
  static constexpr weir::Options options{.producers = weir::Producers::single};
};

TEST_CASE_TEMPLATE("a handle puts with its key into its shard", Ring, ManyColumns, OneColumn, Texts, OneText) {
  auto stream = StreamOf<Ring>::open({.shards = 3, .capacity = Ring::capacity}).value();
  auto writer = stream.writer("b").value();
  CHECK(writer.shard() == ShardId{1});
  CHECK(writer.key() == "b");
  const auto value = Ring::value_of(3);
  const typename StreamOf<Ring>::element element{value};
  const auto first = writer.put(Ring::value_of(1)).value();
  const auto second = writer.try_put(Ring::value_of(2)).value();
  const auto third = writer.put_all(std::span{&element, 1}).value();
  CHECK(first.shard == ShardId{1});
  CHECK(first.sequence_number < second.sequence_number);
  CHECK(second.sequence_number < third.first);
  CHECK(third.count == 1);
  auto iterator = stream.iterator(ShardId{1}, Position::trim_horizon()).value();
  const auto batch = iterator.read();
  CHECK(carried<Ring>(batch) == from_to(1, 3));
  if constexpr (Ring::capacity.unit == weir::Capacity::Unit::bytes) {
    CHECK(batch.back().partition_key() == "b");
  }
}

TEST_CASE_TEMPLATE("a handle follows an explicit hash key and puts across many laps", Ring, ManyColumns, OneColumn,
                   Texts, OneText) {
  auto stream = StreamOf<Ring>::open({.shards = 3, .capacity = Ring::capacity}).value();
  const auto hash = HashKey::largest();
  auto writer = stream.writer({"a", &hash}).value();
  CHECK(writer.shard() == ShardId{2});
  for (std::uint64_t n = 1; n <= 1000; ++n) {
    REQUIRE(writer.put(Ring::value_of(n)).value().sequence_number.value() == n);
  }
  auto iterator = stream.iterator(ShardId{2}, Position::last(20)).value();
  CHECK(rest_of<Ring>(iterator).numbers == from_to(981, 1000));
}

TEST_CASE_TEMPLATE("a handle refuses what the stream refuses", Ring, ManyColumns, OneColumn) {
  Numbered<Ring> shard;
  auto writer = shard.stream.writer("key").value();
  const std::vector<std::uint64_t> nine(9, 1);
  check_refused(writer.put_all(std::span{nine}), Errc::validation, Cause::batch_records, {"9", "8"});
  CHECK(writer.put_all(std::span{nine}.first(0)).value().count == 0);
  auto iterator = shard.at(Position::trim_horizon());
  CHECK_FALSE(iterator.read());
}

TEST_CASE_TEMPLATE("with a single producer a live handle keeps its shard to itself", Ring, OneColumn, OneText) {
  auto stream = StreamOf<Ring>::open({.shards = 3, .capacity = Ring::capacity}).value();
  const auto value = Ring::value_of(7);
  const typename StreamOf<Ring>::element element{value};
  auto writer = std::optional{stream.writer("b").value()};
  const auto held = [&] {
    check_refused(stream.put("b", value), Errc::resource_in_use, Cause::writer_held, {"shard 1"});
    check_refused(stream.try_put("f", value), Errc::resource_in_use, Cause::writer_held, {"shard 1"});
    check_refused(stream.put_all("b", std::span{&element, 1}), Errc::resource_in_use, Cause::writer_held, {"shard 1"});
    check_refused(stream.writer("f"), Errc::resource_in_use, Cause::writer_held, {"shard 1"});
    check_refused(stream.shard(ShardId{1}).value()->close(), Errc::resource_in_use, Cause::writer_held, {"shard 1"});
    std::vector<weir::Result<weir::Put>> results(2, weir::Failure{});
    const std::vector<typename StreamOf<Ring>::Entry> entries{{"b", element, {}}, {"a", element, {}}};
    CHECK(stream.put_batch(entries, results).value() == 1);
    check_refused(results[0], Errc::resource_in_use, Cause::writer_held, {"shard 1"});
    CHECK(results[1]);
  };
  held();
  CHECK(writer->put(value));
  CHECK(stream.put("e", value));  // other shards are free
  held();

  auto moved = std::move(*writer);
  writer.reset();
  held();
  CHECK(moved.put(value));
  {
    const auto last = std::move(moved);
    held();
  }
  CHECK(stream.put("b", value).value().sequence_number.value() == 3);  // nothing of what was refused is stored
  auto again = stream.writer("f").value();
  CHECK(again.put(value).value().sequence_number.value() == 4);
}

TEST_CASE("a handle that takes another's place frees its shard at once") {
  auto stream = OneStream::open({.shards = 3}).value();
  auto writer = stream.writer("a").value();
  auto other = stream.writer("b").value();
  writer = std::move(other);  // `other` lives on, and holds nothing
  CHECK(writer.shard() == ShardId{1});
  CHECK(stream.put("a", 1));
  check_refused(stream.put("b", 1), Errc::resource_in_use, Cause::writer_held, {"shard 1"});
  CHECK(writer.put(1));
}

TEST_CASE("close is refused while a handle lives, and closes nothing then") {
  auto stream = OneStream::open({.shards = 3}).value();
  {
    auto writer = stream.writer("b").value();
    check_refused(stream.close(), Errc::resource_in_use, Cause::writer_held, {"shard 1"});
    CHECK(stream.put("a", 1));
    CHECK(stream.put("e", 1));
    CHECK(writer.put(1));
  }
  CHECK(stream.close());
  check_refused(stream.put("b", 1), Errc::closed, Cause::shard_closed, {"shard 1"});
}

TEST_CASE_TEMPLATE("with many producers handles, puts and a close do not hinder each other", Ring, ManyColumns, Texts) {
  auto stream = StreamOf<Ring>::open({.shards = 3, .capacity = Ring::capacity}).value();
  auto first = stream.writer("b").value();
  auto second = stream.writer("f").value();
  const auto value = Ring::value_of(1);
  CHECK(first.put(value));
  CHECK(second.put(value));
  CHECK(stream.put("b", value));
  CHECK(first.put(value).value().sequence_number.value() == 4);
  stream.close().value();
  check_refused(first.put(value), Errc::closed, Cause::shard_closed, {"shard 1"});
  check_refused(second.try_put(value), Errc::closed, Cause::shard_closed, {"shard 1"});
  const typename StreamOf<Ring>::element element{value};
  check_refused(first.put_all(std::span{&element, 1}), Errc::closed, Cause::shard_closed, {"shard 1"});
  auto iterator = stream.iterator(ShardId{1}, Position::trim_horizon()).value();
  CHECK(iterator.read().size() == 4);
}

TEST_CASE_TEMPLATE("a handle of a closed stream is had, and says closed at every put", Ring, ManyColumns, OneColumn,
                   Texts) {
  Numbered<Ring> shard;
  shard.put();
  shard.stream.close().value();
  auto writer = shard.stream.writer("key").value();
  for (int i = 0; i < 3; ++i) {
    check_refused(writer.put(Ring::value_of(2)), Errc::closed, Cause::shard_closed, {"shard 0"});
  }
  auto iterator = shard.at(Position::trim_horizon());
  CHECK(rest_of<Ring>(iterator).numbers == Numbers{1});
}

/// The one open shard of a stream, cut in two under a handle or before one is made.
template <class Ring>
void split_of(Numbered<Ring>& owner, Lineage<StreamOf<Ring>>& lineage) {
  lineage.split(*owner.stream.shard(ShardId{0}).value(), end_of_lower_half, begin_of_upper_half, owner.env);
}

TEST_CASE_TEMPLATE("a live handle goes on with the shard that took over", Ring, ManyColumns, Texts) {
  Numbered<Ring> owner;
  Lineage<StreamOf<Ring>> lineage{1, owner.stream.incarnation(), Ring::capacity};
  auto writer = owner.stream.writer("key").value();
  CHECK(writer.put(Ring::value_of(1)).value().shard == ShardId{0});
  split_of(owner, lineage);
  const auto expected = owner.stream.put("key", Ring::value_of(2)).value().shard;
  CHECK(expected != ShardId{0});
  const auto value = Ring::value_of(3);
  const typename StreamOf<Ring>::element element{value};
  CHECK(writer.put_all(std::span{&element, 1}).value().shard == expected);
  CHECK(writer.put(value).value().shard == expected);
  CHECK(writer.try_put(value).value().shard == expected);
  CHECK(writer.shard() == expected);
}

TEST_CASE_TEMPLATE("a handle made for a shard that others took over from can put", Ring, ManyColumns, OneColumn,
                   Texts) {
  Numbered<Ring> owner;
  Lineage<StreamOf<Ring>> lineage{1, owner.stream.incarnation(), Ring::capacity};
  split_of(owner, lineage);
  auto writer = owner.stream.writer("key").value();
  CHECK(writer.put(Ring::value_of(1)).value().shard != ShardId{0});
}

TEST_CASE_TEMPLATE("a handle is not had for a bad key, whoever is asked", Ring, ManyColumns, OneColumn, Texts) {
  Numbered<Ring> owner;
  auto& shard = *owner.stream.shard(ShardId{0}).value();
  const std::string long_key(257, 'k');
  CHECK(shard.writer("").error().cause == Cause::key_empty);
  CHECK(shard.writer(long_key).error().cause == Cause::key_length);
  CHECK(shard.put("", Ring::value_of(1)).error().cause == Cause::key_empty);
  CHECK(shard.put(long_key, Ring::value_of(1)).error().cause == Cause::key_length);
  CHECK(shard.try_put(std::string(100'000, 'k'), Ring::value_of(1)).error().cause == Cause::key_length);
  CHECK(shard.put_all("", {}).error().cause == Cause::key_empty);
  CHECK(shard.log().end() == 1);
}

TEST_CASE("a single producer may be handed from thread to thread") {
  const weir::support::Watchdog watchdog{"a producer is handed over"};
  Numbered<OneColumn> shard;
  for (int turn = 0; turn < 20; ++turn) {
    std::jthread{[&] {
      auto writer = shard.stream.writer("key").value();
      static_cast<void>(writer.put(++shard.count));
      static_cast<void>(writer.put(++shard.count));
    }}.join();
    shard.put();
  }
  auto iterator = shard.at(Position::last(50));
  CHECK(rest_of<OneColumn>(iterator).numbers == from_to(11, 60));
}

}  // namespace
