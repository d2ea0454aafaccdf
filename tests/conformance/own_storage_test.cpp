// The storage that an example shows is one that people copy: it keeps the laws, too.
#define main example
#include "../../examples/own_storage.cpp"
#undef main

#include <doctest/doctest.h>

#include "conformance/storage.hpp"

namespace {

static_assert(weir::storage_backend<BufferStorage>);

struct alignas(weir::line_size) Line {
  std::byte bytes[weir::line_size];
};

TEST_CASE("BufferStorage keeps the laws of storage") {
  std::vector<Line> lines(std::size_t{1} << 16);
  weir::conformance::storage_conformance<BufferStorage>(
      [&] { return BufferStorage{std::as_writable_bytes(std::span{lines})}; });
}

TEST_CASE("a buffer that is used up refuses, and takes back what is removed") {
  std::vector<Line> lines(8);
  BufferStorage storage{std::as_writable_bytes(std::span{lines})};
  REQUIRE(storage.create("most", 7 * weir::line_size - 1));
  CHECK(storage.create("too much", weir::line_size + 1).error().code == weir::Errc::out_of_memory);
  REQUIRE(storage.create("rest", weir::line_size));
  CHECK_FALSE(storage.create("more", 1));
  REQUIRE(storage.remove("most"));
  CHECK(storage.create("again", 7 * weir::line_size));
}

TEST_CASE("its program runs") {
  CHECK(example() == 0);
}

}  // namespace
