#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Runs every test of the given suites with as many kills, or stops, as its part of PROVE_SECONDS allows, up to one after each
# instruction; what one test leaves of its time goes to those after it. A part of ci/prove.
set -euo pipefail
tests=$PROVE_BUILD/tests/slotring_tests

names=()
for suite in "$@"; do
    mapfile -t -O "${#names[@]}" names < <("$tests" --list | sed -nE "s/^($suite\.[^ ]*).*/\1/p")
done
[ ${#names[@]} -gt 0 ] || { echo "kill.sh: no tests in $*" >&2; exit 2; }

end=$((SECONDS + PROVE_SECONDS)) left=${#names[@]} kills=0 unit=kills at=0 of=0 found=0 skipped=0
log=$(mktemp)
trap 'rm -f "$log"' EXIT
for name in "${names[@]}"; do
    budget=$(((end - SECONDS) / left))
    left=$((left - 1))
    [ "$budget" -ge 1 ] || budget=1
    status=0
    SLOTRING_TEST_THOROUGH=$budget SLOTRING_TEST_TIMEOUT=$((budget + 600)) "$tests" "$name" >"$log" 2>&1 || status=$?
    cat "$log"
    case $status in
        0) ;;
        77) skipped=$((skipped + 1)) ;;
        *) found=$((found + 1)) ;;
    esac
    while read -r number; do kills=$((kills + number)); done < <(sed -nE 's/^PROVED ([0-9]+) (kills|stops).*/\1/p' "$log")
    grep -q '^PROVED [0-9]* stops' "$log" && unit="kills and stops"
    while read -r here all; do at=$((at + here)) of=$((of + all)); done \
        < <(sed -nE 's/^PROVED .* at ([0-9]+) of ([0-9]+) instructions$/\1 \2/p' "$log")
done
remark="${#names[@]} tests"
[ "$of" -eq 0 ] || remark="$remark, at $at of $of instructions"
[ "$skipped" -eq 0 ] || remark="$remark, $skipped skipped"
echo "{\"tried\": $kills, \"unit\": \"$unit\", \"remark\": \"$remark\", \"found\": $found}"
[ "$found" -eq 0 ]
