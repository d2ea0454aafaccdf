/// Counts a web server's access log through a stream: a producer thread puts every line under the client's address, a
/// reader thread per shard counts and checkpoints, and then every way of reading the stream again is tried and must
/// lead to the same counts.
#include "access_log/report.hpp"
#include "access_log/sample.hpp"

namespace {

constexpr const char* help =
    R"(usage: access_log [FILE | -]

Puts the lines of FILE (- is standard input), an access log in the combined
format, into a stream of 4 shards and counts them as they arrive. Then reads
the stream again from each kind of position and from the checkpoints, and
compares. Without FILE it counts a small invented log.

  --sample  print that log
  --help    print this

exit status: 0 all counts agree, 1 they do not, 2 a bad argument, a file that
cannot be read, no memory, or nowhere to print
)";

constexpr int counts_differ = 1;
constexpr int trouble = 2;

int complain(const std::string& text) {
  std::fflush(stdout);
  std::fprintf(stderr, "access_log: %s\n", text.c_str());
  return trouble;
}

/// Whether everything that was put has been read.
bool complete(const access_log::Live& live) {
  bool missed = false;
  for (const auto& reading : live.readings) {
    missed = missed || reading.missed != 0;
  }
  return !missed && live.counts.lines == live.written.lines;
}

int count(const std::string& name, std::string_view text) {
  const access_log::Workload workload{text};
  auto stream = access_log::Lines::open({.name = "access_log",
                                         .shards = access_log::shards,
                                         .capacity = workload.capacity(),
                                         .max_record = access_log::max_record})
                    .value();
  weir::MemoryCheckpoints checkpoints;
  const auto live = access_log::run_live(stream, text, workload, checkpoints);
  access_log::print_live(name, live);

  auto replays = access_log::replay_positions(stream, live.readings);
  replays.push_back(access_log::replay_checkpoints(stream, checkpoints));
  replays.push_back(access_log::replay_stream(stream));
  const bool agree = access_log::print_replays(replays, live.counts) && complete(live);
  std::printf("\n%s\n", agree ? "all counts agree" : "THE COUNTS DO NOT AGREE");
  return agree ? 0 : counts_differ;
}

int run(const std::vector<std::string>& arguments) {
  if (arguments.empty()) {
    return count("the built-in sample (give a FILE, or - for standard input)", access_log::sample);
  }
  const auto& argument = arguments.front();
  if (argument == "--help" || argument == "-h") {
    std::fputs(help, stdout);
    return 0;
  }
  if (argument == "--sample") {
    std::fwrite(access_log::sample.data(), 1, access_log::sample.size(), stdout);
    return 0;
  }
  if (argument.starts_with("-") && argument != "-") {
    return complain("unknown option '" + argument + "' (try --help)");
  }
  if (arguments.size() > 1) {
    return complain("one FILE at most, and " + std::to_string(arguments.size()) + " were given (try --help)");
  }
  const auto text = access_log::read_all(argument);
  return count(argument == "-" ? "standard input" : argument, text);
}

}  // namespace

int main(int argc, char** argv) {
  try {
    const int status = run({argv + std::min(argc, 1), argv + argc});
    return std::fflush(stdout) == 0 ? status : complain("cannot print the report");
  } catch (const std::exception& error) {
    return complain(error.what());
  }
}
