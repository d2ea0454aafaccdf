/// LMDB as a peer: an ordered table in a memory-mapped file.
#pragma once

#include <lmdb.h>
#include <stdlib.h>
#include <unistd.h>

#include <filesystem>
#include <memory>
#include <span>

#include "support/session.hpp"

namespace bench {

/// A table in a file without a name: what is written to it goes with the object, however the program ends.
class LmdbTable {
 public:
  explicit LmdbTable(std::size_t most_bytes) {
    auto name = (std::filesystem::temp_directory_path() / "weir-lmdb-XXXXXX").string();
    const int file = ::mkstemp(name.data());
    require(file >= 0, "no temporary file");
    ::close(file);
    MDB_env* created = nullptr;
    check(mdb_env_create(&created));
    environment_.reset(created);
    mdb_env_set_mapsize(created, most_bytes);
    // Without a lock file, which one thread does not need; NOSYNC speeds up the writing, which is not measured.
    const int opened = mdb_env_open(created, name.c_str(), MDB_NOSUBDIR | MDB_NOLOCK | MDB_NOSYNC, 0600);
    ::unlink(name.c_str());
    check(opened);
  }

  /// Stores `value(n)` under n, for n = 0 to `count` - 1.
  template <class Value>
  void append(std::uint64_t count, Value&& value) {
    MDB_txn* writing = nullptr;
    check(mdb_txn_begin(environment_.get(), nullptr, 0, &writing));
    check(mdb_dbi_open(writing, nullptr, 0, &table_));
    for (std::uint64_t n = 0; n < count; ++n) {
      auto name = __builtin_bswap64(n);  // tables are ordered by bytes
      const std::span<const std::byte> bytes = value(n);
      MDB_val key{sizeof name, &name};
      MDB_val data{bytes.size(), const_cast<std::byte*>(bytes.data())};
      check(mdb_put(writing, table_, &key, &data, MDB_APPEND));
    }
    check(mdb_txn_commit(writing));
  }

  /// Calls `take` with every value, in the order of the keys, where they lie in the mapping.
  template <class Take>
  void scan(Take&& take) {
    MDB_txn* reading = nullptr;
    MDB_cursor* cursor = nullptr;
    check(mdb_txn_begin(environment_.get(), nullptr, MDB_RDONLY, &reading));
    check(mdb_cursor_open(reading, table_, &cursor));
    MDB_val key, data;
    while (mdb_cursor_get(cursor, &key, &data, MDB_NEXT) == MDB_SUCCESS) {
      take(std::span{static_cast<const std::byte*>(data.mv_data), data.mv_size});
    }
    mdb_cursor_close(cursor);
    mdb_txn_abort(reading);
  }

 private:
  static void check(int code) { require(code == MDB_SUCCESS, mdb_strerror(code)); }

  struct Close {
    void operator()(MDB_env* environment) const { mdb_env_close(environment); }
  };

  std::unique_ptr<MDB_env, Close> environment_;
  MDB_dbi table_ = 0;
};

}  // namespace bench
