/// The reference tests with random decisions, and with those that a fuzzer found worth keeping.
#pragma once

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdint>
#include <exception>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "support/project_root.hpp"
#include "support/random.hpp"
#include "support/reference/logs.hpp"

namespace weir::conformance {

using Decisions = std::vector<std::uint8_t>;

/// What the log and the reference disagree about, or nothing.
template <class Test>
std::string disagreement(const Decisions& decisions, std::string* story = nullptr) {
  try {
    support::run_reference_test<Test>(decisions, story);
  } catch (const std::exception& found) {
    return found.what();
  }
  return {};
}

/// Leaves out what the disagreement, but for its numbers, does not need.
template <class Test>
Decisions reduced(Decisions decisions, const std::string& found) {
  const auto text = found.substr(0, found.find(':'));
  for (auto length = decisions.size() / 2; length != 0; length /= 2) {
    for (std::size_t begin = 0; begin + length <= decisions.size();) {
      auto shorter = decisions;
      const auto from = shorter.begin() + static_cast<std::ptrdiff_t>(begin);
      shorter.erase(from, from + static_cast<std::ptrdiff_t>(length));
      if (disagreement<Test>(shorter).starts_with(text)) {
        decisions = std::move(shorter);
      } else {
        begin += length;
      }
    }
  }
  return decisions;
}

/// The decisions as `printf` takes them, the byte that chooses the log before them: so they go into the corpus.
template <class Test>
std::string shown(const Decisions& decisions) {
  std::string text;
  const auto show = [&](std::size_t byte) {
    constexpr char digits[] = "01234567";
    text += {'\\', digits[byte >> 6 & 7], digits[byte >> 3 & 7], digits[byte & 7]};
  };
  show(support::index_of<Test>);
  std::for_each(decisions.begin(), decisions.end(), show);
  return text;
}

template <class Test>
void run(const Decisions& decisions) {
  const auto found = disagreement<Test>(decisions);
  CHECK(found.empty());
  if (!found.empty()) {
    const auto least = reduced<Test>(decisions, found);
    std::string story;
    const auto shortest = disagreement<Test>(least, &story);
    FAIL(found, "\nthe shortest like it, printf '", shown<Test>(least), "': ", shortest, story);
  }
}

/// The operations that a fuzzer found worth keeping for this test.
template <class Test>
std::vector<Decisions> kept_decisions() {
  std::vector<Decisions> kept;
  for (const auto& file : std::filesystem::directory_iterator{support::project_root() / "tests/fuzz/corpus"}) {
    std::ifstream in{file.path(), std::ios::binary};
    const Decisions input{std::istreambuf_iterator<char>{in}, {}};
    REQUIRE(!input.empty());
    if (input.front() % support::reference_tests == support::index_of<Test>) {
      kept.emplace_back(input.begin() + 1, input.end());
    }
  }
  REQUIRE(!kept.empty());
  return kept;
}

/// Many short runs: geometries and first numbers vary from run to run.
template <class Test>
void agrees_with_reference() {
  for (const auto& decisions : kept_decisions<Test>()) {
    run<Test>(decisions);
  }
  support::Random random;
  for (int round = 0; round < 400; ++round) {
    CAPTURE(round);
    Decisions decisions(50 + random.below(1500));
    std::generate(decisions.begin(), decisions.end(), [&] { return static_cast<std::uint8_t>(random.next()); });
    run<Test>(decisions);
  }
}

}  // namespace weir::conformance
