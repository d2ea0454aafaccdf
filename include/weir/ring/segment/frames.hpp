/// A run of records as they lie in a segment, or in a reader's copy of it.
#pragma once

#include <vector>

#include "weir/core/codec.hpp"
#include "weir/ring/segment/seek.hpp"

namespace weir::inline WEIR_ABI::detail {

/// Where each frame of a run begins, and what it says.
template <class T, class Layout>
class Frames {
  using Shape = typename Layout::FrameShape;
  using Memory = typename Layout::Memory;

 public:
  /// What a scan found: the offsets of a run of finished frames in its segment.
  struct Found {
    std::uint64_t begin = 0;
    std::uint64_t end = 0;
    bool skipped = false;  // the record after it was given up

    [[nodiscard]] bool empty() const noexcept { return begin == end; }
  };

  Frames() { starts_.reserve(read_bytes / (Shape::header_words * 8) + 1); }

  /// Lists the frames that are finished from a place on, about `read_bytes` of them and at least one.
  Found scan(const Layout& layout, const SegmentPlace& place, std::size_t count) {
    Found found;
    starts_.clear();
    more_ = false;
    for (std::uint64_t index = place.index; index < layout.entries(); ++index) {
      const Entry entry{Memory::load(layout.entry(place.segment, index), acquire<'E'>)};
      if (!entry.names(place.first + index)) {
        break;
      }
      if (entry.skipped()) {
        found.skipped = true;
        break;
      }
      if (starts_.empty()) {
        found.begin = found.end = entry.offset();
      }
      if (entry.offset() < found.end || entry.offset() + Shape::size(0, 0) > layout.usable_bytes()) {
        break;  // the file is damaged: no writer says so
      }
      if (starts_.size() == count || entry.offset() - found.begin >= read_bytes) {
        more_ = true;
        break;
      }
      // A size of a later lap goes no further: the copy loads this word again, and what it finds tells the check.
      const auto size = Shape::size(Memory::load(*layout.bytes(place.segment, entry.offset()), relaxed));
      if (entry.offset() + size > layout.usable_bytes()) {
        break;  // the same of the sizes
      }
      if (!starts_.empty() && entry.offset() + size - found.begin > read_bytes) {
        more_ = true;
        break;
      }
      starts_.push_back(static_cast<std::uint32_t>((entry.offset() - found.begin) / 8));
      found.end = entry.offset() + size;
    }
    return found;
  }

  /// The words from which the run that was scanned is read from now on.
  void read_from(const std::uint64_t* words) noexcept { words_ = words; }

  [[nodiscard]] std::size_t size() const noexcept { return starts_.size(); }
  void clear() noexcept { starts_.clear(); }
  /// Gives up the first records of the run.
  void drop(std::size_t records) {
    starts_.erase(starts_.begin(), starts_.begin() + static_cast<std::ptrdiff_t>(records));
  }
  /// Drops the records that arrived before a moment; arrivals do not decrease.
  void drop_before(std::int64_t moment) {
    if constexpr (Layout::timed) {
      std::size_t early = 0;
      while (early < size() && arrival(early) < moment) {
        ++early;
      }
      drop(early);
    }
  }

  [[nodiscard]] typename Codec<T>::view value(std::size_t index) const {
    const auto* frame = words_ + starts_[index];
    const auto key_words = Shape::padded(Shape::key_size(frame[0])) / 8;
    return Codec<T>::decode({reinterpret_cast<const std::byte*>(frame + Shape::header_words + key_words),
                             static_cast<std::size_t>(Shape::data_size(frame[0]))});
  }
  [[nodiscard]] std::string_view key(std::size_t index) const noexcept {
    const auto* frame = words_ + starts_[index];
    return {reinterpret_cast<const char*>(frame + Shape::header_words),
            static_cast<std::size_t>(Shape::key_size(frame[0]))};
  }
  [[nodiscard]] std::int64_t arrival(std::size_t index) const noexcept requires Layout::timed {
    return static_cast<std::int64_t>(words_[starts_[index] + 1]);
  }

  /// When the record after the run of `size()` frames from `place` on arrived, in this segment or at the beginning of
  /// the following one.
  [[nodiscard]] std::int64_t next_arrival(const Layout& layout,
                                          SegmentPlace place) const noexcept requires Layout::timed {
    place.step(size());
    if (!more_) {
      place = {layout.following(place.segment), place.number(), 0};  // its entry says whether it begins there
    }
    return arrival_at(layout, place).value_or(Run::nothing_unread);
  }

 private:
  bool more_ = false;                  // the entry after the run is ready
  std::vector<std::uint32_t> starts_;  // in words
  const std::uint64_t* words_ = nullptr;
};

}  // namespace weir::inline WEIR_ABI::detail
