/// What is known before a log is closed is known to whoever finds it closed.
#include <array>
#include <cstdint>
#include <optional>

#include "litmus/edges.hpp"
#include "model/holds.hpp"
#include "weir/ring/column/log.hpp"
#include "weir/ring/segment/log.hpp"

namespace {

using namespace weir;
using litmus::Memory;
using litmus::needs;
using litmus::outcome;

constexpr Options many{.arrival = Arrival::dropped};
constexpr Options gated{.arrival = Arrival::dropped, .delivery = Delivery::gated};

/// A thread says who takes over and closes; a reader that has come to the end looks who that is, and so does a put that
/// is refused.
template <class Log, bool reads, std::uint64_t from = 1>
struct Closing {
  static constexpr std::size_t threads = 2;
  static constexpr RingSize size{Log::unit == Capacity::Unit::bytes ? 256U : 2U, 1};

  alignas(line_size) std::array<std::byte, Log::footprint(size)> bytes{};
  Log log = Log::format(bytes, size, 1);
  std::optional<typename Log::Reader> reader{log.reader({.number = from})};
  std::uint64_t successor = 0;

  void run(std::size_t thread) {
    if (thread == 0) {
      Memory::plain_store(successor, 2);
      log.close();
    } else if (over()) {
      outcome("over");
      model::expect(Memory::plain_load(successor) == 2, "nobody takes over");
    } else {
      outcome("not yet");
    }
  }
  bool over() {
    if constexpr (reads) {
      return reader->read(1).end;
    } else if constexpr (Log::unit == Capacity::Unit::bytes) {
      return log.brief_writer().try_put(model::CheckedClock{}, "", "a").status == Append::Status::closed;
    } else {
      return log.brief_writer().try_put(model::CheckedClock{}, "", 1).status == Append::Status::closed;
    }
  }
  void finish() const {}
};

template <Options options>
using Columns = ColumnLog<std::uint64_t, options, model::CheckedEnv>;
template <Options options>
using Segments = SegmentLog<std::string, options, model::CheckedEnv>;

TEST_CASE("edge O: a reader that has come to the end finds who takes over") {
  needs<Closing<Columns<many>, true>>('O', {"over", "not yet"}, "race: plain load");
  needs<Closing<Columns<gated>, true>>('O', {"over", "not yet"}, "race: plain load");
  needs<Closing<Segments<many>, true>>('O', {"over", "not yet"}, "race: plain load");
  needs<Closing<Segments<gated>, true>>('O', {"over", "not yet"}, "race: plain load");
  needs<Closing<Segments<many>, true, 5>>('O', {"over", "not yet"}, "race: plain load");  // that was to come
}

TEST_CASE("edge T: a put that finds its shard closed finds who takes over") {
  needs<Closing<Columns<many>, false>>('T', {"over", "not yet"}, "race: plain load");
  needs<Closing<Segments<many>, false>>('T', {"over", "not yet"}, "race: plain load");
}

}  // namespace
