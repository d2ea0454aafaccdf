/// A run of records as they lie in a segment, or in a reader's copy of it.
#pragma once

#include <memory>

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

  /// Lists the frames that are finished from a place on, about `read_bytes` of them and at least one. It has its own
  /// copies of what it is given: what a reference refers to would be loaded again after each ordered load.
  Found scan(const Layout layout, const SegmentPlace place, const std::size_t count) noexcept {
    Found found;
    auto* const starts = starts_.get();
    const auto most = std::min(count, most_frames);
    const auto usable = layout.usable_bytes() / 8;  // as all that follows, in words
    std::uint64_t begin = 0, reached = 0, last_start = 0, last_end = 0;
    std::size_t listed = 0;
    bool more = false;
    for (std::uint64_t index = place.index; index < layout.entries(); ++index) {
      const Entry entry{Memory::load(layout.entry(place.segment, index), acquire<'E'>)};
      const auto offset = entry.words(place.first + index);
      if (offset >= Entry::no_frame) {
        found.skipped = entry.names(place.first + index);
        break;
      }
      if (listed == 0) {
        if (offset + Shape::header_words > usable) {
          break;  // the file is damaged: no writer says so
        }
        begin = offset;
        last_start = std::min(run_words - 1, usable - begin - Shape::header_words);
        last_end = std::min(run_words, usable - begin);
      }
      const auto start = offset - begin;
      if (start < reached || start > last_start) {  // inside of the frame before: the file is damaged
        more = start >= run_words;
        break;
      }
      if (listed == most) {
        more = true;
        break;
      }
      // A size of a later lap goes no further: the copy loads this word again, and what it finds tells the check.
      const auto end = start + Shape::words(Memory::load(*layout.bytes(place.segment, offset * 8), relaxed));
      if (end > last_end) {
        const bool fits = begin + end <= usable;
        if (listed != 0 || !fits) {  // one frame alone may be larger than a run
          more = fits;
          break;
        }
      }
      starts[listed++] = static_cast<std::uint32_t>(start);
      reached = end;
    }
    found.begin = begin * 8;
    found.end = (begin + reached) * 8;
    size_ = listed;
    end_ = reached;
    more_ = more;
    return found;
  }

  /// The words from which the run that was scanned is read from now on.
  void read_from(const std::uint64_t* words) noexcept { words_ = words; }

  [[nodiscard]] std::size_t size() const noexcept { return size_; }
  void clear() noexcept { size_ = 0; }
  /// Gives up the first records of the run.
  void drop(std::size_t records) noexcept {
    std::copy(&starts_[records], &starts_[size_], &starts_[0]);
    size_ -= records;
  }
  /// Drops the records that arrived before a moment; arrivals do not decrease. How many those were.
  std::size_t drop_before(std::int64_t moment) noexcept {
    std::size_t early = 0;
    if constexpr (Layout::timed) {
      while (early < size() && arrival(early) < moment) {
        ++early;
      }
      drop(early);
    }
    return early;
  }
  /// Of all frames that are left of the run.
  [[nodiscard]] std::uint64_t bytes() const noexcept { return size_ == 0 ? 0 : (end_ - starts_[0]) * 8; }

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
  static constexpr std::uint64_t run_words = read_bytes / 8;
  static constexpr std::size_t most_frames = run_words / Shape::header_words + 1;

  bool more_ = false;      // the entry after the run is ready
  std::uint64_t end_ = 0;  // of the run, in words from its beginning
  std::size_t size_ = 0;
  std::unique_ptr<std::uint32_t[]> starts_ = std::make_unique_for_overwrite<std::uint32_t[]>(most_frames);  // in words
  const std::uint64_t* words_ = nullptr;
};

}  // namespace weir::inline WEIR_ABI::detail
