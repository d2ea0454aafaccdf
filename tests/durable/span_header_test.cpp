#include "weir/durable/span_header.hpp"

#include <doctest/doctest.h>

#include <vector>

namespace {

using weir::Manifest;
using weir::ShardId;
using weir::detail::SpanHeader;

Manifest example() {
  Manifest manifest;
  manifest.name = "ticks";
  manifest.incarnation = weir::Incarnation{7};
  manifest.payload_size = 16;
  manifest.payload_alignment = 8;
  manifest.payload = "Tick";
  manifest.options = "multiple kept overwrite";
  manifest.layout = "column 1";
  manifest.hasher = "md5";
  manifest.capacity = 64;
  manifest.shards = {{ShardId{0}, {}, 5, {}}, {ShardId{1}, {}, 5, {}}};
  return manifest;
}

TEST_CASE("a header is found again in the bytes that it was written to, and nothing is found in too few") {
  std::vector<std::byte> span(weir::line_size);
  const SpanHeader header{example(), example().shards[0]};
  header.write_to(span);
  CHECK(SpanHeader::in(span).same_shard(header));
  CHECK_FALSE(SpanHeader::in(std::span{span}.first(10)).same_shard(header));
  CHECK_FALSE(SpanHeader::in({}).same_shard(header));
}

TEST_CASE("whatever tells shards, streams and kinds of streams apart is another header") {
  const SpanHeader header{example(), example().shards[0]};
  CHECK_FALSE(header.same_shard({example(), example().shards[1]}));
  const auto differs = [&](auto change) {
    auto other = example();
    change(other);
    return !header.same_shard({other, other.shards[0]});
  };
  CHECK(differs([](Manifest& m) { m.incarnation = weir::Incarnation{8}; }));
  CHECK(differs([](Manifest& m) { m.payload_size = 8; }));
  CHECK(differs([](Manifest& m) { m.payload_alignment = 4; }));
  CHECK(differs([](Manifest& m) { m.payload = "Tock"; }));
  CHECK(differs([](Manifest& m) { m.options = "single kept"; }));
  CHECK(differs([](Manifest& m) { m.layout = "column 2"; }));
  CHECK(differs([](Manifest& m) { m.hasher = "other"; }));
  CHECK(differs([](Manifest& m) { m.capacity = 128; }));
  CHECK(differs([](Manifest& m) { m.shards[0].start = 6; }));
  CHECK_FALSE(differs([](Manifest& m) { m.name = "a name may change"; }));
}

TEST_CASE("entering and leaving are counted, and change nothing else") {
  SpanHeader header{example(), example().shards[0]};
  CHECK(header.is_left());
  for (std::uint64_t n = 1; n <= 3; ++n) {
    header.enter();
    CHECK(header.entered() == n);
    CHECK_FALSE(header.is_left());
    header.leave();
    CHECK(header.entered() == n);
    CHECK(header.is_left());
  }
  CHECK(header.same_shard({example(), example().shards[0]}));
}

}  // namespace
