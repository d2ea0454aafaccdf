/// Forward declarations, and the only home of default template arguments.
#pragma once

#include "weir/core/options.hpp"

namespace weir::inline WEIR_ABI {

class MemoryStorage;
struct DefaultEnv;

/// Named, partitioned, replayable records: see stream/stream.hpp.
template <class T, class Storage = MemoryStorage, Options options = Options{}, class Env = DefaultEnv>
class Stream;

/// One partition of a stream: see stream/shard.hpp.
template <class T, class Storage = MemoryStorage, Options options = Options{}, class Env = DefaultEnv>
class Shard;

/// A reader's place in one shard: see stream/iterator.hpp.
template <class T, class Storage = MemoryStorage, Options options = Options{}, class Env = DefaultEnv>
class Iterator;

/// A reader of all shards: see stream/reader.hpp.
template <class T, class Storage = MemoryStorage, Options options = Options{}, class Env = DefaultEnv>
class Reader;

/// A hot loop's handle to one shard: see stream/writer.hpp.
template <class T, class Storage = MemoryStorage, Options options = Options{}, class Env = DefaultEnv>
class Writer;

/// Places to write records into: see stream/slots.hpp.
template <class Writer>
class Slots;

/// Named streams with the verbs of the service: see client/client.hpp.
template <class Env = DefaultEnv>
class Client;

}  // namespace weir::inline WEIR_ABI
