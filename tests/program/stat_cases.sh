# SPDX-License-Identifier: Apache-2.0
# What stat says in its first line, and that the commands below it help, as they are printed.
# shellcheck shell=bash

ring() { exits_with 0 slotring create r -n 16 -S 1K "$@"; }

first_line() { slotring stat r | head -1; }
says_first() { [[ $(first_line) == "$1"* ]]; }

says_a_rate() { [[ $(first_line) =~ ^OK\ [0-9.]+k?\ msg/s$ ]]; }

# Runs the command of that number below the verdict, in a shell that finds the program.
remedy() { # NUMBER
    local command
    command=$(slotring stat r | sed -n 's/^    \(slotring\|kill\|echo\) /\1 /p' | sed -n "$1p")
    [ -n "$command" ] || failed "there is no remedy $1: $(slotring stat r | head -8)"
    mkdir -p "$folder/bin"
    ln -sf "$program" "$folder/bin/slotring"
    PATH=$folder/bin:$PATH bash -c "$command" >"$folder/out" 2>"$folder/said" || failed "does not run: $command"
}

# Starts a writer that the reader "online" holds back.
block() { # READER ARGUMENT...
    "$program" read r -q --null --name online "$@" 2>"$folder/reader" &
    reader=$!
    await has_readers r 1
    kill -STOP $reader
    "$program" write r -q <(head -c 100000 /dev/zero) &
    writer=$!
    await says_first "BLOCKED since"
}

case_a_stopped_reader_is_continued_as_stat_says() {
    ring
    block
    says_first "BLOCKED since" || failed "$(first_line)"
    [[ $(first_line) == *"by reader \"online\", pid $reader, stopped, 16 messages behind" ]] || failed "$(first_line)"
    exits_with 0 slotring stat r --json
    prints '"state": "BLOCKED"'
    prints "\"command\": \"kill -CONT $reader\""
    remedy 1
    ended_with 0 $writer
    ended_with 0 $reader
    says_first "ENDED after 98 messages" || failed "$(first_line)"
    exits_with 0 slotring rm r
}

case_a_stopped_reader_is_killed_as_stat_says() {
    ring
    block
    remedy 2
    ended_with 137 $reader
    ended_with 0 $writer
    exits_with 0 slotring rm r
}

case_a_slow_reader_is_made_lossy_as_stat_says() {
    ring
    "$program" read r -q --null --name online --delay-us 1000000 2>"$folder/reader" &
    reader=$!
    await has_readers r 1
    "$program" write r -q <(head -c 100000 /dev/zero) &
    writer=$!
    await says_first "BLOCKED since"
    [[ $(first_line) == *"pid $reader, running"* ]] || failed "$(first_line)"
    remedy 1
    ended_with 0 $writer
    exits_with 0 slotring rm -f r
}

case_a_subscription_that_nobody_has_is_ended_as_stat_says() {
    ring
    exits_with 6 slotring read r -q --null --durable "the recorder" --timeout 0.01
    says_first 'WARNING producers will wait for durable subscription "the recorder"' || failed "$(first_line)"
    remedy 2
    says_first "NO PRODUCER" || failed "$(first_line)"
    exits_with 0 slotring rm r
}

case_a_full_ring_that_keeps_says_so() {
    ring --keep
    exits_with 6 eval "head -c 100000 /dev/zero | slotring write r -q --timeout 0.01"
    says_first "FULL keeps 16 messages that nobody has freed" || failed "$(first_line)"
    remedy 1
}

# The writer has a slot for records, and room in it.
case_a_full_ring_that_keeps_does_not_blame_a_writer() {
    ring --keep
    mkfifo "$folder/pipe"
    exec 9<>"$folder/pipe"
    "$program" write r -q --records <"$folder/pipe" 2>"$folder/writer" 9<&- &
    writer=$!
    echo line >&9
    await has_records r 1
    exits_with 6 eval "head -c 100000 /dev/zero | slotring write r -q --timeout 0.01"
    says_first "FULL keeps 15 messages that nobody has freed" || failed "$(first_line)"
    kill -TERM $writer
    wait $writer
    exits_with 0 slotring rm -f r
}
has_records() { [ "$(slotring stat --json "$1" | number records)" = "$2" ]; }

# slotring write waits in one call after the other, each for a moment.
case_a_wait_is_no_younger_than_the_standstill() {
    ring
    block
    says_longer() { [[ $(first_line) =~ ^BLOCKED\ since\ [0-9.]+\ m?s\ \(nothing\ was\ published\ for\ [0-9.]+\ s\)\ by\ reader ]]; }
    await says_longer
    kill -CONT $reader
    ended_with 0 $writer
    ended_with 0 $reader
    exits_with 0 slotring rm r
}

case_a_run_that_is_over_waits_for_nobody() {
    ring
    "$program" read r -q --null --name online 2>"$folder/reader" &
    reader=$!
    await has_readers r 1
    kill -STOP $reader
    exits_with 0 slotring write r -q <(head -c 3000 /dev/zero)
    says_first "ENDED after 3 messages" || failed "$(first_line)"
    [[ $(first_line) == *"; the next will wait for reader \"online\", pid $reader, stopped, 3 messages behind" ]] || failed "$(first_line)"
    remedy 1
    ended_with 0 $reader
    exits_with 0 slotring rm r
}

case_the_remedy_names_the_folder() {
    local place="$folder/a folder"
    mkdir "$place"
    exits_with 0 slotring create r -n 16 -S 1K --keep -d "$place"
    exits_with 6 eval "head -c 100000 /dev/zero | slotring write r -q --timeout 0.01 -d '$place'"
    exits_with 0 slotring stat r -d "$place"
    prints "slotring rm --force --directory '$place' r"
    exits_with 0 slotring rm r --force -d "$place"
}

# One who looks once sees a rate, too.
case_a_ring_that_moves_is_ok() {
    ring
    { while :; do echo line; done; } | "$program" write r -q --records &
    writer=$!
    await has_producers r 1
    await says_a_rate
    kill -TERM $writer
    wait $writer
    exits_with 0 slotring rm -f r
}

# A log of looks can be laid beside a log book; and what a reader's gap is stands there, too.
case_json_says_when_it_looked() {
    ring
    local before after looked
    before=$(date +%s)
    exits_with 0 slotring stat r --json
    after=$(date +%s)
    looked=$(number time_of_day_ns <"$folder/out")
    [ $((looked / 1000000000)) -ge "$before" ] && [ $((looked / 1000000000)) -le "$after" ] || failed "$looked is not now"
    prints "\"time\": \"$(date -u -d "@$((looked / 1000000000))" +%FT%T)."
    "$program" read r -q --null &
    reader=$!
    await has_readers r 1
    exits_with 0 slotring stat r --json
    prints '"gap": 0'
    kill -TERM $reader
    ended_with 143 $reader
    exits_with 0 slotring rm r
}

# The number alone may have come to mean another process, or the process may have attached anew.
case_a_kill_means_the_participant_that_was_seen() {
    ring
    block
    local incarnation
    incarnation=$(slotring stat r | sed -n "s/.*recover r --kill $reader:\([0-9]*\)\$/\1/p")
    [ -n "$incarnation" ] || failed "stat does not say which participant it is"
    exits_with 3 slotring recover r --kill "$reader:$((incarnation + 2))"
    says "attached anew to ring r since then; nothing was killed"
    exits_with 0 slotring recover r --kill "$reader:$incarnation" --dry-run
    prints "the 16 messages that reader \"online\" has not read are lost to it"
    exits_with 0 slotring recover r --kill "$reader" --dry-run --json
    prints '"killed": null'
    prints 'the 16 messages that reader \"online\" has not read are lost to it'
    says_first "BLOCKED since" || failed "a dry run has killed it: $(first_line)"
    exits_with 2 slotring recover r --dry-run
    exits_with 2 slotring recover r --kill "$reader:x"
    exits_with 2 slotring recover r --kill ":7"
    exits_with 0 slotring recover r --kill "$reader:$incarnation"
    prints "the 16 messages that reader \"online\" has not read are lost to it"
    prints "killed process $reader"
    ended_with 137 $reader
    ended_with 0 $writer
    exits_with 0 slotring rm r
}
