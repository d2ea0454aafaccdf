/// How a thread waits for something to read: always the caller's choice, an argument of the call that waits.
#pragma once

#include <algorithm>
#include <chrono>
#include <concepts>
#include <cstddef>
#include <thread>

#include "weir/core/env.hpp"
#include "weir/core/result.hpp"

namespace weir::inline WEIR_ABI {

/// Until when a call may wait: made from a duration, counted from now, or from a moment of the steady clock.
class Deadline {
 public:
  using Clock = std::chrono::steady_clock;

  /// Of any unit; one so long that the clock has no such moment means never.
  template <class Rep, class Period>
  Deadline(std::chrono::duration<Rep, Period> from_now) noexcept : moment_(after(Clock::now(), from_now)) {}
  constexpr Deadline(Clock::time_point moment) noexcept : moment_(moment) {}
  static constexpr Deadline never() noexcept { return Clock::time_point::max(); }

  [[nodiscard]] bool passed() const noexcept { return moment_ != Clock::time_point::max() && Clock::now() >= moment_; }
  /// The largest means never.
  [[nodiscard]] constexpr Clock::time_point moment() const noexcept { return moment_; }

 private:
  /// Compares in floating point first: converting the largest of a coarse unit to the clock's would overflow.
  template <class Rep, class Period>
  static Clock::time_point after(Clock::time_point now, std::chrono::duration<Rep, Period> span) noexcept {
    constexpr std::chrono::duration<double> century = std::chrono::hours{24 * 36'525};
    if (std::chrono::duration<double>{span} >= century) {
      return Clock::time_point::max();
    }
    return span > span.zero() ? now + std::chrono::ceil<Clock::duration>(span) : now;  // also of what is no number
  }

  Clock::time_point moment_;
};

/// What a waiting read does between polls. An object belongs to one reader at a time and may learn from it.
///
/// `before_poll()` runs before every poll, also when the last one found something; `after_poll(n)` hears how many
/// records it found. Neither may block for longer than the caller would wish to oversleep its deadline.
template <class W>
concept wait_strategy = requires(W& wait, std::size_t records) {
  wait.before_poll();
  wait.after_poll(records);
};

/// A strategy that tells when to sleep until a put instead of polling on; its wait ends with the next record put into
/// the stream, whichever shard it goes to, and polls once before it sleeps. Only for streams of `Notify::on_put`.
template <class W>
concept parking_strategy = wait_strategy<W> && requires(const W& wait) {
  { wait.parks() } -> std::same_as<bool>;
};

/// Polls without rest: the shortest latency, a whole core, and a writer that loses a line at every poll.
struct Spin {
  static void before_poll() noexcept { HardwareMemory::pause(); }
  static void after_poll(std::size_t) noexcept {}
};

/// Gives the processor away after an empty poll: for more threads than cores.
class Yield {
 public:
  void before_poll() const noexcept {
    if (idle_) {
      std::this_thread::yield();
    }
  }
  void after_poll(std::size_t records) noexcept { idle_ = records == 0; }

 private:
  bool idle_ = false;
};

namespace detail {

/// How many pauses to make before a poll, learnt from what polls find. See `BackOff`.
template <class Clock>
class Climb {
 public:
  void after_poll(std::size_t records) noexcept {
    empty_ = records == 0 ? empty_ + 1 : 0;
    records_ += records;
    found_ += records != 0 ? 1 : 0;
    ++polls_;
    if (empty_ * (pauses_ + 2) >= lull) {  // a poll that finds nothing takes about two
      start_over();
    } else if (polls_ >= polls_a_step && (found_ > 1 || polls_ >= 8 * polls_a_step)) {
      step();
    }
  }

  [[nodiscard]] unsigned pauses() const noexcept { return pauses_; }
  /// Nothing was found lately: others may have the processor.
  [[nodiscard]] bool idle() const noexcept { return empty_ >= empty_before_idle; }

 private:
  static constexpr std::size_t polls_a_step = 8;
  static constexpr std::size_t a_poll = 6;  // pauses that take as long as a poll that finds something
  static constexpr std::size_t empty_before_idle = 64;
  static constexpr std::size_t lull = 1024;  // pauses
  static constexpr unsigned short_pauses = 16;
  static constexpr unsigned most_pauses = 256;
  static constexpr double noticeable = 1.03;
  static constexpr typename Clock::time_point unknown{};

  /// The lull goes on.
  void start_over() noexcept {
    const auto empty = empty_;
    *this = {};
    empty_ = empty;
  }

  void step() noexcept {
    if (4 * records_ < polls_ * (pauses_ + a_poll)) {
      pauses_ = std::max(pauses_ / 2, 1U);
      since_ = unknown;
    } else {
      climb();
    }
    records_ = 0;
    polls_ = 0;
    found_ = 0;
  }

  void climb() noexcept {
    const auto now = Clock::now();
    if (since_ == unknown) {
      rate_ = 0;
      longer_ = true;
    } else {
      const auto elapsed = static_cast<double>((now - since_).count());
      const auto rate = static_cast<double>(records_) / std::max(elapsed, 1.0);
      if (rate * noticeable < rate_) {
        longer_ = !longer_;
      } else if (rate < rate_ * noticeable) {
        longer_ = pauses_ < short_pauses;
      }
      rate_ = rate;
      pauses_ = longer_ ? std::min(pauses_ * 2, most_pauses) : std::max(pauses_ / 2, 1U);
    }
    since_ = now;
  }

  unsigned pauses_ = 1;
  bool longer_ = true;  // which way the last step went
  std::size_t polls_ = 0;
  std::size_t found_ = 0;  // polls of this step that found something
  std::size_t empty_ = 0;  // polls since then that found nothing
  std::size_t records_ = 0;
  double rate_ = 0;
  typename Clock::time_point since_ = unknown;
};

}  // namespace detail

/// The default: the rate of a long pause, the latency of a spin.
///
/// Each poll takes lines away from the writer, so polling less often lets both go faster; yet a fixed long pause ruins
/// latency at moderate load. This one climbs: every 8 polls or more it doubles or halves the pause, and turns round
/// when the rate became worse by 3 %. Where the rate stays the same it prefers 16 pauses, a fraction of a microsecond:
/// shorter ones hold the writer up for nothing, longer ones the reader. It never makes more than 256. Where records
/// come further apart than some four pauses the reader is faster than who writes, and a pause would only make them
/// late: then it halves. After 64 empty polls it gives the processor away between polls, for where there are more
/// threads than cores; after a lull of a thousand pauses, some ten or twenty microseconds, it starts over from one.
///
/// **cost** an idle wait uses a whole core, unless others want it: `Park` uses none.
class BackOff {
 public:
  void before_poll() const noexcept {
    if (climb_.idle()) {
      std::this_thread::yield();
    }
    for (unsigned i = 0; i < climb_.pauses(); ++i) {
      HardwareMemory::pause();
    }
  }
  void after_poll(std::size_t records) noexcept { climb_.after_poll(records); }

  [[nodiscard]] unsigned pauses() const noexcept { return climb_.pauses(); }

 private:
  detail::Climb<Deadline::Clock> climb_;
};

/// Polls for about as long as it takes to be woken, then sleeps until a put: an idle wait uses no processor.
///
/// **cost** a put that finds a reader asleep makes a system call, some microseconds; the first record after a lull is
/// read as much later. Where nothing can wake it, as in a put that waits for room, it goes on polling and gives the
/// processor away in between.
class Park {
 public:
  void before_poll() const noexcept {
    if (parks()) {
      std::this_thread::yield();
    } else {
      HardwareMemory::pause();
    }
  }
  void after_poll(std::size_t records) noexcept {
    empty_ = records != 0 ? 0 : std::min(empty_ + 1, empty_before_sleep);
  }
  [[nodiscard]] bool parks() const noexcept { return empty_ == empty_before_sleep; }

 private:
  static constexpr unsigned empty_before_sleep = 128;

  unsigned empty_ = 0;
};

static_assert(wait_strategy<Spin>);
static_assert(wait_strategy<Yield>);
static_assert(wait_strategy<BackOff>);
static_assert(parking_strategy<Park>);
static_assert(!parking_strategy<BackOff>);

namespace detail {

/// Tries a put until it is done or refused for good; behind a stalled put, or without room, until the deadline.
template <wait_strategy Wait, class Attempt>
auto insist(Wait& wait, const Deadline& deadline, const Attempt& attempt) {
  for (;;) {
    auto put = attempt();
    const bool later = !put && (put.error().code == Errc::full || put.error().code == Errc::stalled_writer);
    wait.after_poll(later ? 0 : 1);
    if (!later || deadline.passed()) {
      return put;
    }
    wait.before_poll();
  }
}

}  // namespace detail

}  // namespace weir::inline WEIR_ABI
