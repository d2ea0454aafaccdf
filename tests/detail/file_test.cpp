#include "weir/detail/file.hpp"

#include <doctest/doctest.h>
#include <sys/stat.h>

#include <string>

#include "support/child.hpp"
#include "support/scratch_directory.hpp"

namespace {

using weir::Cause;
using weir::Errc;
using weir::detail::File;
using weir::support::contents_of;
using weir::support::ScratchDirectory;

std::span<const std::byte> bytes_of(const std::string& text) {
  return std::as_bytes(std::span{text});
}

TEST_CASE("a file is its owner's until it is closed, moved or released") {
  const ScratchDirectory scratch;
  const auto path = scratch / "file";
  CHECK_FALSE(File{}.is_open());
  CHECK_FALSE(File::open(AT_FDCWD, path.c_str(), O_RDONLY).is_open());
  CHECK(errno == ENOENT);
  const auto valid = [](int descriptor) { return ::fcntl(descriptor, F_GETFD) >= 0; };
  int descriptor = -1;
  {
    auto file = File::open(AT_FDCWD, path.c_str(), O_RDWR | O_CREAT);
    REQUIRE(file.is_open());
    descriptor = file.descriptor();
    CHECK((::fcntl(descriptor, F_GETFD) & FD_CLOEXEC) != 0);
    File moved{std::move(file)};
    CHECK_FALSE(file.is_open());
    CHECK(moved.descriptor() == descriptor);
    file = std::move(moved);
    CHECK(file.descriptor() == descriptor);
  }
  CHECK_FALSE(valid(descriptor));
}

TEST_CASE("a regular file is what it says: no link, no directory, no pipe, and nothing is waited for") {
  const ScratchDirectory scratch;
  weir::support::write_file(scratch / "file", "x");
  std::filesystem::create_symlink(scratch / "file", scratch / "link");
  REQUIRE(::mkfifo((scratch / "pipe").c_str(), 0600) == 0);
  const auto directory = File::open(AT_FDCWD, scratch.path().c_str(), O_RDONLY | O_DIRECTORY);
  const auto opens = [&](const char* name) {
    return File::open_regular(directory.descriptor(), name, O_RDONLY).is_open();
  };
  CHECK(opens("file"));
  for (const auto* name : {"link", "pipe", ".", "none"}) {
    CAPTURE(name);
    CHECK_FALSE(opens(name));
    CHECK_FALSE(weir::detail::read_file(directory.descriptor(), name));
  }
}

TEST_CASE("a file is read whole, whatever its size") {
  const ScratchDirectory scratch;
  const auto directory = File::open(AT_FDCWD, scratch.path().c_str(), O_RDONLY | O_DIRECTORY);
  for (const std::size_t size : {0U, 1U, 4095U, 4096U, 4097U, 100'000U}) {
    CAPTURE(size);
    weir::support::write_file(scratch / "file", std::string(size, 'x'));
    CHECK(weir::detail::read_file(directory.descriptor(), "file").value().size() == size);
  }
  const auto missing = weir::detail::read_file(directory.descriptor(), "none");
  CHECK(missing.error() == weir::Failure{Errc::file, Cause::file_refused, ENOENT, 0});
}

TEST_CASE("a replaced file has the new contents and its draft is gone, or it has the old ones") {
  const ScratchDirectory scratch;
  const auto directory = File::open(AT_FDCWD, scratch.path().c_str(), O_RDONLY | O_DIRECTORY);
  const auto replace = [&](const std::string& name, const std::string& text) {
    return weir::detail::replace_file(directory.descriptor(), name, bytes_of(text));
  };
  REQUIRE(replace("file", "first"));
  REQUIRE(replace("file", std::string(100'000, 'y')));
  CHECK(contents_of(scratch / "file") == std::string(100'000, 'y'));
  REQUIRE(replace("file", ""));
  CHECK(contents_of(scratch / "file").empty());
  weir::support::write_file(scratch / "file.new", "left by a crash, longer than what comes");
  REQUIRE(replace("file", "short"));
  CHECK(contents_of(scratch / "file") == "short");
  CHECK(std::distance(std::filesystem::directory_iterator{scratch.path()}, {}) == 1);

  std::filesystem::permissions(scratch / "file", std::filesystem::perms::owner_read);
  std::filesystem::create_symlink(scratch / "victim", scratch / "file.new");
  weir::support::write_file(scratch / "victim", "untouched");
  REQUIRE(replace("file", "again"));
  CHECK(contents_of(scratch / "victim") == "untouched");
  CHECK(std::filesystem::is_regular_file(std::filesystem::symlink_status(scratch / "file")));
  CHECK(std::filesystem::status(scratch / "file").permissions() == std::filesystem::perms::owner_read);

  std::filesystem::create_directory(scratch / "taken");
  const auto refused = replace("taken", "text");
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == Errc::file);
  CHECK_FALSE(std::filesystem::exists(scratch / "taken.new"));
}

TEST_CASE("a file may not become larger than its process may write, and that is an error and no signal") {
  const ScratchDirectory scratch;
  CHECK(weir::support::in_child([&] {
          const auto directory = File::open(AT_FDCWD, scratch.path().c_str(), O_RDONLY | O_DIRECTORY);
          const rlimit narrow{100, 100};
          ::setrlimit(RLIMIT_FSIZE, &narrow);
          const auto replaced =
              weir::detail::replace_file(directory.descriptor(), "file", bytes_of(std::string(101, 'x')));
          return weir::detail::largest_file() == 100 && !replaced && replaced.error().code == Errc::out_of_memory ? 0
                                                                                                                  : 1;
        }) == 0);
}

TEST_CASE("what a file system has no room for is said with the bytes, everything else with the error's number") {
  for (const int error : {ENOSPC, EDQUOT, EFBIG, ENOMEM}) {
    CHECK(weir::detail::file_failure(error, 7) == weir::Failure{Errc::out_of_memory, Cause::storage_full, 7, 0});
  }
  const auto failure = weir::detail::file_failure(EACCES, 7);
  CHECK(failure == weir::Failure{Errc::file, Cause::file_refused, EACCES, 0});
  CHECK(failure.message().find("Permission denied (errno 13)") != std::string::npos);
}

}  // namespace
