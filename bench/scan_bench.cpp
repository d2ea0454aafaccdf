/// Replaying a full ring from its horizon in one thread, checked record by record; beside it memcpy, with the same
/// check.
#include "support/reading.hpp"

namespace bench {
namespace {

template <class Case>
Session scan() {
  auto stream = Case::open();
  const auto put = put_a_lap<Case>(stream, Stamps::batched, put_a_lap<Case>(stream, Stamps::batched));
  std::uint64_t read = 0;
  const ProcessorShare share;
  const auto [scans, seconds] =
      repeat(0, 1, [&](std::uint64_t) { read += replay<Case>(stream, Stamps::batched, put); });
  return {.records = static_cast<double>(read), .seconds = seconds, .share = share.so_far()};
}

template <std::size_t Size>
Session copy() {
  constexpr auto capacity = DefaultCase<Size>::capacity;
  constexpr auto at_a_time = weir::read_bytes / Size;
  const Table<Fixed<Size>, Size> table;
  std::vector<Fixed<Size>> ring;
  while (ring.size() < capacity) {
    const auto batch = table.batch(ring.size() / batch_records);
    ring.insert(ring.end(), batch.begin(), batch.end());
  }
  std::vector<Fixed<Size>> buffer(at_a_time);
  const ProcessorShare share;
  const auto [copies, seconds] = repeat(0, 1, [&](std::uint64_t) {
    for (std::uint64_t n = 0; n < capacity; n += at_a_time) {
      const auto count = std::min(at_a_time, capacity - n);
      std::memcpy(buffer.data(), ring.data() + n, count * Size);
      require_stamped(std::span<const Fixed<Size>>{buffer}.first(count), Stamps::batched, n);
    }
  });
  return {.records = static_cast<double>(copies * capacity), .seconds = seconds, .share = share.so_far()};
}

}  // namespace

void register_benchmarks() {
  for_each_case([]<class Case>(Case) { add(Case::row("scan", "text", "none"), Threads::one, scan<Case>); });
  for_each_fixed_size(
      []<std::size_t Size>(Sized<Size>) { add(baseline("scan", Size, "memcpy"), Threads::one, copy<Size>); });
}

}  // namespace bench
