/// weir beside the queues that people use: the same task, payload and room, one right after another.
#include "peers/disruptor.hpp"
#include "peers/paced.hpp"
#include "peers/queues.hpp"
#include "peers/streams.hpp"
#include "support/paired.hpp"
#include "support/reading.hpp"

namespace bench {
namespace {

using weir::BackOff;
using weir::Producers;
using weir::Spin;

template <std::size_t Size, Producers producers>
using Handle = StreamQueue<Size, producers>;
template <std::size_t Size, Producers producers>
using Keyed = KeyedStreamQueue<Size, producers>;

Row row(const std::string& topic, std::size_t size) {
  return {topic, size, "paired", "clock=none key=none hasher=none"};
}

/// A peer both ways: as most people poll it, and with the reader's back-off of weir.
template <class Queue, Form form>
void add_peer(std::vector<System>& systems, const std::string& name) {
  systems.push_back({name + " polling", one_to_one<Queue, form, Spin>});
  systems.push_back({name, one_to_one<Queue, form, BackOff>});
}

template <std::size_t Size, Form form>
std::vector<System> peers_of_many() {
  std::vector<System> systems;
  add_peer<Concurrent<Size>, form>(systems, "moodycamel concurrent");
  add_peer<AtomicQueue<Size, false>, form>(systems, "atomic_queue mpmc");
  add_peer<AtomicQueue<Size, false, true>, form>(systems, "atomic_queue mpmc, insisting");
  add_peer<TbbBounded<Size>, form>(systems, "tbb bounded");
  add_peer<BoostQueue<Size>, form>(systems, "boost queue");
  return systems;
}

template <std::size_t Size, Form form>
void add_one_to_one(const std::string& topic) {
  {
    std::vector<System> systems;
    systems.push_back({"weir handle", one_to_one<Handle<Size, Producers::single>, form, BackOff>});
    systems.push_back({"weir put", one_to_one<Keyed<Size, Producers::single>, form, BackOff>});
    if constexpr (form == Form::batches) {
      systems.push_back({"weir in place", one_to_one<Handle<Size, Producers::single>, Form::in_place, BackOff>});
    }
    add_peer<BoostSpsc<Size>, form>(systems, "boost spsc");
    add_peer<AtomicQueue<Size, true>, form>(systems, "atomic_queue spsc");
    add_peer<AtomicQueue<Size, true, true>, form>(systems, "atomic_queue spsc, insisting");
    add_peer<ReaderWriter<Size>, form>(systems, "moodycamel readerwriter");
    add_peer<Concurrent<Size>, form>(systems, "moodycamel concurrent");
    if constexpr (Size == 8) {
      add_disruptor(systems, form == Form::one_by_one ? "single one" : "single batch");
    }
    add_paired(row(topic, Size), Threads::several, systems);
  }
  {
    auto systems = peers_of_many<Size, form>();
    systems.push_back({"weir handle", one_to_one<Handle<Size, Producers::multiple>, form, BackOff>});
    systems.push_back({"weir put", one_to_one<Keyed<Size, Producers::multiple>, form, BackOff>});
    if constexpr (form == Form::batches) {
      systems.push_back({"weir in place", one_to_one<Handle<Size, Producers::multiple>, Form::in_place, BackOff>});
    }
    if constexpr (Size == 8) {
      add_disruptor(systems, form == Form::one_by_one ? "multi one" : "multi batch");
    }
    add_paired(row(topic + "-many", Size), Threads::several, systems);
  }
}

template <Form form>
void add_two_to_one(const std::string& topic) {
  std::vector<System> systems;
  systems.push_back({"weir handle", two_to_one<Handle<8, Producers::multiple>, form>});
  systems.push_back({"atomic_queue mpmc", two_to_one<AtomicQueue<8, false>, form>});
  systems.push_back({"atomic_queue mpmc, insisting", two_to_one<AtomicQueue<8, false, true>, form>});
  systems.push_back({"tbb bounded", two_to_one<TbbBounded<8>, form>});
  systems.push_back({"boost queue", two_to_one<BoostQueue<8>, form>});
  systems.push_back({"moodycamel concurrent (no common order)", two_to_one<Concurrent<8>, form>});
  add_disruptor(systems, form == Form::one_by_one ? "two one" : "two batch");
  add_paired(row(topic, 8), Threads::several, systems);
}

void add_round_trip() {
  std::vector<System> systems;
  systems.push_back({"weir handle", there_and_back<Handle<8, Producers::single>, BackOff>});
  systems.push_back({"weir handle, spinning", there_and_back<Handle<8, Producers::single>, Spin>});
  const auto add_both = [&]<class Queue>(const std::string& name, std::type_identity<Queue>) {
    systems.push_back({name + " polling", there_and_back<Queue, Spin>});
    systems.push_back({name, there_and_back<Queue, BackOff>});
  };
  add_both("boost spsc", std::type_identity<BoostSpsc<8>>{});
  add_both("atomic_queue spsc", std::type_identity<AtomicQueue<8, true>>{});
  add_both("moodycamel readerwriter", std::type_identity<ReaderWriter<8>>{});
  add_both("moodycamel concurrent", std::type_identity<Concurrent<8>>{});
  add_paired(row("round-trip", 8), Threads::several, systems);
}

/// The rate of a writer whom nobody holds up, beside that of queues which lose nothing.
void add_overwrite() {
  using Ours = Case<Fixed<8>, 8, weir::Options{Producers::single, weir::Arrival::dropped}>;
  std::vector<System> systems;
  systems.push_back({"weir handle", [] {
                       const auto followed = follow<Ours>(Stamps::counted, 1);
                       const auto& reader = followed.readers[0];
                       return Session{.records = static_cast<double>(followed.writer.records),
                                      .seconds = followed.writer.seconds,
                                      .share = followed.share,
                                      .figures = {{"delivered", static_cast<double>(reader.records) /
                                                                    static_cast<double>(followed.writer.records)}}};
                     }});
  add_peer<BoostSpsc<8>, Form::one_by_one>(systems, "boost spsc");
  add_peer<AtomicQueue<8, true>, Form::one_by_one>(systems, "atomic_queue spsc");
  add_peer<ReaderWriter<8>, Form::one_by_one>(systems, "moodycamel readerwriter");
  add_peer<Concurrent<8>, Form::one_by_one>(systems, "moodycamel concurrent");
  add_paired(row("overwrite", 8), Threads::several, systems);
}

/// A writer on one processor; on the other a thread that reads through one iterator, or through two in turn: two
/// threads would take the processor from each other.
template <weir::Delivery delivery, std::size_t readers>
Session fanned_out() {
  using Stream =
      weir::Stream<Fixed<8>, weir::MemoryStorage,
                   weir::Options{
                       .producers = Producers::single, .arrival = weir::Arrival::dropped, .delivery = delivery}>;
  auto stream = Stream::open({.name = "peers", .capacity = weir::records(room)}).value();
  std::vector<typename Stream::iterator_type> iterators;
  for (std::size_t i = 0; i < readers; ++i) {
    iterators.push_back(stream.iterator(weir::ShardId{0}, weir::Position::trim_horizon()).value());
  }
  std::array<std::uint64_t, readers> next{};
  next.fill(1);
  std::uint64_t wrong = 0;
  bool started = false;
  const auto take = [&] {
    std::size_t taken = 0;
    for (std::size_t i = 0; i < readers; ++i) {
      const auto batch = iterators[i].read();
      const auto expected = next[i] + batch.missed();
      next[i] = batch.empty() ? expected : batch.front().sequence_number().value();
      wrong |= started ? expected ^ next[i] : 0;  // what lay before the horizon at first is not missed
      for (const auto& record : batch.values()) {
        wrong |= difference(record.bytes, next[i]++);
      }
      taken += batch.size() + batch.missed();
    }
    return taken;
  };
  Single<Fixed<8>, 8> single;
  std::uint64_t warm = 1;
  for (; warm <= room + batch_records; ++warm) {
    while (!stream.try_put(one_key, single.stamped(warm))) {
      take();
    }
  }
  while (take() != 0) {
  }
  started = true;
  Session session;
  std::uint64_t end = 0;
  const auto put = [&] {
    const Closing closing{stream};
    auto writer = stream.writer(one_key).value();
    const auto [over, seconds] = repeat(warm, 256, [&](std::uint64_t n) {
      const auto& record = single.stamped(n);
      while (!writer.try_put(record)) {
        relax(2);
      }
    });
    end = over;
    session.records = static_cast<double>(over - warm);
    session.seconds = seconds;
  };
  const auto read = [&] {
    BackOff wait;
    while (!std::all_of(iterators.begin(), iterators.end(), [](const auto& each) { return each.at_end(); })) {
      wait.before_poll();
      wait.after_poll(take());
    }
  };
  session.share = run_together({{0, put}, {1, read}});
  require(wrong == 0, "a record that is not the one put in this place");
  for (const auto reached : next) {
    require(reached == end, "records neither delivered nor missed");
  }
  return session;
}

void add_second_reader() {
  std::vector<System> systems;
  systems.push_back({"one reader", fanned_out<weir::Delivery::overwrite, 1>});
  systems.push_back({"weir two readers", fanned_out<weir::Delivery::overwrite, 2>});
  add_paired(row("second-reader", 8), Threads::several, systems);
  systems = {{"one reader", fanned_out<weir::Delivery::gated, 1>},
             {"weir two readers", fanned_out<weir::Delivery::gated, 2>}};
  add_paired(row("second-reader-gated", 8), Threads::several, systems);
}

void add_paced() {
  for (const double rate : {1.0, 10.0, 50.0}) {
    std::vector<System> systems;
    systems.push_back({"weir handle", [=] { return paced<Handle<8, Producers::single>, BackOff>(rate); }});
    const auto add_both = [&]<class Queue>(const std::string& name, std::type_identity<Queue>) {
      systems.push_back({name + " polling", [=] { return paced<Queue, Spin>(rate); }});
      systems.push_back({name, [=] { return paced<Queue, BackOff>(rate); }});
    };
    add_both("boost spsc", std::type_identity<BoostSpsc<8>>{});
    add_both("atomic_queue spsc", std::type_identity<AtomicQueue<8, true>>{});
    add_both("moodycamel readerwriter", std::type_identity<ReaderWriter<8>>{});
    add_both("moodycamel concurrent", std::type_identity<Concurrent<8>>{});
    add_paired(row("latency-" + std::to_string(static_cast<int>(rate)) + "M", 8), Threads::several, systems);
  }
}

void add_strings() {
  {
    std::vector<System> systems;
    systems.push_back(
        {"weir prepared key", one_to_one<TextStreamQueue<200, Key::prepared>, Form::one_by_one, BackOff>});
    systems.push_back({"weir string key", one_to_one<TextStreamQueue<200, Key::text>, Form::one_by_one, BackOff>});
    add_peer<Concurrent<200, std::string>, Form::one_by_one>(systems, "moodycamel concurrent");
    add_peer<ReaderWriter<200, std::string>, Form::one_by_one>(systems, "moodycamel readerwriter");
    add_peer<BoostSpsc<200, std::string>, Form::one_by_one>(systems, "boost spsc");
    add_paired(row("strings", 200), Threads::several, systems);
  }
  std::vector<System> systems;
  systems.push_back({"weir prepared key", two_to_one<TextStreamQueue<200, Key::prepared>, Form::one_by_one>});
  systems.push_back({"weir string key", two_to_one<TextStreamQueue<200, Key::text>, Form::one_by_one>});
  systems.push_back({"moodycamel concurrent", two_to_one<Concurrent<200, std::string>, Form::one_by_one>});
  add_paired(row("strings-2-to-1", 200), Threads::several, systems);
}

}  // namespace

void register_benchmarks() {
  add_one_to_one<8, Form::one_by_one>("1-to-1");
  add_one_to_one<64, Form::one_by_one>("1-to-1");
  add_one_to_one<8, Form::batches>("1-to-1-batches");
  add_one_to_one<64, Form::batches>("1-to-1-batches");
  add_two_to_one<Form::one_by_one>("2-to-1");
  add_two_to_one<Form::batches>("2-to-1-batches");
  add_round_trip();
  add_overwrite();
  add_second_reader();
  add_paced();
  add_strings();
}

}  // namespace bench
