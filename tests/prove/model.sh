#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The protocol's model: its planted faults must be caught, and no state of the protocol as it is may break an invariant.
# A part of ci/prove.
set -euo pipefail
model=$PROVE_BUILD/tests/model/slotring_model
begin=$SECONDS status=0
"$model" faults || { echo '{"tried": 0, "unit": "states", "remark": "a planted fault was not caught", "found": 1}' && exit 1; }
left=$((PROVE_SECONDS - (SECONDS - begin)))
log=$(mktemp)
trap 'rm -f "$log"' EXIT
"$model" large "$((left > 1 ? left : 1))" >"$log" || status=$?
cat "$log"
summary=$(tail -n 1 "$log")
read -r states violations < <(sed -nE 's/^model: .* ([0-9]+) states, ([0-9]+) violations.*/\1 \2/p' <<<"$summary") || true
remark=$(sed -nE 's/^model: (.*), [0-9]+ states.*/\1/p' <<<"$summary")
echo "{\"tried\": ${states:-0}, \"unit\": \"states\", \"remark\": \"$remark; planted faults caught\", \"found\": ${violations:-1}}"
exit "$status"
