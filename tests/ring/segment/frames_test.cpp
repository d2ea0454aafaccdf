#include "weir/ring/segment/frames.hpp"

#include <doctest/doctest.h>

#include <string>

#include "ring/ring.hpp"
#include "weir/ring/segment/log.hpp"

namespace {

using weir::support::multiple;
using weir::support::Ring;
using Log = weir::SegmentLog<std::string, multiple, weir::testing::ManualEnv>;
using Layout = weir::SegmentLayout<multiple, weir::testing::ManualEnv>;
using Frames = weir::detail::Frames<std::string, Layout>;

/// Three texts in the first segment of a ring, an arrival a second apart.
struct Three {
  Three() {
    auto writer = ring.log.writer();
    for (const std::string text : {"a", "", "three"}) {
      REQUIRE(writer.try_put(clock, "key", text).status == weir::Append::Status::done);
      clock.advance(std::chrono::seconds{1});
    }
  }
  Frames::Found scan(std::size_t count, std::uint64_t index = 0) {
    const auto found = frames.scan(layout, {0, 1, index}, count);
    frames.read_from(layout.bytes(0, found.begin));
    return found;
  }

  weir::testing::ManualClock clock;
  Ring<Log> ring{4096};
  Layout layout = ring.as<Layout>();
  Frames frames;
};

TEST_CASE("a scan lists what is finished, up to a count") {
  Three three;
  CHECK_FALSE(three.scan(2).empty());
  CHECK(three.frames.size() == 2);
  CHECK(three.scan(10).begin == 0);
  REQUIRE(three.frames.size() == 3);
  CHECK(three.frames.value(0) == "a");
  CHECK(three.frames.value(1).empty());
  CHECK(three.frames.value(2) == "three");
  CHECK(three.frames.key(2) == "key");
  CHECK(three.scan(10, 2).begin != 0);
  CHECK(three.frames.value(0) == "three");
  CHECK(three.scan(10, 3).empty());
}

TEST_CASE("records are dropped from the front, by number or by arrival") {
  Three three;
  three.scan(10);
  const auto second = three.frames.arrival(1);
  CHECK(second - three.frames.arrival(0) == 1000);
  three.frames.drop_before(second);
  REQUIRE(three.frames.size() == 2);
  CHECK(three.frames.arrival(0) == second);
  three.frames.drop(1);
  CHECK(three.frames.value(0) == "three");
}

TEST_CASE("the record after a run tells when it arrived, and nothing does when there is none") {
  Three three;
  three.scan(1);
  CHECK(three.frames.next_arrival(three.layout, {0, 1, 0}) == three.frames.arrival(0) + 1000);
  three.scan(10);
  CHECK(three.frames.next_arrival(three.layout, {0, 1, 0}) == weir::Run::nothing_unread);
}

/// Ordinary memory that counts what is loaded outside of a ring.
struct FencedMemory : weir::HardwareMemory {
  static inline std::span<const std::byte> ring;
  static inline int outside = 0;

  template <class Order>
  static std::uint64_t load(const std::uint64_t& word, Order order) noexcept {
    const auto* const at = reinterpret_cast<const std::byte*>(&word);
    if (at < ring.data() || at >= ring.data() + ring.size()) {
      ++outside;
      return 0;
    }
    return weir::HardwareMemory::load(word, order);
  }
};
struct FencedEnv : weir::testing::ManualEnv {
  using Memory = FencedMemory;
};

TEST_CASE("of a damaged directory nothing is listed that lies outside of the segment, or in another record") {
  using weir::Entry;
  using FencedLayout = weir::SegmentLayout<multiple, FencedEnv>;
  Three three;
  const auto layout = three.ring.as<FencedLayout>();
  const auto ring = three.ring.bytes.span();
  const auto* const following = reinterpret_cast<const std::byte*>(layout.bytes(1, 0));
  FencedMemory::ring = ring.first(static_cast<std::size_t>(following - ring.data()));
  FencedMemory::outside = 0;
  const auto scan = [&] {
    weir::detail::Frames<std::string, FencedLayout> frames;
    const auto found = frames.scan(layout, {0, 1, 0}, 10);
    CHECK((found.empty() || found.end <= layout.usable_bytes()));
    return frames.size();
  };
  REQUIRE(scan() == 3);
  const auto second = layout.entry(0, 1);
  for (const std::uint64_t offset : {layout.usable_bytes(), layout.usable_bytes() - 8, std::uint64_t{1} << 24}) {
    CAPTURE(offset);
    layout.entry(0, 1) = Entry::at(2, offset).word();
    CHECK(scan() == 1);
    layout.entry(0, 0) = Entry::at(1, offset).word();
    CHECK(scan() == 0);
    layout.entry(0, 0) = Entry::at(1, 0).word();
  }
  layout.entry(0, 1) = second;
  REQUIRE(scan() == 3);
  // The second begins in the middle of the first, or the two change places.
  layout.entry(0, 1) = Entry::at(2, 8).word();
  *layout.bytes(0, 8) = 0;  // which reads like an empty record
  CHECK(scan() == 1);
  layout.entry(0, 0) = Entry::at(1, Entry{second}.offset()).word();
  layout.entry(0, 1) = Entry::at(2, 0).word();
  CHECK(scan() == 1);
  layout.entry(0, 0) = Entry::at(1, 0).word();
  layout.entry(0, 1) = second;
  auto& sizes = *layout.bytes(0, Entry{second}.offset());
  for (const std::uint64_t size : {layout.usable_bytes(), std::uint64_t{0xFFFF'FFFF}}) {
    sizes = size;
    CHECK(scan() == 1);
  }
  CHECK(FencedMemory::outside == 0);
}

}  // namespace
