#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Lets every call of the platform contract fail in every way, at every place; cuts and replaces rings at every moment.
# Again and again for PROVE_SECONDS. A part of ci/prove.
set -euo pipefail
program=$PROVE_BUILD/tests/inject/slotring_inject

mapfile -t names < <("$program" --list | sed 's/ .*//')
[ ${#names[@]} -gt 0 ] || { echo "inject.sh: no tests in $program" >&2; exit 2; }
end=$((SECONDS + PROVE_SECONDS)) tried=0 found=0 rounds=0
log=$(mktemp)
trap 'rm -f "$log"' EXIT
export SLOTRING_TEST_THOROUGH=$PROVE_SECONDS SLOTRING_TEST_TIMEOUT=$((PROVE_SECONDS + 600))
while [ "$rounds" -eq 0 ] || { [ "$SECONDS" -lt "$end" ] && [ "$found" -eq 0 ]; }; do
    rounds=$((rounds + 1))
    for name in "${names[@]}"; do
        status=0
        "$program" "$name" >"$log" 2>&1 || status=$?
        cat "$log"
        [ "$status" -eq 0 ] || [ "$status" -eq 77 ] || found=$((found + 1))
        while read -r number; do tried=$((tried + number)); done < <(sed -nE 's/^PROVED ([0-9]+) .*/\1/p' "$log")
    done
done
echo "{\"tried\": $tried, \"unit\": \"failures and intrusions\", \"remark\": \"${#names[@]} tests, $rounds times\", \"found\": $found}"
[ "$found" -eq 0 ]
