#!/bin/sh
# bench/run.sh [peers] [--smoke | --threads | --quick] [--programs LIST] [--filter REGEX] [--json FILE]: sets up what is
# missing, builds and runs the benchmarks, and prints a table. Every benchmark checks its answer; a wrong one fails the
# run.
#   peers           weir beside the queues that people use, and how many times as good it is; bench/README.md tells more
#   --quick         peers with three repetitions, and without the bars that it is held to
#   --smoke         one very short repetition of each, optimised less: whether they work, not how fast
#   --threads       the same of the programs with threads and of records of 64 bytes, built by Clang with
#                   ThreadSanitizer, which reports nothing: other sizes take longer and meet no other threads
#   --programs LIST  only these, of `floor put reshard read fanout scan round_trip producers`, in one argument
#   --filter REGEX  only the rows whose name matches, as `TOPIC/SIZEB/PRODUCERS/ARRIVAL clock=... key=... hasher=...`
#   --json FILE     writes machine, compiler, floor and rows there too
# Repetitions are interleaved at random, and in rounds: the machine's state changes within a minute, and no row shall
# have but one. WEIR_BUILD chooses another folder to build in.
set -eu
here=$(pwd)
root=$(cd "$(dirname "$0")/.." && pwd)
rounds=3 repetitions=5 session_us=3000 smoke= quick= filter= json= level=-O3 preset=release run= programs= table=table

usage() {
  echo "bench/run.sh: $1" >&2
  echo "usage: bench/run.sh [peers] [--smoke | --threads | --quick] [--programs LIST] [--filter REGEX] [--json FILE]" >&2
  exit 2
}
while [ $# -gt 0 ]; do
  case $1 in
    peers) table=peers rounds=5 repetitions=6 programs='floor alone peers' ;;
    --quick) quick=--quick ;;
    --smoke) smoke=--smoke level=-O1 ;;
    --threads) smoke=--smoke preset=tsan ;;
    --filter | --json | --programs)
      [ $# -ge 2 ] && [ -n "$2" ] || usage "$1 wants an argument"
      case $1 in
        --filter) filter=$2 ;;
        --json) json=$2 ;;
        --programs) programs=$2 ;;
      esac
      shift
      ;;
    *) usage "unknown argument '$1'" ;;
  esac
  shift
done
flags=$smoke
if [ "$table" = peers ]; then
  [ "$preset" = release ] || usage 'the peers are not built with ThreadSanitizer, which some of them do not pass'
  [ -z "$quick$smoke" ] || flags=--quick
else
  [ -z "$quick" ] || usage '--quick is for peers'
fi
[ -z "$quick" ] || { rounds=1 repetitions=3; }
[ -z "$smoke" ] || { rounds=1 repetitions=1 session_us=200; }
# The order in which the table shows them.
if [ "$preset" = tsan ]; then
  programs=${programs:-read fanout round_trip producers} filter=${filter:-/64B/}
else
  programs=${programs:-floor put reshard read fanout scan round_trip producers}
fi
case $json in
  '' | /*) ;;
  *) json=$here/$json ;;
esac
# Before anything is measured.
[ -z "$json" ] || (: >"$json") 2>/dev/null || usage "cannot write $json"

cd "$root"
build=${WEIR_BUILD:-build/bench$smoke}
groups='build bench'
if [ "$table" = peers ]; then
  groups="$groups peers"
  ! command -v javac >/dev/null 2>&1 || groups="$groups disruptor"
fi
if [ "$preset" = tsan ]; then
  build=${WEIR_BUILD:-build/bench--threads}
  groups="$groups sanitize"
  # It finds no room for its shadow where addresses are randomised widely.
  ! setarch "$(uname -m)" -R true 2>/dev/null || run="setarch $(uname -m) -R"
fi
logs=$(mktemp -d)
trap 'rm -rf "$logs"' EXIT
sh scripts/setup $groups
command -v python3 >/dev/null 2>&1 || usage 'the table needs python3'
echo 'building the benchmarks ...' >&2
if ! { cmake --preset "$preset" -B "$build" -DWEIR_BENCH=ON -DWEIR_TESTS=OFF -DWEIR_EXAMPLES=OFF \
  "-DCMAKE_CXX_FLAGS_RELEASE=$level -DNDEBUG" &&
  cmake --build "$build" --target $(printf 'bench_%s ' $programs) --parallel "$(nproc)"; } \
  </dev/null >"$logs/build" 2>&1; then
  cat "$logs/build" >&2
  exit 1
fi

# The Disruptor runs in a process of its own, where there is a JDK.
disruptor=/usr/share/java/disruptor.jar
if [ "$table" = peers ] && command -v javac >/dev/null 2>&1 && [ -e "$disruptor" ]; then
  javac -cp "$disruptor" -d "$build/java" bench/peers/DisruptorPeer.java
  export WEIR_BENCH_DISRUPTOR="$disruptor:$build/java"
elif [ "$table" = peers ]; then
  echo 'without the Disruptor, because there is no JDK' >&2
fi

status=0
for round in $(seq "$rounds"); do
  for program in $programs; do
    echo "round $round of $rounds: $program ..." >&2
    $run "$build/bench/bench_$program" --session_us="$session_us" --benchmark_filter="${filter:-.}" \
      --benchmark_repetitions="$repetitions" --benchmark_enable_random_interleaving=true \
      --benchmark_out="$logs/$program.$round.json" --benchmark_out_format=json >"$logs/output" 2>&1 || {
      status=1
      grep -v '^\*\*\*WARNING' "$logs/output" >&2 || true
    }
  done
done
python3 "bench/$table.py" $flags ${json:+--json "$json"} $(for program in $programs; do
  for round in $(seq "$rounds"); do echo "$logs/$program.$round.json"; done
done) || status=1
exit $status
