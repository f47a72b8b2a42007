#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# How fast slotring record writes, next to a plain write of the same bytes from the same ring to the same disk; and next to what a bare
# program does there without a ring, by write(2) alone and in the way of the recorder (bare_write.c). The ways take turns, and each row
# has the medians.
#   recording.sh PROGRAM FOLDER [MESSAGE [MIB [ROUNDS]]]     such as: recording.sh build/ci/slotring /data 1M 1024 5
set -euo pipefail
program=$1 folder=$2 message=${3:-1M} mib=${4:-1024} rounds=${5:-5}
work=$(mktemp -d "$folder/recording.XXXXXX")
export SLOTRING_DIR=$work/rings
memory=$(mktemp -d /dev/shm/recording.XXXXXX)
mkdir "$SLOTRING_DIR"
[ "$(stat -f -c %T "$SLOTRING_DIR")" = tmpfs ] || SLOTRING_DIR=$memory # rings are memory, whatever the disk is
trap 'rm -rf "$work" "$memory"' EXIT
head -c 64M /dev/urandom >"$memory/input"

# Bytes of messages per second from the first message to the last byte in the file.
one() { # WORDS OF A READER...
    rm -f "$work"/out*
    sync
    "$program" create b -n 64 -S "$message" >/dev/null
    "$program" "$@" --json -q >"$work/summary" &
    until [ "$("$program" stat --json b | sed -nE 's/^ *"readers": ([0-9]+),?$/\1/p' | head -1)" = 1 ]; do sleep 0.01; done
    "$program" write b -q -b "$message" --repeat $((mib / 64)) "$memory/input"
    wait $!
    "$program" forget b d >/dev/null 2>&1 || true
    "$program" rm b
    sed -nE 's/^ *"bytes_per_second": ([0-9]+).*/\1/p' "$work/summary"
}
bytes=$(numfmt --from=iec "$message")
bare() { # WAY
    rm -f "$work"/out*
    sync
    "${program%/*}/tests/bench/bare_write" "$work/out" "$bytes" "$mib" "$1" >>"$work/bare-$1"
}
ways=(plain crc no-crc bare-write bare-write+crc bare-parts bare-parts+crc)
for ((round = 0; round < rounds; round++)); do
    one read b -o "$work/out" >>"$work/plain"
    one record b -o "$work/out.mcap" --durable d >>"$work/crc"
    one record b -o "$work/out.mcap" --durable d --no-crc >>"$work/no-crc"
    for way in write write+crc parts parts+crc; do bare $way; done
done
median() { sort -n "$work/$1" | awk '{ all[NR] = $1 } END { print all[int((NR + 1) / 2)] }'; }
plain=$(median plain)
for way in "${ways[@]}"; do
    awk -v way="$way" -v plain="$plain" -v now="$(median "$way")" -v size="$message" \
        'BEGIN { printf "%-14s messages of %s: %7.0f MB/s, %.2f of a plain write\n", way, size, now / 1e6, now / plain }'
done
