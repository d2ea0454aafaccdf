#!/bin/sh
# install_and_consume.sh SOURCE BUILD COMPILER: installs BUILD's weir under a fresh prefix and builds the project
# `consumer` against it, then once more with SOURCE as a subdirectory. The consumer itself checks that weir leaves its
# flags alone.
set -eu
source=$1 build=$2 compiler=$3
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp -R "$source/tests/packaging/consumer" "$source/tests/packaging/use_weir.hpp" "$work"

consume() { # NAME CMAKE-ARGUMENT...
  name=$1
  shift
  log=$work/$name.log
  cmake -G Ninja -S "$work/consumer" -B "$work/$name" -DCMAKE_CXX_COMPILER="$compiler" "$@" >"$log" 2>&1 ||
    { cat "$log"; echo "$name: configuring failed"; exit 1; }
  if grep -i weir "$log"; then
    echo "$name: weir is not quiet when its user configures"
    exit 1
  fi
  cmake --build "$work/$name" >"$log" 2>&1 || { cat "$log"; echo "$name: building failed"; exit 1; }
  "$work/$name/consumer" || { echo "$name: the program failed"; exit 1; }
}

cmake --install "$build" --prefix "$work/prefix" >/dev/null
test -f "$work/prefix/share/doc/weir/LICENSE"
(cd "$source/include" && find weir -type f | sort) >"$work/in_source"
(cd "$work/prefix/include" && find weir -type f | sort) >"$work/installed"
diff "$work/in_source" "$work/installed" || { echo "not every header is installed"; exit 1; }

consume package -DCMAKE_PREFIX_PATH="$work/prefix"
consume subdirectory -DWEIR_SOURCE="$source"

# An installed weir may be moved: nothing in it names the place where it was built.
if grep -rl -e "$source" -e "$work" "$work/prefix"; then
  echo "the installed files name the build's folders"
  exit 1
fi
