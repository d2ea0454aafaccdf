/// What the machine itself takes, with no ring around it: no figure beside it can be less.
#include <cstring>
#include <numeric>

#include "support/session.hpp"
#include "support/ticks.hpp"
#include "weir/core/clock.hpp"
#include "weir/core/md5.hpp"

namespace bench {
namespace {

Row row(std::string topic, std::size_t size, const std::string& variant) {
  return {std::move(topic), size, "floor/" + variant, "clock=none key=none hasher=none"};
}

/// Measures `action(n)`; its results are summed and kept.
template <class Action>
Session alone(int calls, Action&& action) {
  const ProcessorShare share;
  std::uint64_t sum = 0;
  const auto [end, seconds] = repeat(0, calls, [&](std::uint64_t n) { sum += static_cast<std::uint64_t>(action(n)); });
  benchmark::DoNotOptimize(sum);
  return {.records = static_cast<double>(end), .seconds = seconds, .share = share.so_far()};
}

/// The same by two threads at once; a call of each counts.
template <class Action>
Session contended(Action&& action) {
  std::array<Session, 2> each;
  const auto share =
      run_together({{0, [&] { each[0] = alone(64, action); }}, {1, [&] { each[1] = alone(64, action); }}});
  return {.records = each[0].records + each[1].records,
          .seconds = std::max(each[0].seconds, each[1].seconds),
          .share = share};
}

struct alignas(weir::line_size) Line {
  std::atomic<std::uint64_t> word{0};

  std::uint64_t add() noexcept { return word.fetch_add(1, std::memory_order_relaxed); }
  /// Until it succeeds.
  std::uint64_t exchange() noexcept {
    auto seen = word.load(std::memory_order_relaxed);
    while (!word.compare_exchange_weak(seen, seen + 1, std::memory_order_relaxed)) {
    }
    return seen;
  }
};

/// Copies half of `bytes` to the other half, so that all of it is in the cache meant, or beyond; a record is 64 bytes.
template <class Copy>
Session copies(std::size_t bytes, Copy&& copy) {
  std::vector<std::uint64_t> words(bytes / 8);
  std::iota(words.begin(), words.end(), std::uint64_t{0});
  auto* const from = words.data();
  auto* const to = from + words.size() / 2;
  copy(to, from, words.size() / 2);
  auto session = alone(1, [&](std::uint64_t n) {
    copy(to, from, words.size() / 2);
    benchmark::ClobberMemory();
    return n;
  });
  require(std::equal(from, to, to), "a copy that is none");
  session.records *= static_cast<double>(bytes / 2 / 64);
  return session;
}

void copy_words(std::uint64_t* to, std::uint64_t* from, std::size_t count) {
  for (std::size_t i = 0; i < count; i += 8) {
    for (std::size_t j = i; j < i + 8; ++j) {
      std::atomic_ref{to[j]}.store(std::atomic_ref{from[j]}.load(std::memory_order_relaxed), std::memory_order_relaxed);
    }
  }
}

/// One thread fills lines word by word, again and again; between times another reads all of them, or writes them. With
/// `counted`, each word is followed by a store to one line that both know, as when a producer says after each record
/// that it is there. A record is a line here, and only the filling is measured.
template <bool counted, bool written>
Session refilled() {
  struct alignas(64) Words {
    std::array<std::uint64_t, 8> words;
  };
  std::vector<Words> lines(4096);
  Line head;
  std::atomic<std::uint64_t> turn{0};
  Session session;
  std::uint64_t sum = 0;
  const auto wait_for = [&](std::uint64_t wanted) {
    while (turn.load(std::memory_order_acquire) != wanted) {
      relax(2);
    }
  };
  constexpr std::uint64_t rounds = 24, first_measured = 4;
  const auto fill = [&] {
    for (std::uint64_t round = 0; round < rounds; ++round) {
      wait_for(2 * round + 1);
      const auto begin = Clock::now();
      std::uint64_t n = 0;
      for (auto& line : lines) {
        for (auto& word : line.words) {
          std::atomic_ref{word}.store(++n, std::memory_order_relaxed);
          if constexpr (counted) {
            head.word.store(n, std::memory_order_release);
          }
        }
      }
      if (round >= first_measured) {
        session.seconds += seconds_between(begin, Clock::now());
        session.records += static_cast<double>(lines.size());
      }
      turn.store(2 * round + 2, std::memory_order_release);
    }
  };
  const auto between = [&] {
    for (std::uint64_t round = 0; round < rounds; ++round) {
      wait_for(2 * round);
      for (auto& line : lines) {
        for (auto& word : line.words) {
          if constexpr (written) {
            std::atomic_ref{word}.store(0, std::memory_order_relaxed);
          } else {
            sum += std::atomic_ref{word}.load(std::memory_order_relaxed);
          }
        }
      }
      turn.store(2 * round + 1, std::memory_order_release);
    }
  };
  session.share = run_together({{0, fill}, {1, between}});
  const auto words = static_cast<std::uint64_t>(lines.size()) * 8;
  require(written || sum == (rounds - 1) * (words * (words + 1) / 2), "words that were not stored");
  return session;
}

}  // namespace

void register_benchmarks() {
  const auto add_copies = [](const char* where, std::size_t bytes) {
    add(row("memcpy", 64, where), Threads::one,
        [=] { return copies(bytes, [](auto* to, auto* from, std::size_t n) { std::memcpy(to, from, n * 8); }); });
    add(row("atomic-words", 64, where), Threads::one, [=] { return copies(bytes, copy_words); });
  };
  add_copies("L2", std::size_t{1} << 18);
  add_copies("L3", std::size_t{1} << 22);
  add_copies("memory", std::size_t{1} << 27);
  add(row("fetch_add", 8, "alone"), Threads::one, [] {
    Line line;
    return alone(256, [&](std::uint64_t) { return line.add(); });
  });
  add(row("compare_exchange", 8, "alone"), Threads::one, [] {
    Line line;
    return alone(256, [&](std::uint64_t) { return line.exchange(); });
  });
  add(row("fetch_add", 8, "contended"), Threads::several, [] {
    Line line;
    const auto session = contended([&](std::uint64_t) { return line.add(); });
    require(session.records == static_cast<double>(line.word.load()), "additions lost");
    return session;
  });
  add(row("compare_exchange", 8, "contended"), Threads::several, [] {
    Line line;
    const auto session = contended([&](std::uint64_t) { return line.exchange(); });
    require(session.records == static_cast<double>(line.word.load()), "exchanges lost");
    return session;
  });
  add(row("refill-lines", 64, "that-another-read"), Threads::several, refilled<false, false>);
  add(row("refill-lines", 64, "that-another-read-and-count"), Threads::several, refilled<true, false>);
  add(row("refill-lines", 64, "that-another-wrote"), Threads::several, refilled<false, true>);
  add(row("refill-lines", 64, "that-another-wrote-and-count"), Threads::several, refilled<true, true>);
  add(row("clock", 8, "steady"), Threads::one,
      [] { return alone(64, [](std::uint64_t) { return Clock::now().time_since_epoch().count(); }); });
  add(row("clock", 8, "coarse"), Threads::one,
      [] { return alone(64, [](std::uint64_t) { return weir::CoarseClock{}.now().time_since_epoch().count(); }); });
  add(row("clock", 8, "ticks"), Threads::one, [] { return alone(64, [](std::uint64_t) { return ticks(); }); });
  add(row("md5", 10, "key"), Threads::one, [] {
    std::array<char, 10> key{'c', 'l', 'i', 'e', 'n', 't', '-', '0', '4', '2'};
    return alone(64, [&](std::uint64_t n) {
      key[9] = static_cast<char>('0' + n % 10);
      return weir::Md5Hasher{}(std::string_view{key.data(), key.size()}).high();
    });
  });
}

}  // namespace bench
