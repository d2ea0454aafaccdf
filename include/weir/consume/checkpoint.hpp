/// Checkpoints: how far an application has come in a shard. The concept, its laws, and a store in memory.
#pragma once

#include <concepts>
#include <cstddef>
#include <map>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "weir/core/position.hpp"
#include "weir/core/result.hpp"

namespace weir::inline WEIR_ABI {

/// A place to resume from, and whatever the application keeps with it (counts so far, say).
struct Checkpoint {
  Position position = Position::trim_horizon();
  std::vector<std::byte> state;

  friend bool operator==(const Checkpoint&, const Checkpoint&) = default;
};

/// Whether a save may lower a checkpoint.
enum class Rewind : std::uint8_t { refused, allowed };

/// A store of checkpoints by (application, shard).
///
/// Laws:
/// 1. `save` replaces position and state in one step: a `load` at any time gives both of one save.
/// 2. A save whose position lies before the stored one is refused with `invalid_argument` and changes nothing, unless
///    `Rewind::allowed`; the order is that of `precedes`. An equal position is saved: its state may be new.
/// 3. A position with a number of another shard than `shard`, or `last`, which means something else each time, is
///    refused; so is a number of another incarnation than the stored one's, unless `Rewind::allowed`.
/// 4. `load` of what was never saved gives nothing.
/// 5. Any thread, any time.
template <class S>
concept checkpoint_store = requires(S store, std::string_view application, ShardId shard, const Position& position,
                                    std::span<const std::byte> state, Rewind rewind) {
  { store.save(application, shard, position, state, rewind) } -> std::same_as<Result<void>>;
  { store.load(application, shard) } -> std::same_as<Result<std::optional<Checkpoint>>>;
  { store.remove(application, shard) } -> std::same_as<Result<void>>;
};

/// Kinesis' order of checkpoints: at_timestamp < trim_horizon < latest < numbers, and numbers by the first record that
/// they would deliver.
[[nodiscard]] constexpr bool precedes(const Position& a, const Position& b) noexcept {
  const auto rank = [](const Position& position) -> std::pair<int, std::uint64_t> {
    switch (position.kind()) {
      case Position::Kind::at_timestamp: return {0, 0};
      case Position::Kind::trim_horizon: return {1, 0};
      case Position::Kind::latest:
      case Position::Kind::last: return {2, 0};
      case Position::Kind::at: return {3, position.sequence_number().value()};
      case Position::Kind::after: {
        const auto value = position.sequence_number().value();
        return {3, value == ~std::uint64_t{0} ? value : value + 1};
      }
    }
    return {};
  };
  return rank(a) < rank(b);
}

namespace detail {

/// The laws of a save, given what is stored.
inline Result<void> check_save(const Checkpoint* stored, ShardId shard, const Position& position, Rewind rewind) {
  const auto numbered = [](const Position& any) {
    return any.kind() == Position::Kind::at || any.kind() == Position::Kind::after;
  };
  if (position.kind() == Position::Kind::last) {
    return Failure{Errc::invalid_argument, Cause::relative_checkpoint, position.count(), 0};
  }
  const auto after = position.sequence_number();
  if (numbered(position) && after.shard() != shard) {
    return Failure{Errc::invalid_argument, Cause::foreign_shard, after.shard().index(), shard.index()};
  }
  if (stored == nullptr || rewind == Rewind::allowed) {
    return {};
  }
  const auto before = stored->position.sequence_number();
  if (numbered(stored->position) && numbered(position) && before.incarnation() != after.incarnation()) {
    return Failure{Errc::invalid_argument, Cause::foreign_incarnation, after.incarnation().value(),
                   before.incarnation().value()};
  }
  if (precedes(position, stored->position)) {
    return Failure{Errc::invalid_argument, Cause::behind_checkpoint, after.value(), before.value()};
  }
  return {};
}

}  // namespace detail

/// Checkpoints as long as the process lives.
class MemoryCheckpoints {
 public:
  Result<void> save(std::string_view application, ShardId shard, const Position& position,
                    std::span<const std::byte> state = {}, Rewind rewind = Rewind::refused) {
    Checkpoint next{position, {state.begin(), state.end()}};
    Key key{application, shard};
    const std::lock_guard lock{mutex_};
    const auto found = checkpoints_.find(key);
    const auto* stored = found == checkpoints_.end() ? nullptr : &found->second;
    if (const auto checked = detail::check_save(stored, shard, position, rewind); !checked) {
      return checked.error();
    }
    checkpoints_.insert_or_assign(std::move(key), std::move(next));
    return {};
  }

  Result<std::optional<Checkpoint>> load(std::string_view application, ShardId shard) const {
    const std::lock_guard lock{mutex_};
    const auto found = checkpoints_.find(Key{application, shard});
    return found == checkpoints_.end() ? std::nullopt : std::optional{found->second};
  }

  /// Forgets a checkpoint; one that is not there is forgotten already.
  Result<void> remove(std::string_view application, ShardId shard) {
    const std::lock_guard lock{mutex_};
    checkpoints_.erase(Key{application, shard});
    return {};
  }

 private:
  using Key = std::pair<std::string, ShardId>;

  mutable std::mutex mutex_;
  std::map<Key, Checkpoint> checkpoints_;
};

static_assert(checkpoint_store<MemoryCheckpoints>);

}  // namespace weir::inline WEIR_ABI
