#include "weir/stream/admission.hpp"

#include "stream/rings.hpp"

namespace weir::stream_tests {
namespace {

using namespace std::chrono_literals;

constexpr Options gated{.delivery = Delivery::gated};

template <class Ring, Options options = Ring::options>
struct Limited {
  using Stream = weir::Stream<typename Ring::payload, WEIR_TESTS_STORAGE, options, testing::ManualEnv>;
  explicit Limited(const Limits& limits)
      : stream(Stream::open({.capacity = Ring::capacity, .limits = limits}, {}, env).value()) {}

  [[nodiscard]] std::uint64_t asked() const { return env.faults.hits().puts; }

  testing::ManualEnv env;
  Stream stream;
  typename Ring::payload value = Ring::value_of(7);
};

TEST_CASE_TEMPLATE("every way of putting is held to the shard's rate, and what is refused is not stored", Ring,
                   ManyColumns, Texts) {
  Limited<Ring> f{{.records_in = 3}};
  const std::vector<typename Ring::payload> three(3, f.value);
  using Element = typename Limited<Ring>::Stream::element;
  const std::vector<Element> elements(three.begin(), three.end());
  const auto refused = [](const auto& result) {
    check_refused(result, Errc::throughput_exceeded, Cause::record_rate, {"shard 0", "3 records"});
  };
  f.stream.put_all("a", elements).value();
  refused(f.stream.put("a", f.value));
  refused(f.stream.try_put("a", f.value));
  refused(f.stream.put("a", f.value, Deadline{1ms}));
  refused(f.stream.put_all("a", elements));
  auto writer = f.stream.writer("a").value();
  refused(writer.put(f.value));
  refused(writer.put_all(elements));
  {
    auto slots = writer.claim(1).value();  // overwrite: the commit puts
    refused(slots.commit());
  }
  f.env.clock.advance(1s);
  f.stream.put("a", f.value).value();
  writer.put(f.value).value();
  {
    auto slots = writer.claim(1).value();
    slots.commit().value();
  }
  refused(f.stream.put("a", f.value));
  CHECK(f.stream.shard(ShardId{0}).value()->log().end() == 7);
}

TEST_CASE("row 11: of a batch over the rate the entries over it fail by name, and those beside them are stored") {
  Limited<Texts> f{{.bytes_in = 100}};
  const std::string large(60, 'x');
  std::vector<Limited<Texts>::Stream::Entry> entries{{"a", large}, {"a", large}, {"a", "small"}};
  std::vector<Result<Put>> results(3, Put{});
  CHECK(f.stream.put_batch(entries, results).value() == 1);
  CHECK(results[0]);
  check_refused(results[1], Errc::throughput_exceeded, Cause::byte_rate, {"shard 0", "100 bytes"});
  CHECK(kinesis_name(results[1].error().code) == "ProvisionedThroughputExceededException");
  CHECK(results[2]->sequence_number > results[0]->sequence_number);
}

TEST_CASE_TEMPLATE("reads over the rate say so, look at nothing, and go on when time has passed", Ring, ManyColumns,
                   Texts) {
  Limited<Ring> f{{.reads_out = 2}};
  f.stream.put("a", f.value).value();
  auto cursor = f.stream.iterator(ShardId{0}, Position::trim_horizon()).value();
  CHECK_FALSE(cursor.read().empty());
  CHECK_FALSE(cursor.read().throttled());
  f.stream.put("a", f.value).value();
  const auto refused = cursor.read();
  CHECK(refused.throttled());
  CHECK_FALSE(refused);
  CHECK_FALSE(cursor.at_end());
  f.env.clock.advance(1s);
  CHECK(cursor.read().size() == 1);
}

TEST_CASE_TEMPLATE("a plan is asked once a record, however it is put and however often that is tried", Ring,
                   ManyColumns, Texts) {
  Limited<Ring, gated> f{{}};
  f.env.faults.throttle_put(2);
  f.stream.put("a", f.value).value();
  check_refused(f.stream.put("a", f.value), Errc::throughput_exceeded, Cause::fault_planned, {"fault plan"});
  CHECK(f.asked() == 2);
  {
    auto slots = f.stream.claim("a", 1).value();
    slots.commit().value();
  }
  CHECK(f.asked() == 3);
  std::uint64_t asked = 3;
  while (f.stream.put("a", f.value)) {
    ++asked;
  }
  CHECK(f.asked() == ++asked);
  CHECK(f.stream.put("a", f.value, Deadline{20ms}).error().code == Errc::full);
  CHECK(f.asked() == ++asked);
}

TEST_CASE("a handle that follows a reshard asks the plan once") {
  Limited<ManyColumns> f{{}};
  auto writer = f.stream.writer("a").value();
  f.stream.close().value();
  CHECK(writer.put(1).error().code == Errc::closed);
  CHECK(f.asked() == 0);
}

TEST_CASE("an environment without faults and a stream without limits let everything through") {
  detail::Admission<DefaultEnv> open{{}, {}, ShardId{3}};
  CHECK(open.open());
  CHECK_FALSE(open.refusal(1'000'000, ~std::uint64_t{0}).has_value());
  CHECK_FALSE(open.refuses_read());
  CHECK(open.write_throttles() == 0);
  CHECK(open.read_throttles() == 0);
  detail::Admission<DefaultEnv> limited{{}, {.records_in = 1}, ShardId{3}};
  CHECK_FALSE(limited.open());
  CHECK_FALSE(limited.refusal(1, 1).has_value());
  CHECK(limited.refusal(1, 1)->cause == Cause::record_rate);
  CHECK(limited.write_throttles() == 1);
}

}  // namespace
}  // namespace weir::stream_tests
