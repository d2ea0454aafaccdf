#!/bin/sh
# Runs the test of core/format.hpp under a compiler and a standard library that have std::format: format.sh ROOT.
# Exits 77, which CTest counts as skipped, where none is installed.
set -eu
root=$1
program=$(mktemp -d)
trap 'rm -rf "$program"' EXIT
probe='#include <version>
#ifndef __cpp_lib_format
#error no std::format
#endif
#include <format>'

for compiler in "clang++-19 -stdlib=libc++" g++-15 g++-14 g++-13 "g++" "clang++"; do
  if printf '%s\n' "$probe" | $compiler -std=c++20 -fsyntax-only -x c++ - 2>/dev/null; then
    echo "under $compiler:"
    $compiler -std=c++20 -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Werror -I"$root/include" \
      -I"$root/tests" "$root/tests/support/main.cpp" "$root/tests/core/format_test.cpp" -o "$program/format_test"
    "$program/format_test" >"$program/log" || { cat "$program/log" && exit 1; }
    cat "$program/log"
    grep -q 'test cases: *3 ' "$program/log" # all of them: where the header is empty there is but one
    exit 0
  fi
done
echo "skipped: no compiler here has std::format"
exit 77
