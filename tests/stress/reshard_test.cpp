/// Producers put and readers follow while shards are split and merged at random: no record is lost or comes twice, and
/// each key's stay in order. A long form, of a minute, with WEIR_STRESS=long.
#include "weir/stream/reshard.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <string_view>
#include <thread>
#include <vector>

#include "support/random.hpp"
#include "support/watchdog.hpp"

namespace {

using namespace std::chrono_literals;
using namespace weir;

struct Record {
  std::uint32_t key;
  std::uint32_t index;
  std::uint64_t check;
};

Record record_of(std::uint32_t key, std::uint32_t index) {
  return {key, index, support::Random{std::uint64_t{key} << 32 | index}.next()};
}

/// The same in columns and as text.
struct Columns {
  using payload = Record;
  static constexpr Capacity small = records(256);
  static constexpr Capacity large = records(1 << 20);
  static Record of(std::uint32_t key, std::uint32_t index) { return record_of(key, index); }
  static Record read(const Record& record) { return record; }
};
struct Texts {
  using payload = std::string;
  static constexpr Capacity small = bytes(16 << 10);
  static constexpr Capacity large = bytes(64 << 20);
  static std::string of(std::uint32_t key, std::uint32_t index) {
    const auto record = record_of(key, index);
    std::string text(sizeof record, '\0');
    std::memcpy(text.data(), &record, sizeof record);
    return text + std::string(record.check % 50, 'x');
  }
  static Record read(std::string_view text) {
    Record record{};
    std::memcpy(&record, text.data(), std::min(text.size(), sizeof record));
    return record;
  }
};

bool long_form() {
  const char* asked = std::getenv("WEIR_STRESS");
  return asked != nullptr && std::string_view{asked} == "long";
}

/// What each key's puts were told, in their order; or what a reader was given.
using Numbers = std::vector<std::vector<SequenceNumber>>;

template <class Ring, Options options>
class Traffic {
 public:
  using Stream = weir::Stream<typename Ring::payload, MemoryStorage, options>;
  static constexpr std::uint32_t keys = 24;
  static constexpr std::size_t reshards = 1000;

  explicit Traffic(const StreamConfig& config, std::uint32_t most_puts) : most_puts_(most_puts) {
    stream_.emplace(Stream::open(config).value());
  }

  void run() {
    const support::Watchdog watchdog{"resharding under load", long_form() ? 300s : 200s};
    const auto producers = std::max(2U, std::thread::hardware_concurrency());
    std::vector<std::jthread> threads;
    for (unsigned producer = 0; producer < producers; ++producer) {
      threads.emplace_back([this, producer, producers] { produce(producer, producers); });
    }
    std::jthread reader{[this] { read(); }};
    std::size_t done = 0;
    {
      std::jthread resharder{[this, &done] { done = reshard(); }};
    }
    stop_ = true;
    threads.clear();
    stream_->close().value();
    reader.join();

    CHECK(done == reshards);
    CHECK(failures_ == 0);
    CHECK(missed_ == 0);
    CHECK(torn_ == 0);
    std::size_t records = 0;
    for (std::uint32_t key = 0; key < keys; ++key) {
      CAPTURE(key);
      records += put_[key].size();
      CHECK(put_[key] == read_[key]);
      CHECK(std::is_sorted(put_[key].begin(), put_[key].end(),
                           [](const auto& a, const auto& b) { return a.value() < b.value(); }));
    }
    CHECK(records > reshards);
    MESSAGE(records, " records, ", done, " reshards, ", stream_->shards().size(), " shards listed at the end");
  }

 private:
  /// Keys of its own, in turn; one by a handle, one by text.
  void produce(unsigned producer, unsigned producers) {
    std::vector<std::uint32_t> mine;
    for (std::uint32_t key = producer; key < keys; key += producers) {
      mine.push_back(key);
    }
    std::vector<std::string> names;
    std::vector<typename Stream::writer_type> writers;
    for (const auto key : mine) {
      names.push_back("key " + std::to_string(key));
      writers.push_back(stream_->writer(names.back()).value());
    }
    for (std::uint32_t index = 0; !stop_; ++index) {
      if (index == most_puts_) {
        while (!stop_) {
          std::this_thread::yield();
        }
        return;
      }
      for (std::size_t i = 0; i < mine.size(); ++i) {
        const auto& value = Ring::of(mine[i], index);
        const auto put = mine[i] % 2 == 0 ? writers[i].put(value, 60s) : stream_->put(names[i], value, 60s);
        if (!put) {
          ++failures_;
          return;
        }
        put_[mine[i]].push_back(put->sequence_number);
        ++puts_;
      }
    }
  }

  void read() {
    auto reader = stream_->reader(Position::trim_horizon()).value();
    while (!reader.at_end()) {
      const auto batch = reader.read(Deadline{10ms});
      missed_ += batch.missed();
      for (const auto& each : batch) {
        const Record record = Ring::read(each.value());
        if (record.key >= keys || record.check != record_of(record.key, record.index).check ||
            record.index != read_[record.key].size()) {
          ++torn_;
        } else {
          read_[record.key].push_back(each.sequence_number());
        }
      }
    }
  }

  std::size_t reshard() {
    support::Random random{2026};
    const auto begun = std::chrono::steady_clock::now();
    std::size_t done = 0;
    while (done < reshards) {
      const auto open = stream_->shards(ShardFilter::at_latest());
      const auto& shard = open[random.below(open.size())];
      if (open.size() == 1 || (open.size() < 8 && random.below(2) == 0)) {
        const auto& range = shard.hash_key_range;
        done += range.splits_at(range.midpoint()) && split(*stream_, shard.id, range.midpoint()) ? 1 : 0;
      } else {
        for (const auto& upper : open) {
          if (shard.hash_key_range.adjoins(upper.hash_key_range)) {
            done += merge(*stream_, shard.id, upper.id) ? 1 : 0;
          }
        }
      }
      const auto wait = long_form() ? 60ms : 200us;
      // At its pace, and not ahead of producers that are given no processor.
      while (std::chrono::steady_clock::now() < begun + done * wait || puts_ <= done) {
        std::this_thread::yield();
      }
    }
    return done;
  }

  std::optional<Stream> stream_;
  std::uint32_t most_puts_;
  std::atomic<bool> stop_{false};
  std::atomic<int> failures_{0};
  std::atomic<std::size_t> puts_{0};
  std::uint64_t missed_ = 0;  // both by the reader alone
  std::uint64_t torn_ = 0;
  Numbers put_{keys};
  Numbers read_{keys};
};

constexpr Options gated{.delivery = Delivery::gated, .notify = Notify::on_put};
constexpr Options overwrite{};
constexpr std::uint32_t without_end = ~std::uint32_t{0};

TEST_CASE("columns: 1,000 reshards under load in a gated stream lose nothing, and keep each key in order") {
  Traffic<Columns, gated>{{.shards = 2, .capacity = Columns::small}, without_end}.run();
}
TEST_CASE("segments: 1,000 reshards under load in a gated stream lose nothing, and keep each key in order") {
  Traffic<Texts, gated>{{.shards = 2, .capacity = Texts::small}, without_end}.run();
}
TEST_CASE("columns: 1,000 reshards under load in an overwrite stream of ample capacity lose nothing") {
  Traffic<Columns, overwrite>{{.shards = 2, .capacity = Columns::large, .closed_bytes = std::int64_t{1} << 40}, 20'000}
      .run();
}
TEST_CASE("segments: 1,000 reshards under load in an overwrite stream of ample capacity lose nothing") {
  Traffic<Texts, overwrite>{{.shards = 2, .capacity = Texts::large, .closed_bytes = std::int64_t{1} << 40}, 10'000}
      .run();
}

TEST_CASE("listings tile and readers begin whatever is split, merged and given up meanwhile") {
  const support::Watchdog watchdog{"listings", 200s};
  auto stream = Stream<std::uint64_t>::open({.shards = 2, .capacity = records(64), .closed_bytes = 0}).value();
  std::atomic<bool> stop{false};
  std::jthread resharder{[&] {
    support::Random random{7};
    while (!stop) {
      const auto open = stream.shards(ShardFilter::at_latest());
      const auto& shard = open[random.below(open.size())];
      if (open.size() < 4) {
        static_cast<void>(split(stream, shard.id, shard.hash_key_range.midpoint()));
      } else {
        for (const auto& upper : open) {
          static_cast<void>(merge(stream, shard.id, upper.id));
        }
      }
    }
  }};
  std::uint64_t torn = 0, refused = 0, empty = 0;
  for (int i = 0; i < 3000; ++i) {
    auto open = stream.shards(i % 2 == 0 ? ShardFilter::at_latest() : ShardFilter::at_trim_horizon());
    std::sort(open.begin(), open.end(),
              [](const auto& a, const auto& b) { return a.hash_key_range.starting < b.hash_key_range.starting; });
    bool tiles = !open.empty() && open.front().hash_key_range.starting == HashKey{} &&
                 open.back().hash_key_range.ending == HashKey::largest();
    for (std::size_t n = 1; tiles && n < open.size(); ++n) {
      tiles = open[n - 1].hash_key_range.adjoins(open[n].hash_key_range);
    }
    torn += tiles ? 0 : 1;
    empty += stream.describe().open_shards == 0 ? 1 : 0;
    const auto reader = stream.reader(i % 2 == 0 ? Position::trim_horizon() : Position::latest());
    refused += reader ? 0 : 1;
  }
  stop = true;
  CHECK(torn == 0);
  CHECK(empty == 0);
  CHECK(refused == 0);
}

}  // namespace
