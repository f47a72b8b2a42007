#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Hostile segments, files and texts: ci/fuzz, which has a build of its own. A part of ci/prove.
set -euo pipefail
cd "$(dirname "$0")/../.."
status=0
log=$(mktemp)
trap 'rm -f "$log"' EXIT
./ci/fuzz "$PROVE_SECONDS" >"$log" 2>&1 || status=$?
cat "$log"
executions=0 found=0 remark=""
while read -r target count faults reached; do
    executions=$((executions + count)) found=$((found + faults))
    remark="${remark:+$remark, }$target $reached"
done < <(grep -E '^(segment|registry|text|sweep) +[0-9]+ +[0-9]+  ' "$log")
[ "$status" -eq 0 ] || [ "$found" -gt 0 ] || found=1
echo "{\"tried\": $executions, \"unit\": \"fuzz executions\", \"remark\": \"$remark\", \"found\": $found}"
exit "$status"
