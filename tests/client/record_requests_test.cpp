#include "weir/client/record_requests.hpp"

#include <doctest/doctest.h>

namespace {

namespace client = weir::client;

TEST_CASE("records are put as text or as bytes, and nothing of a request is a copy") {
  const std::string text = "payload";
  const client::PutRecordRequest put{.stream_name = "clicks", .data = text, .partition_key = "key"};
  CHECK(static_cast<const void*>(put.data.data()) == text.data());
  const client::PutRecordsRequest many{.stream_name = "clicks",
                                       .records = {{.data = text, .partition_key = "a"},
                                                   {.data = text, .partition_key = "b", .explicit_hash_key = "0"}}};
  CHECK(many.records[0].data.data() == many.records[1].data.data());
  CHECK_FALSE(many.records[0].explicit_hash_key);
}

TEST_CASE("reading begins at the oldest record, of as many as the service gives, unless something else is asked for") {
  const client::GetShardIteratorRequest iterator{.stream_name = "clicks", .shard_id = "0"};
  CHECK(iterator.shard_iterator_type == client::ShardIteratorType::trim_horizon);
  const client::GetRecordsRequest read{.shard_iterator = "token"};
  CHECK_FALSE(read.limit);
}

TEST_CASE("children are compared by value") {
  const client::ChildShard child{"shardId-000000000002", {"shardId-000000000000"}, {"0", "9"}};
  auto other = child;
  CHECK(other == child);
  other.parent_shards.push_back("shardId-000000000001");
  CHECK(other != child);
}

}  // namespace
