/// Files by descriptor: opened, read whole, replaced at once.
#pragma once

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <limits>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "weir/core/result.hpp"

namespace weir::inline WEIR_ABI::detail {

/// What an operating-system call said; `wanted` is how many bytes it was asked for.
inline Failure file_failure(int error, std::size_t wanted = 0) noexcept {
  switch (error) {
    case ENOSPC:
    case EDQUOT:
    case EFBIG:
    case ENOMEM: return {Errc::out_of_memory, Cause::storage_full, wanted, 0};
    default: return {Errc::file, Cause::file_refused, static_cast<std::uint64_t>(error), 0};
  }
}

/// A descriptor of one's own; no child process of another program inherits it.
class File {
 public:
  File() = default;
  File(File&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
  File& operator=(File&& other) noexcept {
    std::swap(descriptor_, other.descriptor_);
    return *this;
  }
  ~File() {
    if (descriptor_ >= 0) {
      ::close(descriptor_);
    }
  }

  /// What fails is told by errno.
  static File open(int directory, const char* name, int flags, mode_t mode = 0666) noexcept {
    File file;
    do {
      file.descriptor_ = ::openat(directory, name, flags | O_CLOEXEC, mode);
    } while (file.descriptor_ < 0 && errno == EINTR);
    return file;
  }

  /// The same of a regular file in its directory: no link is followed, and nothing is waited for.
  static File open_regular(int directory, const char* name, int flags) noexcept {
    auto file = open(directory, name, flags | O_NOFOLLOW | O_NONBLOCK);
    struct stat status {};
    if (file.is_open() && (::fstat(file.descriptor(), &status) != 0 || !S_ISREG(status.st_mode))) {
      file = {};
      errno = EINVAL;
    }
    return file;
  }

  [[nodiscard]] bool is_open() const noexcept { return descriptor_ >= 0; }
  [[nodiscard]] int descriptor() const noexcept { return descriptor_; }

 private:
  int descriptor_ = -1;
};

/// The largest that a file of this process may become; a larger one would end it by a signal.
inline std::size_t largest_file() noexcept {
  rlimit limit{};
  const bool limited = ::getrlimit(RLIMIT_FSIZE, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY;
  return limited ? limit.rlim_cur : static_cast<std::size_t>(std::numeric_limits<off_t>::max());
}

/// A directory, made with `make` if it does not exist; its parent must.
inline Result<File> open_directory(const std::string& path, bool make) {
  const auto refused = [](int error) {
    return Failure{Errc::file, Cause::directory_refused, static_cast<std::uint64_t>(error), 0};
  };
  if (path.find('\0') != path.npos) {
    return refused(EINVAL);
  }
  const bool made = make && ::mkdir(path.c_str(), 0777) == 0;
  if (make && !made && errno != EEXIST) {
    return refused(errno);
  }
  auto directory = File::open(AT_FDCWD, path.c_str(), O_RDONLY | O_DIRECTORY);
  if (!directory.is_open()) {
    return refused(errno);
  }
  if (made) {  // else a machine that stops might forget the directory with all that is in it
    const auto parent = File::open(directory.descriptor(), "..", O_RDONLY | O_DIRECTORY);
    if (parent.is_open()) {
      ::fsync(parent.descriptor());
    }
  }
  return directory;
}

/// A file's contents.
inline Result<std::vector<std::byte>> read_file(int directory, const std::string& name) {
  const auto file = File::open_regular(directory, name.c_str(), O_RDONLY);
  if (!file.is_open()) {
    return file_failure(errno);
  }
  std::vector<std::byte> contents;
  std::byte part[4096];
  for (;;) {
    const auto count = ::read(file.descriptor(), part, sizeof part);
    if (count == 0) {
      return contents;
    }
    if (count > 0) {
      contents.insert(contents.end(), part, part + count);
    } else if (errno != EINTR) {
      return file_failure(errno);
    }
  }
}

/// Writes all of it at the file's place.
inline Result<void> write_all(const File& file, std::span<const std::byte> bytes) noexcept {
  const auto wanted = bytes.size();
  while (!bytes.empty()) {
    const auto count = ::write(file.descriptor(), bytes.data(), bytes.size());
    if (count > 0) {
      bytes = bytes.subspan(static_cast<std::size_t>(count));
    } else if (count == 0 || errno != EINTR) {
      return file_failure(count == 0 ? ENOSPC : errno, wanted);
    }
  }
  return {};
}

/// Gives a file new contents, all or nothing, also when the machine stops in between: a new file takes its place once
/// it is on the device.
inline Result<void> replace_file(int directory, const std::string& name, std::span<const std::byte> contents) {
  const auto draft = name + ".new";
  const auto given_up = [&](Failure failure) {
    ::unlinkat(directory, draft.c_str(), 0);
    return failure;
  };
  if (contents.size() > largest_file()) {
    return file_failure(EFBIG, contents.size());
  }
  {
    ::unlinkat(directory, draft.c_str(), 0);  // left by a crash
    const auto file = File::open(directory, draft.c_str(), O_WRONLY | O_CREAT | O_EXCL);
    if (!file.is_open()) {
      return file_failure(errno, contents.size());
    }
    struct stat before {};
    if (::fstatat(directory, name.c_str(), &before, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(before.st_mode)) {
      ::fchmod(file.descriptor(), before.st_mode & 07777);  // who might read it may read it still, and nobody else
    }
    if (const auto written = write_all(file, contents); !written) {
      return given_up(written.error());
    }
    if (::fsync(file.descriptor()) != 0) {
      return given_up(file_failure(errno, contents.size()));
    }
  }
  if (::renameat(directory, draft.c_str(), directory, name.c_str()) != 0) {
    return given_up(file_failure(errno, contents.size()));
  }
  if (::fsync(directory) != 0 && errno != EINVAL) {  // some file systems cannot sync a directory and need not
    return file_failure(errno);
  }
  return {};
}

}  // namespace weir::inline WEIR_ABI::detail
