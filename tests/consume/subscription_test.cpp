#include "weir/consume/subscription.hpp"

#include <doctest/doctest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <new>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

#include "support/aborts.hpp"
#include "support/child.hpp"
#include "support/watchdog.hpp"

namespace {

using weir::After;
using weir::Cause;
using weir::Drive;
using weir::Position;
using weir::ShardId;
using weir::Subscription;
using weir::support::Watchdog;

using Numbers = weir::Stream<std::uint64_t>;
using Texts = weir::Stream<std::string>;
using Gated = weir::Stream<std::uint64_t, weir::MemoryStorage,
                           weir::Options{.delivery = weir::Delivery::gated, .notify = weir::Notify::on_put}>;
using Seen = std::vector<std::uint64_t>;

Numbers numbers(std::uint64_t capacity = 64, int shards = 1) {
  return Numbers::open({.shards = shards, .capacity = weir::records(capacity)}).value();
}

Gated gated(int shards = 1, int readers = 16) {
  return Gated::open({.shards = shards, .capacity = weir::records(64), .readers = readers}).value();
}

template <class Stream>
void put(Stream& stream, std::uint64_t first, std::uint64_t last) {
  for (auto n = first; n <= last; ++n) {
    stream.put("key", n).value();
  }
}

Seen from_to(std::uint64_t first, std::uint64_t last) {
  Seen all;
  for (auto n = first; n <= last; ++n) {
    all.push_back(n);
  }
  return all;
}

/// Waits for what another thread does; the test's watchdog ends a wait in vain.
template <class Condition>
void await(const Condition& condition) {
  while (!condition()) {
    std::this_thread::yield();
  }
}

TEST_CASE("a handler on a thread of its own is given every record of every shard, those of a key in order") {
  const Watchdog watchdog{"two producers, one subscription"};
  auto stream = Texts::open({.shards = 4}).value();
  std::map<std::string, Seen> seen;
  auto subscription = weir::subscribe(stream, Position::latest(), [&](const auto& record) {
                        seen[std::string{record.partition_key()}].push_back(std::stoull(std::string{record.value()}));
                      }).value();
  {
    std::vector<std::jthread> producers;
    for (const std::string name : {"a", "b"}) {
      producers.emplace_back([&stream, name] {
        for (std::uint64_t n = 0; n < 3000; ++n) {
          stream.put(name + std::to_string(n % 5), std::to_string(n / 5)).value();
        }
      });
    }
  }
  stream.close().value();
  subscription.join();
  CHECK(subscription.ended());
  CHECK(subscription.delivered() == 6000);
  CHECK(subscription.missed() == 0);
  CHECK(seen.size() == 10);
  for (const auto& [key, of_key] : seen) {
    CHECK(of_key == from_to(0, 599));
  }
}

TEST_CASE("subscriptions come and go while a producer runs, each with a place of its own") {
  const Watchdog watchdog{"subscriptions that come and go"};
  constexpr std::uint64_t last = 20'000;
  auto stream = numbers(1 << 15);
  std::jthread producer{[&stream] { put(stream, 1, last); }};
  std::vector<Seen> seen(8);
  std::vector<Subscription> subscriptions;
  for (std::size_t i = 0; i < seen.size(); ++i) {
    const auto position = i % 2 == 0 ? Position::trim_horizon() : Position::latest();
    subscriptions.push_back(weir::subscribe(stream, position, [&to = seen[i]](const auto& record) {
                              to.push_back(record.value());
                            }).value());
    if (i % 4 == 2) {
      await([&] { return subscriptions[i].delivered() != 0; });
      subscriptions[i].stop();
      subscriptions[i].join();
    }
  }
  producer.join();
  stream.close().value();
  for (std::size_t i = 0; i < seen.size(); ++i) {
    CAPTURE(i);
    subscriptions[i].join();
    CHECK(subscriptions[i].ended());
    CHECK(subscriptions[i].delivered() == seen[i].size());
    CHECK(subscriptions[i].missed() == 0);
    if (i % 2 == 0) {
      CHECK(seen[i] == from_to(1, i % 4 == 2 ? seen[i].size() : last));
    } else if (!seen[i].empty()) {
      CHECK(seen[i] == from_to(seen[i].front(), last));
    }
  }
}

TEST_CASE("a slow subscription counts and reports what it missed") {
  auto stream = numbers();
  std::uint64_t reported = 0;
  Seen seen;
  auto slow = weir::subscribe(stream, Position::latest(), [&](const auto& record) { seen.push_back(record.value()); },
                              {.drive = Drive::step,
                               .on_missed =
                                   [&](ShardId shard, std::uint64_t count) {
                                     CHECK(shard == ShardId{0});
                                     CHECK(seen.empty());  // what was missed comes before what is left
                                     reported += count;
                                   }})
                  .value();
  CHECK(slow.step().records == 0);
  put(stream, 1, 1000);
  for (auto step = slow.step(); step.records != 0; step = slow.step()) {
    CHECK_FALSE(step.ended);
  }
  CHECK(slow.missed() >= 1000 - 64);
  CHECK(slow.missed() == reported);
  CHECK(slow.delivered() + slow.missed() == 1000);
  CHECK(seen == from_to(reported + 1, 1000));

  stream.close().value();
  CHECK_FALSE(slow.ended());
  CHECK(slow.step().ended);
  CHECK(slow.ended());
  CHECK(slow.step().ended);
}

TEST_CASE("a handler of batches is given them whole, with what they missed") {
  auto stream = numbers();
  Seen seen;
  std::uint64_t missed = 0;
  auto subscription = weir::subscribe(stream, Position::latest(),
                                      [&](const Numbers::batch_type& batch) {
                                        missed += batch.missed();
                                        seen.insert(seen.end(), batch.values().begin(), batch.values().end());
                                        return seen.size() == 10 ? After::go_on : After::stop;
                                      },
                                      {.drive = Drive::step})
                          .value();
  put(stream, 1, 10);
  CHECK(subscription.step().records == 10);
  put(stream, 11, 1000);
  const auto step = subscription.step();
  CHECK(step.ended);
  CHECK(step.records == seen.size() - 10);
  CHECK(subscription.delivered() == seen.size());
  CHECK(missed == subscription.missed());
  CHECK(missed != 0);
  CHECK(seen[10] == 11 + missed);
  put(stream, 1001, 1001);
  CHECK(subscription.step().records == 0);
}

TEST_CASE("stop() and After::stop end a subscription after the record at hand") {
  const Watchdog watchdog{"stopping"};
  auto stream = numbers();
  put(stream, 1, 20);
  SUBCASE("the handler says so") {
    auto subscription = weir::subscribe(stream, Position::trim_horizon(), [](const auto& record) {
                          return record.value() == 7 ? After::stop : After::go_on;
                        }).value();
    subscription.join();
    CHECK(subscription.delivered() == 7);
  }
  SUBCASE("the handler asks, as any thread may") {
    Subscription* self = nullptr;
    auto subscription = weir::subscribe(stream, Position::trim_horizon(),
                                        [&](const auto& record) {
                                          if (record.value() == 8) {
                                            self->stop();
                                          }
                                        },
                                        {.drive = Drive::step})
                            .value();
    self = &subscription;
    const auto step = subscription.step();
    CHECK(step.ended);
    CHECK(step.records == 8);
  }
  SUBCASE("while nothing comes") {
    auto subscription = weir::subscribe(stream, Position::latest(), [](const auto&) {}).value();
    subscription.stop();
    subscription.join();
    CHECK(subscription.ended());
    CHECK(subscription.delivered() == 0);
  }
  stream.leave().value();  // its place in the stream has gone, though it is alive itself
}

TEST_CASE("stop() ends a subscription that is on its way to sleep, or asleep") {
  const Watchdog watchdog{"stopping a parked subscription"};
  auto stream = gated();
  for (int round = 0; round < 300; ++round) {
    auto idle = weir::subscribe(stream, Position::latest(), [](const auto&) {}).value();
    for (int i = 0; i < round; ++i) {  // more and more of them have gone to sleep by then
      std::this_thread::yield();
    }
    idle.stop();
    idle.join();
  }
  CHECK(stream.readers().empty());
}

TEST_CASE("a subscription waits as it is told; untold, it sleeps where puts wake it") {
  static_assert(std::is_same_v<weir::DefaultWait<weir::Options{}>, weir::BackOff>);
  static_assert(std::is_same_v<weir::DefaultWait<weir::Options{.notify = weir::Notify::on_put}>, weir::Park>);
  struct Counting {
    std::atomic<int>* polls;
    void before_poll() const { ++*polls; }
    void after_poll(std::size_t) const {}
  };
  const Watchdog watchdog{"a strategy of one's own"};
  auto stream = gated();
  std::atomic<int> polls{0};
  auto told = weir::subscribe(
                  stream, Position::latest(), [](const auto&) {}, {}, Counting{&polls})
                  .value();
  await([&] { return polls >= 3; });
}

TEST_CASE("a subscription joined, and one destroyed, inside its handler ends by itself") {
  const Watchdog watchdog{"joining from inside"};
  auto stream = numbers();
  std::atomic<std::optional<Subscription>*> place{nullptr};
  std::atomic<std::uint64_t> handled{0};
  std::optional<Subscription> own;
  const bool destroy = [] {
    bool yes = false;
    SUBCASE("joined") {
      yes = false;
    }
    SUBCASE("destroyed") {
      yes = true;
    }
    return yes;
  }();
  own = weir::subscribe(stream, Position::latest(), [&](const auto&) {
          ++handled;
          auto& subscription = *place.load();
          destroy ? subscription.reset() : subscription->join();
          ++handled;
        }).value();
  place = &own;
  put(stream, 1, 2);
  await([&] { return stream.leave().has_value(); });  // as soon as its thread has let go
  CHECK(handled == 2);
  if (destroy) {
    CHECK_FALSE(own);
  } else {
    own->join();
    CHECK(own->delivered() == 1);
  }
}

TEST_CASE("a subscription that was joined is destroyed inside another's handler, whose thread may have the same id") {
  const Watchdog watchdog{"a joined subscription, destroyed elsewhere"};
  auto stream = gated();
  std::optional<Subscription> first{weir::subscribe(stream, Position::latest(), [](const auto&) {}).value()};
  first->stop();
  first->join();
  auto second = weir::subscribe(stream, Position::latest(), [&](const auto&) { first.reset(); }).value();
  put(stream, 1, 1);
  stream.close().value();
  second.join();
  CHECK_FALSE(first.has_value());
}

TEST_CASE("join() inside the handler of a stepped subscription asks it to stop") {
  auto stream = numbers();
  put(stream, 1, 10);
  std::optional<Subscription> subscription;
  subscription.emplace(weir::subscribe(stream, Position::trim_horizon(), [&](const auto&) { subscription->join(); },
                                       {.drive = Drive::step})
                           .value());
  const auto step = subscription->step();
  CHECK(step.records == 1);
  CHECK(step.ended);
}

TEST_CASE("one that was evicted and finds no place comes back when there is one") {
  const Watchdog watchdog{"an evicted subscription that sleeps"};
  auto stream = gated(1, 1);
  std::atomic<bool> go_on{false};
  std::atomic<bool> inside{false};
  std::uint64_t missed = 0;
  auto subscription = weir::subscribe(stream, Position::trim_horizon(),
                                      [&](const auto&) {
                                        inside.store(true);
                                        await([&] { return go_on.load(); });
                                      },
                                      {.on_missed = [&](auto, auto count) { missed += count; }})
                          .value();
  put(stream, 1, 1);
  await([&] { return inside.load(); });
  stream.evict(stream.readers().front().id).value();
  {
    auto other = stream.iterator(ShardId{0}, Position::trim_horizon()).value();
    put(stream, 2, 3);
    go_on.store(true);
    await([&] { return subscription.delivered() == 1; });
    stream.close().value();
  }
  subscription.join();
  CHECK(subscription.delivered() == 3);
  CHECK(missed == 0);
}

TEST_CASE("a subscription moves while it runs; assigning to it ends what it was") {
  const Watchdog watchdog{"moving"};
  auto stream = numbers(1 << 10);
  Seen first;
  Seen second;
  auto subscription =
      weir::subscribe(stream, Position::latest(), [&](const auto& record) { first.push_back(record.value()); }).value();
  put(stream, 1, 100);
  auto moved = std::move(subscription);
  await([&] { return moved.delivered() == 100; });
  moved = weir::subscribe(stream, Position::latest(), [&](const auto& record) {
            second.push_back(record.value());
          }).value();
  CHECK(first == from_to(1, 100));
  put(stream, 101, 200);
  stream.close().value();
  moved.join();
  CHECK(first == from_to(1, 100));
  CHECK(second == from_to(101, 200));
}

TEST_CASE("where there is no reader there is no subscription") {
  auto stream = numbers();
  const auto number = stream.put("key", 1).value().sequence_number;
  const auto refused = weir::subscribe(stream, Position::at(number), [](const auto&) {});
  REQUIRE_FALSE(refused);
  CHECK(refused.error().cause == Cause::number_in_stream_position);
  stream.leave().value();
}

TEST_CASE("a thread that the system refuses is an error, and leaves nothing behind") {
  CHECK(weir::support::in_child([] {
          constexpr int nobody = 65'534;
          const rlimit none{0, 0};
          if ((::geteuid() == 0 && ::setuid(nobody) != 0) || ::setrlimit(RLIMIT_NPROC, &none) != 0) {
            return 1;
          }
          auto stream = numbers();
          const auto refused = weir::subscribe(stream, Position::latest(), [](const auto&) {});
          if (refused || refused.error().cause != Cause::thread_refused || refused.error().value == 0) {
            return 2;
          }
          {
            const auto stepped =
                weir::subscribe(stream, Position::latest(), [](const auto&) {}, {.drive = Drive::step});
            if (!stepped) {
              return 3;
            }
          }
          return stream.leave() ? 0 : 4;
        }) == 0);
}

/// What a subscription to two producers was given: each puts numbers of its own parity that grow.
struct Sum {
  std::uint64_t count = 0;
  std::uint64_t sum = 0;
  bool in_order = true;
  std::uint64_t last[2] = {0, 0};

  void add(std::uint64_t value) {
    ++count;
    sum += value;
    in_order = in_order && value > std::exchange(last[value % 2], value);
  }
};

TEST_CASE("lossless subscriptions are given everything, whoever else comes, goes or is slow") {
  const Watchdog watchdog{"lossless subscriptions"};
  constexpr std::uint64_t each = 3000;
  auto stream = gated(2);
  std::vector<Sum> sums(4);
  std::vector<Sum> late(3);
  std::atomic<std::uint64_t> joined{0};
  std::vector<Subscription> all;
  for (auto& sum : sums) {
    const bool slow = &sum == sums.data();  // it goes no further than a thousand records before a late one has joined
    all.push_back(weir::subscribe(stream, Position::trim_horizon(), [&, slow](const auto& record) {
                    await([&] { return !slow || sum.count / 1000 < joined + 1 || joined == late.size(); });
                    sum.add(record.value());
                  }).value());
  }
  std::vector<std::jthread> producers;
  for (const std::uint64_t odd : {0U, 1U}) {
    producers.emplace_back([&stream, odd] {
      for (std::uint64_t n = 1; n <= each; ++n) {
        stream.put(odd != 0 ? "odd" : "even", 2 * n + odd, weir::Deadline::never()).value();
      }
    });
  }
  for (auto& sum : late) {
    await([&] { return all.front().delivered() >= 1000 * (joined + 1); });
    all.push_back(weir::subscribe(stream, Position::trim_horizon(), [&sum](const auto& record) {
                    sum.add(record.value());
                    return sum.count == 100 ? After::stop : After::go_on;
                  }).value());
    ++joined;
  }
  producers.clear();
  stream.close().value();
  for (auto& subscription : all) {
    subscription.join();
    CHECK(subscription.missed() == 0);
  }
  for (const auto& sum : sums) {
    CHECK(sum.count == 2 * each);
    CHECK(sum.sum == 2 * each * (each + 1) + each);
    CHECK(sum.in_order);
  }
  for (const auto& sum : late) {
    CHECK(sum.count == 100);
    CHECK(sum.in_order);
  }
}

TEST_CASE("a lossless subscription feeds a stream that lossy ones read") {
  const Watchdog watchdog{"lossy subscriptions behind a lossless one"};
  constexpr std::uint64_t last = 20'000;
  auto stream = gated();
  auto copy = numbers();
  Seen slowly;
  std::uint64_t reported = 0;
  auto slow = weir::subscribe(copy, Position::latest(),
                              [&](const auto& record) {
                                slowly.push_back(record.value());
                                std::this_thread::yield();
                              },
                              {.on_missed = [&](ShardId, std::uint64_t count) { reported += count; }})
                  .value();
  auto stepped = weir::subscribe(copy, Position::latest(), [](const auto&) {}, {.drive = Drive::step}).value();
  auto feed = weir::subscribe(stream, Position::trim_horizon(), [&](const auto& record) {
                copy.put("key", record.value()).value();
              }).value();
  for (std::uint64_t n = 1; n <= last; ++n) {
    stream.put("key", n, weir::Deadline::never()).value();
  }
  stream.close().value();
  feed.join();
  CHECK(feed.delivered() == last);
  copy.close().value();
  slow.join();
  CHECK(slow.delivered() + slow.missed() == last);
  CHECK(slow.missed() == reported);
  CHECK(slowly.size() == slow.delivered());
  CHECK(std::adjacent_find(slowly.begin(), slowly.end(), std::greater_equal<>{}) == slowly.end());
  CHECK((slowly.empty() || slowly.back() == last));
  while (!stepped.step().ended) {
  }
  CHECK(stepped.missed() >= last - 64);
  CHECK(stepped.delivered() + stepped.missed() == last);
}

TEST_CASE("a handler that does not come back holds writers, until a deadline, and loses nothing") {
  const Watchdog watchdog{"a slow lossless handler"};
  auto stream = gated();
  std::atomic<bool> busy{true};
  Seen seen;
  auto slow = weir::subscribe(stream, Position::trim_horizon(), [&](const auto& record) {
                seen.push_back(record.value());
                await([&] { return !busy; });
              }).value();
  put(stream, 1, 64);
  await([&] { return stream.readers().front().unreleased == 64; });
  const auto refused = stream.put("key", 65);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == weir::Errc::full);
  const auto until = weir::Deadline::Clock::now() + std::chrono::milliseconds{20};
  CHECK(stream.put("key", 65, until).error().cause == Cause::shard_full);
  CHECK(weir::Deadline::Clock::now() >= until);
  busy = false;
  CHECK(stream.put("key", 65, weir::Deadline::never()));
  stream.close().value();
  slow.join();
  CHECK(seen == from_to(1, 65));
}

TEST_CASE("who puts into the gated stream whose batch it holds is told full") {
  auto stream = gated();
  std::vector<weir::Errc> told;
  auto subscription =
      weir::subscribe(stream, Position::trim_horizon(),
                      [&](const auto&) {
                        if (told.empty()) {
                          told.push_back(stream.put("key", 65).error().code);
                          told.push_back(stream.put("key", 65, std::chrono::milliseconds{5}).error().code);
                        }
                      },
                      {.drive = Drive::step})
          .value();
  put(stream, 1, 64);
  CHECK(subscription.step().records != 0);
  CHECK(told == std::vector{weir::Errc::full, weir::Errc::full});
  CHECK(stream.put("key", 65));  // the batch was released when it was handled, not by the next step
}

TEST_CASE("a batch is released that was handed over whole, also when its last record was the end") {
  auto stream = gated();
  put(stream, 1, 10);
  auto stopped = weir::subscribe(stream, Position::trim_horizon(),
                                 [](const auto& record) { return record.value() == 10 ? After::stop : After::go_on; },
                                 {.drive = Drive::step})
                     .value();
  CHECK(stopped.step().ended);
  put(stream, 11, 74);
  CHECK(stream.put("key", 75).error().code == weir::Errc::full);
}

TEST_CASE("a gated stream without a place for another subscription says so") {
  auto stream = gated(1, 1);
  const auto only = weir::subscribe(stream, Position::latest(), [](const auto&) {}, {.drive = Drive::step}).value();
  const auto refused = weir::subscribe(stream, Position::latest(), [](const auto&) {}, {.drive = Drive::step});
  REQUIRE_FALSE(refused);
  CHECK(refused.error().cause == Cause::readers_taken);
}

TEST_CASE("what an ended subscription of a gated stream had not handled is there for the next") {
  auto stream = gated();
  put(stream, 1, 64);
  std::size_t batch = 0;
  auto stopped = weir::subscribe(stream, Position::trim_horizon(),
                                 [&](const auto& record) {
                                   batch = record.value() == 1 ? stream.readers().front().unreleased : batch;
                                   return record.value() == 3 ? After::stop : After::go_on;
                                 },
                                 {.drive = Drive::step})
                     .value();
  CHECK(stopped.step().ended);
  CHECK(batch == 64);
  CHECK(stream.readers().empty());
  CHECK(stream.put("key", 65).error().code == weir::Errc::full);
  Seen seen;
  auto next = weir::subscribe(stream, Position::trim_horizon(),
                              [&](const auto& record) { seen.push_back(record.value()); }, {.drive = Drive::step})
                  .value();
  while (next.step().records != 0) {
  }
  CHECK(seen == from_to(1, 64));
  CHECK(stream.put("key", 65));
}

#if WEIR_ASSERTS
TEST_CASE("step() beside a thread, from inside the handler, and any use after a move are noticed") {
  const auto stepped = [](auto&& mistake) {
    return weir::support::text_of_abort([&] {
             auto stream = numbers();
             put(stream, 1, 1);
             Subscription* self = nullptr;
             auto subscription =
                 weir::subscribe(stream, Position::trim_horizon(),
                                 [&](const auto&) { static_cast<void>(self->step()); }, {.drive = Drive::step})
                     .value();
             self = &subscription;
             mistake(stream, subscription);
           })
        .value_or("no abort");
  };
  CHECK(stepped([](Numbers&, Subscription& subscription) {
          static_cast<void>(subscription.step());
        }).find("from inside the handler") != std::string::npos);
  CHECK(stepped([](Numbers& stream, Subscription&) {
          auto driven = weir::subscribe(stream, Position::latest(), [](const auto&) {}).value();
          static_cast<void>(driven.step());
        }).find("beside a thread of its own") != std::string::npos);
  CHECK(stepped([](Numbers&, Subscription& subscription) {
          const auto moved = std::move(subscription);
          subscription.stop();
        }).find("used after it was moved from") != std::string::npos);
}
#endif

#if WEIR_EXCEPTIONS
struct Odd : std::runtime_error {
  Odd() : std::runtime_error("odd") {}
};

TEST_CASE("an exception of the handler ends the subscription, and join() rethrows it each time") {
  const Watchdog watchdog{"a handler that throws"};
  auto stream = numbers();
  put(stream, 1, 10);
  Seen seen;
  auto subscription = weir::subscribe(stream, Position::trim_horizon(), [&](const auto& record) {
                        seen.push_back(record.value());
                        if (record.value() == 3) {
                          throw Odd{};
                        }
                      }).value();
  CHECK_THROWS_AS(subscription.join(), Odd);
  CHECK_THROWS_AS(subscription.join(), Odd);
  CHECK(subscription.ended());
  CHECK(seen == from_to(1, 3));
  CHECK(subscription.delivered() == 3);
  // It holds its place until it is gone.
  CHECK(stream.leave().error().cause == Cause::stream_in_use);
  subscription = weir::subscribe(stream, Position::latest(), [](const auto&) {}, {.drive = Drive::step}).value();
  subscription.stop();
  CHECK(subscription.step().ended);
  stream.leave().value();
}

TEST_CASE("an exception does not release a batch, and holds writers until the subscription is gone") {
  auto stream = gated();
  put(stream, 1, 64);
  std::optional failing = weir::subscribe(stream, Position::trim_horizon(),
                                          [](const auto& record) {
                                            if (record.value() == 3) {
                                              throw Odd{};
                                            }
                                          },
                                          {.drive = Drive::step})
                              .value();
  auto other = weir::subscribe(stream, Position::trim_horizon(), [](const auto&) {}, {.drive = Drive::step}).value();
  while (other.step().records != 0) {
  }
  CHECK_THROWS_AS(static_cast<void>(failing->step()), Odd);
  REQUIRE(stream.readers().size() == 2);
  CHECK(stream.readers().front().unreleased == 64);
  CHECK(stream.put("key", 65).error().code == weir::Errc::full);
  failing.reset();
  CHECK(stream.put("key", 65));
}

TEST_CASE("on_exception says whether to go on") {
  auto stream = numbers();
  put(stream, 1, 9);
  int heard = 0;
  const auto hear = [&](After answer) {
    return [&heard, answer](const std::exception_ptr& thrown) {
      CHECK_THROWS_AS(std::rethrow_exception(thrown), Odd);
      ++heard;
      return answer;
    };
  };
  Seen seen;
  const auto handler = [&](const auto& record) {
    seen.push_back(record.value());
    if (record.value() % 2 != 0) {
      throw Odd{};
    }
  };
  const auto subscribed = [&](std::function<After(std::exception_ptr)> on_exception) {
    return weir::subscribe(stream, Position::trim_horizon(), handler,
                           {.drive = Drive::step, .on_exception = std::move(on_exception)})
        .value();
  };
  SUBCASE("go on: with the next record") {
    auto subscription = subscribed(hear(After::go_on));
    CHECK(subscription.step().records == 9);
    CHECK(heard == 5);
    CHECK(seen == from_to(1, 9));
    CHECK_FALSE(subscription.ended());
    subscription.join();
  }
  SUBCASE("stop: it was heard, so join() does not throw") {
    auto subscription = subscribed(hear(After::stop));
    const auto step = subscription.step();
    CHECK(step.records == 1);
    CHECK(step.ended);
    CHECK(heard == 1);
    subscription.join();
  }
  SUBCASE("it throws itself: that ends the subscription") {
    auto subscription = subscribed([](const std::exception_ptr&) -> After { throw std::logic_error{"worse"}; });
    CHECK_THROWS_AS(static_cast<void>(subscription.step()), std::logic_error);
    CHECK(subscription.ended());
    CHECK_THROWS_AS(subscription.join(), std::logic_error);
  }
  SUBCASE("without it, step() throws") {
    auto subscription = subscribed({});
    CHECK_THROWS_AS(static_cast<void>(subscription.step()), Odd);
    CHECK(subscription.ended());
    CHECK(subscription.delivered() == 1);
  }
}

/// A reader with too little memory.
struct Exhausted : Gated::reader_type {
  using Gated::reader_type::read;
  batch_type read() & { throw std::bad_alloc{}; }
};

TEST_CASE("what a read throws is heard, and ends the subscription whatever is answered") {
  auto stream = gated();
  put(stream, 1, 64);
  int heard = 0;
  const auto handler = [](const auto&) {};
  using Subscriber = weir::detail::Subscriber<Exhausted, decltype(handler), weir::Park>;
  auto subscription =
      Subscriber::begin(
          std::make_shared<Subscriber>(Exhausted{stream.reader(Position::trim_horizon()).value()}, handler,
                                       weir::SubscriptionConfig{.drive = Drive::step,
                                                                .on_exception =
                                                                    [&](const std::exception_ptr& thrown) {
                                                                      CHECK_THROWS_AS(std::rethrow_exception(thrown),
                                                                                      std::bad_alloc);
                                                                      return ++heard, After::go_on;
                                                                    }},
                                       weir::Park{}))
          .value();
  CHECK(subscription.step().ended);
  CHECK(heard == 1);
  CHECK(stream.readers().size() == 1);  // it holds its place
  CHECK(stream.put("key", 65).error().code == weir::Errc::full);
}

TEST_CASE("what on_missed throws goes the same way") {
  auto stream = numbers();
  int heard = 0;
  auto subscription =
      weir::subscribe(stream, Position::latest(), [](const auto&) {},
                      {.drive = Drive::step,
                       .on_missed = [](ShardId, std::uint64_t) { throw Odd{}; },
                       .on_exception = [&](const std::exception_ptr&) { return ++heard, After::go_on; }})
          .value();
  put(stream, 1, 1000);
  while (subscription.step().records != 0) {
  }
  CHECK(heard == 1);
  CHECK(subscription.delivered() + subscription.missed() == 1000);
}
#endif

}  // namespace
