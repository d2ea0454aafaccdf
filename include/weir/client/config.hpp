/// What an account of the service would decide, as the numbers of a client.
#pragma once

#include <cstddef>
#include <cstdint>

#include "weir/core/options.hpp"

namespace weir::inline WEIR_ABI {

/// All can be left out: then records of up to 1 MiB go into shards of 64 MiB, and no rate is limited.
struct ClientConfig {
  /// Bytes that each shard retains, a power of two: what is older than the retention period, or does not fit, is gone.
  /// Of memory that takes what is used of it. The default is the least that holds records of 1 MiB.
  Capacity capacity = bytes(std::uint64_t{64} << 20);
  /// The largest record in bytes, key and data together, of streams that are created without a size of their own.
  std::int64_t max_record = std::int64_t{1} << 20;
  int shard_limit = 10'000;  ///< open shards of all provisioned streams together
  int on_demand_limit = 50;  ///< on-demand streams
  /// Of a PutRecords request, keys and data together.
  std::size_t max_request = std::size_t{5} << 20;
  /// Per shard: `kinesis_limits()` for those of the service. A shard that gives so many reads a second gives as many
  /// iterators.
  Limits limits{};
};

}  // namespace weir::inline WEIR_ABI
