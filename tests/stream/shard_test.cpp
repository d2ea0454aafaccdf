#include "weir/stream/shard.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <string>
#include <thread>
#include <type_traits>
#include <utility>

#include "stream/lineage.hpp"
#include "stream/rings.hpp"
#include "support/aborts.hpp"
#include "support/watchdog.hpp"

namespace {

using namespace weir::stream_tests;
using weir::Cause;
using weir::Errc;
using weir::HashKey;
using weir::Position;
using weir::ShardId;

template <class Ring>
using ShardOf = typename StreamOf<Ring>::shard_type;

static_assert(!std::is_move_constructible_v<ShardOf<Texts>>, "iterators and handles refer to it");

TEST_CASE_TEMPLATE("a shard puts and reads without its stream", Ring, ManyColumns, OneColumn, Texts) {
  Numbered<Ring> owner;
  auto& shard = *owner.stream.shard(ShardId{0}).value();
  CHECK(shard.put("key", Ring::value_of(1)).value().sequence_number == owner.number(1));
  CHECK(shard.try_put("key", Ring::value_of(2)).value().sequence_number == owner.number(2));
  const auto value = Ring::value_of(3);
  const typename StreamOf<Ring>::element element{value};
  CHECK(shard.put_all("key", std::span{&element, 1}).value().first == owner.number(3));
  auto iterator = shard.iterator(Position::trim_horizon()).value();
  CHECK(rest_of<Ring>(iterator).numbers == from_to(1, 3));
  CHECK(shard.close());
  check_refused(shard.put("key", Ring::value_of(4)), Errc::closed, Cause::shard_closed, {"shard 0"});
  CHECK(shard.close());
}

TEST_CASE_TEMPLATE("an unknown shard is refused by its number", Ring, ManyColumns, Texts) {
  auto stream = StreamOf<Ring>::open({.shards = 3, .capacity = Ring::capacity}).value();
  for (std::uint32_t i = 0; i < 3; ++i) {
    CHECK(stream.shard(ShardId{i}).value()->header().id == ShardId{i});
  }
  check_refused(stream.shard(ShardId{3}), Errc::resource_not_found, Cause::unknown_shard, {"shard 3", "0 to 2"});
}

TEST_CASE("check_size tells before a put what a put would say") {
  Numbered<Texts> texts;
  const auto& shard = *texts.stream.shard(ShardId{0}).value();
  CHECK(shard.check_size("k", std::string(97, 'x')));
  check_refused(shard.check_size("k", std::string(98, 'x')), Errc::validation, Cause::record_size, {"99", "98"});
  Numbered<ManyColumns> columns;
  CHECK(columns.stream.shard(ShardId{0}).value()->check_size(std::string(256, 'k'), 1));
}

TEST_CASE_TEMPLATE("users are counted as long as they live, wherever they move", Ring, ManyColumns, OneColumn, Texts) {
  Numbered<Ring> owner;
  auto& users = owner.stream.shard(ShardId{0}).value()->users();
  CHECK(users.get() == 0);
  {
    auto iterator = owner.at(Position::latest());
    CHECK(users.get() == 1);
    auto other = owner.at(Position::latest());
    CHECK(users.get() == 2);
    other = std::move(iterator);
    CHECK(users.get() == 1);
    auto writer = owner.stream.writer("key").value();
    CHECK(users.get() == 2);
    const auto moved = std::move(writer);
    CHECK(users.get() == 2);
    auto reader = owner.stream.reader(Position::latest()).value();
    CHECK(users.get() == 3);
    CHECK_FALSE(owner.stream.iterator(ShardId{0}, Position::at({})));
    CHECK(users.get() == 3);
  }
  CHECK(users.get() == 0);
}

TEST_CASE_TEMPLATE("a child numbers its records above all of its parents', and positions below mean its first", Ring,
                   ManyColumns, OneColumn, Texts) {
  Numbered<Ring> owner;
  auto& parent = *owner.stream.shard(ShardId{0}).value();
  owner.put_more(7);
  Lineage<StreamOf<Ring>> lineage{1, owner.stream.incarnation(), Ring::capacity};
  const auto [lower, upper] = lineage.split(parent, end_of_lower_half, begin_of_upper_half, owner.env);
  CHECK(parent.successors() != nullptr);
  CHECK(lower->successors() == nullptr);
  const auto last_of_parent = parent.describe().ending.value();
  CHECK(last_of_parent.value() == 7);

  for (auto* child : {lower, upper}) {
    const auto starting = child->describe().starting;
    CHECK(starting.value() > last_of_parent.value());
    const auto below = child->number(3);
    auto at_below = child->iterator(Position::at(below)).value();
    auto at_starting = child->iterator(Position::at(starting)).value();
    auto after_starting = child->iterator(Position::after(starting)).value();
    auto horizon = child->iterator(Position::trim_horizon()).value();
    const auto put = child->put("key", Ring::value_of(1)).value();
    CHECK(put.sequence_number.value() == starting.value() + 1);
    for (auto* iterator : {&at_below, &at_starting, &after_starting, &horizon}) {
      const auto batch = iterator->read();
      REQUIRE(batch.size() == 1);
      CHECK(batch.missed() == 0);  // no number below was ever this shard's
      CHECK(batch.front().sequence_number() == put.sequence_number);
    }
  }
  check_refused(lower->iterator(Position::at(last_of_parent)), Errc::invalid_argument, Cause::foreign_shard,
                {"shard 0", "shard 1"});
}

TEST_CASE_TEMPLATE("a put that meets a closed shard follows to the successor of its hash key", Ring, ManyColumns,
                   OneColumn, Texts) {
  Numbered<Ring> owner;
  auto& parent = *owner.stream.shard(ShardId{0}).value();
  Lineage<StreamOf<Ring>> lineage{1, owner.stream.incarnation(), Ring::capacity};
  auto& lower = lineage.child({HashKey{}, end_of_lower_half}, {&parent}, owner.env, 10);
  auto& upper = lineage.child({begin_of_upper_half, HashKey::largest()}, {&parent}, owner.env, 10);
  lineage.publish(parent, {&lower, &upper});
  const auto put = [&](const HashKey& hash) { return owner.stream.put({"key", &hash}, Ring::value_of(1)).value(); };
  CHECK(put(end_of_lower_half).shard == ShardId{0});  // published, and the parent is open still
  CHECK(put(begin_of_upper_half).shard == ShardId{0});
  parent.close().value();
  CHECK(put(end_of_lower_half).shard == lower.header().id);
  CHECK(put(begin_of_upper_half).shard == upper.header().id);
  CHECK(put(HashKey{}).shard == lower.header().id);
  CHECK(put(HashKey::largest()).shard == upper.header().id);
  for (int i = 0; i < 50; ++i) {
    const auto key = "key-" + std::to_string(i);
    const auto hash = owner.env.hasher(key);
    CHECK(owner.stream.put(key, Ring::value_of(1)).value().shard ==
          (hash <= end_of_lower_half ? lower : upper).header().id);
  }
}

/// Real memory that counts its loads, so that a test sees another thread try again and again.
struct CountingMemory : weir::HardwareMemory {
  template <class Word, class Order>
  static Word load(const Word& word, Order order) noexcept {
    loads.add(1);
    return HardwareMemory::load(word, order);
  }
  static inline weir::detail::relaxed_counter loads{0};
};
struct CountingEnv {
  using Memory = CountingMemory;
  weir::CoarseClock clock;
  weir::Md5Hasher hasher;
};
using CountingStream = weir::Stream<int, weir::MemoryStorage, weir::Options{}, CountingEnv>;

/// A ring of eight that is full behind a claim of eight records ago that has not finished.
struct Stalled {
  explicit Stalled(std::chrono::milliseconds stall)
      : stream(CountingStream::open({.capacity = weir::records(8), .stall = stall}).value()) {
    CHECK(writer.try_claim(weir::CoarseClock{}, 1, claim).status == weir::Append::Status::done);
    for (int i = 2; i <= 8; ++i) {
      stream.put("key", i).value();
    }
  }
  void finish() { writer.finish(claim); }

  CountingStream stream;
  CountingStream::shard_type::Log::Writer writer = stream.shard(ShardId{0}).value()->log().writer();
  weir::Claim claim;
};

TEST_CASE("behind an unfinished put of a lap ago a put is refused, soon or at once, and stores nothing") {
  Stalled stalled{std::chrono::milliseconds{10}};
  const auto refused = [](const auto& result) {
    check_refused(result, Errc::stalled_writer, Cause::writer_stalled, {"8 records ago", "shard 0"});
  };
  const int value = 9;
  refused(stalled.stream.try_put("key", value));
  refused(stalled.stream.writer("key").value().try_put(value));
  const auto before = weir::Deadline::Clock::now();
  refused(stalled.stream.put("key", value));
  CHECK(weir::Deadline::Clock::now() - before >= std::chrono::milliseconds{10});
  refused(stalled.stream.put_all("key", std::span{&value, 1}));
  auto iterator = stalled.stream.iterator(ShardId{0}, Position::trim_horizon()).value();
  CHECK_FALSE(iterator.read());  // an unfinished claim hides later ones
  stalled.finish();
  CHECK(stalled.stream.try_put("key", value).value().sequence_number.value() == 9);
  CHECK(iterator.read().back().value() == 7);  // numbers 2 to 7: a batch ends at the ring's end
  CHECK(iterator.read().back().value() == 9);
}

TEST_CASE("a stall time without end waits until the other put has finished") {
  const weir::support::Watchdog watchdog{"a put waits behind a stalled one"};
  for (const auto stall : {std::chrono::milliseconds::max(), std::chrono::milliseconds{std::chrono::hours{24}}}) {
    Stalled stalled{stall};
    std::uint64_t stored = 0;
    weir::detail::relaxed_counter returned;
    {
      const auto loads = CountingMemory::loads.get();
      const std::jthread waiting{[&] {
        if (const auto put = stalled.stream.put("key", 9)) {
          stored = put->sequence_number.value();
        }
        returned.add(1);
      }};
      while (CountingMemory::loads.get() < loads + 1000 && returned.get() == 0) {
        std::this_thread::yield();
      }
      stalled.finish();
    }
    CHECK(stored == 9);
  }
}

#if WEIR_ASSERTS
/// Its encoding puts once more: a second producer in the middle of a put.
struct Reentrant {
  int depth = 0;
};
void* stream_of_reentrant = nullptr;

}  // namespace

template <>
struct weir::Codec<Reentrant> {
  using argument = const Reentrant&;
  using view = int;
  static std::size_t encoded_size(argument) { return 1; }
  static void encode(std::span<std::byte> out, argument value);
  static view decode(std::span<const std::byte> bytes) { return static_cast<int>(bytes[0]); }
};

namespace {

using Reentrants = weir::Stream<Reentrant, weir::MemoryStorage, weir::Options{.producers = weir::Producers::single}>;

TEST_CASE("a second producer in the middle of a put of a single-producer stream ends the program and says so") {
  const auto put = [](int depth) {
    auto stream = Reentrants::open({}).value();
    stream_of_reentrant = &stream;
    static_cast<void>(stream.put("key", Reentrant{depth}));
  };
  const auto said = weir::support::text_of_abort([&] { put(1); });
  REQUIRE(said);
  CHECK(said->find("Producers::single, and two threads put or close") != std::string::npos);
  CHECK_FALSE(weir::support::text_of_abort([&] { put(0); }));
}

}  // namespace

void weir::Codec<Reentrant>::encode(std::span<std::byte> out, argument value) {
  out[0] = static_cast<std::byte>(value.depth);
  if (value.depth > 0) {
    static_cast<void>(static_cast<Reentrants*>(stream_of_reentrant)->put("key", Reentrant{value.depth - 1}));
  }
}

namespace {
#endif

}  // namespace
