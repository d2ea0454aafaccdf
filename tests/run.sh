#!/bin/sh
# tests/run.sh [CTEST-ARGUMENT...]: sets up what is missing, builds and runs the tests.
# WEIR_PRESET chooses another preset of CMakePresets.json, WEIR_TESTS_FOLDERS less than all folders of tests, as
# `detail;ring`, WEIR_BUILD another folder to build in.
set -eu
cd "$(dirname "$0")/.."
preset=${WEIR_PRESET:-dev}
build=${WEIR_BUILD:-build/$preset}
cores=$(nproc)

groups='build test'
run=
case $preset in
  clang) groups="$groups sanitize" ;;
  aarch64) groups="$groups cross" ;;
  asan+ubsan)
    groups="$groups sanitize"
    export UBSAN_OPTIONS=print_stacktrace=1
    ;;
  tsan)
    groups="$groups sanitize"
    # The thread sanitizer of Clang 14 finds no room for its shadow where addresses are randomised widely.
    if setarch "$(uname -m)" -R true 2>/dev/null; then
      run="setarch $(uname -m) -R"
    fi
    ;;
esac
sh scripts/setup $groups
. tests/share_objects.sh
cmake --preset "$preset" -B "$build" ${WEIR_TESTS_FOLDERS:+"-DWEIR_TESTS_FOLDERS=$WEIR_TESTS_FOLDERS"} >/dev/null
cmake --build "$build" --parallel "$cores"
exec $run ctest --test-dir "$build" --output-on-failure --no-tests=error --parallel "$cores" "$@"
