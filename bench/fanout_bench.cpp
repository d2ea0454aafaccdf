/// One thread puts through a handle, one to three others read everything: what the writer achieves, and what all the
/// readers together get. Readers that have no processor of their own share one and yield.
#include "support/reading.hpp"

namespace bench {
namespace {

template <class Case>
Session fan_out(std::size_t readers) {
  const auto followed = follow<Case>(Stamps::counted, readers);
  double delivered = 0, missed = 0;
  for (const auto& reader : followed.readers) {
    delivered += reader.rate();
    missed += static_cast<double>(reader.missed) / static_cast<double>(followed.writer.records);
  }
  return {.records = static_cast<double>(followed.writer.records),
          .seconds = followed.writer.seconds,
          .share = readers < processors().size() ? followed.share : 1,
          .figures = {{"read_rate", delivered}, {"missed", missed / static_cast<double>(readers)}}};
}

}  // namespace

void register_benchmarks() {
  const auto add_all = []<class Case>(Case) {
    for (std::size_t readers = 1; readers <= 3; ++readers) {
      auto row = Case::row("fan-out", "handle", "none");
      row.terms += " readers=" + std::to_string(readers);
      add(row, Threads::several, [readers] { return fan_out<Case>(readers); });
    }
  };
  for_each_size<Fixed, weir::Options{Producers::multiple, Arrival::kept}>(add_all);
  for_each_size<Fixed, weir::Options{Producers::single, Arrival::dropped}>(add_all);
  for_each_size<Segmented, weir::Options{Producers::multiple, Arrival::kept}>(add_all);
}

}  // namespace bench
