/// Who goes on, and where an execution need not go on at all.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "model/history.hpp"
#include "model/limits.hpp"
#include "model/search.hpp"
#include "model/state.hpp"

namespace weir::model {

enum class End : std::uint8_t { finished, pruned, failed, restart };

/// Runs executions one after another, each along a path of decisions of its own. `Engine` adds memory.
class Scheduler {
 public:
  using Run = void (*)(void* program, std::size_t thread);

  Scheduler(const Scheduler&) = delete;
  Scheduler& operator=(const Scheduler&) = delete;

  /// That of the search which runs on this thread.
  static Scheduler*& current() noexcept {
    static thread_local constinit Scheduler* scheduler = nullptr;
    return scheduler;
  }

  /// Whether one of its threads runs, and not what made the program or looks at its end.
  [[nodiscard]] bool in_thread() const noexcept { return self_ != nobody; }

  /// Runs the threads of `program` to their end, or to where this execution need not go on.
  End execute(void* program, Run run) {
    base_ = static_cast<std::byte*>(program);
    run_ = run;
    start();
    try {
      self_ = pick();
      in_fiber_ = true;
      Fiber::switch_to(main_, threads_[self_].fiber);
    } catch (const Left&) {
    }
    in_fiber_ = false;
    self_ = nobody;
    if ((decisions_.contradicted() || !decisions_.beyond()) && end_ != End::failed) {
      failure_ = "the program is not deterministic: given the same choices it did something else";
      end_ = End::failed;
    }
    return end_;
  }

  /// Prepares the next execution. False: there is none.
  bool advance() {
    if (limits_.seed) {
      seed_ += end_ != End::restart ? 1 : 0;
      decisions_.begin_random(seed_);
      return true;
    }
    if (end_ != End::restart) {
      return decisions_.advance();
    }
    decisions_.clear();
    visited_.clear();
    return true;
  }
  /// The last execution did not count: it found out something that it should have known from its beginning.
  [[nodiscard]] bool restarts() const noexcept { return end_ == End::restart; }
  /// Of the last execution, if it was random.
  [[nodiscard]] std::uint64_t seed() const noexcept { return seed_; }

  [[nodiscard]] std::uint64_t states() const noexcept { return visited_.size(); }
  [[nodiscard]] const std::string& failure() const noexcept { return failure_; }

  /// The next `execute` repeats the last one and writes its accesses down.
  void trace(std::string& lines) noexcept { trace_ = &lines, labels_.clear(); }

  /// Whether the execution is one that is written down.
  [[nodiscard]] bool traces() const noexcept { return trace_ != nullptr; }
  /// What the trace calls a part of the program.
  void label(const void* address, std::size_t size, std::string text) {
    labels_.push_back({static_cast<const std::byte*>(address), size, std::move(text)});
  }

  /// What a program found wrong. Does not return inside of a fiber.
  void report(const std::string& text) {
    if (self_ == nobody) {
      failure_ = failure_.empty() ? text : failure_;
    } else {
      fail(text);
    }
  }

  /// **Fairness assumption**: a store is seen some day, and a thread that may go on does some day. So a polling loop
  /// that has seen nothing new since its last pause waits here until a place it looked at holds something newer; and
  /// when it then comes round again without having looked at anything new, this schedule is dropped, for there is
  /// another that is the same but for the idle round. A loop that counts its rounds and gives up is modelled as one
  /// that does not.
  void pause() {
    count_step();
    Thread& self = threads_[self_];
    const bool polls = !self.polled.empty() || self.clock_polled;
    if (polls && !self.fresh) {
      if (self.woken) {
        leave(End::pruned);
      }
      note("pause");
      self.observe(6);
      self.blocked = true;
      if (!reads_late_ || !is_enabled(self)) {
        idle_ = idle_ || !self.stored;
        self.stored = false;
        reschedule();
      }
      self.blocked = false;
      self.woken = true;
      self.observe(7);
    } else {
      self.woken = self.woken && !self.fresh;
    }
    if (polls) {
      self.polled_before = self.polled;
    }
    self.polled = {};
    self.clock_polled = false;
    self.fresh = false;
  }

  /// Any value from the last one this thread read to the last one there is: other threads may be ahead or behind.
  int clock() {
    count_step();
    Thread& self = threads_[self_];
    const auto step = decisions_.choose(static_cast<std::uint32_t>(limits_.clock_values - self.clock));
    self.clock += static_cast<int>(step);
    self.fresh = self.fresh || step != 0;
    self.clock_polled = true;
    self.observe(static_cast<std::uint64_t>(self.clock));
    if (trace_ != nullptr) {
      note("clock  " + std::to_string(self.clock));
    }
    return self.clock;
  }

  /// Here, too, executions end that would go on like an earlier one: a thread that only reads has no other such place.
  void settle(std::uint64_t everything) {
    Thread& self = threads_[self_];
    self.observed = mix(mix(mix(self_, everything), static_cast<std::uint64_t>(self.clock)), self.stored ? 8 : 9);
    visit(1 + self_);
  }

 protected:
  Scheduler(const Limits& limits, std::size_t threads, std::size_t readers, std::size_t mortals)
      : every_step_(limits.every_step || limits.stale_reads != Limits::unlimited || limits.seed || mortals != 0),
        limits_(limits),
        reads_late_(!every_step_ && limits.preemptions == Limits::unlimited),
        count_(threads),
        writers_(threads - readers),
        mortals_(mortals),
        seed_(limits.seed.value_or(0)) {
    if (limits.seed) {
      decisions_.begin_random(seed_);
    }
    places_.reserve(max_places);  // references to places outlive a switch to another thread
  }
  ~Scheduler() = default;

  [[noreturn]] void leave(End end) {
    end_ = end;
    if (!in_fiber_) {
      throw Left{};  // nobody has run yet
    }
    Fiber::switch_to(threads_[self_].fiber, main_);
    __builtin_unreachable();
  }

  [[noreturn]] void fail(const std::string& text) {
    failure_ = "thread " + std::to_string(self_) + ": " + text;
    leave(End::failed);
  }

  void count_step() {
    if (++steps_ > limits_.max_steps) {
      fail("no end after " + std::to_string(limits_.max_steps) + " steps: does a loop poll without a pause?");
    }
  }

  /// A thread's accesses fall into blocks: loads, then one store or update, then stores to places that nobody updates.
  /// Between blocks any thread may go on; inside of one nobody else needs to:
  /// - a load may be moved to the end of its block's loads, since what it may read then includes what it read, and it
  ///   changes nothing for others;
  /// - a store may be moved forward to the one before it, since others may go on reading older messages; another store
  ///   to the same place between the two would be unordered with it, and is found to be so wherever it stands.
  void before(const Place& place, bool reads) {
    count_step();
    Thread& self = threads_[self_];
    if (every_step_ || (self.stored && (reads || place.updated))) {
      self.stored = false;
      reschedule();
    }
  }

  /// For steps that the blocks know nothing of, because they tell something without a store.
  void stand_alone() {
    count_step();
    if (!every_step_) {
      every_step_ = true;
      reads_late_ = false;
      leave(End::restart);
    }
    reschedule();
  }

  /// Ends with somebody having woken it.
  void fall_asleep(std::size_t place) {
    Thread& self = threads_[self_];
    self.asleep_on = place;
    self.polled = self.polled_before = {};
    self.observe(12);
    reschedule();
    self.observe(13);
    self.fresh = true;
  }
  void wake(std::size_t place) noexcept {
    for (std::size_t i = 0; i < count_; ++i) {
      if (threads_[i].asleep_on == place) {
        threads_[i].asleep_on = Thread::awake;
      }
    }
  }

  /// Loads may be moved past other threads' stores, so a thread whose block ends in no store of its own (because the
  /// thread ends or blocks) may as well run when nobody is left who stores. An execution in which somebody does store
  /// afterwards has an equal among those in which the block came later.
  void after_store(Thread& self) {
    self.stored = self.fresh = true;
    self.polled = self.polled_before = {};
    self.clock_polled = false;
    if (self_ >= writers_) {
      fail("a thread that the program calls a reader stores");
    }
    if (idle_ && reads_late_) {
      leave(End::pruned);
    }
  }

  /// Among messages that may be read, counted back from the newest.
  std::uint32_t choose_message(std::size_t candidates) {
    const bool limited = limits_.stale_reads != Limits::unlimited;
    const auto count = limited && stale_reads_left_ == 0 ? 1 : static_cast<std::uint32_t>(candidates);
    const auto choice = std::min(decisions_.choose(count, 1), count - 1);
    if (limited && choice != 0) {
      --stale_reads_left_;
    }
    return choice;
  }

  void note(const std::string& line) {
    if (trace_ != nullptr) {
      *trace_ += "thread " + std::to_string(self_) + "  " + line + '\n';
    }
  }
  void note(const char* line) {
    if (trace_ != nullptr) {
      note(std::string{line});
    }
  }
  static constexpr std::size_t nobody = max_threads;

  bool every_step_;
  std::byte* base_ = nullptr;
  std::array<Thread, max_threads> threads_;
  std::size_t self_ = nobody;
  std::string* trace_ = nullptr;
  struct Label {
    const std::byte* begin;
    std::size_t size;
    std::string text;
  };
  std::vector<Label> labels_;

  // Places keep their numbers, and what was found out about them, from one execution to the next.
  std::vector<Place> places_;
  std::array<std::uint8_t, max_places> newest_{};
  bool any_plain_ = false;
  // What was known to anybody who came to a heavy fence, to a light one, and to a call of the kernel.
  Seen heavily_known_{};
  Seen lightly_known_{};
  Seen known_to_kernel_{};

 private:
  static void body() {
    Scheduler& scheduler = *current();
    scheduler.threads_[scheduler.self_].observe(10);
    bool threw = false;
    try {
      scheduler.run_(scheduler.base_, scheduler.self_);
    } catch (...) {
      threw = true;
    }
    if (threw) {
      scheduler.fail("an exception left the thread's function");
    }
    scheduler.note("ends");
    scheduler.threads_[scheduler.self_].finished = true;
    scheduler.idle_ = scheduler.idle_ || !scheduler.threads_[scheduler.self_].stored;
    scheduler.reschedule();
  }

  void start() {
    failure_.clear();
    decisions_.rewind();
    steps_ = 0;
    idle_ = false;
    preemptions_left_ = limits_.preemptions;
    stale_reads_left_ = limits_.stale_reads;
    deaths_left_ = mortals_ != 0 ? 1 : 0;
    newest_.fill(0);
    heavily_known_.fill(0);
    lightly_known_.fill(0);
    known_to_kernel_.fill(0);
    for (auto& place : places_) {
      place.touched = false;
    }
    for (std::size_t i = 0; i < count_; ++i) {
      threads_[i].start(i);
      threads_[i].fiber.prepare(&Scheduler::body);
    }
  }

  void reschedule() {
    const std::size_t next = pick();
    if (next != self_) {
      Thread& from = threads_[self_];
      self_ = next;
      Fiber::switch_to(from.fiber, threads_[next].fiber);
    }
  }

  /// Ends the execution in a state that an earlier one was in. `bound`: who alone may go on here, plus one.
  void visit(std::size_t bound) {
    if (decisions_.beyond() && limits_.memoise && !limits_.seed && trace_ == nullptr &&
        !visited_.insert(fingerprint(bound))) {
      leave(End::pruned);
    }
  }

  std::size_t pick() {
    std::array<std::size_t, max_threads> enabled;
    std::uint32_t count = 0;
    const bool could_go_on = self_ != nobody && is_enabled(threads_[self_]);
    if (could_go_on) {
      enabled[count++] = self_;
    }
    bool all_finished = true;
    for (std::size_t i = 0; i < count_; ++i) {
      all_finished = all_finished && threads_[i].finished;
      if (i != self_ && is_enabled(threads_[i]) && (i < writers_ || count == 0 || !reads_late_)) {
        enabled[count++] = i;
      }
    }
    if (count == 0) {
      if (all_finished) {
        leave(End::finished);
      }
      self_ = stuck();
      fail(threads_[self_].asleep_on != Thread::awake
               ? "a wake-up is lost: it sleeps, and nobody is left who could wake it"
               : "deadlock: every thread that has not ended waits in a pause for another one's store");
    }
    visit(0);
    const bool limited = limits_.preemptions != Limits::unlimited;
    const auto may_go_on = could_go_on && limited && preemptions_left_ == 0 ? 1 : count;
    const auto choice = decisions_.choose(may_go_on + mortal_now(), could_go_on ? random_inertia : 0);
    if (choice >= may_go_on) {
      die(choice - may_go_on);
      return pick();
    }
    if (limited && could_go_on && choice != 0) {
      --preemptions_left_;
    }
    return enabled[std::min(choice, count - 1)];
  }

  /// Who waits for ever: a sleeper if there is one.
  [[nodiscard]] std::size_t stuck() const noexcept {
    std::size_t result = nobody;
    for (std::size_t i = 0; i < count_; ++i) {
      if (!threads_[i].finished && (result == nobody || threads_[i].asleep_on != Thread::awake)) {
        result = i;
      }
    }
    return result;
  }

  /// How many threads may stop for good here.
  [[nodiscard]] std::uint32_t mortal_now() const noexcept {
    std::uint32_t count = 0;
    for (std::size_t i = 0; i < mortals_ && deaths_left_ != 0; ++i) {
      count += threads_[i].finished ? 0 : 1;
    }
    return count;
  }
  void die(std::uint32_t which) {
    --deaths_left_;
    for (std::size_t i = 0; i < mortals_; ++i) {
      if (!threads_[i].finished && which-- == 0) {
        threads_[i].finished = true;
        if (trace_ != nullptr) {
          *trace_ += "thread " + std::to_string(i) + "  stops for good\n";
        }
        return;
      }
    }
  }

  [[nodiscard]] bool is_enabled(const Thread& thread) const noexcept {
    if (thread.finished || thread.asleep_on != Thread::awake) {
      return false;
    }
    if (!thread.blocked) {
      return true;
    }
    for (std::size_t i = 0; i < places_.size(); ++i) {
      if (thread.polled.contains(i) && newest_[i] > thread.view.seen[i]) {
        return true;
      }
    }
    return thread.clock_polled && thread.clock + 1 < limits_.clock_values;
  }

  [[nodiscard]] std::uint64_t fingerprint(std::size_t bound) const noexcept {
    Fingerprint result{threads_, count_, places_, newest_, any_plain_};
    result.add_seen(heavily_known_, 0x500);
    result.add_seen(lightly_known_, 0x600);
    result.add_seen(known_to_kernel_, 0x700);
    result.add(bound);
    result.add((idle_ ? 1U : 0U) | deaths_left_ << 1U);
    result.add(stale_reads_left_);
    if (limits_.preemptions != Limits::unlimited) {
      result.add(preemptions_left_);
      result.add(self_);
    }
    return result.value();
  }

  struct Left {};
  static constexpr std::uint32_t random_inertia = 3;

  const Limits limits_;
  bool reads_late_;
  const std::size_t count_;
  const std::size_t writers_;
  const std::size_t mortals_;  // so many of the first threads; one of them may stop for good at any step

  std::uint64_t seed_;

  Run run_ = nullptr;
  Fiber main_;
  bool in_fiber_ = false;
  End end_ = End::finished;
  std::string failure_;
  Decisions decisions_;
  Visited visited_;
  bool idle_ = false;  // somebody ended or blocked in a block without a store
  std::uint32_t steps_ = 0;
  std::uint32_t preemptions_left_ = 0;
  std::uint32_t stale_reads_left_ = 0;
  std::uint32_t deaths_left_ = 0;
};

}  // namespace weir::model
