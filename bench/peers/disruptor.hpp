/// The LMAX Disruptor, which lives in a process of its own: bench/peers/DisruptorPeer.java.
#pragma once

#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>

#include "peers/transfer.hpp"
#include "support/paired.hpp"

namespace bench {

/// Started when first asked, idle between sessions, and gone with this program. The variable
/// `WEIR_BENCH_DISRUPTOR` is the class path; without it there is none.
class Disruptor {
 public:
  static bool present() { return std::getenv("WEIR_BENCH_DISRUPTOR") != nullptr; }

  /// `task`: `single`, `multi` or `two`, and `one` or `batch`.
  static Session session(const std::string& task) {
    static Disruptor process;
    return process.run(task);
  }

 private:
  Disruptor() {
    std::array<int, 2> there{}, back{};
    require(pipe(there.data()) == 0 && pipe(back.data()) == 0, "no pipe to the Disruptor's process");
    child_ = fork();
    require(child_ >= 0, "no process for the Disruptor");
    if (child_ == 0) {
      cpu_set_t all;  // pinned threads would leave it one processor
      CPU_ZERO(&all);
      for (const int processor : processors()) {
        CPU_SET(processor, &all);
      }
      sched_setaffinity(0, sizeof all, &all);
      dup2(there[0], STDIN_FILENO);
      dup2(back[1], STDOUT_FILENO);
      for (const int end : {there[0], there[1], back[0], back[1]}) {
        close(end);
      }
      execlp("java", "java", "-cp", std::getenv("WEIR_BENCH_DISRUPTOR"), "DisruptorPeer", nullptr);
      _exit(127);
    }
    close(there[0]);
    close(back[1]);
    ask_ = fdopen(there[1], "w");
    answer_ = fdopen(back[0], "r");
    require(line() == "ready\n", "the Disruptor's process does not start");
  }
  ~Disruptor() {
    std::fclose(ask_);
    std::fclose(answer_);
    waitpid(child_, nullptr, 0);
  }
  Disruptor(const Disruptor&) = delete;
  Disruptor& operator=(const Disruptor&) = delete;

  Session run(const std::string& task) {
    std::fprintf(ask_, "%s %lld\n", task.c_str(), static_cast<long long>(session_length.count()));
    std::fflush(ask_);
    const auto answer = line();
    unsigned long long records = 0, nanoseconds = 0;
    double share = 0;
    require(std::sscanf(answer.c_str(), "%llu %llu %lf", &records, &nanoseconds, &share) == 3,
            "the Disruptor lost records, or its process ended");
    return {
        .records = static_cast<double>(records), .seconds = static_cast<double>(nanoseconds) * 1e-9, .share = share};
  }

  std::string line() {
    std::array<char, 128> text{};
    return std::fgets(text.data(), static_cast<int>(text.size()), answer_) != nullptr ? text.data() : "";
  }

  pid_t child_ = -1;
  std::FILE* ask_ = nullptr;
  std::FILE* answer_ = nullptr;
};

/// Beside the others where there is one.
inline void add_disruptor(std::vector<System>& systems, const std::string& task) {
  if (Disruptor::present()) {
    systems.push_back({"disruptor", [task] { return Disruptor::session(task); }});
  }
}

}  // namespace bench
