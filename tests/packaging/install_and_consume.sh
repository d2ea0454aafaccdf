#!/bin/sh
# install_and_consume.sh SOURCE BUILD COMPILER CASE: a stranger's program meets weir, in a fresh folder and, unless it
# takes weir's sources in, from an installation that was moved after it was made. The cases:
#   installed         CMake and Meson install the same files, every header among them
#   find_package      a CMake project finds weir, whichever of the two installed it
#   add_subdirectory  a CMake project has weir as a subdirectory
#   pkg_config        a compiler command asks pkg-config
#   meson             a Meson project finds weir through pkg-config, or has it as a subproject
#   single_header     a compiler command with the one header that scripts/amalgamate makes
#   thread_sanitizer  a CMake project with threads, built with ThreadSanitizer by its own flags, by GCC and by Clang
# Each checks that weir says nothing and imposes nothing. Exits 77 (skipped) when a tool is missing.
set -eu
export LC_ALL=C
unset DESTDIR
source=$1 build=$2 compiler=$3 case=$4
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
here=$source/tests/packaging
mkdir "$work/program"
cp -R "$here/consumer" "$here/threads" "$here/use_weir.hpp" "$work/program"
warnings='-Wall -Wextra -Wpedantic -Wconversion -Wshadow -Werror'

fail() {
  echo "$case: $*"
  exit 1
}

need() { # COMMAND...
  for tool; do
    command -v "$tool" >/dev/null || { echo "skipped: there is no $tool"; exit 77; }
  done
}

# quietly COMMAND...: it succeeds and says nothing.
quietly() {
  "$@" >"$work/log" 2>&1 || { cat "$work/log"; fail "failed: $*"; }
  [ ! -s "$work/log" ] || { cat "$work/log"; fail "not quiet: $*"; }
}

# run_logged COMMAND...: it succeeds; what it says is in $work/log.
run_logged() {
  "$@" >"$work/log" 2>&1 || { cat "$work/log"; fail "failed: $*"; }
}

install_with() { # cmake | meson: into $work/NAME, moved there
  case $1 in
    cmake) run_logged cmake --install "$build" --prefix "$work/before" ;;
    meson)
      run_logged env CXX="$compiler" meson setup -Dtests=off -Dexamples=off --prefix "$work/before" "$work/build" "$source"
      run_logged meson install -C "$work/build"
      ;;
  esac
  mv "$work/before" "$work/$1"
}

consume_with_cmake() { # NAME CMAKE-ARGUMENT...
  name=$1
  shift
  run_logged cmake -G Ninja -S "$work/program/consumer" -B "$work/$name" -DCMAKE_CXX_COMPILER="$compiler" "$@"
  ! grep -i weir "$work/log" || fail "$name: weir is not quiet when its user configures"
  run_logged cmake --build "$work/$name"
  "$work/$name/consumer" || fail "$name: the program failed"
}

consume_with_meson() { # NAME MESON-ARGUMENT...
  name=$1
  shift
  run_logged env CXX="$compiler" meson setup "$@" "$work/$name" "$work/program/consumer"
  ! grep -E 'WARNING|DEPRECATION|NOTICE' "$work/log" || fail "$name: weir is not quiet when its user configures"
  # The program that uses weir has the flags of the one that does not, and include folders; weir brings no target.
  meson introspect --targets "$work/$name" >"$work/targets"
  python3 - "$work/targets" <<'END' || fail "$name: weir is not all that weir brings"
import json, sys
flags = {target["name"]: [flag for source in target["target_sources"] for flag in source.get("parameters", [])
                          if not flag.startswith("-I")] for target in json.load(open(sys.argv[1]))}
print(flags)
sys.exit(flags.keys() != {"consumer", "stranger"} or flags["consumer"] != flags["stranger"])
END
  run_logged meson compile -C "$work/$name"
  ! grep -i 'warning:' "$work/log" || fail "$name: the compiler warns"
  "$work/$name/consumer" || fail "$name: the program failed"
}

files_in() { (cd "$1" && find . -type f | sort); }

case $case in
  installed)
    install_with cmake
    [ -f "$work/cmake/share/doc/weir/LICENSE" ] || fail 'no licence'
    [ -f "$work/cmake/share/weir/gdb/weir_gdb.py" ] || fail 'no printers for GDB'
    diff -r "$source/include/weir" "$work/cmake/include/weir" || fail 'not every header is installed as it is'
    # An installed weir may be moved: nothing in it names the place where it was built or installed.
    ! grep -rl -e "$source" -e "$work" "$work/cmake" || fail 'the installed files name folders of the build'
    need meson
    install_with meson
    files_in "$work/cmake" >"$work/by_cmake"
    files_in "$work/meson" >"$work/by_meson"
    diff "$work/by_cmake" "$work/by_meson" || fail 'CMake (<) and Meson (>) install other files'
    # Two files are written by CMake or by Meson, in words of their own; find_package tries both.
    diff -r --exclude=weirTargets.cmake --exclude=weirConfigVersion.cmake "$work/cmake" "$work/meson" || fail 'CMake (<) and Meson (>) differ in a file'
    ! grep -rl -e "$source" -e "$work" "$work/meson" || fail 'the installed files name folders of the build'
    echo "$(wc -l <"$work/by_cmake") files by each"
    ;;

  find_package)
    install_with cmake
    consume_with_cmake package -DCMAKE_PREFIX_PATH="$work/cmake"
    need meson
    install_with meson
    consume_with_cmake package_of_meson -DCMAKE_PREFIX_PATH="$work/meson"
    ;;

  add_subdirectory)
    consume_with_cmake subdirectory -DWEIR_SOURCE="$source"
    ;;

  pkg_config)
    need pkg-config
    install_with cmake
    export PKG_CONFIG_LIBDIR="$work/cmake/share/pkgconfig"
    version=$(sh "$source/scripts/version" "$source/include/weir/core/config.hpp")
    [ "$(pkg-config --modversion weir)" = "$version" ] || fail "the version is not $version"
    flags=$(pkg-config --cflags --libs weir)
    for flag in $flags; do
      case $flag in
        -I*) include=${flag#-I} ;;
        -pthread) ;;
        *) fail "pkg-config imposes $flag" ;;
      esac
    done
    [ -f "$include/weir/weir.hpp" ] || fail "there is no weir in $include"
    for switches in '-fexceptions' '-fno-exceptions -fno-rtti'; do
      quietly "$compiler" -std=c++20 $warnings $switches "$work/program/consumer/main.cpp" -o "$work/consumer" $flags
      "$work/consumer" || fail "built with $switches, the program failed"
    done
    ;;

  meson)
    need meson pkg-config python3
    install_with cmake
    PKG_CONFIG_LIBDIR="$work/cmake/share/pkgconfig" consume_with_meson installed --wrap-mode=nofallback
    mkdir "$work/program/consumer/subprojects"
    ln -s "$source" "$work/program/consumer/subprojects/weir"
    consume_with_meson subproject --wrap-mode=forcefallback
    ;;

  single_header)
    need python3
    mkdir -p "$work/one/weir" "$work/all/weir"
    quietly "$source/scripts/amalgamate" --output "$work/one/weir/weir.hpp"
    quietly "$compiler" -std=c++20 $warnings -I"$work/one" "$work/program/consumer/main.cpp" -o "$work/consumer"
    "$work/consumer" || fail 'the program failed'
    # A unit with the single header and a unit with the others may be linked: one opens the stream that the other reads.
    quietly "$compiler" -std=c++20 $warnings -I"$source/include" -c "$here/opens.cpp" -o "$work/opens.o"
    quietly "$compiler" -std=c++20 $warnings -I"$work/one" "$here/reads.cpp" "$work/opens.o" -o "$work/both"
    "$work/both" || fail 'units with either header do not work together'
    # With all that is not in it by itself, in any order, under every compiler at hand; the same bytes each time.
    headers=$(cd "$source/include" && find weir -name '*.hpp' | sort)
    (cd "$work" && "$source/scripts/amalgamate" $headers) >"$work/all/weir/weir.hpp"
    "$source/scripts/amalgamate" $(echo "$headers" | sort -r) | cmp - "$work/all/weir/weir.hpp" || fail 'not repeatable'
    echo '#include <weir/weir.hpp>' >"$work/all.cpp"
    for each in g++ clang++-14 clang++-16; do
      ! command -v "$each" >/dev/null || quietly "$each" -std=c++20 $warnings -I"$work/all" -fsyntax-only "$work/all.cpp"
    done
    ! "$source/scripts/amalgamate" weir/absent.hpp >/dev/null 2>&1 || fail 'takes a header that does not exist'
    # Both kinds in one unit are refused in words.
    printf '#include <weir/core/ids.hpp>\n#include "%s"\n' "$work/one/weir/weir.hpp" >"$work/twice.cpp"
    ! "$compiler" -std=c++20 -I"$source/include" -fsyntax-only "$work/twice.cpp" >"$work/log" 2>&1 ||
      fail 'a unit may include both kinds of header'
    grep -q 'error.*either the single header or the others' "$work/log" || { cat "$work/log"; fail 'refused otherwise'; }
    ;;

  thread_sanitizer)
    # It finds no room for its shadow where addresses are randomised widely.
    run=
    ! setarch "$(uname -m)" -R true 2>/dev/null || run="setarch $(uname -m) -R"
    export TSAN_OPTIONS=halt_on_error=1
    install_with cmake
    tried=
    for each in "$compiler" clang++-14; do
      name=threads_by_$(basename "$each")
      echo 'int main() {}' >"$work/empty.cpp"
      "$each" -fsanitize=thread "$work/empty.cpp" -o "$work/empty" 2>/dev/null && $run "$work/empty" || continue
      case $each in
        clang*) weir=-DCMAKE_PREFIX_PATH=$work/cmake ;;
        *) weir=-DWEIR_SOURCE=$source ;;
      esac
      run_logged cmake -G Ninja -S "$work/program/threads" -B "$work/$name" -DCMAKE_CXX_COMPILER="$each" "$weir"
      run_logged cmake --build "$work/$name"
      ! grep -i 'warning:' "$work/log" || fail "$name: the compiler warns"
      run_logged $run "$work/$name/threads"
      cat "$work/log"
      ! grep ThreadSanitizer "$work/log" || fail "$name: ThreadSanitizer reports weir"
      # That is worth something if a race of the program's own is reported.
      ! $run "$work/$name/threads" race >"$work/log" 2>&1 || fail "$name: a race goes unnoticed"
      grep -q 'WARNING: ThreadSanitizer: data race' "$work/log" || { cat "$work/log"; fail "$name: no report of a race"; }
      tried="$tried $each"
    done
    [ -n "$tried" ] || { echo 'skipped: no compiler has ThreadSanitizer'; exit 77; }
    echo "silent under$tried"
    ;;

  *) fail 'no such case' ;;
esac
