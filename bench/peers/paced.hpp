/// Latency under a load that comes at its own pace, whether the queue keeps up or not.
#pragma once

#include <bit>

#include "peers/transfer.hpp"
#include "support/ticks.hpp"

namespace bench {

/// Counts durations in steps of at most a sixteenth of their length.
class Histogram {
 public:
  void add(std::uint64_t ticks) noexcept { ++counts_[index_of(ticks)]; }

  /// The duration that `share` of all do not exceed, in ticks.
  [[nodiscard]] double percentile(double share) const {
    std::uint64_t total = 0;
    for (const auto count : counts_) {
      total += count;
    }
    const auto wanted = static_cast<std::uint64_t>(share * static_cast<double>(total));
    std::uint64_t seen = 0;
    std::size_t index = 0;
    while (index + 1 < counts_.size() && (seen += counts_[index]) <= wanted) {
      ++index;
    }
    return index < 16 ? static_cast<double>(index)
                      : static_cast<double>((16 + index % 16) << (index / 16 - 1));  // where its step begins
  }

 private:
  static constexpr std::size_t index_of(std::uint64_t ticks) noexcept {
    if (ticks < 16) {
      return static_cast<std::size_t>(ticks);
    }
    const auto scale = static_cast<std::size_t>(std::bit_width(ticks)) - 5;
    return (scale + 1) * 16 + static_cast<std::size_t>(ticks >> scale & 15);
  }

  std::array<std::uint64_t, 64 * 16> counts_{};
};

/// A record falls due every 1/`million_a_second` microseconds and bears that moment; its latency ends when the reader
/// has it in hand. A producer that falls behind makes up for it, and what was due meanwhile is late by as much.
template <class Queue, class Wait>
Session paced(double million_a_second) {
  using T = typename Queue::payload;
  auto queue = warm_queue<Queue>();
  const double interval = ticks_a_nanosecond() * 1e3 / million_a_second;
  const auto records = static_cast<std::uint64_t>(std::chrono::duration<double, std::micro>(session_length).count() *
                                                  million_a_second * 4);
  alignas(weir::line_size) Histogram latency;
  std::uint64_t taken = 0, sum = 0, put_sum = 0;
  bool in_order = true;
  const auto put = [&] {
    auto&& producer = queue->producer();
    Single<T, sizeof(T)> single;
    const auto begin = ticks();
    for (std::uint64_t n = 1; n <= records; ++n) {
      const auto due = begin + static_cast<std::uint64_t>(static_cast<double>(n) * interval);
      while (ticks() < due) {
      }
      put_sum += due;
      const auto& record = single.stamped(due);
      while (!producer.try_put(record)) {
        relax(2);
      }
    }
  };
  const auto take = [&] {
    auto&& consumer = queue->consumer();
    Wait wait;
    Histogram mine;
    std::vector<std::uint64_t> due(room);
    std::uint64_t last = 0;
    while (taken < records) {
      wait.before_poll();
      std::size_t count = 0;
      const auto got = consumer.take([&](const T& record) { due[count++] = first_stamp(payload_bytes(record)); });
      const auto now = ticks();  // all of them are in hand now, and not before
      for (std::size_t i = 0; i < count; ++i) {
        in_order = in_order && due[i] > last;
        last = due[i];
        sum += last;
        mine.add(now > last ? now - last : 0);  // the processors' counters may differ by some ticks
      }
      taken += got;
      wait.after_poll(got);
    }
    latency = mine;
  };
  Session session;
  session.share = run_together({{0, put}, {1, take}});
  require(taken == records && sum == put_sum && in_order, "records lost, or others taken");
  session.figures = {{"p50", latency.percentile(0.5) / ticks_a_nanosecond()},
                     {"p99.9", latency.percentile(0.999) / ticks_a_nanosecond()}};
  return session;
}

}  // namespace bench
