#!/usr/bin/env bash
# check.sh RUNNER FOLDER: plays the scenarios of the folder and compares with what is expected.
set -euo pipefail
seen=$(mktemp)
trap 'rm -f "$seen"' EXIT
"$1" "$2/scenarios.json" >"$seen" || exit 1
diff -u "$2/expected.txt" "$seen" || exit 1
echo "conformance: $(grep -c '^# ' "$seen") scenarios as expected"
