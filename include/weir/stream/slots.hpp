/// Places to write records into, which are put where they were written or given up.
#pragma once

#include <limits>
#include <optional>
#include <span>

#include "weir/stream/writer.hpp"

namespace weir::inline WEIR_ABI {

/// What `claim` gives: for records of one size up to n slots side by side, for others the bytes of one record. Fill
/// `span()`, then `commit()` all of it, or the first m; destruction without that, by an exception say, gives all up.
/// What the slots hold before they are filled is unspecified. The records arrived when they were claimed or, in an
/// overwrite stream, when they are put.
///
/// **In a gated stream** they are the ring's own memory: as many as there is room for, up to the ring's end and to what
/// one claim may take, an eighth of the capacity; ask again for the rest. With many producers what is claimed is a hole
/// until the commit: readers get nothing that was claimed after it, and when the others have filled the ring behind it
/// they are told `stalled_writer`. Numbers of what is given up are stepped over. A single producer's slots are nobody's
/// until the commit, and no number is spent on what is given up; where records vary in size, one is.
///
/// **In an overwrite stream** they are memory of the handle, or of the shard, and the commit puts them: nothing is
/// held meanwhile, and the commit can be refused.
///
/// **threads** one at a time, and as its handle. **invalidates** its span: by the end of the claim.
template <class Writer>
class [[nodiscard]] Slots {
  using Shard = typename Writer::shard_type;
  using Log = typename Shard::Log;
  using Payload = typename Log::payload;
  static constexpr bool of_bytes = encoded_payload<Payload>;

 public:
  using element = std::conditional_t<of_bytes, std::byte, Payload>;
  using put_type = std::conditional_t<of_bytes, Put, PutRange>;  ///< what a commit tells

  Slots(Slots&& other) noexcept
      : own_(std::move(other.own_)),
        writer_(std::exchange(other.writer_, nullptr)),
        place_(other.place_),
        span_(other.span_) {
    if (writer_ != nullptr) {
      writer_ = own_ ? &*own_ : writer_;
      writer_->claimed_ = this;
    }
    other.own_.reset();
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
      give_up();
    }
    leave_own();
  }

  /// At least one slot, unless none was asked for; all the bytes that were.
  [[nodiscard]] std::span<element> span() const {
    check();
    return span_;
  }

  /// Puts all of it, with consecutive numbers or as one record.
  ///
  /// **errors** in an overwrite stream alone, as `put_all` and `put`: `closed`, `stalled_writer`, `resource_in_use`,
  /// `throughput_exceeded`, what a test's fault plan says; in a gated stream it was the claim that asked.
  /// Nothing is stored then, and the claim lives on: it may be committed again.
  Result<put_type> commit() { return commit(span().size()); }

  /// The same with the first `count` slots or bytes, of what `span()` gives; the rest is given up. None at all gives up
  /// slots, and is an empty record of bytes.
  ///
  /// **errors** `invalid_argument` for more than `span()` has; the claim lives on then.
  Result<put_type> commit(std::size_t count) {
    check();
    if (count > span_.size()) {
      return Failure{Errc::invalid_argument, Cause::commit_count, count, span_.size()};
    }
    if constexpr (Log::gated) {
      const auto put = finish(count);
      let_go();
      return put;
    } else {
      auto asked = detail::Asked::not_yet;
      auto put = writer_->following([&] { return put_copy(span_.first(count), asked); });
      if (put) {
        let_go();
      }
      return put;
    }
  }

 private:
  friend Writer;
  friend Shard;

  Slots() = default;
  explicit Slots(Writer&& writer) noexcept : own_(std::move(writer)) {}

  static Result<Slots> of_its_own(Writer&& writer, std::size_t count) {
    Slots slots{std::move(writer)};
    return std::move(slots).filled(*slots.own_, count, slots.own_->shard_->header().stall, detail::Asked::not_yet);
  }

  /// Itself, a claim of at most `count` elements.
  Result<Slots> filled(Writer& writer, std::size_t count, std::chrono::milliseconds stall, detail::Asked asked) && {
    if constexpr (of_bytes) {
      const auto most = writer.shard_->header().max_record;
      const auto key = writer.key_.size();
      if (const auto size = key + std::min(count, std::numeric_limits<std::size_t>::max() - key); size > most) {
        return Failure{Errc::validation, Cause::record_size, size, most};
      }
    }
    if constexpr (!Log::gated) {
      if constexpr (!of_bytes) {
        count = std::min<std::size_t>(count, writer.writer_.max_claim());
      }
      writer.staging_.resize(std::max(writer.staging_.size(), count));
      span_ = {reinterpret_cast<element*>(writer.staging_.data()), count};
    } else if (of_bytes || count != 0) {
      const auto claimed = writer.following([&] { return claim_in(writer, count, stall, asked); });
      if (!claimed) {
        return claimed.error();
      }
    }
    writer_ = &writer;
    return std::move(*this);  // the handle learns of its claim where that comes to rest
  }

  Result<void> claim_in(Writer& writer, std::size_t count, std::chrono::milliseconds stall, detail::Asked& asked) {
    auto& ring = writer.writer_;
    auto& shard = *writer.shard_;
    const auto size = of_bytes ? writer.key_.size() + count : count * sizeof(element);
    if (const auto refused = shard.hindrance(asked, of_bytes ? 1 : count, [&] { return size; })) {
      return *refused;
    }
    const auto attempt = [&] {
      [[maybe_unused]] const detail::NotifiedAfter notified{shard.alarm()};
      [[maybe_unused]] const auto scope = shard.produce();
      if constexpr (of_bytes) {
        return ring.claim_in_place(shard.env_.clock, writer.key_, count, place_);
      } else {
        return ring.claim_in_place(shard.env_.clock, count, place_);
      }
    };
    if (const auto outcome = detail::patiently(shard, attempt(), stall, attempt);
        outcome.status != Append::Status::done) {
      return detail::refusal(outcome, shard.header());
    }
    if constexpr (of_bytes) {
      span_ = ring.in_place(place_, writer.key_, count);
    } else {
      span_ = ring.in_place(place_);
    }
    return {};
  }

  put_type finish(std::size_t count) {
    auto& writer = *writer_;
    auto& shard = *writer.shard_;
    [[maybe_unused]] const detail::NotifiedAfter notified{shard.alarm()};
    [[maybe_unused]] const auto scope = shard.produce();
    if constexpr (of_bytes) {
      const auto number = shard.number(place_.number);
      writer.writer_.finish_in_place(place_, writer.key_, count);
      return {shard.header().id, number};
    } else {
      if (!span_.empty()) {
        writer.writer_.finish_in_place(place_, count);
      }
      return {shard.header().id, count != 0 ? shard.number(place_.first) : SequenceNumber{}, count};
    }
  }

  auto put_copy(std::span<element> from, detail::Asked& asked) {
    auto& shard = *writer_->shard_;
    if constexpr (of_bytes) {
      return shard.append_encoded(writer_->writer_, writer_->key_, from, shard.header().stall, asked);
    } else {
      return shard.append_all(writer_->writer_, writer_->key_, from, shard.header().stall, asked);
    }
  }

  void give_up() noexcept {
    if constexpr (Log::gated) {
      if (of_bytes || !span_.empty()) {
        auto& shard = *writer_->shard_;
        [[maybe_unused]] const detail::NotifiedAfter notified{shard.alarm()};  // of what lies behind it
        [[maybe_unused]] const auto scope = shard.produce();
        writer_->writer_.skip(place_);
      }
    }
    let_go();
  }

  void check() const { WEIR_ASSERT(writer_ != nullptr, "Slots: used after they were committed or moved from"); }

  /// The claim is over; a shard that it held for itself is free.
  void let_go() noexcept {
    std::exchange(writer_, nullptr)->claimed_ = nullptr;
    leave_own();
  }
  /// What it has allocated serves the next claim.
  void leave_own() noexcept {
    if (own_) {
      own_->shard_->leftovers_.give({std::move(own_->key_), std::move(own_->staging_)});
      own_.reset();
    }
  }

  std::optional<Writer> own_;  // of a claim made without a handle
  Writer* writer_ = nullptr;   // null: committed, given up or moved from
  typename Log::Writer::Place place_{};
  std::span<element> span_;
};

template <class T, class Storage, Options options, class Env>
Result<Slots<Writer<T, Storage, options, Env>>> Writer<T, Storage, options, Env>::claimed(
    std::size_t count, std::chrono::milliseconds stall, typename Shard::Asked asked) {
  check();
  return Slots<Writer>{}.filled(*this, count, stall, asked);
}

template <class T, class Storage, Options options, class Env>
Result<Slots<Writer<T, Storage, options, Env>>> Shard<T, Storage, options, Env>::claim(const key_argument& key,
                                                                                       std::size_t count) {
  if (const auto free = check_handle(key); !free) {
    return free.error();
  }
  return Slots<Writer<T, Storage, options, Env>>::of_its_own({*this, key, leftovers_.take()}, count);
}

}  // namespace weir::inline WEIR_ABI
