/// Where a shard comes from, who takes over from it, and how it begins although whoever reshards may stop anywhere.
#pragma once

#include <algorithm>
#include <vector>

#include "weir/detail/published.hpp"
#include "weir/ring/record_log.hpp"

namespace weir::inline WEIR_ABI::detail {

/// The links of one shard. A reshard publishes the successors, closes the parents, and begins the successors with
/// numbers above all of the parents', and no arrival before theirs. From the first of these steps on any put may do the
/// others: closing twice changes nothing, and the number a shard begins with follows from its closed parents alone.
///
///     succeed    successors of each parent: published (release M)
///     begin      each parent: closed by a CAS;  start = the largest of their ends
///                words of the ring: CASes from zero;  begun: published (release M)
template <class Shard, class Memory = HardwareMemory>
class Lineage {
 public:
  /// `start` is zero for a shard that takes over from its parents, when those are closed.
  Lineage(Shard& self, const std::vector<Shard*>& parents, std::uint64_t start)
      : self_(self), parents_(parents), start_(start), begun_(parents.empty() || start != 0 ? &self : nullptr) {}
  Lineage(const Lineage&) = delete;
  Lineage& operator=(const Lineage&) = delete;

  [[nodiscard]] const std::vector<Shard*>& parents() const noexcept { return parents_; }
  /// The number that the first record's is higher than; zero until the shard has begun.
  [[nodiscard]] std::uint64_t start() const noexcept { return start_.get(); }
  [[nodiscard]] bool begun() const noexcept { return begun_.get() != nullptr; }

  /// Closes the parents that are still open, and makes the shard ready for puts and reads. With `Producers::single` the
  /// parents are closed already, or this is the producing thread.
  void begin() {
    if (begun()) [[likely]] {
      return;
    }
    std::uint64_t start = 0;
    std::int64_t arrival = 0;
    for (Shard* parent : parents_) {
      start = std::max(start, parent->log().close());  // also of one that is closed: readers may not have been told
      if constexpr (timed_log<typename Shard::Log>) {
        arrival = std::max(arrival, parent->log().last_arrival());
      }
    }
    self_.log().begin(start + 1, true, arrival);
    start_.raise_to(start);
    begun_.set_first(&self_);
    self_.alarm().wake_all();
  }

  /// The same if nothing need be closed for it, so that any thread may do it whoever produces.
  void begin_if_closed() {
    if (std::all_of(parents_.begin(), parents_.end(), [](const Shard* parent) { return parent->log().closed(); })) {
      begin();
    }
  }

  /// Null: none.
  [[nodiscard]] const std::vector<Shard*>* successors() const noexcept { return successors_.get(); }
  void succeed(const std::vector<Shard*>& successors) noexcept { successors_.set(&successors); }

  /// Of a gated shard: whether no reader is to come from its parents, for whom writers would have to wait. First
  /// whether any is to come to a parent, then whether one is there: a reader registers with a successor before it
  /// leaves.
  [[nodiscard]] bool awaits_none() const noexcept {
    const auto gate = self_.log().gate();
    if (gate.held()) {
      for (const Shard* parent : parents_) {
        if (!parent->lineage().awaits_none() || !parent->log().gate().deserted()) {
          return false;
        }
      }
      gate.let_go();
    }
    return true;
  }

 private:
  Shard& self_;
  std::vector<Shard*> parents_;
  counter_over<Memory> start_;
  published<Shard, Memory> begun_;  // itself, from the moment on at which it may be put into
  published<std::vector<Shard*>, Memory> successors_;
};

}  // namespace weir::inline WEIR_ABI::detail
