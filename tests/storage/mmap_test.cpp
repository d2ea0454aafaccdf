#include "weir/storage/mmap.hpp"

#include <doctest/doctest.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <optional>
#include <sstream>
#include <type_traits>

#include "conformance/reopening.hpp"
#include "conformance/storage.hpp"
#include "support/child.hpp"
#include "support/scratch_storage.hpp"

// Sanitizers take more addresses for themselves than a test can leave.
#if defined(__SANITIZE_ADDRESS__) || WEIR_THREAD_SANITIZER
# define WEIR_TESTS_NARROW_ADDRESSES 0
#elif defined(__has_feature)
# if __has_feature(address_sanitizer)
#  define WEIR_TESTS_NARROW_ADDRESSES 0
# endif
#endif
#ifndef WEIR_TESTS_NARROW_ADDRESSES
# define WEIR_TESTS_NARROW_ADDRESSES 1
#endif

namespace {

using namespace std::string_literals;
using weir::Access;
using weir::Cause;
using weir::Errc;
using weir::MmapStorage;
using weir::Position;
using weir::ShardId;
using weir::stream_tests::check_refused;
using weir::support::contents_of;
using weir::support::in_child;
using weir::support::ScratchDirectory;
using weir::support::state_of;
using weir::support::write_file;
using Numbers = weir::Stream<std::uint64_t, MmapStorage>;

static_assert(std::is_nothrow_move_constructible_v<MmapStorage> && std::is_nothrow_move_assignable_v<MmapStorage>);
static_assert(!std::is_copy_constructible_v<MmapStorage>, "two owners would unmap the same files");

struct Directory {
  using storage_type = MmapStorage;
  MmapStorage storage() const { return MmapStorage{scratch.path()}; }
  ScratchDirectory scratch;
};

TEST_CASE("MmapStorage keeps the laws of storage") {
  weir::conformance::storage_conformance<weir::support::ScratchStorage>([] { return weir::support::ScratchStorage{}; });
}

TEST_CASE("a stream in files goes on when its directory is opened again") {
  weir::conformance::reopening_conformance<Directory>();
}

TEST_CASE("spans and blobs are found again by the next storage of the directory, bytes and all") {
  const ScratchDirectory scratch;
  {
    MmapStorage storage{scratch.path()};
    const auto span = storage.create("a.b", 10'000).value();
    std::fill(span.begin(), span.end(), std::byte{7});
    REQUIRE(storage.replace("blob", std::vector<std::byte>(3, std::byte{1})));
  }
  MmapStorage storage{scratch.path()};
  CHECK(storage.list() == std::vector<std::string>{"a.b"});
  const auto span = storage.open("a.b").value();
  CHECK(span.size() == 10'000);
  CHECK(std::all_of(span.begin(), span.end(), [](auto byte) { return byte == std::byte{7}; }));
  CHECK(storage.load("blob").value() == std::vector<std::byte>(3, std::byte{1}));
  CHECK(storage.create("a.b", 10).error().cause == Cause::span_exists);
  CHECK(contents_of(scratch / "a.b.span") == std::string(10'000, '\7'));
}

TEST_CASE("two processes, one after the other, have one stream") {
  const ScratchDirectory scratch;
  const auto put = [&](std::uint64_t first) {
    return in_child([&] {
      auto stream = Numbers::open({.name = "both"}, MmapStorage{scratch.path()});
      if (!stream || stream->put("key", first).value().sequence_number.value() != first) {
        return 1;
      }
      return stream->leave() ? 0 : 2;
    });
  };
  CHECK(put(1) == 0);
  CHECK(put(2) == 0);
  auto stream = Numbers::open({.name = "both"}, MmapStorage{scratch.path()}).value();
  auto iterator = stream.iterator(ShardId{0}, Position::trim_horizon()).value();
  const auto batch = iterator.read();
  REQUIRE(batch.size() == 2);
  CHECK(batch[0].value() == 1);
  CHECK(batch[1].value() == 2);
}

TEST_CASE("a directory that is open is refused to others, with the process that has it, and free again afterwards") {
  const ScratchDirectory scratch;
  {
    auto stream = Numbers::open({}, MmapStorage{scratch.path()}).value();
    const auto owner = std::to_string(::getpid());
    for (const auto access : {Access::read_write, Access::read_only}) {
      check_refused(Numbers::open({}, MmapStorage{scratch.path(), {.access = access}}), Errc::resource_in_use,
                    Cause::storage_in_use, {"process " + owner, "another directory"});
      CHECK(in_child([&] {
              const auto refused = Numbers::open({}, MmapStorage{scratch.path(), {.access = access}});
              const auto has = static_cast<std::uint64_t>(::getppid());
              return !refused && refused.error() == weir::Failure{Errc::resource_in_use, Cause::storage_in_use, has, 0}
                         ? 0
                         : 1;
            }) == 0);
    }
    auto moved = std::move(stream);
    CHECK_FALSE(Numbers::open({}, MmapStorage{scratch.path()}));
  }
  CHECK(Numbers::open({}, MmapStorage{scratch.path()}));
}

TEST_CASE(
    "a process that holds the directory may be stopped by force: the lock is free, the stream refused, untouched") {
  const ScratchDirectory scratch;
  CHECK(in_child([&] {
          auto stream = Numbers::open({.shards = 2}, MmapStorage{scratch.path()}).value();
          for (std::uint64_t n = 0; n < 1000; ++n) {
            stream.put(std::to_string(n), n).value();
          }
          return ::raise(SIGKILL);
        }) == -SIGKILL);
  auto before = state_of(scratch.path());
  for (const auto access : {Access::read_write, Access::read_only}) {
    check_refused(Numbers::open({}, MmapStorage{scratch.path(), {.access = access}}), Errc::unclean,
                  Cause::stream_unclean, {"killed", "exit()", "anew", "checkpoints"});
  }
  auto after = state_of(scratch.path());
  before.erase(scratch / "weir.lock");  // who looked last
  after.erase(scratch / "weir.lock");
  CHECK(after == before);
}

TEST_CASE("a storage open for reading writes nothing, and several are open at once") {
  const ScratchDirectory scratch;
  {
    auto stream = Numbers::open({.shards = 2}, MmapStorage{scratch.path()}).value();
    stream.put("key", 5).value();
    CHECK(stream.leave());
  }
  const auto before = state_of(scratch.path());
  const auto files_only_read = [&] {
    const auto storage = [&] { return MmapStorage{scratch.path(), {.access = Access::read_only, .huge_pages = true}}; };
    auto first = Numbers::open({}, storage()).value();
    auto second = Numbers::open({.shards = 2}, storage()).value();
    for (auto* stream : {&first, &second}) {
      CHECK(stream->put("key", 1).error().code == Errc::read_only);
      auto reader = stream->reader(Position::trim_horizon()).value();
      CHECK(reader.read().size() == 1);
      CHECK_FALSE(reader.read());
      CHECK(reader.at_end());
    }
    auto raw = storage();
    CHECK(raw.create("new", 1).error().cause == Cause::storage_read_only);
    CHECK(raw.replace("new", {}).error().cause == Cause::storage_read_only);
    CHECK(raw.remove(ShardId{0}.to_string()).error().cause == Cause::storage_read_only);
    CHECK(raw.list().size() == 2);
    const auto span = raw.open(ShardId{0}.to_string()).value();
    span[0] = std::byte{0};  // its own copy
    CHECK(raw.sync(span));
    CHECK(raw.discard(span));
    CHECK(Numbers::open({}, MmapStorage{scratch.path()}).error().cause == Cause::storage_in_use);
  };
  files_only_read();
  CHECK(state_of(scratch.path()) == before);
  CHECK(Numbers::open({}, MmapStorage{scratch.path()}));
}

TEST_CASE("a directory for reading that holds nothing, or does not exist, is refused and not made") {
  const ScratchDirectory scratch;
  const weir::MmapOptions reading{.access = Access::read_only};
  check_refused(Numbers::open({}, MmapStorage{scratch.path(), reading}), Errc::file, Cause::storage_lock_missing,
                {"weir.lock"});
  check_refused(Numbers::open({}, MmapStorage{scratch / "none", reading}), Errc::file, Cause::directory_refused,
                {"No such file"});
  CHECK(std::filesystem::is_empty(scratch.path()));
}

TEST_CASE("a copy without its lock can be read once it is given an empty one") {
  const ScratchDirectory scratch;
  Numbers::open({}, MmapStorage{scratch.path()}).value().put("key", 3).value();
  std::filesystem::remove(scratch / "weir.lock");
  const weir::MmapOptions reading{.access = Access::read_only};
  check_refused(Numbers::open({}, MmapStorage{scratch.path(), reading}), Errc::file, Cause::storage_lock_missing,
                {"empty one"});
  write_file(scratch / "weir.lock", "");
  CHECK(Numbers::open({}, MmapStorage{scratch.path(), reading}));
}

TEST_CASE("a directory that cannot be is an error that says why") {
  const ScratchDirectory scratch;
  write_file(scratch / "file", "x");
  check_refused(Numbers::open({}, MmapStorage{scratch / "file"}), Errc::file, Cause::directory_refused,
                {"Not a directory"});
  check_refused(Numbers::open({}, MmapStorage{scratch / "no/such/parent"}), Errc::file, Cause::directory_refused,
                {"No such file"});
  check_refused(Numbers::open({}, MmapStorage{scratch / "nul\0cut"s}), Errc::file, Cause::directory_refused, {});
  check_refused(Numbers::open({}, MmapStorage{""}), Errc::file, Cause::directory_refused, {"No such file"});
  CHECK(Numbers::open({}, MmapStorage{scratch / "made"}));
  CHECK(contents_of(scratch / "file") == "x");
}

/// As somebody who has no rights here; true where that could not be had.
bool without_rights() {
  return ::setgid(65534) == 0 && ::setuid(65534) == 0;
}

TEST_CASE("a directory without the right to write in it is an error, a file without too") {
  if (::getuid() != 0) {
    MESSAGE("skipped: needs root, to have another user try");
    return;
  }
  const ScratchDirectory scratch;
  const auto refused_with = [&](Access access) {
    return in_child([&] {
      if (!without_rights()) {
        return 1;
      }
      const auto stream = Numbers::open({}, MmapStorage{scratch.path(), {.access = access}});
      return stream ? 2 : stream.error().value == EACCES ? 0 : 3;
    });
  };
  ::chmod(scratch.path().c_str(), 0555);
  CHECK(refused_with(Access::read_write) == 0);
  ::chmod(scratch.path().c_str(), 0755);
  { Numbers::open({}, MmapStorage{scratch.path()}).value().put("key", 4).value(); }
  CHECK(refused_with(Access::read_write) == 0);
  CHECK(refused_with(Access::read_only) == 2);  // which writes nothing, and so needs no more
  ::chmod((scratch / "shardId-000000000000.span").c_str(), 0600);
  CHECK(refused_with(Access::read_only) == 0);
}

TEST_CASE("a full device is an error of create, never a signal, and what did not fit is gone") {
  const ScratchDirectory scratch;
  const auto status = in_child([&] {
    if (::unshare(CLONE_NEWNS) != 0 || ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0 ||
        ::mount("tmpfs", scratch.path().c_str(), "tmpfs", 0, "size=1m") != 0) {
      return 77;
    }
    const auto expected = [](const auto& result, std::uint64_t bytes) {
      return !result && result.error() == weir::Failure{Errc::out_of_memory, Cause::storage_full, bytes, 0};
    };
    MmapStorage storage{scratch.path(), {.prefault = false}};  // so that allocation alone must notice
    if (!expected(storage.create("large", 2 << 20), 2 << 20) || !storage.list().empty()) {
      return 1;
    }
    const auto made = storage.create("most", 900 << 10);
    if (!made) {
      return 2;
    }
    std::fill(made->begin(), made->end(), std::byte{1});
    if (!expected(storage.create("more", 900 << 10), 900 << 10) || storage.list().size() != 1) {
      return 3;
    }
    if (storage.replace("blob", std::vector<std::byte>(1 << 20))) {
      return 4;
    }
    if (std::distance(std::filesystem::directory_iterator{scratch.path()}, {}) != 2) {
      return 5;  // the lock and the span
    }
    const auto left = Numbers::footprint(1).value();
    storage = MmapStorage{scratch / "stream"};
    const auto stream = Numbers::open({}, std::move(storage));
    if (!expected(stream, left) || std::filesystem::exists(scratch / "stream/shardId-000000000000.span")) {
      return 6;
    }
    // A file with holes, as a careless copy makes it.
    std::filesystem::resize_file(scratch / "most.span", 0);
    std::filesystem::resize_file(scratch / "most.span", 2 << 20);
    storage = MmapStorage{scratch.path()};
    return expected(storage.open("most"), 2 << 20) ? 0 : 7;
  });
  if (status == 77) {
    MESSAGE("skipped: no file system can be mounted here");
    return;
  }
  CHECK(status == 0);
}

TEST_CASE("a stream is left on a full device, and without a descriptor, and entered on a full device again") {
  const ScratchDirectory scratch;
  const auto status = in_child([&] {
    if (::unshare(CLONE_NEWNS) != 0 || ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0 ||
        ::mount("tmpfs", scratch.path().c_str(), "tmpfs", 0, "size=1m") != 0) {
      return 77;
    }
    const auto open = [&] { return Numbers::open({.capacity = weir::records(64)}, MmapStorage{scratch / "stream"}); };
    auto stream = open();
    if (!stream || !stream->put("key", 1)) {
      return 1;
    }
    std::ofstream{scratch / "filler"} << std::string(2 << 20, 'x');
    rlimit descriptors{};
    ::getrlimit(RLIMIT_NOFILE, &descriptors);
    const rlimit none{3, descriptors.rlim_max};
    ::setrlimit(RLIMIT_NOFILE, &none);
    if (!stream->leave()) {
      return 2;
    }
    ::setrlimit(RLIMIT_NOFILE, &descriptors);
    stream = open();
    return stream && stream->put("key", 2).value().sequence_number.value() == 2 ? 0 : 3;
  });
  if (status == 77) {
    MESSAGE("skipped: no file system can be mounted here");
    return;
  }
  CHECK(status == 0);
}

TEST_CASE("a child that ends does not leave the stream of its parent") {
  const ScratchDirectory scratch;
  CHECK(in_child([&] {
          auto stream = Numbers::open({}, MmapStorage{scratch.path()}).value();
          in_child([&] {
            const auto inherited = std::move(stream);  // and destroyed here
            return 0;
          });
          if (contents_of(scratch / "weir.lock") != std::to_string(::getpid()) + "\n") {
            return 1;
          }
          return ::raise(SIGKILL);
        }) == -SIGKILL);
  CHECK(Numbers::open({}, MmapStorage{scratch.path()}).error().code == Errc::unclean);
}

TEST_CASE("a process that is killed while it makes a stream leaves what is told as half made") {
  const ScratchDirectory scratch;
  {
    MmapStorage storage{scratch.path()};
    storage.create(ShardId{0}.to_string(), Numbers::footprint(1).value()).value();
  }
  check_refused(Numbers::open({}, MmapStorage{scratch.path()}), Errc::unclean, Cause::stream_half_made, {"remove"});
}

TEST_CASE("links and files of others in the directory are not written through") {
  const ScratchDirectory scratch;
  write_file(scratch / "victim", "untouched");
  std::filesystem::create_directory(scratch / "stream");
  write_file(scratch / "stream/lock", "somebody's");
  std::filesystem::create_symlink(scratch / "victim", scratch / "stream/manifest.blob.new");
  Numbers::open({}, MmapStorage{scratch / "stream"}).value();
  CHECK(contents_of(scratch / "stream/lock") == "somebody's");
  std::filesystem::remove(scratch / "stream/weir.lock");
  std::filesystem::create_symlink(scratch / "victim", scratch / "stream/weir.lock");
  CHECK(Numbers::open({}, MmapStorage{scratch / "stream"}).error().cause == Cause::directory_refused);
  CHECK(contents_of(scratch / "victim") == "untouched");
}

TEST_CASE("a config that cannot be touches nothing") {
  const ScratchDirectory scratch;
  CHECK_FALSE(Numbers::open({.capacity = weir::records(3)}, MmapStorage{scratch / "none"}));
  CHECK_FALSE(Numbers::open({.shards = 0}, MmapStorage{scratch / "none"}));
  CHECK_FALSE(Numbers::open({.max_record = 5}, MmapStorage{scratch / "none"}));
  CHECK(std::filesystem::is_empty(scratch.path()));
}

TEST_CASE("where there are no addresses to map a file, creating is an error and leaves no file") {
#if WEIR_TESTS_NARROW_ADDRESSES
  constexpr int unbounded = 77;  // as under qemu-user, which has no such limit
  const ScratchDirectory scratch;
  const int outcome = in_child([&] {
    MmapStorage storage{scratch.path()};
    const auto small = storage.create("small", 1000);
    const rlimit narrow{std::size_t{256} << 20, std::size_t{256} << 20};
    rlimit now{};
    ::setrlimit(RLIMIT_AS, &narrow);
    ::getrlimit(RLIMIT_AS, &now);
    if (now.rlim_cur != narrow.rlim_cur) {
      return unbounded;
    }
    const auto large = storage.create("large", std::size_t{300} << 20);
    return small && !large && large.error().code == Errc::out_of_memory && storage.list().size() == 1 ? 0 : 1;
  });
  if (outcome == unbounded) {
    MESSAGE("skipped: addresses cannot be bounded here");
    return;
  }
  CHECK(outcome == 0);
#endif
}

TEST_CASE("what is no name of a file is refused, so nothing outside the directory is touched") {
  const ScratchDirectory scratch;
  MmapStorage storage{scratch / "inside"};
  for (const auto& name : {""s, "a/b"s, "../x"s, "a b"s, "caf\xC3\xA9"s, "nul\0"s}) {
    CAPTURE(name);
    check_refused(storage.create(name, 10), Errc::invalid_argument, Cause::storage_name, {"1 to 240"});
    CHECK(storage.replace(name, {}).error().cause == Cause::storage_name);
    CHECK(storage.load(name).error().cause == Cause::storage_name);
    CHECK(storage.remove(name).error().cause == Cause::storage_name);
  }
  CHECK(storage.create(std::string(241, 'x'), 10).error().cause == Cause::storage_name);
  CHECK(storage.create(std::string(240, 'x'), 10));
  CHECK(storage.create("..", 10));
  CHECK(std::distance(std::filesystem::directory_iterator{scratch.path()}, {}) == 1);
}

TEST_CASE("files that were tampered with are refused, whatever they became") {
  const ScratchDirectory scratch;
  Numbers::open({}, MmapStorage{scratch.path()}).value();
  const auto span = scratch / "shardId-000000000000.span";
  const auto refused = [&](Cause cause) {
    const auto stream = Numbers::open({}, MmapStorage{scratch.path()});
    REQUIRE_FALSE(stream);
    CHECK(stream.error().cause == cause);
    CHECK(stream.error().code == Errc::format);
  };
  SUBCASE("empty") {
    std::filesystem::resize_file(span, 0);
    refused(Cause::foreign_span);
  }
  SUBCASE("shorter") {
    std::filesystem::resize_file(span, 100);
    refused(Cause::foreign_span);
  }
  SUBCASE("longer") {
    std::filesystem::resize_file(span, std::filesystem::file_size(span) + 1);
    refused(Cause::foreign_span);
  }
  SUBCASE("a directory") {
    std::filesystem::remove(span);
    std::filesystem::create_directory(span);
    const auto stream = Numbers::open({}, MmapStorage{scratch.path()});
    CHECK(stream.error().code == Errc::file);
  }
  SUBCASE("a pipe that nobody writes") {
    std::filesystem::remove(span);
    REQUIRE(::mkfifo(span.c_str(), 0600) == 0);
    CHECK(Numbers::open({}, MmapStorage{scratch.path()}).error().code == Errc::file);
    std::filesystem::rename(span, scratch / "pipe");
    std::filesystem::remove(scratch / "manifest.blob");
    std::filesystem::rename(scratch / "pipe", scratch / "manifest.blob");
    CHECK(Numbers::open({}, MmapStorage{scratch.path()}).error().code == Errc::file);
  }
  SUBCASE("gone") {
    std::filesystem::remove(span);
    refused(Cause::foreign_span);
  }
  SUBCASE("a manifest of half its length") {
    const auto manifest = scratch / "manifest.blob";
    std::filesystem::resize_file(manifest, std::filesystem::file_size(manifest) / 2);
    refused(Cause::manifest_damaged);
  }
}

/// Whether advice on memory is heard at all: what emulates a kernel (qemu-user) may take any, and do nothing.
bool advice_is_heard() {
  constexpr int nonsense = -1;
  return ::madvise(nullptr, 0, nonsense) != 0;
}

/// Page faults that `body` takes.
template <class Body>
long faults(Body body) {
  rusage before{};
  rusage after{};
  ::getrusage(RUSAGE_SELF, &before);
  body();
  ::getrusage(RUSAGE_SELF, &after);
  return after.ru_minflt + after.ru_majflt - before.ru_minflt - before.ru_majflt;
}

TEST_CASE("prefaulting takes the faults of the first lap away") {
  if (!advice_is_heard()) {
    MESSAGE("skipped: nobody here hears advice on memory");
    return;
  }
  constexpr std::size_t size = std::size_t{8} << 20;
  const auto first_lap = [&](bool prefault) {
    const ScratchDirectory scratch;
    MmapStorage storage{scratch.path(), {.prefault = prefault}};
    const auto span = storage.create("span", size).value();
    return faults([&] { std::fill(span.begin(), span.end(), std::byte{1}); });
  };
  const auto with = first_lap(true);
  const auto without = first_lap(false);
  CAPTURE(with);
  CAPTURE(without);
  CHECK(without - with > 100);  // a sanitizer's own faults are in both
}

TEST_CASE("huge pages are asked for where they are wanted, and only there") {
  if (!advice_is_heard()) {
    MESSAGE("skipped: nobody here hears advice on memory");
    return;
  }
  const auto flags = [](bool huge_pages) {
    const ScratchDirectory scratch;
    MmapStorage storage{scratch.path(), {.huge_pages = huge_pages}};
    const auto span = storage.create("span", std::size_t{4} << 20).value();
    std::ostringstream address;
    address << std::hex << reinterpret_cast<std::uintptr_t>(span.data()) << '-';
    std::ifstream maps{"/proc/self/smaps"};
    std::string line;
    bool here = false;
    while (std::getline(maps, line)) {
      here = here || line.starts_with(address.str());
      if (here && line.starts_with("VmFlags:")) {
        return line;
      }
    }
    return std::string{};
  };
  const auto plain = flags(false);
  if (plain.empty()) {
    MESSAGE("skipped: this kernel does not tell the flags of mappings");
    return;
  }
  CHECK(plain.find(" hg") == std::string::npos);
  CHECK(flags(true).find(" hg") != std::string::npos);
}

TEST_CASE("discarded pages are given back to the file system, where it can take them") {
  if (!advice_is_heard()) {
    MESSAGE("skipped: nobody here hears advice on memory");
    return;
  }
  const ScratchDirectory scratch;
  MmapStorage storage{scratch.path()};
  const auto span = storage.create("span", std::size_t{1} << 20).value();
  std::fill(span.begin(), span.end(), std::byte{1});
  REQUIRE(storage.sync(span));
  const auto blocks = [](const std::string& file) {
    struct stat status {};
    ::stat(file.c_str(), &status);
    return status.st_blocks;
  };
  write_file(scratch / "probe", std::string(1 << 20, 'x'));
  const auto probe = weir::detail::File::open(AT_FDCWD, (scratch / "probe").c_str(), O_RDWR);
  if (::fallocate(probe.descriptor(), FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, 1 << 20) != 0) {
    MESSAGE("skipped: this file system keeps what is given back");
    return;
  }
  const auto before = blocks(scratch / "span.span");
  CHECK(before * 512 >= 1 << 20);
  REQUIRE(storage.discard(span));
  CHECK(std::filesystem::file_size(scratch / "span.span") == 1 << 20);
  CHECK(blocks(scratch / "span.span") < before);
  CHECK(span.front() == std::byte{0});
}

/// Kilobytes of the mapping that were changed and not written to the device; nothing where the kernel does not tell.
std::optional<long> dirty(std::span<const std::byte> span) {
  std::ostringstream address;
  address << std::hex << reinterpret_cast<std::uintptr_t>(span.data()) << '-';
  std::ifstream maps{"/proc/self/smaps"};
  std::string word;
  long sum = 0;
  for (bool here = false; maps >> word;) {
    here = here || word.starts_with(address.str());
    if (here && (word == "Shared_Dirty:" || word == "Private_Dirty:")) {
      long kilobytes = 0;
      maps >> kilobytes;
      sum += kilobytes;
      if (word == "Private_Dirty:") {
        return sum;
      }
    }
  }
  return std::nullopt;
}

TEST_CASE("what is synced is on the device, of the part that was asked for") {
  const ScratchDirectory scratch;
  MmapStorage storage{scratch.path()};
  const auto span = storage.create("span", std::size_t{1} << 20).value();
  REQUIRE(storage.sync(span));
  std::fill(span.begin(), span.end(), std::byte{1});
  const auto all = dirty(span);
  if (!all || *all < 1024) {
    MESSAGE("skipped: this kernel or file system does not tell which pages are dirty");
    return;
  }
  REQUIRE(storage.sync(span.subspan(100'000, 400'000)));
  const auto some = dirty(span).value_or(-1);
  CHECK(some < *all);
  CHECK(some > 0);
  REQUIRE(storage.sync(span));
  CHECK(dirty(span) == 0);
}

TEST_CASE("assigning a storage ends what it had: its files can be opened by others") {
  const ScratchDirectory first;
  const ScratchDirectory second;
  MmapStorage storage{first.path()};
  REQUIRE(storage.create("one", 100));
  MmapStorage other{second.path()};
  const auto span = other.create("two", 100).value();
  storage = std::move(other);
  CHECK(storage.open("two").value().data() == span.data());
  CHECK(MmapStorage{first.path()}.list() == std::vector<std::string>{"one"});
  CHECK(MmapStorage{second.path()}.list().empty());  // still held
}

}  // namespace
