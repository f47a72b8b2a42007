#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Counts the instructions of slotring_allocate with callgrind, at few slots and at many, in each pattern: a second
# opinion on `slotring_bench --only count`, and the way to count where that cannot.
#   instructions.sh SLOTRING_BENCH [FEW [MANY]]
set -euo pipefail

bench=${1:?usage: instructions.sh SLOTRING_BENCH [FEW [MANY]]}
few=${2:-64}
many=${3:-1000000}
less=2000
more=12000
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

command -v valgrind >/dev/null || { echo "instructions.sh: valgrind is not installed" >&2; exit 1; }

# Instructions inside slotring_allocate of a whole run with $3 steps.
count() {
    valgrind --tool=callgrind --toggle-collect=slotring_allocate --callgrind-out-file="$scratch/out" \
        "$bench" --count-mode "$1" "$2" "$3" 2>"$scratch/log" || { cat "$scratch/log" >&2; exit 1; }
    awk '/^(summary|totals):/ { print $2; exit }' "$scratch/out"
}

printf '%-18s %14s %14s   instructions of one allocate\n' pattern "$few slots" "$many slots"
for pattern in all-free all-ready 99-percent-held random; do
    per_call=()
    for slots in "$few" "$many"; do
        low=$(count "$pattern" "$slots" "$less")
        high=$(count "$pattern" "$slots" "$more")
        # What setting the ring up costs is in both and falls out.
        per_call+=("$(awk -v a="$low" -v b="$high" -v n=$((more - less)) 'BEGIN { printf "%.2f", (b - a) / n }')")
    done
    printf '%-18s %14s %14s\n' "$pattern" "${per_call[@]}"
done
