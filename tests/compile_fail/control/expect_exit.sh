#!/bin/sh
# expect_exit.sh STATUS SCRIPT ARGUMENT...: whether SCRIPT ends with exactly STATUS.
expected=$1
shift
sh "$@"
actual=$?
[ "$actual" -eq "$expected" ] || { echo "exit $actual instead of $expected"; exit 1; }
