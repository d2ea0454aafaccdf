/// The column ring as a log: records of one size, without keys.
#pragma once

#include "weir/ring/capacity.hpp"
#include "weir/ring/column/gated_reader.hpp"
#include "weir/ring/column/many_writers.hpp"
#include "weir/ring/column/reader.hpp"
#include "weir/ring/column/single_writer.hpp"

namespace weir::inline WEIR_ABI {

/// A view over the bytes of a column ring; copy it freely.
template <class T, Options options, class Env>
class ColumnLog {
  using Layout = ColumnLayout<T, options, Env>;
  using Memory = typename Env::Memory;

 public:
  using payload = T;
  using argument = const T&;
  using view = const T&;
  using Writer = std::conditional_t<Layout::stamped, ManyWriters<T, options, Env>, SingleWriter<T, options, Env>>;
  using BriefWriter =
      std::conditional_t<Layout::stamped, Writer, SingleWriter<T, options, Env, const ColumnLayout<T, options, Env>&>>;
  using Reader = std::conditional_t<Layout::gated, GatedColumnReader<T, options, Env>, ColumnReader<T, options, Env>>;
  static constexpr Capacity::Unit unit = Capacity::Unit::records;
  /// Names the words of the layout and their meaning: another name for each change of them.
  static constexpr std::string_view layout = "column 1";
  static constexpr bool gated = Layout::gated;

  /// The capacity to build with, checked: a power of two whose footprint fits the address space.
  static constexpr Result<std::uint64_t> check(const Capacity& capacity, std::int64_t max_record) noexcept {
    if (max_record != 0) {
      return Failure{Errc::invalid_argument, Cause::record_fixed, static_cast<std::uint64_t>(max_record), sizeof(T)};
    }
    if (capacity.unit == Capacity::Unit::bytes) {
      return Failure{Errc::invalid_argument, Cause::capacity_unit, capacity.count, 0};
    }
    const auto most = std::bit_floor(detail::max_shard_bytes / (sizeof(T) + 2 * sizeof(std::uint64_t)));
    return detail::check_capacity(capacity, default_capacity_records, 1,
                                  gated ? std::min(most, detail::max_gated_records) : most);
  }

  /// Bytes that a ring of this size takes.
  static constexpr std::size_t footprint(const RingSize& size) noexcept { return Layout::footprint(size); }

  /// Makes a ring in zeroed bytes, whose first record will have the number `first` (1 or more).
  static ColumnLog format(std::span<std::byte> bytes, const RingSize& size, std::uint64_t first) noexcept {
    ColumnLog log{bytes, size};
    log.begin(first);
    return log;
  }
  /// Views a ring that was made before.
  static ColumnLog attach(std::span<std::byte> bytes, const RingSize& size) noexcept { return {bytes, size}; }

  /// Makes zeroed bytes that were attached to a ring whose first record has the number `first`. Whoever does it again
  /// with the same number changes nothing, however late; nothing is put or read before. `held`: the readers of a gated
  /// ring are still to come, and writers wait for them until the gate lets go.
  /// Nothing arrives before `arrival`.
  void begin(std::uint64_t first, bool held = false, std::int64_t arrival = 0) const noexcept {
    if constexpr (Layout::timed) {
      detail::raise_to<Memory>(layout_.last_arrival(), static_cast<std::uint64_t>(arrival), detail::relaxed);
    }
    layout_.begin(first, held);
  }

  [[nodiscard]] Writer writer() const noexcept { return Writer{layout_}; }
  /// The same for one put or a few; it must not outlive the log.
  [[nodiscard]] BriefWriter brief_writer() const noexcept { return BriefWriter{layout_}; }
  [[nodiscard]] Reader reader(const Start& start) const { return Reader{layout_, start}; }
  /// What readers hold writers by.
  [[nodiscard]] Gate<Memory> gate() const noexcept requires gated { return layout_.gate(); }

  /// No append succeeds afterwards. Returns one more than the final number; closing again changes nothing.
  std::uint64_t close() const noexcept { return brief_writer().close(); }

  [[nodiscard]] std::uint64_t oldest() const noexcept { return layout_.oldest(); }
  /// One more than the newest number that was claimed (many producers) or published (one).
  [[nodiscard]] std::uint64_t end() const noexcept {
    return Memory::load(layout_.head(), detail::relaxed) & ~closed_bit;
  }
  [[nodiscard]] bool closed() const noexcept {
    return (Memory::load(layout_.head(), detail::relaxed) & closed_bit) != 0;
  }

  /// Every claim is finished or given up, so that nobody writes to the ring any more. Precondition: closed.
  [[nodiscard]] bool settled() const noexcept {
    if constexpr (Layout::stamped) {
      auto number = layout_.finished();
      for (const auto end = this->end(); number < end;) {
        const auto run = detail::run_at<Memory>(layout_, number);
        if (run.state == detail::StampedRun::State::unfinished || run.end <= number) {
          return false;
        }
        number = run.end;
      }
    }
    return true;
  }
  /// The bytes that hold records and nothing else: of a ring that is closed and settled they may be discarded, once
  /// nobody reads it.
  [[nodiscard]] std::span<std::byte> records() const noexcept { return layout_.records(); }
  /// Of the payloads that were put since `first`, the number of the first record.
  [[nodiscard]] std::uint64_t bytes_since(std::uint64_t first) const noexcept { return (end() - first) * sizeof(T); }

  [[nodiscard]] std::int64_t last_arrival() const noexcept requires Layout::timed {
    return static_cast<std::int64_t>(Memory::load(layout_.last_arrival(), detail::relaxed));
  }

  /// Where to begin for the records that arrived at `moment` or later: a bound found by bisection, below which
  /// everything that is still there arrived earlier. A probe that was overwritten meanwhile met a later arrival, which
  /// makes the bound lower, or the zero of a line that was taken, which does not lead beyond what is gone.
  [[nodiscard]] Start seek(std::int64_t moment) const noexcept requires Layout::timed {
    auto low = oldest();
    auto high = layout_.finished();
    while (low < high) {
      const auto middle = low + (high - low) / 2;
      const auto arrived = Memory::load(*layout_.arrival(layout_.slot(middle)), detail::relaxed);
      if (static_cast<std::int64_t>(arrived) < moment) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return {.number = low, .arrival = moment, .at_horizon = true};
  }

 private:
  ColumnLog(std::span<std::byte> bytes, const RingSize& size) noexcept : layout_(bytes, size) {}

  Layout layout_;
};

}  // namespace weir::inline WEIR_ABI
