#include "weir/stream/metrics.hpp"

#include "stream/rings.hpp"
#include "weir/stream/reshard.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

namespace {

using namespace std::chrono_literals;
using weir::ShardId;
using weir::ShardMetrics;
using weir::StreamMetrics;

/// All numbers different, so that none can stand for another.
ShardMetrics numbered(std::uint32_t shard, std::uint64_t from) {
  ShardMetrics metrics;
  metrics.shard = ShardId{shard};
  for (auto* count :
       {&metrics.incoming_records, &metrics.incoming_bytes, &metrics.outgoing_records, &metrics.outgoing_bytes,
        &metrics.write_throttles, &metrics.read_throttles, &metrics.laps, &metrics.missed, &metrics.full}) {
    *count = from++;
  }
  metrics.iterator_age = std::chrono::milliseconds{from++};
  metrics.gate_wait = std::chrono::nanoseconds{from++};
  metrics.reader_lag = from;
  return metrics;
}

/// One family of a page in Prometheus' text format.
struct Family {
  using Labels = std::vector<std::pair<std::string, std::string>>;
  std::string name, help, type;
  std::vector<std::pair<Labels, std::string>> samples;
};

/// Reads a page, and nothing but what the format allows; stricter where the format lets a writer choose.
class PageReader {
 public:
  static std::optional<std::vector<Family>> read(std::string_view page) {
    PageReader reader{page};
    std::vector<Family> families;
    std::set<std::string> names;
    while (reader.ok_ && !reader.rest_.empty()) {
      families.push_back(reader.family());
      reader.require(names.insert(families.back().name).second);
    }
    return reader.ok_ ? std::optional{families} : std::nullopt;
  }

 private:
  explicit PageReader(std::string_view page) : rest_(page) {}

  bool require(bool holds) { return ok_ = ok_ && holds; }
  bool accept(std::string_view text) {
    const bool found = rest_.starts_with(text);
    rest_.remove_prefix(found ? text.size() : 0);
    return found;
  }
  std::string take_while(auto belongs) {
    const auto end = std::find_if_not(rest_.begin(), rest_.end(), belongs);
    const std::string taken{rest_.begin(), end};
    rest_.remove_prefix(taken.size());
    return taken;
  }
  std::string name() {
    const auto taken = take_while(
        [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_'; });
    require(!taken.empty() && !(taken[0] >= '0' && taken[0] <= '9'));
    return taken;
  }
  /// Text with its escapes resolved, up to and without `end`.
  std::string escaped(char end, std::string_view escapes) {
    std::string text;
    while (require(!rest_.empty()) && rest_.front() != end) {
      if (!require(rest_.front() != '\n')) {
        break;
      }
      if (accept("\\")) {
        if (!require(!rest_.empty() && escapes.find(rest_.front()) != std::string_view::npos)) {
          break;
        }
        text += rest_.front() == 'n' ? '\n' : rest_.front();
      } else {
        text += rest_.front();
      }
      rest_.remove_prefix(1);
    }
    return text;
  }
  std::string number() {
    const auto digits = [this] { return take_while([](char c) { return c >= '0' && c <= '9'; }); };
    auto text = digits();
    require(!text.empty() && (text.size() == 1 || text[0] != '0'));
    if (accept(".")) {
      const auto fraction = digits();
      require(!fraction.empty());
      text += '.' + fraction;
    }
    return text;
  }
  Family family() {
    Family family;
    require(accept("# HELP "));
    family.name = name();
    require(accept(" "));
    family.help = escaped('\n', "\\n");
    require(accept("\n# TYPE " + family.name + " "));
    family.type = take_while([](char c) { return c != '\n'; });
    require(family.type == "counter" || family.type == "gauge");
    require((family.type == "counter") == family.name.ends_with("_total"));
    require(accept("\n"));
    std::set<Family::Labels> seen;
    while (ok_ && !rest_.empty() && !rest_.starts_with("#")) {
      require(accept(family.name));
      Family::Labels labels;
      for (auto opening = "{"; ok_ && !accept("}"); opening = ",") {
        require(accept(opening));
        auto label = name();
        require(accept("=\""));
        labels.emplace_back(std::move(label), escaped('"', "\\n\""));
        require(accept("\""));
      }
      require(accept(" "));
      require(seen.insert(labels).second);
      family.samples.emplace_back(std::move(labels), number());
      require(accept("\n"));
    }
    return family;
  }

  std::string_view rest_;
  bool ok_ = true;
};

std::vector<Family> read_page(const std::string& page) {
  CAPTURE(page);
  const auto families = PageReader::read(page);
  REQUIRE(families);
  return *families;
}

TEST_CASE("the totals are the sums of counts, and the ages and lags of the slowest") {
  StreamMetrics metrics{"orders", {numbered(0, 100), numbered(1, 1000), numbered(2, 10)}};
  auto expected = numbered(0, 0);
  expected.incoming_records = 1110;
  expected.incoming_bytes = 1113;
  expected.outgoing_records = 1116;
  expected.outgoing_bytes = 1119;
  expected.write_throttles = 1122;
  expected.read_throttles = 1125;
  expected.laps = 1128;
  expected.missed = 1131;
  expected.full = 1134;
  expected.iterator_age = 1009ms;
  expected.gate_wait = 1140ns;
  expected.reader_lag = 1011;
  CHECK(metrics.total() == expected);
  CHECK(StreamMetrics{"none", {}}.total() == ShardMetrics{});
}

TEST_CASE("the table has a row for each shard, the totals last, and its columns in line") {
  StreamMetrics metrics{"orders", {numbered(0, 1), numbered(7, 1'000'000)}};
  metrics.shards[1].iterator_age = 61'500ms;
  metrics.shards[1].gate_wait = 2s;
  CHECK('\n' + metrics.to_string() == R"(
orders                records in  bytes in  records out  bytes out  throttled in  throttled out     laps   missed     full  age s  gate wait s      lag
shardId-000000000000           1         2            3          4             5              6        7        8        9   0.01  0.000000011       12
shardId-000000000007     1000000   1000001      1000002    1000003       1000004        1000005  1000006  1000007  1000008   61.5            2  1000011
total                    1000001   1000003      1000005    1000007       1000009        1000011  1000013  1000015  1000017   61.5  2.000000011  1000011
)");
}

TEST_CASE("a table prints like other values, and one without shards has its heading and zeros") {
  const StreamMetrics none{"a-name-that-is-longer-than-a-shard", {}};
  std::ostringstream out;
  out << none;
  CHECK(out.str() == none.to_string());
  std::istringstream lines{out.str()};
  std::string heading, total, more;
  REQUIRE(std::getline(lines, heading));
  REQUIRE(std::getline(lines, total));
  CHECK_FALSE(std::getline(lines, more));
  CHECK(heading.starts_with("a-name-that-is-longer-than-a-shard  records in  bytes in"));
  CHECK(total.starts_with("total "));
  CHECK(heading.size() == total.size());
}

TEST_CASE("times are written to the last digit, and not below zero") {
  const auto seconds = [](std::chrono::nanoseconds time) { return weir::detail::Metric::seconds(time); };
  CHECK(seconds(0ns) == "0");
  CHECK(seconds(1ns) == "0.000000001");
  CHECK(seconds(1ms) == "0.001");
  CHECK(seconds(100ms) == "0.1");
  CHECK(seconds(1s) == "1");
  CHECK(seconds(10s) == "10");
  CHECK(seconds(999'999'999ns) == "0.999999999");
  CHECK(seconds(3600s + 50ms) == "3600.05");
  CHECK(seconds(-5ms) == "0");
  CHECK(seconds(std::chrono::nanoseconds::max()) == "9223372036.854775807");
}

TEST_CASE("the page tells each number of each shard under the service's names") {
  const auto families = read_page(weir::to_prometheus(StreamMetrics{"orders", {numbered(0, 1), numbered(3, 100)}}));
  const std::vector<std::pair<std::string, std::pair<std::string, std::string>>> expected{
      {"weir_incoming_records_total", {"1", "100"}},
      {"weir_incoming_bytes_total", {"2", "101"}},
      {"weir_outgoing_records_total", {"3", "102"}},
      {"weir_outgoing_bytes_total", {"4", "103"}},
      {"weir_write_provisioned_throughput_exceeded_total", {"5", "104"}},
      {"weir_read_provisioned_throughput_exceeded_total", {"6", "105"}},
      {"weir_laps_total", {"7", "106"}},
      {"weir_missed_records_total", {"8", "107"}},
      {"weir_full_total", {"9", "108"}},
      {"weir_iterator_age_seconds", {"0.01", "0.109"}},
      {"weir_gate_wait_seconds_total", {"0.000000011", "0.00000011"}},
      {"weir_reader_lag_records", {"12", "111"}}};
  REQUIRE(families.size() == expected.size());
  const Family::Labels first{{"stream", "orders"}, {"shard", "shardId-000000000000"}};
  const Family::Labels second{{"stream", "orders"}, {"shard", "shardId-000000000003"}};
  for (std::size_t i = 0; i < expected.size(); ++i) {
    const auto& family = families[i];
    CAPTURE(family.name);
    CHECK(family.name == expected[i].first);
    CHECK(family.help.ends_with('.'));
    REQUIRE(family.samples.size() == 2);
    CHECK(family.samples[0].first == first);
    CHECK(family.samples[0].second == expected[i].second.first);
    CHECK(family.samples[1].first == second);
    CHECK(family.samples[1].second == expected[i].second.second);
  }
}

TEST_CASE("the help names the service's metric where there is one") {
  const auto page = weir::to_prometheus(StreamMetrics{});
  for (const auto* name :
       {"IncomingRecords", "IncomingBytes", "OutgoingRecords", "OutgoingBytes", "WriteProvisionedThroughputExceeded",
        "ReadProvisionedThroughputExceeded", "IteratorAgeMilliseconds"}) {
    CAPTURE(name);
    CHECK(page.find("(" + std::string{name} + ").") != std::string::npos);
  }
}

TEST_CASE("one page holds several streams, each family once, and a stream without shards in none") {
  const std::vector<StreamMetrics> streams{
      {"a", {numbered(0, 1)}}, {"none", {}}, {"b", {numbered(0, 2), numbered(1, 3)}}};
  const auto families = read_page(weir::to_prometheus(streams));
  REQUIRE(families.size() == 12);
  for (const auto& family : families) {
    REQUIRE(family.samples.size() == 3);
    CHECK(family.samples[0].first[0].second == "a");
    CHECK(family.samples[1].first[0].second == "b");
    CHECK(family.samples[2].first[0].second == "b");
  }
  CHECK(read_page(weir::to_prometheus(std::span<const StreamMetrics>{})).size() == 12);
}

TEST_CASE("a name comes through whatever it holds") {
  for (const std::string name :
       {"", "a\"b", "a\\b", "a\nb", "\\n", "\\\"", "\"} 7\nweir_laps_total 9\n", "b\\", "ü{}=,"}) {
    CAPTURE(name);
    for (const auto& family : read_page(weir::to_prometheus(StreamMetrics{name, {numbered(0, 1)}}))) {
      REQUIRE(family.samples.size() == 1);
      CHECK(family.samples[0].first[0] == std::pair{std::string{"stream"}, name});
    }
  }
}

TEST_CASE("the largest numbers are written whole") {
  ShardMetrics metrics;
  metrics.incoming_bytes = ~std::uint64_t{0};
  const auto families = read_page(weir::to_prometheus(StreamMetrics{"s", {metrics}}));
  CHECK(families[1].samples[0].second == "18446744073709551615");
}

TEST_CASE("the reader of these tests takes a good page, and no page that differs from it in its form") {
  const std::string good = "# HELP a_total b\n# TYPE a_total counter\na_total{x=\"1\"} 2\na_total{x=\"2\"} 0.5\n";
  CHECK(PageReader::read(good));
  const auto with = [&](const std::string& part, const std::string& other) {
    auto page = good;
    return page.replace(page.find(part), part.size(), other);
  };
  for (const auto& page : {with("0.5\n", "0.5"),
                           with("\"2\"", "\"1\""),
                           with("counter", "gauge"),
                           with("counter", "number"),
                           with("# TYPE a_total", "# TYPE b_total"),
                           with("\na_total{", "\nb_total{"),
                           with(" 2\n", "2\n"),
                           with(" 2\n", " \n"),
                           with(" 2\n", " 02\n"),
                           with(" 2\n", " -2\n"),
                           with(" 2\n", " 2.\n"),
                           with("\"1\"", "1"),
                           with("\"1\"", "\"\\1\""),
                           with("\"1\"", "\"1\n\""),
                           with("\"1\"", "\"\"\""),
                           with("{x", "{1x"),
                           with("\"}", "\""),
                           with(" b\n", " \\b\n"),
                           with("# HELP", "#HELP"),
                           with("# TYPE a_total counter\n", ""),
                           "\n" + good,
                           good + good}) {
    CAPTURE(page);
    CHECK_FALSE(PageReader::read(page));
  }
}

}  // namespace

namespace weir::stream_tests {
namespace {

using namespace std::chrono_literals;

constexpr Options gated{.delivery = Delivery::gated};

TEST_CASE("a stream's metrics are those of its puts and reads") {
  testing::ManualEnv env;
  using Stream = weir::Stream<std::uint64_t, MemoryStorage, Options{}, testing::ManualEnv>;
  auto stream =
      Stream::open({.name = "counted", .shards = 1, .capacity = records(64), .limits = {.records_in = 200}}, {}, env)
          .value();
  auto reader = stream.iterator(ShardId{0}, Position::at(stream.shards()[0].starting)).value();
  for (std::uint64_t n = 0; n < 10; ++n) {
    stream.put("a", n).value();
  }
  env.clock.advance(5s);
  CHECK(reader.read_up_to(4).size() == 4);
  auto all = metrics(stream);
  CHECK(all.stream == "counted");
  REQUIRE(all.shards.size() == 1);
  CHECK(all.shards[0].incoming_records == 10);
  CHECK(all.shards[0].incoming_bytes == 80);
  CHECK(all.shards[0].outgoing_records == 4);
  CHECK(all.shards[0].outgoing_bytes == 32);
  CHECK(all.shards[0].reader_lag == 6);
  CHECK(all.shards[0].iterator_age == 5s);
  while (reader.read()) {
  }
  CHECK(metrics(stream).shards[0].iterator_age == 0s);
  for (std::uint64_t n = 0; n < 200; ++n) {
    stream.put("a", n).value();
  }
  env.clock.advance(10ms);
  stream.put("a", 1).value();
  stream.put("a", 1).value();
  CHECK_FALSE(stream.put("a", 1));
  const auto missed = reader.read().missed();
  CHECK(missed > 0);
  all = metrics(stream);
  CHECK(all.shards[0].incoming_records == 212);
  CHECK(all.shards[0].write_throttles == 1);
  CHECK(all.shards[0].laps == 1);
  CHECK(all.shards[0].missed == missed);
  split(stream, ShardId{0}, HashKey{1, 0}).value();
  all = metrics(stream);
  REQUIRE(all.shards.size() == 3);
  CHECK(all.shards[0].incoming_records == 212);
  CHECK(all.total().incoming_records >= 212);
}

TEST_CASE("what a shard has counted is counted still when its records were given up") {
  auto stream = weir::Stream<std::uint64_t>::open({.capacity = records(64), .closed_bytes = 0}).value();
  stream.put("a", 1).value();
  stream.put("a", 2).value();
  split(stream, ShardId{0}, HashKey{1, 0}).value();
  stream.put("a", 3).value();
  const auto all = metrics(stream);
  CHECK(all.shards.size() == 2);
  CHECK(all.expired.incoming_records == 2);
  CHECK(all.total().incoming_records == 3);
}

TEST_CASE("a segment ring counts stored frames, across its segments, and a gated stream its waits") {
  testing::ManualEnv env;
  using Stream = weir::Stream<std::string, MemoryStorage, gated, testing::ManualEnv>;
  auto stream = Stream::open({.capacity = bytes(4096)}, {}, env).value();
  auto reader = stream.iterator(ShardId{0}, Position::latest()).value();
  std::uint64_t records = 0;
  for (int lap = 0; lap < 3; ++lap) {
    while (stream.put("key", "twelve bytes")) {
      ++records;
    }
    while (reader.read()) {
    }
  }
  auto all = metrics(stream).shards[0];
  CHECK(all.incoming_records == records);
  CHECK(all.incoming_bytes == records * (16 + 8 + 16));  // sizes and arrival, key and data in whole words
  CHECK(all.outgoing_records == records);
  CHECK(all.outgoing_bytes == all.incoming_bytes);
  CHECK(all.full == 3);
  CHECK(all.gate_wait == 0ns);
  while (stream.put("key", "twelve bytes")) {
  }
  CHECK(stream.put("key", "twelve bytes", Deadline{3ms}).error().code == Errc::full);
  CHECK(metrics(stream).shards[0].gate_wait > 0ns);
}

}  // namespace
}  // namespace weir::stream_tests
