#!/bin/sh
# examples/run.sh [FILE]: sets up what is missing, builds the example `access_log` and runs it on FILE, on standard
# input when FILE is `-`, or on the sample that comes with it.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
build=${WEIR_BUILD:-$root/build/examples}
sh "$root/scripts/setup" build
log=$(mktemp)
trap 'rm -f "$log"' EXIT
echo 'building examples/access_log ...' >&2
if ! { (cd "$root" && cmake --preset release -B "$build" -DWEIR_TESTS=OFF -DWEIR_BENCH=OFF) &&
  cmake --build "$build" --target access_log --parallel "$(nproc)"; } </dev/null >"$log" 2>&1; then
  cat "$log" >&2
  exit 1
fi
rm -f "$log"
exec "$build/examples/access_log" "$@"
