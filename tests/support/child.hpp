/// Part of a test in a process of its own: one that may be killed, have less rights, or less room.
#pragma once

#include <doctest/doctest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>

namespace weir::support {

/// What a child came to: the number that its body returned, or minus the signal that killed it. Call it while the
/// program has a single thread.
template <class Body>
int in_child(Body body) {
  std::fflush(nullptr);
  const auto child = ::fork();
  if (child == 0) {
    std::signal(SIGABRT, SIG_DFL);
    ::_exit(body());
  }
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  return WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
}

}  // namespace weir::support
