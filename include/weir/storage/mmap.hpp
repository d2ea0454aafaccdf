/// Storage in the files of a directory: what is put outlives the program.
#pragma once

#include <dirent.h>
#include <sched.h>
#include <sys/mman.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <cstdlib>
#include <map>
#include <string_view>

#include "weir/core/ids.hpp"
#include "weir/detail/file.hpp"
#include "weir/detail/pages.hpp"
#include "weir/storage/storage.hpp"

namespace weir::inline WEIR_ABI {

/// Whether a storage may be changed.
enum class Access : std::uint8_t {
  read_write,
  /// Writes nothing, not even a lock's file; needs a stream that was left. Its shards are described as they were left,
  /// and read to an end: nothing will be put.
  read_only,
};

/// How files are mapped.
struct MmapOptions {
  Access access = Access::read_write;
  /// Touches every page of a new file, so that the first lap round a ring is as fast as the later ones.
  bool prefault = true;
  /// Asks for huge pages, where kernel and file system have them (tmpfs mounted with `huge=advise`).
  bool huge_pages = false;
};

/// Keeps spans and blobs in the files of one directory, which is made if it does not exist (its parent must).
///
///     weir.lock            locked while the storage is open; holds the number of the process that writes
///     NAME.span            the bytes of a span, mapped
///     NAME.blob            a blob
///
/// The directory is opened with the first call, so that its troubles are results of that call. One storage at a time
/// has a directory open for writing; any number may have it open for reading only, and not while one writes.
///
/// A span's bytes survive the process; what `sync` and `replace` returned from survives the machine. All of a span is
/// allocated before it is mapped, by `create` and by an `open` for writing: a full device is an error of theirs. What
/// the operating system cannot give afterwards ends the process with SIGBUS: pages of a file that somebody truncated,
/// or that were discarded and find the device full; on file systems that copy on write, any page.
///
/// **threads** one at a time; the spans themselves may be shared. A child made by fork() shares the lock until it ends,
/// and must not use the storage.
class MmapStorage {
 public:
  static constexpr bool persistent = true;

  explicit MmapStorage(std::string directory, const MmapOptions& options = {})
      : path_(std::move(directory)), options_(options) {}
  MmapStorage(MmapStorage&& other) noexcept
      : path_(std::move(other.path_)),
        options_(other.options_),
        directory_(std::move(other.directory_)),
        lock_(std::move(other.lock_)),
        owner_(other.owner_),
        spans_(std::exchange(other.spans_, {})) {}
  MmapStorage& operator=(MmapStorage&& other) noexcept {
    if (this != &other) {
      let_go();
      path_ = std::move(other.path_);
      options_ = other.options_;
      directory_ = std::move(other.directory_);
      lock_ = std::move(other.lock_);
      owner_ = other.owner_;
      other.directory_ = {};
      other.lock_ = {};
      spans_ = std::exchange(other.spans_, {});
    }
    return *this;
  }
  ~MmapStorage() { let_go(); }

  Result<std::span<std::byte>> create(std::string_view name, std::size_t size) {
    if (const auto ready = prepare(name, Access::read_write); !ready) {
      return ready.error();
    }
    const FileName file_name{name, span_suffix};
    if (size == 0 || size > detail::largest_file()) {
      return Failure{Errc::out_of_memory, Cause::storage_exhausted, size, 0};
    }
    const auto file = detail::File::open(directory_.descriptor(), file_name.c_str(), O_RDWR | O_CREAT | O_EXCL);
    if (!file.is_open()) {
      return errno == EEXIST ? Failure{Errc::resource_in_use, Cause::span_exists, name.size(), 0}
                             : detail::file_failure(errno, size);
    }
    struct Undo {
      int directory;
      const char* file;
      ~Undo() {
        if (file != nullptr) {
          ::unlinkat(directory, file, 0);
        }
      }
    } undo{directory_.descriptor(), file_name.c_str()};
    auto span = map(name, file, size);
    if (span && options_.prefault && !populate(*span)) {
      span = detail::file_failure(errno == EFAULT ? ENOSPC : errno, size);
      unmap(spans_.find(name));
    }
    if (span && ::fsync(directory_.descriptor()) != 0 && errno != EINVAL) {
      span = detail::file_failure(errno, size);
      unmap(spans_.find(name));
    }
    undo.file = span ? nullptr : undo.file;
    return span;
  }

  Result<std::span<std::byte>> open(std::string_view name) {
    if (const auto ready = prepare(name, options_.access); !ready) {
      return ready.error();
    }
    if (const auto found = spans_.find(name); found != spans_.end()) {
      return found->second;
    }
    const auto file = detail::File::open_regular(directory_.descriptor(), FileName{name, span_suffix}.c_str(),
                                                 writes() ? O_RDWR : O_RDONLY);
    struct stat status {};
    if (!file.is_open() || ::fstat(file.descriptor(), &status) != 0) {
      return errno == ENOENT ? Failure{Errc::resource_not_found, Cause::no_such_span, name.size(), 0}
                             : detail::file_failure(errno);
    }
    if (status.st_size == 0) {
      return Failure{Errc::format, Cause::no_such_span, name.size(), 0};
    }
    return map(name, file, static_cast<std::size_t>(status.st_size));
  }

  Result<void> remove(std::string_view name) {
    if (const auto ready = prepare(name, Access::read_write); !ready) {
      return ready.error();
    }
    if (::unlinkat(directory_.descriptor(), FileName{name, span_suffix}.c_str(), 0) != 0) {
      return errno == ENOENT ? Failure{Errc::resource_not_found, Cause::no_such_span, name.size(), 0}
                             : detail::file_failure(errno);
    }
    if (const auto mapped = spans_.find(name); mapped != spans_.end()) {
      unmap(mapped);
    }
    return {};
  }

  /// Empty also where the directory cannot be read.
  [[nodiscard]] std::vector<std::string> list() {
    std::vector<std::string> names;
    if (!ready()) {
      return names;
    }
    dirent** entries = nullptr;
    const auto count = ::scandirat(directory_.descriptor(), ".", &entries, nullptr, nullptr);
    for (int i = 0; i < count; ++i) {
      const std::string_view file = entries[i]->d_name;
      if (file.size() > span_suffix.size() && file.ends_with(span_suffix)) {
        names.emplace_back(file.substr(0, file.size() - span_suffix.size()));
      }
      std::free(entries[i]);
    }
    std::free(entries);
    std::sort(names.begin(), names.end());
    return names;
  }

  Result<void> sync(std::span<std::byte> part) noexcept {
    const auto pages = detail::from_page_on(part);
    if (writes() && !pages.empty() && ::msync(pages.data(), pages.size(), MS_SYNC) != 0) {
      return detail::file_failure(errno, part.size());
    }
    return {};
  }

  /// Gives the blocks of the file back too, where the file system can.
  Result<void> discard(std::span<std::byte> part) noexcept {
    const auto pages = detail::pages_within(part);
    if (writes() && !pages.empty()) {
      ::madvise(pages.data(), pages.size(), MADV_REMOVE);
    }
    return {};
  }

  Result<void> replace(std::string_view name, std::span<const std::byte> blob) {
    if (const auto ready = prepare(name, Access::read_write); !ready) {
      return ready.error();
    }
    return detail::replace_file(directory_.descriptor(), FileName{name, blob_suffix}.c_str(), blob);
  }

  Result<std::vector<std::byte>> load(std::string_view name) {
    if (const auto ready = prepare(name, options_.access); !ready) {
      return ready.error();
    }
    auto blob = detail::read_file(directory_.descriptor(), FileName{name, blob_suffix}.c_str());
    if (!blob && blob.error().value == ENOENT) {
      return Failure{Errc::resource_not_found, Cause::no_such_blob, name.size(), 0};
    }
    return blob;
  }

  [[nodiscard]] bool read_only() const noexcept { return !writes(); }

 private:
  using Spans = std::map<std::string, std::span<std::byte>, std::less<>>;
  static constexpr std::string_view span_suffix = ".span";
  static constexpr std::string_view blob_suffix = ".blob";
  static constexpr const char* lock_name = "weir.lock";
  static constexpr std::size_t max_name = 240;  // a file's name has 255 bytes at most

  /// A checked name's file. It takes no memory, because a span is removed when there is none.
  class FileName {
   public:
    FileName(std::string_view name, std::string_view suffix) noexcept {
      suffix.copy(text_.data() + name.copy(text_.data(), max_name), suffix.size());
    }
    [[nodiscard]] const char* c_str() const noexcept { return text_.data(); }

   private:
    std::array<char, 256> text_{};
  };
  [[nodiscard]] bool writes() const noexcept { return options_.access == Access::read_write; }

  /// The directory opened and locked, and a name and an access that it allows.
  Result<void> prepare(std::string_view name, Access access) {
    if (access == Access::read_write && !writes()) {
      return Failure{Errc::read_only, Cause::storage_read_only, 0, 0};
    }
    if (name.empty() || name.size() > max_name || !detail::plain_name(name)) {
      return Failure{Errc::invalid_argument, Cause::storage_name, name.size(), max_name};
    }
    return ready();
  }
  Result<void> ready() { return directory_.is_open() ? Result<void>{} : enter(); }

  Result<void> enter() {
    const auto refused = [](int error) {
      return Failure{Errc::file, Cause::directory_refused, static_cast<std::uint64_t>(error), 0};
    };
    auto directory = detail::open_directory(path_, writes());
    if (!directory) {
      return directory.error();
    }
    const bool there = !writes() || ::faccessat(directory->descriptor(), lock_name, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
    auto lock = there ? detail::File::open_regular(directory->descriptor(), lock_name, writes() ? O_RDWR : O_RDONLY)
                      : detail::File::open(directory->descriptor(), lock_name, O_RDWR | O_CREAT | O_NOFOLLOW);
    if (!lock.is_open()) {
      return !writes() && errno == ENOENT ? Failure{Errc::file, Cause::storage_lock_missing, 0, 0} : refused(errno);
    }
    struct flock whole {};
    whole.l_type = writes() ? F_WRLCK : F_RDLCK;
    if (::fcntl(lock.descriptor(), F_OFD_SETLK, &whole) != 0) {
      return errno == EAGAIN || errno == EACCES ? Failure{Errc::resource_in_use, Cause::storage_in_use, holder(lock), 0}
                                                : refused(errno);
    }
    if (writes()) {  // for whoever comes and finds the lock taken
      owner_ = ::getpid();
      const auto process = std::to_string(owner_) + '\n';
      static_cast<void>(::ftruncate(lock.descriptor(), 0));
      static_cast<void>(detail::write_all(lock, std::as_bytes(std::span{process})));
    }
    directory_ = std::move(*directory);
    lock_ = std::move(lock);
    return {};
  }

  /// The process that writes, if that is what holds the lock; zero where it cannot be told.
  static std::uint64_t holder(const detail::File& lock) noexcept {
    struct flock whole {};
    whole.l_type = F_RDLCK;
    if (::fcntl(lock.descriptor(), F_OFD_GETLK, &whole) != 0 || whole.l_type != F_WRLCK) {
      return 0;  // readers have it
    }
    std::uint64_t process = 0;
    for (int tries = 0; process == 0 && tries < 1000; ++tries) {  // who has just locked it writes its number next
      char digits[20];
      const auto count = ::pread(lock.descriptor(), digits, sizeof digits, 0);
      std::from_chars(digits, digits + std::max<::ssize_t>(count, 0), process);
      ::sched_yield();
    }
    return process;
  }

  /// Whoever comes next must not find the number of a process that has gone.
  void forget_owner() noexcept {
    if (lock_.is_open() && owner_ != 0 && owner_ == ::getpid()) {
      static_cast<void>(::ftruncate(lock_.descriptor(), 0));
    }
  }

  /// Allocates what is to be written and is not there yet (a file that has it all is left as it is), then maps it.
  Result<std::span<std::byte>> map(std::string_view name, const detail::File& file, std::size_t size) {
    struct stat status {};
    if (writes() && (::fstat(file.descriptor(), &status) != 0 || !allocated(status, size))) {
      int error = 0;
      do {
        error = ::posix_fallocate(file.descriptor(), 0, static_cast<off_t>(size));
      } while (error == EINTR);
      if (error != 0) {
        return detail::file_failure(error, size);
      }
    }
    const auto place = spans_.emplace(std::string{name}, std::span<std::byte>{}).first;
    // What a reader writes (that a shard is closed, for it) stays in its own copy of the page.
    void* memory = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, writes() ? MAP_SHARED : MAP_PRIVATE | MAP_NORESERVE,
                          file.descriptor(), 0);
    if (memory == MAP_FAILED) {
      spans_.erase(place);
      return Failure{Errc::out_of_memory, Cause::storage_exhausted, size, 0};
    }
    if (options_.huge_pages) {
      ::madvise(memory, size, MADV_HUGEPAGE);
    }
    return place->second = std::span{static_cast<std::byte*>(memory), size};
  }

  static bool allocated(const struct stat& status, std::size_t size) noexcept {
    constexpr std::size_t block = 512;
    return static_cast<std::size_t>(status.st_size) >= size &&
           static_cast<std::size_t>(status.st_blocks) * block >= size;
  }

  static bool populate(std::span<std::byte> span) noexcept {
    constexpr int populate_write = 23;  // MADV_POPULATE_WRITE, since Linux 5.14
    if (::madvise(span.data(), span.size(), populate_write) == 0) {
      return true;
    }
    if (errno != EINVAL) {
      return false;
    }
    for (std::size_t at = 0; at < span.size(); at += detail::page_size()) {
      span[at] = std::byte{0};
    }
    return true;
  }

  void unmap(Spans::iterator mapped) noexcept {
    ::munmap(mapped->second.data(), mapped->second.size());
    spans_.erase(mapped);
  }
  void let_go() noexcept {
    while (!spans_.empty()) {
      unmap(spans_.begin());
    }
    forget_owner();
  }

  std::string path_;
  MmapOptions options_;
  detail::File directory_;
  detail::File lock_;
  ::pid_t owner_ = 0;  // the process that locked for writing
  Spans spans_;
};

static_assert(persistent_storage<MmapStorage>);

}  // namespace weir::inline WEIR_ABI
