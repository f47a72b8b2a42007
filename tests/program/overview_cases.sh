# SPDX-License-Identifier: Apache-2.0
# stat of several rings: a line for each, the worst first. And limits that wake an operator.
# shellcheck shell=bash

ring() { exits_with 0 slotring create "$1" -n 16 -S 1K "${@:2}"; }

# A producer of this ring waits for a reader "online" that is stopped.
block() { # RING
    "$program" read "$1" -q --null --name online 2>"$folder/reader" &
    reader=$!
    await has_readers "$1" 1
    kill -STOP $reader
    "$program" write "$1" -q --name board <(head -c 100000 /dev/zero) &
    writer=$!
    await is_blocked "$1"
}
is_blocked() { [[ $(slotring stat "$1" | head -1) == "BLOCKED since"* ]]; }
go_on() {
    kill -CONT $reader
    ended_with 0 $writer
    ended_with 0 $reader
}
row() { sed -n "s/^$1  *//p" "$folder/out"; } # RING
first_row() { sed -n '/^RING /{n;p}' "$folder/out"; }

case_rings_at_a_glance() {
    ring a
    ring b --keep --time monotonic
    ring c
    exits_with 6 eval "head -c 100000 /dev/zero | slotring write b -q --timeout 0.01"
    block c
    exits_with 0 slotring stat
    [[ $(head -1 "$folder/out") == "BLOCKED c: since "*"by reader \"online\", pid $reader, stopped, 16 messages behind" ]] || failed "$(head -1 "$folder/out")"
    prints "kill -CONT $reader"
    [[ $(first_row) == "c "* ]] || failed "the worst is not the first: $(first_row)"
    [[ $(row c) == "BLOCKED "*"100 %"*" 16  online "*" board "*" $(id -un) "*" s  online, pid $reader" ]] || failed "$(row c)"
    [[ $(row b) == "FULL "*"100 %"*" ms "* || $(row b) == "FULL "*"100 %"*" s "* ]] || failed "$(row b)"
    [[ $(row a) == "NO PRODUCER "*"0 %"* ]] || failed "$(row a)"
    go_on
    exits_with 0 slotring rm -f a b c
}

case_rings_by_name() {
    ring a
    ring b
    ring c
    exits_with 0 slotring stat a b
    [ -n "$(row a)" ] && [ -n "$(row b)" ] && [ -z "$(row c)" ] || failed "not those that were asked for"
    exits_with 3 slotring stat a nothing
    [[ $(row nothing) == "GONE "*"does not exist"* ]] || failed "$(row nothing)"
    [ -n "$(row a)" ] || failed "one that is not there hides another one"
    exits_with 0 slotring stat a b --json
    [ "$(grep -c '"state": "NO PRODUCER"' "$folder/out")" -eq 2 ] || failed "not both"
    exits_with 0 slotring stat a b --interval 0.01 --count 3
    [ "$(grep -c '^a ' "$folder/out")" -eq 3 ] || failed "not three times"
    exits_with 0 slotring rm a b c
    exits_with 0 slotring stat
    prints "there is no ring"
}

case_alarm_of_a_lag_and_a_wait() {
    ring r
    exits_with 0 slotring stat r --alarm lag=80%,blocked=0.2s,loss
    prints "OK r: NO PRODUCER"
    prints "| 'lag'=0%;80;80 'blocked'=0s;0.2;0.2 'loss'=0;1;1"
    block r
    exits_with 2 slotring stat r --alarm lag=50%:80%
    prints "CRITICAL r: lag 100 %: BLOCKED since"
    exits_with 2 slotring stat r --alarm blocked=200ms
    prints "CRITICAL r: blocked"
    exits_with 1 slotring stat r --alarm blocked=0.2:1000
    prints "WARNING r: blocked"
    exits_with 0 slotring stat r --alarm blocked=1000
    exits_with 2 slotring stat r --alarm fill=100%
    exits_with 2 slotring stat r --alarm lag=80% --json
    prints '"level": "CRITICAL"'
    go_on
    exits_with 0 slotring rm -f r
}

# A lossy reader that could not keep up.
case_alarm_of_a_loss() {
    ring r
    "$program" read r -q --null --lossy 2>"$folder/reader" &
    local a=$!
    await has_readers r 1
    kill -STOP $a
    mkfifo "$folder/pipe"
    exec 9<>"$folder/pipe"
    "$program" write r -q <"$folder/pipe" 9<&- &
    local w=$!
    head -c 51200 /dev/zero >&9
    all_written() { [ "$(slotring stat --json r | number published)" = 50 ]; }
    await all_written
    kill -CONT $a
    missed() { ! slotring stat r --alarm loss; }
    await missed
    exits_with 2 slotring stat r --alarm loss
    prints "CRITICAL r: loss 3" # 16 of 50 were there; and perhaps it had begun with one
    exits_with 0 slotring stat r --alarm loss=36
    exits_with 1 slotring stat r --alarm loss=30:36
    kill -TERM $a $w
    wait $a $w
    exits_with 0 slotring rm -f r
}

# Nothing has been published since it has begun.
case_alarm_ends_a_watch() {
    ring r
    mkfifo "$folder/pipe"
    exec 9<>"$folder/pipe"
    "$program" write r -q <"$folder/pipe" 9<&- &
    local w=$!
    head -c 1024 /dev/zero >&9
    "$program" read r --timeout 30 -q --null &
    local a=$!
    exits_with 2 slotring stat r --alarm idle=0.3s --interval 0.05
    prints "CRITICAL r: idle "
    kill -TERM $a $w
    wait $a $w
    exits_with 0 slotring stat r --alarm lag=90% --interval 0.01 --count 2
    exits_with 0 slotring rm -f r
}

case_alarm_knows_what_it_does_not_know() {
    exits_with 3 slotring stat r --alarm lag=80%
    prints "UNKNOWN r: "
    exits_with 3 slotring stat --alarm lag=80%
    prints "UNKNOWN there is no ring"
    ring r
    exits_with 3 slotring stat r --alarm lag=80
    says "expects a percentage, such as 80%"
    exits_with 3 slotring stat r --alarm lag
    says "expects a limit, such as lag=80%"
    exits_with 3 slotring stat r --alarm blocked=2:1
    says "the limit of the warning comes first"
    exits_with 3 slotring stat r --alarm lag=101%
    exits_with 3 slotring stat r --alarm lagg=80%
    says "each one of lag, fill, blocked, idle, loss"
    exits_with 3 slotring stat r --alarm ,
    exits_with 0 slotring rm r
}
