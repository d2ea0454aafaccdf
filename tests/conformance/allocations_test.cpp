/// No put and no read takes memory from the heap, once the buffers have the size that the records ask for.
#include <doctest/doctest.h>

#include <array>
#include <cstring>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "weir/weir.hpp"
#if !WEIR_THREAD_SANITIZER  // its runtime brings an operator new of its own
# include "support/allocations.hpp"

namespace {

/// A text that its codec encodes, as user codecs do: there is no encoded form to begin with.
struct Encoded {};

}  // namespace

template <>
struct weir::Codec<Encoded> : weir::Codec<std::string> {
  static void encoded() = delete;
};

namespace {

using weir::Arrival;
using weir::Delivery;
using weir::Notify;
using weir::Options;
using weir::Position;
using weir::Producers;
using weir::support::Allocations;

/// The column ring; `Size` bytes a record.
template <Options chosen>
struct Columns {
  using payload = std::array<std::uint64_t, 8>;
  static constexpr Options options = chosen;
  static constexpr weir::Capacity capacity = weir::records(256);
  static payload value() { return {1, 2, 3, 4, 5, 6, 7, 8}; }
};

/// The segment ring with records of `size` bytes.
template <class T, std::size_t size, Options chosen>
struct Segments {
  using payload = T;
  static constexpr Options options = chosen;
  static constexpr weir::Capacity capacity = weir::bytes(std::uint64_t{256} << 10);
  static std::string_view value() {
    static const std::string text(size, 't');
    return text;
  }
};

/// Does once all that a stream of two shards offers its producers and readers, and counts for each what it allocates.
template <class Ring>
class Everything {
  using Stream = weir::Stream<typename Ring::payload, weir::MemoryStorage, Ring::options>;
  static constexpr bool gated = Ring::options.delivery == Delivery::gated;
  static constexpr bool keyed = weir::encoded_payload<typename Ring::payload>;

 public:
  /// Once round everything. A handle has its shard to itself, where there may be but one producer, so it has the other.
  void round() {
    const weir::Deadline soon{std::chrono::seconds{10}}, at_once{std::chrono::seconds{0}};
    const auto ok = [](const auto& result) { return result.has_value(); };
    const auto value = Ring::value();
    weir::Yield yield;

    count("put, text", [&] { return ok(stream_.put(std::string_view{direct_.text()}, value)); });
    count("put, prepared key", [&] { return ok(stream_.put(direct_, value)); });
    count("try_put", [&] { return ok(stream_.try_put(direct_, value)); });
    count("put, deadline", [&] { return ok(stream_.put(direct_, value, soon)); });
    count("put, wait", [&] { return ok(stream_.put(direct_, value, yield, soon)); });
    count("put_all", [&] { return ok(stream_.put_all(direct_, values_)); });
    count("put_all, text", [&] { return ok(stream_.put_all(std::string_view{direct_.text()}, values_, soon)); });
    count("put_batch", [&] { return *stream_.put_batch(entries_, results_) == 0; });
    count("claim", [&] { return ok(stream_.claim(direct_, claimed).value().commit()); });
    count("claim given up", [&] { return stream_.claim(direct_, claimed).value().span().size() != 0; });
    count("writer.put", [&] { return ok(writer_.put(value)); });
    count("writer.try_put", [&] { return ok(writer_.try_put(value)); });
    count("writer.put, deadline", [&] { return ok(writer_.put(value, soon)); });
    count("writer.put_all", [&] { return ok(writer_.put_all(values_)); });
    count("writer.claim and commit", [&] {
      auto slots = writer_.claim(claimed).value();
      fill(slots.span());
      return ok(slots.commit());
    });
    count("writer.claim and commit of a part", [&] { return ok(writer_.claim(claimed).value().commit(claimed / 2)); });
    count("writer.claim given up", [&] { return writer_.claim(claimed).value().span().size() != 0; });

    for (auto& iterator : iterators_) {
      count("read_up_to", [&] { return take(iterator.read_up_to(3)); });
      count("read, deadline", [&] { return take(iterator.read(soon)); });        // the rest
      count("read, wait", [&] { return take(iterator.read(yield, at_once)); });  // nothing
      count("read", [&] {
        while (const auto batch = iterator.read()) {
          take(batch);
        }
        return true;
      });
      if constexpr (gated) {
        count("commit", [&] { return iterator.commit(), true; });
      }
      count("position", [&] { return iterator.position().kind() == Position::Kind::at; });
    }
    count("reader.read", [&] {
      while (const auto batch = reader_.read()) {
        take(batch);
      }
      return true;
    });
  }

  void forget() { counts_.clear(); }
  [[nodiscard]] const std::map<std::string_view, std::uint64_t>& counts() const { return counts_; }
  [[nodiscard]] std::uint64_t records_read() const { return read_; }

 private:
  static constexpr std::size_t claimed = 8;

  template <class Action>
  void count(std::string_view what, Action&& action) {
    const auto before = Allocations::count;
    const bool done = action();
    const auto after = Allocations::count;
    counts_[what] += after - before;
    CAPTURE(what);
    CHECK(done);
  }

  /// Looks at everything that a batch offers.
  template <class Batch>
  bool take(const Batch& batch) {
    std::uint64_t seen = 0;
    for (const auto& record : batch) {
      seen += record.sequence_number().value() != 0 ? 1 : 0;
      if constexpr (Ring::options.arrival == Arrival::kept) {
        seen += record.arrival().time_since_epoch().count() > 0 ? 0 : 1;
      }
      if constexpr (keyed) {
        seen += record.partition_key().size() == key_size ? 0 : 1;
      }
      seen += record.value().size() != 0 || keyed ? 0 : 1;
    }
    if constexpr (!keyed) {
      seen += batch.values().size() - batch.size();
    }
    read_ += batch.size();
    return seen == batch.size() && batch.missed() == 0;
  }

  template <class Element>
  static void fill(std::span<Element> span) {
    std::memset(static_cast<void*>(span.data()), 1, span.size_bytes());
  }

  static constexpr std::size_t key_size = 40;  // more than fits into a string itself
  /// A key for a shard.
  auto key_for(std::uint32_t shard) const {
    int n = 100;
    const auto key = [&] { return std::string(key_size - 3, 'c') + std::to_string(n); };
    while (*stream_.shard_of(key()) != weir::ShardId{shard}) {
      ++n;
    }
    return stream_.make_key(key()).value();
  }

  Stream stream_ = Stream::open({.shards = 2, .capacity = Ring::capacity}).value();
  typename Stream::partition_key direct_ = key_for(0);
  typename Stream::writer_type writer_ = stream_.writer(key_for(1)).value();
  std::array<typename Stream::iterator_type, 2> iterators_ = {
      stream_.iterator(weir::ShardId{0}, Position::trim_horizon()).value(),
      stream_.iterator(weir::ShardId{1}, Position::trim_horizon()).value()};
  typename Stream::reader_type reader_ = stream_.reader(Position::trim_horizon()).value();
  std::vector<typename Stream::element> values_ = std::vector<typename Stream::element>(5, Ring::value());
  std::vector<typename Stream::Entry> entries_ =
      std::vector<typename Stream::Entry>(5, {direct_.text(), Ring::value(), {}});
  std::vector<weir::Result<weir::Put>> results_ = std::vector<weir::Result<weir::Put>>(5, weir::Put{});
  std::map<std::string_view, std::uint64_t> counts_;
  std::uint64_t read_ = 0;
};

constexpr Options overwrite{};
constexpr Options overwrite_single{.producers = Producers::single, .arrival = Arrival::dropped};
constexpr Options gated{.delivery = Delivery::gated, .notify = Notify::on_put};
constexpr Options gated_single{.producers = Producers::single, .delivery = Delivery::gated};

TEST_CASE_TEMPLATE("nothing is allocated by a put or a read, several laps long", Ring,  //
                   Columns<overwrite>, Columns<overwrite_single>, Columns<gated>, Columns<gated_single>,
                   Segments<std::string, 64, overwrite>, Segments<std::string, 900, gated>,
                   Segments<Encoded, 64, gated>, Segments<Encoded, 900, overwrite>) {
  Everything<Ring> everything;
  constexpr int warm_up = 3, rounds = 100;
  for (int i = 0; i < warm_up; ++i) {
    everything.round();
  }
  everything.forget();
  for (int i = 0; i < rounds; ++i) {
    everything.round();
  }
  for (const auto& counted : everything.counts()) {
    CAPTURE(counted.first);
    CHECK(counted.second == 0);
  }
  CHECK(everything.records_read() > 2 * rounds * 20);
}

TEST_CASE("what is allocated is counted") {
  const auto before = Allocations::count;
  ::operator delete(::operator new(8));  // a new-expression might be left out
  CHECK(Allocations::count == before + 1);
}

}  // namespace
#endif
