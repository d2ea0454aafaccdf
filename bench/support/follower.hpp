/// Reading with a check of every record.
#pragma once

#include "support/case.hpp"

namespace bench {

/// Follows the records of one shard and checks that each is the one it must be: the next one, or beyond a gap of just
/// as many as were reported missed.
template <class Case>
class Follower {
 public:
  explicit Follower(Stamps stamps) : stamps_(stamps) {}
  /// `next`: the number of the first record that must come or be missed.
  Follower(Stamps stamps, std::uint64_t next) : stamps_(stamps), next_(next) {}

  void take(const typename Case::batch& batch) {
    missed_ += batch.missed();
    if (batch.empty()) {
      next_ += next_ != 0 ? batch.missed() : 0;
      return;
    }
    const auto number = batch.front().sequence_number().value();
    require(next_ == 0 || number == next_ + batch.missed(), "a gap that was not reported");
    auto n = number - 1;  // the first record of a shard has the number 1
    if constexpr (keyed<typename Case::payload>) {
      std::uint64_t wrong = 0;
      for (const auto& record : batch) {
        const auto bytes = payload_bytes(record.value());
        require(bytes.size() == Case::size, "a record of another size");
        wrong |= difference(bytes, stamp_of(stamps_, n++));
        require(record.partition_key() == one_key, "a record with another's key");
      }
      require(wrong == 0, "a record that is not the one put in this place");
    } else {
      require_stamped(batch.values(), stamps_, n);
    }
    next_ = number + batch.size();
    delivered_ += batch.size();
  }

  [[nodiscard]] std::uint64_t next() const { return next_; }
  [[nodiscard]] std::uint64_t delivered() const { return delivered_; }
  [[nodiscard]] std::uint64_t missed() const { return missed_; }

 private:
  Stamps stamps_;
  std::uint64_t next_ = 0;
  std::uint64_t delivered_ = 0;
  std::uint64_t missed_ = 0;
};

/// Goes round once from record `first` on, so that no page is touched for the first time while the clock runs. Returns
/// the first record that was not put. Out of line, so that it shares no code with the loop that is measured.
template <class Case>
[[gnu::noinline]] std::uint64_t put_a_lap(typename Case::stream& stream, Stamps stamps, std::uint64_t first = 0) {
  const auto end = first + Case::lap;
  if (stamps == Stamps::batched) {
    const Table<typename Case::payload, Case::size> table;
    for (; first != end; first += batch_records) {
      stream.put_all(one_key, table.batch(first / batch_records)).value();
    }
  } else {
    Single<typename Case::payload, Case::size> single;
    for (; first != end; ++first) {
      stream.put(one_key, single.stamped(first)).value();
    }
  }
  return end;
}

/// The sum of the sequence numbers of records [first, end) of a shard, which begins with number 1; with `step`, of
/// every `step`-th.
constexpr std::uint64_t sum_of_numbers(std::uint64_t first, std::uint64_t end, std::uint64_t step = 1) {
  const auto count = (end - first) / step;
  return count * (first + 1) + step * (count * (count - 1) / 2);
}

/// Replays shard 0, into which `put` records went, more than a lap, and checks that it holds the newest ones, as many
/// as it should. Returns how many those are.
template <class Case>
std::uint64_t replay(typename Case::stream& stream, Stamps stamps, std::uint64_t put) {
  auto iterator = stream.iterator(weir::ShardId{0}, weir::Position::trim_horizon()).value();
  Follower<Case> follower{stamps};
  for (;;) {
    const auto batch = iterator.read();
    if (!batch) {
      break;
    }
    follower.take(batch);
  }
  require(follower.missed() == 0, "records missed at rest");
  require(follower.next() == put + 1, "the newest record is not there");
  require(follower.delivered() >= Case::retained, "fewer records retained than promised");
  return follower.delivered();
}

}  // namespace bench
