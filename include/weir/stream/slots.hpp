/// Places to write records into, which are put where they were written or given up.
#pragma once

#include <optional>
#include <span>

#include "weir/stream/writer.hpp"

namespace weir::inline WEIR_ABI {

/// What `claim` gives: for records of one size up to n slots side by side, for others the bytes of one record. Fill
/// `span()`, then `commit()` all of it, or the first m; destruction without that, by an exception say, gives all up.
/// What the slots hold before they are filled is unspecified.
///
/// In an overwrite stream the span is memory of the handle, or the claim's own, and the commit puts it, so that nothing
/// is held meanwhile and a commit can be refused.
///
/// **threads** one at a time, and as its handle. **invalidates** its span: by the end of the claim.
template <class Writer>
class [[nodiscard]] Slots {
  using Shard = typename Writer::shard_type;
  using Payload = typename Shard::Log::payload;
  static constexpr bool of_bytes = encoded_payload<Payload>;

 public:
  using element = std::conditional_t<of_bytes, std::byte, Payload>;
  using put_type = std::conditional_t<of_bytes, Put, PutRange>;  ///< what a commit tells

  Slots(Slots&& other) noexcept
      : own_(std::move(other.own_)), writer_(std::exchange(other.writer_, nullptr)), span_(other.span_) {
    if (writer_ != nullptr) {
      writer_->claimed_ = this;
    }
  }
  Slots& operator=(Slots&& other) noexcept {
    if (this != &other) {
      std::destroy_at(this);
      std::construct_at(this, std::move(other));
    }
    return *this;
  }
  ~Slots() {
    if (writer_ != nullptr) {
      end();
    }
  }

  /// At least one slot, unless none was asked for; all the bytes that were.
  [[nodiscard]] std::span<element> span() const {
    check();
    return span_;
  }

  /// Puts all of it, with consecutive numbers or as one record.
  ///
  /// **errors** in an overwrite stream as `put_all` and `put`: `closed`, `stalled_writer`, `resource_in_use`. Nothing
  /// is stored then, and the claim lives on: it may be committed again.
  Result<put_type> commit() { return commit(span().size()); }

  /// The same with the first `count` slots or bytes, of what `span()` gives; the rest is given up.
  Result<put_type> commit(std::size_t count) {
    check();
    WEIR_ASSERT(count <= span_.size(), "Slots: more is committed than was claimed");
    auto put = writer_->following([&] {
      const auto stall = writer_->shard_->header().stall;
      if constexpr (of_bytes) {
        return writer_->shard_->append_encoded(writer_->writer_, writer_->key_, span_.first(count), stall);
      } else {
        return writer_->shard_->append_all(writer_->writer_, writer_->key_, span_.first(count), stall);
      }
    });
    if (put) {
      end();
    }
    return put;
  }

 private:
  friend Writer;
  template <class, class, Options, class>
  friend class Stream;

  explicit Slots(Writer& writer) noexcept : writer_(&writer) { writer.claimed_ = this; }
  explicit Slots(Writer&& writer) noexcept : own_(std::move(writer)), writer_(&*own_) { writer_->claimed_ = this; }

  /// Itself, with `count` elements or fewer in its span.
  Result<Slots> filled(std::size_t count) && {
    const auto& shard = *writer_->shard_;
    if constexpr (of_bytes) {
      if (const auto size = writer_->key_.size() + count; size > shard.header().max_record) {
        return Failure{Errc::validation, Cause::record_size, size, shard.header().max_record};
      }
    } else {
      count = std::min<std::size_t>(count, writer_->writer_.max_claim());
    }
    auto& staging = writer_->staging_;
    staging.resize(std::max(staging.size(), count));
    span_ = {reinterpret_cast<element*>(staging.data()), count};
    return std::move(*this);
  }

  void check() const { WEIR_ASSERT(writer_ != nullptr, "Slots: used after they were committed or moved from"); }

  void end() noexcept { std::exchange(writer_, nullptr)->claimed_ = nullptr; }

  std::optional<Writer> own_;  // of a claim made without a handle
  Writer* writer_;             // null: committed, given up or moved from
  std::span<element> span_;
};

template <class T, class Storage, Options options, class Env>
Result<Slots<Writer<T, Storage, options, Env>>> Writer<T, Storage, options, Env>::claim(std::size_t count) & {
  check();
  return Slots<Writer>{*this}.filled(count);
}

}  // namespace weir::inline WEIR_ABI
