/// One thread puts records of many keys into a stream of several shards: the sessions that the benchmarks of putting
/// and of routing share.
#pragma once

#include <optional>

#include "support/follower.hpp"

namespace bench {

inline constexpr int singles_a_look = 256;
inline constexpr int several = 4;  // shards

/// Measures `put(n)` from n = `first` on. The loop is the only place that calls it, so that it is compiled as in a
/// user's loop.
template <class Put>
Session measured(std::uint64_t first, int calls, std::uint64_t& next, Put&& put) {
  const ProcessorShare share;
  const auto [end, seconds] = repeat(first, calls, put);
  next = end;
  return {.records = static_cast<double>(end - first), .seconds = seconds, .share = share.so_far()};
}

/// Keys that fall evenly to the shards of a stream.
template <class Case>
class Keys {
 public:
  static constexpr std::size_t count = 64;

  Keys(const typename Case::stream& stream, int shards) {
    const auto wanted = static_cast<std::size_t>(shards);
    std::vector<std::size_t> shares(wanted);
    for (int i = 100; texts_.size() < count; ++i) {
      auto text = "client-" + std::to_string(i);
      const auto shard = stream.shard_of(text).value();
      if (shares[shard.index()]++ < count / wanted) {
        prepared_.push_back(stream.make_key(text).value());
        texts_.push_back(std::move(text));
        shards_.push_back(shard);
      }
    }
  }

  [[nodiscard]] const std::string& text(std::uint64_t n) const { return texts_[n % count]; }
  [[nodiscard]] const auto& prepared(std::uint64_t n) const { return prepared_[n % count]; }
  [[nodiscard]] weir::ShardId shard(std::uint64_t n) const { return shards_[n % count]; }

  /// The sum of the sequence numbers of records [first, end), when every record since 0 went to its key's shard.
  [[nodiscard]] std::uint64_t sum_of_numbers(std::uint64_t first, std::uint64_t end) const {
    std::vector<std::uint64_t> numbers(count);
    std::uint64_t sum = 0;
    for (std::uint64_t n = 0; n < end; ++n) {
      const auto number = ++numbers[shard(n).index()];
      sum += n >= first ? number : 0;
    }
    return sum;
  }

  /// The first record from `n` on that went to `shard`.
  [[nodiscard]] std::uint64_t next_of(weir::ShardId shard, std::uint64_t n) const {
    while (shards_[n % count] != shard) {
      ++n;
    }
    return n;
  }

 private:
  std::vector<std::string> texts_;
  std::vector<typename Case::stream::partition_key> prepared_;
  std::vector<weir::ShardId> shards_;
};

/// Record n went to the shard of key n; each shard's records are in order, and none is missing among the retained.
template <class Case>
void require_routed(typename Case::stream& stream, const Keys<Case>& keys, int shards, std::uint64_t put) {
  std::uint64_t ends = 0;
  for (std::uint32_t i = 0; i < static_cast<std::uint32_t>(shards); ++i) {
    const weir::ShardId shard{i};
    auto iterator = stream.iterator(shard, weir::Position::trim_horizon()).value();
    std::optional<std::uint64_t> next;
    std::uint64_t last = 0;
    for (;;) {
      const auto batch = iterator.read();
      if (!batch) {
        break;
      }
      for (const auto& record : batch) {
        const auto bytes = payload_bytes(record.value());
        const auto n = next ? *next : first_stamp(bytes);
        require(difference(bytes, n) == 0, "a record that is not the one put in this place");
        require(keys.shard(n) == shard, "a record in another key's shard");
        if constexpr (keyed<typename Case::payload>) {
          require(record.partition_key() == keys.text(n), "a record with another's key");
        }
        next = keys.next_of(shard, n + 1);
        last = record.sequence_number().value();
      }
    }
    require(next && *next >= put, "the newest record is not there");
    ends += last;
  }
  require(ends == put, "records lost");
}

/// `put(stream, keys, n, record)` is how a record is put.
template <class Case, class Put>
Session put_to_several(Put&& put) {
  auto stream = Case::open(several);
  const Keys<Case> keys{stream, several};
  Single<typename Case::payload, Case::size> single;
  for (std::uint64_t n = 0; n < Case::lap; ++n) {
    stream.put(keys.prepared(n), single.stamped(n)).value();
  }
  std::uint64_t numbers = 0, end = 0;
  const auto session = measured(Case::lap, singles_a_look, end, [&](std::uint64_t n) {
    numbers += put(stream, keys, n, single.stamped(n)).value().sequence_number.value();
  });
  require(numbers == keys.sum_of_numbers(Case::lap, end), "other numbers than the next ones");
  require_routed<Case>(stream, keys, several, end);
  return session;
}

template <class Case>
Session put_to_several_by_text() {
  return put_to_several<Case>([](auto& stream, const auto& keys, std::uint64_t n, const auto& record) {
    return stream.put(keys.text(n), record);
  });
}

template <class Case>
Session put_to_several_by_prepared_key() {
  return put_to_several<Case>([](auto& stream, const auto& keys, std::uint64_t n, const auto& record) {
    return stream.put(keys.prepared(n), record);
  });
}

}  // namespace bench
