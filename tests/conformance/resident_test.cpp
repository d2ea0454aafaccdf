/// What a stream costs before its first put: pages that are touched, not those that are reserved.
#include <doctest/doctest.h>
#include <unistd.h>

#include <algorithm>
#include <cstddef>
#include <fstream>
#include <string>

#include "weir/weir.hpp"

namespace {

using weir::Delivery;
using weir::Options;
using weir::Producers;

/// Bytes of this process that are in memory.
std::size_t resident() {
  std::ifstream statm{"/proc/self/statm"};
  std::size_t mapped = 0, pages = 0;
  statm >> mapped >> pages;
  return pages * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
}

/// Whether the system gives 2 MiB to whoever touches a byte, asked for or not: it has decided then, not weir.
bool huge_pages_everywhere() {
  std::ifstream enabled{"/sys/kernel/mm/transparent_hugepage/enabled"};
  std::string chosen;
  return static_cast<bool>(enabled >> chosen) && chosen == "[always]";
}

template <std::size_t Size>
struct Record {
  std::byte bytes[Size];
};

constexpr std::size_t promised = std::size_t{1} << 20;
constexpr int shards = 64;

template <class T, Options options = Options{}>
struct Kind {
  using Stream = weir::Stream<T, weir::MemoryStorage, options>;
};

TEST_CASE_TEMPLATE("a shard of default capacity takes less than 1 MiB before its first put", Chosen,  //
                   Kind<Record<8>>, Kind<Record<1024>>,
                   Kind<Record<64>, Options{.producers = Producers::single, .delivery = Delivery::gated}>,
                   Kind<weir::Bytes>, Kind<weir::Bytes, Options{.delivery = Delivery::gated}>) {
  using Stream = typename Chosen::Stream;
  const auto before = resident();
  REQUIRE(before != 0);
  auto stream = Stream::open({.shards = shards}).value();
  const auto opened = resident();
  const auto each = (opened - std::min(before, opened)) / shards;
  CAPTURE(each);
  if (!huge_pages_everywhere()) {
    CHECK(each < promised);
  }
}

TEST_CASE("pages that are touched are counted") {
  using Stream = Kind<Record<1024>>::Stream;
  auto stream = Stream::open({}).value();
  const auto opened = resident();
  for (std::uint64_t n = 0; n < weir::default_capacity_records; ++n) {
    stream.put("key", {}).value();
  }
  CHECK(resident() > opened + weir::default_capacity_records * 1024 / 2);
}

}  // namespace
