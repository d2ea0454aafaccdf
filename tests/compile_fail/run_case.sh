#!/bin/sh
# run_case.sh COMPILER INCLUDE_DIR CASE: 0 when CASE is refused as its first line expects, else
# 1 it compiled, 2 it was refused for another reason, 3 it expects nothing.
compiler=$1 include=$2 case=$3
expected=$(sed -n '1s|^// expect: ||p' "$case")
if [ -z "$expected" ]; then
  echo "$case: the first line is not '// expect: <regular expression>'"
  exit 3
fi
if output=$(LC_ALL=C "$compiler" -std=c++20 -fsyntax-only -I"$include" "$case" 2>&1); then
  echo "$case: compiles, but was to be refused with: $expected"
  exit 1
fi
# Only what the compiler says counts, not the source lines that it shows.
if printf '%s\n' "$output" | grep -E '(error|note): ' | grep -Eq -- "$expected"; then
  exit 0
fi
printf '%s\n' "$output"
echo "$case: refused, but not with: $expected"
exit 2
