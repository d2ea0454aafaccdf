/// The hot loop's handle: routed once, counters in registers.
#pragma once

#include <string>

#include "weir/stream/shard.hpp"

namespace weir::inline WEIR_ABI {

/// Puts with one key into the shard that answers for it: no hashing, no map.
///
/// With `Producers::single` the handle keeps the shard's counters to itself: while it lives, other puts into that
/// shard, a second handle and a close are refused with `resource_in_use`.
///
/// **threads** one at a time. **invalidates** nothing; it must not outlive the stream.
template <class T, class Storage, Options options, class Env>
class Writer {
  using Shard = weir::Shard<T, Storage, options, Env>;

 public:
  /// As `Stream::put`, with the handle's key.
  Result<Put> put(const typename Shard::argument& value) {
    return shard_->append(writer_, key_, value, shard_->header().stall);
  }
  /// As `Stream::try_put`.
  Result<Put> try_put(const typename Shard::argument& value) {
    return shard_->append(writer_, key_, value, std::chrono::milliseconds{0});
  }
  /// As `Stream::put_all`.
  Result<PutRange> put_all(std::span<const typename Shard::element> values) {
    return shard_->append_all(writer_, key_, values);
  }

  [[nodiscard]] ShardId shard() const noexcept { return shard_->header().id; }
  [[nodiscard]] const std::string& key() const noexcept { return key_; }

 private:
  friend Shard;
  Writer(Shard& shard, std::string_view key)
      : shard_(&shard), writer_(shard.log().writer()), key_(key), used_(shard.users()), held_(shard.writers_) {}

  Shard* shard_;
  typename Shard::Log::Writer writer_;
  std::string key_;
  detail::use_count used_;
  detail::use_count held_;
};

template <class T, class Storage, Options options, class Env>
Result<Writer<T, Storage, options, Env>> Shard<T, Storage, options, Env>::writer(std::string_view key) {
  if (writer_held()) {
    return held();
  }
  return Writer<T, Storage, options, Env>{*this, key};
}

}  // namespace weir::inline WEIR_ABI
