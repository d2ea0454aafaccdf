#include "weir/durable/agreement.hpp"

#include <doctest/doctest.h>

#include <optional>
#include <string>
#include <type_traits>

#include "weir/stream/log_for.hpp"

namespace {

using weir::Cause;
using weir::Manifest;
using weir::Options;
using weir::StreamConfig;
using weir::detail::check_agreement;
using weir::detail::check_possible;
using weir::detail::check_same;
using weir::detail::manifest_for;

template <class T>
using Log = weir::LogFor<T, Options{}, weir::DefaultEnv>;

template <class T>
Manifest made(const Options& options = {}) {
  auto manifest = manifest_for<T, Log<T>, weir::Md5Hasher>(options);
  manifest.name = "made";
  manifest.capacity = 4096;
  manifest.made_with = 2;
  manifest.shards = {{weir::ShardId{0}, weir::HashKeyRange::initial(0, 2), 0, {}},
                     {weir::ShardId{1}, weir::HashKeyRange::initial(1, 2), 0, {}}};
  return manifest;
}

TEST_CASE("what a program's types decide is in the manifest, in words") {
  const auto numbers = made<double>({.producers = weir::Producers::single, .arrival = weir::Arrival::dropped});
  CHECK(numbers.payload == "f64");
  CHECK(numbers.payload_size == 8);
  CHECK(numbers.payload_alignment == 8);
  CHECK(numbers.options == "single dropped overwrite");
  CHECK(numbers.layout == "column 1");
  CHECK(numbers.hasher == "md5");
  const auto texts = made<std::string>();
  CHECK(texts.payload == "std::string");
  CHECK(texts.payload_size == 1);
  CHECK(texts.options == "multiple kept overwrite");
  CHECK(texts.layout == "segment 1");
}

TEST_CASE("another payload, other options, another layout and another hasher are each refused, the same is not") {
  const auto found = made<std::uint64_t>();
  CHECK(check_same(found, made<std::uint64_t>()));
  CHECK(check_same(found, made<std::int64_t>()).error() ==
        weir::Failure{weir::Errc::format, Cause::other_payload, 8, 8});
  CHECK(check_same(found, made<char>()).error() == weir::Failure{weir::Errc::format, Cause::other_payload, 8, 1});
  auto other = found;
  other.payload_alignment = 4;
  CHECK(check_same(found, other).error().cause == Cause::other_payload);
  const auto refused_at = [&](auto change) {
    auto wanted = found;
    change(wanted);
    const auto same = check_same(found, wanted);
    REQUIRE_FALSE(same);
    CHECK(same.error().cause == Cause::other_options);
    return same.error().value;
  };
  CHECK(refused_at([](Manifest& m) { m.options = "single kept"; }) == weir::manifest_options_line);
  CHECK(refused_at([](Manifest& m) { m.layout = "column 2"; }) == weir::manifest_layout_line);
  CHECK(refused_at([](Manifest& m) { m.hasher = "other"; }) == weir::manifest_hasher_line);
}

TEST_CASE("the lines that are named are where the manifest has them") {
  auto manifest = made<int>();
  manifest.payload = "Tick";
  const auto text = manifest.to_text();
  const auto line = [&](std::uint64_t number) {
    std::size_t begin = 0;
    for (std::uint64_t n = 1; n < number; ++n) {
      begin = text.find('\n', begin) + 1;
    }
    return text.substr(begin, text.find_first_of(" \n", begin) - begin);
  };
  CHECK(line(weir::manifest_options_line) == "options");
  CHECK(line(weir::manifest_layout_line) == "layout");
  CHECK(line(weir::manifest_hasher_line) == "hasher");
  CHECK(line(weir::manifest_capacity_line) == "capacity");
  CHECK(line(weir::manifest_first_shard_line) == "shard");
}

TEST_CASE("a config that says nothing agrees, one that contradicts does not, and the most is the same said or not") {
  const auto found = made<std::string>();
  const auto cause = [&](const StreamConfig& config) {
    const auto agreed = check_agreement<Log<std::string>>(found, config);
    return agreed ? std::optional<Cause>{} : agreed.error().cause;
  };
  CHECK_FALSE(cause({}));
  CHECK_FALSE(cause({.name = "made", .shards = 2, .capacity = weir::bytes(4096), .max_record = 98}));
  CHECK(cause({.name = "other"}) == Cause::other_name);
  CHECK(cause({.shards = 1}) == Cause::other_shards);
  CHECK(cause({.capacity = weir::bytes(8192)}) == Cause::other_capacity);
  CHECK(cause({.max_record = 97}) == Cause::other_record_limit);
}

TEST_CASE("a manifest must be possible: its capacity, its record limit, its shards") {
  const auto cause = [](auto log, const Manifest& manifest) {
    const auto possible = check_possible<typename decltype(log)::type>(manifest);
    return possible ? 0 : possible.error().value;
  };
  const std::type_identity<Log<std::string>> texts;
  const std::type_identity<Log<int>> numbers;
  CHECK(cause(texts, made<std::string>()) == 0);
  CHECK(cause(numbers, made<int>()) == 0);
  auto manifest = made<std::string>();
  manifest.record_limit = 99;
  CHECK(cause(texts, manifest) == weir::manifest_capacity_line);
  manifest = made<int>();
  manifest.record_limit = 4;
  CHECK(cause(numbers, manifest) == weir::manifest_capacity_line);
  manifest = made<int>();
  manifest.capacity = 0;
  CHECK(cause(numbers, manifest) == weir::manifest_capacity_line);
  manifest = made<int>();
  manifest.shards[1].range = {};
  CHECK(cause(numbers, manifest) == weir::manifest_first_shard_line + 1);
  manifest = made<int>();
  manifest.shards[0].parents.emplace_back(1);
  CHECK(cause(numbers, manifest) == weir::manifest_first_shard_line);
}

TEST_CASE("shards that no split and no merge makes are refused by the first of them") {
  const auto whole = made<int>();
  const auto split = [](const weir::Manifest& of, std::uint32_t parent, const weir::HashKey& key) {
    auto manifest = of;
    for (const auto& half : of.shards[parent].range.split(key)) {
      manifest.shards.push_back(
          {weir::ShardId{static_cast<std::uint32_t>(manifest.shards.size())}, half, 0, {weir::ShardId{parent}}});
    }
    return manifest;
  };
  const auto first = [](const weir::Manifest& manifest) { return weir::detail::first_impossible(manifest); };
  CHECK(whole.shards.size() == 2);
  CHECK_FALSE(first(whole));
  const auto once = split(whole, 0, weir::HashKey{77});
  CHECK_FALSE(first(once));
  CHECK_FALSE(first(split(once, 3, weir::HashKey{1, 0})));
  auto merged = once;
  merged.shards.push_back({weir::ShardId{4},
                           {once.shards[3].range.starting, once.shards[1].range.ending},
                           0,
                           {weir::ShardId{3}, weir::ShardId{1}}});
  CHECK_FALSE(first(merged));

  CHECK(first(split(once, 0, weir::HashKey{99})) == 4);  // split twice
  auto wrong = once;
  wrong.shards.pop_back();
  CHECK(first(wrong) == 2);  // half a split
  wrong = once;
  wrong.shards[2].range.ending = weir::HashKey{75};
  CHECK(first(wrong) == 2);
  wrong = once;
  wrong.shards[3].range.ending = weir::HashKey{1, 1};
  CHECK(first(wrong) == 2);
  wrong = once;
  wrong.shards[2].parents = {weir::ShardId{3}};  // of its own future
  CHECK(first(wrong) == 2);
  wrong = once;
  wrong.shards[2].parents.clear();
  CHECK(first(wrong) == 2);
  wrong = merged;
  std::swap(wrong.shards[4].parents[0], wrong.shards[4].parents[1]);
  CHECK(first(wrong) == 4);
  wrong = merged;
  wrong.shards[4].range.starting = {};
  CHECK(first(wrong) == 4);
  wrong = merged;
  wrong.shards[4].parents.push_back(weir::ShardId{2});
  CHECK(first(wrong) == 4);
  wrong = whole;
  wrong.made_with = 3;
  CHECK(first(wrong) == 0);
  wrong.made_with = 0;
  CHECK(first(wrong) == 0);
}

}  // namespace
