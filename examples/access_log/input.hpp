/// Where the lines come from.
#pragma once

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <memory>
#include <string>
#include <string_view>
#include <system_error>

namespace access_log {

/// Everything that `file` holds, or that standard input does when `file` is "-".
///
/// Throws `std::system_error` when it cannot be opened or read.
inline std::string read_all(const std::string& file) {
  const auto fail = [&](const char* what) {
    throw std::system_error(errno, std::generic_category(),
                            std::string{what} + (file == "-" ? "standard input" : file));
  };
  const auto close = [](std::FILE* opened) { return opened == stdin ? 0 : std::fclose(opened); };
  const std::unique_ptr<std::FILE, decltype(close)> opened{file == "-" ? stdin : std::fopen(file.c_str(), "rb"), close};
  if (!opened) {
    fail("cannot open ");
  }
  std::string text;
  for (std::size_t size = 0;;) {
    text.resize(std::max<std::size_t>(2 * size, 1 << 16));
    size += std::fread(text.data() + size, 1, text.size() - size, opened.get());
    if (std::ferror(opened.get()) != 0) {
      fail("cannot read ");
    }
    if (size < text.size()) {
      text.resize(size);
      return text;
    }
  }
}

/// Calls `visit(number, line)` for each line, counted from 1. A line ends with LF, CR LF or the end of the text.
template <class Visit>
void for_each_line(std::string_view text, Visit&& visit) {
  for (std::uint64_t number = 1; !text.empty(); ++number) {
    const auto end = std::min(text.find('\n'), text.size());
    auto line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    line.remove_suffix(line.ends_with('\r') ? 1 : 0);
    visit(number, line);
  }
}

}  // namespace access_log
