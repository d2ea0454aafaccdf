/// A stream in files: each run puts five readings more, and takes three on from where the run before stopped.
#include <cstdio>
#include <cstring>
#include <weir/consume/file_checkpoints.hpp>
#include <weir/storage/mmap.hpp>
#include <weir/weir.hpp>

// [payload]
struct Reading {
  double celsius;
  std::uint64_t minute;
};

template <>  // so no stray memory goes to a file: the compiler can tell for whole numbers only
inline constexpr bool weir::no_padding<Reading> = true;
// [payload]

namespace {

using Readings = weir::Stream<Reading, weir::MmapStorage>;
constexpr weir::ShardId shard{0};

/// The warmest so far, saved in one step with the place up to which it was looked for.
double warmest(Readings& readings, weir::FileCheckpoints& checkpoints, std::size_t limit) {
  double celsius = 0;
  auto position = weir::Position::trim_horizon();
  if (const auto saved = checkpoints.load("warmest", shard).value()) {
    position = saved->position;
    std::memcpy(&celsius, saved->state.data(), sizeof celsius);
  }
  auto cursor = readings.iterator(shard, position).value();
  for (const auto& record : cursor.read_up_to(limit)) {
    const Reading reading = record.value();
    std::printf("minute %ju: %.0f\n", std::uintmax_t{reading.minute}, reading.celsius);
    celsius = std::max(celsius, reading.celsius);
  }
  checkpoints.save("warmest", shard, cursor.position(), std::as_bytes(std::span{&celsius, 1})).value();
  return celsius;
}

}  // namespace

int main(int argc, char** argv) {
  const std::string directory = argc > 1 ? argv[1] : "readings.weir";
  // [open]
  auto readings = Readings::open({.name = "readings"}, weir::MmapStorage{directory}).value();  // anew, or what is there
  weir::FileCheckpoints checkpoints{directory + "/checkpoints"};
  // [open]

  auto newest = readings.iterator(shard, weir::Position::last(1)).value();
  const auto before = newest.read();
  auto minute = before ? before.back().value().minute : 0;
  for (int i = 0; i < 5; ++i) {
    ++minute;
    readings.put("boiler", {70 + static_cast<double>(minute * 7 % 10), minute}).value();
  }
  std::printf("put up to minute %ju\n", std::uintmax_t{minute});
  std::printf("warmest so far: %.0f\n", warmest(readings, checkpoints, 3));
}
