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
    if (held_->syncing_fails) {
      return refused();
    }
    held_->synced += part.size();
    return held_->storage.sync(part);
  }
  Result<void> discard(std::span<std::byte> part) { return held_->storage.discard(part); }
  Result<void> replace(std::string_view name, std::span<const std::byte> blob) {
    if (read_only_ || held_->replacing_fails) {
      return refused();
    }
    return held_->storage.replace(name, blob);
  }
  Result<std::vector<std::byte>> load(std::string_view name) { return held_->storage.load(name); }
  [[nodiscard]] bool read_only() const noexcept { return read_only_; }

  /// From now on, or no longer, blobs cannot be replaced, or spans not synced.
  void let_replacing_fail(bool fails) { held_->replacing_fails = fails; }
  void let_syncing_fail(bool fails) { held_->syncing_fails = fails; }
  /// Bytes that were synced so far.
  [[nodiscard]] std::size_t synced() const { return held_->synced; }

 private:
  static Failure refused() { return {Errc::read_only, Cause::storage_read_only, 0, 0}; }

  struct Held {
    explicit Held(std::size_t room) : storage(room) {}
    ExhaustedStorage storage;
    std::size_t synced = 0;
    bool replacing_fails = false;
    bool syncing_fails = false;
  };
  std::shared_ptr<Held> held_;
  bool read_only_ = false;
};
static_assert(storage_backend<HeldStorage>);

}  // namespace weir::support
