/// Streams of one shard, put to the tasks of queues: gated, so that nothing is lost.
#pragma once

#include <bit>

#include "peers/transfer.hpp"
#include "support/case.hpp"

namespace bench {

template <std::size_t Size, weir::Producers producers>
using Lossless =
    weir::Stream<Fixed<Size>, weir::MemoryStorage,
                 weir::Options{
                     .producers = producers, .arrival = weir::Arrival::dropped, .delivery = weir::Delivery::gated}>;

/// Takes what an iterator reads; what it read last is released at its end.
template <class Stream>
class StreamConsumer {
 public:
  explicit StreamConsumer(typename Stream::iterator_type& iterator) : iterator_(iterator) {}
  ~StreamConsumer() { iterator_.commit(); }
  StreamConsumer(const StreamConsumer&) = delete;
  StreamConsumer& operator=(const StreamConsumer&) = delete;

  template <class Action>
  std::size_t take(Action&& action) {
    const auto batch = iterator_.read();
    if constexpr (weir::keyed_log<typename Stream::shard_type::Log>) {
      for (const auto& record : batch) {
        require(record.partition_key() == one_key, "a record with another's key");
        action(record.value());
      }
    } else {
      for (const auto& record : batch.values()) {
        action(record);
      }
    }
    return batch.size();
  }

 private:
  typename Stream::iterator_type& iterator_;
};

/// Through the handle of a thread that puts.
template <std::size_t Size, weir::Producers producers>
class StreamQueue {
 public:
  using payload = Fixed<Size>;
  using Stream = Lossless<Size, producers>;

  class Producer {
   public:
    explicit Producer(Stream& stream) : writer_(stream.writer(one_key).value()) {}
    bool try_put(const payload& record) { return writer_.try_put(record).has_value(); }
    std::size_t try_put_all(std::span<const payload> records) {
      return writer_.put_all(records, wait_, weir::Deadline{std::chrono::milliseconds{0}}) ? records.size() : 0;
    }
    template <class Fill>
    std::size_t write(std::size_t count, Fill&& fill) {
      auto slots = writer_.claim(count, wait_, weir::Deadline{std::chrono::milliseconds{0}});
      if (!slots) {
        return 0;
      }
      const auto places = slots->span();
      for (std::size_t i = 0; i < places.size(); ++i) {
        fill(places[i]);
      }
      slots->commit().value();
      return places.size();
    }

   private:
    typename Stream::writer_type writer_;
    weir::Spin wait_;
  };

  Producer producer() { return Producer{stream_}; }
  StreamConsumer<Stream> consumer() { return StreamConsumer<Stream>{iterator_}; }

 protected:
  Stream stream_ = Stream::open({.name = "peers", .capacity = weir::records(room)}).value();
  typename Stream::iterator_type iterator_ = stream_.iterator(weir::ShardId{0}, weir::Position::trim_horizon()).value();
};

/// Through the stream itself, with a key whose hash is known.
template <std::size_t Size, weir::Producers producers>
class KeyedStreamQueue : public StreamQueue<Size, producers> {
 public:
  using payload = Fixed<Size>;
  using Stream = Lossless<Size, producers>;

  class Producer {
   public:
    explicit Producer(Stream& stream) : stream_(stream) {}
    bool try_put(const payload& record) { return stream_.try_put(key_, record).has_value(); }
    std::size_t try_put_all(std::span<const payload> records) {
      return stream_.put_all(key_, records, wait_, weir::Deadline{std::chrono::milliseconds{0}}) ? records.size() : 0;
    }

   private:
    Stream& stream_;
    weir::PartitionKey key_ = weir::PartitionKey::make(one_key).value();
    weir::Spin wait_;
  };
  Producer producer() { return Producer{this->stream_}; }
};

/// Records of any size, with their keys: how the key is told.
enum class Key : std::uint8_t { prepared, text };

template <std::size_t Size, Key key>
class TextStreamQueue {
 public:
  using payload = Fixed<Size>;
  using Stream = weir::Stream<weir::Bytes, weir::MemoryStorage,
                              weir::Options{.arrival = weir::Arrival::dropped, .delivery = weir::Delivery::gated}>;

  class Producer {
   public:
    explicit Producer(Stream& stream) : stream_(stream) {}
    bool try_put(const payload& record) {
      if constexpr (key == Key::prepared) {
        return stream_.try_put(key_, weir::BytesView{record.bytes}).has_value();
      } else {
        return stream_.try_put(one_key, weir::BytesView{record.bytes}).has_value();
      }
    }

   private:
    Stream& stream_;
    weir::PartitionKey key_ = weir::PartitionKey::make(one_key).value();
  };

  Producer producer() { return Producer{stream_}; }
  StreamConsumer<Stream> consumer() { return StreamConsumer<Stream>{iterator_}; }

 private:
  Stream stream_ = Stream::open({.name = "peers", .capacity = weir::bytes(std::bit_ceil(room * (Size + 32)))}).value();
  typename Stream::iterator_type iterator_ = stream_.iterator(weir::ShardId{0}, weir::Position::trim_horizon()).value();
};

}  // namespace bench
