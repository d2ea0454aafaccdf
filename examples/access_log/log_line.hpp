/// A line of the log as the stream carries it, and what can be read in it.
#pragma once

#include <array>
#include <charconv>
#include <cstring>
#include <optional>

#include "weir/weir.hpp"

namespace access_log {

/// The payload: the line's place in the file, and its text without the line ending.
struct LogLine {
  std::uint64_t number = 0;
  std::string_view text;
};

/// The client address, by which the stream keeps the requests of one client in order. What has none, or something
/// longer than a partition key may be, goes with the key "-".
inline std::string_view key_of(std::string_view line) noexcept {
  const auto word = line.substr(0, line.find(' '));
  return word.empty() || word.size() > weir::max_key_characters ? std::string_view{"-"} : word;
}

/// What is counted of a request.
struct Request {
  std::string_view client;
  std::uint64_t hour = 0;  ///< decimal YYYYMMDDHH, as the log's own clock says
  unsigned status = 0;
  std::uint64_t sent = 0;  ///< bytes of the answer
};

/// A line may be damaged behind everything that is counted: then there is a complaint, and a request all the same.
struct Parsed {
  std::optional<Request> request;
  std::string_view complaint;  ///< empty: a line of the combined format
};

/// Takes a line apart from the left. Each member takes one field or says that it is not there.
class Scanner {
 public:
  explicit Scanner(std::string_view line) noexcept : rest_(line) {}

  [[nodiscard]] bool at_end() const noexcept { return rest_.empty(); }

  bool take(std::string_view literal) noexcept {
    const bool there = rest_.starts_with(literal);
    rest_.remove_prefix(there ? literal.size() : 0);
    return there;
  }

  /// Printable characters up to a space, which is taken too.
  std::optional<std::string_view> word() noexcept {
    std::size_t size = 0;
    while (size < rest_.size() && rest_[size] > ' ' && rest_[size] <= '~') {
      ++size;
    }
    const auto found = rest_.substr(0, size);
    if (found.empty() || size == rest_.size() || rest_[size] != ' ') {
      return std::nullopt;
    }
    rest_.remove_prefix(size + 1);
    return found;
  }

  /// Text in quotation marks, where a backslash protects the character after it.
  bool quoted() noexcept {
    if (!take("\"")) {
      return false;
    }
    for (std::size_t i = 0; i < rest_.size() && !control(rest_[i]); ++i) {
      if (rest_[i] == '"') {
        rest_.remove_prefix(i + 1);
        return true;
      }
      if (rest_[i] == '\\' && (++i == rest_.size() || control(rest_[i]))) {
        return false;
      }
    }
    return false;
  }

  std::optional<std::uint64_t> digits(std::size_t least, std::size_t most) noexcept {
    std::size_t size = 0;
    while (size < rest_.size() && rest_[size] >= '0' && rest_[size] <= '9') {
      ++size;
    }
    if (size < least || size > most) {
      return std::nullopt;
    }
    std::uint64_t value = 0;
    std::from_chars(rest_.data(), rest_.data() + size, value);
    rest_.remove_prefix(size);
    return value;
  }

  /// Two digits from `least` to `most`.
  std::optional<std::uint64_t> two_digits(std::uint64_t least, std::uint64_t most) noexcept {
    const auto value = digits(2, 2);
    return value && *value >= least && *value <= most ? value : std::nullopt;
  }

  /// `[04/Mar/2026:06:12:55 +0100]`, of which the hour is kept.
  std::optional<std::uint64_t> hour() noexcept {
    if (!take("[")) {
      return std::nullopt;
    }
    const auto day = two_digits(1, 31);
    const auto month = day && take("/") ? month_name() : std::nullopt;
    const auto year = month && take("/") ? digits(4, 4) : std::nullopt;
    const auto hour = year && take(":") ? two_digits(0, 23) : std::nullopt;
    const bool whole = hour && take(":") && two_digits(0, 59) && take(":") && two_digits(0, 60) && take(" ") &&
                       (take("+") || take("-")) && digits(4, 4) && take("]");
    return whole ? std::optional{((*year * 100 + *month) * 100 + *day) * 100 + *hour} : std::nullopt;
  }

 private:
  static bool control(char c) noexcept { return static_cast<unsigned char>(c) < ' ' || c == '\x7f'; }

  std::optional<std::uint64_t> month_name() noexcept {
    static constexpr std::array<std::string_view, 12> names{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                            "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    for (std::size_t i = 0; i < names.size(); ++i) {
      if (take(names[i])) {
        return i + 1;
      }
    }
    return std::nullopt;
  }

  std::string_view rest_;
};

/// Reads a line of the combined format:
///
///     client identity user [time] "request" status size "referer" "user agent"
inline Parsed parse(std::string_view line) noexcept {
  Scanner scanner{line};
  Request request;
  const auto client = scanner.word();
  if (!client) {
    return {{}, "no client address"};
  }
  request.client = *client;
  if (!scanner.word() || !scanner.word()) {
    return {{}, "no identity and user"};
  }
  const auto hour = scanner.hour();
  if (!hour) {
    return {{}, "no time"};
  }
  request.hour = *hour;
  if (!scanner.take(" ") || !scanner.quoted()) {
    return {{}, "no request in quotation marks"};
  }
  const auto status = scanner.take(" ") ? scanner.digits(3, 3) : std::nullopt;
  if (!status) {
    return {{}, "no status"};
  }
  request.status = static_cast<unsigned>(*status);
  const auto sent = !scanner.take(" ")  ? std::nullopt
                    : scanner.take("-") ? std::optional<std::uint64_t>{0}
                                        : scanner.digits(1, 18);
  const bool more = scanner.take(" ");
  if (!sent || !(more || scanner.at_end())) {
    return {{}, "no size"};
  }
  request.sent = *sent;
  if (!more || !scanner.quoted()) {
    return {request, "no referer in quotation marks"};
  }
  if (!scanner.take(" ") || !scanner.quoted()) {
    return {request, "no user agent in quotation marks"};
  }
  return {request, scanner.at_end() ? std::string_view{} : std::string_view{"something behind the user agent"}};
}

}  // namespace access_log

/// In the stream a line is its number, eight bytes, and then its text.
template <>
struct weir::Codec<access_log::LogLine> {
  using argument = access_log::LogLine;
  using view = access_log::LogLine;

  static std::size_t encoded_size(const argument& line) noexcept { return sizeof line.number + line.text.size(); }
  static void encode(std::span<std::byte> out, const argument& line) noexcept {
    std::memcpy(out.data(), &line.number, sizeof line.number);
    line.text.copy(reinterpret_cast<char*>(out.data()) + sizeof line.number, line.text.size());
  }
  static view decode(std::span<const std::byte> in) noexcept {
    view line;
    std::memcpy(&line.number, in.data(), sizeof line.number);
    line.text = weir::BytesView{in.subspan(sizeof line.number)}.text();
    return line;
  }
};
