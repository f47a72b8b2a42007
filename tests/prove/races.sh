#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# ThreadSanitizer over the tests whose peers are threads on one mapping (labelled "threads"), again and again for
# PROVE_SECONDS, all of them at least once. It has a build of its own. A part of ci/prove.
set -euo pipefail
# Sanitizers want their fixed addresses free.
if [ -z "${SLOTRING_FIXED_ADDRESSES:-}" ] && setarch "$(uname -m)" -R true 2>/dev/null; then
    SLOTRING_FIXED_ADDRESSES=1 exec setarch "$(uname -m)" -R "$0"
fi
cd "$(dirname "$0")/../.."
source ci/lib.sh
build tsan -DCMAKE_BUILD_TYPE=RelWithDebInfo -DSLOTRING_SANITIZER=thread

tests=build/tsan/tests/slotring_tests
export TSAN_OPTIONS="halt_on_error=1:second_deadlock_stack=1:${TSAN_OPTIONS:-}"
export SLOTRING_TEST_SCALE=${SLOTRING_TEST_SCALE:-20}
mapfile -t names < <("$tests" --list | sed -nE 's/^([^ ]+) threads$/\1/p')
[ ${#names[@]} -gt 0 ] || { echo "races.sh: no test is labelled threads" >&2; exit 2; }
end=$((SECONDS + PROVE_SECONDS)) runs=0 found=0
while [ "$runs" -lt ${#names[@]} ] || [ "$SECONDS" -lt "$end" ]; do
    "$tests" "${names[runs % ${#names[@]}]}" || found=$((found + 1))
    runs=$((runs + 1))
done
echo "{\"tried\": $runs, \"unit\": \"runs\", \"remark\": \"${#names[@]} tests under ThreadSanitizer\", \"found\": $found}"
[ "$found" -eq 0 ]
