/// What a segment ring is asked to hold, and what it promises to retain.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "support/reference/decisions.hpp"
#include "weir/ring/segment/log.hpp"
#include "weir/testing/manual_clock.hpp"

namespace weir::support {

/// What is retained is a queue of segments, filled frame by frame.
template <Options policy>
class SegmentSubject {
 public:
  using Log = SegmentLog<std::string, policy, testing::ManualEnv>;
  using Element = std::string;
  static constexpr Options options = policy;
  static constexpr bool in_segments = true;
  static constexpr bool timed = options.arrival == Arrival::kept;

  explicit SegmentSubject(ByteSource& source)
      : capacity_(source.among({128U, 256U, 512U, 1024U, 4096U})),
        generation_(source.among({0U, 5U, (1U << 20) - 1, (1U << 20) - 2, (1U << 20) - 7})) {}

  [[nodiscard]] std::uint64_t capacity() const noexcept { return capacity_; }
  [[nodiscard]] static std::uint64_t gate_capacity() noexcept { return 0; }
  Log format(std::span<std::byte> bytes, const RingSize& size, std::uint64_t first) {
    segments_.push_back({first, 0, 0});
    return Log::format(bytes, size, first, generation_);
  }

  [[nodiscard]] std::uint64_t oldest(std::uint64_t) const noexcept { return segments_.front().first; }

  [[nodiscard]] std::uint64_t most() const noexcept { return std::max<std::uint64_t>(entries() / 2, 1); }
  /// No run of records that are read in place reaches beyond it: the end of a segment.
  [[nodiscard]] std::uint64_t run_end(std::uint64_t number) const noexcept {
    for (const auto& segment : segments_) {
      if (segment.first > number) {
        return segment.first;
      }
    }
    return ~std::uint64_t{0};
  }

  /// The largest data that, with a key of 8 bytes, fits one claim.
  [[nodiscard]] std::uint64_t largest() const noexcept {
    return std::min<std::uint64_t>(segment_bytes() / 2 - header - 8, 96);
  }
  std::string make(ByteSource& source, std::uint64_t number) {
    std::string text;
    for (auto size = source.below(largest() + 1); text.size() < size;) {
      text += static_cast<char>('a' + (number + text.size() * 7) % 26);
    }
    return text;
  }
  /// How many of the values one claim may take.
  [[nodiscard]] std::uint64_t fitting(std::string_view key, std::span<const std::string> values) const noexcept {
    std::uint64_t count = 0;
    while (count < values.size() && bytes(key, values.first(count + 1)) <= segment_bytes() / 2) {
      ++count;
    }
    return count;
  }
  /// What the frames of values take.
  static std::uint64_t bytes(std::string_view key, std::span<const std::string> values) noexcept {
    std::uint64_t bytes = 0;
    for (const auto& value : values) {
      bytes += header + (key.size() + 7) / 8 * 8 + (value.size() + 7) / 8 * 8;
    }
    return bytes;
  }

  /// The end of the segment that has to be given up for such a claim, if one has to.
  [[nodiscard]] std::optional<std::uint64_t> gives_up(std::uint64_t count, std::uint64_t bytes) const noexcept {
    return fits(count, bytes) || segments_.size() < segment_count() ? std::nullopt : std::optional{segments_[1].first};
  }
  void put(std::uint64_t number, std::uint64_t count, std::uint64_t bytes) {
    if (!fits(count, bytes)) {
      segments_.push_back({number, 0, 0});
      if (segments_.size() > segment_count()) {
        segments_.pop_front();
      }
    }
    segments_.back().bytes += bytes;
    segments_.back().count += count;
  }
  static bool same(std::string_view view, const std::string& value) noexcept { return view == value; }

 private:
  static constexpr std::uint64_t header = timed ? 16 : 8;
  struct Segment {
    std::uint64_t first;
    std::uint64_t bytes;
    std::uint64_t count;
  };

  [[nodiscard]] bool fits(std::uint64_t count, std::uint64_t bytes) const noexcept {
    return segments_.back().bytes + bytes <= segment_bytes() && segments_.back().count + count <= entries();
  }
  [[nodiscard]] std::uint64_t segment_count() const noexcept { return std::min<std::uint64_t>(capacity_ / 64, 8); }
  [[nodiscard]] std::uint64_t segment_bytes() const noexcept { return capacity_ / segment_count(); }
  [[nodiscard]] std::uint64_t entries() const noexcept { return segment_bytes() / 32; }

  std::uint64_t capacity_;
  std::uint64_t generation_;
  std::deque<Segment> segments_;
};

}  // namespace weir::support
