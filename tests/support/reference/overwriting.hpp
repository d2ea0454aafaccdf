/// Random operations on a log that overwrites its oldest records.
#pragma once

#include <array>

#include "support/reference/log.hpp"

namespace weir::support {

/// Readers are told what they missed and hold nobody; a claim that is not finished holds the others a lap later.
template <class Subject>
class OverwritingTest : ReferenceLog<Subject> {
  using Base = ReferenceLog<Subject>;
  using Base::agrees, Base::clock_, Base::closed_, Base::end_, Base::log_, Base::many, Base::source_, Base::stored_,
      Base::subject_, Base::visible, Base::writer_;
  using typename Base::Log;
  static constexpr bool claims = many && !Subject::in_segments;

  struct Claimed {
    Claim claim;
    bool open = false;
  };
  struct ReaderBeside {
    typename Log::Reader reader;
    std::uint64_t position;
    bool at_horizon;
    std::int64_t arrival;
  };

 public:
  explicit OverwritingTest(ByteSource& source) : Base(source, 0) {}

  void step() {
    switch (source_.below(16)) {
      default: this->put(1); break;
      case 6:
      case 7: this->put(1 + source_.below(subject_.most() < 255 ? subject_.most() + 1 : 255)); break;
      case 8:
      case 9:
      case 10: read(); break;
      case 11: open_reader(); break;
      case 12: this->set_clock(); break;
      case 13: claim_or_finish(); break;
      case 14: this->attach(); break;
      case 15: this->close_at_last(); break;
    }
    this->check_log();
  }

 private:
  [[nodiscard]] std::uint64_t oldest() const override { return subject_.oldest(end_); }

  std::optional<Append> refusal(std::uint64_t count, std::uint64_t) override {
    if constexpr (claims) {
      if (subject_.oldest(end_ + count) > visible()) {
        return Append{Append::Status::stalled, end_ - visible()};
      }
    }
    return {};
  }

  void claim_or_finish() {
    if constexpr (claims) {
      auto& [claim, open] = claimed_[source_.below(claimed_.size())];
      if (!open) {
        const auto count = 1 + source_.below(subject_.most());
        const auto expected = this->append(count, 0);
        source_.tell("claim records", count);
        if (agrees(writer_.try_claim(clock_, count, claim), expected)) {
          open = true;
          std::vector<typename Subject::Element> values;
          for (std::uint64_t i = 0; i < count; ++i) {
            values.push_back(subject_.make(source_, claim.first + i));
          }
          this->store("", values, 0);
          this->open(claim.first, count);
        }
        return;
      }
      open = false;
      const bool skipped = source_.below(2) == 0;
      if (skipped) {
        writer_.skip(claim);
      } else {
        const typename Subject::Layout layout{this->bytes_.span(), this->size_};
        for (auto number = claim.first; number < claim.first + claim.count; ++number) {
          layout.store(number, stored_.at(number).value, claim.arrived);
        }
        writer_.finish(claim);
      }
      this->finish(claim.first, skipped ? 0 : claim.count);
    }
  }

  void open_reader() {
    const auto start = this->any_start();
    source_.tell("new reader at, arrival, horizon", start.number, start.arrival, start.at_horizon);
    ReaderBeside opened{log_.reader(start), start.number, start.at_horizon, start.arrival};
    if (readers_.size() < 4) {
      readers_.push_back(std::move(opened));
    } else {
      readers_[source_.below(4)] = std::move(opened);
    }
  }

  void read() {
    if (readers_.empty()) {
      return;
    }
    const auto chosen = source_.below(readers_.size());
    auto& beside = readers_[chosen];
    const std::size_t limit = source_.among(
        {std::size_t{0}, std::size_t{1}, std::size_t{2}, std::size_t{5}, std::size_t{100}, ~std::size_t{0}});
    const auto known = beside.reader.number();
    const auto run = beside.reader.read(limit);
    source_.tell("reader, read, first, count, missed", chosen, limit, run.first, run.count, run.missed);
    std::uint64_t missed = 0;
    if (beside.position < oldest()) {
      missed = beside.at_horizon ? 0 : oldest() - beside.position;
      beside.position = oldest();
    }
    agree("missed", run.missed, missed);
    const auto end = visible();
    beside.position = this->over_skipped(beside.position);  // stepped over once it is at hand, so never missed
    auto next = beside.position;
    while (next < end && (stored_.at(next).skipped || stored_.at(next).arrival < beside.arrival)) {
      ++next;
    }
    if (next < end && limit != 0) {
      if (run.count == 0) {
        throw Disagreement{"nothing was read, and record " + std::to_string(next) + " is there"};
      }
      agree("first of a run", run.first, next);
      agree("run within its limit", run.count <= limit, true);
      agree("first at or after number()", run.first >= known, true);
      for (std::size_t i = 0; i < run.count; ++i) {
        this->check_record(beside.reader, i, next++);
      }
      beside.position = next;
      beside.at_horizon = false;
      beside.arrival = Start::any_time;
      agree("end with records", run.end, false);
      agree("number()", beside.reader.number(), next);
      this->check_next_arrival(run, next);
    } else {
      agree("count", run.count, 0U);
      beside.position = limit != 0 ? std::max(beside.position, next) : beside.position;
      const bool ended = closed_ && beside.position >= end_;
      // A start beyond the end walks there first, and a read of nothing does not walk.
      agree("end", run.end || (limit == 0 && ended), ended);
    }
  }

  std::array<Claimed, 2> claimed_;
  std::vector<ReaderBeside> readers_;
};

}  // namespace weir::support
