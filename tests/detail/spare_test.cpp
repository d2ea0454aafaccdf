#include "weir/detail/spare.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <string>
#include <thread>
#include <vector>

namespace {

using weir::detail::Spare;

TEST_CASE("what was given is taken once, and who finds nothing gets a new one") {
  Spare<std::string> spare;
  CHECK(spare.take().empty());
  std::string thing(100, 'x');
  const auto* const memory = thing.data();
  spare.give(std::move(thing));
  auto taken = spare.take();
  CHECK(taken.data() == memory);
  CHECK(taken == std::string(100, 'x'));
  CHECK(spare.take().empty());
}

TEST_CASE("of two that were given the later is kept") {
  Spare<std::string> spare;
  spare.give("first, and long enough to be allocated");
  spare.give("second");
  CHECK(spare.take() == "second");
  CHECK(spare.take().empty());
}

TEST_CASE("threads never have the same one at a time") {
  Spare<std::vector<int>> spare;
  std::atomic<bool> mixed{false};
  std::vector<std::jthread> threads;
  for (int thread = 1; thread <= 3; ++thread) {
    threads.emplace_back([&, thread] {
      for (int i = 0; i < 5000; ++i) {
        auto mine = spare.take();
        mine.assign(8, thread);
        for (const int element : mine) {
          if (element != thread) {
            mixed = true;
          }
        }
        spare.give(std::move(mine));
      }
    });
  }
  threads.clear();
  CHECK_FALSE(mixed);
}

}  // namespace
