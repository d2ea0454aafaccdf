/// What every program of this folder does with weir, so that each way of building it is tried on the same work.
#pragma once

#include <weir/weir.hpp>

#include <string>

namespace {

/// Puts and replays records of both kinds; gives 42 when all of it works. In an unnamed namespace, because units built
/// with different switches share nothing but what weir itself lets them share.
[[maybe_unused]] int answer() {
  auto numbers = weir::Stream<int>::open({.name = "numbers", .shards = 2}).value();
  const auto where = numbers.put("key", 30).value();
  numbers.put("key", 9).value();
  auto words = weir::Stream<std::string>::open({.name = "words"}).value();
  words.put("key", "two").value();

  int sum = 0;
  auto number = numbers.iterator(where.shard, weir::Position::trim_horizon()).value();
  while (auto batch = number.read()) {
    for (const auto& record : batch) {
      sum += record.value();
    }
  }
  auto word = words.iterator(weir::ShardId{0}, weir::Position::trim_horizon()).value();
  while (auto batch = word.read()) {
    for (const auto& record : batch) {
      sum += static_cast<int>(record.value().size());
    }
  }
  return sum;
}

/// A call that fails.
[[maybe_unused]] auto refused() {
  return weir::Stream<int>::open({.name = "numbers", .shards = 0});
}

}  // namespace
