/// The depth-first search: the decisions of the present execution, and the states that need no second visit.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace weir::model {

/// Every execution repeats the decisions of the one before up to the last that has an alternative left. At random,
/// each makes its own; it can be repeated as it was.
class Decisions {
 public:
  /// The decisions to come are random ones of this seed.
  void begin_random(std::uint64_t seed) noexcept { clear(), random_ = true, state_ = seed; }
  void rewind() noexcept { taken_ = 0; }
  void clear() noexcept { taken_ = 0, path_.clear(); }

  /// False while decisions of an earlier execution are repeated.
  [[nodiscard]] bool beyond() const noexcept { return taken_ == path_.size(); }
  /// The program did not offer the same alternatives again: it depends on something that is not modelled.
  [[nodiscard]] bool contradicted() const noexcept { return contradicted_; }

  /// `inertia` n: a random decision is the first alternative n times of n + 1, and else any of them.
  std::uint32_t choose(std::uint32_t alternatives, std::uint32_t inertia = 0) {
    if (alternatives <= 1) {
      return 0;
    }
    if (beyond()) {
      const bool any = random_ && next() % (inertia + 1) == 0;
      path_.push_back({any ? static_cast<std::uint32_t>(next() % alternatives) : 0, alternatives});
    } else if (path_[taken_].alternatives != alternatives) {
      contradicted_ = true;
      return 0;
    }
    return path_[taken_++].choice;
  }

  /// Takes up the next path. False if there is none left.
  bool advance() {
    path_.resize(taken_);
    while (!path_.empty() && path_.back().choice + 1 == path_.back().alternatives) {
      path_.pop_back();
    }
    if (path_.empty()) {
      return false;
    }
    ++path_.back().choice;
    return true;
  }

 private:
  struct Decision {
    std::uint32_t choice;
    std::uint32_t alternatives;
  };
  std::uint64_t next() noexcept {
    state_ += 0x9E37'79B9'7F4A'7C15U;
    auto mixed = (state_ ^ (state_ >> 32U)) * 0xD6E8'FEB8'6659'FD93U;
    mixed = (mixed ^ (mixed >> 32U)) * 0xD6E8'FEB8'6659'FD93U;
    return mixed ^ (mixed >> 32U);
  }

  std::vector<Decision> path_;
  std::size_t taken_ = 0;
  bool contradicted_ = false;
  bool random_ = false;
  std::uint64_t state_ = 0;
};

/// A set of 64-bit fingerprints. Two states with one fingerprint are taken for the same: with ten million states the
/// chance that this hides anything is about three in a million.
class Visited {
 public:
  /// True if it was not there.
  bool insert(std::uint64_t fingerprint) {
    fingerprint += fingerprint == 0 ? 1 : 0;
    if (2 * (size_ + 1) > slots_.size()) {
      grow();
    }
    auto& slot = find(fingerprint);
    if (slot == fingerprint) {
      return false;
    }
    slot = fingerprint;
    ++size_;
    return true;
  }

  void clear() noexcept {
    slots_.clear();
    size_ = 0;
  }
  [[nodiscard]] std::uint64_t size() const noexcept { return size_; }

 private:
  std::uint64_t& find(std::uint64_t fingerprint) noexcept {
    const std::size_t mask = slots_.size() - 1;
    auto index = static_cast<std::size_t>(fingerprint ^ (fingerprint >> 32U)) & mask;
    while (slots_[index] != 0 && slots_[index] != fingerprint) {
      index = (index + 1) & mask;
    }
    return slots_[index];
  }

  void grow() {
    std::vector<std::uint64_t> old(slots_.empty() ? 1024 : 2 * slots_.size());
    old.swap(slots_);
    for (const auto fingerprint : old) {
      if (fingerprint != 0) {
        find(fingerprint) = fingerprint;
      }
    }
  }

  std::vector<std::uint64_t> slots_;
  std::uint64_t size_ = 0;
};

}  // namespace weir::model
