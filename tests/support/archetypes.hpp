/// The least that each concept of the library asks for, so that nothing can use more of a model without a test
/// noticing: no copies, no default constructors, no operators beyond the concept's words.
#pragma once

#include <cstddef>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "weir/core/clock.hpp"
#include "weir/core/codec.hpp"
#include "weir/core/env.hpp"
#include "weir/storage/storage.hpp"

namespace weir::support {

/// Stands still.
class MinimalClock {
 public:
  explicit MinimalClock(Timestamp moment) noexcept : moment_(moment) {}
  Timestamp now() const noexcept { return moment_; }

 private:
  Timestamp moment_;
};
static_assert(wall_clock<MinimalClock>);

/// Every key has the hash that it was made with.
class MinimalHasher {
 public:
  explicit MinimalHasher(HashKey hash) noexcept : hash_(hash) {}
  HashKey operator()(std::string_view) const noexcept { return hash_; }

 private:
  HashKey hash_;
};
static_assert(key_hasher<MinimalHasher>);

/// Can be copied and nothing else.
struct MinimalEnv {
  using Memory = HardwareMemory;

  MinimalEnv(Timestamp moment, HashKey hash) noexcept : clock(moment), hasher(hash) {}
  MinimalEnv(const MinimalEnv&) = default;
  MinimalEnv& operator=(const MinimalEnv&) = delete;

  MinimalClock clock;
  MinimalHasher hasher;
};
static_assert(environment<MinimalEnv>);

/// A payload that is nothing but its codec: the number of its bytes.
struct MinimalPayload {
  MinimalPayload() = delete;
};

}  // namespace weir::support

template <>
struct weir::Codec<weir::support::MinimalPayload> {
  using argument = std::size_t;
  using view = std::size_t;
  static std::size_t encoded_size(argument count) { return count; }
  static void encode(std::span<std::byte> out, argument) {
    for (auto& byte : out) {
      byte = std::byte{'x'};
    }
  }
  static view decode(std::span<const std::byte> bytes) { return bytes.size(); }
};

namespace weir::support {

static_assert(encoded_payload<MinimalPayload>);

/// A map of vectors; it neither syncs nor discards anything.
class MinimalStorage {
 public:
  static MinimalStorage make() { return MinimalStorage{0}; }
  MinimalStorage(MinimalStorage&&) = default;
  MinimalStorage& operator=(MinimalStorage&&) = default;

  Result<std::span<std::byte>> create(std::string_view name, std::size_t size) {
    if (spans_.contains(std::string{name})) {
      return Failure{Errc::resource_in_use, Cause::span_exists, name.size(), 0};
    }
    if (size == 0 || size > largest) {
      return Failure{Errc::out_of_memory, Cause::storage_exhausted, size, 0};
    }
    auto& span = spans_[std::string{name}];
    span.lines.resize((size + line_size - 1) / line_size);
    span.size = size;
    return span.bytes();
  }

  Result<std::span<std::byte>> open(std::string_view name) {
    const auto found = spans_.find(std::string{name});
    if (found == spans_.end()) {
      return Failure{Errc::resource_not_found, Cause::no_such_span, name.size(), 0};
    }
    return found->second.bytes();
  }

  Result<void> remove(std::string_view name) {
    if (spans_.erase(std::string{name}) == 0) {
      return Failure{Errc::resource_not_found, Cause::no_such_span, name.size(), 0};
    }
    return {};
  }

  std::vector<std::string> list() {
    std::vector<std::string> names;
    for (const auto& [name, span] : spans_) {
      names.push_back(name);
    }
    return names;
  }

  Result<void> sync(std::span<std::byte>) { return {}; }
  Result<void> discard(std::span<std::byte>) { return {}; }

  Result<void> replace(std::string_view name, std::span<const std::byte> blob) {
    blobs_[std::string{name}].assign(blob.begin(), blob.end());
    return {};
  }

  static bool read_only() { return false; }

  Result<std::vector<std::byte>> load(std::string_view name) {
    const auto found = blobs_.find(std::string{name});
    if (found == blobs_.end()) {
      return Failure{Errc::resource_not_found, Cause::no_such_blob, name.size(), 0};
    }
    return found->second;
  }

 private:
  struct alignas(line_size) Line {
    std::byte bytes[line_size];
  };
  struct Span {
    std::vector<Line> lines;
    std::size_t size = 0;
    std::span<std::byte> bytes() { return {lines.front().bytes, size}; }
  };
  static constexpr std::size_t largest = std::size_t{1} << 30;

  explicit MinimalStorage(int) {}

  std::map<std::string, Span> spans_;
  std::map<std::string, std::vector<std::byte>> blobs_;
};
static_assert(storage_backend<MinimalStorage>);

}  // namespace weir::support
