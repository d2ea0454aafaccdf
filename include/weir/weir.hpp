/// weir: an in-process Amazon Kinesis Data Streams. The portable parts in one include; mapped storage, files and
/// connectors are included by name.
#pragma once

#include "weir/consume/checkpoint.hpp"
#include "weir/consume/subscription.hpp"
#include "weir/fwd.hpp"
#include "weir/stream/reshard.hpp"
