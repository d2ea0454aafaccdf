/// One thread puts while others read: the session that the benchmarks of reading and of fan-out share.
#pragma once

#include "support/follower.hpp"

namespace bench {

/// Closes a stream however its producing thread leaves: the readers must end.
template <class Stream>
class Closing {
 public:
  explicit Closing(Stream& stream) : stream_(stream) {}
  Closing(const Closing&) = delete;
  Closing& operator=(const Closing&) = delete;
  ~Closing() { stream_.close().value(); }

 private:
  Stream& stream_;
};

/// Puts for the length of a session through a handle, stamped as `stamps` says, from record `first` on. Returns the
/// first record that was not put and how long it took.
template <class Case>
std::pair<std::uint64_t, double> put_for_a_session(typename Case::stream& stream, Stamps stamps, std::uint64_t first) {
  auto writer = stream.writer(one_key).value();
  std::uint64_t numbers = 0;
  if (stamps == Stamps::batched) {
    const Table<typename Case::payload, Case::size> table;
    const auto [batches, seconds] = repeat(first / batch_records, 4, [&](std::uint64_t index) {
      numbers += writer.put_all(table.batch(index)).value().first.value();
    });
    const auto end = batches * batch_records;
    require(numbers == sum_of_numbers(first, end, batch_records), "other numbers than the next ones");
    return {end, seconds};
  }
  Single<typename Case::payload, Case::size> single;
  const auto [end, seconds] = repeat(
      first, 256, [&](std::uint64_t n) { numbers += writer.put(single.stamped(n)).value().sequence_number.value(); });
  require(numbers == sum_of_numbers(first, end), "other numbers than the next ones");
  return {end, seconds};
}

/// What a thread that reads or writes came to.
struct Side {
  std::uint64_t records = 0;
  std::uint64_t missed = 0;
  double seconds = 0;

  [[nodiscard]] double rate() const { return static_cast<double>(records) / seconds; }
};

/// `readers` threads follow what one thread puts. The writer's and the readers' figures, of which the session is
/// made, are the caller's to choose between.
struct Followed {
  Side writer{};
  std::vector<Side> readers{};
  double share = 1;
};

template <class Case>
Followed follow(Stamps stamps, std::size_t readers) {
  auto stream = Case::open();
  const auto first = put_a_lap<Case>(stream, stamps);
  Followed result{.readers = std::vector<Side>(readers)};
  const bool crowded = readers + 1 > processors().size();

  std::vector<Task> tasks;
  tasks.push_back({0, [&] {
                     const Closing closing{stream};
                     const auto [end, seconds] = put_for_a_session<Case>(stream, stamps, first);
                     result.writer = {end - first, 0, seconds};
                   }});
  std::vector<typename Case::stream::iterator_type> iterators;
  for (std::size_t i = 0; i < readers; ++i) {
    iterators.push_back(stream.iterator(weir::ShardId{0}, weir::Position::latest()).value());
  }
  // Readers that have to share a processor share another one than the writer's.
  const auto others = std::max<std::size_t>(processors().size() - 1, 1);
  for (std::size_t i = 0; i < readers; ++i) {
    tasks.push_back(
        {1 + i % others, [&, i] {
           auto& iterator = iterators[i];
           Follower<Case> follower{stamps, first + 1};
           weir::Yield yield;
           const auto begin = Clock::now();
           while (!iterator.at_end()) {
             follower.take(crowded ? iterator.read(yield, weir::Deadline::never())
                                   : iterator.read(weir::Deadline::never()));
           }
           result.readers[i] = {follower.delivered(), follower.missed(), seconds_between(begin, Clock::now())};
         }});
  }
  result.share = run_together(tasks);
  for (const auto& reader : result.readers) {
    require(reader.records + reader.missed == result.writer.records, "records neither delivered nor missed");
  }
  return result;
}

}  // namespace bench
