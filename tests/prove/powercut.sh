#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Rings on a disk whose machine loses its power at any moment, again and again for PROVE_SECONDS: what the disk has then is
# what a copy of it has that is taken while processes write (in milliseconds, so that parts of it are of different moments,
# as with a disk that writes in an order of its own). After the restart (another boot, for the commands here alone)
# nobody may be let into a ring that is still there, and it must be removed and made anew without force. A ring without its
# first page needs force: only a copy that took too long has one. A part of ci/prove.
set -euo pipefail
slotring=$(cd "$PROVE_BUILD" && pwd)/slotring

none() { # REASON
    echo "SKIP power-cuts: $1"
    echo '{"tried": 1, "unit": "look", "remark": "no disk can be made here: needs root, mount namespaces and loop devices", "found": 0}'
    exit 0
}

if [ "${1:-}" != inside ]; then
    unshare --mount true 2>/dev/null || none "no mount namespace"
    exec unshare --mount "$0" inside
fi

folder=$(mktemp -d -p "$([ -w /dev/shm ] && echo /dev/shm || echo /tmp)")
writers=() loop=""
clean_up() {
    local code=$?
    [ ${#writers[@]} -eq 0 ] || kill -KILL "${writers[@]}" 2>/dev/null || true
    wait 2>/dev/null || true
    umount "$folder/mounted" 2>/dev/null || true
    [ -z "$loop" ] || losetup -d "$loop" 2>/dev/null || true
    rm -rf "$folder"
    exit "$code"
}
trap clean_up EXIT
PATH=$PATH:/usr/sbin:/sbin
mkdir "$folder/mounted"
export SLOTRING_DIR=$folder/mounted
truncate -s 32M "$folder/disk"
mkfs.ext4 -q -F "$folder/disk" || none "no mkfs.ext4"

# Always the same device, so that nothing but the boot is another one afterwards.
plug_in() { # DISK
    local turn
    if [ -z "$loop" ]; then loop=$(losetup -f --show "$1" 2>/dev/null) || return 1; else
        for ((turn = 0; turn < 100; turn++)); do
            ! losetup "$loop" "$1" 2>/dev/null || break
            sleep 0.05 # who else looks for devices has it
        done
    fi
    mount "$loop" "$folder/mounted" 2>/dev/null
}

pull_out() {
    umount "$folder/mounted" 2>/dev/null || true
    losetup -d "$loop" 2>/dev/null || true
}

plug_in "$folder/disk" || none "no ext4 can be mounted"
pull_out

found=0
fault() { # SENTENCE
    echo "FOUND in cut $cuts: $1"
    found=$((found + 1))
}

# After the restart. Its disk is the copy, and its boot another one.
restarted() { # COMMAND...
    # shellcheck disable=SC2016 # of the inner shell
    unshare --mount bash -c 'mount --bind "$0" /proc/sys/kernel/random/boot_id && exec "$@"' "$folder/boot" \
        "$slotring" "$@"
}

# Each ring that is there.
look_at() { # NAME
    local code=0 status command
    status=$(restarted ls --json | sed -nE "/\"name\": \"$1\"/,/\"status\"/s/.*\"status\": \"([^\"]*)\".*/\1/p")
    case $status in
        SLOTRING_E_OTHER_BOOT) refused=$((refused + 1)) ;;
        SLOTRING_E_NOT_A_RING | SLOTRING_E_CORRUPT | SLOTRING_E_TRUNCATED) broken=$((broken + 1)) ;;
        "") gone=$((gone + 1)) && return ;;
        *) fault "ring $1 is listed as $status" ;;
    esac
    for command in "check $1" "read $1 --oldest --timeout 1 -q" "write $1 -q"; do
        code=0
        # shellcheck disable=SC2086 # several words
        restarted $command >"$folder/out" 2>&1 </dev/null || code=$?
        [ "$code" -eq 5 ] || { fault "$command gave $code"; head -c 300 "$folder/out" | tr -cd '[:print:]\n'; }
    done
    code=0
    if [ "$status" = SLOTRING_E_OTHER_BOOT ]; then
        restarted rm "$1" || code=$?
    else
        restarted rm --force "$1" || code=$?
    fi
    [ "$code" -eq 0 ] || fault "rm of $1 ($status) gave $code"
}

use_anew() { # NAME
    restarted create "$1" -n 4 -S 4K >/dev/null && echo "a message" | restarted write "$1" -q &&
        restarted read "$1" --oldest -q >"$folder/out" && grep -qx "a message" "$folder/out" &&
        restarted check "$1" >/dev/null && restarted rm "$1" || fault "ring $1 cannot be made anew"
}

cuts=0 refused=0 broken=0 gone=0
end=$((SECONDS + PROVE_SECONDS))
while [ "$cuts" -eq 0 ] || { [ "$SECONDS" -lt "$end" ] && [ "$found" -eq 0 ]; }; do
    cuts=$((cuts + 1))
    echo "$(od -An -N4 -tx4 /dev/urandom | tr -d ' ')-2222-3333-4444-555555555555" >"$folder/boot"
    plug_in "$folder/disk" || { fault "the disk cannot be mounted" && break; }
    "$slotring" create lasts --slots 8 --slot-size 64K >/dev/null
    (while :; do head -c 400000 /dev/urandom; done) | "$slotring" write lasts -q >/dev/null 2>&1 &
    writers=($!)
    ( # rings that come and go
        while :; do
            "$slotring" create comes --slots 4 --slot-size 64K >/dev/null
            echo "a message" | "$slotring" write comes -q
            "$slotring" rm comes
        done
    ) >/dev/null 2>&1 &
    writers+=($!)
    if [ $((cuts % 2)) -eq 0 ]; then sync -f "$folder/mounted"; fi
    sleep "0.$((RANDOM % 30 + 10))"
    sync -f "$folder/mounted" & # in the middle of which
    sleep "0.0$((RANDOM % 10))"
    cp "$folder/disk" "$folder/copy" # the power goes
    kill -KILL "${writers[@]}" 2>/dev/null || true
    wait 2>/dev/null || true
    writers=()
    "$slotring" rm --force lasts >/dev/null 2>&1 || true
    "$slotring" rm --force comes >/dev/null 2>&1 || true
    pull_out
    plug_in "$folder/copy" || { echo "cut $cuts: the file system did not survive"; pull_out; continue; }
    look_at lasts
    look_at comes
    use_anew lasts
    pull_out
done
[ $((broken * 10)) -le $((refused + 10)) ] || fault "$broken rings were without their first page, $refused with it"
remark="rings after them: $refused refused and removed, $broken without a whole first page and removed by force, $gone not there"
echo "{\"tried\": $cuts, \"unit\": \"power cuts\", \"remark\": \"$remark\", \"found\": $found}"
[ "$found" -eq 0 ]
