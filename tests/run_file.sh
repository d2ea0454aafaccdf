#!/bin/sh
# run_file.sh PROGRAM FILE: runs the test cases of FILE that PROGRAM was built with; a file without a test case fails.
set -eu
"$1" --source-file="*/tests/$2" --count | grep -q ': [1-9][0-9]*$' || { echo "no test case in $2"; exit 1; }
exec "$1" --source-file="*/tests/$2"
