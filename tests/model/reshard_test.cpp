/// Small families of shards, in every schedule: whoever reshards may stop for good at any step, and no put is lost,
/// comes twice or hangs, and no key goes backwards.
#include "weir/stream/lineage.hpp"

#include <array>
#include <optional>
#include <string>

#include "litmus/edges.hpp"
#include "model/holds.hpp"
#include "weir/ring/column/log.hpp"
#include "weir/ring/segment/log.hpp"
#include "weir/stream/keeping.hpp"

namespace {

using namespace weir;
using model::holds;
using Memory = model::CheckedMemory;

constexpr Options many{.arrival = Arrival::dropped};
constexpr Options gated{.arrival = Arrival::dropped, .delivery = Delivery::gated};
constexpr Options timed{.delivery = Delivery::gated};
template <Options options>
using Columns = ColumnLog<std::uint64_t, options, model::CheckedEnv>;
template <Options options>
using Segments = SegmentLog<std::string, options, model::CheckedEnv>;

constexpr RingSize size_of(Columns<many>*) {
  return {2, 1};
}
constexpr RingSize size_of(Columns<gated>*) {
  return {4, 1};
}
constexpr RingSize size_of(Columns<timed>*) {
  return {1, 2};
}
constexpr RingSize size_of(Segments<many>*) {
  return {256, 1};
}

/// What a stream's shard has that a reshard needs: a ring and its links.
template <class Ring>
struct Shard {
  using Log = Ring;
  struct Alarm {
    void wake_all() const noexcept {}
  };

  explicit Shard(const std::vector<Shard*>& parents)
      : ring(parents.empty() ? Log::format(bytes, size, 1) : Log::attach(bytes, size)), links(*this, parents, 0) {}

  [[nodiscard]] const Log& log() const noexcept { return ring; }
  [[nodiscard]] Alarm alarm() const noexcept { return {}; }
  [[nodiscard]] auto& lineage() noexcept { return links; }
  [[nodiscard]] const auto& lineage() const noexcept { return links; }
  /// Where arrivals are kept, all that has ever arrived has expired.
  [[nodiscard]] Sieve sieve() const noexcept { return {std::int64_t{1} << 40}; }

  static constexpr RingSize size = size_of(static_cast<Log*>(nullptr));
  alignas(line_size) std::array<std::byte, Log::footprint(size)> bytes{};
  Log ring;
  detail::Lineage<Shard, Memory> links;
};

/// What a producer puts: its number and how manieth it is, in whatever the ring takes.
template <class Log>
auto value_of(std::size_t producer, std::uint64_t n) {
  const auto value = producer * 8 + n;
  if constexpr (std::is_same_v<typename Log::payload, std::string>) {
    return std::string(1, static_cast<char>('0' + value));  // short: a body that is abandoned leaks nothing
  } else {
    return value;
  }
}

/// Puts as a stream does: into the shard that is known to be open, and once that is closed into whoever took over.
template <class S>
S* put(S* shard, std::size_t producer, std::uint64_t n, std::uint64_t& number) {
  for (;;) {
    auto writer = shard->log().brief_writer();
    const auto append = writer.try_put(model::CheckedClock{}, "", value_of<typename S::Log>(producer, n));
    if (append.status == Append::Status::done) {
      number = append.number;
      return shard;
    }
    if (append.status == Append::Status::closed) {
      const auto& successors = *shard->lineage().successors();
      shard = successors[producer % successors.size()];
      shard->lineage().begin();
    } else {
      if constexpr (S::Log::gated) {
        if (detail::made_room(*shard)) {
          continue;
        }
      }
      Memory::pause();
    }
  }
}

/// Parents that become children while producers of a key each put, `puts` times; whoever reshards may stop anywhere.
/// Producer n has its key in parent n and child n, or in the only one.
template <class Log, std::size_t parent_count, std::size_t child_count, std::size_t producers, std::size_t puts,
          bool stops = true>
struct Reshard {
  using S = Shard<Log>;
  static constexpr std::size_t threads = 1 + producers;
  static constexpr std::size_t mortals = stops ? 1 : 0;

  Reshard() {
    for (auto& parent : parents) {
      all_parents.push_back(&parent.emplace(std::vector<S*>{}));
    }
    for (auto& child : children) {
      all_children.push_back(&child.emplace(all_parents));
    }
  }

  void run(std::size_t thread) {
    if (thread == 0) {
      for (S* parent : all_parents) {
        parent->lineage().succeed(all_children);
      }
      for (S* child : all_children) {
        child->lineage().begin();
      }
      return;
    }
    const auto producer = thread - 1;
    S* shard = all_parents[producer % parent_count];
    for (std::uint64_t n = 0; n < puts; ++n) {
      std::uint64_t number = 0;
      shard = put(shard, producer, n, number);
      model::expect(number > last[producer], "a number of a key went backwards");
      last[producer] = number;
    }
  }

  /// Every record once, a key's in order, parents before children; nothing in a child unless its parents are closed.
  void finish() {
    std::array<std::uint64_t, producers> seen{};
    bool over = true;
    for (auto& parent : parents) {
      over = drain(*parent, seen) && over;
    }
    for (auto& child : children) {
      if (child->lineage().begun()) {
        model::expect(over, "a shard has begun before all it takes over from are closed");
        drain(*child, seen);
      }
    }
    for (const auto count : seen) {
      model::expect(count == puts, "a record is lost");
    }
  }

  bool drain(S& shard, std::array<std::uint64_t, producers>& seen) {
    auto reader = shard.log().reader({.number = shard.lineage().start() + 1});
    for (;;) {
      const auto run = reader.read(1);
      model::expect(run.missed == 0, "a record was overwritten");
      if (run.count == 0) {
        return run.end;
      }
      std::uint64_t value = 0;
      if constexpr (std::is_same_v<typename Log::payload, std::string>) {
        value = static_cast<std::uint64_t>(reader.value(0)[0] - '0');
      } else {
        value = reader.value(0);
      }
      auto& next = seen[value / 8];
      model::expect(value % 8 == next, "a record came twice or out of order");
      ++next;
    }
  }

  std::array<std::optional<S>, parent_count> parents;
  std::array<std::optional<S>, child_count> children;
  std::vector<S*> all_parents;
  std::vector<S*> all_children;
  std::array<std::uint64_t, producers> last{};
};

TEST_CASE("columns: a shard is split under producers, and whoever splits it stops anywhere") {
  holds<Reshard<Columns<many>, 1, 2, 1, 1>>("one producer, one put");
  holds<Reshard<Columns<many>, 1, 2, 1, 2>>("one producer, two puts");
  holds<Reshard<Columns<many>, 1, 2, 2, 1, false>>("two producers, a put each, to the end", {.preemptions = 4});
}

TEST_CASE("columns: two shards are merged under producers, and whoever merges them stops anywhere") {
  holds<Reshard<Columns<many>, 2, 1, 1, 1>>("one producer, one put");
  holds<Reshard<Columns<many>, 2, 1, 1, 2>>("one producer, two puts");
  holds<Reshard<Columns<many>, 2, 1, 2, 1, false>>("two producers, a put each, to the end", {.preemptions = 4});
}

TEST_CASE("segments: a shard is split, and two are merged, under a producer") {
  holds<Reshard<Segments<many>, 1, 2, 1, 1>>("split");
  holds<Reshard<Segments<many>, 2, 1, 1, 1>>("merge");
}

/// A shard is closed, and its records are discarded once all of them are settled and nobody reads it, while a producer
/// is about to look at its stamps.
struct Discarded {
  using Log = Columns<many>;
  static constexpr std::size_t threads = 2;
  static constexpr RingSize size{1, 1};

  alignas(line_size) std::array<std::byte, Log::footprint(size)> bytes{};
  Log log = Log::format(bytes, size, 1);

  Discarded() { model::expect(append().status == Append::Status::done, "the ring takes no record"); }

  Append append() const { return log.brief_writer().try_put(model::CheckedClock{}, "", 7); }

  void run(std::size_t thread) {
    if (thread == 1) {
      const auto outcome = append();
      litmus::outcome(outcome.status == Append::Status::done ? "done" : "closed");
      model::expect(outcome.status == Append::Status::done || outcome.status == Append::Status::closed,
                    "a put into a shard that was closed was told to try again");
      return;
    }
    log.close();
    while (!log.settled()) {
      Memory::pause();
    }
    // As the system takes pages away: whoever finds a zero finds what was done before.
    const auto records = log.records();
    for (std::size_t i = 0; i < records.size(); i += line_size) {
      for (std::size_t word = 0; word < size.capacity; ++word) {
        auto& zeroed = reinterpret_cast<std::uint64_t*>(records.data() + i)[word];
        Memory::store(zeroed, 0, detail::release<'S'>);
      }
    }
  }
  void finish() const {}
};

TEST_CASE("a put that was preempted while its shard was closed and discarded is told that it is closed") {
  holds<Discarded>("one put");
}

/// A reader holds a batch of a gated ring while a producer finds it full, and passes what it takes to have expired: the
/// batch stays, because its reader is registered.
struct Expiry {
  using S = Shard<Columns<timed>>;
  static constexpr std::size_t threads = 2;

  S shard{{}};
  std::optional<S::Log::Reader> reader;

  Expiry() {
    std::uint64_t number = 0;
    put(&shard, 0, 7, number);
    reader.emplace(shard.log().reader({.number = 1}));
  }

  void run(std::size_t thread) {
    if (thread == 0) {
      const auto run = reader->read(1);
      model::expect(run.count == 1 && run.missed == 0, "a registered reader missed something");
      model::expect(Memory::plain_load(reader->value(0)) == 7, "a batch was overwritten");
      reader.reset();
      return;
    }
    std::uint64_t number = 0;
    put(&shard, 0, 8, number);
    put(&shard, 0, 9, number);
    model::expect(number == 3, "a record has another number than the third");
  }
  void finish() const { model::expect(shard.log().end() == 4, "claims were lost"); }
};

TEST_CASE("what has expired makes no room under a batch that is held") {
  holds<Expiry>("one record");
}

/// Writers of a gated shard that took over wait for a reader that is still at a parent, and not longer.
struct Awaited {
  using Log = ColumnLog<std::uint64_t, gated, model::CheckedEnv>;
  using S = Shard<Log>;
  static constexpr std::size_t threads = 2;

  S parent{{}};
  S child{{&parent}};
  std::vector<S*> successors{&child};
  std::optional<Log::Reader> old{parent.log().reader({.number = 1})};
  std::optional<Log::Reader> reader;

  Awaited() {
    parent.lineage().succeed(successors);
    child.lineage().begin();
  }

  void run(std::size_t thread) {
    if (thread == 0) {
      model::expect(old->read(1).end, "an empty shard that is closed has no end");
      reader.emplace(child.log().reader({.number = child.lineage().start() + 1}));
      old.reset();
      for (std::uint64_t n = 0; n < 2;) {
        const auto run = reader->read(1);
        model::expect(run.missed == 0, "a reader that followed missed something");
        if (run.count == 0) {
          Memory::pause();
        } else {
          model::expect(Memory::plain_load(reader->value(0)) == n, "a record is another's");
          ++n;
        }
      }
      return;
    }
    for (std::uint64_t n = 0; n < 2; ++n) {
      std::uint64_t number = 0;
      put(&child, 0, n, number);
    }
  }
  void finish() const {}
};

TEST_CASE("gated: a shard that took over waits for the readers of its parents") {
  holds<Awaited>("capacity 1, two puts");
}

}  // namespace
