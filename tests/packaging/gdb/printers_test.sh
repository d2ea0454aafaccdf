#!/bin/sh
# Runs GDB on a small program and compares what scripts/gdb/weir_gdb.py shows with what the program says itself:
# printers_test.sh ROOT PROGRAM. Exits 77, which CTest counts as skipped, where there is no GDB that speaks Python.
set -u
root=$1 program=$2
if ! gdb -batch -nx -ex 'python print("python")' 2>/dev/null | grep -qx python; then
  echo "skipped: no gdb with Python here"
  exit 77
fi
output=$(mktemp)
trap 'rm -f "$output"' EXIT

set -- -ex "source $root/scripts/gdb/weir_gdb.py" -ex 'set print pretty off' -ex 'break shown' -ex run -ex up
names='shard_id incarnation number hash_key range put put_range failure good bad good_text bad_text done refused at
  moment last latest view bytes no_bytes key ticks empty column batch record cursor lines lapped'
for name in $names; do
  set -- "$@" -ex "printf \"$name: \"" -ex "output $name" -ex 'printf "\n"'
done
timeout 200 gdb -batch -nx -iex 'set debuginfod enabled off' "$@" "$program" >"$output" 2>&1

said() { sed -n "s/^$1 //p" "$output"; } # what the program says
set -- $(said lapped)
lapped_oldest=$1 lapped_newest=$2
set -- $(said column)
column_oldest=$1 column_newest=$2
incarnation=$(said incarnation)
half=170141183460469231731687303715884105728
below=170141183460469231731687303715884105727
largest=340282366920938463463374607431768211455
column="shardId-000000000000, keys 0..$below, open, numbers $column_oldest..$column_newest, 64 records at most"
empty="shardId-000000000001, keys $half..$largest, open, empty, next number 1, 64 records at most"
ticks="stream \"ticks\", incarnation $incarnation, 2 shards = {[0] = $column, [1] = $empty}"
lines="shardId-000000000000, keys 0..$largest, open, numbers 1..5, 4096 bytes at most"

failed=0
shows() { # NAME TEXT: a value is shown so
  if ! grep -qxF -e "$1: $2" "$output"; then
    echo "expected  $1: $2"
    echo "shown     $(grep -F -e "$1: " "$output" || echo nothing)"
    failed=$((failed + 1))
  fi
}
shows shard_id 'shardId-000000000007'
shows incarnation '123'
shows number '17@2.123'
shows hash_key "$largest"
shows range '113427455640312821154458202477256070485..226854911280625642308916404954512140969'
shows put '17@2.123 in shardId-000000000002'
shows put_range '3 from 17@2.123 in shardId-000000000002'
shows failure 'closed, shard_closed: value 7, limit 9'
shows good 'success = {value = shardId-000000000007}'
shows bad 'failure = {error = closed, shard_closed: value 7, limit 9}'
shows good_text 'success = {value = "text"}'
shows bad_text 'failure = {error = closed, shard_closed: value 7, limit 9}'
shows 'done' 'success'
shows refused 'failure = {error = closed, shard_closed: value 7, limit 9}'
shows at 'at 17@2.123'
shows moment 'at_timestamp -5'
shows last 'last 10'
shows latest 'latest'
shows view '6 bytes "a\\b\x0a\x00\xff"'
shows bytes '5 bytes "owned"'
shows no_bytes '0 bytes ""'
shows key '"user-42", hash key 18446744073709551616'
shows ticks "$ticks"
shows empty "$empty"
shows column "$column"
shows batch '3 records, numbers 98..100 of shardId-000000000000, 0 missed'
shows record "record 100@0.$incarnation"
shows cursor 'iterator of shardId-000000000000, from last 3'
shows lines "stream \"lines\", incarnation $(said lines), 1 shards = {[0] = $lines}"
shows lapped "shardId-000000000000, keys 0..$largest, closed, numbers $lapped_oldest..$lapped_newest, 4096 bytes at most"

if [ "$failed" -ne 0 ] || [ "$column_newest" != 100 ] || [ "$lapped_newest" != 500 ]; then
  echo "$failed values are shown otherwise; all that GDB said:"
  cat "$output"
  exit 1
fi
echo "$(echo $names | wc -w) values are shown as they should be"
