/// Kinesis' own verbs: create, put, split, and follow a shard into those that took over from it.
// [client]
#include <cstdio>
#include <weir/client/client.hpp>

using Type = weir::client::ShardIteratorType;

/// Reads a shard to its end, or until there is nothing more, and then those that took over from it.
void follow(weir::Client<>& kinesis, const std::string& shard) {
  auto iterator =
      kinesis
          .get_shard_iterator({.stream_name = "clicks", .shard_id = shard, .shard_iterator_type = Type::trim_horizon})
          .value()
          .shard_iterator;
  for (;;) {
    const auto answer = kinesis.get_records({.shard_iterator = iterator, .limit = 2}).value();
    for (const auto& record : answer.records)
      std::printf("%s: %s at %s\n", shard.c_str(), record.partition_key.c_str(), record.data.to_string().c_str());
    for (const auto& child : answer.child_shards) {
      std::printf("%s goes on in %s\n", shard.c_str(), child.shard_id.c_str());
      follow(kinesis, child.shard_id);
    }
    if (!answer.next_shard_iterator || answer.millis_behind_latest == 0)
      return;
    iterator = *answer.next_shard_iterator;
  }
}

int main() {
  auto kinesis = weir::Client<>::open().value();
  kinesis.create_stream({.stream_name = "clicks", .shard_count = 1}).value();

  const auto put = kinesis
                       .put_records({.stream_name = "clicks",
                                     .records = {{.data = "/home", .partition_key = "ada"},
                                                 {.data = "/help", .partition_key = "grace"},
                                                 {.data = "/cart", .partition_key = "ada"}}})
                       .value();
  std::printf("%zu put, %d failed\n", put.records.size(), put.failed_record_count);

  const auto middle = weir::HashKeyRange{}.midpoint().to_string();
  kinesis.split_shard({.stream_name = "clicks", .shard_to_split = "shardId-0", .new_starting_hash_key = middle})
      .value();
  for (const auto* user : {"ada", "grace"})
    kinesis.put_record({.stream_name = "clicks", .data = "/pay", .partition_key = user}).value();

  follow(kinesis, put.records.front().shard_id.value());
}
// [client]
