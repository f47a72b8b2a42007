# SPDX-License-Identifier: Apache-2.0
# Bytes through a ring by write and read: whole, in order, counted; and what ends them.
# shellcheck shell=bash

ring() { exits_with 0 slotring create r -n 16 -S 64K --time coarse; }
input() { head -c "$1" /dev/urandom >"$folder/in"; }

case_two_readers_get_all() {
    ring
    input 5000007 # the last message is not full
    "$program" read r -q >"$folder/a" &
    local a=$!
    "$program" read r -q -o "$folder/b" &
    local b=$!
    exits_with 0 slotring write r --readers 2 --json "$folder/in"
    [ "$(number bytes <"$folder/out")" = 5000007 ] || failed "not all bytes counted"
    ended_with 0 $a
    ended_with 0 $b
    cmp "$folder/in" "$folder/a" && cmp "$folder/in" "$folder/b" || failed "other bytes came out"
    exits_with 0 slotring check r
    exits_with 0 slotring rm r
}

case_standard_input_and_many_files() {
    ring
    input 300000
    "$program" read r -q >"$folder/a" &
    local a=$!
    slotring write r -q --readers 1 "$folder/in" - "$folder/in" <"$folder/in" || failed "write"
    ended_with 0 $a
    cat "$folder/in" "$folder/in" "$folder/in" | cmp - "$folder/a" || failed "other bytes came out"
    exits_with 0 slotring rm r
}

case_lossy_counts_add_up() {
    ring
    "$program" read r --lossy --null --delay-us 2000 --json >"$folder/lossy" 2>/dev/null &
    local lossy=$!
    await has_readers r 1
    head -c 20000000 /dev/zero | slotring write r -q || failed "write"
    ended_with 0 $lossy
    local delivered missed published
    delivered=$(number delivered <"$folder/lossy")
    missed=$(number missed <"$folder/lossy")
    published=$(slotring stat --json r | number published)
    [ "$missed" -gt 0 ] || failed "a reader of 2 ms a message missed nothing"
    [ $((delivered + missed)) -eq "$published" ] || failed "$delivered + $missed is not $published"
    exits_with 0 slotring rm r
}

case_wait_for_the_ring() {
    input 100000
    "$program" read r --wait -q >"$folder/a" &
    local a=$!
    "$program" read -qw r >"$folder/b" & # among other letters, too, it takes no word that follows
    local b=$!
    await test -e "/proc/$a"
    await test -e "/proc/$b"
    slotring write r --create -n 16 -S 64K --readers 2 -q "$folder/in" || failed "write"
    ended_with 0 $a
    ended_with 0 $b
    cmp "$folder/in" "$folder/a" || failed "other bytes came out"
    cmp "$folder/in" "$folder/b" || failed "other bytes came out"
    exits_with 6 slotring read -qw0.01 absent
    exits_with 3 slotring read -qow absent
    exits_with 0 slotring rm r
}

case_follow_goes_on_past_the_end() {
    ring
    input 100000
    "$program" read r --follow -q >"$folder/a" &
    local a=$!
    slotring write r -q --readers 1 "$folder/in" && slotring write r -q "$folder/in" || failed "write"
    await eval "[ \$(stat -c %s '$folder/a') -eq 200000 ]"
    kill -TERM $a
    ended_with 143 $a
    cat "$folder/in" "$folder/in" | cmp - "$folder/a" || failed "other bytes came out"
    exits_with 0 slotring rm r
}

case_producer_killed() {
    ring
    input 300000
    "$program" read r >"$folder/a" 2>"$folder/reader" &
    local a=$!
    "$program" write r -q --readers 1 --no-end "$folder/in" &
    local w=$!
    await eval "[ \$(stat -c %s '$folder/a') -eq 300000 ]"
    kill -KILL $w
    ended_with 7 $a
    grep -q "pid $w) died" "$folder/reader" || failed "does not say who died: $(cat "$folder/reader")"
    cmp "$folder/in" "$folder/a" || failed "other bytes came out"
    "$program" read r -q >"$folder/a" & # again, at once
    a=$!
    exits_with 0 slotring write r -q --readers 1 "$folder/in"
    ended_with 0 $a
    cmp "$folder/in" "$folder/a" || failed "other bytes came out"
    exits_with 0 slotring check r
    exits_with 0 slotring rm r
}

case_stopped_reader_is_named_and_killed() {
    ring
    "$program" read r -q --null &
    local a=$!
    await has_readers r 1
    kill -STOP $a
    exits_with 6 eval "head -c 3000000 /dev/zero | slotring write r --timeout 0.2"
    says "pid $a"
    exits_with 0 slotring stat r
    prints "stopped"
    exits_with 0 slotring recover r --kill $a
    ended_with 137 $a
    exits_with 0 eval "head -c 3000000 /dev/zero | slotring write r -q"
    exits_with 0 slotring rm r
}

case_a_ring_that_keeps_is_filled_to_the_last_slot() {
    exits_with 0 slotring create r -n 4 -S 1K --keep
    input 4096
    exits_with 0 slotring write r --timeout 60 "$folder/in"
    exits_with 6 slotring write r --timeout 0.1 "$folder/in"
    exits_with 0 slotring rm r
}

case_full_disk_and_broken_pipe() {
    ring
    input 300000
    "$program" write r -q --readers 2 "$folder/in" &
    local w=$!
    "$program" read r -q >/dev/full 2>"$folder/full" &
    local full=$!
    slotring read r -q 2>/dev/null | head -c 10 >/dev/null
    local codes=("${PIPESTATUS[@]}")
    [ "${codes[0]}" -eq 9 ] || failed "exit status ${codes[0]}, not 9, with a broken pipe"
    ended_with 10 $full
    grep -q "No space" "$folder/full" || failed "does not say that the disk is full"
    ended_with 0 $w
    exits_with 0 slotring rm r
}

case_removal() {
    ring
    "$program" read r -q --null 2>"$folder/reader" &
    local a=$!
    await has_readers r 1
    exits_with 4 slotring rm r
    says "$a"
    exits_with 0 slotring rm --force r
    ended_with 3 $a
    grep -q "removed" "$folder/reader" || failed "does not say that the ring was removed"
    ring
    "$program" read r -q --null &
    a=$!
    await has_readers r 1
    exits_with 0 slotring ls --json
    prints '"remove_when_unused": false'
    exits_with 0 slotring stat --json r
    prints '"remove_when_unused": false'
    exits_with 0 slotring rm --when-unused r
    slotring ls | grep -q '^r .*goes with its last user' || failed "removed while it was in use, or not to go"
    exits_with 0 slotring stat r
    prints "GOES WITH ITS LAST USER"
    exits_with 0 slotring ls --json
    prints '"remove_when_unused": true'
    exits_with 0 slotring stat --json r
    prints '"remove_when_unused": true'
    kill -TERM $a
    ended_with 143 $a
    [ -z "$(slotring ls | grep '^r ')" ] || failed "not removed with its last user"
}

# Somebody's rm, or a cleaner of temporary files.
case_lost_files() {
    local a b before lost
    ring
    "$program" read r -q --null --follow 2>"$folder/reader" &
    a=$!
    mkfifo "$folder/input"
    exec 7<>"$folder/input"
    "$program" write r -q <"$folder/input" 7>&- &
    b=$!
    await has_readers r 1
    await has_producers r 1
    exits_with 0 slotring ls --json
    prints '"lock_file": "there"'
    before=$(files)
    lost=$(lock_of r)
    rm "$lost"
    slotring ls | grep -q '^r .* 16 .*lock file is missing.*remove it by force' || failed "does not list it so"
    exits_with 0 slotring ls --json
    prints '"lock_file": "missing"'
    prints '"status": "SLOTRING_E_CORRUPT"'
    exits_with 0 slotring stat r
    prints "(REMOVED)"
    exits_with 5 slotring check r
    prints "the lock file of this ring is missing"
    echo x >"$lost"
    slotring ls | grep -q '^r .*lock file is another one' || failed "does not list it so"
    exits_with 5 slotring check r
    [ "$before" = "$(files)" ] || failed "who only looks has changed the folder"
    await grep -q "files were removed by somebody else" "$folder/reader"
    exec 7>&-
    ended_with 0 $b
    ended_with 3 $a
    [ "$(grep -c "somebody else" <"$folder/reader")" -eq 1 ] || failed "said more than once: $(cat "$folder/reader")"
    exits_with 0 slotring rm --force r
}

# Ring r, to go with its last user, who was killed.
doomed() {
    ring
    "$program" read r -q --null &
    await has_readers r 1
    slotring rm --when-unused r
    kill -KILL $!
    ended_with 137 $!
}

case_unused_rings() {
    local a
    ring
    exits_with 0 slotring create kept -n 4 -S 4K
    "$program" read r -q --null &
    a=$!
    await has_readers r 1
    exits_with 0 slotring rm --when-unused r
    exits_with 0 slotring gc
    [ ! -s "$folder/out" ] || failed "says something of a ring that is used"
    exits_with 0 slotring ls --json
    [ "$(grep -c '"unused": false' "$folder/out")" -eq 2 ] || failed "not both are used"
    kill -KILL $a
    ended_with 137 $a
    slotring ls | grep -q '^r .*unused, goes with the next create, rm or gc' || failed "does not list it so"
    exits_with 0 slotring stat r
    prints "UNUSED, GOES WITH THE NEXT CREATE, RM OR GC"
    exits_with 0 slotring stat --json r
    prints '"unused": true'
    exits_with 0 slotring ls --json
    prints '"unused": true'
    exits_with 0 slotring gc
    [ "$(cat "$folder/out")" = "removed r" ] || failed "does not say that it has removed r"
    exits_with 0 slotring gc --json
    prints '"removed": []'
    doomed
    exits_with 0 slotring gc --json
    prints '"r"'
    prints '"left": []'
    doomed
    rm "$(lock_of r)"
    exits_with 5 slotring gc
    says "r stays: the lock file of ring \"r\" is missing"
    exits_with 5 slotring gc --json
    prints '"error": "SLOTRING_E_CORRUPT"'
    exits_with 0 slotring rm --force r
    doomed
    exits_with 0 slotring create other -n 4 -S 4K
    [ -z "$(slotring ls | grep '^r ')" ] || failed "a creation does not remove it"
    doomed
    exits_with 0 slotring rm other
    [ -z "$(slotring ls | grep '^r ')" ] || failed "a removal does not remove it"
    exits_with 0 slotring rm kept
}

case_live_statistics() {
    ring
    exits_with 0 slotring stat r --interval 0.01 --count 3
    [ "$(grep -c '^ring r' "$folder/out")" -eq 3 ] || failed "not three times"
    exits_with 0 slotring stat r --json
    prints '"slot_count": 16'
    exits_with 0 slotring ls --json
    prints '"r"'
    exits_with 0 slotring rm r
}

# A folder of control groups of version 2 in which a group that freezes can be made; it is made.
freezer() {
    local mount
    for mount in /sys/fs/cgroup /sys/fs/cgroup/unified; do
        group=$mount/slotring-program-$$
        mkdir "$group" 2>/dev/null || continue
        [ ! -w "$group/cgroup.freeze" ] || return 0
        rmdir "$group"
    done
    return 1
}

case_frozen() {
    if ! freezer; then
        echo "no control group of version 2 that freezes can be made here" >&2
        exit 77
    fi
    ring
    "$program" read r -q --null &
    local reader=$!
    await has_readers r 1
    echo "$reader" >"$group/cgroup.procs"
    echo 1 >"$group/cgroup.freeze"
    await grep -qx "frozen 1" "$group/cgroup.events"
    exits_with 0 slotring stat r
    prints "frozen"
    exits_with 0 slotring recover r --kill "$reader"
    prints "repaired after 1 dead participant"
    ended_with 137 "$reader"
    await rmdir "$group"
    exits_with 0 slotring rm r
}
