#include "weir/core/options.hpp"

#include <doctest/doctest.h>

#include <bit>
#include <chrono>
#include <type_traits>

namespace {

using namespace std::chrono_literals;
using weir::Arrival;
using weir::Capacity;
using weir::Delivery;
using weir::Notify;
using weir::Options;
using weir::Producers;
using weir::StreamConfig;

template <Options Choice>
struct Chosen {
  static constexpr Options options = Choice;
};

TEST_CASE("options are a template argument: equal options make equal types") {
  static_assert(std::is_same_v<Chosen<Options{}>, Chosen<Options{.producers = Producers::multiple}>>);
  static_assert(std::is_same_v<Chosen<Options{.arrival = Arrival::kept}>, Chosen<Options{}>>);
  static_assert(!std::is_same_v<Chosen<Options{.producers = Producers::single}>, Chosen<Options{}>>);
  static_assert(!std::is_same_v<Chosen<Options{.arrival = Arrival::dropped}>, Chosen<Options{}>>);
  static_assert(!std::is_same_v<Chosen<Options{.delivery = Delivery::gated}>, Chosen<Options{}>>);
  static_assert(!std::is_same_v<Chosen<Options{.notify = Notify::on_put}>, Chosen<Options{}>>);
  CHECK(Chosen<Options{.producers = Producers::single}>::options.producers == Producers::single);
}

TEST_CASE("the defaults are many producers, arrival times kept, the newest records, and nobody woken") {
  constexpr Options options;
  static_assert(options == Options{.producers = Producers::multiple,
                                   .arrival = Arrival::kept,
                                   .delivery = Delivery::overwrite,
                                   .notify = Notify::none});
  CHECK(options != Options{.producers = Producers::single});
}

TEST_CASE("a capacity knows its unit") {
  static_assert(weir::records(1 << 16) == Capacity{.unit = Capacity::Unit::records, .count = 65'536});
  static_assert(weir::bytes(64 << 20) == Capacity{.unit = Capacity::Unit::bytes, .count = 67'108'864});
  CHECK(weir::records(8) != weir::bytes(8));
  CHECK(weir::records(8) != weir::records(16));
  CHECK(weir::records(0) != Capacity{});
  CHECK(Capacity{}.unit == Capacity::Unit::unspecified);
}

TEST_CASE("capacities are not cut to 32 bits") {
  CHECK(weir::bytes(std::uint64_t{1} << 40).count == 1'099'511'627'776);
  CHECK(weir::records(~std::uint64_t{0}).count == 18'446'744'073'709'551'615U);
}

TEST_CASE("the default capacities are powers of two, as every capacity must be") {
  static_assert(std::has_single_bit(weir::default_capacity_records) && weir::default_capacity_records == 65'536);
  static_assert(std::has_single_bit(weir::default_capacity_bytes) && weir::default_capacity_bytes == 8'388'608);
  CHECK(weir::max_shards == 10'000);
}

TEST_CASE("a config needs no word, and takes what is given by name") {
  const StreamConfig config;
  CHECK_FALSE(config.name);
  CHECK_FALSE(config.shards);
  CHECK(config.capacity == Capacity{});
  CHECK(config.max_record == 0);
  CHECK_FALSE(config.readers);
  CHECK(config.stall == 1s);

  const int shards = 8;
  const StreamConfig given{
      .name = "ticks", .shards = shards, .capacity = weir::records(1 << 16), .max_record = 100, .stall = 250ms};
  CHECK(given.name == "ticks");
  CHECK(given.shards == 8);
  CHECK(given.capacity == weir::records(65'536));
  CHECK(given.max_record == 100);
  CHECK(given.stall == 250ms);
}

}  // namespace
