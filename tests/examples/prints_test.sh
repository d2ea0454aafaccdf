#!/bin/sh
# prints_test.sh PROGRAM FILE: PROGRAM succeeds and prints exactly what FILE holds.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"$1" >"$work/printed"
diff "$2" "$work/printed"
