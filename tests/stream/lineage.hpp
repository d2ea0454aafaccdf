/// Parents and children made by hand, as a reshard makes them.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "weir/stream/stream.hpp"

namespace weir::stream_tests {

/// Makes successors for the shards of a stream, over bytes of its own. Destroy it after whatever reads through it.
template <class S>
class Lineage {
 public:
  using Shard = typename S::shard_type;

  Lineage(std::uint32_t next_id, Incarnation incarnation, Capacity capacity) noexcept
      : next_id_(next_id), incarnation_(incarnation), capacity_(capacity) {}

  /// A shard whose numbers begin `above` beyond those that its parents have now.
  template <class Env>
  Shard& child(const HashKeyRange& range, const std::vector<Shard*>& parents, const Env& env, std::uint64_t above = 0) {
    const auto capacity = Shard::Log::check(capacity_, 0).value();
    typename Shard::Header header{.id = ShardId{next_id_++},
                                  .incarnation = incarnation_,
                                  .range = range,
                                  .max_record = parents.front()->header().max_record,
                                  .stall = std::chrono::milliseconds{1000}};
    std::uint64_t start = above;
    for (const auto* parent : parents) {
      start = std::max(start, parent->log().end() + above);
    }
    const auto bytes = storage_.create(header.id.to_string(), Shard::Log::footprint(capacity)).value();
    const auto log = Shard::Log::format(bytes, capacity, start + 1);
    shards_.push_back(std::make_unique<Shard>(std::move(header), parents, start, log, env, parents.front()->alarm()));
    return *shards_.back();
  }

  /// Publishes `children` as what follows `parent`, which stays open.
  void publish(Shard& parent, std::vector<Shard*> children) {
    successors_.push_back(std::make_unique<std::vector<Shard*>>(std::move(children)));
    parent.succeed(*successors_.back());
  }

  /// Cuts a shard in two at a hash key and closes it.
  template <class Env>
  std::pair<Shard*, Shard*> split(Shard& parent, const HashKey& last_of_lower, const HashKey& first_of_upper,
                                  const Env& env) {
    auto& lower = child({parent.header().range.starting, last_of_lower}, {&parent}, env);
    auto& upper = child({first_of_upper, parent.header().range.ending}, {&parent}, env);
    publish(parent, {&lower, &upper});
    parent.close().value();
    return {&lower, &upper};
  }

  /// Joins two neighbours, which are closed.
  template <class Env>
  Shard& merge(Shard& lower, Shard& upper, const Env& env) {
    auto& child = this->child({lower.header().range.starting, upper.header().range.ending}, {&lower, &upper}, env);
    publish(lower, {&child});
    publish(upper, {&child});
    lower.close().value();
    upper.close().value();
    return child;
  }

 private:
  std::uint32_t next_id_;
  Incarnation incarnation_;
  Capacity capacity_;
  MemoryStorage storage_;
  std::vector<std::unique_ptr<Shard>> shards_;
  std::vector<std::unique_ptr<std::vector<Shard*>>> successors_;
};

/// The two halves of the whole space of hash keys, and of its lower half.
inline constexpr HashKey end_of_lower_half{0x7FFF'FFFF'FFFF'FFFF, ~std::uint64_t{0}};
inline constexpr HashKey begin_of_upper_half{0x8000'0000'0000'0000, 0};
inline constexpr HashKey end_of_first_quarter{0x3FFF'FFFF'FFFF'FFFF, ~std::uint64_t{0}};
inline constexpr HashKey begin_of_second_quarter{0x4000'0000'0000'0000, 0};

}  // namespace weir::stream_tests
