/// One thread puts through a handle, another reads with the default wait: what the reader gets, what the writer
/// achieves meanwhile, and how much the reader misses.
#include "support/locked_queue.hpp"
#include "support/reading.hpp"

namespace bench {
namespace {

Session reported(const Side& writer, const Side& reader, double share) {
  return {.records = static_cast<double>(reader.records),
          .seconds = reader.seconds,
          .share = share,
          .figures = {{"put_rate", writer.rate()},
                      {"missed", static_cast<double>(reader.missed) / static_cast<double>(writer.records)}}};
}

template <class Case>
Session read(Stamps stamps) {
  const auto followed = follow<Case>(stamps, 1);
  return reported(followed.writer, followed.readers.front(), followed.share);
}

template <std::size_t Size>
Session read_queue(Stamps stamps) {
  LockedQueue<Size> queue{DefaultCase<Size>::capacity};
  Side writer, reader;
  const auto put = [&] {
    if (stamps == Stamps::batched) {
      const Table<Fixed<Size>, Size> table;
      const auto [end, seconds] = repeat(0, 4, [&](std::uint64_t index) { queue.put_all(table.batch(index)); });
      writer = {end * batch_records, 0, seconds};
    } else {
      Single<Fixed<Size>, Size> single;
      const auto [end, seconds] = repeat(0, 256, [&](std::uint64_t n) { queue.put(single.stamped(n)); });
      writer = {end, 0, seconds};
    }
    queue.close().value();
  };
  const auto take = [&] {
    typename LockedQueue<Size>::Taken taken;
    weir::BackOff wait;  // ours helps it too
    const bool crowded = processors().size() < 2;
    std::uint64_t next = 0;
    const auto begin = Clock::now();
    do {
      if (crowded) {
        std::this_thread::yield();
      } else {
        wait.before_poll();
      }
      queue.take(taken);
      wait.after_poll(taken.records.size());
      require_stamped<Size>(taken, stamps, next);
      reader.records += taken.records.size();
      reader.missed += taken.missed;
    } while (!taken.closed || !taken.records.empty());
    reader.seconds = seconds_between(begin, Clock::now());
  };
  const auto share = run_together({{0, put}, {1, take}});
  require(reader.records + reader.missed == writer.records, "records neither delivered nor missed");
  return reported(writer, reader, share);
}

}  // namespace

void register_benchmarks() {
  for (const auto stamps : {Stamps::counted, Stamps::batched}) {
    const auto* topic = stamps == Stamps::counted ? "read" : "read-batches";
    for_each_case([&]<class Case>(Case) {
      add(Case::row(topic, "handle", "none"), Threads::several, [stamps] { return read<Case>(stamps); });
    });
    for_each_fixed_size([&]<std::size_t Size>(Sized<Size>) {
      add(baseline(topic, Size, "mutex-deque"), Threads::several, [stamps] { return read_queue<Size>(stamps); });
    });
  }
}

}  // namespace bench
