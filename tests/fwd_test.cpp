#include "weir/fwd.hpp"

#include <doctest/doctest.h>

#include <string>
#include <type_traits>

namespace {

// Written where only the declarations are known, as a user's header would.
struct Holder {
  weir::Stream<int>* numbers = nullptr;
  weir::Stream<std::string>* texts = nullptr;
  weir::Iterator<int>* iterator = nullptr;
  weir::Reader<int>* reader = nullptr;
  weir::Writer<int>* writer = nullptr;
  weir::Shard<int>* shard = nullptr;
};

template <class T>
concept complete = requires {
  sizeof(T);
};
static_assert(!complete<weir::MemoryStorage>, "fwd.hpp declares and includes no storage");

}  // namespace

#include "weir/weir.hpp"

namespace {

TEST_CASE("what is declared is what is defined, with the defaults said once") {
  using S = weir::Stream<int>;
  CHECK(std::is_same_v<S, weir::Stream<int, weir::MemoryStorage, weir::Options{}, weir::DefaultEnv>>);
  CHECK(std::is_same_v<S::shard_type, weir::Shard<int>>);
  CHECK(std::is_same_v<S::iterator_type, weir::Iterator<int>>);
  CHECK(std::is_same_v<S::reader_type, weir::Reader<int>>);
  CHECK(std::is_same_v<S::writer_type, weir::Writer<int>>);

  auto stream = S::open({}).value();
  Holder holder;
  holder.numbers = &stream;
  CHECK(holder.numbers->put("key", 1));
}

}  // namespace
