// What printers_test.sh stops in and prints: one of each value that scripts/gdb/weir_gdb.py shows.
#include <cstdio>
#include <string>
#include <weir/weir.hpp>

struct Tick {
  double price;
  std::uint32_t size, venue;
};

// The debugger stops here, with everything alive in the frame above.
[[gnu::noinline]] static void shown(const void* stream) {
  std::printf("%d\n", stream != nullptr);
}

int main() {
  const weir::ShardId shard_id{7};
  const weir::Incarnation incarnation{123};
  const weir::SequenceNumber number{17, weir::ShardId{2}, incarnation};
  const weir::HashKey hash_key = weir::HashKey::largest();
  const weir::HashKeyRange range = weir::HashKeyRange::initial(1, 3);
  const weir::Put put{weir::ShardId{2}, number};
  const weir::PutRange put_range{weir::ShardId{2}, number, 3};
  const weir::Failure failure{weir::Errc::closed, weir::Cause::shard_closed, 7, 9};
  const weir::Result<weir::ShardId> good{shard_id};
  const weir::Result<weir::ShardId> bad{failure};
  const weir::Result<std::string> good_text{std::string{"text"}};
  const weir::Result<std::string> bad_text{failure};
  const weir::Result<void> done;
  const weir::Result<void> refused{failure};
  const auto at = weir::Position::at(number);
  const auto moment = weir::Position::at_timestamp(weir::Timestamp{std::chrono::milliseconds{-5}});
  const auto last = weir::Position::last(10);
  const auto latest = weir::Position::latest();
  const weir::BytesView view{std::string_view{"a\\b\n\0\xff", 6}};
  const weir::Bytes bytes{"owned"};
  const weir::Bytes no_bytes;
  const auto key = weir::PartitionKey::with_explicit_hash("user-42", weir::HashKey{1, 0}).value();

  auto ticks = weir::Stream<Tick>::open({.name = "ticks", .shards = 2, .capacity = weir::records(64)}).value();
  const auto& empty = *ticks.shard(weir::ShardId{1}).value();
  for (unsigned i = 1; i <= 100; ++i) {
    ticks.shard(weir::ShardId{0}).value()->put("key", Tick{1, i, 0}).value();
  }
  auto cursor = ticks.iterator(weir::ShardId{0}, weir::Position::last(3)).value();
  auto batch = cursor.read();
  const auto record = batch.back();

  auto lines = weir::Stream<weir::Bytes>::open({.name = "lines", .capacity = weir::bytes(4096)}).value();
  for (int i = 0; i < 5; ++i) {
    lines.put("key", "line").value();
  }
  auto lap = weir::Stream<weir::Bytes>::open({.name = "lap", .capacity = weir::bytes(4096)}).value();
  for (int i = 0; i < 500; ++i) {
    lap.put("key", "line").value();
  }
  lap.close().value();
  const auto& lapped = *lap.shard(weir::ShardId{0}).value();
  std::printf("lapped %ju %ju\n", std::uintmax_t{lapped.log().oldest()}, std::uintmax_t{lapped.log().end() - 1});
  const auto& column = *ticks.shard(weir::ShardId{0}).value();
  std::printf("column %ju %ju\n", std::uintmax_t{column.log().oldest()}, std::uintmax_t{column.log().end() - 1});
  std::printf("incarnation %ju\n", std::uintmax_t{ticks.incarnation().value()});
  std::printf("lines %ju\n", std::uintmax_t{lines.incarnation().value()});
  std::fflush(stdout);
  shown(&ticks);
}
