/// Two threads, two streams, one record: put into one, answered through the other. A record is a round trip here.
#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <climits>

#include "support/locked_queue.hpp"
#include "support/reading.hpp"

namespace bench {
namespace {

/// Reads one record and says whether there was one: none means that the stream was closed.
template <class Case, class Wait>
bool take_one(typename Case::stream::iterator_type& iterator, Follower<Case>& follower, Wait* wait) {
  const auto before = follower.delivered();
  follower.take(wait != nullptr ? iterator.read(*wait, weir::Deadline::never())
                                : iterator.read(weir::Deadline::never()));
  require(follower.delivered() - before <= 1, "two records where one was put");
  return follower.delivered() != before;
}

/// Sleeps before each record: what a wake-up costs. A `Park` of its own polls first, and would be answered meanwhile.
struct Asleep {
  static void before_poll() noexcept {}
  static void after_poll(std::size_t) noexcept {}
  static bool parks() noexcept { return true; }
};

/// Threads that sleep by intention have not lost their processors.
Session asleep(Session session) {
  session.share = 1;
  return session;
}

/// `Wait`: void for the default, the iterator's own back-off.
template <class Case, class Wait>
Session round_trip() {
  auto there = Case::open(), back = Case::open();
  const auto first = put_a_lap<Case>(there, Stamps::counted);
  put_a_lap<Case>(back, Stamps::counted);
  auto from_there = there.iterator(weir::ShardId{0}, weir::Position::latest()).value();
  auto from_back = back.iterator(weir::ShardId{0}, weir::Position::latest()).value();
  const bool crowded = processors().size() < 2;

  Session session;
  std::uint64_t answered = 0;
  const auto put_through = [](typename Case::stream::writer_type& writer, auto& single, std::uint64_t n) {
    benchmark::DoNotOptimize(writer.put(single.stamped(n)).value());
  };
  const auto take = [&](auto& iterator, auto& follower) {
    if constexpr (std::is_void_v<Wait>) {
      weir::Yield yield;
      return take_one(iterator, follower, crowded ? &yield : nullptr);
    } else {
      Wait wait;
      return take_one(iterator, follower, &wait);
    }
  };
  const auto ask = [&] {
    const Closing closing{there};
    auto writer = there.writer(one_key).value();
    Single<typename Case::payload, Case::size> single;
    Follower<Case> follower{Stamps::counted, first + 1};
    const auto [end, seconds] = repeat(first, 16, [&](std::uint64_t n) {
      put_through(writer, single, n);
      require(take(from_back, follower), "no answer");
    });
    session.records = static_cast<double>(end - first);
    session.seconds = seconds;
  };
  const auto answer = [&] {
    const Closing closing{back};
    auto writer = back.writer(one_key).value();
    Single<typename Case::payload, Case::size> single;
    Follower<Case> follower{Stamps::counted, first + 1};
    while (take(from_there, follower)) {
      put_through(writer, single, first + answered++);
    }
  };
  session.share = run_together({{0, ask}, {1, answer}});
  require(session.records == static_cast<double>(answered), "a question without an answer");
  return session;
}

template <std::size_t Size>
Session round_trip_of_queues() {
  constexpr auto capacity = DefaultCase<Size>::capacity;
  LockedQueue<Size> there{capacity}, back{capacity};
  Session session;
  std::uint64_t answered = 0;
  const auto take_one = [](LockedQueue<Size>& queue, std::uint64_t& next) {
    typename LockedQueue<Size>::Taken taken;
    do {
      relax(2);
      queue.take(taken);
    } while (taken.records.empty() && !taken.closed);
    require(taken.records.size() <= 1 && taken.missed == 0, "not the one record that was put");
    require_stamped<Size>(taken, Stamps::counted, next);
    return !taken.records.empty();
  };
  const auto ask = [&] {
    const Closing closing{there};
    Single<Fixed<Size>, Size> single;
    std::uint64_t next = 0;
    const auto [end, seconds] = repeat(0, 16, [&](std::uint64_t n) {
      there.put(single.stamped(n));
      require(take_one(back, next), "no answer");
    });
    session.records = static_cast<double>(end);
    session.seconds = seconds;
  };
  const auto answer = [&] {
    const Closing closing{back};
    Single<Fixed<Size>, Size> single;
    std::uint64_t next = 0;
    while (take_one(there, next)) {
      back.put(single.stamped(answered++));
    }
  };
  session.share = run_together({{0, ask}, {1, answer}});
  require(session.records == static_cast<double>(answered), "a question without an answer");
  return session;
}

/// Nothing but two threads that wake each other through the kernel.
Session bare_futex() {
  struct alignas(weir::line_size) Word {
    std::atomic<std::uint32_t> turn{0};
  };
  Word there, back;
  constexpr std::uint32_t over = UINT_MAX;
  const auto call = [](Word& word, int operation, std::uint32_t value) {
    syscall(SYS_futex, &word.turn, operation, value, nullptr, nullptr, 0);
  };
  const auto tell = [&](Word& word, std::uint32_t turn) {
    word.turn.store(turn);
    call(word, FUTEX_WAKE_PRIVATE, 1);
  };
  const auto await = [&](Word& word, std::uint32_t before) {
    while (word.turn.load() == before) {
      call(word, FUTEX_WAIT_PRIVATE, before);
    }
    return word.turn.load();
  };
  Session session;
  std::uint64_t answered = 0;
  const auto ask = [&] {
    const auto [end, seconds] = repeat(1, 16, [&](std::uint64_t n) {
      tell(there, static_cast<std::uint32_t>(n));
      require(await(back, static_cast<std::uint32_t>(n - 1)) == n, "not the answer");
    });
    tell(there, over);
    session.records = static_cast<double>(end - 1);
    session.seconds = seconds;
  };
  const auto answer = [&] {
    for (std::uint32_t turn = 0; (turn = await(there, turn)) != over; ++answered) {
      tell(back, turn);
    }
  };
  run_together({{0, ask}, {1, answer}});
  require(session.records == static_cast<double>(answered), "a question without an answer");
  return asleep(session);
}

/// Nothing but a line that goes there and back.
Session bare_line() {
  const auto begin = Clock::now();
  Session session;
  std::vector<double> ways;
  do {
    ways.push_back(line_one_way());
  } while (Clock::now() < begin + session_length);
  std::sort(ways.begin(), ways.end());
  session.records = 1;
  session.seconds = 2 * ways[ways.size() / 2] * 1e-9;
  return session;
}

}  // namespace

void register_benchmarks() {
  add(baseline("round-trip", sizeof(std::uint32_t), "bare-line"), Threads::several, bare_line);
  for_each_case([]<class Case>(Case) {
    auto row = Case::row("round-trip", "handle", "none");
    row.terms += " wait=back-off";
    add(row, Threads::several, round_trip<Case, void>);
  });
  for_each_size<Fixed, weir::Options{}>([]<class Case>(Case) {
    auto row = Case::row("round-trip", "handle", "none");
    row.terms += " wait=spin";
    add(row, Threads::several, round_trip<Case, weir::Spin>);
  });
  using Waking = Case<Fixed<8>, 8, weir::Options{.notify = weir::Notify::on_put}>;
  auto row = Waking::row("round-trip", "handle", "none");
  const auto terms = row.terms;
  row.terms = terms + " wait=park";
  add(row, Threads::several, [] { return asleep(round_trip<Waking, weir::Park>()); });
  row.terms = terms + " wait=asleep";
  add(row, Threads::several, [] { return asleep(round_trip<Waking, Asleep>()); });
  add(baseline("round-trip", sizeof(std::uint32_t), "bare-futex"), Threads::several, bare_futex);
  for_each_fixed_size([]<std::size_t Size>(Sized<Size>) {
    add(baseline("round-trip", Size, "mutex-deque"), Threads::several, round_trip_of_queues<Size>);
  });
}

}  // namespace bench
