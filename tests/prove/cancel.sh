#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# cancel.sh: threads that are cancelled in any call at any moment, and forks beside and inside of all kinds of use, again
# and again for PROVE_SECONDS. A part of ci/prove.
set -euo pipefail
tests=$PROVE_BUILD/tests/slotring_tests
rounds=0 found=0 end=$((SECONDS + PROVE_SECONDS))
while [ $SECONDS -lt $end ] || [ $rounds -eq 0 ]; do
    for suite in cancel cancel_waits atfork fork share; do
        if ! "$tests" $suite; then
            found=$((found + 1))
        fi
        rounds=$((rounds + 1))
    done
done
echo "{\"tried\": $rounds, \"unit\": \"runs of suites\", \"found\": $found, \"remark\": \"cancelled threads, forks, several threads sharing\"}"
[ $found -eq 0 ]
