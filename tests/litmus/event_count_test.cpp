#include "litmus/sleeps.hpp"
#include "model/holds.hpp"

namespace {

using weir::litmus::needs;
using weir::litmus::Sleeps;
using weir::model::CheckedFence;
using weir::model::explore;
using weir::model::holds;

using Fenced = CheckedFence<>;

template <class Program>
void loses_a_wake_up() {
  const auto outcome = explore<Program>({});
  CHECK_FALSE(outcome.ok);
  CHECK_MESSAGE(outcome.failure.find("a wake-up is lost") != std::string::npos, outcome.failure);
}

TEST_CASE("edge K: a mark that follows a change has what came before it") {
  needs<Sleeps<Fenced, 0, true>>('K', {"end", "nothing yet"}, "a wake-up is lost");
}

TEST_CASE("no wake-up is lost between two fences, and one is without either") {
  holds<Sleeps<Fenced, 1>>("one put");
  loses_a_wake_up<Sleeps<CheckedFence<false, true>, 1>>();
  loses_a_wake_up<Sleeps<CheckedFence<true, false>, 1>>();
}

TEST_CASE("nor among several puts, nor of several sleepers, nor beside a close") {
  holds<Sleeps<Fenced, 2>>("two puts");
  holds<Sleeps<Fenced, 1, false, 2>>("a put and two sleepers");
  holds<Sleeps<Fenced, 1, true>>("a put and a close");
}

}  // namespace
