/// Random operations on a log whose readers hold its writers.
#pragma once

#include "support/reference/gate.hpp"
#include "support/reference/log.hpp"

namespace weir::support {

/// Readers of every kind come, read, let go, leave, are evicted and come back; writers claim, in place too. What a
/// reader was given must stay as it is until it lets go.
template <class Subject>
class GatedTest : ReferenceLog<Subject> {
  using Base = ReferenceLog<Subject>;
  using Base::agrees, Base::clock_, Base::closed_, Base::end_, Base::log_, Base::many, Base::source_, Base::stored_,
      Base::subject_, Base::visible, Base::writer_;
  using typename Base::Element;
  using typename Base::Log;
  static constexpr bool in_segments = Subject::in_segments;
  /// A claim of one producer's columns is nobody's until it is finished.
  static constexpr bool claims_count = in_segments || many;

  struct Claimed {
    typename Log::Writer::Place place;
    std::string key;
    std::uint64_t first;
    std::uint64_t count;
  };
  struct ReaderBeside {
    typename Log::Reader reader;
    Start start;
    std::uint64_t position;              // the next to be delivered
    std::uint64_t missed = 0;            // and not told yet
    std::optional<ReaderPlace> place{};  // as the reader knows it: it may have been evicted
    std::uint64_t reached = 0;           // what it lets go of when it is asked next
    std::uint64_t held = 0;              // the first of the run in its hands
    std::size_t holds = 0;               // and their count
  };

 public:
  explicit GatedTest(ByteSource& source)
      : Base(source, source.among({std::uint64_t{1}, std::uint64_t{2}, std::uint64_t{3},
                                   static_cast<std::uint64_t>(default_readers)})),
        gate_(this->first_, subject_.gate_capacity(), this->size_.readers) {}

  void step() {
    switch (source_.below(32)) {
      default: put(1); break;
      case 8:
      case 9:
      case 10:
      case 11: put(1 + source_.below(subject_.most() < 255 ? subject_.most() + 1 : 255)); break;
      case 12:
      case 13:
      case 14:
      case 15:
      case 16:
      case 17:
      case 18: with_some_reader(&GatedTest::read); break;
      case 19: with_some_reader(&GatedTest::release); break;
      case 20:
      case 21: open_reader(); break;
      case 22: leave(); break;
      case 23: evict(); break;
      case 24: this->set_clock(); break;
      case 25:
      case 26:
      case 27: claim(); break;
      case 28:
      case 29: finish_claim(); break;
      case 30: this->attach(); break;
      case 31: this->close_at_last(); break;
    }
    this->check_log();
    check_gate();
  }

 private:
  [[nodiscard]] std::uint64_t oldest() const override { return in_segments ? subject_.oldest(end_) : gate_.oldest(); }

  void put(std::uint64_t count) { Base::put(count); }

  std::optional<Append> refusal(std::uint64_t count, std::uint64_t bytes) override {
    if constexpr (in_segments) {
      const auto end = subject_.gives_up(count, bytes);
      if (end && visible() < *end) {
        return Append{Append::Status::stalled, end_ - visible()};
      }
      if (end && !gate_.raise(*end)) {
        return Append{Append::Status::full, end_ - gate_.slowest()};
      }
    } else if (!gate_.raise(end_ + count)) {
      // A reader that has had all that is finished is not what holds a put.
      const bool stalled = visible() < end_ && gate_.slowest() == visible();
      return Append{stalled ? Append::Status::stalled : Append::Status::full, end_ - gate_.slowest()};
    }
    return {};
  }

  void check_gate() const {
    agree("what the gate protects", log_.gate().oldest([this] { return end_; }), gate_.oldest());
    agree("the gate's limit", log_.gate().limit(end_), gate_.limit());
    agree("places", log_.gate().places(), gate_.places());
    for (std::uint32_t place = 0; place < gate_.places(); ++place) {
      const auto seen = log_.gate().reader(place, end_);
      const auto reader = gate_.reader(place);
      agree("registered", seen.has_value(), reader.has_value());
      if (reader) {
        agree("place", seen->place == *reader, true);
        agree("first number not released", seen->number, gate_.cursor(*reader));
      }
    }
  }

  void claim() {
    if (claimed_.size() == 3) {
      return;
    }
    Claimed claimed;
    if constexpr (in_segments) {
      claimed.key.assign(source_.below(9), 'k');
      const std::vector<Element> values{subject_.make(source_, end_)};
      const auto size = values.front().size();
      const auto bytes = Subject::bytes(claimed.key, values);
      const auto expected = this->append(1, bytes);
      source_.tell("claim of size", size);
      if (!agrees(writer_.claim_in_place(clock_, claimed.key, size, claimed.place), expected)) {
        return;
      }
      claimed.first = end_;
      claimed.count = 1;
      this->store(claimed.key, values, bytes);
      const auto in_place = writer_.in_place(claimed.place, claimed.key, size);
      agree("bytes in place", in_place.size(), size);
      std::transform(values.front().begin(), values.front().end(), in_place.begin(),
                     [](char letter) { return static_cast<std::byte>(letter); });
    } else {
      const auto most = 1 + source_.below(subject_.most() + 2);
      auto count = subject_.side_by_side(end_, most);
      auto expected = this->append(count, 0);
      source_.tell("claim at most", most);
      if (const auto room = gate_.limit() - end_; !closed_ && room != 0) {
        count = std::min(count, room);  // what there is room for is better than nothing
        expected = {Append::Status::done, end_};
      }
      if (!agrees(writer_.claim_in_place(clock_, most, claimed.place), expected)) {
        return;
      }
      agree("slots of a claim", claimed.place.count, count);
      const auto in_place = writer_.in_place(claimed.place);
      agree("slots in place", in_place.size(), count);
      claimed.first = end_;
      claimed.count = count;
      std::vector<Element> values;
      for (std::uint64_t i = 0; i < count; ++i) {
        values.push_back(subject_.make(source_, end_ + i));
      }
      std::copy(values.begin(), values.end(), in_place.begin());
      if constexpr (claims_count) {
        this->store("", values, 0);
      } else {
        finish_of_one(claimed, values);
        return;
      }
    }
    this->open(claimed.first, claimed.count);
    claimed_.push_back(std::move(claimed));
  }

  /// With one producer nothing may be put meanwhile. Readers may go on.
  void finish_of_one(const Claimed& claimed, std::vector<Element>& values) {
    if constexpr (!claims_count) {
      this->arrive();
      for (auto reads = source_.below(3); reads != 0; --reads) {
        with_some_reader(&GatedTest::read);
      }
      const auto arrived = this->last_arrival_;
      values.resize(source_.below(claimed.count + 1));
      if (values.empty() && source_.below(2) == 0) {
        writer_.skip(claimed.place);
      } else {
        writer_.finish_in_place(claimed.place, values.size());
      }
      for (const auto& value : values) {
        stored_.emplace(end_++, typename Base::Stored{"", value, arrived});
      }
    }
  }

  void finish_claim() {
    if (claimed_.empty()) {
      return;
    }
    const auto chosen = claimed_.begin() + static_cast<std::ptrdiff_t>(source_.below(claimed_.size()));
    auto claimed = std::move(*chosen);
    claimed_.erase(chosen);
    if constexpr (claims_count) {
      auto kept = source_.below(claimed.count + 1);
      if constexpr (in_segments) {
        if (kept == 0) {
          writer_.skip(claimed.place);
        } else {
          auto& value = stored_.at(claimed.first).value;
          value.resize(value.size() - std::min<std::size_t>(value.size(), source_.below(20)));
          writer_.finish_in_place(claimed.place, claimed.key, value.size());
        }
      } else if (kept == 0 && source_.below(2) == 0) {
        writer_.skip(claimed.place);
      } else {
        writer_.finish_in_place(claimed.place, kept);
      }
      this->finish(claimed.first, kept);
    }
  }

  void open_reader() {
    if (readers_.size() == gate_.places() + 2) {
      return;
    }
    const auto start = this->any_start();
    if (in_segments && start.arrival != Start::any_time) {
      if (const auto looks = gate_.enter(gate_.oldest())) {  // whoever looks for a moment holds writers meanwhile
        gate_.leave(*looks);
      }
    }
    source_.tell("new reader at, arrival, horizon", start.number, start.arrival, start.at_horizon);
    ReaderBeside opened{log_.reader(start), start, start.number};
    if (gate_.free_place()) {
      come(opened);
      // It holds what it asked for, as far as that is finished, and may have stepped over what was given up.
      opened.reached = std::min(opened.position, registered_end());
      const auto cursor = look_up_cursor(opened, opened.reached, this->over_skipped(opened.reached));
      opened.position = std::max(opened.position, cursor);
      opened.reached = cursor;
    } else if (!in_segments) {
      agree_within("number() without a place", opened.reader.number(), start.number, this->over_skipped(start.number));
      opened.position = opened.reader.number();
    }
    agree("place of a reader", opened.reader.place() == opened.place, true);
    readers_.push_back(std::move(opened));
  }

  /// A reader takes the first free place; what is gone and was asked for is missed.
  bool come(ReaderBeside& beside) {
    if (beside.place) {
      beside.start.at_horizon = false;  // what it held is missed, whatever it asked for
    }
    beside.place = gate_.enter(beside.position);
    if (beside.place && beside.position < oldest()) {
      beside.missed += beside.start.at_horizon ? 0 : oldest() - beside.position;
      beside.position = oldest();
    }
    return beside.place.has_value();
  }

  /// Where a reader may hold more than it must, the reference believes what it sees.
  std::uint64_t look_up_cursor(const ReaderBeside& beside, std::uint64_t least, std::uint64_t most) {
    const auto seen = log_.gate().reader(beside.place->place, end_);
    agree("a reader that came is registered", seen.has_value() && seen->place == *beside.place, true);
    agree_within("first number not released", seen->number, least, most);
    gate_.release(*beside.place, seen->number);
    return seen->number;
  }

  void with_some_reader(void (GatedTest::*what)(ReaderBeside&)) {
    if (!readers_.empty()) {
      const auto chosen = source_.below(readers_.size());
      auto& beside = readers_[chosen];
      source_.tell("reader", chosen);
      check_held(beside);
      (this->*what)(beside);
      agree("place of a reader", beside.reader.place() == beside.place, true);
    }
  }

  /// A segment is drained before it is recycled, so a reader may stand behind what is claimed and not finished.
  [[nodiscard]] std::uint64_t registered_end() const { return in_segments ? end_ : visible(); }

  void check_held(const ReaderBeside& beside) const {
    for (std::size_t i = 0; i < beside.holds; ++i) {
      this->check_record(beside.reader, i, beside.held + i);
    }
  }

  /// What each call of a reader begins with. False when it has no place.
  bool let_go(ReaderBeside& beside) {
    beside.holds = 0;
    if (beside.place && gate_.holds(*beside.place)) {
      gate_.release(*beside.place, beside.reached);
      return true;
    }
    if (!come(beside)) {
      return false;
    }
    // Many producers do not know how far exactly all is finished.
    const auto most = std::min(beside.position, registered_end());
    beside.reached = look_up_cursor(beside, many && !in_segments ? gate_.oldest() : most, most);
    return true;
  }

  void release(ReaderBeside& beside) {
    source_.tell("    release");
    const bool released = beside.reader.release();
    agree("released", released, let_go(beside));
  }

  void read(ReaderBeside& beside) {
    const std::size_t limit = source_.among(
        {std::size_t{0}, std::size_t{1}, std::size_t{2}, std::size_t{5}, std::size_t{100}, ~std::size_t{0}});
    const auto known = beside.reader.number();
    const auto run = beside.reader.read(limit);
    source_.tell("    read, first, count, missed", limit, run.first, run.count, run.missed);
    if (!let_go(beside)) {
      agree("read without a place", run.count == 0 && run.missed == 0 && !run.end, true);
      return;
    }
    agree("missed", run.missed, std::exchange(beside.missed, 0));
    const auto end = this->visible_from(beside.reached);  // a start ahead is walked to
    beside.position = std::min(this->over_skipped(beside.position), std::max(beside.position, end));
    auto next = beside.position;
    while (next < end && (stored_.at(next).skipped || stored_.at(next).arrival < beside.start.arrival)) {
      ++next;
    }
    if (next < end && limit != 0) {
      if (run.count == 0) {
        throw Disagreement{"nothing was read, and record " + std::to_string(next) + " is there"};
      }
      agree("first of a run", run.first, next);
      agree("first at or after number()", run.first >= known, true);
      const auto most = std::min({end - next, std::uint64_t{limit}, subject_.run_end(next) - next});
      auto expected = next;
      while (expected - next < most && !stored_.at(expected).skipped) {
        ++expected;
      }
      // Records that arrived too early may have been looked at together with those of the run.
      agree_within("count", run.count, next == beside.position ? expected - next : 1, expected - next);
      beside.held = next;
      beside.holds = run.count;
      check_held(beside);
      next += run.count;
      beside.position = next;
      beside.start = {};
      this->check_next_arrival(run, next);
      beside.reached = next;
    } else {
      agree("count", run.count, 0U);
      beside.position = limit != 0 ? std::max(beside.position, next) : beside.position;
    }
    beside.reached = std::max(beside.reached, std::min(beside.position, end));
    agree("end", run.end, run.count == 0 && closed_ && beside.reached >= end_);
    agree("number()", beside.reader.number(), beside.position);
  }

  void leave() {
    if (readers_.empty()) {
      return;
    }
    const auto chosen = readers_.begin() + static_cast<std::ptrdiff_t>(source_.below(readers_.size()));
    source_.tell("leave: reader", chosen - readers_.begin());
    check_held(*chosen);
    if (chosen->place && gate_.holds(*chosen->place)) {
      gate_.leave(*chosen->place);
    }
    readers_.erase(chosen);
  }

  /// The reader will not look at the run in its hands again.
  void evict() {
    ReaderPlace chosen{static_cast<std::uint32_t>(source_.below(gate_.places())), 0};
    const auto reader = gate_.reader(chosen.place);
    chosen.registration = reader ? reader->registration - (source_.below(4) == 0 ? 2 : 0) : 1;
    const bool there = gate_.holds(chosen);
    source_.tell("evict from place, there", chosen.place, there);
    for (auto& beside : readers_) {
      beside.holds = there && beside.place == chosen ? 0 : beside.holds;
    }
    agree("evicted", log_.gate().evict(chosen, end_), there);
    if (there) {
      gate_.leave(chosen);
    }
  }

  ReferenceGate gate_;
  std::vector<Claimed> claimed_;
  std::vector<ReaderBeside> readers_;
};

}  // namespace weir::support
