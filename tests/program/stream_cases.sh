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

# All of it, though the last messages are fewer than it wants: the end of the stream tells it.
case_messages_gather() {
    ring
    input 300000
    "$program" read r -q --wake-messages 5 --wake-time 1 >"$folder/a" &
    local a=$!
    exits_with 0 slotring write r --readers 1 "$folder/in"
    ended_with 0 $a
    cmp "$folder/in" "$folder/a" || failed "other bytes came out"
    exits_with 2 slotring read r --wake-messages 5
    exits_with 2 slotring read r --wake-time 0.1
    exits_with 2 slotring read r --wake-messages 0 --wake-time 0.1
    exits_with 2 slotring read r --wake-messages 5 --wake-time 2
    exits_with 2 slotring read r --wake-messages 5 --wake-time 0
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

# The ring has an end behind it. However the two meet, it is not taken for the end of what is to come.
case_readers_that_come_before_their_writer() {
    ring
    input 3000
    exits_with 0 slotring write r -q "$folder/in"
    local turn a
    for turn in 1 2 3 4 5 6 7 8 9 10; do
        "$program" read r -q >"$folder/a" &
        a=$!
        exits_with 0 slotring write r -q --readers 1 "$folder/in"
        ended_with 0 $a
        cmp "$folder/in" "$folder/a" || failed "other bytes came out in turn $turn"
    done
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

case_a_stopped_reader_with_a_budget_costs_its_time_once() {
    ring
    "$program" read r -q --null --budget 1/0.1 --json >"$folder/budgeted" 2>"$folder/reader" &
    local a=$!
    await has_readers r 1
    kill -STOP $a
    exits_with 0 eval "head -c 3000000 /dev/zero | slotring write r -q"
    exits_with 0 slotring stat r
    prints "budget 1 in "
    prints "revoked "
    exits_with 0 slotring stat r -j
    prints '"revoked": "by-budget"'
    kill -CONT $a
    ended_with 8 $a
    grep -q "do not wait for this reader any more" "$folder/reader" || failed "does not say that it was revoked"
    [ "$(number revocations <"$folder/budgeted")" -ge 1 ] || failed "does not count the revocation"
    [ "$(number missed <"$folder/budgeted")" -ge "$(number lost <"$folder/budgeted")" ] || failed "lost what it did not miss"
    exits_with 2 slotring read r --budget 1
    exits_with 2 slotring read r --budget 1/0
    exits_with 2 slotring read r --budget 1/1 --lossy
    exits_with 0 slotring rm r
}

case_a_reader_is_revoked_by_hand() {
    ring
    "$program" read r -q --null --name slow --delay-us 1000 2>"$folder/reader" &
    local a=$!
    await has_readers r 1
    exits_with 0 slotring revoke r slow
    prints "is asked to give way"
    exits_with 0 eval "head -c 3000000 /dev/zero | slotring write r -q"
    local code=0
    wait $a || code=$?
    [ $code -eq 0 ] || [ $code -eq 8 ] || failed "exit status $code of the reader"
    grep -q "the ring's owner has revoked it" "$folder/reader" || failed "does not say that it was revoked"
    exits_with 3 slotring revoke r slow
    says "no reader slow"
    exits_with 0 slotring rm r
}

case_a_ring_that_keeps_is_filled_to_the_last_slot() {
    exits_with 0 slotring create r -n 4 -S 1K --keep
    input 4096
    exits_with 0 slotring write r --timeout 60 "$folder/in"
    exits_with 6 slotring write r --timeout 0.1 "$folder/in"
    exits_with 0 slotring rm r
}

case_a_ring_with_hot_slots() {
    exits_with 0 slotring create r -n 16 -S 1K --hot
    prints "hot slots"
    exits_with 0 slotring stat r
    prints "hot slots"
    exits_with 0 slotring stat r -j
    prints '"hot_slots": true'
    input 300000
    "$program" write r -q --readers 1 "$folder/in" &
    local w=$!
    exits_with 0 eval "slotring read r -q >'$folder/out'"
    ended_with 0 $w
    cmp "$folder/in" "$folder/out" || failed "what was read is not what was written"
    exits_with 0 slotring stat r -j
    prints '"slots_free": 16'
    exits_with 2 slotring read r --oldest
    says "hot slots"
    exits_with 0 slotring rm r
    exits_with 2 slotring create r -n 4 -S 1K --keep --hot
    says "--keep and --hot"
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

case_wanted_messages() {
    exits_with 0 slotring create r --slots 8 --slot-size 64 --holds 2 --max-groups 3
    prints 'at most 3 groups of readers'
    prints 'a process holds at most 2 slots that producers do not wait for'
    exits_with 0 slotring stat --json r
    prints '"max_holds": 2'
    prints '"max_groups": 3'
    for n in 0 1 2 3 4 5 6 7 8 9; do
        printf 'm%s' "$n" >"$folder/m"
        exits_with 0 slotring write r -q --tag "$n" "$folder/m"
    done # 2 to 9 are there
    exits_with 0 slotring read r -q --lines --oldest --every 3
    [ "$(tr '\n' ' ' <"$folder/out")" = "m3 m6 m9 " ] || failed "not every third"
    exits_with 0 slotring read r -q --lines --oldest --tag 1/0x3
    [ "$(tr '\n' ' ' <"$folder/out")" = "m5 m9 " ] || failed "not those with the tag"
    exits_with 0 slotring read r -q --lines --last 2
    [ "$(tr '\n' ' ' <"$folder/out")" = "m8 m9 " ] || failed "not the last two"
    exits_with 0 slotring read r -q --lines --from 7
    [ "$(tr '\n' ' ' <"$folder/out")" = "m7 m8 m9 " ] || failed "not from sequence 7"
    exits_with 8 slotring read r --null --from 0 --summary "$folder/summary"
    says "missed 2 messages"
    [ "$(number missed <"$folder/summary")" = 2 ] || failed "not missed 2"
    exits_with 0 slotring read r --lines --lossy --latest --last 1
    [ "$(cat "$folder/out")" = m9 ] || failed "not the latest"
    exits_with 0 slotring read r --null --oldest --every 4
    says "passed over 6 messages and 0 records"
    exits_with 2 slotring read r --latest
    exits_with 2 slotring read r --oldest --last 3
    exits_with 2 slotring read r --tag 4/3
    exits_with 2 slotring read r --tag 0xg
    exits_with 2 slotring read r --every 0
    exits_with 2 slotring read r --from 11
    says "sequence 11 is not published yet; the next one is 10"
    exits_with 0 slotring rm r
}

case_description() {
    printf 'ADC 3\nsamples: int16\n' >"$folder/description"
    exits_with 0 slotring create r --slots 4 --slot-size 64 --description-file "$folder/description"
    exits_with 0 slotring stat r
    prints "description ADC 3"
    exits_with 0 slotring stat --json r
    prints '"description": "ADC 3\nsamples: int16\n"'
    exits_with 0 slotring rm r
    exits_with 0 slotring create r --slots 4 --slot-size 64 --description "$(printf 'a\033[2Jb')"
    exits_with 0 slotring stat r
    prints "description a?[2Jb"
    exits_with 0 slotring rm r
    exits_with 2 slotring create s --description a --description-file b
    exits_with 2 slotring create s --description-file "$folder/is-not-there"
    head -c 4097 /dev/zero >"$folder/description"
    exits_with 2 slotring create s --description-file "$folder/description"
    says "the limit is 4096"
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

case_whose_and_how_old() {
    ring
    exits_with 0 slotring ls
    grep -qE "^r .* $(id -un) +[0-9.]+ (ms|s|min [0-9]+ s)  ok\$" "$folder/out" || failed "$(cat "$folder/out")"
    exits_with 0 slotring ls --json
    [ "$(number age_ns <"$folder/out")" -gt 0 ] || failed "no age in $(cat "$folder/out")"
    exits_with 0 slotring stat r
    grep -qE "^ring r: .*, owner: $(id -un), .*, age: [0-9.]+ (ms|s|min)" "$folder/out" || failed "$(cat "$folder/out")"
    exits_with 0 slotring stat r --json
    [ "$(sed -n '/"ring"/,/}/p' "$folder/out" | number age_ns)" -gt 0 ] || failed "no age in $(cat "$folder/out")"
    exits_with 0 slotring rm r
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
    prints "r stays: it is in use by \"slotring-read\" (pid $a, running)"
    exits_with 0 slotring gc --remove
    prints "r stays: it is in use by \"slotring-read\" (pid $a, running)"
    exits_with 0 slotring ls --json
    [ "$(grep -c '"unused": false' "$folder/out")" -eq 2 ] || failed "not both are used"
    kill -KILL $a
    ended_with 137 $a
    slotring ls | grep -q '^r .*unused, goes with the next create, rm or gc --remove' || failed "does not list it so"
    exits_with 0 slotring stat r
    prints "UNUSED, GOES WITH THE NEXT CREATE, RM OR GC"
    exits_with 0 slotring stat --json r
    prints '"unused": true'
    exits_with 0 slotring ls --json
    prints '"unused": true'
    exits_with 0 slotring gc
    prints "would remove r: "
    prints "kept stays: it was never to go with its last user: slotring rm kept"
    exits_with 0 slotring gc --json
    prints '"would_remove": ['
    slotring ls | grep -q '^r ' || failed "a look has removed it"
    exits_with 0 slotring gc --remove
    [ "$(head -1 "$folder/out")" = "removed r" ] || failed "does not say that it has removed r"
    prints "kept stays: "
    exits_with 0 slotring gc --remove --json
    prints '"removed": []'
    doomed
    exits_with 0 slotring gc --remove --json
    prints '"r"'
    prints '"left": []'
    doomed
    rm "$(lock_of r)"
    exits_with 0 slotring gc
    prints "r stays: its lock file is not its own"
    exits_with 5 slotring gc --remove
    says "r stays: the lock file of ring \"r\" is missing"
    exits_with 5 slotring gc --remove --json
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

case_frozen() {
    freezer || skip "not root, or no freezer of cgroup 2"
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

case_records_in_each_framing() {
    exits_with 0 slotring create r -n 8 -S 4K --max-writers 2
    { seq 1 20000; echo; head -c 3000 /dev/zero | tr '\0' x; echo; printf 'no newline at the end'; } >"$folder/in"
    local a b c
    "$program" read r -q --lines >"$folder/lines" &
    a=$!
    "$program" read r -q --prefix u32le >"$folder/prefixed" &
    b=$!
    "$program" read r -q >"$folder/raw" &
    c=$!
    exits_with 0 slotring write r --records --readers 3 --json "$folder/in"
    [ "$(number messages <"$folder/out")" = 20003 ] || failed "not each line was a message"
    ended_with 0 $a
    ended_with 0 $b
    ended_with 0 $c
    { cat "$folder/in" && echo; } | cmp - "$folder/lines" || failed "other lines came out"
    tr -d '\n' <"$folder/in" | cmp - "$folder/raw" || failed "other bytes came out"
    "$program" read r -q --lines >"$folder/lines" & # what was written with a prefix can be read again
    a=$!
    slotring write r -q --records --prefix u32le --readers 1 <"$folder/prefixed" || failed "write"
    ended_with 0 $a
    { cat "$folder/in" && echo; } | cmp - "$folder/lines" || failed "other lines came out of what has prefixes"
    "$program" read r -q --json -o "$folder/raw" >"$folder/read.json" &
    a=$!
    exits_with 0 slotring write r -q --json --records --frame 1000 --readers 1 "$folder/in" "$folder/in"
    [ "$(number messages <"$folder/out")" -eq $(((($(stat -c %s "$folder/in") + 999) / 1000) * 2)) ] ||
        failed "each file does not begin a frame"
    ended_with 0 $a
    cat "$folder/in" "$folder/in" | cmp - "$folder/raw" || failed "other bytes came out of frames"
    [ "$(number records <"$folder/read.json")" = "$(number messages <"$folder/out")" ] || failed "records of the reader"
    exits_with 0 slotring check r
    exits_with 0 slotring rm r
}

case_messages_of_several_slots() {
    exits_with 0 slotring create r -n 64 -S 4K --checksums
    head -c 1000000 /dev/urandom >"$folder/in"
    local a b
    "$program" read r -q --verify >"$folder/raw" &
    a=$!
    "$program" read r -q --prefix u32le >"$folder/prefixed" &
    b=$!
    exits_with 0 slotring write r --records --frame 100000 --readers 2 --json "$folder/in"
    [ "$(number messages <"$folder/out")" = 10 ] || failed "not each frame was a message"
    ended_with 0 $a
    ended_with 0 $b
    cmp "$folder/in" "$folder/raw" || failed "other bytes came out"
    exits_with 0 slotring check r
    "$program" read r -q >"$folder/raw" & # what was written with a prefix can be read again
    a=$!
    slotring write r -q --records --prefix u32le --readers 1 <"$folder/prefixed" || failed "write"
    ended_with 0 $a
    cmp "$folder/in" "$folder/raw" || failed "other bytes came out of what has prefixes"
    exits_with 0 slotring rm r
}

case_records_that_are_none() {
    exits_with 0 slotring create r -n 4 -S 100
    exits_with 1 eval "printf 'one\n%0401d\nthree\n' 0 | slotring write r --records"
    says "more than 400 bytes"
    says "in 1 message,"
    exits_with 1 eval "printf '\003\000\000\000one\221\001\000\000' | slotring write r --records --prefix u32le"
    says "a message of 401 bytes"
    exits_with 1 eval "printf '\003\000\000\000one\003\000\000\000tw' | slotring write r --records --prefix u32le"
    says "ends in the middle of a message"
    exits_with 2 slotring write r --frame 10
    exits_with 2 slotring write r --prefix u32le
    exits_with 2 slotring write r --records --prefix u32le --frame 10
    exits_with 2 slotring write r --records --prefix u16be
    exits_with 2 slotring write r --records --frame 401
    exits_with 2 slotring write r --records --chunk 10
    exits_with 2 slotring read r --lines --prefix u32le
    exits_with 0 slotring check r
    exits_with 0 slotring rm r
}

# Each is there at once, before its slot is full; a kill takes none away.
case_records_are_seen_and_survive_a_kill() {
    exits_with 0 slotring create r -n 4 -S 64K
    "$program" read r -q --lines >"$folder/a" &
    local a=$! w
    seq 1 500 >"$folder/in"
    "$program" write r -q --records --readers 1 --no-end "$folder/in" &
    w=$!
    await cmp -s "$folder/in" "$folder/a"
    [ "$(slotring stat --json r | number published)" = 0 ] || failed "the slot of the records is closed already"
    slotring stat --json r >"$folder/json"
    [ "$(number records <"$folder/json")" = 500 ] || failed "stat does not count 500 records"
    [ "$(number writers <"$folder/json")" = 1 ] || failed "stat does not count one writer"
    [ "$(number number <"$folder/json")" = 500 ] || failed "the next record of the writer is not 500"
    grep -q '"keeps": "records"' "$folder/json" || failed "the writer keeps no slot for records"
    grep -q '"why": "records"' "$folder/json" || failed "the writer is not in the way"
    exits_with 0 slotring stat r
    prints "records     written 500"
    prints "writer 0 of \"slotring-write\" (pid $w, running) keeps 1 slot for records"
    kill -KILL $w
    ended_with 7 $a
    cmp "$folder/in" "$folder/a" || failed "other lines came out"
    [ "$(slotring stat --json r | number records)" = 500 ] || failed "the kill took records away"
    exits_with 0 slotring check r
    exits_with 0 slotring rm r
}

# One byte of a message that is in the ring changes: who looks says so, and all other messages come.
case_checksums() {
    local memory place
    exits_with 0 slotring create r -n 8 -S 4K --checksums --json
    grep -q '"checksums": true' "$folder/out" || failed "the ring does not say that it has checksums"
    exits_with 0 slotring stat r
    prints "checksums"
    for message in first second third; do
        printf '%s message' $message >"$folder/$message"
        exits_with 0 slotring write r -q "$folder/$message"
    done
    exits_with 0 slotring check r
    memory=$(memory_of r)
    place=$(LC_ALL=C grep -abo "second message" "$memory" | head -1 | cut -d: -f1)
    [ -n "$place" ] || failed "the message is not in the memory"
    printf X | dd of="$memory" bs=1 seek="$place" conv=notrunc status=none
    exits_with 5 slotring check r
    prints "checksum"
    exits_with 0 slotring read r -q --lines --oldest # who does not ask is not told
    prints "Xecond message"
    exits_with 5 slotring read r --lines --oldest --verify --summary "$folder/summary"
    says "left out: sequence 1"
    says "1 were not what was published"
    [ "$(number damaged <"$folder/summary")" = 1 ] || failed "the summary does not count it"
    printf 'first message\nthird message\n' | cmp - "$folder/out" || failed "other messages did not come"
    printf s | dd of="$memory" bs=1 seek="$place" conv=notrunc status=none
    exits_with 0 slotring check r
    exits_with 0 slotring read r -q --lines --oldest --verify
    prints "second message"
    exits_with 0 slotring rm r
    exits_with 0 slotring create r -n 8 -S 4K
    exits_with 1 slotring read r --verify
    says "without --checksums"
    exits_with 0 slotring rm r
}

# A run: its marks lie where they were made, also for who filters; the end of it waits for the reader.
case_runs() {
    ring
    exits_with 1 slotring mark r end
    says "no run has begun"
    exits_with 2 slotring mark r begin
    exits_with 2 slotring mark r user 3
    exits_with 2 slotring mark r middle
    exits_with 4 slotring gate r --free 50% --readers 1 --nothing-dropped
    says "not yet: 0 lossless readers are there, and 1 are wanted"
    exits_with 2 slotring gate r --free 101
    exits_with 0 slotring gate r --free 100% --nothing-dropped
    exits_with 0 slotring mark r begin 17 --text cosmics
    prints 'run 17 begins before sequence 0, "cosmics"'
    exits_with 1 slotring mark r begin 18
    says "run 17 has not ended"
    exits_with 0 slotring stat r
    prints "run         17, since sequence 0"
    "$program" read r -n -q --marks --follow --summary "$folder/summary" 2>"$folder/told" &
    local reader=$!
    await has_readers r 1
    for message in a b c; do
        printf %s $message | slotring write r -q || failed "write"
    done
    exits_with 0 slotring mark r user --value 5 --json
    prints '"place": 3'
    printf d | slotring write r -q || failed "write"
    exits_with 0 slotring mark r end --drain 60
    prints "run 17 ends before sequence 4"
    await grep -q "run 17 ends" "$folder/told"
    kill -TERM $reader
    wait $reader || true
    grep -q "mark: a user mark with value 5 before sequence 3" "$folder/told" || failed "the user mark was not told"
    [ "$(grep -c '"messages_before"' "$folder/summary")" = 2 ] || failed "the summary has other marks"
    exits_with 0 slotring stat --json r
    prints '"kind": "end"'
    exits_with 0 slotring check r
    exits_with 0 slotring rm r
}

# A copy goes on with the numbers of its source, and says which of them were lost.
case_copies() {
    local lineage
    ring
    lineage=$(slotring stat r --json | sed -nE 's/^ *"lineage": "([0-9a-f]{32})",?$/\1/p')
    [ -n "$lineage" ] || failed "the ring does not say its lineage"
    exits_with 0 slotring create copy -n 4 -S 4K --lineage "$lineage" --first-sequence 500
    exits_with 2 slotring create other -n 4 -S 4K --first-sequence 500
    exits_with 2 slotring create other -n 4 -S 4K --lineage xyz
    exits_with 0 slotring stat copy --json
    prints "\"lineage\": \"$lineage\""
    prints '"first_sequence": 500'
    printf a | slotring write copy -q || failed "write"
    exits_with 2 slotring mark copy gap
    exits_with 0 slotring mark copy gap 7 --json
    prints '"offset": 507'
    exits_with 0 slotring check copy
    exits_with 0 slotring rm r
    exits_with 0 slotring rm copy
}

# ---- Rings from a file --------------------------------------------------------------------------------------

two_rings() { # FIELDS: of the second one
    printf '{"rings": [{"name": "a", "slots": 4, "slot-size": 1024}, {"name": "b", "slots": 4, %s}]}' "$1" >"$folder/rings.json"
}

# By number, and by name; on the command line, and in a file.
case_lossless_for_a_group() {
    local group
    group=$(id -gn)
    exits_with 0 slotring create r -n 16 -S 4K --lossless-for group --lossless-group 54321 --largest-budget 3/0.02 --json
    prints '"lossless_for": "group"'
    prints '"lossless_group": 54321'
    exits_with 0 slotring stat r --json
    prints '"lossless_for": "group"'
    prints '"lossless_group": 54321'
    exits_with 0 slotring stat r
    prints "readers of users that are neither the owner nor in group 54321: a budget of at least 3 messages in 20.0 ms"
    exits_with 0 slotring rm r
    exits_with 0 slotring create r -n 16 -S 4K --lossless-for group --lossless-group "$group"
    prints "nor in group $group: a budget"
    exits_with 0 slotring rm r
    two_rings '"slot-size": 1024, "lossless-for": "group", "lossless-group": 54321'
    exits_with 0 slotring create --file "$folder/rings.json"
    prints "nor in group 54321: a budget"
    exits_with 0 slotring rm a b
    exits_with 0 slotring create r -n 16 -S 4K --lossless-for owner --json
    prints '"lossless_group": null'
    exits_with 0 slotring rm r
    exits_with 2 slotring create r --lossless-for group
    says "--lossless-for group and --lossless-group go together"
    exits_with 2 slotring create r --lossless-group 54321
    exits_with 2 slotring create r --lossless-for group --lossless-group no-such-group
    says "no such group is known on this machine"
    exits_with 2 slotring create r --lossless-for group --lossless-group 4294967295
}

# The manual's example.
case_rings_of_a_file() {
    local example="${BASH_SOURCE[0]%/*}/../../docs/examples/rings.json" name
    exits_with 0 slotring create --file "$example" --json
    for name in raw events confirmed; do
        prints "\"name\": \"$name\""
    done
    for name in raw events confirmed; do
        exits_with 0 slotring check $name
    done
    exits_with 0 slotring stat --json raw
    prints '"slot_count": 32'
    prints '"checksums": true'
    prints '"time_stamps": "monotonic"'
    prints '{\"detector\":\"cosmics\",\"boards\":3,\"samples\":500}'
    exits_with 0 slotring stat --json events
    prints '"absence_ns": 300000000000'
    prints '"budget_messages": 8'
    exits_with 0 slotring stat confirmed
    prints "when full: keep"
    prints "access: all-observe"
    exits_with 4 slotring create --file "$example"
    says 'ring 1 "raw"'
    exits_with 0 slotring create --file "$example" --exist-ok
    prints "ring confirmed: 64 slots of 16 KiB"
    exits_with 0 slotring rm raw events confirmed
}

# What was made before a failure is removed again; what was there before stays.
case_all_rings_of_a_file_or_none() {
    two_rings '"slot-size": "1T"'
    exits_with 10 slotring create --file "$folder/rings.json"
    says 'ring 2 "b"'
    says "so none stays; 1 that were made are removed again"
    exits_with 0 slotring ls --json
    prints '"rings": []'
    two_rings '"slot-size": 1024'
    exits_with 0 slotring create b -n 8 -S 1K
    exits_with 4 slotring create --file "$folder/rings.json"
    says "removed again"
    exits_with 4 slotring create --file "$folder/rings.json" --exist-ok # it has other sizes
    exits_with 3 slotring stat a
    exits_with 0 slotring stat --json b
    prints '"slot_count": 8'
    exits_with 0 slotring rm b
}

# ---- Subscriptions that outlive their command ---------------------------------------------------------------

# The next command of the name is told of the marks that the last one was not told of, and of no other.
case_durable_marks() {
    ring
    exits_with 6 slotring read r -q --durable recorder --marks --timeout 0.01
    exits_with 0 slotring mark r begin 17
    printf a | slotring write r -q || failed "write"
    exits_with 0 slotring mark r user --value 5
    printf b | slotring write r -q || failed "write"
    exits_with 0 slotring read r --durable recorder --marks --count 1
    prints a
    says "mark: run 17 begins"
    grep -q "user mark" "$folder/said" && failed "a mark was told too early"
    exits_with 0 slotring read r --durable recorder --marks --count 1
    prints b
    says "mark: a user mark with value 5 before sequence 1"
    grep -q "run 17" "$folder/said" && failed "a mark was told twice"
    exits_with 0 slotring forget r recorder
    exits_with 0 slotring rm r
}

case_durable_subscriptions() {
    ring
    exits_with 0 slotring ls
    prints " ok"
    seq 1 300 >"$folder/in"
    "$program" read r -q --lines --durable recorder --count 100 >"$folder/a" &
    local a=$!
    await has_readers r 1
    head -200 "$folder/in" | slotring write r -q --records || failed "write"
    ended_with 0 $a
    exits_with 0 slotring ls
    prints "ok, nobody has 1 of its 1 durable subscriptions"
    exits_with 0 slotring ls --json
    prints '"durable": 1'
    prints '"durable_left": 1'
    exits_with 0 slotring stat r
    prints "recorder"
    prints "nobody for"
    tail -100 "$folder/in" | slotring write r -q --records || failed "write"
    exits_with 0 slotring read r -q --lines --durable recorder --timeout 5
    cat "$folder/a" "$folder/out" | cmp - "$folder/in" || failed "not each line once"
    exits_with 0 slotring stat --json r
    prints '"durable": true'
    exits_with 3 slotring forget r other
    exits_with 0 slotring forget r recorder
    exits_with 0 slotring ls --json
    prints '"durable_left": 0'
    exits_with 0 slotring rm r
}

# Its output takes no more, and then it is told to stop: the message was not written, so the next reader gets it whole.
case_stopped_while_it_writes() {
    local a
    exits_with 0 slotring create r -n 4 -S 1M
    head -c 400000 /dev/urandom >"$folder/in"
    mkfifo "$folder/pipe"
    exec 7<>"$folder/pipe"
    "$program" read r -q --durable recorder --follow >"$folder/pipe" 7>&- &
    a=$!
    await has_readers r 1
    exits_with 0 slotring write r -q "$folder/in"
    head -c 1 <&7 >"$folder/first"
    kill -TERM $a
    ended_with 143 $a
    exec 7>&-
    exits_with 0 slotring read r -q --durable recorder --count 1 -o "$folder/out2"
    cmp "$folder/in" "$folder/out2" || failed "the message is not whole"
    exits_with 0 slotring forget r recorder
    exits_with 0 slotring rm r
}

# A member has a message in its hands when it is told to stop: nobody else gets the message then, since one try is allowed.
case_dead_letters() {
    local a
    exits_with 0 slotring create r -n 16 -S 1M --max-groups 1
    head -c 400000 /dev/urandom >"$folder/in"
    mkfifo "$folder/pipe"
    exec 7<>"$folder/pipe"
    "$program" read r -q --group workers --tries 1 --letters 2 --follow >"$folder/pipe" 7>&- &
    a=$!
    await has_readers r 2
    exits_with 0 slotring write r -q "$folder/in"
    head -c 1 <&7 >"$folder/first"
    kill -TERM $a
    ended_with 143 $a
    exec 7>&-
    exits_with 0 slotring dead-letters r workers # nobody has come to it yet
    [ ! -s "$folder/out" ] || failed "there is a dead letter that nobody has buried"
    exits_with 6 slotring read r -q --group workers --null --timeout 0.01
    exits_with 0 slotring dead-letters r workers --json
    prints '"length": 400000'
    prints '"tries": 1'
    exits_with 0 slotring stat r
    prints "dead letters 1"
    exits_with 3 slotring dead-letters r others
    exits_with 3 slotring dead-letters r workers --drop 77
    exits_with 0 slotring dead-letters r workers --drop "$(slotring dead-letters r workers --json | number sequence)"
    exits_with 0 slotring dead-letters r workers
    [ ! -s "$folder/out" ] || failed "a dead letter is there that was dropped"
    exits_with 0 slotring dead-letters r workers --drop-all
    exits_with 2 slotring read r -q --group workers --tries 2
    exits_with 0 slotring forget r workers
    exits_with 0 slotring check r
    exits_with 0 slotring rm r
}

# What it says that it received is in the file.
case_stopped_while_records_come() {
    local a b
    exits_with 0 slotring create r -n 8 -S 64K
    "$program" read r -q --lines --json -o "$folder/lines" >"$folder/told" &
    a=$!
    await has_readers r 1
    yes record | "$program" write r -q --records >"$folder/b" 2>&1 &
    b=$!
    await test -s "$folder/lines"
    kill -TERM $a
    ended_with 143 $a
    kill -TERM $b 2>/dev/null
    wait $b || true
    [ "$(wc -l <"$folder/lines")" = "$(number messages <"$folder/told")" ] ||
        failed "$(wc -l <"$folder/lines") lines, told were $(number messages <"$folder/told")"
    grep -vqx record "$folder/lines" && failed "a line is not whole"
    exits_with 0 slotring rm -f r
}

# A reader that is refused leaves the file as it is.
case_a_refused_reader_empties_nothing() {
    local a
    ring
    "$program" read r -q --durable recorder --follow -o "$folder/run" &
    a=$!
    await has_readers r 1
    printf data | slotring write r -q || failed "write"
    await test -s "$folder/run"
    exits_with 4 slotring read r -q --durable recorder -o "$folder/run"
    [ "$(cat "$folder/run")" = data ] || failed "the file was emptied"
    kill -TERM $a
    ended_with 143 $a
    exits_with 6 slotring read r -q --durable recorder --timeout 0.01 -o "$folder/run"
    exits_with 0 slotring forget r recorder
    exits_with 0 slotring rm r
}

# Whoever writes into a named pipe finds it open from the first byte on, and once.
case_write_from_a_named_pipe() {
    local turn writer
    exits_with 0 slotring create r -n 64 -S 4K
    mkfifo "$folder/pipe"
    for turn in 1 2 3 4 5 6 7 8 9 10; do
        "$program" write r -q "$folder/pipe" &
        writer=$!
        printf 'message %s' "$turn" >"$folder/pipe" || failed "the pipe was closed"
        ended_with 0 $writer
    done
    exits_with 0 slotring read r -q -O --count 10 -o "$folder/got"
    [ "$(cat "$folder/got")" = "$(printf 'message %s' 1 2 3 4 5 6 7 8 9 10)" ] || failed "$(cat "$folder/got")"
    exits_with 2 slotring write r --repeat 2 "$folder/pipe"
    says "can be read only once"
    exits_with 0 slotring rm r
}
