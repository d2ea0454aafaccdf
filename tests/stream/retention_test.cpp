#include "weir/stream/retention.hpp"

#include "stream/rings.hpp"
#include "weir/stream/reshard.hpp"

namespace weir::stream_tests {
namespace {

using namespace std::chrono_literals;

constexpr Options gated{.delivery = Delivery::gated};
constexpr Options gated_single{.producers = Producers::single, .delivery = Delivery::gated};

template <class Ring, Options options = Ring::options>
struct Retaining {
  using Stream = weir::Stream<typename Ring::payload, WEIR_TESTS_STORAGE, options, testing::ManualEnv>;
  explicit Retaining(std::chrono::milliseconds retention)
      : stream(Stream::open({.capacity = Ring::capacity, .retention = retention}, {}, env).value()) {}

  Put put() { return stream.put("key", Ring::value_of(++count)).value(); }
  Put put_at(std::chrono::milliseconds since_begin) {
    env.clock.set(begin + since_begin);
    return put();
  }
  Rest rest(const Position& position = Position::trim_horizon()) {
    auto iterator = stream.iterator(ShardId{0}, position).value();
    return rest_of<Ring>(iterator);
  }

  testing::ManualEnv env;
  Timestamp begin = env.clock.now();
  Stream stream;
  std::uint64_t count = 0;
};

TEST_CASE_TEMPLATE("row 36: from a moment on, a reader begins at the first record that arrived then or later", Ring,
                   ManyColumns, OneColumn, Texts) {
  Retaining<Ring> f{0ms};
  f.put_at(1s);
  f.put_at(2s);
  for (const auto moment : {1001ms, 2000ms}) {
    CHECK(f.rest(Position::at_timestamp(f.begin + moment)).numbers == Numbers{2});
  }
  CHECK(f.rest(Position::at_timestamp(f.begin + 1000ms)).numbers == Numbers{1, 2});
}

TEST_CASE_TEMPLATE("row 37: a moment before the trim horizon means the trim horizon", Ring, ManyColumns, OneColumn,
                   Texts) {
  Retaining<Ring> f{10s};
  f.put_at(1s);
  f.put_at(5s);
  f.env.clock.set(f.begin + 12s);
  CHECK(f.rest(Position::at_timestamp(f.begin)).numbers == Numbers{2});
  CHECK(f.rest(Position::at_timestamp(f.begin - 1h)).numbers == Numbers{2});
}

TEST_CASE_TEMPLATE("row 38: a record older than the retention is given by no iterator, whenever that was made", Ring,
                   ManyColumns, OneColumn, Texts) {
  Retaining<Ring> f{1h};
  const auto first = f.put();
  auto early = f.stream.iterator(ShardId{0}, Position::trim_horizon()).value();
  auto at_it = f.stream.iterator(ShardId{0}, Position::at(first.sequence_number)).value();
  f.put_at(30min);
  f.env.clock.set(f.begin + 1h);
  CHECK(f.rest().numbers == Numbers{1, 2});  // exactly as old is not older
  f.env.clock.advance(1ms);
  CHECK(f.rest().numbers == Numbers{2});
  CHECK(f.rest(Position::last(2)).numbers == Numbers{2});
  CHECK(rest_of<Ring>(early).numbers == Numbers{2});
  const auto told = rest_of<Ring>(at_it);
  CHECK(told.numbers == Numbers{2});
  CHECK(told.missed == 1);  // it was asked for by its number
  f.env.clock.advance(1h);
  CHECK(f.rest().numbers.empty());
  f.put();
  CHECK(f.rest().numbers == Numbers{3});
}

TEST_CASE_TEMPLATE("row 39: a longer retention brings no expired record back", Ring, ManyColumns, OneColumn, Texts) {
  Retaining<Ring> f{24h};
  f.put();
  f.env.clock.advance(30h);
  f.stream.retain_for(168h).value();
  CHECK(f.stream.retention() == 168h);
  CHECK(f.rest().numbers.empty());
  f.stream.retain_for(0ms).value();
  CHECK(f.rest().numbers.empty());
}

TEST_CASE_TEMPLATE("row 40: a shorter retention holds at once", Ring, ManyColumns, OneColumn, Texts) {
  Retaining<Ring> f{48h};
  f.put();
  f.env.clock.advance(30h);
  CHECK(f.rest().numbers == Numbers{1});
  f.stream.retain_for(24h).value();
  CHECK(f.rest().numbers.empty());
}

TEST_CASE_TEMPLATE("row 41: a retention that cannot be is refused", Ring, ManyColumns, Texts) {
  // Kinesis' bounds of 24 and 8,760 hours are the client's; in the process any time will do.
  Retaining<Ring> f{48h};
  check_refused(f.stream.retain_for(-1ms), Errc::invalid_argument, Cause::retention_range, {"-1 ms"});
  CHECK(f.stream.retention() == 48h);
  using Stream = typename Retaining<Ring>::Stream;
  check_refused(Stream::open({.retention = -1s}), Errc::invalid_argument, Cause::retention_range, {"-1000 ms"});
  using Untimed = weir::Stream<int, MemoryStorage, Options{.arrival = Arrival::dropped}>;
  check_refused(Untimed::open({.retention = 1s}), Errc::invalid_argument, Cause::no_arrival_times,
                {"no arrival times"});
  auto untimed = Untimed::open({}).value();
  check_refused(untimed.retain_for(1s), Errc::invalid_argument, Cause::no_arrival_times, {"no arrival times"});
}

TEST_CASE_TEMPLATE("a clock that steps back revives nothing", Ring, ManyColumns, OneColumn, Texts) {
  Retaining<Ring> f{1h};
  f.put();
  f.env.clock.advance(2h);
  CHECK(f.rest().numbers.empty());
  f.env.clock.set(f.begin);
  CHECK(f.rest().numbers.empty());
  f.put();  // arrives before what has expired, by a clock that is wrong
  CHECK(f.rest().numbers.empty());
}

TEST_CASE_TEMPLATE("a gated reader passes what has expired, and is told so", Ring, ManyColumns, OneColumn, Texts) {
  constexpr auto options = Ring::options.producers == Producers::single ? gated_single : gated;
  Retaining<Ring, options> f{1h};
  auto reader = f.stream.iterator(ShardId{0}, Position::latest()).value();
  f.put();
  f.put();
  f.put_at(90min);
  auto rest = rest_of<Ring>(reader);
  CHECK(rest.numbers == Numbers{3});
  CHECK(rest.missed == 2);
  f.put();
  f.env.clock.advance(2h);
  f.put();
  rest = rest_of<Ring>(reader);
  CHECK(rest.numbers == Numbers{5});
  CHECK(rest.missed == 1);
}

TEST_CASE_TEMPLATE("expired records hold no writer of a gated stream that nobody reads", Ring, ManyColumns, OneColumn,
                   Texts) {
  constexpr auto options = Ring::options.producers == Producers::single ? gated_single : gated;
  Retaining<Ring, options> f{1h};
  std::uint64_t held = 0;
  while (f.stream.put("key", Ring::value_of(f.count + 1))) {
    ++f.count;
    REQUIRE(++held < 1000);
  }
  f.env.clock.advance(1h);
  CHECK(f.stream.put("key", Ring::value_of(1)).error().code == Errc::full);
  f.env.clock.advance(1ms);
  {
    auto reader = f.stream.iterator(ShardId{0}, Position::trim_horizon()).value();
    CHECK(f.stream.put("key", Ring::value_of(1)).error().code == Errc::full);  // its cursor stands before them
    CHECK_FALSE(reader.read());
    static_cast<void>(reader.read());
    f.put();
  }
  f.env.clock.advance(2h);
  const auto room = held * 3 / 4;  // a segment that is in use stays
  for (std::uint64_t n = 0; n < room; ++n) {
    f.put();
  }
  CHECK(f.rest().numbers.size() == room);
}

TEST_CASE("how long records are kept is a part of a description") {
  Retaining<Texts> f{7h};
  const auto description = f.stream.describe();
  CHECK(description.retention == 7h);
  CHECK(description.created == f.begin);
  CHECK(description.name == "stream");
  CHECK(description.incarnation == f.stream.incarnation());
}

TEST_CASE("the moment only rises") {
  testing::ManualClock clock;
  const auto begin = clock.now().time_since_epoch().count();
  detail::Retention retention{0ms};
  CHECK(retention.expired_before(clock) == Start::any_time);
  retention.change(10ms, clock);
  CHECK(retention.expired_before(clock) == begin - 10);
  clock.advance(-5ms);
  CHECK(retention.expired_before(clock) == begin - 10);
  retention.change(20ms, clock);
  CHECK(retention.expired_before(clock) == begin - 10);
  retention.change(1ms, clock);
  CHECK(retention.expired_before(clock) == begin - 6);
  retention.change(0ms, clock);
  clock.advance(1h);
  CHECK(retention.expired_before(clock) == begin - 6);
}

}  // namespace
}  // namespace weir::stream_tests
