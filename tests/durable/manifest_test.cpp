#include "weir/durable/manifest.hpp"

#include <doctest/doctest.h>

#include <string>

namespace {

using weir::Cause;
using weir::HashKeyRange;
using weir::Manifest;
using weir::ShardId;

Manifest example() {
  Manifest manifest{.name = "ticks",
                    .incarnation = weir::Incarnation{4'000'000'000},
                    .payload_size = 16,
                    .payload_alignment = 8,
                    .payload = "(anonymous namespace)::Tick<int, 3>",
                    .options = "multiple kept overwrite",
                    .layout = "column 1",
                    .hasher = "md5",
                    .capacity = 65'536,
                    .record_limit = 0,
                    .readers = 0,
                    .made_with = 2,
                    .shards = {}};
  manifest.shards.push_back({ShardId{0}, HashKeyRange::initial(0, 2), 0, {}});
  manifest.shards.push_back({ShardId{1}, HashKeyRange::initial(1, 2), 0, {}});
  manifest.shards.push_back({ShardId{2}, HashKeyRange{}, ~std::uint64_t{0}, {ShardId{0}, ShardId{1}}});
  return manifest;
}

TEST_CASE("a manifest comes back from its text") {
  auto manifest = example();
  CHECK(Manifest::parse(manifest.to_text()).value() == manifest);
  manifest.record_limit = ~std::uint64_t{0};
  manifest.shards.resize(1);
  CHECK(Manifest::parse(manifest.to_text()).value() == manifest);
}

TEST_CASE("the text is what its documentation shows") {
  auto manifest = example();
  manifest.payload = "Tick";
  manifest.incarnation = weir::Incarnation{1871269542};
  manifest.shards.resize(2);
  const auto text = manifest.to_text();
  CHECK(text ==
        "weir stream 1\n"
        "name ticks\n"
        "incarnation 1871269542\n"
        "payload 16 8 Tick\n"
        "options multiple kept overwrite\n"
        "layout column 1\n"
        "hasher md5\n"
        "capacity 65536\n"
        "record-limit 0\n"
        "readers 0\n"
        "made-with 2\n"
        "retention 0\n"
        "shard 0 0 170141183460469231731687303715884105727 0 0\n"
        "shard 1 170141183460469231731687303715884105728 340282366920938463463374607431768211455 0 0\n"
        "check 28215814355833321414236193472172435296\n");
}

TEST_CASE("no byte can be changed, lost or added without a refusal") {
  const auto text = example().to_text();
  REQUIRE(Manifest::parse(text));
  for (std::size_t i = 0; i < text.size(); ++i) {
    CAPTURE(i);
    for (const char other : {'\0', '\n', ' ', '0', '9', 'x', '\xff', static_cast<char>(text[i] ^ 1)}) {
      auto changed = text;
      changed[i] = other;
      CHECK((other == text[i] || !Manifest::parse(changed)));
    }
    CHECK_FALSE(Manifest::parse(text.substr(0, i)));
    CHECK_FALSE(Manifest::parse(text.substr(i + 1)));
    CHECK_FALSE(Manifest::parse(text.substr(0, i) + text.substr(i + 1)));
    CHECK_FALSE(Manifest::parse(text.substr(0, i) + ' ' + text.substr(i)));
  }
  CHECK_FALSE(Manifest::parse(text + ' '));
  CHECK_FALSE(Manifest::parse(text + text));
}

/// The text with one part replaced and the check made good again, as a careless hand would leave it.
std::string edited(std::string_view part, std::string_view by) {
  auto text = example().to_text();
  text.replace(text.find(part), part.size(), by);
  text.erase(text.rfind("check ") + 6);
  return text + weir::Md5Hasher{}(text).to_string() + '\n';
}

TEST_CASE("what cannot be is refused even when its check is right, with the line") {
  const auto line_of = [](const std::string& text) {
    const auto parsed = Manifest::parse(text);
    REQUIRE_FALSE(parsed);
    CHECK(parsed.error().code == weir::Errc::format);
    CHECK(parsed.error().cause == Cause::manifest_damaged);
    return parsed.error().value;
  };
  REQUIRE(Manifest::parse(edited("ticks", "tocks")));
  CHECK(line_of(edited("ticks", "")) == 2);
  CHECK(line_of(edited("ticks", "two words")) == 2);
  CHECK(line_of(edited("4000000000", "4294967296")) == 3);
  CHECK(line_of(edited("4000000000", "-1")) == 3);
  CHECK(line_of(edited("payload 16", "payload")) == 4);
  CHECK(line_of(edited("65536", "65536x")) == 8);
  CHECK(line_of(edited("capacity 65536", "kapacity 65536")) == 8);
  CHECK(line_of(edited("shard 1", "shard 2")) == 14);
  CHECK(line_of(edited("shard 0 0", "shard 0 340282366920938463463374607431768211456")) == 13);
  CHECK(line_of(edited("shard 0 0", "shard 0 340282366920938463463374607431768211455")) == 13);
}

TEST_CASE("a later version is refused as one, before anything else is looked at") {
  const auto parsed = Manifest::parse("weir stream 2\nwhatever it may hold");
  REQUIRE_FALSE(parsed);
  CHECK(parsed.error() == weir::Failure{weir::Errc::format, Cause::format_version, 2, Manifest::version});
  CHECK(parsed.error().message().find("format 2") != std::string::npos);
}

}  // namespace
