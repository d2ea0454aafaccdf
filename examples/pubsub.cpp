/// Pub/sub: two producers; a ledger that loses nothing, a newcomer that replays, a display that looks when it can.
#include <cstdio>
#include <thread>
#include <weir/weir.hpp>

namespace {

// [lossless]
constexpr weir::Options lossless{.delivery = weir::Delivery::gated, .notify = weir::Notify::on_put};
using Orders = weir::Stream<std::uint64_t, weir::MemoryStorage, lossless>;
// [lossless]
using Recent = weir::Stream<std::uint64_t>;

/// Two producers put orders of `first` to `last` cents each; who finds no room waits for the slowest subscriber.
void trade(Orders& orders, std::uint64_t first, std::uint64_t last) {
  const auto produce = [&orders, first, last](const char* name) {
    for (auto cents = first; cents <= last; ++cents)
      orders.put(name, cents, weir::Deadline::never()).value();
  };
  const std::jthread north{produce, "north"}, south{produce, "south"};
}

}  // namespace

int main() {
  auto orders = Orders::open({.name = "orders", .shards = 2, .capacity = weir::records(1024)}).value();
  auto recent = Recent::open({.name = "recent", .capacity = weir::records(256)}).value();
  // [subscribe]
  std::uint64_t booked = 0;
  auto ledger = weir::subscribe(orders, weir::Position::latest(), [&](const auto& record) {
                  booked += record.value();
                  recent.put("any", record.value()).value();  // who reads this one holds nobody
                }).value();
  // [subscribe]
  // [lossy]
  std::uint64_t unseen = 0;  // by a display that looks when it has the time
  auto display = weir::subscribe(recent, weir::Position::latest(), [](const auto&) {},
                                 {.drive = weir::Drive::step, .on_missed = [&](auto, auto count) { unseen += count; }})
                     .value();
  // [lossy]

  trade(orders, 1, 500);  // no more than the stream holds, so that the newcomer finds all of it
  std::uint64_t replayed = 0;
  auto newcomer = weir::subscribe(orders, weir::Position::trim_horizon(), [&](const auto& record) {
                    replayed += record.value();
                  }).value();
  trade(orders, 501, 10'000);
  orders.close().value();

  ledger.join();
  newcomer.join();
  std::printf("ledger: %ju orders, %ju cents\n", std::uintmax_t{ledger.delivered()}, std::uintmax_t{booked});
  std::printf("newcomer: %ju orders, %ju cents\n", std::uintmax_t{newcomer.delivered()}, std::uintmax_t{replayed});
  while (display.step().records != 0) {
  }
  std::printf("display: %ju orders shown or missed, %s missed\n", std::uintmax_t{display.delivered() + unseen},
              unseen != 0 ? "some" : "none");
}
