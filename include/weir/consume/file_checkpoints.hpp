/// Checkpoints in the files of a directory: they outlive the program, and several programs may share them.
#pragma once

#include <sys/file.h>

#include <string>

#include "weir/consume/checkpoint.hpp"
#include "weir/detail/file.hpp"
#include "weir/durable/manifest.hpp"

namespace weir::inline WEIR_ABI {

/// One file for each application and shard, replaced at once: after a crash, of the program or of the machine, it has
/// the checkpoint saved last or the one before. The directory is made if it does not exist (its parent must); it may be
/// that of a stream in files.
///
///     summing.0.checkpoint             the application (bytes outside a-z A-Z 0-9 _ . - as %XX) and the shard
///
///     weir checkpoint 1
///     position at 41@0.1871269542
///     state 8                          so many bytes follow
///     ........
///     check 2793...                    MD5 of everything above
///
/// **threads** any, at any time, of any process on the machine: a save looks and replaces under a lock.
/// **errors** beyond the laws': `file` and `out_of_memory` for what the file system says, `format` for damage.
/// **cost** a save waits for the device, twice.
class FileCheckpoints {
 public:
  explicit FileCheckpoints(std::string directory) : path_(std::move(directory)) {}

  /// `Rewind::allowed` also replaces what cannot be read any more.
  Result<void> save(std::string_view application, ShardId shard, const Position& position,
                    std::span<const std::byte> state = {}, Rewind rewind = Rewind::refused) {
    return locked(application, shard, [&](const detail::File& directory, const std::string& name) -> Result<void> {
      auto stored = rewind == Rewind::refused ? read(directory, name) : std::optional<Checkpoint>{};
      if (!stored) {
        return stored.error();
      }
      const auto* before = *stored ? &**stored : nullptr;
      if (const auto checked = detail::check_save(before, shard, position, rewind); !checked) {
        return checked.error();
      }
      const auto text = text_of(position, state);
      return detail::replace_file(directory.descriptor(), name, std::as_bytes(std::span{text}));
    });
  }

  Result<std::optional<Checkpoint>> load(std::string_view application, ShardId shard) const {
    const auto name = file_of(application, shard);
    if (!name) {
      return name.error();
    }
    const auto directory = detail::open_directory(path_, false);
    if (!directory && directory.error().value == ENOENT) {
      return std::optional<Checkpoint>{};
    }
    return directory ? read(*directory, *name) : directory.error();
  }

  /// Forgets a checkpoint; one that is not there is forgotten already.
  Result<void> remove(std::string_view application, ShardId shard) {
    return locked(application, shard, [](const detail::File& directory, const std::string& name) -> Result<void> {
      if (::unlinkat(directory.descriptor(), name.c_str(), 0) != 0 && errno != ENOENT) {
        return detail::file_failure(errno);
      }
      return {};
    });
  }

 private:
  static constexpr std::uint64_t version = 1;
  static constexpr std::size_t max_name = 220;  // a file's name has 255 bytes at most

  static Result<std::string> file_of(std::string_view application, ShardId shard) {
    constexpr std::string_view digits = "0123456789ABCDEF";
    std::string name;
    for (const char c : application) {
      if (detail::plain_name({&c, 1})) {
        name += c;
      } else {
        const auto byte = static_cast<unsigned char>(c);
        name += {'%', digits[byte / 16], digits[byte % 16]};
      }
    }
    if (name.size() > max_name) {
      return Failure{Errc::invalid_argument, Cause::application_name, name.size(), max_name};
    }
    return name + '.' + std::to_string(shard.index()) + ".checkpoint";
  }

  static std::string text_of(const Position& position, std::span<const std::byte> state) {
    auto text = "weir checkpoint " + std::to_string(version) + "\nposition " + position.to_string() + "\nstate " +
                std::to_string(state.size()) + '\n';
    text.append(reinterpret_cast<const char*>(state.data()), state.size());
    return detail::sealed(text + '\n');
  }

  static Result<std::optional<Checkpoint>> read(const detail::File& directory, const std::string& name) {
    const auto contents = detail::read_file(directory.descriptor(), name);
    if (!contents) {
      if (contents.error().value == ENOENT) {
        return std::optional<Checkpoint>{};
      }
      return contents.error();
    }
    const std::string_view text{reinterpret_cast<const char*>(contents->data()), contents->size()};
    detail::Scan in{text, Cause::checkpoint_damaged};
    in.expect("weir checkpoint ");
    if (const auto found = in.number<std::uint64_t>(); !in.failed() && found != version) {
      return Failure{Errc::format, Cause::format_version, found, version};
    }
    in.expect("\nposition ");
    const auto position = Position::parse(in.until('\n'));
    in.require(position.has_value());
    in.expect("\nstate ");
    const auto size = in.number<std::size_t>();
    in.expect("\n");
    const auto state = std::as_bytes(std::span{in.take(size)});
    in.expect("\n");
    detail::read_seal(in, text);
    if (in.failed()) {
      return Failure{Errc::format, Cause::checkpoint_damaged, in.position(), text.size()};
    }
    return std::optional{Checkpoint{*position, {state.begin(), state.end()}}};
  }

  template <class Action>
  Result<void> locked(std::string_view application, ShardId shard, Action&& action) {
    const auto name = file_of(application, shard);
    if (!name) {
      return name.error();
    }
    const auto directory = detail::open_directory(path_, true);
    if (!directory) {
      return directory.error();
    }
    const auto lock = detail::File::open(directory->descriptor(), "checkpoints.lock", O_RDWR | O_CREAT | O_NOFOLLOW);
    if (!lock.is_open()) {
      return detail::file_failure(errno);
    }
    while (::flock(lock.descriptor(), LOCK_EX) != 0) {  // freed when `lock` is closed
      if (errno != EINTR) {
        return detail::file_failure(errno);
      }
    }
    return action(*directory, *name);
  }

  std::string path_;
};

static_assert(checkpoint_store<FileCheckpoints>);

}  // namespace weir::inline WEIR_ABI
