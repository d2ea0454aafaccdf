/// The queues that people use, each in its best form for a task, behind the two ends that tasks want.
#pragma once

#include <atomic_queue/atomic_queue.h>
#include <concurrentqueue/concurrentqueue.h>
#include <readerwriterqueue/readerwriterqueue.h>
#include <tbb/concurrent_queue.h>

#include <bit>
#include <boost/lockfree/queue.hpp>
#include <boost/lockfree/spsc_queue.hpp>

#include "peers/transfer.hpp"

namespace bench {

/// A queue whose two ends are itself.
template <class Queue>
struct Ends {
  Queue& producer() { return static_cast<Queue&>(*this); }
  Queue& consumer() { return static_cast<Queue&>(*this); }
};

/// Takes one after another, a batch at most, by `pop`, which fills its argument or says no.
template <class T, class Pop, class Action>
std::size_t take_singly(Pop&& pop, Action&& action) {
  T record{};
  std::size_t taken = 0;
  while (taken < batch_records && pop(record)) {
    action(record);
    ++taken;
  }
  return taken;
}

/// Puts as many as there is room for, one by one.
template <class Queue, class T>
std::size_t put_singly(Queue& queue, std::span<const T> records) {
  std::size_t put = 0;
  while (put < records.size() && queue.try_put(records[put])) {
    ++put;
  }
  return put;
}

/// What a queue holds of a record: the record, or a string of its bytes, made for each put.
template <class Element, std::size_t Size>
decltype(auto) element_of(const Fixed<Size>& record) {
  if constexpr (std::same_as<Element, std::string>) {
    return std::string{reinterpret_cast<const char*>(record.bytes.data()), Size};
  } else {
    return (record);
  }
}

template <std::size_t Size, class Element = Fixed<Size>>
class BoostSpsc : public Ends<BoostSpsc<Size, Element>> {
 public:
  using payload = Fixed<Size>;
  bool try_put(const payload& record) { return queue_.push(element_of<Element>(record)); }
  std::size_t try_put_all(std::span<const payload> records) { return queue_.push(records.data(), records.size()); }
  template <class Action>
  std::size_t take(Action&& action) {
    return queue_.consume_all(action);
  }

 private:
  boost::lockfree::spsc_queue<Element, boost::lockfree::capacity<room>> queue_;
};

template <std::size_t Size>
class BoostQueue : public Ends<BoostQueue<Size>> {
 public:
  using payload = Fixed<Size>;
  bool try_put(const payload& record) { return queue_.bounded_push(record); }
  std::size_t try_put_all(std::span<const payload> records) { return put_singly(*this, records); }
  template <class Action>
  std::size_t take(Action&& action) {
    return take_singly<payload>([&](payload& record) { return queue_.pop(record); }, action);
  }

 private:
  boost::lockfree::queue<payload, boost::lockfree::capacity<room - 2>> queue_;
};

template <std::size_t Size, class Element = Fixed<Size>>
class ReaderWriter : public Ends<ReaderWriter<Size, Element>> {
 public:
  using payload = Fixed<Size>;
  bool try_put(const payload& record) { return queue_.try_enqueue(element_of<Element>(record)); }
  std::size_t try_put_all(std::span<const payload> records) { return put_singly(*this, records); }
  template <class Action>
  std::size_t take(Action&& action) {
    return take_singly<Element>([&](Element& element) { return queue_.try_dequeue(element); }, action);
  }

 private:
  moodycamel::ReaderWriterQueue<Element> queue_{room};
};

/// With tokens, taken in bulk. It keeps each producer's order and no common one.
template <std::size_t Size, class Element = Fixed<Size>>
class Concurrent {
 public:
  using payload = Fixed<Size>;
  using Queue = moodycamel::ConcurrentQueue<Element>;

  class Producer {
   public:
    explicit Producer(Queue& queue) : queue_(queue), token_(queue) {}
    bool try_put(const payload& record) { return queue_.try_enqueue(token_, element_of<Element>(record)); }
    std::size_t try_put_all(std::span<const payload> records) {
      return queue_.try_enqueue_bulk(token_, records.data(), records.size()) ? records.size() : 0;
    }

   private:
    Queue& queue_;
    moodycamel::ProducerToken token_;
  };
  class Consumer {
   public:
    explicit Consumer(Queue& queue) : queue_(queue), token_(queue) {}
    template <class Action>
    std::size_t take(Action&& action) {
      const auto taken = queue_.try_dequeue_bulk(token_, elements_.data(), elements_.size());
      for (std::size_t i = 0; i < taken; ++i) {
        action(elements_[i]);
      }
      return taken;
    }

   private:
    Queue& queue_;
    moodycamel::ConsumerToken token_;
    std::array<Element, batch_records> elements_;
  };
  Producer producer() { return Producer{queue_}; }
  Consumer consumer() { return Consumer{queue_}; }

 private:
  Queue queue_{room};
};

/// Words go through the form that holds them in atomics, of which zero means none; larger records through the other.
/// `insists`: puts wait for room and always succeed, which spares them a look at the other end.
template <std::size_t Size, bool single, bool insists = false>
class AtomicQueue : public Ends<AtomicQueue<Size, single, insists>> {
 public:
  using payload = Fixed<Size>;
  bool try_put(const payload& record) {
    if constexpr (insists) {
      if constexpr (Size == 8) {
        queue_.push(std::bit_cast<std::uint64_t>(record));
      } else {
        queue_.push(record);
      }
      return true;
    } else if constexpr (Size == 8) {
      return queue_.try_push(std::bit_cast<std::uint64_t>(record));
    } else {
      return queue_.try_push(record);
    }
  }
  std::size_t try_put_all(std::span<const payload> records) { return put_singly(*this, records); }
  template <class Action>
  std::size_t take(Action&& action) {
    if constexpr (Size == 8) {
      return take_singly<std::uint64_t>([&](std::uint64_t& word) { return queue_.try_pop(word); },
                                        [&](std::uint64_t word) { action(std::bit_cast<payload>(word)); });
    } else {
      return take_singly<payload>([&](payload& record) { return queue_.try_pop(record); }, action);
    }
  }

 private:
  std::conditional_t<Size == 8, atomic_queue::AtomicQueue<std::uint64_t, room, 0, !single, !single, false, single>,
                     atomic_queue::AtomicQueue2<payload, room, !single, !single, false, single>>
      queue_;
};

template <std::size_t Size>
class TbbBounded : public Ends<TbbBounded<Size>> {
 public:
  using payload = Fixed<Size>;
  TbbBounded() { queue_.set_capacity(room); }
  bool try_put(const payload& record) { return queue_.try_push(record); }
  std::size_t try_put_all(std::span<const payload> records) { return put_singly(*this, records); }
  template <class Action>
  std::size_t take(Action&& action) {
    return take_singly<payload>([&](payload& record) { return queue_.try_pop(record); }, action);
  }

 private:
  tbb::concurrent_bounded_queue<payload> queue_;
};

}  // namespace bench
