/// The laws of `storage_backend`, checked for any model.
#pragma once

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "weir/core/config.hpp"
#include "weir/storage/storage.hpp"

namespace weir::conformance {

namespace storage_laws {

inline bool all_equal(std::span<const std::byte> bytes, std::byte value) {
  return std::all_of(bytes.begin(), bytes.end(), [value](std::byte byte) { return byte == value; });
}

inline void fill(std::span<std::byte> bytes, std::byte value) {
  std::fill(bytes.begin(), bytes.end(), value);
}

inline bool aligned(std::span<const std::byte> bytes) {
  return reinterpret_cast<std::uintptr_t>(bytes.data()) % line_size == 0;
}

/// Where a span lies; two spans of equal bytes are still two.
inline std::pair<const std::byte*, std::size_t> place(std::span<const std::byte> bytes) {
  return {bytes.data(), bytes.size()};
}

/// Different in every byte of a page, and in the same byte of neighbouring pages.
inline std::byte pattern(std::size_t offset) {
  return static_cast<std::byte>(1 + (offset + offset / 4096) % 251);
}

inline std::vector<std::byte> blob_of(std::string_view text) {
  std::vector<std::byte> bytes;
  for (const char c : text) {
    bytes.push_back(static_cast<std::byte>(c));
  }
  return bytes;
}

template <class S>
void create_and_open(S storage) {
  SUBCASE("a span has the size asked for, is zero, aligned, and can be written to its last byte") {
    for (const std::size_t size : {1U, 127U, 128U, 129U, 4095U, 4096U, 4097U, 1'000'000U}) {
      CAPTURE(size);
      const auto made = storage.create("span-" + std::to_string(size), size);
      REQUIRE(made);
      CHECK(made->size() == size);
      CHECK(aligned(*made));
      CHECK(all_equal(*made, std::byte{0}));
      fill(*made, std::byte{0xA5});
      CHECK(all_equal(*made, std::byte{0xA5}));
    }
  }

  SUBCASE("spans do not overlap, and open gives each again with what was written") {
    std::vector<std::span<std::byte>> spans;
    for (int i = 0; i < 20; ++i) {
      const auto made = storage.create("s" + std::to_string(i), 1000);
      REQUIRE(made);
      spans.push_back(*made);
      fill(*made, static_cast<std::byte>(i + 1));
    }
    for (std::size_t i = 0; i < spans.size(); ++i) {
      const auto opened = storage.open("s" + std::to_string(i));
      REQUIRE(opened);
      CHECK(place(*opened) == place(spans[i]));
      CHECK(all_equal(*opened, static_cast<std::byte>(i + 1)));
    }
  }

  SUBCASE("a name that exists is refused and its span stays as it was") {
    const auto first = storage.create("taken", 256);
    REQUIRE(first);
    fill(*first, std::byte{7});
    for (const std::size_t size : {256U, 1U, 100'000U}) {
      const auto second = storage.create("taken", size);
      REQUIRE_FALSE(second);
      CHECK(second.error().code == Errc::resource_in_use);
    }
    const auto opened = storage.open("taken");
    REQUIRE(opened);
    CHECK(place(*opened) == place(*first));
    CHECK(all_equal(*opened, std::byte{7}));
    CHECK(storage.list() == std::vector<std::string>{"taken"});
  }

  SUBCASE("bytes that cannot be had are refused, and nothing is left behind") {
    for (const auto size :
         {std::size_t{0}, std::size_t{1} << 62, std::numeric_limits<std::size_t>::max(),
          std::numeric_limits<std::size_t>::max() - 4096, std::numeric_limits<std::size_t>::max() / 2 + 1}) {
      CAPTURE(size);
      CHECK_FALSE(storage.create("huge", size));
      CHECK_FALSE(storage.open("huge"));
      CHECK(storage.list().empty());
    }
    const auto modest = storage.create("huge", 64);
    REQUIRE(modest);
    CHECK(all_equal(*modest, std::byte{0}));
  }

  SUBCASE("what does not exist cannot be opened") {
    REQUIRE(storage.create("ab", 64));
    for (const auto name : {"a", "abc", "b", "AB"}) {
      const auto opened = storage.open(name);
      REQUIRE_FALSE(opened);
      CHECK(opened.error().code == Errc::resource_not_found);
    }
  }

  SUBCASE("every character of the alphabet can stand in a name, and a name may be a view into a longer text") {
    const std::string alphabet = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-";
    REQUIRE(storage.create(alphabet, 64));
    REQUIRE(storage.create(std::string_view{alphabet}.substr(0, 3), 64));
    CHECK(storage.open("abc"));
    CHECK(storage.list() == std::vector<std::string>{"abc", alphabet});
  }
}

template <class S>
void remove_and_list(S storage) {
  SUBCASE("a removed span is gone, and its name begins anew with zeros") {
    for (int round = 0; round < 5; ++round) {
      const auto made = storage.create("again", 10'000);
      REQUIRE(made);
      CHECK(all_equal(*made, std::byte{0}));
      fill(*made, std::byte{0xFF});
      CHECK(storage.remove("again"));
      CHECK_FALSE(storage.open("again"));
      CHECK(storage.list().empty());
    }
    const auto larger = storage.create("again", 50'000);
    REQUIRE(larger);
    CHECK(larger->size() == 50'000);
    CHECK(all_equal(*larger, std::byte{0}));
  }

  SUBCASE("removing one span leaves the others") {
    const auto kept = storage.create("kept", 5000);
    REQUIRE(kept);
    REQUIRE(storage.create("gone", 5000));
    fill(*kept, std::byte{9});
    CHECK(storage.remove("gone"));
    CHECK(all_equal(*kept, std::byte{9}));
    CHECK(storage.list() == std::vector<std::string>{"kept"});
  }

  SUBCASE("what does not exist cannot be removed") {
    REQUIRE(storage.create("here", 64));
    const auto removed = storage.remove("her");
    REQUIRE_FALSE(removed);
    CHECK(removed.error().code == Errc::resource_not_found);
    CHECK(storage.remove("here"));
    CHECK_FALSE(storage.remove("here"));
  }

  SUBCASE("list names all spans, sorted, and no blob") {
    CHECK(storage.list().empty());
    REQUIRE(storage.replace("blob", blob_of("x")));
    for (const auto name : {"shard-10", "shard-2", "a", "Z", "shard-1"}) {
      REQUIRE(storage.create(name, 64));
    }
    CHECK(storage.list() == std::vector<std::string>{"Z", "a", "shard-1", "shard-10", "shard-2"});
    CHECK_FALSE(storage.open("blob"));
  }
}

template <class S>
void sync_and_discard(S storage) {
  const auto made = storage.create("span", 64 * 1024 + 17);
  REQUIRE(made);
  const auto bytes = *made;
  const auto write = [&] {
    for (std::size_t i = 0; i < bytes.size(); ++i) {
      bytes[i] = pattern(i);
    }
  };
  const auto written = [&](std::size_t i) { return bytes[i] == pattern(i); };
  write();

  SUBCASE("sync succeeds for the whole, for a part and for nothing, and changes nothing") {
    CHECK(storage.sync(bytes));
    CHECK(storage.sync(bytes.subspan(5000, 3)));
    CHECK(storage.sync(bytes.subspan(100, 0)));
    bool same = true;
    for (std::size_t i = 0; i < bytes.size(); ++i) {
      same = same && written(i);
    }
    CHECK(same);
  }

  SUBCASE("discarded bytes stay readable, are as they were or zero, and their neighbours are untouched") {
    constexpr std::array<std::pair<std::size_t, std::size_t>, 7> parts{
        {{0, 64 * 1024 + 17}, {0, 4096}, {4096, 8192}, {1, 4095}, {4000, 9000}, {64 * 1024, 17}, {300, 0}}};
    for (const auto& part : parts) {
      const auto first = part.first;
      const auto count = part.second;
      CAPTURE(first);
      CAPTURE(count);
      write();
      REQUIRE(storage.discard(bytes.subspan(first, count)));
      bool inside = true;
      bool outside = true;
      for (std::size_t i = 0; i < bytes.size(); ++i) {
        if (i >= first && i < first + count) {
          inside = inside && (written(i) || bytes[i] == std::byte{0});
        } else {
          outside = outside && written(i);
        }
      }
      CHECK(inside);
      CHECK(outside);
      const auto opened = storage.open("span");
      REQUIRE(opened);
      CHECK(place(*opened) == place(bytes));
    }
  }
}

template <class S>
void blobs(S storage) {
  SUBCASE("a blob is what it was last replaced with, whatever its size") {
    std::vector<std::byte> large(100'000);
    for (std::size_t i = 0; i < large.size(); ++i) {
      large[i] = pattern(i);
    }
    const auto zeros = std::vector<std::byte>(3);
    for (const auto& blob : {blob_of("first"), large, blob_of(""), zeros, blob_of("last")}) {
      REQUIRE(storage.replace("blob", blob));
      const auto loaded = storage.load("blob");
      REQUIRE(loaded);
      CHECK(*loaded == blob);
    }
  }

  SUBCASE("a blob does not follow the bytes it was made from") {
    auto source = blob_of("before");
    REQUIRE(storage.replace("blob", source));
    fill(source, std::byte{'x'});
    CHECK(*storage.load("blob") == blob_of("before"));
  }

  SUBCASE("blobs have one name each, and an unknown one cannot be loaded") {
    REQUIRE(storage.replace("one", blob_of("1")));
    REQUIRE(storage.replace("two", blob_of("2")));
    REQUIRE(storage.create("span", 64));
    CHECK(*storage.load("one") == blob_of("1"));
    CHECK(*storage.load("two") == blob_of("2"));
    const auto missing = storage.load("three");
    REQUIRE_FALSE(missing);
    CHECK(missing.error().code == Errc::resource_not_found);
  }
}

template <class S>
void moves(S storage) {
  const auto made = storage.create("span", 5000);
  REQUIRE(made);
  fill(*made, std::byte{3});
  REQUIRE(storage.replace("blob", blob_of("moved")));
  S moved{std::move(storage)};

  const auto same = [&](S& holder) {
    const auto opened = holder.open("span");
    REQUIRE(opened);
    CHECK(place(*opened) == place(*made));
    CHECK(all_equal(*made, std::byte{3}));
    fill(*made, std::byte{4});
    CHECK(all_equal(*opened, std::byte{4}));
    fill(*made, std::byte{3});
    CHECK(holder.list() == std::vector<std::string>{"span"});
    CHECK(*holder.load("blob") == blob_of("moved"));
    REQUIRE(holder.create("later", 64));
    REQUIRE(holder.remove("later"));
  };

  SUBCASE("a span stays at its address when its storage is moved") {
    same(moved);
  }

  SUBCASE("and also when it is moved by assignment") {
    S away{std::move(moved)};
    moved = std::move(away);
    same(moved);
  }
}

}  // namespace storage_laws

/// Call it in a TEST_CASE of its own; `make()` gives a storage that holds nothing.
///
/// ```cpp
/// TEST_CASE("MemoryStorage keeps the laws of storage") {
///   weir::conformance::storage_conformance<weir::MemoryStorage>([] { return weir::MemoryStorage{}; });
/// }
/// ```
template <storage_backend S, class Make>
void storage_conformance(Make make) {
  SUBCASE("create and open") {
    storage_laws::create_and_open<S>(make());
  }
  SUBCASE("remove and list") {
    storage_laws::remove_and_list<S>(make());
  }
  SUBCASE("sync and discard") {
    storage_laws::sync_and_discard<S>(make());
  }
  SUBCASE("blobs") {
    storage_laws::blobs<S>(make());
  }
  SUBCASE("moves") {
    storage_laws::moves<S>(make());
  }
}

}  // namespace weir::conformance
