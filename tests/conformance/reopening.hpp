/// A stream goes on where it was when its storage is opened again: checked for any storage that can be.
#pragma once

#include <doctest/doctest.h>

#include <string>
#include <utility>
#include <vector>

#include "stream/rings.hpp"
#include "weir/consume/checkpoint.hpp"
#include "weir/stream/stream.hpp"

namespace weir::conformance {

namespace reopening {

using stream_tests::check_refused;
using stream_tests::from_to;
using stream_tests::rest_of;

/// A stream of the ring's payload in the place's storage.
template <class Ring, class Place>
using StreamIn = Stream<typename Ring::payload, typename Place::storage_type, Ring::options>;

template <class Ring, class Place>
auto open(Place& place, const StreamConfig& config = {.capacity = Ring::capacity}) {
  return StreamIn<Ring, Place>::open(config, place.storage());
}

template <class Ring, class Place>
void goes_on() {
  Place place;
  SequenceNumber third;
  Position position = Position::trim_horizon();
  {
    auto stream = open<Ring>(place, {.name = "kept", .shards = 3, .capacity = Ring::capacity}).value();
    const HashKey zero;
    for (std::uint64_t n = 1; n <= 5; ++n) {
      const auto put = stream.put({"key", &zero}, Ring::value_of(n)).value();
      third = n == 3 ? put.sequence_number : third;
    }
    auto iterator = stream.iterator(ShardId{0}, Position::trim_horizon()).value();
    CHECK(iterator.read_up_to(2).size() == 2);
    position = iterator.position();
  }
  auto stream = open<Ring>(place, {}).value();
  CHECK(stream.name() == "kept");
  CHECK(stream.incarnation() == third.incarnation());
  REQUIRE(stream.shards().size() == 3);
  const HashKey zero;
  for (std::uint64_t n = 6; n <= 9; ++n) {
    const auto put = stream.put({"key", &zero}, Ring::value_of(n)).value();
    CHECK(put.sequence_number.value() == n);
    CHECK(put.sequence_number > third);
  }
  auto resumed = stream.iterator(ShardId{0}, position).value();
  CHECK(rest_of<Ring>(resumed).numbers == from_to(3, 9));
  auto after = stream.iterator(ShardId{0}, Position::after(third)).value();
  CHECK(rest_of<Ring>(after).numbers == from_to(4, 9));
  auto all = stream.iterator(ShardId{0}, Position::trim_horizon()).value();
  CHECK(rest_of<Ring>(all).numbers == from_to(1, 9));
}

template <class Ring, class Place>
void goes_on_after_any_number_of_records() {
  Place place;
  std::uint64_t count = 0;
  for (const std::uint64_t more : {0U, 1U, 62U, 1U, 1U, 64U, 500U, 7U, 0U}) {
    CAPTURE(count);
    auto stream = open<Ring>(place).value();
    const auto seen = [&] {
      auto iterator = stream.iterator(ShardId{0}, Position::trim_horizon()).value();
      return rest_of<Ring>(iterator).numbers;
    };
    if (count > 0) {
      const auto numbers = seen();
      REQUIRE_FALSE(numbers.empty());
      CHECK(numbers == from_to(numbers.front(), count));
    }
    for (std::uint64_t i = 0; i < more; ++i) {
      ++count;
      CHECK(stream.put("key", Ring::value_of(count)).value().sequence_number.value() == count);
    }
    const auto retained = seen();
    CHECK((count == 0 ? retained.empty() : retained == from_to(retained.front(), count)));
  }
}

/// A twin that stays open retains what the reopened one does: reopening gives up nothing.
template <class Ring, class Place>
void retains_as_if_never_closed() {
  Place place;
  Place other;
  auto twin = open<Ring>(other).value();
  for (std::uint64_t n = 1; n <= 300;) {
    auto stream = open<Ring>(place).value();
    for (const auto next = n + 11; n < next; ++n) {
      stream.put("key", Ring::value_of(n)).value();
      twin.put("key", Ring::value_of(n)).value();
    }
    auto iterator = stream.iterator(ShardId{0}, Position::trim_horizon()).value();
    auto expected = twin.iterator(ShardId{0}, Position::trim_horizon()).value();
    REQUIRE(rest_of<Ring>(iterator).numbers == rest_of<Ring>(expected).numbers);
  }
}

template <class Ring, class Place>
void a_closed_stream_stays_closed() {
  Place place;
  {
    auto stream = open<Ring>(place).value();
    stream.put("key", Ring::value_of(1)).value();
    stream.close().value();
  }
  auto stream = open<Ring>(place).value();
  CHECK(stream.put("key", Ring::value_of(2)).error().code == Errc::closed);
  CHECK(stream.shards().front().ending->value() == 1);
  auto iterator = stream.iterator(ShardId{0}, Position::trim_horizon()).value();
  CHECK(rest_of<Ring>(iterator).numbers == from_to(1, 1));
  CHECK(iterator.at_end());
}

template <class Ring, class Place>
void what_contradicts_is_refused() {
  Place place;
  const auto unit = Ring::capacity.unit;
  const auto count = Ring::capacity.count;
  open<Ring>(place, {.name = "first", .shards = 2, .capacity = Ring::capacity}).value();
  check_refused(open<Ring>(place, {.name = "second"}), Errc::invalid_argument, Cause::other_name, {"another name"});
  for (const int shards : {1, 3}) {
    check_refused(open<Ring>(place, {.shards = shards}), Errc::invalid_argument, Cause::other_shards,
                  {std::to_string(shards) + " shards", " 2"});
  }
  check_refused(open<Ring>(place, {.capacity = {unit, count * 2}}), Errc::invalid_argument, Cause::other_capacity,
                {std::to_string(count), std::to_string(2 * count)});
  CHECK(open<Ring>(place, {.shards = 0}).error().cause == Cause::shard_count);
  CHECK(open<Ring>(place, {.capacity = {unit, count + 1}}).error().cause == Cause::capacity_not_power_of_two);
  CHECK(open<Ring>(place, {.name = "first", .shards = 2, .capacity = Ring::capacity}));
  CHECK(open<Ring>(place, {}));
}

struct Other {
  std::uint64_t number;
};

template <class Place>
void other_kinds_are_refused() {
  using Storage = typename Place::storage_type;
  constexpr Options single{.producers = Producers::single};
  constexpr Options dropped{.arrival = Arrival::dropped};
  Place place;
  Stream<std::uint64_t, Storage>::open({}, place.storage()).value().put("key", 7).value();
  check_refused(Stream<Other, Storage>::open({}, place.storage()), Errc::format, Cause::other_payload, {" 8 "});
  check_refused(Stream<std::uint32_t, Storage>::open({}, place.storage()), Errc::format, Cause::other_payload,
                {" 8 ", " 4"});
  check_refused(Stream<Bytes, Storage>::open({}, place.storage()), Errc::format, Cause::other_payload, {});
  check_refused(Stream<std::uint64_t, Storage, single>::open({}, place.storage()), Errc::format, Cause::other_options,
                {"line 5"});
  check_refused(Stream<std::uint64_t, Storage, dropped>::open({}, place.storage()), Errc::format, Cause::other_options,
                {"line 5"});
  auto stream = Stream<std::uint64_t, Storage>::open({}, place.storage()).value();
  auto iterator = stream.iterator(ShardId{0}, Position::trim_horizon()).value();
  CHECK(iterator.read().front().value() == 7);
}

template <class Place>
void a_record_limit_is_kept() {
  using Texts = Stream<std::string, typename Place::storage_type>;
  Place place;
  const auto capacity = bytes(4096);
  Texts::open({.capacity = capacity, .max_record = 50}, place.storage()).value();
  check_refused(Texts::open({.max_record = 60}, place.storage()), Errc::invalid_argument, Cause::other_record_limit,
                {" 60 ", " 50"});
  Place other;
  Texts::open({.capacity = capacity}, other.storage()).value();
  CHECK(Texts::open({.max_record = 98}, other.storage()));  // the most that the capacity takes, said or not
  auto stream = Texts::open({.max_record = 50}, place.storage()).value();
  CHECK(stream.put("k", std::string(49, 'x')));
  CHECK(stream.put("k", std::string(50, 'x')).error().cause == Cause::record_size);
}

template <class Ring, class Place>
void checkpoints_stay_good() {
  Place place;
  MemoryCheckpoints checkpoints;
  std::uint64_t next = 1;
  std::vector<std::uint64_t> got;
  for (int run = 0; run < 5; ++run) {
    auto stream = open<Ring>(place).value();
    for (int i = 0; i < 7; ++i) {
      stream.put("key", Ring::value_of(next++)).value();
    }
    const auto saved = checkpoints.load("app", ShardId{0}).value();
    auto iterator = stream.iterator(ShardId{0}, saved ? saved->position : Position::trim_horizon()).value();
    for (const auto& record : iterator.read_up_to(5)) {
      got.push_back(Ring::number_in(record.value()));
    }
    checkpoints.save("app", ShardId{0}, iterator.position()).value();
  }
  CHECK(got == from_to(1, got.size()));
  CHECK(got.size() > 5);
}

}  // namespace reopening

/// Call it in a TEST_CASE of its own. A `Place` is made empty and gives, as often as asked and one at a time, its
/// `storage()`: a `storage_type` that finds what the one before left.
template <class Place>
void reopening_conformance() {
  using stream_tests::ManyColumns;
  using stream_tests::OneColumn;
  using stream_tests::Texts;
  const auto for_each_ring = [](auto&& law) {
    law(ManyColumns{});
    law(OneColumn{});
    law(Texts{});
  };
  SUBCASE("numbers, positions and records go on") {
    for_each_ring([]<class Ring>(Ring) { reopening::goes_on<Ring, Place>(); });
  }
  SUBCASE("after any number of records") {
    for_each_ring([]<class Ring>(Ring) { reopening::goes_on_after_any_number_of_records<Ring, Place>(); });
  }
  SUBCASE("and nothing is given up") {
    for_each_ring([]<class Ring>(Ring) { reopening::retains_as_if_never_closed<Ring, Place>(); });
  }
  SUBCASE("a closed stream stays closed") {
    for_each_ring([]<class Ring>(Ring) { reopening::a_closed_stream_stays_closed<Ring, Place>(); });
  }
  SUBCASE("a config that contradicts is refused, one that does not is taken") {
    for_each_ring([]<class Ring>(Ring) { reopening::what_contradicts_is_refused<Ring, Place>(); });
  }
  SUBCASE("another payload and other options are refused") {
    reopening::other_kinds_are_refused<Place>();
  }
  SUBCASE("the largest record is kept") {
    reopening::a_record_limit_is_kept<Place>();
  }
  SUBCASE("checkpoints stay good") {
    for_each_ring([]<class Ring>(Ring) { reopening::checkpoints_stay_good<Ring, Place>(); });
  }
}

}  // namespace weir::conformance
