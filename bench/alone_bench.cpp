/// One thread beside its peers: what a string key adds to a put, and replaying a ring beside memcpy and beside LMDB's
/// cursor.
#include "support/paired.hpp"
#include "support/putting.hpp"
#if WEIR_BENCH_LMDB
# include "support/lmdb_table.hpp"
#endif

namespace bench {
namespace {

using weir::Delivery;

/// MD5 of the keys that the puts have, and nothing else.
template <class Case>
Session hash_alone() {
  const auto stream = Case::open(several);
  const Keys<Case> keys{stream, several};
  std::uint64_t hashed = 0, sum = 0, expected = 0;
  const auto session =
      measured(0, singles_a_look, hashed, [&](std::uint64_t n) { sum += weir::Md5Hasher{}(keys.text(n)).high(); });
  for (std::uint64_t n = 0; n < hashed; ++n) {
    expected += keys.prepared(n).hash().high();
  }
  require(sum == expected, "a key hashed to another number");
  return session;
}

constexpr std::uint64_t replayed = 1 << 16;
constexpr std::size_t replayed_size = 64;

/// What every system computes of the records that it replays, from their first and last words.
class Ends {
 public:
  void take(std::span<const std::byte> payload) {
    std::uint64_t last = 0;
    std::memcpy(&last, payload.data() + payload.size() - sizeof last, sizeof last);
    sum_ += first_stamp(payload) + last;
  }
  void take(std::span<const Fixed<replayed_size>> payloads) {
    for (const auto& payload : payloads) {
      take(payload.bytes);
    }
  }

  [[nodiscard]] bool right() const { return sum_ == expected(); }

 private:
  static std::uint64_t expected() {
    static const auto known = [] {
      std::uint64_t sum = 0;
      for (std::uint64_t n = 0; n < replayed; ++n) {
        sum += 2 * stamp_of(Stamps::batched, n);
      }
      return sum;
    }();
    return known;
  }

  std::uint64_t sum_ = 0;
};

/// Measures `replay(ends)`, which is what it replays once. The round before counts for nothing: it warms up.
template <class Replay>
Session replaying(Replay&& replay) {
  std::uint64_t right = 0;
  const auto checked = [&](std::uint64_t) {
    Ends ends;
    replay(ends);
    right += ends.right() ? 1 : 0;
  };
  checked(0);
  const ProcessorShare share;
  const auto [rounds, seconds] = repeat(0, 1, checked);
  require(right == rounds + 1, "other records than were put");
  return {.records = static_cast<double>(rounds * replayed), .seconds = seconds, .share = share.so_far()};
}

template <class Case>
Session replay_stream() {
  // A segment ring needs a little more for the same records.
  auto stream = Case::stream::open({.name = "bench",
                                    .capacity = keyed<typename Case::payload> ? weir::bytes(Case::ring_bytes)
                                                                              : weir::records(replayed)})
                    .value();
  const Table<typename Case::payload, Case::size> table;
  for (std::uint64_t index = 0; index < replayed / batch_records; ++index) {
    stream.put_all(one_key, table.batch(index)).value();
  }
  return replaying([&](Ends& ends) {
    auto iterator = stream.iterator(weir::ShardId{0}, weir::Position::trim_horizon()).value();
    while (const auto batch = iterator.read()) {
      if constexpr (keyed<typename Case::payload>) {
        for (const auto& record : batch) {
          ends.take(payload_bytes(record.value()));
        }
      } else {
        ends.take(batch.values());
      }
    }
  });
}

using Payloads = std::vector<Fixed<replayed_size>>;

Payloads all_payloads() {
  const Table<Fixed<replayed_size>, replayed_size> table;
  Payloads all;
  while (all.size() < replayed) {
    const auto batch = table.batch(all.size() / batch_records);
    all.insert(all.end(), batch.begin(), batch.end());
  }
  return all;
}

/// Copies all payloads, so many at a time into the same place, and looks at them there.
Session copy_and_sum(std::size_t at_a_time) {
  const auto from = all_payloads();
  Payloads to(at_a_time);
  return replaying([&](Ends& ends) {
    for (std::size_t n = 0; n < replayed; n += at_a_time) {
      const auto count = std::min(at_a_time, replayed - n);
      std::memcpy(to.data(), from.data() + n, count * replayed_size);
      ends.take(std::span{to}.first(count));
    }
  });
}

/// The same without looking, which no reader does: the bare speed of a copy. What it copied last is checked when the
/// clock stands.
Session copy(std::size_t at_a_time) {
  const auto from = all_payloads();
  Payloads to(at_a_time);
  const ProcessorShare share;
  const auto [rounds, seconds] = repeat(0, 1, [&](std::uint64_t) {
    for (std::size_t n = 0; n < replayed; n += at_a_time) {
      std::memcpy(to.data(), from.data() + n, std::min(at_a_time, replayed - n) * replayed_size);
      benchmark::ClobberMemory();
    }
  });
  const auto own = share.so_far();
  const auto last = (replayed - 1) / at_a_time * at_a_time;
  require_stamped(std::span<const Fixed<replayed_size>>{to}.first(replayed - last), Stamps::batched, last);
  return {.records = static_cast<double>(rounds * replayed), .seconds = seconds, .share = own};
}

#if WEIR_BENCH_LMDB
Session scan_lmdb() {
  LmdbTable stored{replayed * 256};
  const auto payloads = all_payloads();
  stored.append(replayed, [&](std::uint64_t n) { return std::span<const std::byte>{payloads[n].bytes}; });
  return replaying([&](Ends& ends) { stored.scan([&](std::span<const std::byte> value) { ends.take(value); }); });
}
#endif

template <template <std::size_t> class Payload, weir::Arrival arrival, Delivery delivery>
using Replayed = Case<Payload<replayed_size>, replayed_size, weir::Options{.arrival = arrival, .delivery = delivery}>;

template <weir::Arrival arrival>
void add_replays() {
  constexpr std::size_t piece = weir::read_bytes / replayed_size;
  const auto row = [](const std::string& topic, const char* key) {
    return Row{topic + (arrival == Arrival::kept ? "" : "-without-arrivals"), replayed_size, "paired",
               std::string{arrival == Arrival::kept ? "clock=coarse" : "clock=none"} + " key=" + key + " hasher=none"};
  };
  add_paired(row("replay-column", "none"), Threads::one,
             {{"weir gated", replay_stream<Replayed<Fixed, arrival, Delivery::gated>>},
              {"weir overwrite", replay_stream<Replayed<Fixed, arrival, Delivery::overwrite>>},
              {"memcpy of all", [] { return copy_and_sum(replayed); }},
              {"memcpy in pieces", [] { return copy_and_sum(piece); }},
              {"memcpy of all (not read)", [] { return copy(replayed); }},
              {"memcpy in pieces (not read)", [] { return copy(piece); }}});
#if WEIR_BENCH_LMDB
  add_paired(row("replay-segment", "text"), Threads::one,
             {{"weir gated", replay_stream<Replayed<Segmented, arrival, Delivery::gated>>},
              {"weir overwrite", replay_stream<Replayed<Segmented, arrival, Delivery::overwrite>>},
              {"lmdb", scan_lmdb}});
#endif
}

}  // namespace

void register_benchmarks() {
  using Routed = DefaultCase<8>;
  add_paired({"route", Routed::size, "paired", "clock=coarse key=text hasher=md5 shards=" + std::to_string(several)},
             Threads::one,
             {{"weir put with a string key", put_to_several_by_text<Routed>},
              {"put with a prepared key", put_to_several_by_prepared_key<Routed>},
              {"md5 of the key", hash_alone<Routed>}});
  add_replays<Arrival::kept>();
  add_replays<Arrival::dropped>();
}

}  // namespace bench
