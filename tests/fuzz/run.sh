#!/bin/sh
# tests/fuzz/run.sh [SECONDS]: runs the committed corpus through the reference tests and then fuzzes from a copy of it for
# SECONDS (600 unless given; 0 for the corpus alone). On a finding it prints the input and how to run it again, and
# fails. WEIR_BUILD chooses another folder to build in; what was found of interest stays in its folder corpus.
set -eu
cd "$(dirname "$0")/../.."
seconds=${1:-600}
case $seconds in
  *[!0-9]*)
    echo "tests/fuzz/run.sh: '$seconds' is no number of seconds" >&2
    exit 2
    ;;
esac
build=${WEIR_BUILD:-build/fuzz}
corpus=tests/fuzz/corpus
sh scripts/setup build test sanitize
cmake -S . -B "$build" -G Ninja -DCMAKE_CXX_COMPILER=clang++-14 -DWEIR_FUZZ=ON -DWEIR_PACKAGING=OFF \
  -DWEIR_EXAMPLES=OFF -DWEIR_BENCH=OFF >/dev/null
cmake --build "$build" --target fuzz_reference

fuzzer=$build/tests/fuzz_reference
found=$build/found
rm -rf "$found" && mkdir -p "$found" "$build/corpus"
cp "$corpus"/* "$build/corpus/"
fuzz() { "$fuzzer" -artifact_prefix="$found/" -timeout=20 -max_len=600 -print_final_stats=1 "$@" >"$build/log" 2>&1; }

status=0
fuzz -runs=0 "$corpus" || status=$?
if [ "$status" -eq 0 ] && [ "$seconds" -gt 0 ]; then
  fuzz -max_total_time="$seconds" "$build/corpus" || status=$?
fi
tail -n 40 "$build/log"
if [ "$status" -ne 0 ]; then
  grep -v '^#' "$build/log" | head -n 200
  for input in "$found"/*; do
    [ -e "$input" ] || continue
    printf '\nthe input, for a file in %s:\n  printf '"'" "$corpus"
    od -An -v -t o1 "$input" | tr -s ' ' '\\' | tr -d '\n'
    printf "'\nrun it again: %s %s\n" "$fuzzer" "$input"
  done
  exit "$status"
fi
set -- "$corpus"/*
echo "no finding: $# inputs of the corpus, then $seconds s of fuzzing"
