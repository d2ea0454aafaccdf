/// What `opens.cpp` gives to `reads.cpp`, which was compiled with the other kind of header.
#pragma once

#include <weir/weir.hpp>

/// A stream of one shard that holds the number 42.
weir::Stream<int> open_numbers();
