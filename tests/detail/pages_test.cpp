#include "weir/detail/pages.hpp"

#include <doctest/doctest.h>
#include <sys/mman.h>

namespace {

using weir::detail::from_page_on;
using weir::detail::huge_pages_inside;
using weir::detail::page_size;
using weir::detail::pages_within;

/// Three pages of the operating system.
class Pages {
 public:
  Pages()
      : memory_(static_cast<std::byte*>(
            ::mmap(nullptr, 3 * page_size(), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0))) {}
  Pages(const Pages&) = delete;
  Pages& operator=(const Pages&) = delete;
  ~Pages() { ::munmap(memory_, 3 * page_size()); }
  [[nodiscard]] std::span<std::byte> part(std::size_t begin, std::size_t end) const {
    return {memory_ + begin, end - begin};
  }

 private:
  std::byte* memory_;
};

void same(std::span<std::byte> a, std::span<std::byte> b) {
  CHECK(a.size() == b.size());
  CHECK((a.empty() || a.data() == b.data()));
}

TEST_CASE("huge pages lie inside a part, and neither first nor last") {
  constexpr std::size_t huge = std::size_t{2} << 20;
  constexpr std::size_t size = 4 * huge;
  auto* const memory =
      static_cast<std::byte*>(::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
  REQUIRE(memory != MAP_FAILED);
  auto* const aligned = memory + (huge - reinterpret_cast<std::uintptr_t>(memory) % huge) % huge;
  const auto page = page_size();
  same(huge_pages_inside({aligned, 3 * huge}), {aligned + huge, huge});
  same(huge_pages_inside({aligned + huge - page, huge + 2 * page}), {aligned + huge, huge});
  same(huge_pages_inside({aligned + huge - page + 1, huge + 2 * page - 1}), {});
  same(huge_pages_inside({aligned + huge - page, huge + 2 * page - 1}), {});
  same(huge_pages_inside({aligned, 2 * huge}), {});
  same(huge_pages_inside({aligned, page}), {});
  same(huge_pages_inside({aligned, 0}), {});
  ::munmap(memory, size);
}

TEST_CASE("the pages within a part are those that belong to it whole") {
  const Pages memory;
  const auto page = page_size();
  same(pages_within(memory.part(0, 3 * page)), memory.part(0, 3 * page));
  same(pages_within(memory.part(1, 3 * page - 1)), memory.part(page, 2 * page));
  same(pages_within(memory.part(page, 2 * page)), memory.part(page, 2 * page));
  same(pages_within(memory.part(page, 2 * page - 1)), {});
  same(pages_within(memory.part(1, page)), {});
  same(pages_within(memory.part(1, 2)), {});
  same(pages_within(memory.part(page, page)), {});
  same(pages_within({}), {});
}

TEST_CASE("from a page on covers a part and begins at a page") {
  const Pages memory;
  const auto page = page_size();
  same(from_page_on(memory.part(0, 1)), memory.part(0, 1));
  same(from_page_on(memory.part(page + 7, page + 9)), memory.part(page, page + 9));
  same(from_page_on(memory.part(page - 1, 2 * page)), memory.part(0, 2 * page));
  same(from_page_on(memory.part(9, 9)), {});
  same(from_page_on({}), {});
}

}  // namespace
