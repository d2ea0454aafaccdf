/// The verbs that put records.
#pragma once

#include <algorithm>
#include <iterator>
#include <optional>
#include <string>
#include <vector>

#include "weir/client/account.hpp"
#include "weir/client/names.hpp"
#include "weir/client/record_requests.hpp"

namespace weir::inline WEIR_ABI::detail {

inline constexpr std::size_t max_entries = 500;  ///< of a PutRecords request

/// The fields of a record that have a constraint, but for its size, which is the stream's to say.
inline Result<void> check_record(std::string_view key, const std::optional<std::string_view>& hash) {
  if (const auto checked = check_key(key); !checked) {
    return checked;
  }
  return hash ? check_hash_key(*hash) : Result<void>{};
}

/// Nothing, if none was given.
inline Result<std::optional<HashKey>> explicit_hash(const std::optional<std::string_view>& text) {
  if (!text) {
    return std::optional<HashKey>{};
  }
  const auto hash = HashKey::parse(*text);
  return hash ? Result<std::optional<HashKey>>{*hash} : hash.error();
}

/// Whether a number may have been given for an earlier put into this stream, into whichever shard.
template <class Stream>
Result<void> check_ordering(Stream& stream, std::string_view text) {
  const auto number = parse_decimal(text);
  if (!number) {
    return number.error();
  }
  if (number->incarnation() != stream.incarnation()) {
    return Failure{Errc::invalid_argument, Cause::foreign_incarnation, number->incarnation().value(),
                   stream.incarnation().value()};
  }
  const auto shard = stream.shard(number->shard());
  if (!shard) {
    return Failure{Errc::invalid_argument, shard.error().cause, shard.error().value, shard.error().limit};
  }
  if (const auto newest = (*shard)->log().end() - 1; number->value() > newest) {
    return Failure{Errc::invalid_argument, Cause::number_in_future, number->value(), newest};
  }
  return {};
}

template <class Env>
Result<client::PutRecordResponse> put_record(Account<Env>& account, const client::PutRecordRequest& request) {
  for (const auto& checked :
       {check_stream_name(request.stream_name), check_record(request.partition_key, request.explicit_hash_key)}) {
    if (!checked) {
      return checked.error();
    }
  }
  const auto found = account.streams.find_ready(request.stream_name);
  if (!found) {
    return found.error();
  }
  auto& stream = (*found)->stream;
  const auto hash = explicit_hash(request.explicit_hash_key);
  if (!hash) {
    return hash.error();
  }
  if (request.sequence_number_for_ordering) {
    if (const auto checked = check_ordering(stream, *request.sequence_number_for_ordering); !checked) {
      return checked.error();
    }
  }
  const auto put = stream.put({request.partition_key, *hash ? &**hash : nullptr}, request.data);
  if (!put) {
    return put.error();
  }
  return client::PutRecordResponse{put->shard.to_string(), to_decimal(put->sequence_number)};
}

/// What became of one entry, as an answer tells it.
inline client::PutRecordsResultEntry told(const Result<Put>& result) {
  client::PutRecordsResultEntry entry;
  if (result) {
    entry.sequence_number = to_decimal(result->sequence_number);
    entry.shard_id = result->shard.to_string();
  } else {
    const auto code = kinesis_name(result.error().code);
    entry.error_code = code.empty() ? kinesis_name(Errc::internal_failure) : code;
    entry.error_message = result.error().message();
  }
  return entry;
}

template <class Env>
Result<client::PutRecordsResponse> put_records(Account<Env>& account, const client::PutRecordsRequest& request) {
  if (const auto checked = check_stream_name(request.stream_name); !checked) {
    return checked.error();
  }
  if (const auto count = request.records.size(); count < 1 || count > max_entries) {
    return Failure{Errc::validation, Cause::request_entries, count, max_entries};
  }
  std::size_t bytes = 0;
  for (const auto& record : request.records) {
    if (const auto checked = check_record(record.partition_key, record.explicit_hash_key); !checked) {
      return checked.error();
    }
    bytes += record.partition_key.size() + record.data.size();
  }
  const auto found = account.streams.find_ready(request.stream_name);
  if (!found) {
    return found.error();
  }
  if (bytes > account.config.max_request) {
    return Failure{Errc::invalid_argument, Cause::request_bytes, bytes, account.config.max_request};
  }
  std::vector<typename NamedStream<Env>::stream_type::Entry> entries;
  for (const auto& record : request.records) {
    const auto hash = explicit_hash(record.explicit_hash_key);
    if (!hash) {
      return hash.error();
    }
    entries.push_back({record.partition_key, record.data, *hash});
  }
  std::vector<Result<Put>> results(entries.size(), Put{});
  const auto failed = (*found)->stream.put_batch(entries, results);
  if (!failed) {
    return failed.error();
  }
  client::PutRecordsResponse response;
  response.failed_record_count = static_cast<int>(*failed);
  std::transform(results.begin(), results.end(), std::back_inserter(response.records), told);
  return response;
}

}  // namespace weir::inline WEIR_ABI::detail
