#include "weir/stream/lineage.hpp"

#include "stream/rings.hpp"
#include "weir/stream/reshard.hpp"

#include <memory>
#include <optional>

namespace weir::stream_tests {
namespace {

constexpr Options gated{.delivery = Delivery::gated};

/// Shards over memory of their own, linked by hand.
template <class Ring, Options options = Ring::options>
struct Family {
  using Shard = weir::Shard<typename Ring::payload, MemoryStorage, options, testing::ManualEnv>;

  Shard& make(const std::vector<Shard*>& parents) {
    const auto capacity = Shard::Log::check(Ring::capacity, 0).value();
    const RingSize size{capacity, 3};
    const ShardId id{static_cast<std::uint32_t>(shards.size())};
    const auto bytes = storage.create(id.to_string(), Shard::Log::footprint(size)).value();
    const auto log = Shard::Log::attach(bytes, size);
    if (parents.empty()) {
      log.begin(8);
    }
    shards.push_back(
        std::make_unique<Shard>(typename Shard::Header{.id = id, .incarnation = {}, .range = {}, .max_record = 100},
                                parents, parents.empty() ? 7 : 0, log, env, typename Shard::Alarm{event}));
    return *shards.back();
  }

  testing::ManualEnv env;
  MemoryStorage storage;
  typename Shard::Alarm::Event event;
  std::vector<std::unique_ptr<Shard>> shards;
};

TEST_CASE_TEMPLATE("a shard begins above all of its parents, which it closes, and begins once", Ring, ManyColumns,
                   OneColumn, Texts) {
  Family<Ring> f;
  auto& lower = f.make({});
  auto& upper = f.make({});
  lower.put("a", Ring::value_of(1)).value();
  lower.put("a", Ring::value_of(2)).value();
  auto& child = f.make({&lower, &upper});
  const std::vector successors{&child};
  lower.succeed(successors);
  upper.succeed(successors);
  CHECK_FALSE(child.lineage().begun());
  CHECK(child.start() == 0);
  lower.close().value();  // somebody had come so far
  child.lineage().begin();
  CHECK(upper.log().closed());
  CHECK(child.lineage().begun());
  CHECK(child.start() == 10);  // 8 and 9 are in the lower one
  CHECK(child.put("a", Ring::value_of(3)).value().sequence_number.value() == 11);
  child.lineage().begin();
  CHECK(child.start() == 10);
  CHECK(child.put("a", Ring::value_of(4)).value().sequence_number.value() == 12);
}

TEST_CASE_TEMPLATE("who only looks closes nothing", Ring, ManyColumns, OneColumn, Texts) {
  Family<Ring> f;
  auto& lower = f.make({});
  auto& upper = f.make({});
  auto& child = f.make({&lower, &upper});
  lower.close().value();
  child.lineage().begin_if_closed();
  CHECK_FALSE(child.lineage().begun());
  CHECK_FALSE(upper.log().closed());
  upper.close().value();
  child.lineage().begin_if_closed();
  CHECK(child.lineage().begun());
}

TEST_CASE_TEMPLATE("a put that meets a closed shard finishes what a reshard left, through several generations", Ring,
                   ManyColumns, OneColumn, Texts) {
  Family<Ring> f;
  auto& first = f.make({});
  auto& second = f.make({&first});
  auto& third = f.make({&second});
  const std::vector after_first{&second}, after_second{&third};
  first.succeed(after_first);
  first.close().value();
  second.succeed(after_second);
  second.lineage().begin();
  second.close().value();
  CHECK_FALSE(third.lineage().begun());
  const auto put = first.put("a", Ring::value_of(1)).value();
  CHECK(put.shard == ShardId{2});
  CHECK(third.lineage().begun());
  CHECK(put.sequence_number.value() == third.start() + 1);
}

TEST_CASE("writers of a gated shard wait until nobody is left who is to come from a parent") {
  Family<ManyColumns, gated> f;
  auto& parent = f.make({});
  auto& child = f.make({&parent});
  const std::vector successors{&child};
  auto slow = std::optional{parent.iterator(Position::trim_horizon()).value()};
  parent.succeed(successors);
  child.lineage().begin();
  CHECK_FALSE(child.lineage().awaits_none());
  for (std::uint64_t n = 0; n < ManyColumns::capacity.count; ++n) {
    child.put("a", n).value();
  }
  const auto full = [&] {
    const auto put = child.put("a", 1);
    return !put && put.error().code == Errc::full;
  };
  CHECK(full());
  {
    auto quick = child.iterator(Position::trim_horizon()).value();  // of one that had nothing to do with the parent
    while (quick.read()) {
    }
  }
  CHECK(full());
  CHECK(slow->read().empty());
  CHECK(slow->at_end());
  CHECK(full());  // it may still go on to the child
  auto gone_on = child.iterator(Position::at(child.number(child.start()))).value();
  slow.reset();
  CHECK(child.lineage().awaits_none());
  CHECK(full());  // now by its own place
  std::uint64_t seen = 0;
  while (const auto batch = gone_on.read()) {
    CHECK(batch.missed() == 0);
    seen += batch.size();
  }
  CHECK(seen == ManyColumns::capacity.count);
  CHECK_FALSE(full());
}

TEST_CASE("a gated shard waits for readers that are two generations behind") {
  Family<ManyColumns, gated> f;
  auto& first = f.make({});
  auto& second = f.make({&first});
  auto& third = f.make({&second});
  const std::vector after_first{&second}, after_second{&third};
  auto slow = std::optional{first.iterator(Position::trim_horizon()).value()};
  first.succeed(after_first);
  second.lineage().begin();
  second.succeed(after_second);
  third.lineage().begin();
  CHECK(second.log().gate().deserted());
  CHECK_FALSE(third.lineage().awaits_none());
  slow.reset();
  CHECK(third.lineage().awaits_none());
  CHECK_FALSE(second.log().gate().held());
}

TEST_CASE("a gated shard with parents that nobody read waits for nobody") {
  Family<Texts, gated> f;
  auto& parent = f.make({});
  auto& child = f.make({&parent});
  const std::vector successors{&child};
  parent.succeed(successors);
  child.lineage().begin();
  CHECK(child.log().gate().held());
  CHECK(child.lineage().awaits_none());
  CHECK_FALSE(child.log().gate().held());
}

}  // namespace
}  // namespace weir::stream_tests
