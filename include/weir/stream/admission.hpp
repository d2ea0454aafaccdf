/// What stands between a caller and a shard when a test or a rate limit is at work; nothing by default.
#pragma once

#include <memory>
#include <optional>

#include "weir/core/env.hpp"
#include "weir/stream/throttle.hpp"

namespace weir::inline WEIR_ABI::detail {

/// Asked once a put, before anything is claimed, and once a read.
template <class Env>
class Admission {
 public:
  Admission(const Env& env, const Limits& limits, ShardId shard) : env_(env), shard_(shard) {
    if (limits != Limits{}) {
      throttle_ = std::make_unique<Throttle>(shard, limits);
    }
  }

  /// Everything is let through.
  [[nodiscard]] bool open() const noexcept { return !faulty_environment<Env> && throttle_ == nullptr; }

  /// Why so many records, of so many bytes together, are refused.
  [[gnu::noinline]] std::optional<Failure> refusal(std::uint64_t records, std::uint64_t bytes) {
    if constexpr (faulty_environment<Env>) {
      for (std::uint64_t i = 0; i < records; ++i) {
        if (const auto planned = env_.faults.on_put(shard_)) {
          return planned;
        }
      }
    }
    return throttle_ == nullptr ? std::nullopt : throttle_->admit(records, bytes, env_.clock.now());
  }

  [[nodiscard]] bool refuses_read() {
    return throttle_ != nullptr && throttle_->admit_read(env_.clock.now()).has_value();
  }
  void was_read(std::uint64_t bytes) {
    if (throttle_ != nullptr) {
      throttle_->charge_read(bytes, env_.clock.now());
    }
  }

  [[nodiscard]] std::uint64_t write_throttles() const noexcept {
    return throttle_ == nullptr ? 0 : throttle_->write_throttles();
  }
  [[nodiscard]] std::uint64_t read_throttles() const noexcept {
    return throttle_ == nullptr ? 0 : throttle_->read_throttles();
  }

 private:
  [[no_unique_address]] Env env_;
  ShardId shard_;
  std::unique_ptr<Throttle> throttle_;
};

}  // namespace weir::inline WEIR_ABI::detail
