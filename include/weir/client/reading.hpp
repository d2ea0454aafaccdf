/// The verbs that read records.
#pragma once

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "weir/client/account.hpp"
#include "weir/client/listing.hpp"
#include "weir/client/names.hpp"
#include "weir/client/record_requests.hpp"

namespace weir::inline WEIR_ABI::detail {

inline constexpr int max_records = 10'000;                        ///< of a GetRecords answer
inline constexpr std::size_t max_answer = std::size_t{10} << 20;  ///< keys and data of a GetRecords answer

/// Where an iterator of this request begins.
inline Result<Position> asked_position(const client::GetShardIteratorRequest& request) {
  using Type = client::ShardIteratorType;
  const auto type = request.shard_iterator_type;
  const bool numbered = type == Type::at_sequence_number || type == Type::after_sequence_number;
  const auto& number = request.starting_sequence_number;
  if (numbered && !number) {
    return Failure{Errc::invalid_argument, Cause::number_missing, 0, 0};
  }
  if ((type == Type::trim_horizon || type == Type::latest) && number) {
    return Failure{Errc::invalid_argument, Cause::number_unwanted, number->size(), 0};
  }
  if (numbered) {
    const auto parsed = parse_decimal(*number);
    if (!parsed) {
      return parsed.error();
    }
    return type == Type::at_sequence_number ? Position::at(*parsed) : Position::after(*parsed);
  }
  if (type == Type::at_timestamp) {
    if (!request.timestamp) {
      return Failure{Errc::invalid_argument, Cause::timestamp_missing, 0, 0};
    }
    return Position::at_timestamp(*request.timestamp);
  }
  return type == Type::latest ? Position::latest() : Position::trim_horizon();
}

template <class Env>
Result<client::GetShardIteratorResponse> get_shard_iterator(Account<Env>& account,
                                                            const client::GetShardIteratorRequest& request) {
  if (const auto checked = check_stream_name(request.stream_name); !checked) {
    return checked.error();
  }
  const auto id = read_shard_id(request.shard_id);
  if (!id) {
    return id.error();
  }
  const auto found = account.streams.find_ready(request.stream_name);
  if (!found) {
    return found.error();
  }
  auto& entry = **found;
  if (const auto shard = entry.stream.shard(*id); !shard) {
    return shard.error();
  }
  const auto now = account.now();
  if (const auto refused = entry.reads.admit_iterator(*id, now)) {
    return *refused;
  }
  const auto position = asked_position(request);
  if (!position) {
    return position.error();
  }
  const auto iterator = entry.stream.iterator(*id, *position);  // which fixes where `latest` is
  if (!iterator) {
    return iterator.error();
  }
  Token token{TokenKind::iterator, entry.name, entry.stream.incarnation(), *id};
  token.set_position(iterator->position());
  return client::GetShardIteratorResponse{account.tokens.write(token, now)};
}

/// What an answer holds, and where the next one begins.
struct Answer {
  /// Takes what is there, and looks whether there is more.
  template <class Iterator>
  void fill(Iterator& iterator, std::size_t limit) {
    for (;;) {
      const auto batch = iterator.read_up_to(std::max<std::size_t>(limit - response.records.size(), 1));
      response.missed += batch.missed();
      for (const auto& record : batch) {
        const auto size = record.partition_key().size() + record.value().size();
        const bool fits = response.records.empty() || bytes + size <= max_answer;
        if (response.records.size() == limit || !fits) {
          unread = record.arrival();
          next = Position::at(record.sequence_number());
          return;
        }
        bytes += size;
        response.records.push_back({to_decimal(record.sequence_number()), record.arrival(), Bytes{record.value()},
                                    std::string{record.partition_key()}});
      }
      if (!batch) {
        next = iterator.position();
        ended = iterator.at_end();
        return;
      }
    }
  }

  Position next;  ///< first where this one begins
  client::GetRecordsResponse response{};
  std::size_t bytes = 0;
  std::optional<Timestamp> unread{};  ///< when the record arrived that was not taken
  bool ended = false;                 ///< nothing will follow
};

/// What a shard has from a token's place on: nothing as long as the clock, which was set back since, has not come to
/// the token's moment again.
template <class Stream>
Result<Answer> answer_from(Stream& stream, const Token& token, std::size_t limit) {
  Answer answer{.next = token.position()};
  const auto shard = stream.shard(token.shard);
  if (!shard) {
    return shard.error();
  }
  const bool closed = (*shard)->log().closed();  // before the look at its records, to which nothing is added then
  auto iterator = stream.iterator(token.shard, answer.next);
  if (iterator) {
    answer.fill(*iterator, limit);
  } else if (iterator.error().cause == Cause::timestamp_in_future) {
    answer.ended = closed;
  } else {
    return iterator.error();
  }
  return answer;
}

template <class Env>
Result<client::GetRecordsResponse> get_records(Account<Env>& account, const client::GetRecordsRequest& request) {
  const auto limit = page_size(request.limit, max_records, max_records);
  if (!limit) {
    return limit.error();
  }
  const auto now = account.now();
  auto token = account.tokens.read(request.shard_iterator, TokenKind::iterator, now);
  if (!token) {
    return token.error();
  }
  if constexpr (requires { account.env.faults.expires_iterator(); }) {
    if (account.env.faults.expires_iterator()) {
      return Failure{Errc::expired_iterator, Cause::fault_planned, account.planned_expiries.add(1) + 1, 0};
    }
  }
  const auto found = account.streams.find(token->stream);
  if (!found) {
    return found.error();
  }
  auto& entry = **found;
  if (token->incarnation != entry.stream.incarnation()) {
    return Failure{Errc::resource_not_found, Cause::token_stream, token->incarnation.value(),
                   entry.stream.incarnation().value()};
  }
  if (const auto refused = entry.reads.admit_read(token->shard, now)) {
    return *refused;
  }
  auto answer = answer_from(entry.stream, *token, *limit);
  if (!answer) {
    return answer.error();
  }
  entry.reads.charge_read(token->shard, answer->bytes, now);
  auto& response = answer->response;
  if (answer->unread) {
    // Never 0 while something is unread: a reader that looks for 0 would stop.
    response.millis_behind_latest = std::max<std::int64_t>((account.now() - *answer->unread).count(), 1);
  }
  if (answer->ended) {
    const auto children = entry.stream.children(token->shard);
    if (!children) {
      return children.error();
    }
    for (const auto& child : *children) {
      std::vector<std::string> parents{child.parent->to_string()};
      if (child.adjacent_parent) {
        parents.push_back(child.adjacent_parent->to_string());
      }
      response.child_shards.push_back({child.id.to_string(), std::move(parents), texts_of(child.hash_key_range)});
    }
  } else {
    token->set_position(answer->next);
    response.next_shard_iterator = account.tokens.write(*token, account.now());
  }
  return std::move(response);
}

}  // namespace weir::inline WEIR_ABI::detail
