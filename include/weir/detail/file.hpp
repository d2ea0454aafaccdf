/// Files by descriptor: opened, read whole, replaced at once.
#pragma once

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
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

  /// `directory` may be AT_FDCWD. What fails is told by errno.
  static File open(int directory, const char* name, int flags, mode_t mode = 0666) noexcept {
    File file;
    do {
      file.descriptor_ = ::openat(directory, name, flags | O_CLOEXEC, mode);
    } while (file.descriptor_ < 0 && errno == EINTR);
    return file;
  }

  [[nodiscard]] bool is_open() const noexcept { return descriptor_ >= 0; }
  [[nodiscard]] int descriptor() const noexcept { return descriptor_; }
  [[nodiscard]] int release() noexcept { return std::exchange(descriptor_, -1); }

 private:
  int descriptor_ = -1;
};

/// A directory, made with `make` if it does not exist; its parent must.
inline Result<File> open_directory(const std::string& path, bool make) {
  auto error = make && ::mkdir(path.c_str(), 0777) != 0 && errno != EEXIST ? errno : 0;
  auto directory = error == 0 ? File::open(AT_FDCWD, path.c_str(), O_RDONLY | O_DIRECTORY) : File{};
  if (!directory.is_open()) {
    error = error == 0 ? errno : error;
    return Failure{Errc::file, Cause::directory_refused, static_cast<std::uint64_t>(error), 0};
  }
  return directory;
}

/// A file's contents.
inline Result<std::vector<std::byte>> read_file(int directory, const std::string& name) {
  const auto file = File::open(directory, name.c_str(), O_RDONLY);
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
  {
    const auto file = File::open(directory, draft.c_str(), O_WRONLY | O_CREAT | O_TRUNC);
    if (!file.is_open()) {
      return file_failure(errno, contents.size());
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
