/// The tasks that queues and streams are measured by, written once for all of them.
///
/// What is measured supplies `payload`, and two ends, each for one thread at a time: `producer()` with
/// `try_put(record)` and `try_put_all(records)`, which tells how many it took, or `write(count, fill)`, which lets
/// `fill(place)` write up to `count` records one by one where they will lie; `consumer()` with `take(action)`, which
/// hands over what is there and tells how much that was.
#pragma once

#include <memory>

#include "support/payload.hpp"

namespace bench {

/// How many records every queue has room for.
inline constexpr std::size_t room = 65'536;

/// How a task puts its records.
enum class Form : std::uint8_t {
  one_by_one,
  batches,   ///< 256 at a time, from an array
  in_place,  ///< 256 at a time, where they will lie
};

/// Records with one stamp after another, each stamped some puts before its own: a record that is loaded as it was just
/// stored, in other widths, would hold up every put until all stores before it are done, whoever is measured.
template <class T>
class Source {
 public:
  explicit Source(std::uint64_t first) : next_(first) {
    for (auto& record : records_) {
      record.bytes.fill(filling);
    }
    for (std::uint64_t n = first; n < first + ahead; ++n) {
      write_stamp(records_[n % length].bytes, n);
    }
  }

  /// Good until as many more were taken as are stamped ahead.
  const T& take() {
    const auto& record = records_[next_ % length];
    write_stamp(records_[(next_ + ahead) % length].bytes, next_ + ahead);
    ++next_;
    return record;
  }

 private:
  static constexpr std::uint64_t ahead = 16;
  static constexpr std::uint64_t length = 32;

  std::array<T, length> records_;
  std::uint64_t next_;
};

/// Puts the next `count` records.
template <Form form, class Producer, class T>
void put_records(Producer& producer, Source<T>& source, std::uint64_t count) {
  if constexpr (form == Form::one_by_one) {
    for (; count != 0; --count) {
      const auto& record = source.take();
      while (!producer.try_put(record)) {
        relax(2);
      }
    }
  } else if constexpr (form == Form::batches) {
    std::array<T, batch_records> batch;
    for (; count != 0; count -= batch_records) {  // whole batches
      for (auto& record : batch) {
        record = source.take();
      }
      std::span<const T> left{batch};
      while (!left.empty()) {
        const auto taken = producer.try_put_all(left);
        left = left.subspan(taken);
        if (taken == 0) {
          relax(2);
        }
      }
    }
  } else {
    while (count != 0) {
      const auto most = static_cast<std::size_t>(std::min(count, batch_records));
      const auto written = producer.write(most, [&](T& place) { place = source.take(); });
      count -= written;
      if (written == 0) {
        relax(2);
      }
    }
  }
}

/// Holds records against the order in which one thread put them.
class InOrder {
 public:
  template <class Record>
  void operator()(const Record& record) noexcept {
    wrong_ |= difference(payload_bytes(record), next_++);
  }
  [[nodiscard]] std::uint64_t next() const noexcept { return next_; }
  void check() const { require(wrong_ == 0, "a record that is not the one put in this place"); }

 private:
  std::uint64_t next_ = 1;
  std::uint64_t wrong_ = 0;
};

/// A queue, gone round once so that no page is touched for the first time while the clock runs.
template <class Queue>
std::unique_ptr<Queue> warm_queue() {
  auto queue = std::make_unique<Queue>();
  Source<typename Queue::payload> source{1};
  auto&& producer = queue->producer();
  auto&& consumer = queue->consumer();
  std::uint64_t seen = 0;
  for (std::uint64_t put = 0; put < room + batch_records; put += batch_records) {
    put_records<Form::one_by_one>(producer, source, batch_records);
    while (seen < put + batch_records) {
      seen += consumer.take([](const auto&) {});
    }
  }
  return queue;
}

/// One thread puts, another takes all of it in order. The records' rate from the first put to the last record taken.
template <class Queue, Form form, class Wait>
Session one_to_one() {
  using T = typename Queue::payload;
  auto queue = warm_queue<Queue>();
  alignas(weir::line_size) std::atomic<std::uint64_t> end{0};
  Clock::time_point begin, over;
  const auto put = [&] {
    auto&& producer = queue->producer();
    Source<T> source{1};
    begin = Clock::now();
    const auto until = begin + session_length;
    std::uint64_t next = 1;
    do {
      put_records<form>(producer, source, 4 * batch_records);
      next += 4 * batch_records;
    } while (Clock::now() < until);
    end.store(next);
  };
  InOrder order;
  const auto take = [&] {
    auto&& consumer = queue->consumer();
    Wait wait;
    InOrder mine;
    for (;;) {
      wait.before_poll();
      const auto taken = consumer.take([&](const auto& record) { mine(record); });
      wait.after_poll(taken);
      if (taken == 0 && mine.next() == end.load(std::memory_order_relaxed)) {
        break;
      }
    }
    over = Clock::now();
    order = mine;
  };
  Session session;
  session.share = run_together({{0, put}, {1, take}});
  order.check();
  require(order.next() == end.load(), "records lost");
  session.records = static_cast<double>(order.next() - 1);
  session.seconds = seconds_between(begin, over);
  return session;
}

/// Two threads that wait for each other without sleeping, a few hundred times in a session.
class Meeting {
 public:
  void arrive() noexcept {
    const auto mine = generation_.load(std::memory_order_relaxed);
    if (arrived_.fetch_add(1) == 1) {
      arrived_.store(0);
      generation_.store(mine + 1);
      return;
    }
    while (generation_.load() == mine) {
      relax(2);
    }
  }

 private:
  alignas(weir::line_size) std::atomic<int> arrived_{0};
  alignas(weir::line_size) std::atomic<int> generation_{0};
};

/// Two threads fill three quarters of an empty queue together; then one takes it all, which is not measured: where
/// there are two processors, a third thread would only take one away. That each thread's records come in its order is
/// checked; whether there is one order for all, only a second reader could tell.
template <class Queue, Form form>
Session two_to_one() {
  using T = typename Queue::payload;
  constexpr std::uint64_t each = room * 3 / 8 / batch_records * batch_records;
  constexpr auto mark = [](std::size_t thread) { return static_cast<std::uint64_t>(thread + 1) << 56; };
  auto queue = warm_queue<Queue>();
  Meeting meeting;
  std::array<Clock::time_point, 2> begin, end;
  std::array<std::uint64_t, 2> next{mark(0), mark(1)};
  std::atomic<bool> over{false};
  std::uint64_t wrong = 0, rounds = 0;
  double seconds = 0;
  const auto work = [&](std::size_t thread) {
    auto&& producer = queue->producer();
    Source<T> source{mark(thread)};
    while (!over.load(std::memory_order_relaxed)) {
      meeting.arrive();
      begin[thread] = Clock::now();
      put_records<form>(producer, source, each);
      end[thread] = Clock::now();
      meeting.arrive();
      if (thread == 0) {
        seconds += seconds_between(std::min(begin[0], begin[1]), std::max(end[0], end[1]));
        ++rounds;
        auto&& consumer = queue->consumer();
        for (std::uint64_t taken = 0; taken < 2 * each;) {
          const auto now = consumer.take([&](const auto& record) {
            const auto stamp = first_stamp(payload_bytes(record));
            const auto whose = (stamp >> 56) - 1;
            wrong |= whose > 1 ? 1 : difference(payload_bytes(record), next[whose]++);
          });
          require(now != 0, "records lost");
          taken += now;
        }
        over.store(seconds >= std::chrono::duration<double>(session_length).count() / 2);
      }
      meeting.arrive();
    }
  };
  Session session;
  session.share = run_together({{0, [&] { work(0); }}, {1, [&] { work(1); }}});
  require(wrong == 0, "a thread's records out of order, or torn");
  session.records = static_cast<double>(2 * each * rounds);
  session.seconds = seconds;
  return session;
}

/// A record goes there and is answered through a second queue.
template <class Queue, class Wait>
Session there_and_back() {
  using T = typename Queue::payload;
  auto there = warm_queue<Queue>(), back = warm_queue<Queue>();
  constexpr std::uint64_t last = ~std::uint64_t{0} >> 1;
  const auto exchange = [](auto& producer, auto& consumer, std::uint64_t ask, bool puts_first, auto&& until) {
    Single<T, sizeof(T)> single;
    Wait wait;
    std::uint64_t trips = 0;
    const auto put = [&](std::uint64_t n) {
      const auto& record = single.stamped(n);
      while (!producer.try_put(record)) {
        relax(2);
      }
    };
    if (puts_first) {
      put(ask);
    }
    for (;;) {
      std::uint64_t got = 0;
      std::size_t taken = 0;
      while (taken == 0) {
        wait.before_poll();
        taken = consumer.take([&](const auto& record) { got = first_stamp(payload_bytes(record)); });
        wait.after_poll(taken);
      }
      require(taken == 1, "two records where one was put");
      ++trips;
      const auto answer = until(got);
      if (answer == 0) {
        return trips;
      }
      put(answer);
      if (answer == last) {
        return trips;
      }
    }
  };
  Session session;
  std::uint64_t answered = 0;
  const auto ask = [&] {
    auto&& producer = there->producer();
    auto&& consumer = back->consumer();
    const auto begin = Clock::now();
    const auto until = begin + session_length;
    std::uint64_t next = 1;
    const auto trips = exchange(producer, consumer, 1, true, [&](std::uint64_t got) {
      require(got == next, "another answer");
      ++next;
      return next % 16 == 0 && Clock::now() >= until ? last : next;
    });
    session.records = static_cast<double>(trips);
    session.seconds = seconds_between(begin, Clock::now());
  };
  const auto answer = [&] {
    auto&& producer = back->producer();
    auto&& consumer = there->consumer();
    answered = exchange(producer, consumer, 0, false, [](std::uint64_t got) { return got == last ? 0 : got; }) - 1;
  };
  session.share = run_together({{0, ask}, {1, answer}});
  require(session.records == static_cast<double>(answered), "a question without an answer");
  return session;
}

}  // namespace bench
