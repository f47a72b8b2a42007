# SPDX-License-Identifier: Apache-2.0
# Recordings: what slotring record writes is what the ring had, after any kill, cut and full disk, and slotring replay gives it back.
# shellcheck shell=bash

ring() { exits_with 0 slotring create "$@" --time monotonic; } # NAME OPTION...

# Lines of which some take a part of a slot, some a slot and some several. 60,000 small ones make batches.
lines() {
    seq 1 30000
    head -c 30000 /dev/urandom | base64 -w0 && echo
    head -c 150000 /dev/urandom | base64 -w0 && echo
    seq 1 30000
}

# Replays FILES into a ring of its own; the lines that a reader there gets go to $folder/replayed.
replayed() { # FILE...
    local reader
    ring replayed -n 64 -S 64K
    "$program" read replayed -q -L -o "$folder/replayed" &
    reader=$!
    await has_readers replayed 1
    exits_with "${REPLAY_EXIT:-0}" slotring replay --json --ring replayed --speed max "$@"
    cp "$folder/out" "$folder/replay.json"
    ended_with 0 $reader
    exits_with 0 slotring rm replayed
}
same_as() { cmp -s "$1" "$folder/replayed" || failed "what is replayed is not $1"; } # FILE

# Writes $folder/in into ring r while a recorder with the other arguments is killed again and again, and another one goes on.
record_over_kills() { # OPTION...
    local recorder writer kills=0
    ring r -n 32 -S 64K --absence 100
    lines >"$folder/in"
    "$program" record r -q --durable d "$@" &
    recorder=$!
    await has_readers r 1
    "$program" write r -q --records --timeout 60 "$folder/in" &
    writer=$!
    while kill -0 $writer 2>/dev/null || [ $kills -lt 5 ]; do
        # A slow machine needs longer to begin: each one lives a little longer than the ones before.
        sleep "$(printf '0.%03d' $((10 + RANDOM % (90 + (kills < 80 ? kills : 80) * 10))))"
        kill -KILL $recorder
        wait $recorder 2>/dev/null
        kills=$((kills + 1))
        "$program" record r -q --durable d --follow "$@" 2>>"$folder/notes" &
        recorder=$!
    done
    ended_with 0 $writer
    kill -KILL $recorder
    wait $recorder 2>/dev/null
    exits_with 0 slotring record r --json --durable d "$@" # until the end
    exits_with 0 slotring forget r d
    exits_with 0 slotring rm r
}

case_record_and_replay() {
    ring r -n 16 -S 64K
    lines >"$folder/in"
    "$program" record r -o "$folder/a.mcap" --durable d --json >"$folder/summary" 2>/dev/null &
    local recorder=$!
    await has_readers r 1
    exits_with 0 slotring write r -q --records "$folder/in"
    ended_with 0 $recorder
    [ "$(number messages <"$folder/summary")" = 60002 ] || failed "recorded $(number messages <"$folder/summary") messages"
    replayed "$folder/a.mcap"
    same_as "$folder/in"
    exits_with 0 slotring forget r d
    exits_with 0 slotring rm r
}

case_record_misses_nothing_over_kills() {
    record_over_kills -o "$folder/a.mcap"
    replayed "$folder/a.mcap"
    same_as "$folder/in"
    [ "$(number missing <"$folder/replay.json")" = 0 ] || failed "something is missing"
}

# Each file is closed with its index, or goes on after the kill; the head of each says how far the ones before are.
case_record_misses_nothing_over_kills_and_files() {
    record_over_kills -o "$folder/a.mcap" --rotate 300K
    [ "$(find "$folder" -name 'a-*.mcap' | wc -l)" -gt 5 ] || failed "only $(ls "$folder")"
    replayed "$folder"/a-*.mcap
    same_as "$folder/in"
}

# Kills before, in the middle of and after each write of a recorder: chunks, heads and ends of files. Each one gets a little further.
killed_at_each_write() { # FEWEST_KILLS: of a recorder of $folder/in, which is written three times
    local way code=137 kills=0 turn
    ring r -n 64 -S 64K --absence 100
    "$program" record r -q -o "$folder/none.mcap" --durable d & # the subscription begins before the messages
    await has_readers r 1
    kill -KILL $!
    wait $! 2>/dev/null
    for turn in 1 2 3; do
        exits_with 0 slotring mark r user --value $turn
        exits_with 0 slotring write r -q --records "$folder/in"
    done
    for ((turn = 1; code == 137 && kills < 1000; turn = turn % 14 + 1)); do
        for way in before half after; do
            code=0
            { LD_PRELOAD=$SLOTRING_TEST_KILLER SLOTRING_TEST_KILL=$way:$turn "$program" record r -q -o "$folder/a.mcap" \
                --durable d --rotate 300K; } 2>"$folder/said" || code=$?
            [ $code -eq 137 ] || break
            kills=$((kills + 1))
        done
    done
    [ $code -eq 0 ] || failed "a recorder ended with $code after $kills kills"
    [ $kills -ge "$1" ] || failed "only $kills kills"
    replayed "$folder"/a-*.mcap
    [ "$(number missing <"$folder/replay.json")" = 0 ] && [ "$(number marks <"$folder/replay.json")" = 3 ] || failed "$(cat "$folder/replay.json")"
    cat "$folder/in" "$folder/in" "$folder/in" | cmp - "$folder/replayed" || failed "something is missing, or there twice"
    exits_with 0 slotring forget r d
    exits_with 0 slotring rm r
}

case_record_killed_at_each_write() {
    { seq 1 8000 && head -c 150000 /dev/urandom | base64 -w0 && echo && seq 1 100; } >"$folder/in"
    killed_at_each_write 30
}

# Several large messages are one chunk, with small ones among them. Each is in the file before any of them is acknowledged.
case_record_killed_at_each_write_of_large_ones() {
    local which
    for which in 1 2 3 4 5 6; do head -c $((40000 + 5000 * which)) /dev/urandom | base64 -w0 && echo && seq $which 3; done >"$folder/in"
    killed_at_each_write 20
}

# The recording has a message that its recorder had no time to acknowledge. Then the subscription is revoked: what is missing is counted
# without that message.
case_record_killed_at_its_acknowledgement() {
    local code=137 turn messages missed
    ring r -n 8 -S 4K --absence 0.05
    "$program" record r -q -o "$folder/none.mcap" --durable d &
    await has_readers r 1
    kill -KILL $!
    wait $! 2>/dev/null
    printf payload >"$folder/in"
    exits_with 0 slotring write r -q "$folder/in"
    for ((turn = 1; turn < 20 && code == 137; turn++)); do
        code=0
        { LD_PRELOAD=$SLOTRING_TEST_KILLER SLOTRING_TEST_KILL=after:$turn "$program" record r -q -o "$folder/a.mcap" --durable d; } \
            2>"$folder/said" || code=$?
        grep -q payload "$folder/a.mcap" && break
    done
    [ $code -eq 137 ] && grep -q payload "$folder/a.mcap" || failed "a recorder ended with $code, and was not killed behind its write"
    head -c $((4096 * 50)) /dev/zero >"$folder/in"
    exits_with 0 slotring write r -q "$folder/in"
    exits_with 8 slotring record r --json -o "$folder/a.mcap" --durable d
    messages=$(number messages <"$folder/out") missed=$(number missed <"$folder/out")
    [ $((1 + messages + missed)) = 51 ] || failed "$messages, and $missed missed"
    replayed "$folder/a.mcap"
    [ "$(number missing <"$folder/replay.json")" = "$missed" ] || failed "$(cat "$folder/replay.json")"
    exits_with 0 slotring forget r d
    exits_with 0 slotring rm r
}

# A new recording begins with what nobody had: what was lost before is told, too.
case_record_begins_after_a_revocation() {
    local missed
    ring r -n 8 -S 4K --absence 0.05
    "$program" record r -q -o "$folder/none.mcap" --durable d &
    await has_readers r 1
    kill -KILL $!
    wait $! 2>/dev/null
    head -c $((4096 * 50)) /dev/zero >"$folder/in"
    exits_with 0 slotring write r -q "$folder/in"
    exits_with 8 slotring record r --json -o "$folder/a.mcap" --durable d
    missed=$(number missed <"$folder/out")
    [ $(($(number messages <"$folder/out") + missed)) = 50 ] || failed "$(cat "$folder/out")"
    replayed "$folder/a.mcap"
    [ "$(number missing <"$folder/replay.json")" = "$missed" ] || failed "$(cat "$folder/replay.json")"
    exits_with 0 slotring forget r d
    exits_with 0 slotring rm r
}

# They go to the disk together, up to a quarter of the ring: one call of the system for 16 of them, and not one for each.
case_record_writes_large_messages_together() {
    ring r -n 64 -S 64K
    "$program" record r -q -o "$folder/a.mcap" --durable d --count 1 & # the subscription begins before the messages
    await has_readers r 1
    printf x | slotring write r -q
    ended_with 0 $!
    head -c 2M /dev/urandom >"$folder/in"
    exits_with 0 slotring write r -q -b 64K "$folder/in"
    exits_with 0 slotring record r -q -o "$folder/b.mcap" --durable d
    exits_with 0 slotring record --repair "$folder/b.mcap"
    says "32 messages in 4 chunks" # two of them tell where the recorder begins and ends
    exits_with 0 slotring forget r d
    exits_with 0 slotring rm r
}

# The disk keeps room for a long recording. What it does not need is given back: at the end, after a kill by --repair, or by the next one.
disk_of() { echo $(($(stat -c '%b * %B' "$1"))); } # FILE: bytes
keeps_room() { [ "$(disk_of "$1")" -gt $(($(stat -c %s "$1") + 1000000)) ]; } # FILE
case_record_gives_room_back() {
    local recorder how
    touch "$folder/tried"
    fallocate --keep-size --length 8M "$folder/tried" 2>/dev/null && keeps_room "$folder/tried" || { echo "the disk reserves no room"; exit 77; }
    for how in end repair next; do
        ring r -n 16 -S 1M
        "$program" record r -q -o "$folder/a.mcap" --durable d --follow &
        recorder=$!
        await has_readers r 1
        head -c 9M /dev/urandom | slotring write r -q -b 1M
        await keeps_room "$folder/a.mcap"
        case $how in
        end) kill -TERM $recorder && ended_with 143 $recorder ;;
        *) kill -KILL $recorder && wait $recorder 2>/dev/null ;;
        esac
        [ $how != repair ] || exits_with 0 slotring record --repair "$folder/a.mcap"
        [ $how != next ] || exits_with 0 slotring record r -q -o "$folder/a.mcap" --durable d
        ! keeps_room "$folder/a.mcap" || failed "$how: $(stat -c '%s bytes, %b blocks' "$folder/a.mcap")"
        exits_with 0 slotring forget r d
        exits_with 0 slotring rm r
        rm "$folder/a.mcap"
    done
}

# A recorder that is killed between the write and the acknowledgement gets what is in the file again. Here it is another subscription that
# has acknowledged nothing of it.
case_record_writes_nothing_twice() {
    local late recorder
    ring r -n 64 -S 64K
    "$program" record r -q -o "$folder/b.mcap" --durable late --follow &
    late=$!
    await has_readers r 1
    kill -STOP $late
    "$program" record r -q -o "$folder/a.mcap" --durable d &
    recorder=$!
    await has_readers r 2
    lines >"$folder/in"
    exits_with 0 slotring mark r user
    exits_with 0 slotring write r -q --records "$folder/in"
    ended_with 0 $recorder
    kill -KILL $late
    wait $late 2>/dev/null
    exits_with 0 slotring record r --json -o "$folder/a.mcap" --durable late
    [ "$(number came_again <"$folder/out")" = 60002 ] || failed "$(cat "$folder/out")"
    [ "$(number messages <"$folder/out")" = 0 ] && [ "$(number marks <"$folder/out")" = 0 ] || failed "$(cat "$folder/out")"
    replayed "$folder/a.mcap"
    same_as "$folder/in"
    exits_with 0 slotring forget r d
    exits_with 0 slotring forget r late
    exits_with 0 slotring rm r
}

# Producers wait for nobody for so long; what that cost is in the recording, and in the exit status.
case_record_tells_what_an_absence_cost() {
    local recorder messages missed
    ring r -n 8 -S 4K --absence 0.05
    "$program" record r -q -o "$folder/a.mcap" --durable d --follow &
    recorder=$!
    await has_readers r 1
    printf first | slotring write r -q
    await test_events 2
    kill -KILL $recorder
    wait $recorder 2>/dev/null
    head -c $((4096 * 50)) /dev/zero | slotring write r -q
    exits_with 8 slotring record r --json -o "$folder/a.mcap" --durable d
    messages=$(number messages <"$folder/out") missed=$(number missed <"$folder/out")
    [ $((messages + missed + $(number came_again <"$folder/out"))) -ge 50 ] || failed "$(cat "$folder/out")"
    replayed "$folder/a.mcap"
    # The first one is in the recording if the kill did not cut its chunk.
    [ $(($(number messages <"$folder/replay.json") + missed)) = 51 ] && [ "$(number missing <"$folder/replay.json")" = "$missed" ] ||
        failed "$messages and $missed missed: $(cat "$folder/replay.json")"
    exits_with 0 slotring forget r d
    exits_with 0 slotring rm r
}
# Has the recording of a.mcap the first message?
test_events() { grep -q first "$folder/a.mcap"; }

# A mark is in the recording once, between the same messages.
case_record_keeps_marks_over_kills() {
    local turn recorder
    ring r -n 32 -S 4K --absence 100
    for turn in 1 2 3 4 5 6; do
        "$program" record r -q -o "$folder/a.mcap" --durable d --follow 2>/dev/null &
        recorder=$!
        await has_readers r 1
        exits_with 0 slotring mark r user --value "$turn"
        printf %s "$turn" >"$folder/in"
        exits_with 0 slotring write r -q "$folder/in"
        sleep "0.$((RANDOM % 3))"
        kill -KILL $recorder
        wait $recorder 2>/dev/null
    done
    exits_with 0 slotring record r -q -o "$folder/a.mcap" --durable d
    ring s -n 32 -S 4K
    "$program" read s -q --marks --json -o "$folder/bytes" >"$folder/marks" 2>/dev/null &
    local reader=$!
    await has_readers s 1
    exits_with 0 slotring replay -q --ring s --speed max "$folder/a.mcap"
    ended_with 0 $reader
    [ "$(cat "$folder/bytes")" = 123456 ] || failed "replayed $(cat "$folder/bytes")"
    turn=$(sed -nE 's/^ *"(value|messages_before)": ([0-9]+),?$/\2/p' "$folder/marks" | tr '\n' ' ')
    [ "$turn" = "1 0 2 1 3 2 4 3 5 4 6 5 " ] || failed "marks and messages before them: $turn"
    exits_with 0 slotring forget r d
    exits_with 0 slotring rm r s
}

# Wherever a file is cut, its whole chunks are there; --repair gives it its index.
case_record_torn_anywhere() {
    local size turn before=-1 messages
    ring r -n 64 -S 128K
    "$program" record r -q -o "$folder/whole.mcap" &
    local recorder=$!
    await has_readers r 1
    head -c 1000000 /dev/urandom >"$folder/in"
    exits_with 0 slotring write r -q -b 100K "$folder/in"
    ended_with 0 $recorder
    exits_with 0 slotring rm r
    size=$(wc -c <"$folder/whole.mcap")
    for turn in $(seq 1 20) 99 100; do
        head -c $((size * turn / 100 * 5 % (size + 1))) "$folder/whole.mcap" >"$folder/cut.mcap"
        [ "$turn" -lt 99 ] || head -c $((size - 100 + turn)) "$folder/whole.mcap" >"$folder/cut.mcap"
        exits_with 0 slotring record --repair "$folder/cut.mcap"
        messages=$(sed -nE 's/.*: ([0-9]+) messages? in .*/\1/p' "$folder/said")
        [ "$messages" -ge "$before" ] || failed "a file of $turn parts has $messages messages; a shorter one had $before"
        before=$messages
        exits_with 0 slotring record --repair "$folder/cut.mcap"
        says "$messages message"
        says "whole as it was"
    done
    [ "$before" = 10 ] || failed "the whole file has $before messages"
    replayed "$folder/cut.mcap"
    [ "$(tr -d '\n' <"$folder/replayed" | wc -c)" = "$(tr -d '\n' <"$folder/in" | wc -c)" ] || failed "bytes are missing"
}

# A byte that is not what was written is told, and not replayed with --verify.
case_record_damaged() {
    ring r -n 64 -S 128K
    "$program" record r -q -o "$folder/a.mcap" &
    local recorder=$!
    await has_readers r 1
    head -c 400000 /dev/zero >"$folder/in"
    exits_with 0 slotring write r -q -b 100K "$folder/in"
    ended_with 0 $recorder
    exits_with 0 slotring rm r
    printf x | dd of="$folder/a.mcap" bs=1 seek=200000 conv=notrunc status=none
    exits_with 5 slotring record --repair "$folder/a.mcap"
    says "1 chunk has not the bytes that were written"
    exits_with 5 slotring replay --verify --ring none "$folder/a.mcap"
}

# A lossy recorder that was stopped says exactly how many messages it missed, and where.
case_record_lossy_gaps() {
    local recorder
    ring r -n 8 -S 4K
    "$program" record r -o "$folder/a.mcap" --json >"$folder/summary" 2>/dev/null &
    recorder=$!
    await has_readers r 1
    head -c 8192 /dev/zero >"$folder/in"
    "$program" write r -q --no-end "$folder/in" &
    local writer=$!
    await has_published r 2
    sleep 0.2
    kill -STOP $recorder
    head -c $((4096 * 100)) /dev/zero | slotring write r -q
    kill -TERM $writer
    wait $writer 2>/dev/null
    kill -CONT $recorder
    ended_with 0 $recorder
    local messages missed
    messages=$(number messages <"$folder/summary") missed=$(number missed <"$folder/summary")
    [ $((messages + missed)) = 102 ] || failed "$messages recorded and $missed missed of 102"
    [ "$missed" -ge 90 ] || failed "only $missed missed"
    replayed "$folder/a.mcap"
    [ "$(number missing <"$folder/replay.json")" = "$missed" ] || failed "the recording says $(number missing <"$folder/replay.json") are missing"
    exits_with 0 slotring rm r
}
has_published() { [ "$(slotring stat --json "$1" | number published)" = "$2" ]; }

# A lossy recorder that goes on with its file counts what came between.
case_record_goes_on() {
    local recorder
    ring r -n 8 -S 4K
    head -c $((4096 * 3)) /dev/zero >"$folder/in"
    exits_with 0 slotring write r -q "$folder/in"
    exits_with 0 slotring record r -q --oldest -o "$folder/a.mcap"
    head -c $((4096 * 20)) /dev/zero >"$folder/in"
    exits_with 0 slotring write r -q "$folder/in"
    exits_with 0 slotring record r --json -o "$folder/a.mcap"
    recorder=$(number messages <"$folder/out")
    [ $((recorder + $(number missed <"$folder/out"))) = 20 ] || failed "$(cat "$folder/out")"
    replayed "$folder/a.mcap"
    [ "$(number messages <"$folder/replay.json")" = $((3 + recorder)) ] || failed "$(cat "$folder/replay.json")"
    exits_with 0 slotring rm r
}

case_record_several_rings() {
    local recorder name
    for name in x y z; do ring $name -n 16 -S 64K; done
    "$program" record x y z -q -o "$folder/a.mcap" --durable d &
    recorder=$!
    for name in x y z; do await has_readers $name 1; done
    for name in x y z; do
        { echo $name; lines; } >"$folder/$name"
        "$program" write $name -q --records "$folder/$name" &
    done
    ended_with 0 $recorder
    exits_with 2 slotring replay --ring other "$folder/a.mcap"
    says "several rings"
    for name in x y z; do
        replayed --topic $name "$folder/a.mcap"
        same_as "$folder/$name"
        exits_with 0 slotring forget $name d
    done
    wait
    exits_with 0 slotring rm x y z
}

# What is there is never lost by a wrong word.
case_record_refuses() {
    local recorder
    ring r -n 8 -S 4K
    echo "a letter" >"$folder/a.mcap"
    exits_with 4 slotring record r -o "$folder/a.mcap"
    says "is not a recording"
    [ "$(cat "$folder/a.mcap")" = "a letter" ] || failed "it was changed"
    exits_with 5 slotring replay "$folder/a.mcap"
    exits_with 3 slotring replay "$folder/nothing.mcap"
    exits_with 3 slotring record --repair "$folder/nothing.mcap"
    exits_with 3 slotring record nothing -o "$folder/b.mcap"
    [ ! -e "$folder/b.mcap" ] || failed "it made a file for a ring that is not there"
    "$program" record r -q -o "$folder/b.mcap" --durable d --follow &
    recorder=$!
    await has_readers r 1
    await test -s "$folder/b.mcap"
    exits_with 4 slotring record r -o "$folder/b.mcap" --durable e
    says "another process is recording into it"
    exits_with 4 slotring record --repair "$folder/b.mcap"
    exits_with 4 slotring record r -o "$folder/c.mcap" --durable d
    [ ! -e "$folder/c.mcap" ] || failed "it made a file for a subscription that it did not get"
    kill -TERM $recorder
    ended_with 143 $recorder
    exits_with 0 slotring record --repair "$folder/b.mcap"
    says "whole as it was"
    exits_with 2 slotring record r --durable d --lossy
    exits_with 2 slotring record r --when-full drop-oldest
    exits_with 2 slotring record r r
    exits_with 0 slotring forget r d
    exits_with 0 slotring rm r
}

# A limit of the file's size is a full disk that can be made larger.
case_record_full_disk() {
    local recorder
    ring r -n 64 -S 64K --absence 100
    lines >"$folder/in"
    "$program" record r -q -o "$folder/none.mcap" --durable d --count 1 & # the subscription begins before the messages
    await has_readers r 1
    printf 'first\n' | slotring write r -q --records
    wait $!
    exits_with 0 slotring write r -q --records --timeout 60 "$folder/in"
    exits_with 10 bash -c 'trap "" XFSZ; ulimit -f 1000; exec "$0" record r -o "$1" --durable d' "$program" "$folder/a.mcap"
    says "all that came before is in it"
    (trap '' XFSZ && ulimit -Sf 1000 && exec "$program" record r -q -o "$folder/a.mcap" --durable d --when-full wait) &
    recorder=$!
    sleep 0.5
    kill -0 $recorder 2>/dev/null || failed "it does not wait for room"
    command -v prlimit >/dev/null || { kill -KILL $recorder && exits_with 0 slotring forget r d && exits_with 0 slotring rm r && exit 77; }
    prlimit --pid $recorder --fsize=unlimited: || failed "its limit cannot be raised"
    ended_with 0 $recorder
    replayed "$folder/a.mcap"
    same_as "$folder/in"
    exits_with 0 slotring forget r d
    exits_with 0 slotring rm r
}

case_record_drops_the_oldest_file() {
    local recorder
    [ "$(id -u)" -eq 0 ] && unshare --mount true 2>/dev/null || { echo "needs root and mount namespaces"; exit 77; }
    ring r -n 64 -S 64K
    mkdir "$folder/disk"
    unshare --mount bash -c 'mount -t tmpfs -o size=1500k none "$1/disk" &&
        "$0" record r --json -o "$1/disk/a.mcap" --rotate 300K --when-full drop-oldest --durable d >"$1/summary" 2>"$1/notes" &&
        cp "$1"/disk/*.mcap "$1/"' "$program" "$folder" &
    recorder=$!
    await has_readers r 1
    lines >"$folder/in"
    exits_with 0 slotring write r -q --records "$folder/in"
    ended_with 0 $recorder
    [ "$(number files_dropped <"$folder/summary")" -ge 3 ] || failed "$(cat "$folder/summary" "$folder/notes")"
    [ "$(number messages <"$folder/summary")" = 60002 ] || failed "$(cat "$folder/summary")"
    grep -q "removed $folder/disk/a-000001.mcap" "$folder/notes" || failed "it does not say what it removed"
    [ ! -e "$folder/a-000001.mcap" ] || failed "the oldest file is there"
    replayed "$folder"/a-*.mcap
    tail -c "$(wc -c <"$folder/replayed")" "$folder/in" | cmp - "$folder/replayed" || failed "other lines than the last ones"
    exits_with 0 slotring forget r d
    exits_with 0 slotring rm r
}

# The intervals are at least those that were recorded; --from, --to and --loop choose.
case_replay_times() {
    local recorder writer started there two recorded
    ring r -n 8 -S 4K
    mkfifo "$folder/pipe"
    exec 9<>"$folder/pipe"
    started=$(now_us)
    "$program" record r -q -o "$folder/a.mcap" 9<&- &
    recorder=$!
    await has_readers r 1
    there=$(now_us) # the recording began between the two
    "$program" write r -q -b 1 <"$folder/pipe" 9<&- &
    writer=$!
    printf 12 >&9
    await all_recorded 2
    two=$(now_us)
    sleep "$(seconds $((there - started + 500000)))"
    printf 34 >&9
    exec 9>&-
    ended_with 0 $writer
    ended_with 0 $recorder
    recorded=$(apart r)
    ring s -n 8 -S 4K
    exits_with 0 slotring replay -q "$folder/a.mcap" --ring s
    [ "$(apart s)" -ge $((recorded - 250000000)) ] || failed "replayed within $(apart s) ns, and recorded within $recorded"
    exits_with 0 slotring replay -q --json --speed 4 --to "$(seconds $((two - started)))" --loop 3 "$folder/a.mcap" --ring s
    [ "$(number messages <"$folder/out")" = 6 ] || failed "$(cat "$folder/out")"
    exits_with 0 slotring replay -q --json --speed max --from "$(seconds $((two - started + 1)))" "$folder/a.mcap" --ring s
    [ "$(number messages <"$folder/out")" = 2 ] || failed "$(cat "$folder/out")"
    exits_with 0 slotring rm r s
}
now_us() { echo "${EPOCHREALTIME/[.,]/}"; }
seconds() { printf '%d.%06d' $(($1 / 1000000)) $(($1 % 1000000)); } # MICROSECONDS
# Have so many been published in ring r, and has the recorder had them?
all_recorded() { [ "$(slotring stat --json r | number published)" = "$1" ] && [ "$(slotring stat --json r | number lag)" = 0 ]; }
# Nanoseconds between the first and the last message that is there.
apart() { # RING
    local times
    mapfile -t times < <(slotring peek "$1" --last 8 --json | sed -nE 's/.*"time_ns": ?([0-9]+).*/\1/p')
    [ ${#times[@]} = 4 ] && echo $((times[3] - times[0]))
}

# Tags, and each ring by the name that was recorded, made as it was.
case_replay_makes_the_ring() {
    local recorder
    ring r -n 8 -S 4K
    "$program" record r -q -o "$folder/a.mcap" &
    recorder=$!
    await has_readers r 1
    printf a | slotring write r -q --tag 77
    ended_with 0 $recorder
    exits_with 0 slotring rm r
    exits_with 3 slotring replay "$folder/a.mcap"
    exits_with 0 slotring replay -q --create "$folder/a.mcap"
    exits_with 0 slotring peek r --tag 77 --json
    prints '"length":1'
    exits_with 0 slotring stat --json r
    [ "$(number slot_size <"$folder/out")" = 4096 ] || failed "another slot size"
    exits_with 0 slotring rm r
}
