#include "weir/storage/memory.hpp"

#include <doctest/doctest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <limits>
#include <type_traits>
#include <utility>
#include <vector>

#include "conformance/storage.hpp"

namespace {

static_assert(std::is_nothrow_move_constructible_v<weir::MemoryStorage>);
static_assert(std::is_nothrow_move_assignable_v<weir::MemoryStorage>);
static_assert(!std::is_copy_constructible_v<weir::MemoryStorage>, "two owners would unmap the same pages");

std::size_t page_size() {
  return static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
}

/// Whether the operating system has the page of `address` in its books: it does not after munmap.
bool mapped(std::byte* address) {
  const auto page = page_size();
  const auto start = reinterpret_cast<std::uintptr_t>(address) / page * page;
  return ::msync(reinterpret_cast<void*>(start), page, MS_ASYNC) == 0;
}

/// Pages of the span that take memory.
std::size_t resident(std::span<std::byte> bytes) {
  std::vector<unsigned char> pages((bytes.size() + page_size() - 1) / page_size());
  REQUIRE(::mincore(bytes.data(), bytes.size(), pages.data()) == 0);
  return static_cast<std::size_t>(std::count_if(pages.begin(), pages.end(), [](auto page) { return page & 1; }));
}

TEST_CASE("MemoryStorage keeps the laws of storage") {
  weir::conformance::storage_conformance<weir::MemoryStorage>([] { return weir::MemoryStorage{}; });
}

TEST_CASE("bytes that memory cannot supply are refused by name, with the size, and leave nothing behind") {
  weir::MemoryStorage storage;
  REQUIRE(storage.create("kept", 100));
  for (const auto size : {std::size_t{0}, std::size_t{1} << 62, std::numeric_limits<std::size_t>::max(),
                          std::numeric_limits<std::size_t>::max() - page_size() + 1}) {
    CAPTURE(size);
    const auto made = storage.create("huge", size);
    REQUIRE_FALSE(made);
    CHECK(made.error() == weir::Failure{weir::Errc::out_of_memory, weir::Cause::storage_exhausted, size, 0});
    CHECK(storage.list() == std::vector<std::string>{"kept"});
    CHECK_FALSE(storage.open("huge"));
    CHECK_FALSE(storage.remove("huge"));
  }
  CHECK(storage.create("huge", 100));
}

TEST_CASE("failures carry the length of the name") {
  weir::MemoryStorage storage;
  REQUIRE(storage.create("four", 8));
  CHECK(storage.create("four", 8).error() ==
        weir::Failure{weir::Errc::resource_in_use, weir::Cause::span_exists, 4, 0});
  CHECK(storage.open("seven77").error() ==
        weir::Failure{weir::Errc::resource_not_found, weir::Cause::no_such_span, 7, 0});
  CHECK(storage.remove("no").error() == weir::Failure{weir::Errc::resource_not_found, weir::Cause::no_such_span, 2, 0});
  CHECK(storage.load("none!").error() ==
        weir::Failure{weir::Errc::resource_not_found, weir::Cause::no_such_blob, 5, 0});
}

TEST_CASE("a span begins at a page, and a large one costs what is used of it") {
  weir::MemoryStorage storage;
  const auto made = storage.create("large", std::size_t{256} << 20);
  REQUIRE(made);
  CHECK(reinterpret_cast<std::uintptr_t>(made->data()) % page_size() == 0);
  CHECK(resident(*made) == 0);
  (*made)[0] = std::byte{1};
  CHECK(resident(*made) >= 1);
  CHECK(made->back() == std::byte{0});
}

TEST_CASE("discard gives whole pages back and keeps the addresses") {
  weir::MemoryStorage storage;
  const auto page = page_size();
  const auto made = storage.create("span", 8 * page);
  REQUIRE(made);
  const auto bytes = *made;
  std::fill(bytes.begin(), bytes.end(), std::byte{5});

  SUBCASE("of a part that begins and ends inside pages only those between") {
    REQUIRE(storage.discard(bytes.subspan(page / 2, 3 * page)));
    for (std::size_t i = 0; i < bytes.size(); i += page / 4) {
      CAPTURE(i);
      CHECK(bytes[i] == (i >= page && i < 3 * page ? std::byte{0} : std::byte{5}));
    }
  }

  SUBCASE("of a part within one page nothing") {
    REQUIRE(storage.discard(bytes.subspan(1, page - 1)));
    REQUIRE(storage.discard(bytes.subspan(page - 1, 2)));
    REQUIRE(storage.discard(bytes.subspan(page, 0)));
    CHECK(std::all_of(bytes.begin(), bytes.end(), [](auto byte) { return byte == std::byte{5}; }));
  }

  SUBCASE("of the whole everything, and it can be written again") {
    REQUIRE(storage.discard(bytes));
    CHECK(std::all_of(bytes.begin(), bytes.end(), [](auto byte) { return byte == std::byte{0}; }));
    std::fill(bytes.begin(), bytes.end(), std::byte{6});
    CHECK(std::all_of(bytes.begin(), bytes.end(), [](auto byte) { return byte == std::byte{6}; }));
  }

  SUBCASE("of nothing at no address nothing") {
    CHECK(storage.discard({}));
  }
}

TEST_CASE("moving hands the pages over, once") {
  weir::MemoryStorage first;
  std::byte* const memory = first.create("span", 100)->data();
  memory[99] = std::byte{42};
  REQUIRE(first.replace("blob", std::vector<std::byte>(3, std::byte{1})));

  SUBCASE("to a new storage, and the old one is empty and usable") {
    weir::MemoryStorage second{std::move(first)};
    CHECK(second.open("span")->data() == memory);
    CHECK(first.list().empty());
    CHECK_FALSE(first.load("blob"));
    CHECK(first.create("span", 100)->data() != memory);
    CHECK(memory[99] == std::byte{42});
  }

  SUBCASE("by assignment, which ends the spans held so far") {
    weir::MemoryStorage second;
    std::byte* const old = second.create("old", 100)->data();
    REQUIRE(mapped(old));
    second = std::move(first);
    CHECK_FALSE(mapped(old));
    CHECK(second.list() == std::vector<std::string>{"span"});
    CHECK(second.open("span")->data() == memory);
    CHECK(second.load("blob")->size() == 3);
    CHECK(memory[99] == std::byte{42});
  }

  SUBCASE("to itself without harm") {
    auto& self = first;
    first = std::move(self);
    CHECK(first.open("span")->data() == memory);
    CHECK(memory[99] == std::byte{42});
  }
}

TEST_CASE("pages are given back when a span is removed and when the storage ends") {
  std::byte* removed = nullptr;
  std::byte* held = nullptr;
  {
    weir::MemoryStorage storage;
    removed = storage.create("removed", 100)->data();
    held = storage.create("held", 100)->data();
    REQUIRE(mapped(removed));
    REQUIRE(storage.remove("removed"));
    CHECK_FALSE(mapped(removed));
    CHECK(mapped(held));
  }
  CHECK_FALSE(mapped(held));
}

}  // namespace
