// Which cache lines a put and a read share: the table of bench/README.md, counted anew, and what must hold of it.
#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <fstream>
#include <set>
#include <string>
#include <type_traits>
#include <vector>

#include "ring/payloads.hpp"
#include "support/counted_memory.hpp"
#include "support/held_storage.hpp"
#include "support/project_root.hpp"
#include "weir/stream/stream.hpp"

namespace {

using weir::Arrival, weir::Delivery, weir::Options, weir::Position, weir::Producers, weir::ShardId;
using weir::support::CountedEnv, weir::support::HeldStorage, weir::support::LineNumbers, weir::support::LineWatch;
using weir::support::Raw;

constexpr std::string_view key = "ten bytes!";

/// The lines in which a ring keeps its records; the others are those by which it is controlled.
struct RecordLines {
  std::uintptr_t begin, end;

  RecordLines(const void* first, const void* behind)
      : begin(LineWatch::number_of(first)), end(LineWatch::number_of(behind)) {}
  [[nodiscard]] bool contains(std::uintptr_t line) const { return begin <= line && line < end; }
};

/// A column ring of the default size: payloads, arrivals and stamps.
template <std::size_t Size, Options options_>
struct Columns {
  static constexpr Options options = options_;
  using payload = Raw<Size>;
  using stream_type = weir::Stream<payload, HeldStorage, options, CountedEnv>;
  using layout = weir::ColumnLayout<payload, options, CountedEnv>;

  static std::uint64_t lap(std::uint64_t) { return weir::default_capacity_records; }
  static payload value() { return payload::of(1); }
  static layout layout_over(std::span<std::byte> ring) { return {ring, weir::default_capacity_records}; }
  static RecordLines records_in(const layout& ring) {
    if constexpr (layout::stamped) {
      return {ring.payload(0), ring.stamp(weir::default_capacity_records)};
    } else if constexpr (layout::timed) {
      return {ring.payload(0), ring.arrival(weir::default_capacity_records)};
    } else {
      return {ring.payload(0), ring.payload(weir::default_capacity_records)};
    }
  }
  static std::string name() {
    return std::string{options.producers == Producers::single ? "one producer" : "many producers"} + ", " +
           (options.delivery == Delivery::gated ? "gated" : "overwrite") + ", arrivals " +
           (options.arrival == Arrival::kept ? "kept" : "dropped") + ", " + std::to_string(Size) + " B";
  }
};

/// A segment ring of the default size, records of 200 bytes and a key of ten: frames and their directory.
template <Options options_>
struct Segments {
  static constexpr Options options = options_;
  using payload = std::string;
  using stream_type = weir::Stream<payload, HeldStorage, options, CountedEnv>;
  using layout = weir::SegmentLayout<options, CountedEnv>;
  static constexpr std::uint64_t size = 200;

  /// As many records as fit into the segments, put so many at once.
  static std::uint64_t lap(std::uint64_t at_once) {
    constexpr auto segments = layout::segments_for(weir::default_capacity_bytes);
    const auto claim = at_once * layout::FrameShape::size(key.size(), size);
    return segments * (weir::default_capacity_bytes / segments / claim * at_once);
  }
  static std::string_view value() {
    static const std::string text(size, 'x');
    return text;
  }
  static layout layout_over(std::span<std::byte> ring) { return {ring, weir::default_capacity_bytes}; }
  static RecordLines records_in(const layout& ring) {
    return {&ring.entry(0, 0), ring.bytes(0, weir::default_capacity_bytes)};
  }
  static std::string name() {
    return std::string{"segments, "} + (options.delivery == Delivery::gated ? "gated" : "overwrite") + ", " +
           std::to_string(size) + " B";
  }
};

constexpr Options options_of(Producers producers, Delivery delivery, Arrival arrival = Arrival::kept) {
  return {.producers = producers, .arrival = arrival, .delivery = delivery};
}

using OneOverwrite = Columns<8, options_of(Producers::single, Delivery::overwrite)>;
using OneGated = Columns<8, options_of(Producers::single, Delivery::gated)>;
using ManyOverwrite = Columns<8, options_of(Producers::multiple, Delivery::overwrite)>;
using ManyGated = Columns<8, options_of(Producers::multiple, Delivery::gated)>;
using SegmentsOverwrite = Segments<options_of(Producers::multiple, Delivery::overwrite)>;
using SegmentsGated = Segments<options_of(Producers::multiple, Delivery::gated)>;

/// Who takes turns: all producers put, one after the other, until a round is full; then every reader reads all of it.
struct Turns {
  std::uint64_t put_at_once = 1;
  std::uint64_t read_at_once = 1;
  std::uint64_t round = 1;
  unsigned producers = 1;
  unsigned readers = 1;
};

/// Lines, those of records and those of control.
struct Lines {
  std::uint64_t records = 0;
  std::uint64_t control = 0;

  void add(const LineNumbers& lines, const RecordLines& those_of_records) {
    for (const auto line : lines) {
      ++(those_of_records.contains(line) ? records : control);
    }
  }
  [[nodiscard]] std::uint64_t all() const { return records + control; }
};

struct Side {
  Lines read, written, brought;
  LineNumbers ever;  // read or written

  void add(const LineWatch::Touched& touched, const RecordLines& those_of_records) {
    read.add(touched.read, those_of_records);
    written.add(touched.written, those_of_records);
    brought.add(touched.brought, those_of_records);
    for (const auto* lines : {&touched.read, &touched.written}) {
      for (const auto line : *lines) {
        if (!those_of_records.contains(line) && std::find(ever.begin(), ever.end(), line) == ever.end()) {
          ever.push_back(line);
        }
      }
    }
  }
  [[nodiscard]] bool ever_touched(const void* word) const {
    return std::find(ever.begin(), ever.end(), LineWatch::number_of(word)) != ever.end();
  }
};

/// What was counted in one lap, the second, in which nothing is new to anybody.
template <class Ring>
struct Lap {
  typename Ring::layout layout;
  Side put{}, read{};
  std::uint64_t records = 0;
};

template <class Record>
std::span<const std::byte> bytes_of(const Record& record) {
  if constexpr (requires { record.value().data(); }) {
    return std::as_bytes(std::span{record.value()});
  } else {
    return std::as_bytes(std::span{&record.value(), 1});
  }
}

template <class Ring>
Lap<Ring> count(const Turns& turns) {
  HeldStorage storage;
  auto stream = Ring::stream_type::open({}, storage).value();
  const auto span = storage.open(ShardId{0}.to_string()).value();
  const auto layout = Ring::layout_over(weir::detail::ring_of(span));
  const auto records = Ring::records_in(layout);

  LineWatch watch{{span}};
  std::vector<decltype(stream.writer(key).value())> writers;
  std::vector<typename Ring::stream_type::iterator_type> iterators;
  for (unsigned i = 0; i < turns.producers; ++i) {
    writers.push_back(stream.writer(key).value());
  }
  for (unsigned i = 0; i < turns.readers; ++i) {
    iterators.push_back(stream.iterator(ShardId{0}, Position::latest()).value());
  }

  const auto value = Ring::value();
  const std::vector values(turns.put_at_once, value);
  Lap<Ring> lap{layout};
  bool lossless = true;
  for (const bool counted : {false, true}) {
    for (std::uint64_t put = 0; put < Ring::lap(turns.put_at_once); put += turns.round) {
      for (std::uint64_t i = 0; i < turns.round / turns.put_at_once; ++i) {
        const auto producer = static_cast<unsigned>(i % turns.producers);
        const auto touched = watch.during(producer, [&] {
          if (turns.put_at_once == 1) {
            writers[producer].put(value).value();
          } else {
            writers[producer].put_all(values).value();
          }
        });
        if (counted) {
          lap.put.add(touched, records);
        }
      }
      for (unsigned reader = 0; reader < turns.readers; ++reader) {
        for (std::uint64_t had = 0; had < turns.round && lossless;) {
          const auto touched = watch.during(turns.producers + reader, [&] {
            const auto batch = iterators[reader].read_up_to(turns.read_at_once);
            had += batch.size();
            lossless = lossless && !batch.empty() && batch.missed() == 0;
            for (const auto& record : batch) {
              watch.look(bytes_of(record));
            }
          });
          if (counted) {
            lap.read.add(touched, records);
          }
        }
      }
      lap.records += counted ? turns.round : 0;
    }
  }
  REQUIRE(lossless);
  CHECK(watch.elsewhere() == 0);
  return lap;
}

constexpr Turns one_by_one{};
constexpr Turns read_later{.read_at_once = 256, .round = 256};
constexpr Turns in_batches{.put_at_once = 256, .read_at_once = 256, .round = 256};

/// With three decimals, of which zeros at the end are left out.
std::string decimal(std::uint64_t lines, std::uint64_t records) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.3f", static_cast<double>(lines) / static_cast<double>(records));
  std::string figure = text.data();
  figure.erase(figure.find_last_not_of('0') + 1);
  if (figure == "0." && lines != 0) {
    return "<0.001";
  }
  return figure.back() == '.' ? figure.substr(0, figure.size() - 1) : figure;
}

std::string both(const Lines& lines, std::uint64_t records) {
  return lines.all() == 0 ? "0" : decimal(lines.records, records) + " + " + decimal(lines.control, records);
}

/// The tables as bench/README.md has them.
class Tables {
 public:
  std::string text() {
    add_columns<Producers::single, Delivery::overwrite>();
    add_columns<Producers::single, Delivery::gated>();
    add_columns<Producers::multiple, Delivery::overwrite>();
    add_columns<Producers::multiple, Delivery::gated>();
    add<SegmentsOverwrite>();
    add<SegmentsGated>();
    add_crowds<OneOverwrite>();
    add_crowds<OneGated>();
    add_crowds<ManyOverwrite>();
    add_crowds<ManyGated>();
    add_crowds<SegmentsOverwrite>();
    return touched_ + '\n' + brought_ + '\n' + crowds_;
  }

 private:
  template <Producers producers, Delivery delivery>
  void add_columns() {
    add<Columns<8, options_of(producers, delivery, Arrival::kept)>>();
    add<Columns<64, options_of(producers, delivery, Arrival::kept)>>();
    add<Columns<8, options_of(producers, delivery, Arrival::dropped)>>();
    add<Columns<64, options_of(producers, delivery, Arrival::dropped)>>();
  }

  template <class Ring>
  void add() {
    const auto single = count<Ring>(one_by_one);
    const auto later = count<Ring>(read_later);
    const auto batches = count<Ring>(in_batches);
    touched_ += "| " + Ring::name();
    for (const auto side : {&Lap<Ring>::put, &Lap<Ring>::read}) {
      for (const auto* lap : {&single, &batches}) {
        const auto& counted = lap->*side;
        touched_ += " | " + both(counted.written, lap->records) + " | " + both(counted.read, lap->records);
      }
    }
    touched_ += " |\n";
    brought_ += "| " + Ring::name();
    for (const auto* lap : {&single, &later, &batches}) {
      brought_ += " | " + both(lap->put.brought, lap->records) + " | " + both(lap->read.brought, lap->records);
    }
    brought_ += " |\n";
  }

  struct Crowd {
    unsigned producers, readers;
  };
  template <class Ring>
  void add_crowds() {
    for (const std::uint64_t at_once : {std::uint64_t{1}, std::uint64_t{256}}) {
      crowds_ += "| " + Ring::name() + (at_once == 1 ? ", one by one" : ", in batches");
      for (const auto& crowd : {Crowd{1, 1}, Crowd{1, 8}, Crowd{2, 1}, Crowd{8, 1}, Crowd{8, 8}}) {
        if (crowd.producers > 1 && Ring::options.producers == Producers::single) {
          crowds_ += " | -";
          continue;
        }
        const auto lap = count<Ring>({.put_at_once = at_once,
                                      .read_at_once = at_once,
                                      .round = at_once * crowd.producers,
                                      .producers = crowd.producers,
                                      .readers = crowd.readers});
        crowds_ += " | " + decimal(lap.put.brought.all(), lap.records) + ", " +
                   decimal(lap.read.brought.all(), lap.records * crowd.readers);
      }
      crowds_ += " |\n";
    }
  }

  std::string touched_ =
      "| ring | put: written | read | put_all(256): written | read | read 1: written | read | read 256: written | read "
      "|\n|---|---|---|---|---|---|---|---|---|\n";
  std::string brought_ =
      "| ring | put 1, read 1: put | read | put 1, read 256: put | read | put 256, read 256: put | read |\n"
      "|---|---|---|---|---|---|---|\n";
  std::string crowds_ = "| ring | 1:1 | 1:8 | 2:1 | 8:1 | 8:8 |\n|---|---|---|---|---|---|\n";
};

/// The lines of a document that are rows of the tables of one section; an empty one between tables.
std::string tables_in(const std::filesystem::path& document, const std::string& section) {
  std::ifstream file{document};
  std::string kept, line;
  for (bool inside = false, in_table = false; std::getline(file, line);) {
    inside = line.starts_with("## ") ? line == section : inside;
    const bool row = inside && line.starts_with('|');
    if (row) {
      kept += (in_table || kept.empty() ? "" : "\n") + line + '\n';
    }
    in_table = row;
  }
  return kept;
}

TEST_CASE("the tables of bench/README.md are what is counted") {
  const auto counted = Tables{}.text();
  if (std::getenv("WEIR_PRINT_LINES") != nullptr) {
    std::puts(counted.c_str());
  }
  const auto root = weir::support::project_root();
  if (root.empty()) {
    MESSAGE("nothing to compare with: WEIR_ROOT does not name the project's folder, and no folder above is it");
    return;
  }
  INFO("WEIR_PRINT_LINES=1 prints what is counted now");
  CHECK(tables_in(root / "bench/README.md", "## Shared cache lines") == counted);
}

TEST_CASE("a put of one producer stores the record's lines and one of control; others once in a stretch or step") {
  const auto lap = count<OneOverwrite>(one_by_one);
  const auto lines = 2 * lap.records / 8;  // of the payload and of the arrivals: each is taken once before it is filled
  CHECK(lap.put.written.records > 2 * lap.records);
  CHECK(lap.put.written.records <= 2 * lap.records + lines);
  CHECK(lap.put.written.control == lap.records + lap.records / lap.layout.limits().step());
  CHECK(lap.put.read.records == 0);
  CHECK(lap.put.read.control <= lap.records / 32);  // the limit, which no reader writes
}

TEST_CASE("a read of a ring that overwrites stores nothing") {
  CHECK(count<OneOverwrite>(one_by_one).read.written.all() == 0);
  CHECK(count<ManyOverwrite>(one_by_one).read.written.all() == 0);
  CHECK(count<SegmentsOverwrite>(one_by_one).read.written.all() == 0);
}

TEST_CASE("readers leave the line alone that producers claim by") {
  const auto columns = count<ManyOverwrite>(one_by_one);
  CHECK(columns.put.ever_touched(&columns.layout.head()));
  CHECK_FALSE(columns.read.ever_touched(&columns.layout.head()));
  const auto gated = count<ManyGated>(one_by_one);
  CHECK(gated.put.ever_touched(&gated.layout.head()));
  CHECK_FALSE(gated.read.ever_touched(&gated.layout.head()));
  const auto segments = count<SegmentsOverwrite>(one_by_one);
  CHECK(segments.put.ever_touched(&segments.layout.tail()));
  CHECK_FALSE(segments.read.ever_touched(&segments.layout.tail()));
}

TEST_CASE("seven more readers bring no more lines to whoever puts into a ring that overwrites") {
  const auto same = []<class Ring>(std::type_identity<Ring>) {
    const auto one = count<Ring>({.readers = 1});
    const auto eight = count<Ring>({.readers = 8});
    CHECK(eight.put.brought.all() == one.put.brought.all());
    CHECK(eight.read.brought.all() == 8 * one.read.brought.all());
  };
  same(std::type_identity<OneOverwrite>{});
  same(std::type_identity<ManyOverwrite>{});
  same(std::type_identity<SegmentsOverwrite>{});
}

bool disjoint(const std::set<std::uintptr_t>& some, const std::set<std::uintptr_t>& others) {
  return std::none_of(some.begin(), some.end(), [&](std::uintptr_t line) { return others.contains(line); });
}

TEST_CASE_TEMPLATE("two shards share no line", Ring, OneOverwrite, OneGated, ManyOverwrite, ManyGated,
                   SegmentsOverwrite, SegmentsGated) {
  using Stream = typename Ring::stream_type;
  // What a shard keeps outside its ring: the object, in which making and dropping an iterator writes.
  static_assert(alignof(typename Stream::shard_type) == weir::line_size);

  HeldStorage storage;
  auto stream = Stream::open({.shards = 2}, storage).value();
  std::vector<std::span<std::byte>> spans;
  std::array<std::string, 2> keys;
  std::vector<typename Stream::iterator_type> iterators;
  for (std::uint32_t shard = 0; shard < 2; ++shard) {
    spans.push_back(storage.open(ShardId{shard}.to_string()).value());
    CHECK(reinterpret_cast<std::uintptr_t>(spans.back().data()) % weir::line_size == 0);  // as storages promise
    for (int i = 0; keys[shard].empty(); ++i) {
      if (const auto tried = std::to_string(i); stream.shard_of(tried).value() == ShardId{shard}) {
        keys[shard] = tried;
      }
    }
    iterators.push_back(stream.iterator(ShardId{shard}, Position::latest()).value());
  }

  LineWatch watch{spans};
  std::array<std::set<std::uintptr_t>, 2> written, touched;
  std::uint64_t had = 0;
  for (std::uint64_t put = 0; put < 2 * Ring::lap(1); ++put) {
    for (unsigned shard = 0; shard < 2; ++shard) {
      const auto lines = watch.during(shard, [&] {
        stream.put(keys[shard], Ring::value()).value();
        const auto batch = iterators[shard].read();
        had += batch.size();
        for (const auto& record : batch) {
          watch.look(bytes_of(record));
        }
      });
      written[shard].insert(lines.written.begin(), lines.written.end());
      touched[shard].insert(lines.written.begin(), lines.written.end());
      touched[shard].insert(lines.read.begin(), lines.read.end());
    }
  }
  CHECK(had == 4 * Ring::lap(1));
  CHECK(watch.elsewhere() == 0);
  CHECK(written[0].size() > 1000);
  CHECK(written[1].size() > 1000);
  CHECK(disjoint(touched[0], touched[1]));
}

TEST_CASE("the watch tells loads from stores, and what a core holds from what has to be brought") {
  struct alignas(64) Line {
    std::array<std::uint64_t, 8> words{};
  };
  std::array<Line, 3> lines{};
  std::uint64_t outside = 0;
  LineWatch watch{{std::as_writable_bytes(std::span{lines})}};
  using Memory = weir::support::CountedMemory;
  using weir::detail::relaxed;
  const auto number = [&](std::size_t line) { return LineWatch::number_of(&lines[line]); };

  auto did = watch.during(0, [&] {
    CHECK(Memory::load(lines[0].words[0], relaxed) == 0);
    CHECK(Memory::plain_load(lines[0].words[7]) == 0);
    Memory::store(lines[1].words[0], 1, relaxed);
  });
  CHECK(did.read == LineNumbers{number(0)});
  CHECK(did.written == LineNumbers{number(1)});
  CHECK(did.brought == LineNumbers{number(0), number(1)});

  did = watch.during(0, [&] { Memory::plain_store(lines[1].words[1], 2); });
  CHECK(did.brought.empty());  // it has it alone
  did = watch.during(1, [&] { CHECK(Memory::fetch_add(lines[0].words[0], 1, relaxed) == 0); });
  CHECK(did.read == LineNumbers{number(0)});
  CHECK(did.written == LineNumbers{number(0)});
  CHECK(did.brought == LineNumbers{number(0)});
  did = watch.during(0, [&] { CHECK_FALSE(Memory::compare_exchange(lines[0].words[0], 0, 1, relaxed)); });
  CHECK(did.written == LineNumbers{number(0)});  // where it fails, too
  CHECK(did.brought == LineNumbers{number(0)});

  did = watch.during(1, [&] { watch.look(std::as_bytes(std::span{&lines[1].words[0], 1})); });
  CHECK(did.brought == LineNumbers{number(1)});
  did = watch.during(0, [&] { CHECK(Memory::load(lines[1].words[0], relaxed) == 1); });
  CHECK(did.brought.empty());  // both read it now,
  did = watch.during(0, [&] { Memory::store(lines[1].words[0], 3, relaxed); });
  CHECK(did.brought == LineNumbers{number(1)});  // so to write it takes it from the other

  const std::array<std::uint64_t, 9> nine{};
  did = watch.during(
      2, [&] { Memory::plain_copy(&lines[1].words[4], reinterpret_cast<const std::byte*>(nine.data()), nine.size()); });
  CHECK(did.written == LineNumbers{number(1), number(2)});
  CHECK(watch.elsewhere() == 0);
  did = watch.during(2, [&] { Memory::store(outside, 1, relaxed); });
  CHECK(did.written.empty());
  CHECK(watch.elsewhere() == sizeof outside);
}

}  // namespace
