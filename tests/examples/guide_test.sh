#!/bin/sh
# guide_test.sh WEIR: follows WEIR/docs/guide.md word by word, in an empty directory with weir in it: saves each program
# under the name that the guide gives it, types each command, and compares what is printed with what the guide shows.
set -eu
weir=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/here" "$work/steps"
ln -s "$weir" "$work/here/weir"

# Each block becomes a file: a program where it belongs, commands as N.sh, what they print as N.txt.
awk -v here="$work/here" -v steps="$work/steps" '
  /^<!-- quote: [^ ]+\.cpp -->$/ { n = split($3, path, "/"); program = path[n]; next }
  /^```/ && file != "" { close(file); file = ""; next }
  /^```cpp$/ { file = here "/" program; next }
  /^```sh$/ { file = sprintf("%s/%02d.sh", steps, ++step); next }
  /^```text$/ { file = sprintf("%s/%02d.txt", steps, step); next }
  file != "" { print > file }
' "$weir/docs/guide.md"

cd "$work/here"
programs=0 outputs=0
for commands in "$work"/steps/*.sh; do
  sh -eu "$commands" >"$work/printed" 2>&1 || {
    echo "FAILED: $(cat "$commands")"
    cat "$work/printed"
    exit 1
  }
  expected=${commands%.sh}.txt
  if [ -e "$expected" ]; then
    diff "$expected" "$work/printed"
    outputs=$((outputs + 1))
  fi
done
for program in *.cpp; do
  [ -e "${program%.cpp}" ] || { echo "FAILED: $program is never compiled"; exit 1; }
  programs=$((programs + 1))
done
[ "$programs" -gt 2 ] && [ "$outputs" -gt 2 ]
echo "$programs programs, $outputs times the output that the guide shows"
