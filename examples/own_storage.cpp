/// A storage of one's own: the records lie in memory that the program has already, here an array.
#include <cstdio>
#include <weir/weir.hpp>

using weir::Cause, weir::Errc, weir::Failure, weir::Result, weir::line_size;
using Span = std::span<std::byte>;
// [storage]
/// Gives out a buffer in pieces, each under a name, and hears of nothing else. What is removed is given out again.
class BufferStorage {
 public:
  /// Precondition: the buffer begins and ends at a multiple of `line_size`; so do the pieces.
  explicit BufferStorage(Span buffer) : free_{buffer} {}
  Result<Span> create(std::string_view name, std::size_t size) {
    if (spans_.contains(name))
      return Failure{Errc::resource_in_use, Cause::span_exists, name.size()};
    const auto piece = std::find_if(free_.begin(), free_.end(), [&](Span bytes) { return bytes.size() >= size; });
    if (size == 0 || piece == free_.end())
      return Failure{Errc::out_of_memory, Cause::storage_exhausted, size};
    const Span made = piece->first(size);
    *piece = piece->subspan(whole_lines(size));
    std::fill(made.begin(), made.end(), std::byte{0});
    return spans_.emplace(name, made).first->second;
  }
  Result<Span> open(std::string_view name) {
    const auto found = spans_.find(name);
    return found != spans_.end() ? Result{found->second} : Failure{Errc::resource_not_found, Cause::no_such_span};
  }
  Result<void> remove(std::string_view name) {
    const auto span = open(name);
    if (!span)
      return span.error();
    free_.emplace_back(span->data(), whole_lines(span->size()));
    return spans_.erase(spans_.find(name)), Result<void>{};
  }
  std::vector<std::string> list() const {
    std::vector<std::string> names;
    for (const auto& span : spans_)
      names.push_back(span.first);
    return names;
  }
  bool read_only() const { return false; }
  Result<void> sync(Span) { return {}; }     // an array lasts as long as it lasts,
  Result<void> discard(Span) { return {}; }  // and gives no page back
  Result<void> replace(std::string_view name, std::span<const std::byte> blob) { return blobs_.replace(name, blob); }
  Result<std::vector<std::byte>> load(std::string_view name) const { return blobs_.load(name); }

 private:
  static std::size_t whole_lines(std::size_t size) { return (size + line_size - 1) / line_size * line_size; }
  std::vector<Span> free_;
  std::map<std::string, Span, std::less<>> spans_;
  weir::MemoryStorage blobs_;  // small and rare: the default will do
};
// [storage]
int main() {
  alignas(line_size) static std::byte buffer[1 << 16];
  auto readings = weir::Stream<int, BufferStorage>::open({.capacity = weir::records(1024)}, BufferStorage{buffer});
  readings->put("boiler", 71).value();
  std::printf("read %d\n", readings->iterator(weir::ShardId{0}, weir::Position::last(1))->read().values()[0]);
  return 0;
}
