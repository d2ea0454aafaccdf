/// The segment ring as a log: records of any size, kept with their partition keys.
#pragma once

#include "weir/ring/capacity.hpp"
#include "weir/ring/segment/gated_reader.hpp"
#include "weir/ring/segment/reader.hpp"
#include "weir/ring/segment/writer.hpp"

namespace weir::inline WEIR_ABI {

/// A view over the bytes of a segment ring; copy it freely.
template <class T, Options options, class Env>
class SegmentLog {
  using Layout = SegmentLayout<options, Env>;
  using Memory = typename Env::Memory;

 public:
  using payload = T;
  using argument = typename Codec<T>::argument;
  using view = typename Codec<T>::view;
  using Writer = SegmentWriter<T, options, Env>;
  using Reader = std::conditional_t<Layout::gated, GatedSegmentReader<T, options, Env>, SegmentReader<T, options, Env>>;
  static constexpr Capacity::Unit unit = Capacity::Unit::bytes;
  /// Names the words of the layout and their meaning: another name for each change of them.
  static constexpr std::string_view layout = "segment 1";
  static constexpr bool gated = Layout::gated;

  /// Below this a record of any use would not fit a quarter of a segment.
  static constexpr std::uint64_t min_capacity = 4096;
  /// Beyond this the segments would outnumber what their generations can tell apart.
  static constexpr std::uint64_t max_capacity =
      gated ? detail::max_gated_records * Layout::bytes_per_entry : std::uint64_t{1} << 42;

  /// The capacity to build with, checked: a power of two, and a largest record that fits it.
  static constexpr Result<std::uint64_t> check(const Capacity& capacity, std::int64_t max_record) noexcept {
    if (capacity.unit == Capacity::Unit::records) {
      return Failure{Errc::invalid_argument, Cause::capacity_unit, capacity.count, 1};
    }
    const auto checked = detail::check_capacity(capacity, default_capacity_bytes, min_capacity, max_capacity);
    if (checked && (max_record < 0 || static_cast<std::uint64_t>(max_record) > largest_record(*checked))) {
      return Failure{Errc::invalid_argument, Cause::record_limit, static_cast<std::uint64_t>(max_record),
                     largest_record(*checked)};
    }
    return checked;
  }

  /// Key and data of the largest record under a capacity: a quarter of a segment, less what its frame takes.
  static constexpr std::uint64_t largest_record(std::uint64_t capacity) noexcept {
    return capacity / Layout::segments_for(capacity) / 4 - Layout::FrameShape::overhead;
  }

  /// Bytes that a ring of this size takes, its directory included.
  static constexpr std::size_t footprint(const RingSize& size) noexcept { return Layout::footprint(size); }

  /// Makes a ring in zeroed bytes, whose first record will have the number `first` (1 or more). `generation` is for
  /// tests that begin just below the wrap of the field.
  static SegmentLog format(std::span<std::byte> bytes, const RingSize& size, std::uint64_t first,
                           std::uint64_t generation = 0) noexcept {
    SegmentLog log{bytes, size};
    log.layout_.begin(first, generation, false);
    return log;
  }
  /// Views a ring that was made before.
  static SegmentLog attach(std::span<std::byte> bytes, const RingSize& size) noexcept { return {bytes, size}; }

  /// Makes zeroed bytes that were attached to a ring whose first record has the number `first`. Whoever does it again
  /// with the same number changes nothing, however late; nothing is put or read before. `held`: the readers of a gated
  /// ring are still to come, and writers wait for them until the gate lets go.
  /// Nothing arrives before `arrival`.
  void begin(std::uint64_t first, bool held = false, std::int64_t arrival = 0) const noexcept {
    if constexpr (Layout::timed) {
      detail::raise_to<Memory>(layout_.last_arrival(), static_cast<std::uint64_t>(arrival), detail::relaxed);
    }
    layout_.begin(first, 0, held);
  }

  [[nodiscard]] Writer writer() const noexcept { return Writer{layout_}; }
  [[nodiscard]] Writer brief_writer() const noexcept { return writer(); }
  [[nodiscard]] Reader reader(const Start& start) const { return Reader{layout_, start}; }
  /// What readers hold writers by.
  [[nodiscard]] Gate<Memory> gate() const noexcept requires gated { return layout_.gate(); }

  /// No append succeeds afterwards. Returns one more than the final number; closing again changes nothing.
  std::uint64_t close() const noexcept { return detail::Rotation<Layout>{layout_}.close(); }

  [[nodiscard]] std::uint64_t oldest() const noexcept { return detail::oldest_place(layout_, false).first; }
  /// One more than the newest number that was claimed.
  [[nodiscard]] std::uint64_t end() const noexcept { return detail::newest_place(layout_).number(); }
  [[nodiscard]] bool closed() const noexcept { return Tail{Memory::load(layout_.tail(), detail::relaxed)}.closed(); }

  /// As the column ring's.
  [[nodiscard]] bool settled() const noexcept { return detail::Rotation<Layout>{layout_}.settled(); }
  [[nodiscard]] std::span<std::byte> records() const noexcept { return layout_.records(); }
  /// Of the frames that were put since the beginning: keys, data and what tells them apart, in whole words.
  [[nodiscard]] std::uint64_t bytes_since(std::uint64_t /*first*/) const noexcept {
    const auto sealed = Memory::load(layout_.sealed_bytes(), detail::relaxed);
    return sealed + Tail{Memory::load(layout_.tail(), detail::relaxed)}.offset();
  }

  [[nodiscard]] std::int64_t last_arrival() const noexcept requires Layout::timed {
    return static_cast<std::int64_t>(Memory::load(layout_.last_arrival(), detail::relaxed));
  }

  /// Where to begin for the records that arrived at `moment` or later.
  [[nodiscard]] Start seek(std::int64_t moment) const noexcept requires Layout::timed {
    std::uint64_t number = 0;
    if constexpr (gated) {
      // A probe reads where a later lap may have payload, which is plain memory: so it takes a place while it looks.
      if (const auto held = layout_.gate().enter(0, [this] { return detail::newest_place(layout_).number(); })) {
        number = detail::number_before(layout_, moment, held.number());
      }
    } else {
      number = detail::number_before(layout_, moment);
    }
    return {.number = number, .arrival = moment, .at_horizon = true};
  }

 private:
  SegmentLog(std::span<std::byte> bytes, const RingSize& size) noexcept : layout_(bytes, size) {}

  Layout layout_;
};

}  // namespace weir::inline WEIR_ABI
