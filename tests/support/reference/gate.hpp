/// The gate as whole numbers in a list: who holds writers, and how far they may go.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <vector>

#include "weir/ring/gate.hpp"

namespace weir::support {

/// One call at a time. A capacity of 0 stands before a ring of segments: its limit says what was released and recycled.
class ReferenceGate {
 public:
  ReferenceGate(std::uint64_t first, std::uint64_t capacity, std::uint64_t places)
      : capacity_(capacity), limit_(first + capacity), floor_(first), places_(places) {}

  [[nodiscard]] std::uint64_t limit() const noexcept { return limit_; }
  [[nodiscard]] std::uint64_t oldest() const noexcept { return limit_ - capacity_; }
  [[nodiscard]] std::uint64_t places() const noexcept { return places_.size(); }

  /// The first number that some reader has not released; without readers, the furthest that one released and left.
  [[nodiscard]] std::uint64_t slowest() const noexcept {
    std::optional<std::uint64_t> least;
    for (const auto& place : places_) {
      if (place.cursor && (!least || *place.cursor < *least)) {
        least = place.cursor;
      }
    }
    return least.value_or(floor_);
  }

  /// Whether numbers below `end` may be written. The limit rises by sixteenths of the capacity, as many as are needed
  /// and as far as the slowest reader lets it.
  bool raise(std::uint64_t end) noexcept {
    if (capacity_ == 0) {
      limit_ = slowest() >= end ? std::max(limit_, end) : limit_;
    } else {
      const auto step = std::max<std::uint64_t>(capacity_ / 16, 1);
      auto wanted = limit_;
      while (wanted < end) {
        wanted += step;
      }
      limit_ = std::max(limit_, std::min(wanted, slowest() + capacity_));
    }
    return limit_ >= end;
  }

  /// Gives the first free place to a reader that holds `cursor`, if there is one.
  std::optional<ReaderPlace> enter(std::uint64_t cursor) noexcept {
    for (std::uint32_t place = 0; place < places_.size(); ++place) {
      if (!places_[place].cursor) {
        places_[place].cursor = cursor;
        return ReaderPlace{place, ++places_[place].registration};
      }
    }
    return {};
  }
  [[nodiscard]] bool free_place() const noexcept {
    return std::any_of(places_.begin(), places_.end(), [](const Place& place) { return !place.cursor; });
  }
  [[nodiscard]] bool holds(const ReaderPlace& reader) const noexcept {
    const auto& place = places_[reader.place];
    return place.cursor && place.registration == reader.registration;
  }
  void release(const ReaderPlace& reader, std::uint64_t cursor) noexcept { places_[reader.place].cursor = cursor; }
  void leave(const ReaderPlace& reader) noexcept {
    auto& place = places_[reader.place];
    floor_ = std::max(floor_, *place.cursor);
    place.cursor.reset();
    ++place.registration;
  }

  /// Who is registered at a place, if anybody.
  [[nodiscard]] std::optional<ReaderPlace> reader(std::uint32_t place) const noexcept {
    return places_[place].cursor ? std::optional{ReaderPlace{place, places_[place].registration}} : std::nullopt;
  }
  [[nodiscard]] std::uint64_t cursor(const ReaderPlace& reader) const noexcept { return *places_[reader.place].cursor; }

 private:
  struct Place {
    std::uint32_t registration = 0;  // odd while somebody is registered
    std::optional<std::uint64_t> cursor;
  };

  std::uint64_t capacity_;
  std::uint64_t limit_;
  std::uint64_t floor_;
  std::vector<Place> places_;
};

}  // namespace weir::support
