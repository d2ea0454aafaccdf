#include "weir/stream/registry.hpp"

#include "stream/rings.hpp"
#include "weir/stream/reshard.hpp"

#include <memory>

namespace weir::stream_tests {
namespace {

/// As much of a shard as a registry looks at.
struct Shard {
  struct Header {
    ShardId id;
    HashKeyRange range;
  };
  struct Links {
    bool has_begun;
    [[nodiscard]] bool begun() const noexcept { return has_begun; }
  };

  Shard(std::uint32_t id, const HashKeyRange& range, bool begun = true) : header_{ShardId{id}, range}, links{begun} {}
  [[nodiscard]] const Header& header() const noexcept { return header_; }
  [[nodiscard]] const Links& lineage() const noexcept { return links; }
  [[nodiscard]] const std::vector<Shard*>* successors() const noexcept { return followed_by; }

  Header header_;
  Links links;
  const std::vector<Shard*>* followed_by = nullptr;
};

std::vector<std::unique_ptr<Shard>> some(auto... shards) {
  std::vector<std::unique_ptr<Shard>> all;
  (all.push_back(std::make_unique<Shard>(shards)), ...);
  return all;
}

const HashKey middle{std::uint64_t{1} << 63, 0};

TEST_CASE("a topology has the shards that nobody took over from, by range, and listings end where it was made") {
  detail::Registry<Shard> registry;
  registry.add(some(Shard{0, {}}), {});
  registry.publish();
  CHECK(registry.current().only == registry.find(ShardId{0}));

  const auto halves = HashKeyRange{}.split(middle);
  registry.add(some(Shard{1, halves[1]}, Shard{2, halves[0], false}), registry.all());
  CHECK(registry.size() == 3);
  CHECK(registry.listed().size() == 1);
  CHECK(registry.find(ShardId{1}) != nullptr);
  CHECK(registry.find(ShardId{2}) == nullptr);  // it has not begun
  CHECK(registry.find(ShardId{3}) == nullptr);
  CHECK(registry.current().open.size() == 1);

  auto* const parent = registry.find(ShardId{0});
  parent->followed_by = &registry.keep({registry.all()[1], registry.all()[2]});
  registry.publish();
  CHECK(registry.listed().size() == 3);
  const auto& topology = registry.current();
  CHECK(topology.only == nullptr);
  CHECK(topology.shards == std::vector{registry.all()[2], registry.all()[1]});
  CHECK(topology.open.route(HashKey{0}) == ShardId{2});
  CHECK(topology.open.route(middle) == ShardId{1});
}

}  // namespace
}  // namespace weir::stream_tests
