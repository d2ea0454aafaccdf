/// A bar for whoever waits in front of a terminal.
#pragma once

#include <unistd.h>

#include <cstdint>
#include <cstdio>

namespace access_log {

/// Drawn on standard error, once for each percent, and wiped at the end; on anything but a terminal, nothing.
class Progress {
 public:
  explicit Progress(std::uint64_t total) noexcept : total_(::isatty(STDERR_FILENO) == 1 ? total : 0) {}
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;
  ~Progress() {
    if (total_ != 0) {
      std::fputs("\r\033[K", stderr);
    }
  }

  void show(std::uint64_t done) noexcept {
    if (total_ != 0 && done * 100 / total_ != percent_) {
      percent_ = done * 100 / total_;
      std::fprintf(stderr, "\r[%-50.*s] %3d %%", static_cast<int>(percent_ / 2),
                   "##################################################", static_cast<int>(percent_));
    }
  }

 private:
  std::uint64_t total_;
  std::uint64_t percent_ = 0;
};

}  // namespace access_log
