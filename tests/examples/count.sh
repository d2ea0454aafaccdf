#!/bin/sh
# count.sh LOG: what the example access_log must print for LOG, counted by awk, grep, sed, sort, uniq and md5sum alone.
# One fact a line, in the words of report.awk.
set -eu
export LC_ALL=C
log=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

client='[!-~]+ [!-~]+ [!-~]+'
months='Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec'
date="(0[1-9]|[12][0-9]|3[01])/($months)/[0-9]{4}"
time='([01][0-9]|2[0-3]):[0-5][0-9]:([0-5][0-9]|60) [+-][0-9]{4}'
quoted='"([^"\[:cntrl:]]|\\[^[:cntrl:]])*"'
request="^$client \\[$date:$time\\] $quoted [0-9]{3} ([0-9]{1,18}|-)"

# Line endings away, then a number before each line; too long is what exceeds 64 KiB with its key and 8 bytes of number.
sed 's/\r$//' "$log" | awk -v work="$work" '
  BEGIN { printf "" > (work "/lines"); printf "" > (work "/rows"); printf "" > (work "/too_long") }
  {
    space = index($0, " ")
    key = space ? substr($0, 1, space - 1) : $0
    if (key == "" || length(key) > 256) key = "-"
    if (length(key) + 8 + length($0) > 65536) { print NR > (work "/too_long"); next }
    print > (work "/lines")
    print NR, length($0), key > (work "/rows")
  }'
too_long=$(wc -l <"$work/too_long")
stored=$(wc -l <"$work/lines")
echo "lines $((stored + too_long))"

# A quarter of the hash keys each: the shard is the top two bits of the MD5, so a quarter of its first hex digit.
mkdir "$work/keys"
awk '{ print $3 }' "$work/rows" | sort -u >"$work/unique"
awk -v folder="$work/keys" '{ file = folder "/" NR; printf "%s", $0 > file; close(file) }' "$work/unique"
(cd "$work/keys" && find . -type f -exec md5sum {} +) | sed -E 's|^(.).* \./|\1 |' |
  awk '{ print $2, int((index("0123456789abcdef", $1) - 1) / 4) }' | sort -n | cut -d' ' -f2 >"$work/digits"
paste -d' ' "$work/unique" "$work/digits" >"$work/shards"
interval=$(((stored + too_long) / 40))
[ "$interval" -ge 4 ] || interval=4
awk -v interval="$interval" '
  NR == FNR && FILENAME ~ /shards$/ { shard[$1] = $2; next }
  { s = shard[$3]; ++records[s]; bytes[s] += $2 }
  END {
    for (s = 0; s < 4; ++s) {
      n = records[s] + 0
      printf "shard %d %d %d 0 %d\n", s, n, bytes[s], int(n / interval)
      all += n; all_bytes += bytes[s]; checkpoints += int(n / interval)
      half += n - int(n / 2); rest += n > 0 ? n - int(n / 2) - 1 : 0; behind += n % interval
    }
    printf "shard all %d %.0f 0 %d\n", all, all_bytes, checkpoints
    print "replay trim_horizon", all, 0, "agrees"
    print "replay latest", 0, all, "agrees"
    print "replay at", half, all - half, "agrees"
    print "replay after", rest, all - rest, "agrees"
    print "replay at_timestamp together", all, "agrees"
    print "replay last", half, all - half, "agrees"
    print "replay checkpoint", behind, all - behind, "agrees"
    print "replay reader", all, 0, "agrees"
  }' "$work/shards" "$work/rows" >"$work/records"
grep '^shard' "$work/records"

# What can be read of the requests: client, hour, status, size.
grep -aE "$request( |\$)" "$work/lines" |
  sed -E "s@^([^ ]+) [^ ]+ [^ ]+ \\[(..)/(...)/(....):(..)[^]]*\\] $quoted ([0-9]+) ([0-9]+|-).*@\\1 \\4-\\3-\\2T\\5:00 \\7 \\8@" |
  awk '{ month = (index("JanFebMarAprMayJunJulAugSepOctNovDec", substr($2, 6, 3)) + 2) / 3
         print $1, substr($2, 1, 5) sprintf("%02d", month) substr($2, 9), $3, $4 + 0 }' >"$work/requests" || true
requests=$(wc -l <"$work/requests")
cut -d' ' -f1 "$work/requests" | sort | uniq -c | sort -k1,1nr -k2,2 >"$work/clients"
awk 'NR <= 10 { print "client", $2, $1; next } { others += $1; ++count } END { if (count) print "others", count, others }' \
  "$work/clients"
cut -d' ' -f3 "$work/requests" | sort | uniq -c | awk '{ print "status", $2, $1 }'
cut -d' ' -f2 "$work/requests" | sort | uniq -c >"$work/hours"
hidden=$(($(wc -l <"$work/hours") - 168))
[ "$hidden" -le 0 ] || echo "hidden $hidden"
tail -n 168 "$work/hours" | awk '
  { count[NR] = $1; hour[NR] = $2; if ($1 > most) most = $1 }
  END { for (i = 1; i <= NR; ++i) print "hour", hour[i], count[i], int((count[i] * 50 + most - 1) / most) }'
awk '{ sent += $4 } END { printf "requests %d %.0f\n", NR, sent }' "$work/requests"

# Malformed is what is not the whole of the combined format.
grep -anvE "$request $quoted $quoted\$" "$work/lines" | cut -d: -f1 >"$work/malformed" || true
echo "malformed $(wc -l <"$work/malformed") $(($(wc -l <"$work/malformed") - stored + requests))"
awk 'NR == FNR && FILENAME ~ /malformed$/ { bad[$1] = 1; next } bad[FNR] && ++shown <= 5 { print "line", $1 }' \
  "$work/malformed" "$work/rows"
if [ "$too_long" -gt 0 ]; then
  echo "too_long $too_long"
  awk 'NR <= 5 { print "line", $1 }' "$work/too_long"
fi
grep '^replay' "$work/records"
