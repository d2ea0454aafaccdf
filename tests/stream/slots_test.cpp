#include "weir/stream/slots.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

#include "stream/lineage.hpp"
#include "stream/rings.hpp"
#include "support/aborts.hpp"
#include "support/watchdog.hpp"

namespace {

using namespace weir::stream_tests;
using weir::Cause;
using weir::Errc;
using weir::Position;
using weir::ShardId;

template <class Ring>
using SlotsOf = typename StreamOf<Ring>::slots_type;

static_assert(std::is_nothrow_move_constructible_v<SlotsOf<Texts>> && !std::is_copy_constructible_v<SlotsOf<Texts>>);
static_assert(std::is_same_v<SlotsOf<ManyColumns>::element, std::uint64_t>);
static_assert(std::is_same_v<SlotsOf<Texts>::element, std::byte>);
template <class W>
concept claims_from_temporary = requires(W writer) {
  std::move(writer).claim(1);
};
static_assert(!claims_from_temporary<StreamOf<Texts>::writer_type>, "the slots would outlive their handle");

/// Makes the slots carry the records from number `first` on: a number each, or one as text, zeros before it.
template <class Slots>
void fill(const Slots& slots, std::uint64_t first) {
  if constexpr (std::is_same_v<typename Slots::element, std::byte>) {
    auto rest = slots.span();
    for (; !rest.empty(); first /= 10) {
      rest.back() = static_cast<std::byte>('0' + first % 10);
      rest = rest.first(rest.size() - 1);
    }
  } else {
    for (auto& value : slots.span()) {
      value = first++;
    }
  }
}

/// What the shard retains.
template <class Ring>
Numbers all_of(Numbered<Ring>& shard) {
  auto iterator = shard.at(Position::trim_horizon());
  return rest_of<Ring>(iterator).numbers;
}

TEST_CASE_TEMPLATE("what is written into slots and committed is put, with consecutive numbers", Ring, ManyColumns,
                   OneColumn) {
  Numbered<Ring> shard;
  shard.put();
  {
    auto writer = shard.stream.writer("key").value();
    auto slots = writer.claim(5).value();
    REQUIRE(slots.span().size() == 5);
    fill(slots, 2);
    const auto range = slots.commit().value();
    CHECK(range.first == shard.number(2));
    CHECK(range.count == 5);

    auto part = writer.claim(8).value();
    fill(part, 7);
    CHECK(part.commit(3).value() == weir::PutRange{ShardId{0}, shard.number(7), 3});
    CHECK(writer.put(10));
  }
  auto slots = shard.stream.claim("key", 2).value();
  fill(slots, 11);
  CHECK(slots.commit().value().count == 2);
  CHECK(all_of(shard) == from_to(1, 12));
}

TEST_CASE("bytes that are encoded in place are one record, under the key of the claim") {
  Numbered<Texts> shard;
  auto writer = shard.stream.writer("key").value();
  auto slots = writer.claim(6).value();
  REQUIRE(slots.span().size() == 6);
  fill(slots, 1);
  CHECK(slots.commit().value().sequence_number == shard.number(1));
  auto longer = writer.claim(9).value();  // more than the record turns out to need
  fill(longer, 200'000'000);
  CHECK(longer.commit(1).value().sequence_number == shard.number(2));
  auto other = shard.stream.claim("other", 1).value();
  fill(other, 3);
  CHECK(other.commit());
  CHECK(writer.claim(0).value().commit());  // a record without a byte

  auto iterator = shard.at(Position::trim_horizon());
  std::string seen;
  for (const auto& record : iterator.read()) {
    seen += std::string{record.partition_key()} + '=' + std::string{record.value()} + ' ';
  }
  CHECK(seen == "key=000001 key=2 other=3 key= ");
}

TEST_CASE_TEMPLATE("a claim that is not committed puts nothing, and readers do not miss it", Ring, ManyColumns,
                   OneColumn, Texts) {
  Numbered<Ring> shard;
  shard.put();
  auto iterator = shard.at(Position::trim_horizon());
  {
    auto writer = shard.stream.writer("key").value();
    { const auto slots = writer.claim(1).value(); }
    const auto encode = [&] {
      const auto slots = writer.claim(1).value();
      fill(slots, 7);
      throw std::runtime_error{"in the middle"};
    };
    CHECK_THROWS_AS(encode(), std::runtime_error);
    { const auto slots = shard.stream.claim("key", 1); }
    CHECK(writer.put(Ring::value_of(++shard.count)));
  }
  const auto rest = rest_of<Ring>(iterator);
  CHECK(rest.numbers == Numbers{1, 2});
  CHECK(rest.missed == 0);
}

TEST_CASE_TEMPLATE("a claim is cut to what one claim may take; none is had for nothing", Ring, ManyColumns, OneColumn) {
  Numbered<Ring> shard;
  auto writer = shard.stream.writer("key").value();
  auto slots = writer.claim(1000).value();
  CHECK(slots.span().size() == 8);
  fill(slots, 1);
  CHECK(slots.commit().value().count == 8);
  auto none = writer.claim(0).value();
  CHECK(none.span().empty());
  CHECK(none.commit().value().count == 0);
  auto unused = writer.claim(3).value();
  CHECK(unused.commit(0).value().count == 0);
  CHECK(writer.put(9).value().sequence_number == shard.number(9));
}

TEST_CASE("a claim that is refused for its key or its size leaves the handle as it was") {
  Numbered<Texts> shard;
  const auto most = shard.stream.shard(ShardId{0}).value()->header().max_record;
  auto writer = shard.stream.writer("key").value();
  check_refused(writer.claim(most - 2), Errc::validation, Cause::record_size,
                {std::to_string(most + 1), std::to_string(most)});
  CHECK(writer.claim(most - 3).value().commit());
  check_refused(shard.stream.claim("", 1), Errc::validation, Cause::key_empty, {});
  check_refused(shard.stream.claim("key", most), Errc::validation, Cause::record_size, {});
  check_refused(shard.stream.claim("key", ~std::size_t{0}), Errc::validation, Cause::record_size, {});
  CHECK(writer.put("1"));
}

TEST_CASE_TEMPLATE("slots and handles may be moved while a claim is alive", Ring, ManyColumns, Texts) {
  Numbered<Ring> shard;
  auto writer = std::optional{shard.stream.writer("key").value()};
  auto slots = std::optional{writer->claim(1).value()};
  fill(*slots, 1);
  auto moved_slots = std::move(*slots);
  auto moved_writer = std::move(*writer);
  slots.reset();
  writer.reset();
  CHECK(moved_slots.commit());

  auto other = shard.stream.claim("key", 1).value();
  auto replaced = moved_writer.claim(1).value();
  fill(other, 2);
  replaced = std::move(other);  // gives up what it was
  CHECK(moved_writer.put(Ring::value_of(2)));
  fill(replaced, 3);
  CHECK(replaced.commit());
  CHECK(all_of(shard) == from_to(1, 3));
}

TEST_CASE_TEMPLATE("a commit into a closed stream is refused, and the claim lives on", Ring, ManyColumns, Texts) {
  Numbered<Ring> shard;
  auto slots = shard.stream.claim("key", 1).value();
  shard.stream.close().value();
  for (int i = 0; i < 2; ++i) {
    check_refused(slots.commit(), Errc::closed, Cause::shard_closed, {"shard 0"});
    fill(slots, 1);
  }
}

TEST_CASE("a commit behind a put that stopped in the middle is refused, and succeeds once that is finished") {
  auto stream = StreamOf<ManyColumns>::open({.capacity = weir::records(16), .stall = {}}).value();
  auto ring = stream.shard(ShardId{0}).value()->log().writer();
  weir::Claim stopped;
  REQUIRE(ring.try_claim(weir::CoarseClock{}, 1, stopped).status == weir::Append::Status::done);
  auto writer = stream.writer("key").value();
  while (writer.put(0)) {
  }
  auto slots = writer.claim(2).value();
  fill(slots, 7);
  check_refused(slots.commit(), Errc::stalled_writer, Cause::writer_stalled, {});
  ring.finish(stopped);
  CHECK(slots.commit());
  auto iterator = stream.iterator(ShardId{0}, Position::last(2)).value();
  const auto batch = iterator.read();
  CHECK(std::vector(batch.values().begin(), batch.values().end()) == Numbers{7, 8});
}

TEST_CASE_TEMPLATE("a claim follows those that took its shard over", Ring, ManyColumns, Texts) {
  Numbered<Ring> owner;
  Lineage<StreamOf<Ring>> lineage{1, owner.stream.incarnation(), Ring::capacity};
  auto writer = owner.stream.writer("key").value();
  auto before = writer.claim(1).value();
  fill(before, 1);
  lineage.split(*owner.stream.shard(ShardId{0}).value(), end_of_lower_half, begin_of_upper_half, owner.env);
  const auto expected = owner.stream.put("key", Ring::value_of(2)).value().shard;
  CHECK(expected != ShardId{0});
  CHECK(before.commit().value().shard == expected);
  auto after = writer.claim(1).value();
  fill(after, 3);
  CHECK(after.commit().value().shard == expected);
  CHECK(owner.stream.claim("key", 1).value().commit().value().shard == expected);
}

TEST_CASE("with a single producer a claim keeps its shard to itself until it ends") {
  Numbered<OneColumn> shard;
  {
    auto slots = shard.stream.claim("key", 2).value();
    check_refused(shard.stream.put("key", 1), Errc::resource_in_use, Cause::writer_held, {"shard 0"});
    check_refused(shard.stream.claim("key", 1), Errc::resource_in_use, Cause::writer_held, {"shard 0"});
    fill(slots, 1);
    CHECK(slots.commit());
    CHECK(shard.stream.put("key", 3).value().sequence_number == shard.number(3));
  }
  CHECK(shard.stream.put("key", 4));
}

/// The same rings, whose readers hold the writers, and may sleep.
struct GatedMany : ManyColumns {
  static constexpr weir::Options options{.delivery = weir::Delivery::gated, .notify = weir::Notify::on_put};
};
struct GatedOne : OneColumn {
  static constexpr weir::Options options{.producers = weir::Producers::single, .delivery = weir::Delivery::gated};
};
struct GatedTexts : Texts {
  static constexpr weir::Options options{.delivery = weir::Delivery::gated, .notify = weir::Notify::on_put};
};

TEST_CASE_TEMPLATE("a commit of more than the claim gave is refused, and the claim lives on", Ring, ManyColumns, Texts,
                   GatedMany) {
  Numbered<Ring> shard;
  auto writer = shard.stream.writer("key").value();
  auto slots = writer.claim(2).value();
  fill(slots, 1);
  check_refused(slots.commit(3), Errc::invalid_argument, Cause::commit_count, {"3", "2"});
  CHECK(slots.commit());
}

/// Claims, and throws before anything is committed.
template <class Writer>
void fail_in_the_middle(Writer& writer, std::size_t count) {
  const auto slots = writer.claim(count).value();
  fill(slots, 7);
  throw std::runtime_error{"in the middle"};
}

TEST_CASE_TEMPLATE("gated, slots are the ring's own memory, and what is given up there is stepped over", Ring,
                   GatedMany, GatedOne) {
  constexpr bool spends = Ring::options.producers == weir::Producers::multiple;
  Numbered<Ring> shard;
  auto iterator = shard.at(Position::trim_horizon());
  auto writer = shard.stream.writer("key").value();
  auto slots = writer.claim(5).value();
  REQUIRE(slots.span().size() == 5);
  const auto* place = slots.span().data();
  fill(slots, 100);
  CHECK(iterator.read().empty());
  CHECK(slots.commit(3).value() == weir::PutRange{ShardId{0}, shard.number(1), 3});
  {
    const auto batch = iterator.read();
    CHECK(batch.values().data() == place);
    CHECK(std::vector(batch.values().begin(), batch.values().end()) == Numbers{100, 101, 102});
  }
  CHECK(writer.put(103).value().sequence_number == shard.number(spends ? 6 : 4));
  CHECK_THROWS_AS(fail_in_the_middle(writer, 2), std::runtime_error);
  { const auto none = writer.claim(0).value(); }
  CHECK(writer.claim(0).value().commit().value().count == 0);
  CHECK(writer.claim(3).value().commit(0).value() == weir::PutRange{ShardId{0}, {}, 0});
  auto last = writer.claim(1).value();
  fill(last, 104);
  CHECK(last.commit().value().first == shard.number(spends ? 12 : 5));
  Numbers seen;
  while (const auto batch = iterator.read()) {
    CHECK(batch.missed() == 0);
    seen.insert(seen.end(), batch.values().begin(), batch.values().end());
  }
  CHECK(seen == Numbers{103, 104});
}

TEST_CASE("gated, bytes are encoded into the ring, and a claim given up is stepped over") {
  Numbered<GatedTexts> shard;
  auto iterator = shard.at(Position::trim_horizon());
  auto writer = shard.stream.writer("key").value();
  auto slots = writer.claim(9).value();
  fill(slots, 123'456'789);
  CHECK(slots.commit(4).value() == weir::Put{ShardId{0}, shard.number(1)});
  CHECK_THROWS_AS(fail_in_the_middle(writer, 5), std::runtime_error);
  CHECK(writer.claim(5).value().commit(0).value().sequence_number == shard.number(3));  // a record without a byte
  { const auto none = writer.claim(0).value(); }
  CHECK(shard.stream.claim("other", 0).value().commit());
  std::string seen;
  while (const auto batch = iterator.read()) {
    CHECK(batch.missed() == 0);
    for (const auto& record : batch) {
      seen += std::string{record.partition_key()} + '=' + std::string{record.value()} + ' ';
    }
  }
  CHECK(seen == "key=1234 key= other= ");
  const auto most = shard.stream.shard(ShardId{0}).value()->header().max_record;
  check_refused(writer.claim(most), Errc::validation, Cause::record_size, {});
  CHECK(writer.put("1"));
}

TEST_CASE_TEMPLATE("gated, a claim finds no room until a reader releases some, and waits as long as it is told to",
                   Ring, GatedMany, GatedOne, GatedTexts) {
  const weir::support::Watchdog watchdog{"a claim waits for room"};
  Numbered<Ring> shard;
  auto iterator = shard.at(Position::trim_horizon());
  auto writer = shard.stream.writer("key").value();
  while (auto slots = writer.claim(3)) {
    fill(*slots, 1);
    REQUIRE(slots->commit());
  }
  check_refused(writer.claim(1), Errc::full, Cause::shard_full, {"shard 0"});
  check_refused(writer.claim(1, std::chrono::milliseconds{2}), Errc::full, Cause::shard_full, {"shard 0"});
  if constexpr (Ring::options.producers == weir::Producers::multiple) {
    check_refused(shard.stream.claim("key", 1), Errc::full, Cause::shard_full, {"shard 0"});
  }
  bool claimed = false;
  {
    const std::jthread thread{[&] { claimed = static_cast<bool>(writer.claim(1, weir::Deadline::never())); }};
    while (iterator.read()) {
    }
  }
  CHECK(claimed);
}

TEST_CASE_TEMPLATE("gated, a claim made before its shard was closed is committed there, and the next elsewhere", Ring,
                   GatedMany, GatedTexts) {
  Numbered<Ring> owner;
  Lineage<StreamOf<Ring>> lineage{1, owner.stream.incarnation(), Ring::capacity};
  auto iterator = owner.at(Position::trim_horizon());
  auto writer = owner.stream.writer("key").value();
  auto before = writer.claim(1).value();
  fill(before, 1);
  lineage.split(*owner.stream.shard(ShardId{0}).value(), end_of_lower_half, begin_of_upper_half, owner.env);
  static_cast<void>(iterator.read());
  CHECK_FALSE(iterator.at_end());
  CHECK(before.commit().value().shard == ShardId{0});
  CHECK(iterator.read().size() == 1);
  static_cast<void>(iterator.read());
  CHECK(iterator.at_end());
  auto after = writer.claim(1).value();
  fill(after, 2);
  const auto put = after.commit().value();
  CHECK(put.shard != ShardId{0});
  CHECK(put.shard == owner.stream.put("key", Ring::value_of(3)).value().shard);
}

TEST_CASE("gated, a closed stream refuses claims") {
  Numbered<GatedMany> shard;
  auto writer = shard.stream.writer("key").value();
  shard.stream.close().value();
  check_refused(writer.claim(1), Errc::closed, Cause::shard_closed, {"shard 0"});
  check_refused(shard.stream.claim("key", 1), Errc::closed, Cause::shard_closed, {"shard 0"});
}

/// Sleeps after every read that found nothing, and counts the reads.
struct CountedPark {
  static void before_poll() noexcept {}
  void after_poll(std::size_t) noexcept { reads.add(1); }
  static bool parks() noexcept { return true; }
  weir::detail::relaxed_counter reads;
};

TEST_CASE_TEMPLATE("gated, a commit wakes readers, and so does a claim given up that hid a record", Ring, GatedMany,
                   GatedTexts) {
  const weir::support::Watchdog watchdog{"claims in place wake"};
  Numbered<Ring> shard;
  constexpr std::uint64_t rounds = 100;
  auto iterator = shard.at(Position::trim_horizon());
  auto writer = shard.stream.writer("key").value();
  auto other = shard.stream.writer("key").value();
  CountedPark park;
  weir::detail::relaxed_counter asked;
  weir::detail::relaxed_counter seen;
  Numbers read;
  {
    const std::jthread sleeping{[&] {
      for (std::uint64_t n = 1; n <= rounds; ++n) {
        while (asked.get() < n) {
          std::this_thread::yield();
        }
        for (const auto& record : iterator.read(park, weir::Deadline::never())) {
          read.push_back(Ring::number_in(record.value()));
        }
        seen.add(1);
      }
    }};
    for (std::uint64_t n = 1; n <= rounds; ++n) {
      auto slots = std::optional{writer.claim(3, weir::Deadline::never()).value()};
      const bool commits = n % 2 == 0;
      if (commits) {
        fill(*slots, n);
      } else {
        static_cast<void>(other.put(Ring::value_of(n), weir::Deadline::never()));
      }
      const auto before = park.reads.get();
      asked.add(1);
      while (park.reads.get() == before) {
        std::this_thread::yield();  // the reader has found nothing, and only a notice makes it look again
      }
      if (commits) {
        static_cast<void>(slots->commit(Ring::capacity.unit == weir::Capacity::Unit::bytes ? 3 : 1));
      }
      slots.reset();
      while (seen.get() < n) {
        std::this_thread::yield();
      }
    }
  }
  CHECK(read == from_to(1, rounds));
}

/// What a producer or a reader counted: how many records, and what they add up to.
struct Tally {
  std::uint64_t records = 0;
  std::uint64_t sum = 0;

  void add(std::uint64_t value) {
    ++records;
    sum += value;
  }
  friend bool operator==(const Tally&, const Tally&) = default;
};

/// Claims of all lengths, of which a part is committed, everything or nothing, beside a put now and then.
template <class Ring>
Tally produce(StreamOf<Ring>& stream, std::uint64_t seed, std::uint64_t rounds) {
  Tally tally;
  auto writer = stream.writer("key").value();
  weir::BackOff wait;
  for (std::uint64_t round = 0; round < rounds; ++round) {
    const auto mixed = (round + seed) * 0x9E37'79B9'7F4A'7C15 >> 40;
    if (mixed % 7 == 0) {
      tally.add(writer.put(Ring::value_of(mixed), wait, weir::Deadline::never()) ? mixed : 0);
      continue;
    }
    auto slots = writer.claim(8, wait, weir::Deadline::never()).value();
    const auto size = slots.span().size();
    fill(slots, mixed);
    if (mixed % 5 == 0) {
      continue;  // gives it up
    }
    if constexpr (std::is_same_v<typename SlotsOf<Ring>::element, std::byte>) {
      tally.add(slots.commit(size) ? mixed : 0);
    } else {
      const auto kept = slots.commit(mixed % (size + 1)).value().count;
      for (std::uint64_t i = 0; i < kept; ++i) {
        tally.add(mixed + i);
      }
    }
  }
  return tally;
}

TEST_CASE_TEMPLATE("gated, nothing that producers commit in place is lost, doubled or changed", Ring, GatedMany,
                   GatedTexts) {
  const weir::support::Watchdog watchdog{"producers claim in place"};
  constexpr std::uint64_t rounds = 4000;
  auto stream = StreamOf<Ring>::open({.capacity = Ring::capacity}).value();
  auto iterator = stream.iterator(ShardId{0}, Position::trim_horizon()).value();
  std::array<Tally, 2> put;
  Tally read;
  std::uint64_t missed = 0;
  {
    std::jthread reader{[&] {
      while (!iterator.at_end()) {
        const auto batch = iterator.read(weir::Deadline::never());
        missed += batch.missed();
        for (const auto& record : batch) {
          read.add(Ring::number_in(record.value()));
        }
      }
    }};
    {
      std::jthread one{[&] { put[0] = produce<Ring>(stream, 0, rounds); }};
      std::jthread two{[&] { put[1] = produce<Ring>(stream, 123'456, rounds); }};
    }
    stream.close().value();
  }
  CHECK(missed == 0);
  CHECK(read == Tally{put[0].records + put[1].records, put[0].sum + put[1].sum});
  CHECK(read.records > rounds);
}

/// Made from a price alone, at the alignment that it asks for.
struct alignas(64) Quote {
  explicit Quote(double asked) noexcept : price(asked) {}
  double price;
};

TEST_CASE("a payload without a default, and of a large alignment, is written where it lies") {
  auto stream = weir::Stream<Quote>::open({.capacity = weir::records(64)}).value();
  auto writer = stream.writer("key").value();
  for (std::size_t count = 1; count <= 8; ++count) {
    auto slots = writer.claim(count).value();
    for (auto& slot : slots.span()) {
      CHECK(reinterpret_cast<std::uintptr_t>(&slot) % alignof(Quote) == 0);
      slot = Quote{static_cast<double>(count)};
    }
    CHECK(slots.commit());
  }
  auto iterator = stream.iterator(ShardId{0}, Position::trim_horizon()).value();
  std::array<int, 9> seen{};
  for (const auto& record : iterator.read()) {
    ++seen.at(static_cast<std::size_t>(record.value().price));
  }
  CHECK(seen == std::array{0, 1, 2, 3, 4, 5, 6, 7, 8});
}

#if WEIR_ASSERTS
TEST_CASE("calls that a claim forbids end the program and say so") {
  const auto aborts = [](auto body, const char* text) {
    Numbered<Texts> shard;
    const auto said = weir::support::text_of_abort([&] {
      auto writer = shard.stream.writer("key").value();
      body(writer);
    });
    REQUIRE(said);
    INFO(*said);
    CHECK(said->find(text) != std::string::npos);
  };
  const auto committed = [&](auto use) {
    aborts(
        [&](auto& writer) {
          auto slots = writer.claim(3).value();
          static_cast<void>(slots.commit());
          use(slots);
        },
        "Slots: used after they were committed or moved from");
  };
  committed([](auto& slots) { static_cast<void>(slots.commit()); });
  committed([](auto& slots) { static_cast<void>(slots.span()); });
  const char* alive = "Writer: used while a claim of it is alive";
  aborts(
      [](auto& writer) {
        const auto slots = writer.claim(3).value();
        static_cast<void>(writer.put("1"));
      },
      alive);
  aborts(
      [](auto& writer) {
        const auto slots = writer.claim(3).value();
        static_cast<void>(writer.claim(3));
      },
      alive);
  aborts(
      [](auto& writer) {
        const auto slots = [&] {
          auto short_lived = std::move(writer);
          return short_lived.claim(1).value();
        }();
      },
      "Writer: destroyed while a claim of it is alive");
}
#endif

}  // namespace
