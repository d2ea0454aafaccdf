/// Named streams of opaque records with the verbs of the service: its double in a program or a test.
#pragma once

#include <memory>
#include <utility>

#include "weir/client/control.hpp"
#include "weir/client/listing.hpp"
#include "weir/client/putting.hpp"
#include "weir/client/reading.hpp"
#include "weir/client/shard_listing.hpp"
#include "weir/client/tagging.hpp"

namespace weir::inline WEIR_ABI {

/// Kinesis Data Streams inside the process: what a program asks of the service it may ask of a client, in the same
/// words, and is answered, or refused, as the service answers. A request is written in place:
///
/// ```cpp
/// auto client = weir::Client<>::open().value();
/// client.create_stream({.stream_name = "clicks", .shard_count = 2}).value();
/// client.put_record({.stream_name = "clicks", .data = "payload", .partition_key = "user-42"}).value();
/// ```
///
/// Every change is made at once: a stream is active when `create_stream` returns, and gone when `delete_stream` does. A
/// test holds it in between with the fault plan of its environment. Deviations from the service:
///
/// - records are kept as long as the retention period *and* the capacity of their shard allow;
/// - sequence numbers are below 2^128, and numbers of malformed text are `invalid_argument` everywhere;
/// - the ending number of a closed shard is the one after its last record's; the service's lies far above it;
/// - a token of a stream that was created anew is `resource_not_found` for every shard;
/// - records are smaller than a 32nd of `ClientConfig::capacity`, and than 8 MiB, whatever size a stream asks for.
///
/// **threads** every verb, at any time; moving and destroying are for one thread. **errors** of any verb: `validation`
/// for a field that breaks its constraint, then `resource_not_found` for a stream or a shard that is not there. A verb
/// that throws `std::bad_alloc` has changed nothing, but what it had put by then stays.
template <class Env>
class Client {
 public:
  /// **errors** `invalid_argument` for limits that cannot be, for a capacity that is no power of two or too small for
  /// the largest record.
  static Result<Client> open(const ClientConfig& config = {}, const Env& env = Env{}) {
    using Log = LogFor<Bytes, Options{}, Env>;
    if (const auto checked = Log::check(config.capacity, config.max_record); !checked) {
      return checked.error();
    }
    if (const auto checked = config.limits.check(); !checked) {
      return checked.error();
    }
    return Client{std::make_unique<detail::Account<Env>>(config, env)};
  }

  /// **errors** `resource_in_use` for a name that is taken, also by a stream that is being deleted; `limit_exceeded`
  /// for more shards, on-demand streams or streams being created than the account may have; `invalid_argument` for tags
  /// that cannot be, and for a record size that the capacity does not allow; `out_of_memory`.
  Result<void> create_stream(const client::CreateStreamRequest& request) {
    return detail::create_stream(*account_, request);
  }
  /// Takes the name away; puts and reads that are under way end as they would.
  ///
  /// **errors** `resource_in_use` for a stream that is being changed or deleted.
  Result<void> delete_stream(const client::DeleteStreamRequest& request) {
    return detail::delete_stream(*account_, request);
  }

  /// By name, in pages.
  ///
  /// **errors** `invalid_argument` for a token of another origin, and for one beside a name; `expired_next_token`.
  Result<client::ListStreamsResponse> list_streams(const client::ListStreamsRequest& request = {}) {
    return detail::list_streams(*account_, request);
  }
  /// In any state.
  [[nodiscard]] bool stream_exists(std::string_view stream_name) {
    return account_->streams.find(stream_name).has_value();
  }
  /// With shards that are closed and have not expired, in pages.
  Result<client::DescribeStreamResponse> describe_stream(const client::DescribeStreamRequest& request) {
    return detail::describe_stream(*account_, request);
  }
  Result<client::DescribeStreamSummaryResponse> describe_stream_summary(
      const client::DescribeStreamSummaryRequest& request) {
    return detail::describe_stream_summary(*account_, request);
  }
  /// What the account may have, and has.
  [[nodiscard]] client::DescribeLimitsResponse describe_limits() { return detail::describe_limits(*account_); }
  /// In pages, as a filter says.
  ///
  /// **errors** `invalid_argument` unless exactly one of name and token is given, for a token of another origin, and
  /// for a filter without what it needs; `expired_next_token`.
  Result<client::ListShardsResponse> list_shards(const client::ListShardsRequest& request) {
    return detail::list_shards(*account_, request);
  }

  /// **errors** `invalid_argument` for a shard that is closed, and unless both halves get two hash keys or more;
  /// `limit_exceeded` for more open shards than the account may have; `validation` for an on-demand stream;
  /// `resource_in_use` for one that is not active.
  Result<void> split_shard(const client::SplitShardRequest& request) { return detail::split_shard(*account_, request); }
  /// **errors** `invalid_argument` for a shard that is closed, and unless the second begins where the first ends;
  /// others as `split_shard`.
  Result<void> merge_shards(const client::MergeShardsRequest& request) {
    return detail::merge_shards(*account_, request);
  }
  /// To have more, every shard is split and neighbours are merged down to the target; the present count changes
  /// nothing.
  ///
  /// **errors** `invalid_argument` for less than half or more than twice the open shards; `limit_exceeded` for the 11th
  /// change within 24 hours; others as `split_shard`.
  Result<client::UpdateShardCountResponse> update_shard_count(const client::UpdateShardCountRequest& request) {
    return detail::update_shard_count(*account_, request);
  }

  /// What has expired stays so.
  ///
  /// **errors** `invalid_argument` for less than now, and for other than 24 to 8760 hours; `resource_in_use` for a
  /// stream that is not active.
  Result<void> increase_stream_retention_period(const client::IncreaseStreamRetentionPeriodRequest& request) {
    return detail::change_retention(*account_, request.stream_name, request.retention_period_hours,
                                    detail::Retain::longer);
  }
  /// Holds at once.
  ///
  /// **errors** `invalid_argument` for more than now; others as `increase_stream_retention_period`.
  Result<void> decrease_stream_retention_period(const client::DecreaseStreamRetentionPeriodRequest& request) {
    return detail::change_retention(*account_, request.stream_name, request.retention_period_hours,
                                    detail::Retain::shorter);
  }
  /// The shards stay as they are.
  ///
  /// **errors** `limit_exceeded` for the third change within 24 hours, and for more than the account may have;
  /// `resource_in_use` for a stream that is not active.
  Result<void> update_stream_mode(const client::UpdateStreamModeRequest& request) {
    return detail::update_stream_mode(*account_, request);
  }

  /// All or none; a key that is there gets the new value.
  ///
  /// **errors** `invalid_argument` for characters that tags do not have, and for more than 50.
  Result<void> add_tags_to_stream(const client::AddTagsToStreamRequest& request) {
    return detail::add_tags(*account_, request);
  }
  /// A key that is not there is removed already.
  Result<void> remove_tags_from_stream(const client::RemoveTagsFromStreamRequest& request) {
    return detail::remove_tags(*account_, request);
  }
  /// By key, in pages.
  Result<client::ListTagsForStreamResponse> list_tags_for_stream(const client::ListTagsForStreamRequest& request) {
    return detail::list_tags(*account_, request);
  }

  /// **errors** `validation` for a record over the stream's limit; `invalid_argument` for an explicit hash key of 2^128
  /// or more, and for a number that no put of this stream can have given; `resource_not_found` also while the stream is
  /// being created; `throughput_exceeded`; `stalled_writer`. Nothing is stored then.
  Result<client::PutRecordResponse> put_record(const client::PutRecordRequest& request) {
    return detail::put_record(*account_, request);
  }
  /// An entry that fails does not stop later ones; the answer has each in its place.
  ///
  /// **errors** as `put_record` for any entry, but for what may pass when it is tried again, which its place in the
  /// answer tells; `invalid_argument` for a request of too many bytes. Nothing is stored then.
  Result<client::PutRecordsResponse> put_records(const client::PutRecordsRequest& request) {
    return detail::put_records(*account_, request);
  }

  /// A token for a place in a shard, good for five minutes and as often as wanted.
  ///
  /// **errors** `invalid_argument` for a sequence number or a timestamp that is missing, unwanted, of another shard or
  /// stream, or in the future; `throughput_exceeded`.
  Result<client::GetShardIteratorResponse> get_shard_iterator(const client::GetShardIteratorRequest& request) {
    return detail::get_shard_iterator(*account_, request);
  }
  /// What is there now, without waiting: up to 10 MiB, and at least one record if there is any. Each answer carries
  /// a fresh token for what follows, until a closed shard was read to its end; then it carries the shards that took
  /// over.
  ///
  /// **errors** `invalid_argument` for a token of another origin; `expired_iterator`; `resource_not_found` when the
  /// stream was deleted, whatever has its name now; `throughput_exceeded`.
  Result<client::GetRecordsResponse> get_records(const client::GetRecordsRequest& request) {
    return detail::get_records(*account_, request);
  }

 private:
  explicit Client(std::unique_ptr<detail::Account<Env>> account) noexcept : account_(std::move(account)) {}

  std::unique_ptr<detail::Account<Env>> account_;
};

}  // namespace weir::inline WEIR_ABI
