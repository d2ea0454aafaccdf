/// What a reader that comes to a gated segment ring must know besides the limit that it meets.
#include "litmus/segments.hpp"

namespace {

using namespace weir;
using weir::litmus::Memory;

/// Two segments, a record each. Who puts also reads and releases, and so goes round; another reader comes, which may
/// know no more of all that than the limit, and then looks for its place under an old tail.
struct ComesToSegments {
  using Log =
      SegmentLog<std::string, Options{.arrival = Arrival::dropped, .delivery = Delivery::gated}, model::CheckedEnv>;
  static constexpr std::size_t threads = 2;
  static constexpr RingSize capacity{128, 2};
  static constexpr std::uint64_t before = 2;
  static constexpr std::uint64_t last = 5;

  alignas(line_size) std::array<std::byte, Log::footprint(capacity)> bytes{};
  Log log = Log::format(bytes, capacity, 1);
  std::optional<Log::Reader> follows{log.reader({.number = 1})};
  std::optional<Log::Reader> comes;

  ComesToSegments() {
    for (std::uint64_t number = 1; number <= before; ++number) {
      put_and_read();
    }
  }

  void put_and_read() {
    log.writer().try_put(model::CheckedClock{}, "", "0123456789012345678901234567890123456789");
    follows->read(1);
    follows->release();
  }

  void run(std::size_t thread) {
    if (thread == 0) {
      for (auto number = before + 1; number <= last; ++number) {
        put_and_read();
      }
      return;
    }
    comes.emplace(log.reader({.number = 1, .at_horizon = true}));
    if (comes->read(1).count != 0) {
      const auto text = comes->value(0);
      for (std::size_t i = 0; i < text.size(); i += 8) {
        Memory::plain_load(*reinterpret_cast<const std::uint64_t*>(text.data() + i));
      }
    }
  }
  /// The one that comes holds a place and may keep records from being put.
  void finish() const { model::expect(log.end() > before && log.end() <= last + 1, "claims were lost"); }
};

TEST_CASE("a registration brings the tail under which the limit was raised") {
  // One thread after the other is enough, because it is old values that mislead; they are too many to try them all.
  const auto bounded = model::explore<ComesToSegments>({.preemptions = 0, .max_executions = 60'000});
  CHECK_MESSAGE(bounded.ok, bounded.failure, "\n", bounded.schedule);
  MESSAGE(bounded.executions, " executions, ", bounded.states, " states, not all");
}

}  // namespace
