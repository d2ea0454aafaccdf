#include <charconv>
#include <cstdio>
#include <cstring>

#include "support/session.hpp"

// The main program of every benchmark: Google Benchmark's flags, and --session_us=N for the length of one repetition.
// Unlike Google Benchmark's own it ends with an error when an answer was wrong.
int main(int argc, char** argv) {
  constexpr const char* flag = "--session_us=";
  int kept = 1;
  for (int i = 1; i < argc; ++i) {
    if (std::strncmp(argv[i], flag, std::strlen(flag)) != 0) {
      argv[kept++] = argv[i];
      continue;
    }
    const char* const text = argv[i] + std::strlen(flag);
    const char* const end = text + std::strlen(text);
    int length = 0;
    if (const auto parsed = std::from_chars(text, end, length); parsed.ptr != end || length <= 0) {
      std::fprintf(stderr, "--session_us wants a number of microseconds, not '%s'\n", text);
      return 2;
    }
    bench::session_length = std::chrono::microseconds{length};
  }
  argc = kept;
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) {
    return 2;
  }
  bench::processors();
  benchmark::AddCustomContext("compiler", __VERSION__);
  bench::register_benchmarks();
  benchmark::RunSpecifiedBenchmarks();
  if (bench::failed_sessions != 0) {
    std::fprintf(stderr, "%d repetitions gave a wrong answer\n", bench::failed_sessions);
    return 1;
  }
  return 0;
}
