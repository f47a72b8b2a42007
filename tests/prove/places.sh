#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Rings on every kind of file system that can be made here: rings of random shapes first, then storms of kills while somebody
# takes all space, or all files, and everything is written to the disk; for PROVE_SECONDS, but each kind has its rings and,
# beginning with a random one, as many as fit have storms. A part of ci/prove.
set -euo pipefail
program=$PROVE_BUILD/tests/prove/slotring_prove

mapfile -t kinds < <("$program" kinds)
[ ${#kinds[@]} -gt 0 ] || { echo "places.sh: no kinds in $program" >&2; exit 2; }
end=$((SECONDS + PROVE_SECONDS)) rings=0 refused=0 mib=0 kills=0 storms=0 found=0 absent=""
each=$((PROVE_SECONDS / 2 / ${#kinds[@]})) # half of the time for rings
[ "$each" -ge 1 ] || each=1
log=$(mktemp)
trap 'rm -f "$log"' EXIT

value() { sed -nE "\$s/.*\"$1\": ([0-9]+)[,}].*/\1/p" "$log"; } # KEY

run() { # COMMAND...: 77 where there is no such kind
    local status=0
    "$program" "$@" >"$log" 2>&1 || status=$?
    cat "$log"
    [ "$status" -eq 0 ] || [ "$status" -eq 77 ] || found=$((found + 1))
    return "$status"
}

here=()
for kind in "${kinds[@]}"; do
    status=0
    run place --place "$kind" --seconds "$each" || status=$?
    case $status in
        0)
            here+=("$kind")
            rings=$((rings + $(value tried))) refused=$((refused + $(value refused))) mib=$((mib + $(value mib)))
            ;;
        77) absent="$absent $kind" ;;
    esac
done
[ ${#here[@]} -gt 0 ] || echo "places.sh: no file system can be made here (needs root and mount namespaces)"

at=$((${#here[@]} > 0 ? RANDOM % ${#here[@]} : 0)) turns=0
while [ "$turns" -lt 1000000 ] && [ "$found" -eq 0 ] && [ ${#here[@]} -gt 0 ]; do
    [ "$storms" -eq 0 ] || [ "$SECONDS" -lt "$end" ] || break
    [ "$turns" -lt ${#here[@]} ] || [ "$storms" -gt 0 ] || break # none of them is for storms
    status=0
    run storm --place "${here[at]}" --seconds $((each > 2 ? each : 2)) || status=$?
    [ "$status" -ne 0 ] || storms=$((storms + 1)) kills=$((kills + $(value tried)))
    at=$(((at + 1) % ${#here[@]})) turns=$((turns + 1))
done
remark="on ${#here[@]} kinds of places, $mib MiB compared, $refused refused with the remedy, $kills kills in $storms storms"
[ -z "$absent" ] || remark="$remark; not here:$absent"
echo "{\"tried\": $rings, \"unit\": \"rings\", \"remark\": \"$remark\", \"found\": $found}"
[ "$found" -eq 0 ] && [ "$rings" -gt 0 ]
