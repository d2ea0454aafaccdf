#!/bin/sh
# expect_abort.sh PROGRAM: it runs, says how its failure reads, and ends with exactly that text when it meets it.
text=$("$1") || { echo "$1 does not run"; exit 1; }
[ -n "$text" ] || { echo "$1 names no text"; exit 1; }
said=$("$1" fail 2>&1 >/dev/null)
status=$?
if [ "$status" -ne 134 ]; then # 128 + SIGABRT
  echo "exit $status instead of an abort; it said: $said"
  exit 1
fi
case $said in
  "$text"*) ;;
  *) echo "it said '$said' instead of '$text'"; exit 1 ;;
esac
