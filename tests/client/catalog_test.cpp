#include "weir/client/catalog.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <memory>
#include <new>
#include <string>
#include <vector>

#include "support/refused.hpp"
#include "weir/testing/manual_clock.hpp"

namespace {

using namespace std::chrono_literals;
using weir::Cause;
using weir::Errc;
using weir::Transition;
using weir::client::StreamMode;
using weir::client::StreamStatus;
using weir::detail::LastDay;
using weir::support::check_refused;
using weir::testing::ManualEnv;
using Catalog = weir::detail::Catalog<ManualEnv>;

static_assert(Catalog::may_hold && !weir::detail::Catalog<weir::DefaultEnv>::may_hold);

/// A catalog, and what streams in it are made of.
struct Streams {
  Catalog::Found make(const std::string& name) {
    using Stream = Catalog::Entry::stream_type;
    return std::make_shared<Catalog::Entry>(name, Stream::open({.name = name}, {}, env).value(),
                                            weir::client::StreamMode::provisioned, env.clock.now(), weir::Limits{}, 1);
  }
  Catalog::Found add(const std::string& name) {
    catalog.add(make(name));
    return catalog.find(name).value();
  }
  std::vector<std::string> names() {
    std::vector<std::string> names;
    for (const auto& entry : catalog.all()) {
      names.push_back(entry->name);
    }
    return names;
  }

  ManualEnv env;
  Catalog catalog{env};
};

TEST_CASE("what happened 24 hours ago is forgotten, and a millisecond before it is not") {
  LastDay day{2};
  const auto start = weir::testing::ManualClock::default_start;
  day.add(start);
  day.add(start + 1h);
  CHECK(day.count(start + 24h - 1ms) == 2);
  CHECK(day.count(start + 24h) == 1);
  CHECK(day.count(start + 25h) == 0);
}

TEST_CASE("streams are found by name until they are removed, and listed in the order of names") {
  Streams streams;
  const auto b = streams.add("b");
  streams.add("a");
  streams.add("c");
  CHECK(streams.names() == std::vector<std::string>{"a", "b", "c"});
  CHECK(streams.catalog.find("b").value() == b);
  streams.catalog.remove(b);
  CHECK(streams.names() == std::vector<std::string>{"a", "c"});
  check_refused(streams.catalog.find("b"), Errc::resource_not_found, Cause::stream_missing);
  check_refused(streams.catalog.find_ready("b"), Errc::resource_not_found, Cause::stream_missing);
  check_refused(streams.catalog.find_active("b"), Errc::resource_not_found, Cause::stream_missing);
  CHECK(b->stream.put("key", "x"));  // whoever holds it may go on
}

TEST_CASE("removing a stream leaves another of its name alone") {
  Streams streams;
  const auto first = streams.add("a");
  streams.catalog.remove(first);
  const auto second = streams.add("a");
  streams.catalog.remove(first);
  CHECK(streams.catalog.find("a").value() == second);
}

TEST_CASE("a stream that is held while it is created is found, and neither ready nor active") {
  Streams streams;
  streams.env.faults.hold(Transition::creating);
  const auto entry = streams.add("a");
  CHECK(Catalog::status_of(*entry) == StreamStatus::creating);
  check_refused(streams.catalog.find_ready("a"), Errc::resource_not_found, Cause::stream_not_ready);
  check_refused(streams.catalog.find_active("a"), Errc::resource_in_use, Cause::stream_not_active);
  streams.env.faults.release(Transition::creating);
  CHECK(streams.catalog.find_ready("a"));
  CHECK(Catalog::status_of(*entry) == StreamStatus::active);
  streams.env.faults.hold(Transition::creating);
  CHECK(streams.catalog.find_active("a"));  // once created, always
}

TEST_CASE("a change is made at once, and its refusal told") {
  Streams streams;
  const auto entry = streams.add("a");
  int steps = 0;
  CHECK(streams.catalog.change(entry, {1, StreamMode::provisioned}, [&](Catalog::Entry&) -> weir::Result<void> {
    ++steps;
    return {};
  }));
  CHECK(steps == 1);
  check_refused(streams.catalog.change(entry, {1, StreamMode::provisioned},
                                       [](Catalog::Entry&) -> weir::Result<void> {
                                         return weir::Failure{Errc::invalid_argument, Cause::split_key, 0, 4};
                                       }),
                Errc::invalid_argument, Cause::split_key);
  CHECK(Catalog::status_of(*entry) == StreamStatus::active);
}

TEST_CASE("a change that is held is made once, by whoever looks next after the hold") {
  Streams streams;
  const auto entry = streams.add("a");
  int steps = 0;
  const auto step = [&](Catalog::Entry&) -> weir::Result<void> {
    ++steps;
    return {};
  };
  streams.env.faults.hold(Transition::updating);
  CHECK(streams.catalog.change(entry, {2, StreamMode::on_demand}, step));
  CHECK(Catalog::status_of(*streams.catalog.find("a").value()) == StreamStatus::updating);
  CHECK(entry->open_shards == 2);  // as it will be
  CHECK(entry->mode_due == StreamMode::on_demand);
  CHECK(streams.catalog.find_ready("a"));
  check_refused(streams.catalog.find_active("a"), Errc::resource_in_use, Cause::stream_not_active);
  CHECK(steps == 0);
  streams.env.faults.release(Transition::updating);
  CHECK(streams.catalog.all().size() == 1);
  CHECK(steps == 1);
  CHECK(streams.catalog.find_active("a"));
  CHECK(steps == 1);
  CHECK(entry->open_shards == 2);
}

TEST_CASE("a held change that is refused when it is made has changed nothing, and one that throws is tried again") {
  Streams streams;
  const auto entry = streams.add("a");
  int steps = 0;
  const auto step = [&](Catalog::Entry&) -> weir::Result<void> {
    if (++steps == 1) {
      throw std::bad_alloc{};
    }
    return weir::Failure{Errc::out_of_memory, Cause::storage_exhausted, 1, 0};
  };
  streams.env.faults.hold(Transition::updating);
  CHECK(streams.catalog.change(entry, {2, StreamMode::on_demand}, step));
  streams.env.faults.release(Transition::updating);
  CHECK_THROWS_AS(static_cast<void>(streams.catalog.find("a")), std::bad_alloc);
  CHECK(entry->open_shards == 2);
  CHECK(streams.catalog.find_active("a"));
  CHECK(steps == 2);
  CHECK(entry->open_shards == 1);
  CHECK(entry->mode_due == StreamMode::provisioned);
}

TEST_CASE("a change that is not possible is refused at once, held or not") {
  Streams streams;
  const auto entry = streams.add("a");
  streams.env.faults.hold(Transition::updating);
  check_refused(streams.catalog.change(entry, {2, StreamMode::on_demand, false},
                                       [](Catalog::Entry&) -> weir::Result<void> {
                                         return weir::Failure{Errc::invalid_argument, Cause::split_key, 0, 4};
                                       }),
                Errc::invalid_argument, Cause::split_key);
  CHECK(Catalog::status_of(*entry) == StreamStatus::active);
}

TEST_CASE("a stream that is held while it is deleted is there until the hold ends") {
  Streams streams;
  const auto entry = streams.add("a");
  streams.env.faults.hold(Transition::deleting);
  streams.catalog.remove(entry);
  CHECK(Catalog::status_of(*entry) == StreamStatus::deleting);
  CHECK(streams.catalog.find_ready("a"));
  CHECK(streams.names() == std::vector<std::string>{"a"});
  check_refused(streams.catalog.find_active("a"), Errc::resource_in_use, Cause::stream_not_active);
  streams.env.faults.release(Transition::deleting);
  CHECK(streams.names().empty());
  check_refused(streams.catalog.find("a"), Errc::resource_not_found, Cause::stream_missing);
}

TEST_CASE("what was held when its stream is deleted is not made") {
  Streams streams;
  const auto entry = streams.add("a");
  int steps = 0;
  streams.env.faults.hold(Transition::updating);
  REQUIRE(streams.catalog.change(entry, {1, StreamMode::provisioned}, [&](Catalog::Entry&) -> weir::Result<void> {
    ++steps;
    return {};
  }));
  streams.catalog.remove(entry);
  streams.env.faults.clear();
  CHECK(streams.names().empty());
  CHECK(steps == 0);
}

}  // namespace
