#include "weir/consume/file_checkpoints.hpp"

#include <doctest/doctest.h>

#include <array>
#include <atomic>
#include <csignal>
#include <string>
#include <thread>
#include <vector>

#include "conformance/checkpoint.hpp"
#include "support/child.hpp"
#include "support/scratch_directory.hpp"
#include "support/watchdog.hpp"
#include "weir/storage/mmap.hpp"
#include "weir/stream/stream.hpp"

namespace {

using weir::Cause;
using weir::Checkpoint;
using weir::Errc;
using weir::FileCheckpoints;
using weir::Incarnation;
using weir::Position;
using weir::Rewind;
using weir::SequenceNumber;
using weir::ShardId;
using weir::support::contents_of;
using weir::support::in_child;
using weir::support::ScratchDirectory;
using weir::support::write_file;

constexpr ShardId shard{0};

Position at(std::uint64_t value) {
  return Position::at({value, shard, Incarnation{1}});
}
std::vector<std::byte> state(std::string_view text) {
  const auto bytes = std::as_bytes(std::span{text});
  return {bytes.begin(), bytes.end()};
}

/// A store whose files are gone when it is.
class ScratchCheckpoints {
 public:
  weir::Result<void> save(std::string_view application, ShardId of, const Position& position,
                          std::span<const std::byte> bytes, Rewind rewind) {
    return store_.save(application, of, position, bytes, rewind);
  }
  weir::Result<std::optional<Checkpoint>> load(std::string_view application, ShardId of) const {
    return store_.load(application, of);
  }
  weir::Result<void> remove(std::string_view application, ShardId of) { return store_.remove(application, of); }

 private:
  ScratchDirectory directory_;
  FileCheckpoints store_{directory_.path()};
};

TEST_CASE("FileCheckpoints keeps the laws of checkpoint_store") {
  weir::conformance::checkpoint_conformance<ScratchCheckpoints>([] { return ScratchCheckpoints{}; });
}

TEST_CASE("what one process saved the next one loads, and nobody goes back behind it") {
  const ScratchDirectory scratch;
  CHECK(in_child([&] {
          FileCheckpoints store{scratch.path()};
          return store.save("app", shard, at(7), state("seven")) ? 0 : 1;
        }) == 0);
  FileCheckpoints store{scratch.path()};
  CHECK(store.load("app", shard).value() == Checkpoint{at(7), state("seven")});
  CHECK(store.save("app", shard, at(6)).error().cause == Cause::behind_checkpoint);
}

TEST_CASE("the file is text but for the state, as its documentation shows") {
  const ScratchDirectory scratch;
  FileCheckpoints store{scratch.path()};
  REQUIRE(store.save("summing", shard, Position::at({41, shard, Incarnation{1871269542}}), state("12345678")));
  const auto text = contents_of(scratch / "summing.0.checkpoint");
  CHECK(text.substr(0, text.find("check ")) == "weir checkpoint 1\nposition at 41@0.1871269542\nstate 8\n12345678\n");
}

TEST_CASE("applications of any name have files of their own, inside the directory") {
  const ScratchDirectory scratch;
  FileCheckpoints store{scratch / "inside"};
  const std::array<std::string, 9> names{"", ".", "..", "a/b", "../../x", "a.0", "a%2Fb", "gr\xC3\xBC\xC3\x9F", "A"};
  for (std::size_t i = 0; i < names.size(); ++i) {
    REQUIRE(store.save(names[i], shard, at(i + 1)));
  }
  for (std::size_t i = 0; i < names.size(); ++i) {
    CAPTURE(names[i]);
    CHECK(store.load(names[i], shard).value()->position == at(i + 1));
  }
  CHECK(std::distance(std::filesystem::directory_iterator{scratch / "inside"}, {}) == names.size() + 1);
  CHECK(std::distance(std::filesystem::directory_iterator{scratch.path()}, {}) == 1);
  CHECK(store.save(std::string(220, 'x'), ShardId{~std::uint32_t{0}}, Position::latest()));
  CHECK(store.save(std::string(221, 'x'), shard, at(1)).error().cause == Cause::application_name);
  CHECK(store.load(std::string(74, '/'), shard).error().cause == Cause::application_name);
}

TEST_CASE("a damaged file is refused, wherever the damage is, and can be gone over by a rewind") {
  const ScratchDirectory scratch;
  FileCheckpoints store{scratch.path()};
  const Checkpoint saved{at(41), state("some\nstate\ncheck 5\n")};
  REQUIRE(store.save("app", shard, saved.position, saved.state));
  const auto file = scratch / "app.0.checkpoint";
  const auto text = contents_of(file);
  const auto refused = [&](const std::string& damaged) {
    write_file(file, damaged);
    const auto loaded = store.load("app", shard);
    CHECK_FALSE(loaded);
    CHECK((loaded || loaded.error().code == Errc::format));
    CHECK(store.save("app", shard, at(50)).error().code == Errc::format);
    CHECK(contents_of(file) == damaged);
  };
  for (std::size_t i = 0; i < text.size(); i += 3) {
    CAPTURE(i);
    auto damaged = text;
    damaged[i] = static_cast<char>(damaged[i] ^ 1);
    refused(damaged);
    refused(text.substr(0, i));
    refused(text.substr(0, i) + 'x' + text.substr(i));
  }
  refused(text + text);
  refused("weir checkpoint 2\nof another time");
  CHECK(store.load("app", shard).error().cause == Cause::format_version);
  write_file(file, text);
  CHECK(store.load("app", shard).value() == saved);
  write_file(file, "nothing of the kind");
  REQUIRE(store.save("app", shard, at(3), state("again"), Rewind::allowed));
  CHECK(store.load("app", shard).value() == Checkpoint{at(3), state("again")});
}

TEST_CASE("a stream in files and its checkpoints may share a directory") {
  const ScratchDirectory scratch;
  FileCheckpoints store{scratch.path()};
  for (std::uint64_t run = 1; run <= 3; ++run) {
    auto stream = weir::Stream<int, weir::MmapStorage>::open({}, weir::MmapStorage{scratch.path()}).value();
    const auto put = stream.put("key", 1).value();
    CHECK(put.sequence_number.value() == run);
    REQUIRE(store.save("app", shard, Position::after(put.sequence_number)));
    CHECK(store.load("app", shard).value()->position == Position::after(put.sequence_number));
    CHECK_FALSE((weir::Stream<int, weir::MmapStorage>::open({}, weir::MmapStorage{scratch.path()})));
  }
  CHECK(weir::MmapStorage{scratch.path()}.list().size() == 1);
}

TEST_CASE("looking for what was never saved makes no directory") {
  const ScratchDirectory scratch;
  FileCheckpoints store{scratch / "none"};
  CHECK_FALSE(store.load("app", shard).value());
  CHECK(std::filesystem::is_empty(scratch.path()));
}

TEST_CASE("a directory that cannot be is an error") {
  const ScratchDirectory scratch;
  write_file(scratch / "file", "x");
  FileCheckpoints store{scratch / "file"};
  CHECK(store.save("app", shard, at(1)).error().cause == Cause::directory_refused);
  CHECK(store.load("app", shard).error().cause == Cause::directory_refused);
  CHECK(store.remove("app", shard).error().cause == Cause::directory_refused);
}

TEST_CASE("savers of several stores, threads and processes at once never lower a checkpoint nor tear one") {
  const weir::support::Watchdog watchdog{"checkpoints are saved by many"};
  const ScratchDirectory scratch;
  constexpr std::uint64_t last = 60;
  const auto save_some = [&](std::uint64_t first) {
    FileCheckpoints store{scratch.path()};
    int refused = 0;
    for (std::uint64_t n = first; n <= last; n += 3) {
      const auto saved = store.save("app", shard, at(n), state(std::to_string(n)));
      refused += saved || saved.error().cause == Cause::behind_checkpoint ? 0 : 1;
    }
    return refused;
  };
  const auto child = ::fork();
  if (child == 0) {
    ::_exit(save_some(1));
  }
  std::atomic<int> failures{0};
  std::atomic<bool> done{false};
  std::thread saver{[&] { failures += save_some(2); }};
  std::thread reader{[&] {
    const FileCheckpoints store{scratch.path()};
    std::uint64_t before = 0;
    while (!done) {
      const auto loaded = store.load("app", shard);
      if (!loaded) {
        ++failures;
      } else if (*loaded) {
        const auto number = (*loaded)->position.sequence_number().value();
        failures += number >= before && (*loaded)->state == state(std::to_string(number)) ? 0 : 1;
        before = number;
      }
    }
  }};
  failures += save_some(3);
  saver.join();
  int status = 0;
  ::waitpid(child, &status, 0);
  done = true;
  reader.join();
  CHECK(failures == 0);
  CHECK(status == 0);
  CHECK(FileCheckpoints{scratch.path()}.load("app", shard).value()->position == at(last));
}

}  // namespace
