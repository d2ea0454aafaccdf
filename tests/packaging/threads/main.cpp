/// A stranger's program full of threads, to be built with ThreadSanitizer. They hand each other plain memory of the
/// program's own, a book with a page for each record, which nothing orders but the streams that the pages' numbers go
/// through. With the argument `race` a reader looks into the book before it was told to, which must be reported.
#include <weir/weir.hpp>

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <latch>
#include <string>
#include <thread>
#include <vector>

namespace {

using Number = std::uint64_t;
using Book = std::vector<Number>;

constexpr Number producers = 3;
constexpr Number pages_each = 2048;  // of each producer
constexpr Number burst = 8;          // records of one key: an eighth of the least capacity

/// A fixed payload that tells whether it is whole.
struct Ticket {
  Number page, seal;
};

Number page_of(const Ticket& ticket) {
  return ticket.seal == ~ticket.page ? ticket.page : ~Number{0};
}
Number page_of(std::string_view text) {
  return std::stoull(std::string{text});
}
void write(Number page, Ticket& ticket) {
  ticket = {page, ~page};
}
void write(Number page, std::string& text) {
  text = std::to_string(page);
}

/// What a reader found.
struct Found {
  Number records = 0, sum = 0, missed = 0, wrong = 0;

  void look_up(Number page, const Book& book) {
    ++records;
    if (page >= book.size() || book[page] != page * page) {
      ++wrong;
    } else {
      sum += book[page];
    }
  }
};

/// Writes a producer's pages and puts their numbers, in every way that there is, a burst at a time.
template <class T, class Stream>
void produce(Stream& stream, Book& book, Number first) {
  const auto never = weir::Deadline::never();
  std::vector<T> payloads(burst);
  for (auto page = first; page < first + pages_each; page += burst) {
    for (Number i = 0; i < burst; ++i) {
      book[page + i] = (page + i) * (page + i);
      write(page + i, payloads[i]);
    }
    const auto key = std::to_string(page);
    switch (page / burst % 3) {
      case 0:
        stream.put_all(key, std::vector<typename Stream::element>(payloads.begin(), payloads.end()), never).value();
        break;
      case 1:
        for (const auto& payload : payloads) {
          stream.put(key, payload, never).value();
        }
        break;
      default:
        auto writer = stream.writer(key).value();
        if constexpr (std::is_same_v<T, Ticket>) {
          for (Number done = 0; done < burst;) {
            auto slots = writer.claim(burst - done, never).value();
            std::copy_n(payloads.begin() + static_cast<std::ptrdiff_t>(done), slots.span().size(),
                        slots.span().begin());
            done += slots.span().size();
            slots.commit().value();
          }
        } else {
          for (const auto& payload : payloads) {
            writer.put(payload, never).value();
          }
        }
    }
  }
}

/// Reads the whole stream, asleep while there is nothing.
template <class Reader>
void read_all(Reader reader, const Book& book, Found& found) {
  for (weir::Park wait; !reader.at_end();) {
    auto batch = reader.read(wait, weir::Deadline::never());
    found.missed += batch.missed();
    for (const auto& record : batch) {
      found.look_up(page_of(record.value()), book);
    }
  }
}

/// Reads a shard by many iterators, each of which goes on at the checkpoint of the one before.
template <class Stream>
void read_in_turns(Stream& stream, weir::ShardId shard, weir::MemoryCheckpoints& checkpoints, const Book& book,
                   Found& found) {
  for (bool ended = false; !ended;) {
    const auto saved = checkpoints.load("turns", shard).value();
    std::memcpy(&found, saved->state.data(), sizeof found);
    auto cursor = stream.iterator(shard, saved->position).value();
    weir::Park wait;
    for (int turn = 0; turn < 20 && !ended; ++turn) {
      const auto batch = cursor.read(wait, weir::Deadline::never());
      found.missed += batch.missed();
      for (const auto& record : batch) {
        found.look_up(page_of(record.value()), book);
      }
      ended = cursor.at_end();
    }
    checkpoints.save("turns", shard, cursor.position(), std::as_bytes(std::span{&found, 1})).value();
  }
}

/// Whether all readers of one kind of stream found what was put.
template <class T, weir::Options options>
bool relay(const char* name, const weir::Capacity& capacity, bool race) {
  auto stream =
      weir::Stream<T, weir::MemoryStorage, options>::open({.name = name, .shards = 2, .capacity = capacity}).value();
  Book book(producers * pages_each);
  weir::MemoryCheckpoints checkpoints;
  Found subscribed, read, turns[2];
  auto subscription = weir::subscribe(stream, weir::Position::latest(), [&](const auto& record) {
                        subscribed.look_up(page_of(record.value()), book);
                      }).value();
  {
    std::latch start{producers};
    std::vector<std::jthread> readers, threads;
    readers.emplace_back([&, reader = stream.reader(weir::Position::latest()).value()]() mutable {
      read.sum += race ? book.front() : 0;  // before anything that could order it, so it is a race in every run
      read_all(std::move(reader), book, read);
    });
    for (const auto& description : stream.shards()) {
      const auto shard = description.id;
      const auto beginning = weir::Position::at(description.starting);
      checkpoints.save("turns", shard, beginning, std::as_bytes(std::span{&turns[shard.index()], 1})).value();
      readers.emplace_back([&, shard] { read_in_turns(stream, shard, checkpoints, book, turns[shard.index()]); });
    }
    for (Number i = 0; i < producers; ++i) {
      threads.emplace_back([&, i] {
        start.arrive_and_wait();
        produce<T>(stream, book, i * pages_each);
      });
    }
    threads.clear();  // joins the producers
    stream.close().value();
  }
  subscription.join();
  subscribed.missed = subscription.missed();

  Number sum = 0;
  for (Number page = 0; page < book.size(); ++page) {
    sum += page * page;
  }
  const auto right = [&](const Found& found, bool lossless) {
    std::printf("%s: %ju records, %ju missed, %ju wrong, sum %ju\n", name, std::uintmax_t{found.records},
                std::uintmax_t{found.missed}, std::uintmax_t{found.wrong}, std::uintmax_t{found.sum});
    return found.wrong == 0 && found.records + found.missed == book.size() && found.sum <= sum &&
           (found.missed == 0 ? found.sum == sum : !lossless);
  };
  constexpr bool lossless = options.delivery == weir::Delivery::gated;
  return right(subscribed, lossless) && right(read, lossless) &&
         right({turns[0].records + turns[1].records, turns[0].sum + turns[1].sum, turns[0].missed + turns[1].missed,
                turns[0].wrong + turns[1].wrong},
               false);  // who has no iterator for a moment is not waited for
}

}  // namespace

int main(int count, char** arguments) {
  const bool race = count == 2 && std::strcmp(arguments[1], "race") == 0;
  constexpr weir::Options overwrite{.notify = weir::Notify::on_put};
  constexpr weir::Options gated{.delivery = weir::Delivery::gated, .notify = weir::Notify::on_put};
  const auto tickets = weir::records(8 * burst);
  const auto texts = weir::bytes(4096);
  const bool right = relay<Ticket, overwrite>("tickets", tickets, race) &&
                     relay<Ticket, gated>("gated-tickets", tickets, race) &&
                     relay<std::string, gated>("gated-texts", texts, race);
  return right ? 0 : 1;
}
