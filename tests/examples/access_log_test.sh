#!/bin/sh
# access_log_test.sh PROGRAM CASE [FOLDER]: runs the example access_log and compares every figure that it prints with an
# independent count (count.sh). FOLDER holds the shared data; without it the case `real` exits 77: skipped.
set -eu
export LC_ALL=C
program=$1
case=$2
shared=${3:-}
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

fail() {
  echo "FAILED: $*" >&2
  exit 1
}

# compare LOG COMMAND...: COMMAND, which reads from standard input what the caller gives it, reports on LOG.
compare() {
  log=$1
  shift
  status=0
  "$@" >"$work/report" 2>"$work/complaints" || status=$?
  cat "$work/report"
  [ "$status" -eq 0 ] || fail "exit status $status: $(cat "$work/complaints")"
  [ ! -s "$work/complaints" ] || fail "said on standard error: $(cat "$work/complaints")"
  [ "$(tail -n 1 "$work/report")" = 'all counts agree' ] || fail 'the last line is another'
  tr -d , <"$work/report" | awk -f "$here/report.awk" >"$work/got"
  sh "$here/count.sh" "$log" >"$work/expected"
  diff "$work/expected" "$work/got" || fail 'the figures differ (< counted independently, > printed)'
  echo "$(wc -l <"$work/expected") facts agree"
}

# Requests from CLIENTS addresses over HOURS hours, in an order that jumps.
generate() { # LINES CLIENTS HOURS
  awk -v lines="$1" -v clients="$2" -v hours="$3" 'BEGIN {
    split("Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec", month, " ")
    split("200 200 304 404 500 206", status, " ")
    for (i = 0; i < lines; ++i) {
      hour = i * 7 % hours
      client = i * i % clients
      printf "%s - - [%02d/%s/2026:%02d:%02d:00 +0000] \"GET /%d HTTP/1.1\" %s %s \"-\" \"agent \\\"%d\\\"\"\n",
        client % 3 ? "192.0.2." client : "2001:db8::" client, int(hour / 24) % 28 + 1, month[int(hour / 672) % 12 + 1],
        hour % 24, i % 60, i, status[i % 6 + 1], i % 6 == 2 ? "-" : i * 37, i
    }
  }'
}

# refused STATUS TEXT COMMAND...
refused() {
  expected=$1
  text=$2
  shift 2
  status=0
  "$@" >"$work/report" 2>"$work/complaints" </dev/null || status=$?
  [ "$status" -eq "$expected" ] || fail "$*: exit status $status instead of $expected"
  grep -qF -e "$text" "$work/complaints" || fail "$*: '$text' was not said, but: $(cat "$work/complaints")"
  [ "$(wc -l <"$work/complaints")" -eq 1 ] || fail "$*: more than one line: $(cat "$work/complaints")"
}

case $case in
  sample)
    "$program" --sample >"$work/log"
    [ "$(wc -l <"$work/log")" -ge 50 ] || fail 'the sample is shorter than 50 lines'
    compare "$work/log" "$program"
    compare "$work/log" "$program" "$work/log"
    ;;
  pipe)
    generate 5000 97 40 >"$work/log"
    cat "$work/log" | compare "$work/log" "$program" -
    ;;
  empty)
    : >"$work/log"
    compare "$work/log" "$program" "$work/log"
    printf '\n' >"$work/log"
    compare "$work/log" "$program" "$work/log"
    printf 'x' >"$work/log"
    compare "$work/log" "$program" "$work/log"
    ;;
  odd)
    # CR LF, lines just within and just over the limit, blank lines, a client longer than a key may be, a line of one
    # word, each field damaged in turn, no newline at the end. 65,519 = 65,536 - 8 (number) - 9 (192.0.2.7).
    good='192.0.2.7 - - [04/Mar/2026:06:00:20 +0100] "GET /%s HTTP/1.1" 200 17 "-" "a"\r\n'
    filler=$(awk 'BEGIN { while (++i < 70000) printf "x" }')
    overhead=$(printf "$good" '' | wc -c)
    {
      generate 300 11 5 | sed 's/$/\r/'
      printf "$good" "$(printf %s "$filler" | cut -c "1-$((65519 - overhead + 2))")"
      printf "$good" "$(printf %s "$filler" | cut -c "1-$((65519 - overhead + 3))")"
      printf "$good" "$filler"
      printf '%s\n\n\r\n \n' "$filler"
      printf '%s' "$filler" | cut -c 1-400
      printf '%s' "$filler" | cut -c 1-256
      printf '%s' "$filler" | cut -c 1-257
      for damage in 's/192.0.2.7 //' 's/ - -/ -/' 's/Mar/Mrz/' 's/04/32/' 's/04/00/' 's/:06:/:24:/' 's/:00:/:60:/' \
        's/:20 /:61 /' 's/:20 /:60 /' 's/2026/202/' 's/\+//' 's/\]//' 's/"GET/GET/' 's/1"/1/' 's/GET/G\\"ET/' \
        's/GET/G\tET/' 's/GET/G\\\tET/' 's/GET/G\xc3\xa9T/' 's/ 200/ 20/' 's/ 200/ 2000/' 's/ 200/ -/' 's/ 17/ -/' \
        's/ 17/ 17a/' 's/ 17/ 0000000000000000017/' 's/ 17/ 000000000000000017/' 's/ 17.*/ 17/' 's/ 17.*/ 17 /' \
        's/ "-"//' 's/"a"/"a/' 's/"a"/"a" b/' 's/"a"/"a\\"/' 's/192/\x01192/' 's/192/\xe9192/' 's/ 200/  200/'; do
        printf "$good" '' | sed "$damage"
      done
      printf "$good" '' | tr -d '\r\n'
    } >"$work/log"
    compare "$work/log" "$program" "$work/log"
    grep -q '^lines too long for a record: 3 ' "$work/report" || fail 'not exactly three lines were too long'
    ;;
  nul)
    # awk and a shell have their troubles with NUL: what is expected is written down here.
    printf '192.0.2.7 - - [04/Mar/2026:06:00:20 +0100] "GET /\000 HTTP/1.1" 200 17 "-" "a"\n\000\000\000\n' >"$work/log"
    "$program" --sample >>"$work/log"
    "$program" "$work/log" >"$work/report"
    cat "$work/report"
    head -n 1 "$work/report" | grep -qF ': 62 lines' || fail 'not 62 lines'
    grep -qF 'malformed lines: 6 ' "$work/report" || fail 'not 6 malformed lines'
    grep -qF '  line 2: no client address' "$work/report" || fail 'line 2 is not shown'
    grep -qF '    ???' "$work/report" || fail 'the text of line 2 is not shown as question marks'
    ;;
  long)
    generate 60000 1200 700 >"$work/log"
    compare "$work/log" "$program" "$work/log"
    ;;
  real)
    log=$shared/apache_access.log
    if [ ! -e "$log" ]; then
      echo "skipped: there is no $log"
      exit 77
    fi
    compare "$log" "$program" "$log"
    # This log is so regular that the plainest count of all must agree too.
    awk '{ print $9 }' "$log" | sort | uniq -c | awk '{ print "status", $2, $1 }' >"$work/plain"
    grep '^status' "$work/got" | diff "$work/plain" - || fail 'a plain count of the statuses differs'
    awk '{ print $1 }' "$log" | sort | uniq -c | sort -k1,1nr -k2,2 | awk 'NR <= 10 { print "client", $2, $1 }' >"$work/plain"
    grep '^client' "$work/got" | diff "$work/plain" - || fail 'a plain count of the clients differs'
    ;;
  usage)
    "$program" --help >"$work/help"
    grep -q '^usage: access_log' "$work/help" || fail '--help does not tell the usage'
    "$program" -h | diff "$work/help" - || fail '-h is not --help'
    refused 2 "unknown option '--colour'" "$program" --colour
    refused 2 'one FILE at most' "$program" a b
    refused 2 'cannot open' "$program" "$work/absent"
    refused 2 'cannot open' "$program" ''
    refused 2 'cannot read' "$program" "$work"
    if [ -c /dev/full ]; then
      refused 2 'cannot print' sh -c '"$0" --help >/dev/full' "$program"
      refused 2 'cannot print' sh -c '"$0" >/dev/full' "$program"
    fi
    ;;
  *) fail "no case '$case'" ;;
esac
