#include "weir/durable/housing.hpp"

#include <doctest/doctest.h>

#include <cstring>
#include <new>
#include <string>

#include "conformance/reopening.hpp"
#include "support/aborts.hpp"
#include "support/child.hpp"
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

/// What a storage holds, byte for byte.
std::vector<std::vector<std::byte>> contents_of(HeldStorage storage) {
  std::vector<std::vector<std::byte>> contents;
  for (const auto& name : storage.list()) {
    const auto span = storage.open(name).value();
    contents.emplace_back(span.begin(), span.end());
  }
  contents.push_back(storage.load(Manifest::blob).value());
  return contents;
}

TEST_CASE("while a stream is open, and after its program was killed, its storage is refused and left as it is") {
  HeldStorage storage;
  auto stream = Numbers::open({.shards = 2, .capacity = weir::records(64)}, storage).value();
  stream.put("key", 1).value();
  const auto before = contents_of(storage);
  for (const auto& again : {storage, storage.for_reading()}) {
    check_refused(Numbers::open({}, again), Errc::unclean, Cause::stream_unclean,
                  {std::to_string(stream.incarnation().value()), "killed", "anew"});
  }
  CHECK(contents_of(storage) == before);
}

TEST_CASE("leaving syncs every byte before it says so, and a stream that could not be left goes on") {
  HeldStorage storage;
  auto stream = Numbers::open({.shards = 2}, storage).value();
  stream.put("key", 1).value();
  storage.let_syncing_fail(true);
  CHECK(stream.leave().error().code == Errc::read_only);
  CHECK(stream.put("key", 2));
  CHECK(Numbers::open({}, storage).error().code == Errc::unclean);
  storage.let_syncing_fail(false);
  const auto before = storage.synced();
  storage.let_replacing_fail(true);  // it needs no room for a blob
  CHECK(stream.leave());
  CHECK(storage.synced() - before >= Numbers::footprint(2).value());
  stream = Numbers::open({}, storage).value();
  CHECK(stream.put("key", 3).value().sequence_number.value() == 3);
}

TEST_CASE("a stream is not left while somebody reads it or has a handle") {
  auto stream = Numbers::open({}, HeldStorage{}).value();
  {
    const auto iterator = stream.iterator(ShardId{0}, Position::latest()).value();
    check_refused(stream.leave(), Errc::resource_in_use, Cause::stream_in_use, {"shard 0 "});
  }
  {
    const auto writer = stream.writer("key").value();
    check_refused(stream.leave(), Errc::resource_in_use, Cause::stream_in_use, {"let them go"});
  }
  CHECK(stream.put("key", 1));
  CHECK(stream.leave());
}

TEST_CASE("a stream that was left, or moved from, ends the program that uses it, and says so") {
  const auto says = [](auto use) {
    const auto text = weir::support::text_of_abort([&] {
      auto stream = Numbers::open({}, HeldStorage{}).value();
      stream.leave().value();
      use(stream);
    });
#if WEIR_ASSERTS
    CHECK(text.value_or("").find("used after leave()") != std::string::npos);
#else
    static_cast<void>(text);
#endif
  };
#if WEIR_ASSERTS
  says([](Numbers& stream) { static_cast<void>(stream.put("key", 1)); });
  says([](Numbers& stream) { static_cast<void>(stream.leave()); });
#else
  static_cast<void>(says);
#endif
}

TEST_CASE("a child of the program that has a stream leaves nothing when it ends") {
  HeldStorage storage;  // its memory is not shared with the child, but the word of who entered is
  auto stream = Numbers::open({}, storage).value();
  CHECK(weir::support::in_child([&] {
          const auto before = storage.synced();
          const bool left = stream.leave().has_value();
          const auto header = weir::detail::SpanHeader::in(storage.open(ShardId{0}.to_string()).value());
          return left && !header.is_left() && storage.synced() == before ? 0 : 1;
        }) == 0);
  CHECK(stream.put("key", 1));
  CHECK(stream.leave());
}

TEST_CASE("a storage that cannot be told of the stream is an error, and a new stream leaves nothing in it") {
  for (const bool syncing : {false, true}) {
    CAPTURE(syncing);
    HeldStorage storage;
    const auto let_fail = [&](bool fails) {
      syncing ? storage.let_syncing_fail(fails) : storage.let_replacing_fail(fails);
    };
    let_fail(true);
    CHECK_FALSE(Numbers::open({.shards = 3}, storage));
    CHECK(storage.list().empty());
    let_fail(false);
    Numbers::open({.shards = 3}, storage).value().put("key", 5).value();
    if (syncing) {
      const auto before = contents_of(storage);
      let_fail(true);
      CHECK_FALSE(Numbers::open({}, storage));
      CHECK(contents_of(storage) == before);
      let_fail(false);
      CHECK(Numbers::open({}, storage));
    }
  }
}

/// An environment that cannot be copied a second time.
struct CopiedOnce : weir::DefaultEnv {
  explicit CopiedOnce(int* left) : copies_left(left) {}
  CopiedOnce(const CopiedOnce& other) : weir::DefaultEnv(other), copies_left(other.copies_left) {
    if ((*copies_left)-- == 0) {
      throw std::bad_alloc{};
    }
  }
  int* copies_left;
};

TEST_CASE("an exception while a stream is made leaves nothing in the storage") {
  using S = weir::Stream<int, HeldStorage, weir::Options{}, CopiedOnce>;
  for (int copies = 0; copies < 4; ++copies) {
    HeldStorage storage;
    int left = copies;
    CHECK_THROWS_AS(static_cast<void>(S::open({.shards = 4}, storage, CopiedOnce{&left})), std::bad_alloc);
    CHECK(storage.list().empty());
    CHECK_FALSE(storage.load(Manifest::blob));
  }
}

TEST_CASE("shards without a manifest are told as what they are: a stream whose making was interrupted") {
  HeldStorage storage;
  storage.create(ShardId{1}.to_string(), 64).value();
  check_refused(Numbers::open({.shards = 2}, storage), Errc::unclean, Cause::stream_half_made, {"shard 1 ", "remove"});
  CHECK(storage.list() == std::vector<std::string>{ShardId{1}.to_string()});
}

TEST_CASE("bytes that are not the manifest's are refused by their shard") {
  HeldStorage storage;
  Numbers::open({.shards = 3}, storage).value();
  const auto span = storage.open(ShardId{1}.to_string()).value();
  const auto refused = [&] {
    check_refused(Numbers::open({}, storage), Errc::format, Cause::foreign_span, {"shard 1 "});
  };
  SUBCASE("a bit of the header is another") {
    for (std::size_t i = 0; i + 8 < sizeof(weir::detail::SpanHeader); ++i) {
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
  SUBCASE("it is its own, of an earlier time") {
    const std::vector<std::byte> kept{span.begin(), span.end()};
    Numbers::open({}, storage).value();
    std::memcpy(span.data(), kept.data(), kept.size());
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
  other.record_limit = 8;
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
  check_refused(stream.close(), Errc::read_only, Cause::stream_read_only, {});
  CHECK_FALSE(stream.shards().front().ending);
  auto reader = stream.reader(Position::trim_horizon()).value();
  CHECK(reader.read().size() == 1);
  CHECK_FALSE(reader.read());
  CHECK(reader.at_end());
  CHECK(manifest_in(storage) == before);
}

TEST_CASE("a record limit that the capacity cannot take is no manifest's") {
  using Texts = weir::Stream<std::string, HeldStorage>;
  HeldStorage storage;
  Texts::open({.capacity = weir::bytes(4096)}, storage).value();
  auto manifest = Manifest::parse(manifest_in(storage)).value();
  for (const std::uint64_t limit : {std::uint64_t{99}, ~std::uint64_t{0}}) {
    manifest.record_limit = limit;
    tell(storage, manifest.to_text());
    CHECK(Texts::open({}, storage).error().cause == Cause::manifest_damaged);
  }
  manifest.record_limit = 98;
  tell(storage, manifest.to_text());
  CHECK(Texts::open({.max_record = 98}, storage));
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
