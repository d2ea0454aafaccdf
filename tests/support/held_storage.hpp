/// Spans that outlive the stream: a storage that several hold.
#pragma once

#include <memory>

#include "support/exhausted_storage.hpp"

namespace weir::support {

/// Copies are the same storage, as two openings of one directory would be.
class HeldStorage {
 public:
  explicit HeldStorage(std::size_t room = std::size_t{1} << 30) : held_(std::make_shared<Held>(room)) {}

  /// Refuses to change anything from now on, for this copy alone.
  [[nodiscard]] HeldStorage for_reading() const {
    auto copy = *this;
    copy.read_only_ = true;
    return copy;
  }

  Result<std::span<std::byte>> create(std::string_view name, std::size_t size) {
    return read_only_ ? refused() : held_->storage.create(name, size);
  }
  Result<std::span<std::byte>> open(std::string_view name) { return held_->storage.open(name); }
  Result<void> remove(std::string_view name) { return read_only_ ? refused() : held_->storage.remove(name); }
  [[nodiscard]] std::vector<std::string> list() const { return held_->storage.list(); }
  Result<void> sync(std::span<std::byte> part) {
    ++held_->syncs;
    return held_->storage.sync(part);
  }
  Result<void> discard(std::span<std::byte> part) { return held_->storage.discard(part); }
  Result<void> replace(std::string_view name, std::span<const std::byte> blob) {
    if (read_only_ || held_->replacing_fails) {
      return refused();
    }
    held_->synced_before_replace = held_->syncs;
    return held_->storage.replace(name, blob);
  }
  Result<std::vector<std::byte>> load(std::string_view name) { return held_->storage.load(name); }
  [[nodiscard]] bool read_only() const noexcept { return read_only_; }

  /// From now on blobs cannot be replaced.
  void let_replacing_fail(bool fails) { held_->replacing_fails = fails; }
  /// Spans that were synced before a blob was last replaced.
  [[nodiscard]] int synced_before_replace() const { return held_->synced_before_replace; }

 private:
  static Failure refused() { return {Errc::read_only, Cause::storage_read_only, 0, 0}; }

  struct Held {
    explicit Held(std::size_t room) : storage(room) {}
    ExhaustedStorage storage;
    int syncs = 0;
    int synced_before_replace = 0;
    bool replacing_fails = false;
  };
  std::shared_ptr<Held> held_;
  bool read_only_ = false;
};
static_assert(storage_backend<HeldStorage>);

}  // namespace weir::support
