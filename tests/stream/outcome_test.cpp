#include "weir/stream/outcome.hpp"

#include "stream/rings.hpp"

namespace weir::stream_tests {
namespace {

using namespace std::chrono_literals;
using detail::Asked;

struct Header {
  ShardId id{4};
  bool read_only = false;
};

/// A shard whose puts wait for nobody.
struct Open {
  struct Log {
    static constexpr bool gated = false;
  };
};

TEST_CASE("what a ring refuses is told with the shard") {
  const Header header, read_only{ShardId{4}, true};
  using Status = Append::Status;
  CHECK(detail::refusal({Status::closed, 9}, header) == Failure{Errc::closed, Cause::shard_closed, 4, 0});
  CHECK(detail::refusal({Status::closed, 9}, read_only) == Failure{Errc::read_only, Cause::stream_read_only, 4, 0});
  CHECK(detail::refusal({Status::full, 9}, header) == Failure{Errc::full, Cause::shard_full, 9, 4});
  CHECK(detail::refusal({Status::stalled, 9}, header) == Failure{Errc::stalled_writer, Cause::writer_stalled, 9, 4});
}

TEST_CASE("behind a stalled put the attempt is made again, until the time is over") {
  Open shard;
  int attempts = 0;
  const auto stalled_twice = [&]() -> Append {
    return {++attempts < 3 ? Append::Status::stalled : Append::Status::done, 5};
  };
  CHECK(detail::patiently(shard, {Append::Status::stalled, 1}, 1min, stalled_twice).status == Append::Status::done);
  CHECK(attempts == 3);
  attempts = 0;
  CHECK(detail::patiently(shard, {Append::Status::stalled, 1}, 0ms, stalled_twice).status == Append::Status::stalled);
  CHECK(detail::patiently(shard, {Append::Status::closed, 1}, 1min, stalled_twice).status == Append::Status::closed);
  CHECK(attempts == 0);
}

TEST_CASE("a put that waits asks for admission once") {
  Open shard;
  std::vector<Asked> asked;
  Yield wait;
  const auto put = detail::insist(shard, wait, Deadline{1min}, [&](Asked each) -> Result<int> {
    asked.push_back(each);
    return asked.size() < 4 ? Result<int>{Failure{Errc::stalled_writer, {}, 0, 0}} : Result<int>{7};
  });
  CHECK(put.value() == 7);
  CHECK(asked == std::vector{Asked::not_yet, Asked::already, Asked::already, Asked::already});
  const auto refused = detail::insist(shard, wait, Deadline{1min}, [](Asked) -> Result<int> {
    return Failure{Errc::throughput_exceeded, {}, 0, 0};
  });
  CHECK(refused.error().code == Errc::throughput_exceeded);
}

}  // namespace
}  // namespace weir::stream_tests
