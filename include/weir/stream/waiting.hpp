/// How a read waits for a batch, and what puts do to wake it.
#pragma once

#include <algorithm>
#include <chrono>
#include <optional>
#include <stop_token>

#include "weir/core/options.hpp"
#include "weir/detail/event_count.hpp"
#include "weir/ring/wait.hpp"

namespace weir::inline WEIR_ABI::detail {

/// What wakes a stream's readers, as each of its shards knows it: nothing, and it takes neither a byte nor an
/// instruction.
template <Notify, class /*Waking*/ = EventCount>
struct Alarm {
  struct Event {};

  explicit Alarm(Event&) noexcept {}
  static void notify() noexcept {}
  static void wake_all() noexcept {}
};

/// One event count a stream: a reader of a shard may be woken for another's record, and sleeps again.
template <class Waking>
class Alarm<Notify::on_put, Waking> {
 public:
  using Event = Waking;

  explicit Alarm(Event& event) noexcept : event_(&event) {}
  /// After whatever may let a reader go on.
  void notify() const noexcept { event_->notify(); }
  void wake_all() const noexcept { event_->wake_all(); }
  [[nodiscard]] Event& event() const noexcept { return *event_; }

 private:
  Event* event_;
};

/// Notifies when its scope is left, in whatever way.
template <Notify notify>
class NotifiedAfter {
 public:
  explicit NotifiedAfter(const Alarm<notify>& alarm) noexcept : alarm_(alarm) {}
  NotifiedAfter(const NotifiedAfter&) = delete;
  NotifiedAfter& operator=(const NotifiedAfter&) = delete;
  ~NotifiedAfter() { alarm_.notify(); }

 private:
  [[no_unique_address]] const Alarm<notify> alarm_;
};

template <class Event>
struct WakeAll {
  Event& event;
  void operator()() const noexcept { event.wake_all(); }
};

/// The loop of every waiting read: until `source` has something to tell, has ended, the deadline has passed or a stop
/// was requested. `stop` may be null.
template <class Source, wait_strategy Wait, Notify notify, class Event>
auto wait_for_batch(Source& source, const Alarm<notify, Event>& alarm, Wait& wait, const Deadline& deadline,
                    const std::stop_token* stop) {
  constexpr bool parks = parking_strategy<Wait>;
  static_assert(!parks || notify == Notify::on_put,
                "weir: a put into this stream wakes nobody: declare it with Notify::on_put, or wait with BackOff");
  constexpr bool sleeps = parks && notify == Notify::on_put;
  std::optional<std::stop_callback<WakeAll<Event>>> woken_by_stop;  // costs a lock: there is none until it sleeps
  typename Event::Ticket ticket;
  for (;;) {
    if constexpr (sleeps) {
      ticket = {};
      if (wait.parks()) {
        if (stop != nullptr && !woken_by_stop) {
          woken_by_stop.emplace(*stop, WakeAll<Event>{alarm.event()});
        }
        ticket = alarm.event().prepare();
      }
    }
    if (!ticket) {
      wait.before_poll();
    }
    if (stop != nullptr && stop->stop_requested()) {
      return source.read_up_to(0);
    }
    auto batch = source.read();
    wait.after_poll(batch.size());
    if (batch || source.at_end() || deadline.passed()) {
      return batch;
    }
    if constexpr (sleeps) {
      if (ticket) {
        auto until = deadline.moment();
        if constexpr (requires { batch.throttled(); }) {
          if (batch.throttled()) {  // no put will say that the shard may be read again
            until = std::min(until, std::chrono::steady_clock::now() + std::chrono::milliseconds{10});
          }
        }
        alarm.event().wait(ticket, until);
      }
    }
  }
}

}  // namespace weir::inline WEIR_ABI::detail
