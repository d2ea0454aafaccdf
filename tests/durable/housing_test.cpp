#include "weir/durable/housing.hpp"

#include <doctest/doctest.h>

#include <cstring>
#include <string>

#include "conformance/reopening.hpp"
#include "support/held_storage.hpp"

namespace {

using weir::Cause;
using weir::Errc;
using weir::Manifest;
using weir::Position;
using weir::ShardId;
using weir::stream_tests::check_refused;
using weir::support::HeldStorage;

/// Memory that outlives its streams.
struct Held {
  using storage_type = HeldStorage;
  HeldStorage storage() const { return held; }
  HeldStorage held;
};

using Numbers = weir::Stream<std::uint64_t, HeldStorage>;

TEST_CASE("a stream in memory that outlives it goes on when it is opened again") {
  weir::conformance::reopening_conformance<Held>();
}

std::string manifest_in(HeldStorage storage) {
  const auto blob = storage.load(Manifest::blob).value();
  return {reinterpret_cast<const char*>(blob.data()), blob.size()};
}
void tell(HeldStorage storage, const std::string& manifest) {
  storage.replace(Manifest::blob, std::as_bytes(std::span{manifest})).value();
}

TEST_CASE("while a stream is open, and after its program was killed, its storage is refused and left as it is") {
  HeldStorage storage;
  auto stream = Numbers::open({.shards = 2}, storage).value();
  stream.put("key", 1).value();
  const auto before = manifest_in(storage);
  CHECK(Manifest::parse(before).value().state == Manifest::State::open);
  for (const auto& again : {storage, storage.for_reading()}) {
    check_refused(Numbers::open({}, again), Errc::unclean, Cause::stream_unclean,
                  {std::to_string(stream.incarnation().value()), "not closed", "anew"});
  }
  CHECK(manifest_in(storage) == before);
  CHECK(storage.list().size() == 2);
}

TEST_CASE("leaving says whether it worked, marks the stream closed after its bytes are synced, and does so once") {
  HeldStorage storage;
  auto stream = Numbers::open({.shards = 2}, storage).value();
  SUBCASE("it works") {
    CHECK(stream.leave());
    CHECK(storage.synced_before_replace() == 2);
    CHECK(Manifest::parse(manifest_in(storage)).value().state == Manifest::State::closed);
    stream = Numbers::open({}, storage).value();
    CHECK(stream.put("key", 1));
  }
  SUBCASE("it fails") {
    storage.let_replacing_fail(true);
    CHECK(stream.leave().error().code == Errc::read_only);
    storage.let_replacing_fail(false);
    CHECK(Numbers::open({}, storage).error().code == Errc::unclean);
  }
}

TEST_CASE("a storage that cannot be told of the stream is an error, and a new stream leaves nothing in it") {
  HeldStorage storage;
  storage.let_replacing_fail(true);
  CHECK_FALSE(Numbers::open({.shards = 3}, storage));
  CHECK(storage.list().empty());
  storage.let_replacing_fail(false);
  Numbers::open({.shards = 3}, storage).value().put("key", 5).value();
  storage.let_replacing_fail(true);
  CHECK_FALSE(Numbers::open({}, storage));
  CHECK(storage.list().size() == 3);
  storage.let_replacing_fail(false);
  auto stream = Numbers::open({}, storage).value();
  auto reader = stream.reader(Position::trim_horizon()).value();
  CHECK(reader.read().size() == 1);
}

TEST_CASE("bytes that are not the manifest's are refused by their shard") {
  HeldStorage storage;
  Numbers::open({.shards = 3}, storage).value();
  const auto span = storage.open(ShardId{1}.to_string()).value();
  const auto refused = [&] {
    check_refused(Numbers::open({}, storage), Errc::format, Cause::foreign_span, {"shard 1 "});
  };
  SUBCASE("a bit of the header is another") {
    for (std::size_t i = 0; i < sizeof(weir::detail::SpanHeader); ++i) {
      CAPTURE(i);
      span[i] ^= std::byte{4};
      refused();
      span[i] ^= std::byte{4};
    }
    CHECK(Numbers::open({}, storage));
  }
  SUBCASE("the span is gone") {
    storage.remove(ShardId{1}.to_string()).value();
    refused();
  }
  SUBCASE("it has another size") {
    const std::vector<std::byte> kept{span.begin(), span.end()};
    storage.remove(ShardId{1}.to_string()).value();
    const auto larger = storage.create(ShardId{1}.to_string(), kept.size() + 1).value();
    std::memcpy(larger.data(), kept.data(), kept.size());
    refused();
  }
  SUBCASE("it is another shard's") {
    const auto other = storage.open(ShardId{2}.to_string()).value();
    std::memcpy(span.data(), other.data(), span.size());
    refused();
  }
  SUBCASE("it is an earlier stream's of the same name") {
    HeldStorage anew;
    Numbers::open({.shards = 3}, anew).value();
    const auto other = anew.open(ShardId{1}.to_string()).value();
    std::memcpy(span.data(), other.data(), span.size());
    refused();
  }
}

TEST_CASE("a manifest that is damaged, of another version, or of a resharded stream is refused") {
  HeldStorage storage;
  Numbers::open({.shards = 2}, storage).value();
  const auto text = manifest_in(storage);
  const auto manifest = Manifest::parse(text).value();
  const auto refused = [&](Cause cause, const std::string& told) {
    tell(storage, told);
    CHECK(Numbers::open({}, storage).error().cause == cause);
    CHECK(manifest_in(storage) == told);
  };
  refused(Cause::manifest_damaged, text + "more\n");
  refused(Cause::manifest_damaged, "");
  refused(Cause::format_version, "weir stream 2" + text.substr(13));
  auto other = manifest;
  other.capacity = 65'537;
  refused(Cause::manifest_damaged, other.to_text());
  other = manifest;
  other.shards[1].parents.push_back(ShardId{0});
  refused(Cause::manifest_damaged, other.to_text());
  other = manifest;
  other.shards.pop_back();
  refused(Cause::manifest_damaged, other.to_text());
  other = manifest;
  other.layout = "column 2";
  refused(Cause::other_options, other.to_text());
  other = manifest;
  other.hasher = "another";
  refused(Cause::other_options, other.to_text());
  tell(storage, text);
  CHECK(Numbers::open({}, storage));
}

TEST_CASE("a storage open for reading gives a stream that reads to its end and takes nothing") {
  HeldStorage storage;
  check_refused(Numbers::open({}, storage.for_reading()), Errc::resource_not_found, Cause::no_such_stream,
                {"for writing once"});
  Numbers::open({}, storage).value().put("key", 9).value();
  const auto before = manifest_in(storage);
  auto stream = Numbers::open({}, storage.for_reading()).value();
  check_refused(stream.put("key", 1), Errc::read_only, Cause::stream_read_only, {"for reading only"});
  check_refused(stream.put_all("key", std::vector<std::uint64_t>{1, 2}), Errc::read_only, Cause::stream_read_only, {});
  check_refused(stream.writer("key").value().put(1), Errc::read_only, Cause::stream_read_only, {});
  auto reader = stream.reader(Position::trim_horizon()).value();
  CHECK(reader.read().size() == 1);
  CHECK_FALSE(reader.read());
  CHECK(reader.at_end());
  CHECK(manifest_in(storage) == before);
}

TEST_CASE("a footprint is what is asked of the storage, to the byte, and a constant") {
  using Texts = weir::Stream<std::string, weir::support::ExhaustedStorage>;
  using Ints = weir::Stream<std::uint64_t, weir::support::ExhaustedStorage>;
  static_assert(Ints::footprint(1).value() > weir::default_capacity_records * 8);
  static_assert(Ints::footprint(3, weir::records(64)).value() == 3 * Ints::footprint(1, weir::records(64)).value());
  const auto exact = [](auto stream, int shards, weir::Capacity capacity) {
    using S = typename decltype(stream)::type;
    const auto bytes = S::footprint(shards, capacity).value();
    CHECK(S::open({.shards = shards, .capacity = capacity}, weir::support::ExhaustedStorage{bytes}));
    CHECK_FALSE(S::open({.shards = shards, .capacity = capacity}, weir::support::ExhaustedStorage{bytes - 1}));
  };
  for (const int shards : {1, 3, 16}) {
    exact(std::type_identity<Ints>{}, shards, {});
    exact(std::type_identity<Ints>{}, shards, weir::records(1));
    exact(std::type_identity<Texts>{}, shards, weir::bytes(4096));
  }
  CHECK(Ints::footprint(0).error().cause == Cause::shard_count);
  CHECK(Ints::footprint(1, weir::bytes(4096)).error().cause == Cause::capacity_unit);
  CHECK(Texts::footprint(1, weir::bytes(5000)).error().cause == Cause::capacity_not_power_of_two);
}

}  // namespace
