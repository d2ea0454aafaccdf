/// A consumer that stops in the middle, and another that goes on where it stopped, with the sum it had.
#include <cstdio>
#include <cstring>
#include <weir/weir.hpp>

namespace {

using Readings = weir::Stream<double>;
constexpr weir::ShardId shard{0};

// [checkpoint]
/// Adds up at most `limit` readings, from the checkpoint on. The sum is saved in one step with the place it stands for,
/// so that no reading is counted twice or left out, wherever the program stops.
double consume(Readings& readings, weir::MemoryCheckpoints& checkpoints, std::size_t limit) {
  double sum = 0;
  auto position = weir::Position::trim_horizon();
  if (const auto saved = checkpoints.load("summing", shard).value()) {
    position = saved->position;
    std::memcpy(&sum, saved->state.data(), sizeof sum);
  }
  auto cursor = readings.iterator(shard, position).value();
  const auto batch = cursor.read_up_to(limit);
  for (const double reading : batch.values()) {
    sum += reading;
  }
  checkpoints.save("summing", shard, cursor.position(), std::as_bytes(std::span{&sum, 1})).value();
  return sum;
}
// [checkpoint]

}  // namespace

int main() {
  auto readings = Readings::open({.name = "readings"}).value();
  weir::MemoryCheckpoints checkpoints;
  for (int i = 1; i <= 100; ++i) {
    readings.put("boiler", i).value();
  }
  std::printf("the first 40: %.0f\n", consume(readings, checkpoints, 40));
  std::printf("60 more:      %.0f\n", consume(readings, checkpoints, 60));

  // A consumer that was thought dead and comes back late cannot undo the work of its successor.
  const auto refused = checkpoints.save("summing", shard, weir::Position::trim_horizon());
  std::printf("going back:   %s\n", refused ? "accepted" : "refused");
}
