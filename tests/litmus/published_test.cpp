#include "weir/detail/published.hpp"

#include <array>
#include <cstdint>
#include <optional>

#include "litmus/edges.hpp"
#include "model/holds.hpp"

namespace {

using weir::litmus::Memory;
using weir::litmus::needs;
using weir::litmus::outcome;
namespace model = weir::model;

/// A map is made, published, and replaced by another, while somebody looks things up in whichever there is.
struct Maps {
  struct Map {
    std::uint64_t version = 0;
    std::array<std::uint64_t, 2> shards{};
  };
  static constexpr std::size_t threads = 2;
  static constexpr std::size_t readers = 1;
  static constexpr std::uint64_t versions = 2;

  std::array<Map, versions + 1> maps{};
  weir::detail::published<Map, Memory> current{&maps[0]};

  void run(std::size_t thread) {
    if (thread == 0) {
      for (std::uint64_t version = 1; version <= versions; ++version) {
        Map& next = maps[version];
        Memory::plain_store(next.version, version);
        for (auto& shard : next.shards) {
          Memory::plain_store(shard, version);
        }
        current.set(&next);
      }
      return;
    }
    std::uint64_t last = 0;
    for (std::size_t i = 0; i < 2; ++i) {
      const Map& found = *current.get();
      const auto version = Memory::plain_load(found.version);
      outcome(version == 0 ? "the first map" : "a later one");
      model::expect(version >= last, "an older map than before");
      for (const auto& shard : found.shards) {
        model::expect(Memory::plain_load(shard) == version, "a map that was not finished");
      }
      last = version;
    }
  }
  void finish() const { model::expect(current.get() == &maps[versions], "another map than the last"); }
};

/// An object is made and published by whoever comes first.
struct First {
  static constexpr std::size_t threads = 2;
  std::uint64_t object = 0;
  weir::detail::published<std::uint64_t, Memory> current;

  void run(std::size_t thread) {
    if (thread == 0) {
      Memory::plain_store(object, 7);
      current.set_first(&object);
    } else if (const auto* found = current.get()) {
      outcome("made");
      model::expect(Memory::plain_load(*found) == 7, "an object that was not finished");
    } else {
      outcome("not yet");
    }
  }
  void finish() const {}
};

TEST_CASE("edge M: whoever gets a map finds it finished") {
  needs<Maps>('M', {"the first map", "a later one"}, "race: plain load");
  needs<First>('M', {"made", "not yet"}, "race: plain load");
}

/// Users look at an object and leave; who finds that none is left lets it go.
struct Users {
  static constexpr std::size_t threads = 3;

  weir::detail::counter_over<Memory> count{0};
  std::array<std::optional<weir::detail::use_count_over<Memory>>, 2> users;
  std::uint64_t object = 7;

  Users() {
    for (auto& user : users) {
      user.emplace(count);
    }
  }

  void run(std::size_t thread) {
    if (thread < users.size()) {
      model::expect(Memory::plain_load(object) == 7, "the object went while it was used");
      users[thread].reset();
    } else if (weir::detail::use_count_over<Memory>::none(count)) {
      outcome("nobody left");
      Memory::plain_store(object, 0);
    } else {
      outcome("somebody left");
    }
  }
  void finish() const { model::expect(count.get() == 0, "somebody is still counted"); }
};

/// Two threads raise one counter.
struct Raises {
  static constexpr std::size_t threads = 2;
  weir::detail::counter_over<Memory> counter{0};

  void run(std::size_t thread) { counter.raise_to(thread + 1); }
  void finish() const { model::expect(counter.get() == 2, "a counter is lower than somebody raised it"); }
};

TEST_CASE("a counter is as high as anybody raised it") {
  model::holds<Raises>("two threads");
}

TEST_CASE("edge U: who finds no user left has what they did behind it") {
  needs<Users>('U', {"nobody left", "somebody left"}, "race: plain store");
}

}  // namespace
