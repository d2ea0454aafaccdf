/// weir beside the queues that people use: the same task, payload and room, one right after another.
#include "peers/queues.hpp"
#include "peers/streams.hpp"
#include "support/paired.hpp"

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
    add_peer<ReaderWriter<Size>, form>(systems, "moodycamel readerwriter");
    add_peer<Concurrent<Size>, form>(systems, "moodycamel concurrent");
    add_paired(row(topic, Size), Threads::several, systems);
  }
  {
    auto systems = peers_of_many<Size, form>();
    systems.push_back({"weir handle", one_to_one<Handle<Size, Producers::multiple>, form, BackOff>});
    systems.push_back({"weir put", one_to_one<Keyed<Size, Producers::multiple>, form, BackOff>});
    if constexpr (form == Form::batches) {
      systems.push_back({"weir in place", one_to_one<Handle<Size, Producers::multiple>, Form::in_place, BackOff>});
    }
    add_paired(row(topic + "-many", Size), Threads::several, systems);
  }
}

template <Form form>
void add_two_to_one(const std::string& topic) {
  std::vector<System> systems;
  systems.push_back({"weir handle", two_to_one<Handle<8, Producers::multiple>, form>});
  systems.push_back({"atomic_queue mpmc", two_to_one<AtomicQueue<8, false>, form>});
  systems.push_back({"tbb bounded", two_to_one<TbbBounded<8>, form>});
  systems.push_back({"boost queue", two_to_one<BoostQueue<8>, form>});
  systems.push_back({"moodycamel concurrent (no common order)", two_to_one<Concurrent<8>, form>});
  add_paired(row(topic, 8), Threads::several, systems);
}

void add_round_trip() {
  std::vector<System> systems;
  systems.push_back({"weir handle", there_and_back<Handle<8, Producers::single>, BackOff>});
  systems.push_back({"weir handle, spinning", there_and_back<Handle<8, Producers::single>, Spin>});
  systems.push_back({"boost spsc", there_and_back<BoostSpsc<8>, Spin>});
  systems.push_back({"atomic_queue spsc", there_and_back<AtomicQueue<8, true>, Spin>});
  systems.push_back({"moodycamel readerwriter", there_and_back<ReaderWriter<8>, Spin>});
  systems.push_back({"moodycamel concurrent", there_and_back<Concurrent<8>, Spin>});
  add_paired(row("round-trip", 8), Threads::several, systems);
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
}

}  // namespace bench
