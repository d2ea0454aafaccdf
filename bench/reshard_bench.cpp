/// What 1,000 reshards leave behind: puts into a stream that was split and merged so often, and into one that was never
/// resharded and has as many open shards.
#include "support/paired.hpp"
#include "support/putting.hpp"
#include "weir/stream/metrics.hpp"
#include "weir/stream/reshard.hpp"

namespace bench {
namespace {

using Routed = DefaultCase<8>;
using Stream = Routed::stream;

constexpr int open_shards = 8;
constexpr int most_over = open_shards - 2;  // that there are meanwhile, or fewer
constexpr int reshards = 1000;
constexpr std::uint64_t unmeasured = ~std::uint64_t{0};  // the stamp of what fills the rings

/// Splits and merges at random, so that as many shards are open in the end as in the beginning, of other ranges each
/// time that this is called. Cuts fall evenly over all hash keys.
void reshard_at_random(Stream& stream) {
  struct Open {
    weir::ShardId id;
    weir::HashKeyRange range;
  };
  static std::uint64_t seed = 0;
  std::mt19937_64 random{++seed};
  std::vector<Open> open;  // by range, as an unresharded stream lists them
  for (const auto& shard : stream.shards()) {
    open.push_back({shard.id, shard.hash_key_range});
  }
  for (int left = reshards; left != 0; --left) {
    const auto over = static_cast<int>(open.size()) - open_shards;
    const bool must_merge = over == left || over == most_over;
    const bool must_split = over == -left || over == -most_over;
    if (must_merge || (!must_split && random() % 2 == 0)) {
      const auto lower = open.begin() + static_cast<std::ptrdiff_t>(random() % (open.size() - 1));
      const auto upper = lower + 1;
      *lower = {weir::merge(stream, lower->id, upper->id).value(), {lower->range.starting, upper->range.ending}};
      open.erase(upper);
    } else {
      const weir::HashKey cut{random(), random()};
      const auto parent =
          std::find_if(open.begin(), open.end(), [&](const Open& shard) { return shard.range.contains(cut); });
      const auto ids = weir::split(stream, parent->id, cut).value();
      const auto halves = parent->range.split(cut);
      *parent = {ids[1], halves[1]};
      open.insert(parent, {ids[0], halves[0]});
    }
  }
  require(stream.describe().open_shards == open_shards, "another number of open shards");
}

/// Goes round once in each open shard, so that no page is touched for the first time while the clock runs.
void fill(Stream& stream) {
  Single<Routed::payload, Routed::size> single;
  for (const auto& shard : stream.shards(weir::ShardFilter::at_latest())) {
    const auto key = Stream::partition_key::with_explicit_hash("any", shard.hash_key_range.starting).value();
    for (std::uint64_t n = 0; n < Routed::capacity / open_shards; ++n) {
      require(stream.put(key, single.stamped(unmeasured)).value().shard == shard.id, "a record in another shard");
    }
  }
}

/// Record n has key n, counted round.
template <std::size_t count>
struct ManyKeys {
  explicit ManyKeys(const Stream& stream) {
    for (std::size_t i = 0; i < count; ++i) {
      texts.push_back("client-" + std::to_string(i));
      prepared.push_back(stream.make_key(texts.back()).value());
    }
  }

  std::vector<std::string> texts;
  std::vector<Stream::partition_key> prepared;
};

/// Each of records [0, end) that is retained lies in its key's shard, behind those before it, and none is missing
/// there.
void require_retained(Stream& stream, const std::vector<weir::ShardId>& shards, std::uint64_t end) {
  const auto next_of = [&](weir::ShardId shard, std::uint64_t n) {
    while (n < end && shards[n % shards.size()] != shard) {
      ++n;
    }
    return n;
  };
  for (const auto& shard : stream.shards(weir::ShardFilter::at_latest())) {
    auto iterator = stream.iterator(shard.id, weir::Position::trim_horizon()).value();
    std::optional<std::uint64_t> next;
    while (const auto batch = iterator.read()) {
      for (const auto& record : batch) {
        const auto bytes = payload_bytes(record.value());
        const auto n = first_stamp(bytes);
        if (n == unmeasured && !next) {
          continue;
        }
        require(shards[n % shards.size()] == shard.id, "a record in another key's shard");
        require(difference(bytes, next.value_or(n)) == 0, "a record that is not the one put in this place");
        next = next_of(shard.id, n + 1);
      }
    }
    require(next.value_or(next_of(shard.id, 0)) == end, "the newest record is not there");
  }
}

/// `begin(stream, keys)` returns how record n is put: `put(n, record)`. It is called before the reshards.
template <std::size_t keys_count, class Begin>
Session put_to_eight(bool resharded, Begin&& begin) {
  auto stream = Routed::open(open_shards);
  const ManyKeys<keys_count> keys{stream};
  auto put = begin(stream, keys);
  if (resharded) {
    reshard_at_random(stream);
  }
  fill(stream);
  const auto before = weir::metrics(stream).total().incoming_records;
  Single<Routed::payload, Routed::size> single;
  std::vector<weir::ShardId> shards;
  for (std::uint64_t n = 0; n < keys_count; ++n) {  // handles go over to the open shards
    shards.push_back(put(n, single.stamped(n)).value().shard);
    require(shards.back() == stream.shard_of(keys.texts[n]).value(), "a record in another key's shard");
  }
  std::uint64_t answered = 0, expected = 0, end = 0;
  const auto session = measured(keys_count, singles_a_look, end,
                                [&](std::uint64_t n) { answered += put(n, single.stamped(n)).value().shard.index(); });
  for (std::uint64_t n = keys_count; n < end; ++n) {
    expected += shards[n % keys_count].index();
  }
  require(answered == expected, "a record in another key's shard");
  require(weir::metrics(stream).total().incoming_records - before == end, "records lost");
  require_retained(stream, shards, end);
  return session;
}

Session by_text(bool resharded) {
  constexpr std::size_t count = 4096;
  return put_to_eight<count>(resharded, [](Stream& stream, const auto& keys) {
    return [&](std::uint64_t n, const auto& record) { return stream.put(keys.texts[n % count], record); };
  });
}

Session by_prepared_key(bool resharded) {
  constexpr std::size_t count = 4096;
  return put_to_eight<count>(resharded, [](Stream& stream, const auto& keys) {
    return [&](std::uint64_t n, const auto& record) { return stream.put(keys.prepared[n % count], record); };
  });
}

Session by_handle(bool resharded) {
  constexpr std::size_t count = 64;
  return put_to_eight<count>(resharded, [](Stream& stream, const auto& keys) {
    std::vector<Stream::writer_type> handles;
    for (const auto& key : keys.prepared) {
      handles.push_back(stream.writer(key).value());
    }
    return [handles = std::move(handles)](std::uint64_t n, const auto& record) mutable {
      return handles[n % count].put(record);
    };
  });
}

}  // namespace

void register_benchmarks() {
  const auto add_pair = [](const char* topic, const char* terms, Session (*run)(bool)) {
    add_paired({topic, Routed::size, "paired", std::string{"clock=coarse "} + terms + " shards=8"}, Threads::one,
               {{"weir after 1,000 reshards", [run] { return run(true); }},
                {"never resharded", [run] { return run(false); }}});
  };
  add_pair("resharded-text", "key=text hasher=md5", by_text);
  add_pair("resharded-prepared", "key=prepared hasher=md5-once", by_prepared_key);
  add_pair("resharded-handle", "key=handle hasher=none", by_handle);
}

}  // namespace bench
