#include "weir/ring/record_log.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstddef>
#include <map>
#include <vector>

#include "conformance/record_log.hpp"
#include "weir/ring/capacity.hpp"

namespace {

using weir::Append;
using weir::Capacity;
using weir::Run;
using weir::Start;

/// The least that a log is: a vector that forgets, found by the address of its bytes. One thread.
class ModelLog {
  struct State {
    std::uint64_t capacity = 0;
    std::uint64_t first = 0;
    bool closed = false;
    std::vector<int> all{};

    std::uint64_t end() const { return first + all.size(); }
    std::uint64_t oldest() const { return end() - std::min<std::uint64_t>(all.size(), capacity); }
  };

 public:
  using payload = int;
  using argument = int;
  using view = int;
  static constexpr Capacity::Unit unit = Capacity::Unit::records;
  static constexpr std::string_view layout = "model 1";

  class Writer {
   public:
    template <class Clock>
    Append try_put(const Clock&, std::string_view, int value) {
      if (state_->closed) {
        return {Append::Status::closed, state_->end()};
      }
      state_->all.push_back(value);
      return {Append::Status::done, state_->end() - 1};
    }

   private:
    friend ModelLog;
    explicit Writer(State& state) : state_(&state) {}
    State* state_;
  };

  class Reader {
   public:
    Run read(std::size_t count, const weir::Sieve& = {}) {
      Run run;
      if (const auto oldest = state_->oldest(); next_ < oldest) {
        run.missed = at_horizon_ ? 0 : oldest - next_;
        next_ = oldest;
      }
      const auto end = state_->end();
      run.first = first_ = next_;
      run.count = next_ < end ? static_cast<std::size_t>(std::min<std::uint64_t>(count, end - next_)) : 0;
      run.end = state_->closed && next_ >= end;
      next_ += run.count;
      at_horizon_ = at_horizon_ && run.count == 0;
      return run;
    }
    int value(std::size_t index) { return state_->all[first_ - state_->first + index]; }
    std::uint64_t number() { return next_; }
    std::uint64_t bytes() { return 0; }

   private:
    friend ModelLog;
    Reader(State& state, const Start& start) : state_(&state), next_(start.number), at_horizon_(start.at_horizon) {}
    State* state_;
    std::uint64_t next_;
    bool at_horizon_;
    std::uint64_t first_ = 0;
  };

  static std::size_t footprint(std::uint64_t capacity) { return capacity; }
  static weir::Result<std::uint64_t> check(const Capacity& capacity, std::int64_t) {
    if (capacity.unit == Capacity::Unit::bytes) {
      return weir::Failure{weir::Errc::invalid_argument, weir::Cause::capacity_unit, capacity.count, 0};
    }
    return weir::detail::check_capacity(capacity, 1024, 1, 1 << 20);
  }
  static ModelLog format(std::span<std::byte> bytes, std::uint64_t capacity, std::uint64_t first) {
    states()[bytes.data()] = {capacity, first};
    return attach(bytes, capacity);
  }
  static ModelLog attach(std::span<std::byte> bytes, std::uint64_t) { return ModelLog{states().at(bytes.data())}; }

  Writer writer() { return Writer{*state_}; }
  Writer brief_writer() { return writer(); }
  Reader reader(const Start& start) { return {*state_, start}; }
  std::uint64_t close() {
    state_->closed = true;
    return end();
  }
  std::uint64_t oldest() { return state_->oldest(); }
  std::uint64_t end() { return state_->end(); }
  bool closed() { return state_->closed; }
  void begin(std::uint64_t, bool) {}
  bool settled() { return true; }
  std::span<std::byte> records() { return {}; }
  std::uint64_t bytes_since(std::uint64_t) { return 0; }

 private:
  explicit ModelLog(State& state) : state_(&state) {}
  static std::map<const std::byte*, State>& states() {
    static std::map<const std::byte*, State> all;
    return all;
  }

  State* state_;
};

static_assert(weir::record_log<ModelLog>);
static_assert(!weir::contiguous_log<ModelLog>);
static_assert(!weir::keyed_log<ModelLog>);
static_assert(!weir::timed_log<ModelLog>);

struct CannotBeCopied : ModelLog {
  CannotBeCopied(const CannotBeCopied&) = delete;
};
struct ClosesSilently : ModelLog {
  void close();
};
struct CannotAttach : ModelLog {
  static ModelLog attach(std::span<std::byte>) = delete;
};
static_assert(!weir::record_log<CannotBeCopied>);
static_assert(!weir::record_log<ClosesSilently>);
static_assert(!weir::record_log<CannotAttach>);
static_assert(!weir::record_log<std::vector<int>>);

TEST_CASE("the least that the concept asks for can keep the laws") {
  weir::conformance::record_log_conformance<ModelLog>(8, [](std::uint64_t i) { return static_cast<int>(i) * 3; });
}

TEST_CASE("a start without a word said is the beginning of time") {
  constexpr Start start;
  CHECK(start.number == 0);
  CHECK(start.arrival == Start::any_time);
  CHECK_FALSE(start.at_horizon);
}

}  // namespace
