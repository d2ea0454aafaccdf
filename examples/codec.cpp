/// A payload of one's own, of any size: tell weir how it becomes bytes and what a record gives back.
#include <cstdio>
#include <cstring>
#include <weir/weir.hpp>

// [codec]
/// What is put, and what is read: a view, so that neither direction allocates.
struct Message {
  std::uint32_t priority;
  std::string_view text;
};

template <>
struct weir::Codec<Message> {
  using argument = Message;
  using view = Message;  // refers to the record's bytes: valid as long as its batch

  static std::size_t encoded_size(const argument& message) { return sizeof message.priority + message.text.size(); }
  static void encode(std::span<std::byte> out, const argument& message) {
    std::memcpy(out.data(), &message.priority, sizeof message.priority);
    message.text.copy(reinterpret_cast<char*>(out.data()) + sizeof message.priority, message.text.size());
  }
  static view decode(std::span<const std::byte> in) {
    std::uint32_t priority = 0;
    std::memcpy(&priority, in.data(), sizeof priority);
    return {priority, weir::BytesView{in.subspan(sizeof priority)}.text()};
  }
};
// [codec]

int main() {
  auto messages =
      weir::Stream<Message>::open({.name = "messages", .shards = 2, .capacity = weir::bytes(1 << 20)}).value();
  const auto put = messages.put("ada", {2, "the pears are ripe"}).value();
  messages.put("ada", {9, "the wasps have noticed"}).value();
  messages.put("ada", {1, ""}).value();

  auto cursor = messages.iterator(put.shard, weir::Position::trim_horizon()).value();
  for (const auto& record : cursor.read()) {
    const Message message = record.value();
    std::printf("%s, priority %u: '%.*s'\n", std::string{record.partition_key()}.c_str(), message.priority,
                static_cast<int>(message.text.size()), message.text.data());
  }
}
