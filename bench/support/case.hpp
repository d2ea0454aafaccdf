/// The streams that are measured: every size, both rings, the closed options.
#pragma once

#include "support/payload.hpp"

namespace bench {

/// Ten characters, as the segment ring keeps one with each record.
inline constexpr std::string_view one_key = "client-042";

/// A kind of stream and what its rows are called. Rings hold 65,536 records, or 8 MiB of payload if that is less;
/// segment rings 8 MiB of frames; with several shards all together hold as much.
template <class T, std::size_t Size, weir::Options options>
struct Case {
  using payload = T;
  using stream = weir::Stream<T, weir::MemoryStorage, options>;
  using batch = typename stream::batch_type;
  static constexpr std::size_t size = Size;
  static constexpr bool many = options.producers == weir::Producers::multiple;

  static constexpr std::uint64_t ring_bytes = std::uint64_t{8} << 20;
  static constexpr std::uint64_t capacity =
      keyed<T> ? ring_bytes : std::min(weir::default_capacity_records, ring_bytes / Size);
  /// Records, in whole batches, that go round at least once.
  static constexpr std::uint64_t lap =
      keyed<T> ? ring_bytes * 3 / 2 / (Size + 32) / batch_records * batch_records : capacity;
  /// Records that are retained at least, of more than a lap.
  static constexpr std::uint64_t retained =
      keyed<T> ? ring_bytes / 2 / (Size + 48) : capacity - weir::Limit{capacity, options.producers}.step();

  static stream open(int shards = 1) {
    const auto each = capacity / static_cast<std::uint64_t>(shards);
    return stream::open(
               {.name = "bench", .shards = shards, .capacity = keyed<T> ? weir::bytes(each) : weir::records(each)})
        .value();
  }

  static Row row(std::string topic, const std::string& key, const std::string& hasher, int shards = 1) {
    const bool kept = options.arrival == weir::Arrival::kept;
    return {std::move(topic), Size, std::string{many ? "many/" : "single/"} + (kept ? "kept" : "dropped"),
            std::string{"clock="} + (kept ? "coarse" : "none") + " key=" + key + " hasher=" + hasher +
                " shards=" + std::to_string(shards) + (keyed<T> ? " ring=segment" : "")};
  }
};

/// The column ring of a stream opened without any choice.
template <std::size_t Size>
using DefaultCase = Case<Fixed<Size>, Size, weir::Options{}>;

/// A row of what is measured beside the streams.
inline Row baseline(std::string topic, std::size_t size, const std::string& what) {
  return {std::move(topic), size, "baseline/" + what, "clock=none key=none hasher=none"};
}

/// Calls `action` with a `Case` of each size.
template <template <std::size_t> class Payload, weir::Options options, class Action>
void for_each_size(Action&& action) {
  [&]<std::size_t... Index>(std::index_sequence<Index...>) {
    (action(Case<Payload<sizes[Index]>, sizes[Index], options>{}), ...);
  }
  (std::make_index_sequence<sizes.size()>{});
}

template <std::size_t Size>
struct Sized {};

/// Calls `action` with a `Sized` of each size: for what has no options.
template <class Action>
void for_each_fixed_size(Action&& action) {
  [&]<std::size_t... Index>(std::index_sequence<Index...>) {
    (action(Sized<sizes[Index]>{}), ...);
  }
  (std::make_index_sequence<sizes.size()>{});
}

template <std::size_t>
using Segmented = weir::Bytes;

using weir::Arrival;
using weir::Producers;

/// Calls `action` with each `Case` of many producers.
template <class Action>
void for_each_shared_case(Action&& action) {
  for_each_size<Fixed, weir::Options{Producers::multiple, Arrival::kept}>(action);
  for_each_size<Fixed, weir::Options{Producers::multiple, Arrival::dropped}>(action);
  for_each_size<Segmented, weir::Options{Producers::multiple, Arrival::kept}>(action);
  for_each_size<Segmented, weir::Options{Producers::multiple, Arrival::dropped}>(action);
}

/// Calls `action` with every `Case`. The segment ring has one way of writing, whoever writes.
template <class Action>
void for_each_case(Action&& action) {
  for_each_size<Fixed, weir::Options{Producers::multiple, Arrival::kept}>(action);
  for_each_size<Fixed, weir::Options{Producers::multiple, Arrival::dropped}>(action);
  for_each_size<Fixed, weir::Options{Producers::single, Arrival::kept}>(action);
  for_each_size<Fixed, weir::Options{Producers::single, Arrival::dropped}>(action);
  for_each_size<Segmented, weir::Options{Producers::multiple, Arrival::kept}>(action);
  for_each_size<Segmented, weir::Options{Producers::multiple, Arrival::dropped}>(action);
}

}  // namespace bench
