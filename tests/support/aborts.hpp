/// Broken preconditions end the program: watched from outside.
#pragma once

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <optional>
#include <string>

namespace weir::support {

/// What `body` wrote to stderr before it aborted, or nothing when it did not abort. It runs in a child process, so
/// nothing else of it is seen. Call it while the program has a single thread.
template <class Body>
std::optional<std::string> text_of_abort(Body body) {
  int ends[2];
  if (::pipe(ends) != 0) {
    return std::nullopt;
  }
  std::fflush(nullptr);
  const auto child = ::fork();
  if (child == 0) {
    const rlimit no_core{};
    ::setrlimit(RLIMIT_CORE, &no_core);
    std::signal(SIGABRT, SIG_DFL);  // else doctest reports the abort as its own
    ::dup2(ends[1], STDERR_FILENO);
    ::close(ends[0]);
    ::close(ends[1]);
    body();
    ::_exit(0);
  }
  ::close(ends[1]);
  std::string text;
  char part[256];
  for (auto count = ::read(ends[0], part, sizeof part); count > 0; count = ::read(ends[0], part, sizeof part)) {
    text.append(part, static_cast<std::size_t>(count));
  }
  ::close(ends[0]);
  int status = 0;
  const bool aborted =
      child > 0 && ::waitpid(child, &status, 0) == child && WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT;
  return aborted ? std::optional{text} : std::nullopt;
}

}  // namespace weir::support
