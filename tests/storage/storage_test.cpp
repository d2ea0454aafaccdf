#include "weir/storage/storage.hpp"

#include <doctest/doctest.h>

#include <string>
#include <type_traits>
#include <vector>

#include "conformance/storage.hpp"
#include "support/archetypes.hpp"
#include "support/exhausted_storage.hpp"

namespace {

using weir::support::ExhaustedStorage;
using weir::support::MinimalStorage;

struct CannotMove : MinimalStorage {
  CannotMove(CannotMove&&) = delete;
};
struct OpensPointers : MinimalStorage {
  std::byte* open(std::string_view);
};
struct ListsViews : MinimalStorage {
  std::vector<std::string_view> list();
};
struct ReplacesWithMutableBytes : MinimalStorage {
  weir::Result<void> replace(std::string_view, std::span<std::byte>);
};

static_assert(!std::is_default_constructible_v<MinimalStorage> && !std::is_copy_constructible_v<MinimalStorage>);
static_assert(!weir::storage_backend<CannotMove>);
static_assert(!weir::storage_backend<OpensPointers>);
static_assert(!weir::storage_backend<ListsViews>);
static_assert(!weir::storage_backend<ReplacesWithMutableBytes>);
static_assert(!weir::storage_backend<std::vector<std::byte>>);

TEST_CASE("the least that the concept asks for can keep the laws") {
  weir::conformance::storage_conformance<MinimalStorage>(MinimalStorage::make);
}

TEST_CASE("a storage that can be exhausted keeps the laws until it is") {
  weir::conformance::storage_conformance<ExhaustedStorage>([] { return ExhaustedStorage{std::size_t{1} << 30}; });
}

TEST_CASE("an exhausted storage refuses what does not fit, keeps what it holds and fills again after a remove") {
  ExhaustedStorage storage{1000};
  REQUIRE(storage.create("a", 600));
  CHECK(storage.room() == 400);

  const auto refused = storage.create("b", 401);
  REQUIRE_FALSE(refused);
  CHECK(refused.error() == weir::Failure{weir::Errc::out_of_memory, weir::Cause::storage_exhausted, 401, 0});
  CHECK(storage.list() == std::vector<std::string>{"a"});
  CHECK(storage.room() == 400);

  CHECK(storage.create("a", 5000).error().code == weir::Errc::resource_in_use);
  REQUIRE(storage.create("b", 400));
  CHECK(storage.room() == 0);
  CHECK_FALSE(storage.create("c", 1));
  CHECK_FALSE(storage.remove("c"));
  REQUIRE(storage.remove("a"));
  CHECK(storage.room() == 600);
  CHECK(storage.create("c", 600));
}

}  // namespace
