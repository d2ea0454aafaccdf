/// What is counted, and how the counts become the state of a checkpoint and back.
#pragma once

#include <map>
#include <sstream>
#include <stdexcept>

#include "log_line.hpp"

namespace access_log {

/// Counts of lines in any order: those of two parts of a log add up to those of the whole.
struct Counts {
  std::uint64_t lines = 0;
  std::uint64_t bytes = 0;      ///< of text, without line endings
  std::uint64_t malformed = 0;  ///< not quite the combined format
  std::uint64_t requests = 0;   ///< lines that tell client, time, status and size
  std::uint64_t sent = 0;
  std::map<std::string, std::uint64_t, std::less<>> clients;
  std::map<unsigned, std::uint64_t> statuses;
  std::map<std::uint64_t, std::uint64_t> hours;

  friend bool operator==(const Counts&, const Counts&) = default;

  void add(const LogLine& line, const Parsed& parsed) {
    ++lines;
    bytes += line.text.size();
    malformed += parsed.complaint.empty() ? 0 : 1;
    if (parsed.request) {
      const auto& request = *parsed.request;
      ++requests;
      sent += request.sent;
      ++statuses[request.status];
      ++hours[request.hour];
      const auto client = clients.find(request.client);
      ++(client != clients.end() ? client : clients.emplace(request.client, 0).first)->second;
    }
  }
  void add(const LogLine& line) { add(line, parse(line.text)); }

  Counts& operator+=(const Counts& other) {
    lines += other.lines;
    bytes += other.bytes;
    malformed += other.malformed;
    requests += other.requests;
    sent += other.sent;
    add_each(clients, other.clients);
    add_each(statuses, other.statuses);
    add_each(hours, other.hours);
    return *this;
  }

  /// As words: no client address holds a space.
  [[nodiscard]] std::string to_text() const {
    std::ostringstream out;
    out << lines << ' ' << bytes << ' ' << malformed << ' ' << requests << ' ' << sent;
    write_each(out, clients);
    write_each(out, statuses);
    write_each(out, hours);
    return std::move(out).str();
  }

  static Counts from_text(std::string_view text) {
    std::istringstream in{std::string{text}};
    Counts counts;
    in >> counts.lines >> counts.bytes >> counts.malformed >> counts.requests >> counts.sent;
    read_each(in, counts.clients);
    read_each(in, counts.statuses);
    read_each(in, counts.hours);
    if (!in) {
      throw std::runtime_error("the state of a checkpoint cannot be read");
    }
    return counts;
  }

 private:
  template <class Map>
  static void add_each(Map& to, const Map& from) {
    for (const auto& [key, count] : from) {
      to[key] += count;
    }
  }

  template <class Map>
  static void write_each(std::ostream& out, const Map& map) {
    out << ' ' << map.size();
    for (const auto& [key, count] : map) {
      out << ' ' << key << ' ' << count;
    }
  }

  template <class Map>
  static void read_each(std::istream& in, Map& map) {
    std::size_t size = 0;
    in >> size;
    for (std::size_t i = 0; i < size && in; ++i) {
      typename Map::key_type key{};
      in >> key >> map[key];
    }
  }
};

}  // namespace access_log
