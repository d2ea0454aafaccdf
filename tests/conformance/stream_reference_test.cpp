#include "conformance/reference.hpp"
#include "support/reference/stream.hpp"

TEST_CASE("a stream does what a list for each shard would do") {
  weir::conformance::agrees_with_reference<weir::support::StreamTest>();
}
