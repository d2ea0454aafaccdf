/// The streams of a client by their names, and the states that they go through.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "weir/client/read_limits.hpp"
#include "weir/client/requests.hpp"

#include "weir/client/tags.hpp"
#include "weir/stream/stream.hpp"

namespace weir::inline WEIR_ABI::detail {

/// How often something happened within 24 hours; what may happen `most` times in them.
class LastDay {
 public:
  explicit LastDay(std::size_t most) { moments_.reserve(most); }

  /// Precondition: `count` is less than `most`.
  void add(Timestamp now) noexcept { moments_.push_back(now); }
  [[nodiscard]] std::size_t count(Timestamp now) {
    std::erase_if(moments_, [&](Timestamp moment) { return now - moment >= std::chrono::hours{24}; });
    return moments_.size();
  }

 private:
  std::vector<Timestamp> moments_;
};

inline constexpr std::size_t max_resizes_a_day = 10;
inline constexpr std::size_t max_mode_changes_a_day = 2;

/// A stream and what the service knows of it. Whoever is at work with one holds it, so that a deletion takes the name
/// away and not the records from under them.
template <class Env>
struct NamedStream {
  using stream_type = Stream<Bytes, MemoryStorage, Options{}, Env>;

  NamedStream(std::string its_name, stream_type its_stream, client::StreamMode its_mode, Timestamp now,
              const Limits& limits, std::int64_t record)
      : name(std::move(its_name)),
        stream(std::move(its_stream)),
        created(now),
        max_record(record),
        reads(limits),
        mode(its_mode),
        mode_due(its_mode),
        open_shards(stream.shards(ShardFilter::at_latest()).size()) {}
  NamedStream(const NamedStream&) = delete;
  NamedStream& operator=(const NamedStream&) = delete;

  const std::string name;
  stream_type stream;
  const Timestamp created;
  const std::int64_t max_record;  ///< in bytes, key and data together
  ReadLimits reads;
  std::mutex mutex;  ///< over what follows
  client::StreamStatus status = client::StreamStatus::active;
  std::function<void()> due;  ///< what ends the state `updating`
  client::StreamMode mode;
  client::StreamMode mode_due;  ///< this and the next, which limits are held to, with what is due done
  std::uint64_t open_shards;
  Tags tags;
  LastDay resizes{max_resizes_a_day};
  LastDay mode_changes{max_mode_changes_a_day};
};

/// **threads** any, at any time; puts and reads of records hold no lock of this one.
template <class Env>
class Catalog {
 public:
  using Entry = NamedStream<Env>;
  using Found = std::shared_ptr<Entry>;

  /// Whether a test can hold streams in a state; else every change is done at once.
  static constexpr bool may_hold = requires(Env & env) { env.faults.held(Transition::creating); };

  explicit Catalog(const Env& env) : env_(env) {}

  /// The stream of a name, in any state.
  ///
  /// **errors** `resource_not_found`.
  Result<Found> find(std::string_view name) {
    auto found = look_up(name);
    if (found == nullptr || !settle(found)) {
      return Failure{Errc::resource_not_found, Cause::stream_missing, name.size(), 0};
    }
    return found;
  }

  /// One that takes and gives records.
  ///
  /// **errors** `resource_not_found`, also for one that is being created.
  Result<Found> find_ready(std::string_view name) {
    auto found = find(name);
    if constexpr (may_hold) {
      if (found && status_of(**found) == client::StreamStatus::creating) {
        return Failure{Errc::resource_not_found, Cause::stream_not_ready, name.size(), 0};
      }
    }
    return found;
  }

  /// One that may be changed.
  ///
  /// **errors** `resource_not_found`, and `resource_in_use` in any state but `active`.
  Result<Found> find_active(std::string_view name) {
    auto found = find(name);
    if (found && status_of(**found) != client::StreamStatus::active) {
      return Failure{Errc::resource_in_use, Cause::stream_not_active, name.size(), 0};
    }
    return found;
  }

  /// All, sorted by name.
  [[nodiscard]] std::vector<Found> all() {
    std::vector<Found> all;
    {
      const std::shared_lock lock{mutex_};
      for (const auto& [name, entry] : streams_) {
        all.push_back(entry);
      }
    }
    std::erase_if(all, [this](const Found& entry) { return !settle(entry); });
    return all;
  }

  /// Precondition: `find` did not find the name, and no other thread adds one meanwhile.
  void add(Found entry) {
    if (held(Transition::creating)) {
      entry->status = client::StreamStatus::creating;
    }
    const std::unique_lock lock{mutex_};
    streams_.emplace(entry->name, std::move(entry));
  }

  void remove(const Found& entry) {
    {
      const std::lock_guard lock{entry->mutex};
      entry->status = client::StreamStatus::deleting;
    }
    static_cast<void>(settled(entry));
  }

  /// What a change leaves, and whether it can be made at all.
  struct Outlook {
    std::uint64_t open_shards;
    client::StreamMode mode;
    bool possible = true;
  };

  /// Does `step` to the entry now; or, where a test holds streams in the state `updating`, when whoever looks at it
  /// next finds it let go, and what `step` answers is told to nobody then. What is not possible is done now, for its
  /// refusal. Where this throws `std::bad_alloc` nothing has changed, if that is so of `step`; what is due then is
  /// tried again. Precondition: the stream is active, and no other thread changes it meanwhile.
  template <class Step>
  Result<void> change(const Found& found, const Outlook& outlook, Step step) {
    auto& entry = *found;
    const std::lock_guard lock{entry.mutex};
    const Outlook before{entry.open_shards, entry.mode};
    const auto expect = [&entry](const Outlook& then) {
      entry.open_shards = then.open_shards;
      entry.mode_due = then.mode;
    };
    if (!outlook.possible || !held(Transition::updating)) {
      auto done = step(entry);
      expect(done ? outlook : before);
      return done;
    }
    entry.due = [&entry, step, expect, before] {
      if (!step(entry)) {
        expect(before);
      }
    };
    entry.status = client::StreamStatus::updating;
    expect(outlook);
    return {};
  }

  [[nodiscard]] static client::StreamStatus status_of(Entry& entry) {
    const std::lock_guard lock{entry.mutex};
    return entry.status;
  }

 private:
  [[nodiscard]] bool held([[maybe_unused]] Transition transition) {
    if constexpr (may_hold) {
      return env_.faults.held(transition);
    } else {
      return false;
    }
  }

  [[nodiscard]] Found look_up(std::string_view name) const {
    const std::shared_lock lock{mutex_};
    const auto found = streams_.find(name);
    return found == streams_.end() ? nullptr : found->second;
  }

  /// Does what is due, and says whether the stream is still there.
  bool settle(const Found& entry) {
    if constexpr (may_hold) {
      return settled(entry);
    } else {
      return true;
    }
  }
  bool settled(const Found& entry) {
    {
      const std::lock_guard lock{entry->mutex};
      switch (entry->status) {
        case client::StreamStatus::active: return true;
        case client::StreamStatus::creating:
          entry->status = held(Transition::creating) ? client::StreamStatus::creating : client::StreamStatus::active;
          return true;
        case client::StreamStatus::updating:
          if (!held(Transition::updating)) {
            entry->due();
            entry->due = nullptr;
            entry->status = client::StreamStatus::active;
          }
          return true;
        case client::StreamStatus::deleting: break;
      }
      if (held(Transition::deleting)) {
        return true;
      }
    }
    const std::unique_lock lock{mutex_};
    if (const auto found = streams_.find(entry->name); found != streams_.end() && found->second == entry) {
      streams_.erase(found);
    }
    return false;
  }

  [[no_unique_address]] Env env_;
  mutable std::shared_mutex mutex_;
  std::map<std::string, Found, std::less<>> streams_;
};

}  // namespace weir::inline WEIR_ABI::detail
