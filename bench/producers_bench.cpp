/// Two threads put into one shard, nobody reads: how well they share it.
#include <optional>
#include <tuple>

#include "support/follower.hpp"
#include "support/locked_queue.hpp"

namespace bench {
namespace {

constexpr std::size_t threads = 2;

/// Tells whose record it is, beside which.
constexpr std::uint64_t mark_of(std::size_t thread) {
  return static_cast<std::uint64_t>(thread + 1) << 56;
}

/// Checks records of both threads in the order in which they lie in the shard: each thread's own must be consecutive.
class Merged {
 public:
  /// `first`: how many records came before.
  Merged(Stamps stamps, std::uint64_t first) : stamps_(stamps), position_(first) {}

  void take(std::span<const std::byte> payload) {
    const auto stamp = first_stamp(payload);
    require(difference(payload, stamp) == 0, "a torn record");
    const auto thread = (stamp >> 56) - 1;
    require(thread < threads, "a record that nobody put");
    auto& next = next_[thread];
    if (stamps_ == Stamps::counted) {
      require(!next || stamp == *next, "a thread's records out of order");
      next = stamp + 1;
      return;
    }
    // All claims are whole batches, so each begins at a multiple of their length; within it the stamps count on.
    if (position_ % batch_records == 0) {
      const auto begin = stamp - mark_of(thread);
      require(begin < 61 && (!next || begin == (*next + 1) % 61), "a thread's batches out of order");
      next = begin;
      in_batch_ = stamp;
    }
    require(in_batch_ == 0 || stamp == in_batch_, "a batch that is not in one piece");
    in_batch_ += in_batch_ != 0 ? 1 : 0;
    ++position_;
  }

 private:
  Stamps stamps_;
  std::uint64_t position_;
  std::uint64_t in_batch_ = 0;
  std::array<std::optional<std::uint64_t>, threads> next_{};
};

/// Runs two threads, each of which puts through a callable of its own made by `make(thread)`: record n, or batch n.
template <class Make>
Session together(Stamps stamps, std::uint64_t& put, Make&& make) {
  const auto length = stamps == Stamps::batched ? batch_records : 1;
  std::array<std::uint64_t, threads> counts{};
  std::array<double, threads> seconds{};
  std::vector<Task> tasks;
  for (std::size_t thread = 0; thread < threads; ++thread) {
    tasks.push_back({thread, [&, thread] {
                       auto put_next = make(thread);
                       std::tie(counts[thread], seconds[thread]) =
                           repeat(0, stamps == Stamps::batched ? 4 : 64, put_next);
                     }});
  }
  Session session;
  session.share = run_together(tasks);
  put = (counts[0] + counts[1]) * length;
  session.records = static_cast<double>(put);
  session.seconds = *std::max_element(seconds.begin(), seconds.end());
  return session;
}

/// Puts one by one or in batches into anything with `put` and `put_all`.
template <class T, std::size_t Size, class Put, class PutAll>
auto putting(Stamps stamps, std::size_t thread, Put put, PutAll put_all) {
  return [=, single = Single<T, Size>{}, table = Table<T, Size>{mark_of(thread)}](std::uint64_t n) mutable {
    if (stamps == Stamps::batched) {
      put_all(table.batch(n));
    } else {
      put(single.stamped(mark_of(thread) + n));
    }
  };
}

template <class Case>
Session producers(Stamps stamps) {
  using T = typename Case::payload;
  auto stream = Case::open();
  // Pages are touched before the clock runs; what is put here has no mark and is gone or skipped in the check.
  const Table<T, Case::size> table{mark_of(threads)};
  for (std::uint64_t index = 0; index < Case::lap / batch_records; ++index) {
    stream.put_all(one_key, table.batch(index)).value();
  }
  std::uint64_t put = 0;
  const auto session = together(stamps, put, [&](std::size_t thread) {
    return putting<T, Case::size>(
        stamps, thread, [&](const auto& record) { benchmark::DoNotOptimize(stream.put(one_key, record).value()); },
        [&](auto batch) { benchmark::DoNotOptimize(stream.put_all(one_key, batch).value()); });
  });

  auto iterator = stream.iterator(weir::ShardId{0}, weir::Position::trim_horizon()).value();
  std::optional<Merged> merged;
  std::uint64_t last = 0;
  for (;;) {
    const auto batch = iterator.read();
    if (!batch) {
      break;
    }
    require(batch.missed() == 0, "records missed at rest");
    for (const auto& record : batch) {
      last = record.sequence_number().value();
      if (last <= Case::lap) {
        continue;
      }
      if (!merged) {
        merged.emplace(stamps, last - 1);
      }
      merged->take(payload_bytes(record.value()));
    }
  }
  require(last == Case::lap + put, "records lost");
  return session;
}

template <std::size_t Size>
Session producers_of_queue(Stamps stamps) {
  LockedQueue<Size> queue{DefaultCase<Size>::capacity};
  std::uint64_t put = 0;
  const auto session = together(stamps, put, [&](std::size_t thread) {
    return putting<Fixed<Size>, Size>(
        stamps, thread, [&](const auto& record) { queue.put(record); }, [&](auto batch) { queue.put_all(batch); });
  });
  typename LockedQueue<Size>::Taken taken;
  queue.take(taken);
  Merged merged{stamps, taken.missed};
  for (const auto& record : taken.records) {
    merged.take(record.bytes);
  }
  require(taken.missed + taken.records.size() == put, "records lost");
  return session;
}

}  // namespace

void register_benchmarks() {
  for (const auto stamps : {Stamps::counted, Stamps::batched}) {
    const auto* topic = stamps == Stamps::counted ? "2-producers" : "2-producers-batches";
    for_each_shared_case([&]<class Case>(Case) {
      add(Case::row(topic, "text", "none"), Threads::several, [stamps] { return producers<Case>(stamps); });
    });
    for_each_fixed_size([&]<std::size_t Size>(Sized<Size>) {
      add(baseline(topic, Size, "mutex-deque"), Threads::several,
          [stamps] { return producers_of_queue<Size>(stamps); });
    });
  }
}

}  // namespace bench
