/// What a put costs the thread that puts, with nobody reading: by text, by partition key, by handle, in batches.
#include "support/locked_queue.hpp"
#include "support/putting.hpp"
#include "support/reading.hpp"

namespace bench {
namespace {

/// The payload of the quick start.
struct Tick {
  double price;
  std::uint32_t size, venue;
};

using Ticks = weir::Stream<Tick>;

constexpr int batches_a_look = 4;

Session quick_start() {
  constexpr std::uint64_t lap = 1 << 16;
  auto ticks = Ticks::open({.name = "ticks", .shards = 4, .capacity = weir::records(lap)}).value();
  for (std::uint32_t n = 0; n < lap; ++n) {
    ticks.put("EURUSD", Tick{1.0841, n, 3}).value();
  }
  weir::Put where;
  std::uint64_t put = 0;
  const auto session = measured(lap, singles_a_look, put, [&](std::uint64_t n) {
    where = ticks.put("EURUSD", Tick{1.0841, static_cast<std::uint32_t>(n), 3}).value();
  });
  require(where.sequence_number.value() == put, "numbers left out");
  auto cursor = ticks.iterator(where.shard, weir::Position::trim_horizon()).value();
  std::uint64_t read = 0;
  for (;;) {
    const auto batch = cursor.read();
    if (!batch) {
      break;
    }
    for (const auto& record : batch) {
      const auto expected = static_cast<std::uint32_t>(record.sequence_number().value() - 1);
      require(record.value().size == expected && record.value().venue == 3, "another tick than was put");
      read = record.sequence_number().value();
    }
  }
  require(read == put, "the newest record is not there");
  return session;
}

template <class Case>
Session put_by_text() {
  auto stream = Case::open();
  const auto first = put_a_lap<Case>(stream, Stamps::counted);
  Single<typename Case::payload, Case::size> single;
  std::uint64_t numbers = 0, put = 0;
  const auto session = measured(first, singles_a_look, put, [&](std::uint64_t n) {
    numbers += stream.put(one_key, single.stamped(n)).value().sequence_number.value();
  });
  require(numbers == sum_of_numbers(first, put), "other numbers than the next ones");
  replay<Case>(stream, Stamps::counted, put);
  return session;
}

template <class Case>
Session put_by_handle(Stamps stamps) {
  auto stream = Case::open();
  const auto first = put_a_lap<Case>(stream, stamps);
  const ProcessorShare share;
  const auto [end, seconds] = put_for_a_session<Case>(stream, stamps, first);
  const auto own = share.so_far();
  replay<Case>(stream, stamps, end);
  return {.records = static_cast<double>(end - first), .seconds = seconds, .share = own};
}

template <class Case>
Session batches_by_text() {
  auto stream = Case::open();
  const auto first = put_a_lap<Case>(stream, Stamps::batched) / batch_records;
  const Table<typename Case::payload, Case::size> table;
  std::uint64_t numbers = 0, batches = 0;
  auto session = measured(first, batches_a_look, batches, [&](std::uint64_t index) {
    numbers += stream.put_all(one_key, table.batch(index)).value().first.value();
  });
  session.records *= batch_records;
  const auto put = batches * batch_records;
  require(numbers == sum_of_numbers(first * batch_records, put, batch_records), "other numbers than the next ones");
  replay<Case>(stream, Stamps::batched, put);
  return session;
}

template <std::size_t Size>
Session queue_singles() {
  const auto capacity = DefaultCase<Size>::capacity;
  LockedQueue<Size> queue{capacity};
  Single<Fixed<Size>, Size> single;
  for (std::uint64_t n = 0; n < capacity; ++n) {
    queue.put(single.stamped(n));
  }
  std::uint64_t put = 0;
  const auto session = measured(capacity, singles_a_look, put, [&](std::uint64_t n) { queue.put(single.stamped(n)); });
  require_retained(queue, capacity, Stamps::counted, put);
  return session;
}

template <std::size_t Size>
Session queue_batches() {
  const auto capacity = DefaultCase<Size>::capacity;
  LockedQueue<Size> queue{capacity};
  const Table<Fixed<Size>, Size> table;
  for (std::uint64_t index = 0; index < capacity / batch_records; ++index) {
    queue.put_all(table.batch(index));
  }
  std::uint64_t batches = 0;
  auto session = measured(capacity / batch_records, batches_a_look, batches,
                          [&](std::uint64_t index) { queue.put_all(table.batch(index)); });
  session.records *= batch_records;
  require_retained(queue, capacity, Stamps::batched, batches * batch_records);
  return session;
}

/// What choosing the shard alone costs.
Session route() {
  auto stream = DefaultCase<8>::open(several);
  const Keys<DefaultCase<8>> keys{stream, several};
  std::uint64_t routed = 0, right = 0;
  const auto session = measured(0, singles_a_look, routed, [&](std::uint64_t n) {
    right += *stream.shard_of(keys.text(n)) == keys.shard(n) ? 1 : 0;
  });
  require(right == routed, "a key routed to two shards");
  return session;
}

}  // namespace

void register_benchmarks() {
  add({"put", sizeof(Tick), "many/kept", "clock=coarse key=text hasher=md5 shards=4 quick-start"}, Threads::one,
      quick_start);
  for_each_case([]<class Case>(Case) {
    add(Case::row("put", "text", "none"), Threads::one, put_by_text<Case>);
    add(Case::row("put", "text", "md5", several), Threads::one, put_to_several_by_text<Case>);
    add(Case::row("put", "prepared", "md5-once", several), Threads::one, put_to_several_by_prepared_key<Case>);
  });
  for_each_case([]<class Case>(Case) {
    add(Case::row("writer", "handle", "none"), Threads::one, [] { return put_by_handle<Case>(Stamps::counted); });
  });
  for_each_fixed_size([]<std::size_t Size>(Sized<Size>) {
    add(baseline("put", Size, "mutex-deque"), Threads::one, queue_singles<Size>);
  });
  for_each_case([]<class Case>(Case) {
    add(Case::row("batch", "text", "none"), Threads::one, batches_by_text<Case>);
    add(Case::row("batch", "handle", "none"), Threads::one, [] { return put_by_handle<Case>(Stamps::batched); });
  });
  for_each_fixed_size([]<std::size_t Size>(Sized<Size>) {
    add(baseline("batch", Size, "mutex-deque"), Threads::one, queue_batches<Size>);
  });
  add({"route", one_key.size(), "many/kept", "clock=none key=text hasher=md5 shards=4"}, Threads::one, route);
}

}  // namespace bench
