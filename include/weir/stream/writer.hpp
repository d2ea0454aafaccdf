/// The hot loop's handle: routed once, counters in registers.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "weir/stream/shard.hpp"

namespace weir::inline WEIR_ABI {

/// Puts with one key into the shard that answers for it: no hashing, no map. When that shard is closed and others have
/// taken over, the handle goes on with the one that has the key.
///
/// With `Producers::single` the handle keeps the shard's counters to itself: while it lives, other puts into that
/// shard, a second handle and a close are refused with `resource_in_use`.
///
/// **threads** one at a time. **invalidates** nothing; it must not outlive the stream.
template <class T, class Storage, Options options, class Env>
class Writer {
  using Shard = weir::Shard<T, Storage, options, Env>;

 public:
  using shard_type = Shard;

  Writer(Writer&& other) noexcept
      : shard_(other.shard_),
        writer_(other.writer_),
        key_(std::move(other.key_)),
        hash_(other.hash_),
        used_(std::move(other.used_)),
        held_(std::move(other.held_)),
        staging_(std::move(other.staging_)),
        claimed_(std::exchange(other.claimed_, nullptr)) {
    if (claimed_ != nullptr) {
      claimed_->writer_ = this;
    }
  }
  Writer& operator=(Writer&& other) noexcept {
    if (this != &other) {
      std::destroy_at(this);
      std::construct_at(this, std::move(other));
    }
    return *this;
  }
  ~Writer() { WEIR_ASSERT(claimed_ == nullptr, "Writer: destroyed while a claim of it is alive"); }

  /// As `Stream::put`, with the handle's key.
  Result<Put> put(const typename Shard::argument& value) { return one(value, shard_->header().stall); }
  /// As `Stream::try_put`.
  Result<Put> try_put(const typename Shard::argument& value) { return one(value, std::chrono::milliseconds{0}); }
  /// As `Stream::put` with a deadline.
  template <wait_strategy Wait>
  Result<Put> put(const typename Shard::argument& value, Wait& wait, const Deadline& deadline) {
    return detail::insist(*shard_, wait, deadline,
                          [&](auto asked) { return one(value, std::chrono::milliseconds{0}, asked); });
  }
  Result<Put> put(const typename Shard::argument& value, const Deadline& deadline) {
    BackOff wait;
    return put(value, wait, deadline);
  }
  /// As `Stream::put_all`.
  Result<PutRange> put_all(std::span<const typename Shard::element> values) {
    return all(values, shard_->header().stall);
  }
  template <wait_strategy Wait>
  Result<PutRange> put_all(std::span<const typename Shard::element> values, Wait& wait, const Deadline& deadline) {
    return detail::insist(*shard_, wait, deadline,
                          [&](auto asked) { return all(values, std::chrono::milliseconds{0}, asked); });
  }
  Result<PutRange> put_all(std::span<const typename Shard::element> values, const Deadline& deadline) {
    BackOff wait;
    return put_all(values, wait, deadline);
  }

  /// Up to `count` slots to write records into, or a span of `count` bytes to encode one into: see `Slots`. Until those
  /// are committed or given up, nothing else is put through this handle (checked in debug builds).
  ///
  /// **errors** `validation` for a record over the limit; in a gated stream as `put`. **invalidates** nothing; the
  /// slots must not outlive the handle, which may be moved meanwhile.
  Result<Slots<Writer>> claim(std::size_t count) & { return claimed(count, shard_->header().stall); }
  Result<Slots<Writer>> claim(std::size_t count) && = delete;
  template <wait_strategy Wait>
  Result<Slots<Writer>> claim(std::size_t count, Wait& wait, const Deadline& deadline) & {
    return detail::insist(*shard_, wait, deadline,
                          [&](auto asked) { return claimed(count, std::chrono::milliseconds{0}, asked); });
  }
  Result<Slots<Writer>> claim(std::size_t count, const Deadline& deadline) & {
    BackOff wait;
    return claim(count, wait, deadline);
  }

  [[nodiscard]] ShardId shard() const noexcept { return shard_->header().id; }
  [[nodiscard]] const std::string& key() const noexcept { return key_; }

 private:
  friend Shard;
  friend Slots<Writer>;
  Writer(Shard& shard, const typename Shard::key_argument& key)
      : shard_(&shard),
        writer_(shard.log().writer()),
        key_(key.text()),
        hash_(key.hash(shard.env().hasher)),
        used_(shard.users()),
        held_(shard.writers_) {}
  /// One that uses the memory of a handle before it.
  Writer(Shard& shard, const typename Shard::key_argument& key, typename Shard::Leftovers&& leftovers)
      : shard_(&shard),
        writer_(shard.log().writer()),
        key_(std::move(leftovers.key)),
        hash_(key.hash(shard.env().hasher)),
        used_(shard.users()),
        held_(shard.writers_),
        staging_(std::move(leftovers.staging)) {
    key_ = key.text();
  }

  Result<Put> one(const typename Shard::argument& value, std::chrono::milliseconds stall,
                  typename Shard::Asked asked = Shard::Asked::not_yet) {
    check();
    auto put = shard_->append(writer_, key_, value, stall, asked);  // made in the caller's place, and only there
    if (!put) [[unlikely]] {
      follow_with(put, value, stall, asked);
    }
    return put;
  }
  /// For as long as that is why a put failed.
  [[gnu::noinline]] void follow_with(Result<Put>& put, const typename Shard::argument& value,
                                     std::chrono::milliseconds stall, typename Shard::Asked& asked) {
    while (!put && follow(put.error())) {
      put = shard_->append(writer_, key_, value, stall, asked);
    }
  }

  Result<PutRange> all(std::span<const typename Shard::element> values, std::chrono::milliseconds stall,
                       typename Shard::Asked asked = Shard::Asked::not_yet) {
    check();
    return following([&] { return shard_->append_all(writer_, key_, values, stall, asked); });
  }

  Result<Slots<Writer>> claimed(std::size_t count, std::chrono::milliseconds stall,
                                typename Shard::Asked asked = Shard::Asked::not_yet);

  /// What an attempt gives, in the shard that has the key then.
  template <class Attempt>
  auto following(const Attempt& attempt) {
    auto outcome = attempt();
    while (!outcome && follow(outcome.error())) {
      outcome = attempt();
    }
    return outcome;
  }

  void check() const {
    WEIR_ASSERT(used_.alive(), "Writer: used after it was moved from");
    WEIR_ASSERT(claimed_ == nullptr, "Writer: used while a claim of it is alive");
  }

  /// Goes over to the shard that took the key over, if that is why a put failed and its handle can be had.
  [[gnu::noinline]] bool follow(const Failure& failure) {
    const typename Shard::key_argument key{key_, &hash_};
    auto* next = shard_->successor(failure, key);
    auto writer = next != nullptr ? next->writer(key) : Result<Writer>{failure};
    if (!writer) {
      return false;
    }
    shard_ = writer->shard_;
    writer_ = writer->writer_;
    used_ = std::move(writer->used_);
    held_ = std::move(writer->held_);
    return true;
  }

  Shard* shard_;
  typename Shard::Log::Writer writer_;
  std::string key_;
  HashKey hash_;
  detail::use_count used_;
  detail::use_count held_;
  std::vector<typename Shard::Cell> staging_;  // of an overwrite stream: what is claimed, until it is put
  Slots<Writer>* claimed_ = nullptr;           // the claim that is alive
};

template <class T, class Storage, Options options, class Env>
Result<Writer<T, Storage, options, Env>> Shard<T, Storage, options, Env>::writer(const key_argument& key) {
  if (const auto free = check_handle(key); !free) {
    return free.error();
  }
  return Writer<T, Storage, options, Env>{*this, key};
}

}  // namespace weir::inline WEIR_ABI
