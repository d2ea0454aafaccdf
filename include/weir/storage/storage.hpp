/// Storage: where a stream's bytes live. The concept, and its laws.
#pragma once

#include <concepts>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "weir/core/result.hpp"

namespace weir::inline WEIR_ABI {

/// A supplier of named spans of bytes. It never hears of records.
///
/// Laws, for a storage `s`, a name `n` of `a-z A-Z 0-9 _ . -` and a span made by it:
/// 1. `create(n, size)` gives `size` bytes, all zero, aligned to `line_size`; it fails, and changes nothing, when
///    `n` exists, `size` is 0 or the bytes cannot be had. A span stays at its address until it is removed or `s` is
///    destroyed, also when `s` is moved.
/// 2. `open(n)` gives the same span again, or fails when there is none.
/// 3. `remove(n)` ends the span; afterwards `n` may be created anew, all zero. Nobody may still use it.
/// 4. `list()` names all spans there are, sorted.
/// 5. `sync(part)` returns when the part's bytes are as lasting as the storage makes them.
/// 6. `discard(part)` gives whole pages of the part back: its addresses stay readable, its contents are either
///    what they were or zero.
/// 7. `replace(n, blob)` makes `blob` the contents of the blob `n`, all or nothing; `load(n)` gives it back. Blobs
///    and spans do not share names.
/// 8. A storage that is `read_only()`, always or never, creates, removes and replaces nothing (`Errc::read_only`). What
///    is written to its spans is seen by whoever has them, and kept nowhere.
/// 9. No call throws anything but `std::bad_alloc` from its own bookkeeping.
///    `remove` and `discard` throw nothing: something is undone by them.
///    Calls are made by one thread at a time.
template <class S>
concept storage_backend = std::movable<S> && requires(S storage, std::string_view name, std::size_t size,
                                                      std::span<std::byte> part, std::span<const std::byte> blob) {
  { storage.create(name, size) } -> std::same_as<Result<std::span<std::byte>>>;
  { storage.open(name) } -> std::same_as<Result<std::span<std::byte>>>;
  { storage.remove(name) } -> std::same_as<Result<void>>;
  { storage.list() } -> std::same_as<std::vector<std::string>>;
  { storage.sync(part) } -> std::same_as<Result<void>>;
  { storage.discard(part) } -> std::same_as<Result<void>>;
  { storage.replace(name, blob) } -> std::same_as<Result<void>>;
  { storage.load(name) } -> std::same_as<Result<std::vector<std::byte>>>;
  { storage.read_only() } -> std::same_as<bool>;
};

/// A storage whose bytes outlive the process says so: `static constexpr bool persistent = true`. Payloads must be fit
/// for it (`no_padding`).
template <class S>
concept persistent_storage = storage_backend<S> && requires {
  requires S::persistent;
};

}  // namespace weir::inline WEIR_ABI
