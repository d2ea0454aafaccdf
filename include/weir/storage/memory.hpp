/// Storage in the process' own memory: the default.
#pragma once

#include <sys/mman.h>

#include <cstddef>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "weir/detail/pages.hpp"
#include "weir/storage/storage.hpp"

namespace weir::inline WEIR_ABI {

/// Anonymous pages, gone with the object. Pages are zero and untouched until first written, so that a large capacity
/// costs what is used of it: in steps of 2 MiB in the middle of a large span, where the kernel is asked for huge pages,
/// and of its usual pages at the ends.
///
/// **threads** one at a time; the spans themselves may be shared.
class MemoryStorage {
 public:
  MemoryStorage() = default;
  MemoryStorage(MemoryStorage&& other) noexcept
      : spans_(std::exchange(other.spans_, {})), blobs_(std::move(other.blobs_)) {}
  MemoryStorage& operator=(MemoryStorage&& other) noexcept {
    if (this != &other) {
      unmap_all();
      spans_ = std::exchange(other.spans_, {});
      blobs_ = std::move(other.blobs_);
    }
    return *this;
  }
  ~MemoryStorage() { unmap_all(); }

  Result<std::span<std::byte>> create(std::string_view name, std::size_t size) {
    if (spans_.find(name) != spans_.end()) {
      return Failure{Errc::resource_in_use, Cause::span_exists, name.size(), 0};
    }
    const auto place = spans_.emplace(std::string{name}, std::span<std::byte>{}).first;
    void* memory =
        size == 0 ? MAP_FAILED : ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) {
      spans_.erase(place);
      return Failure{Errc::out_of_memory, Cause::storage_exhausted, size, 0};
    }
    place->second = std::span{static_cast<std::byte*>(memory), size};
    if (const auto pages = detail::huge_pages_inside(place->second); !pages.empty()) {
      ::madvise(pages.data(), pages.size(), MADV_HUGEPAGE);  // a wish: rings are larger than what small pages reach
    }
    return place->second;
  }

  Result<std::span<std::byte>> open(std::string_view name) {
    const auto found = spans_.find(name);
    if (found == spans_.end()) {
      return Failure{Errc::resource_not_found, Cause::no_such_span, name.size(), 0};
    }
    return found->second;
  }

  Result<void> remove(std::string_view name) {
    const auto found = spans_.find(name);
    if (found == spans_.end()) {
      return Failure{Errc::resource_not_found, Cause::no_such_span, name.size(), 0};
    }
    ::munmap(found->second.data(), found->second.size());
    spans_.erase(found);
    return {};
  }

  [[nodiscard]] std::vector<std::string> list() const {
    std::vector<std::string> names;
    for (const auto& [name, span] : spans_) {
      names.push_back(name);
    }
    return names;
  }

  /// Memory lasts as long as it lasts.
  static Result<void> sync(std::span<std::byte>) noexcept { return {}; }

  static Result<void> discard(std::span<std::byte> part) noexcept {
    if (const auto pages = detail::pages_within(part); !pages.empty()) {
      ::madvise(pages.data(), pages.size(), MADV_DONTNEED);
    }
    return {};
  }

  Result<void> replace(std::string_view name, std::span<const std::byte> blob) {
    blobs_.insert_or_assign(std::string{name}, std::vector<std::byte>(blob.begin(), blob.end()));
    return {};
  }

  Result<std::vector<std::byte>> load(std::string_view name) const {
    const auto found = blobs_.find(name);
    if (found == blobs_.end()) {
      return Failure{Errc::resource_not_found, Cause::no_such_blob, name.size(), 0};
    }
    return found->second;
  }

  static constexpr bool read_only() noexcept { return false; }

 private:
  void unmap_all() noexcept {
    for (const auto& [name, span] : spans_) {
      ::munmap(span.data(), span.size());
    }
    spans_.clear();
  }

  std::map<std::string, std::span<std::byte>, std::less<>> spans_;
  std::map<std::string, std::vector<std::byte>, std::less<>> blobs_;
};

static_assert(storage_backend<MemoryStorage>);

}  // namespace weir::inline WEIR_ABI
