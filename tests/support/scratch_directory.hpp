/// A directory that is gone when the test is.
#pragma once

#include <doctest/doctest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <string>
#include <utility>

namespace weir::support {

class ScratchDirectory {
 public:
  ScratchDirectory() {
    auto name = (std::filesystem::temp_directory_path() / "weir-XXXXXX").string();
    REQUIRE(::mkdtemp(name.data()) != nullptr);
    path_ = std::move(name);
  }
  ScratchDirectory(ScratchDirectory&& other) noexcept : path_(std::exchange(other.path_, {})) {}
  ScratchDirectory& operator=(ScratchDirectory&& other) noexcept {
    std::swap(path_, other.path_);
    return *this;
  }
  ~ScratchDirectory() {
    if (!path_.empty()) {
      std::error_code ignored;
      std::filesystem::remove_all(path_, ignored);
    }
  }

  [[nodiscard]] const std::string& path() const noexcept { return path_; }
  [[nodiscard]] std::string operator/(const std::string& name) const { return path_ + '/' + name; }

 private:
  std::string path_;
};

inline std::string contents_of(const std::string& file) {
  std::ifstream in{file, std::ios::binary};
  return {std::istreambuf_iterator<char>{in}, {}};
}

inline void write_file(const std::string& file, const std::string& contents) {
  std::ofstream{file, std::ios::binary} << contents;
}

/// Every file below a directory: what it holds and when it was last changed.
inline auto state_of(const std::string& directory) {
  std::map<std::string, std::pair<std::filesystem::file_time_type, std::string>> files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator{directory}) {
    files.emplace(entry.path().string(), std::pair{entry.last_write_time(),
                                                   entry.is_regular_file() ? contents_of(entry.path().string()) : ""});
  }
  files.emplace(".", std::pair{std::filesystem::last_write_time(directory), ""});
  return files;
}

}  // namespace weir::support
