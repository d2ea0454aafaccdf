#!/bin/sh
# reshard_under_load_test.sh PROGRAM: the example succeeds and prints its table: `#` stands for a figure, which varies,
# and `.` for a shard that was closed already. Something was put.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"$1" >"$work/printed"
cat "$work/printed"
awk '/->/ {
  shape = substr($0, 1, 6)
  for (at = 9; at <= length($0); at += 8) {
    cell = substr($0, at, 8)
    shape = shape " " (cell ~ /^ *[0-9]+$/ ? "#" : cell ~ /^ *$/ ? "." : cell)
  }
  $0 = shape
} { print }' "$work/printed" >"$work/shape"
diff - "$work/shape" <<'END'
shards   1,000/s shard 0       1       2       3       4       5       6       7
2 -> 2 # # #
2 -> 4 # # # # # # #
4 -> 4 # . . # # # #
4 -> 2 # . . # # # # # #
2 -> 2 # . . . . . . # #
every record was read once, those of a key in order: yes
END
awk '/->/ { all += $4 } END { exit all == 0 }' "$work/printed" || {
  echo 'FAILED: nothing was put' >&2
  exit 1
}
