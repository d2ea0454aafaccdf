#include "weir/detail/scratch.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <thread>

namespace {

using weir::detail::Scratch;

void fill(const Scratch& scratch, std::byte value) {
  std::fill(scratch.bytes().begin(), scratch.bytes().end(), value);
}

TEST_CASE("a thread gets the same memory again, unless it asks for more than it ever had") {
  std::thread{[] {
    const auto* const first = Scratch{1000}.bytes().data();
    CHECK(Scratch{1000}.bytes().data() == first);
    CHECK(Scratch{10}.bytes().data() == first);
    CHECK(Scratch{10}.bytes().size() == 10);
    CHECK(Scratch{0}.bytes().empty());
    fill(Scratch{5000}, std::byte{1});
    const Scratch again{5000};
    CHECK(again.bytes().front() == std::byte{1});
    CHECK(again.bytes().back() == std::byte{1});
  }}.join();
}

TEST_CASE("a call within another's use gets memory of its own, and the larger of both is kept") {
  std::thread{[] {
    const std::byte* larger = nullptr;
    {
      const Scratch outer{100};
      fill(outer, std::byte{1});
      {
        const Scratch inner{200};
        fill(inner, std::byte{2});
        larger = inner.bytes().data();
      }
      CHECK(std::count(outer.bytes().begin(), outer.bytes().end(), std::byte{1}) == 100);
    }
    CHECK(Scratch{200}.bytes().data() == larger);
  }}.join();
}

/// Uses scratch memory when its thread's objects are destroyed; made before the thread has any, it goes after that.
struct Late {
  ~Late() {
    const Scratch scratch{300};
    fill(scratch, std::byte{3});
    used += std::count(scratch.bytes().begin(), scratch.bytes().end(), std::byte{3});
  }
  static inline std::ptrdiff_t used = 0;
};

TEST_CASE("what runs after a thread's memory has gone still gets some, and leaves none behind") {
  std::thread{[] {
    static thread_local const Late late;
    CHECK(Late::used == 0);
    fill(Scratch{100}, std::byte{4});
  }}.join();
  CHECK(Late::used == 300);
}

}  // namespace
