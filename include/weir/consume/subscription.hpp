/// Pub/sub: a handler that is given every record of a stream.
#pragma once

#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <system_error>
#include <thread>

#include "weir/stream/stream.hpp"

namespace weir::inline WEIR_ABI {

/// Whether a subscription goes on: what a handler may return, and what `on_exception` does.
enum class After : std::uint8_t { go_on, stop };

/// Who runs the handler of a subscription.
enum class Drive : std::uint8_t {
  thread,  ///< a thread of the subscription's own
  step,    ///< whoever calls `Subscription::step()`
};

/// Where a subscription runs, and where it sends what is no record. All of it is called where the handler is.
struct SubscriptionConfig {
  Drive drive = Drive::thread;
  /// Hears how many records of a shard were overwritten before the subscription came to them; in a gated stream none
  /// from its beginning on, unless it was evicted.
  std::function<void(ShardId, std::uint64_t)> on_missed{};
  /// Hears what the handler or `on_missed` threw, and says whether to go on, with the record or batch after the one
  /// that was being handled. After what a read threw (`std::bad_alloc`) the subscription ends whatever it says: what
  /// that read had taken is lost. Left out, any exception ends the subscription, and `join()` rethrows it.
  std::function<After(std::exception_ptr)> on_exception{};
};

class Subscription;

namespace detail {

/// What a subscription shares with its thread, whatever it reads.
struct SubscriptionState {
  struct Step {
    std::size_t records = 0;
    bool ended = false;
  };

  SubscriptionState(SubscriptionConfig given, Step (*one_step)(SubscriptionState&))
      : config(std::move(given)), step(one_step) {}

  /// Whether to go on after `call`, which answers that or throws.
  template <class Call>
  bool survives(const Call& call) {
#if WEIR_EXCEPTIONS
    try {
      return call();
    } catch (...) {
      thrown = std::current_exception();
    }
    try {
      if (config.on_exception && config.on_exception(std::exchange(thrown, nullptr)) == After::go_on) {
        return true;
      }
    } catch (...) {
      thrown = std::current_exception();
    }
    return holds = true, false;
#else
    return call();
#endif
  }

  void rethrow() const {
#if WEIR_EXCEPTIONS
    if (thrown) {
      std::rethrow_exception(thrown);
    }
#endif
  }

  /// Told by the handlers that this thread is in the middle of; its id would not do, which the next thread may get.
  [[nodiscard]] bool inside_handler() const noexcept {
    const auto* scope = Inside::innermost;
    while (scope != nullptr && &scope->state != this) {
      scope = scope->outer;
    }
    return scope != nullptr;
  }
  struct Inside {
    explicit Inside(const SubscriptionState& of) noexcept : state(of), outer(std::exchange(innermost, this)) {}
    Inside(const Inside&) = delete;
    Inside& operator=(const Inside&) = delete;
    ~Inside() { innermost = outer; }

    const SubscriptionState& state;
    const Inside* outer;
    static inline thread_local const Inside* innermost = nullptr;
  };

  void join() {
    const std::lock_guard lock{joining};
    if (thread.joinable()) {
      thread.join();
    }
  }

  SubscriptionConfig config;
  Step (*step)(SubscriptionState&);
  std::stop_source stop;
  relaxed_counter delivered;  // both written where the handler runs
  relaxed_counter missed;
  published<SubscriptionState> ended;  // itself, once nothing more will be handed over
  std::exception_ptr thrown;           // by whoever runs the handler, before `ended`
  bool holds = false;                  // the same: an exception ended it
  std::mutex joining;
  std::thread thread;  // under `joining`
  [[no_unique_address]] exclusive_use stepping;
};

/// A subscription as its stream and its handler make it.
template <class Reader, class Handler, class Wait>
struct Subscriber : SubscriptionState {
  using Batch = typename Reader::batch_type;
  using Record = typename Batch::value_type;
  static constexpr bool by_record = std::is_invocable_v<Handler&, const Record&>;
  // A disjunction looks no further than it must: a handler of `auto` that suits records is no error with batches.
  static_assert(
      std::disjunction_v<std::is_invocable<Handler&, const Record&>, std::is_invocable<Handler&, const Batch&>>,
      "weir: a handler takes a record (const auto&), or a batch by its type (const Stream::batch_type&)");
  using Given = std::conditional_t<by_record, Record, Batch>;
  static constexpr bool answers = std::is_same_v<std::invoke_result_t<Handler&, const Given&>, After>;
  static_assert(answers || std::is_void_v<std::invoke_result_t<Handler&, const Given&>>,
                "weir: a handler returns nothing, or weir::After");

  Subscriber(Reader from, Handler to, SubscriptionConfig given, Wait by)
      : SubscriptionState(
            std::move(given),
            [](SubscriptionState& state) { return static_cast<Subscriber&>(state).take_what_is_there(); }),
        reader(std::move(from)),
        handler(std::move(to)),
        wait(std::move(by)) {}

  static Result<Subscription> begin(std::shared_ptr<Subscriber> self);

  void run() {
    const auto token = stop.get_token();
    while (!turn([&] { return reader->read(wait, Deadline::never(), token); }).ended) {
    }
  }

  Step take_what_is_there() {
    const exclusive_use::scope scope{stepping, "Subscription: step() by two threads, or from inside the handler"};
    return turn([&] { return reader->read(); });
  }

  template <class Read>
  Step turn(const Read& read) {
    if (ended.get() != nullptr) {
      return {0, true};
    }
    const Inside inside{*this};
    const auto before = delivered.get();
    bool more = !stop.stop_requested();
    if (more) {
      std::optional<Batch> batch;
      more = survives([&] { return batch.emplace(read()), true; }) && batch;
      holds = !batch;
      more = more && hand_over(*batch);
      if constexpr (requires { reader->commit(); }) {
        if (!holds && delivered.get() - before == batch->size()) {
          reader->commit();  // at once: the next read may be long in coming, or never come
        }
      }
    }
    const bool over = !more || stop.stop_requested() || reader->at_end();
    if (over) {
      if (!holds) {
        reader.reset();
      }
      ended.set(this);
    }
    return {static_cast<std::size_t>(delivered.get() - before), over};
  }

  bool hand_over(const Batch& batch) {
    if (const auto lost = batch.missed(); lost != 0) {
      missed.set(missed.get() + lost);
      if (config.on_missed && !survives([&] { return config.on_missed(batch.shard(), lost), true; })) {
        return false;
      }
    }
    if constexpr (by_record) {
      for (const auto& record : batch) {
        if (stop.stop_requested() || !give(record, 1)) {
          return false;
        }
      }
      return true;
    } else {
      return !batch || give(batch, batch.size());
    }
  }

  bool give(const Given& given, std::size_t records) {
    const bool more = survives([&] {
      if constexpr (answers) {
        return handler(given) == After::go_on;
      } else {
        return handler(given), true;
      }
    });
    delivered.set(delivered.get() + records);
    return more;
  }

  std::optional<Reader> reader;
  Handler handler;
  Wait wait;
};

}  // namespace detail

/// A handler at work on a stream, begun by `subscribe`: on a thread of its own, unless it is driven by `step()`.
///
/// Ends at the end of a closed stream, when it is asked to, when the handler returns `After::stop`, and by an exception
/// that nobody answered with `go_on`. Then it lets its place in the stream go, but not after an exception: in a gated
/// stream nothing from the batch on that was being handled is lost then, until the subscription is destroyed.
///
/// **threads** any, at any time; `step()` one at a time; moving and destroying it is one thread's, with nobody else
/// inside. From inside the handler all of it is safe. Must not outlive its stream.
class [[nodiscard]] Subscription {
 public:
  using Step = detail::SubscriptionState::Step;

  Subscription(Subscription&&) noexcept = default;
  Subscription& operator=(Subscription&& other) noexcept {
    Subscription taken{std::move(other)};
    state_.swap(taken.state_);
    return *this;
  }
  /// Stops and waits. Inside the handler it does not wait: the thread ends by itself after the record at hand, and the
  /// stream must live until then, which nobody is left to ask about: better return `After::stop`, and destroy outside.
  /// What the handler threw and nobody asked `join()` for is forgotten.
  ~Subscription() {
    if (state_ == nullptr) {
      return;
    }
    stop();
    if (!state_->inside_handler()) {
      state_->join();
    } else if (state_->thread.joinable()) {
      state_->thread.detach();
    }
  }

  /// Asks to end after the record or batch that the handler has at the moment; returns at once.
  void stop() noexcept { state().stop.request_stop(); }

  /// Waits until the subscription has ended (with `Drive::step`, for nothing), and rethrows what ended it. Inside the
  /// handler, which cannot wait for itself, it asks to stop and returns.
  void join() {
    if (state().inside_handler()) {
      return stop();
    }
    state_->join();
    if (ended()) {  // else it is stepped, and another thread may be at it
      state_->rethrow();
    }
  }

  /// Hands over a batch of what is there now, without waiting: how many records (0: nothing now), and whether the
  /// subscription has ended. Rethrows what ended it. Precondition: `Drive::step`.
  Step step() {
    WEIR_ASSERT(state().config.drive == Drive::step, "Subscription: step() beside a thread of its own");
    const auto alive = state_;  // the handler may destroy this subscription
    const auto step = alive->step(*alive);
    alive->rethrow();
    return step;
  }

  /// Nothing more will be handed over; what the handler did happens before.
  [[nodiscard]] bool ended() const noexcept { return state().ended.get() != nullptr; }
  /// Records that the handler was given, those that it threw at included.
  [[nodiscard]] std::uint64_t delivered() const noexcept { return state().delivered.get(); }
  /// Records that were overwritten before the subscription came to them.
  [[nodiscard]] std::uint64_t missed() const noexcept { return state().missed.get(); }

 private:
  template <class, class, class>
  friend struct detail::Subscriber;
  explicit Subscription(std::shared_ptr<detail::SubscriptionState> state) noexcept : state_(std::move(state)) {}

  [[nodiscard]] detail::SubscriptionState& state() const noexcept {
    WEIR_ASSERT(state_ != nullptr, "Subscription: used after it was moved from");
    return *state_;
  }

  std::shared_ptr<detail::SubscriptionState> state_;
};

template <class Reader, class Handler, class Wait>
Result<Subscription> detail::Subscriber<Reader, Handler, Wait>::begin(std::shared_ptr<Subscriber> self) {
  if (self->config.drive == Drive::thread) {
#if WEIR_EXCEPTIONS
    try {
#endif
      self->thread = std::thread{[self] { self->run(); }};
#if WEIR_EXCEPTIONS
    } catch (const std::system_error& refused) {
      return Failure{Errc::limit_exceeded, Cause::thread_refused, static_cast<std::uint64_t>(refused.code().value()),
                     0};
    }
#endif
  }
  return Subscription{std::move(self)};
}

/// What a subscription waits with when it is not told: `Park` where puts wake it, else `BackOff`.
template <Options options>
using DefaultWait = std::conditional_t<options.notify == Notify::on_put, Park, BackOff>;

/// Pub/sub in one line: from now on `handler` is given every record of the stream, shards in turn, children after their
/// parents, records of a key in order; those from `position` on.
///
/// The handler takes a record (`const auto&`), or, as a parameter of the stream's `batch_type`, batches; it returns
/// nothing, or `After`. It is called by one thread at a time, and may be called before this returns. In a gated stream
/// a batch holds its place until all its records were handled: writers wait for the slowest handler.
///
/// **errors** as `Stream::reader`; `limit_exceeded` when the system refuses a thread. **cost** a thread, and while idle
/// a whole core, unless the stream is one of `Notify::on_put`: then none.
template <class T, class Storage, Options options, class Env, class Handler, wait_strategy Wait = DefaultWait<options>>
Result<Subscription> subscribe(Stream<T, Storage, options, Env>& stream, const Position& position, Handler handler,
                               SubscriptionConfig config = {}, Wait wait = {}) {
  auto reader = stream.reader(position);
  if (!reader) {
    return reader.error();
  }
  using Subscriber = detail::Subscriber<Reader<T, Storage, options, Env>, Handler, Wait>;
  auto state =
      std::make_shared<Subscriber>(std::move(reader).value(), std::move(handler), std::move(config), std::move(wait));
  return Subscriber::begin(std::move(state));
}

}  // namespace weir::inline WEIR_ABI
