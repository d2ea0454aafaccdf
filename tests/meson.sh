#!/bin/sh
# tests/meson.sh [MESON-TEST-ARGUMENT...]: what tests/run.sh does, with Meson and in a fresh folder: sets up what is
# missing, builds, runs the tests, and installs into the folder. The flags are those of the preset `dev`, so that ccache
# has the objects when that was built before. WEIR_BUILD chooses another folder to build in.
set -eu
cd "$(dirname "$0")/.."
build=${WEIR_BUILD:-build/meson}
sh scripts/setup build test
. tests/share_objects.sh
flags=$(python3 -c 'import json
for preset in json.load(open("CMakePresets.json"))["configurePresets"]:
    if preset["name"] == "dev":
        print(preset["cacheVariables"]["CMAKE_CXX_FLAGS"])')
log=$(mktemp)
trap 'rm -f "$log"' EXIT
rm -rf "$build"
# Meson defines _FILE_OFFSET_BITS, which changes nothing on 64-bit systems but what the preprocessor writes.
CXX='ccache g++' meson setup "$build" --buildtype=plain -Db_colorout=never -Dcpp_args="$flags -U_FILE_OFFSET_BITS" >"$log" || {
  cat "$log" >&2
  exit 1
}
meson compile -C "$build"
meson test -C "$build" --no-rebuild --print-errorlogs "$@"
meson install -C "$build" --no-rebuild --quiet --destdir installed
