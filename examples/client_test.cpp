/// A consumer of a named stream, and its unit test: a split that takes its time, and an iterator that expires.
#include <cstdio>
#include <cstdlib>
#include <weir/client/client.hpp>
#include <weir/testing/manual_clock.hpp>

// [consumer]
/// Appends to `seen` what a shard holds, and then what those hold that took over from it.
template <class Kinesis>
void follow(Kinesis& kinesis, const std::string& shard, std::string& seen) {
  weir::client::GetShardIteratorRequest place{.stream_name = "clicks", .shard_id = shard};  // its oldest record
  auto iterator = kinesis.get_shard_iterator(place).value().shard_iterator;
  for (std::string last; !iterator.empty();) {
    const auto answer = kinesis.get_records({.shard_iterator = iterator, .limit = 2});
    if (!answer && answer.error().code == weir::Errc::expired_iterator) {
      iterator = kinesis.get_shard_iterator(place).value().shard_iterator;
      continue;
    }
    for (const auto& record : answer.value().records) {
      seen += record.data.text();
      last = record.sequence_number;
      place = {"clicks", shard, weir::client::ShardIteratorType::after_sequence_number, last};
    }
    for (const auto& child : answer->child_shards)
      follow(kinesis, child.shard_id, seen);
    iterator = answer->millis_behind_latest > 0 ? answer->next_shard_iterator.value() : "";
  }
}
// [consumer]

void expect(bool holds, const char* what) {
  std::printf("%s: %s\n", holds ? "ok" : "FAILED", what);
  if (!holds)
    std::exit(1);
}

// [test]
int main() {
  const weir::testing::ManualEnv env;
  auto kinesis = weir::Client<weir::testing::ManualEnv>::open({}, env).value();
  kinesis.create_stream({.stream_name = "clicks", .shard_count = 1}).value();
  const auto put = [&](const char* user) {  // into which shard
    return kinesis.put_record({.stream_name = "clicks", .data = user, .partition_key = user}).value().shard_id;
  };
  const auto middle = weir::HashKeyRange{}.midpoint().to_string();
  const auto split = [&] { return kinesis.split_shard({"clicks", "shardId-0", middle}); };
  const auto parent = put("a");
  env.faults.hold(weir::Transition::updating);
  split().value();
  expect(put("b") == parent && put("c") == parent, "while a split goes on, puts go to the parent");
  expect(split().error().code == weir::Errc::resource_in_use, "and a second split is refused");
  env.faults.release(weir::Transition::updating);
  expect(put("e") != parent && put("a") != parent, "when it is done, they go to the children");
  env.faults.expire_iterator(2);
  std::string seen;
  follow(kinesis, parent, seen);
  expect(seen == "abcae", "the consumer reads each shard, parents first, and each record once");
  expect(env.faults.hits().expired == 1, "though an iterator expired after two of them");
}
// [test]
