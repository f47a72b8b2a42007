#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Kills a reader beside a survivor who can open nothing any more, in every way that there is (suite rights), again and
# again for PROVE_SECONDS. A part of ci/prove.
set -euo pipefail
tests=$PROVE_BUILD/tests/slotring_tests

mapfile -t names < <("$tests" --list | sed -nE 's/^(rights\.[^ ]*).*/\1/p')
[ ${#names[@]} -gt 0 ] || { echo "rights.sh: no tests in $tests" >&2; exit 2; }
end=$((SECONDS + PROVE_SECONDS)) tried=0 found=0 skipped=0 rounds=0
while [ "$rounds" -eq 0 ] || { [ "$SECONDS" -lt "$end" ] && [ "$found" -eq 0 ]; }; do
    rounds=$((rounds + 1)) skipped=0
    for name in "${names[@]}"; do
        status=0
        SLOTRING_TEST_TIMEOUT=120 "$tests" "$name" || status=$?
        case $status in
            0) tried=$((tried + 1)) ;;
            77) skipped=$((skipped + 1)) ;;
            *) found=$((found + 1)) ;;
        esac
    done
done
remark="${#names[@]} ways, $rounds times"
[ "$skipped" -eq 0 ] || remark="$remark, $skipped skipped"
echo "{\"tried\": $tried, \"unit\": \"survivors\", \"remark\": \"$remark\", \"found\": $found}"
[ "$found" -eq 0 ]
