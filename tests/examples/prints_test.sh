#!/bin/sh
# prints_test.sh PROGRAM FILE...: PROGRAM, run once for each FILE in a directory of its own, succeeds and prints exactly
# what FILE holds.
set -eu
program=$(realpath "$1")
shift
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/run"
for expected; do
  (cd "$work/run" && "$program") >"$work/printed"
  diff "$expected" "$work/printed"
done
