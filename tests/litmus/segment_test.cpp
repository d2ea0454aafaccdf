#include "litmus/segments.hpp"

namespace {

using weir::litmus::Lengths;
using weir::litmus::needs;
using weir::litmus::Segments;

// A frame of 40 bytes fills a segment; two of 16 fit one.

TEST_CASE("edge E: a directory entry brings the words of its frame") {
  needs<Segments<Lengths<>{}, true, Lengths<2>{16, 16}>>('E', {"delivered", "nothing yet", "put"}, "a record is torn");
}

TEST_CASE("edge W, frames: a word of a later generation brings its first number") {
  needs<Segments<Lengths<>{}, true, Lengths<6>{16, 16, 40, 16, 16, 40}>>(
      'W', {"delivered", "missed", "nothing yet", "put"}, "another's number");
}

TEST_CASE("edge G: a tail brings the first number of its segment") {
  needs<Segments<Lengths<1>{40}, false, Lengths<1>{16}, Lengths<1>{16}>>('G', {"put"},
                                                                         "a number out of range was given");
}

TEST_CASE("edge F: a first number brings the tail that had moved before") {
  // The first thread seals, rotates, and does both again; the second has seen no more than the first seal (hole H9).
  needs<Segments<Lengths<1>{40}, false, Lengths<2>{40, 16}, Lengths<1>{16}>>('F', {"put", "stalled"},
                                                                             "claims were lost, or counted twice");
}

}  // namespace
