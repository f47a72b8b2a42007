# SPDX-License-Identifier: Apache-2.0
# hz: who publishes how much, and how late readers are.
# shellcheck shell=bash

column() { awk -v name="$1" -v at="$2" '$1 == name { sub("/s", "", $at); print $at }' "$folder/out"; } # NAME NUMBER

# Two producers in one ring, of which one publishes twice as much as the other, whatever the time; and a reader that stands still.
case_hz_by_producer() {
    exits_with 0 slotring create r -n 16384 -S 64 --time monotonic
    "$program" read r -q --null --name online 2>/dev/null &
    local reader=$! one two feeder
    await has_readers r 1
    kill -STOP $reader
    mkfifo "$folder/one" "$folder/two"
    exec 8<>"$folder/one" 9<>"$folder/two"
    "$program" write r -q -b 64 --name small <"$folder/one" 8<&- 9<&- &
    one=$!
    "$program" write r -q -b 64 --name large <"$folder/two" 8<&- 9<&- &
    two=$!
    while head -c 640 /dev/zero >&8 && head -c 1280 /dev/zero >&9; do sleep 0.02; done 2>/dev/null &
    feeder=$!
    await has_producers r 2
    exits_with 0 slotring hz r --interval 1 --count 1
    [ "$(awk -v a="$(column small 3)" -v b="$(column large 3)" 'BEGIN { print (a > 0 && b > a && b > 1.7 * a - 40 && b < 2.3 * a + 40) }')" = 1 ] ||
        failed "not twice as much: $(cat "$folder/out")"
    # The pipes are filled by turns, with ten and with twenty messages. A producer that is between its two counts has ten messages in the one and not yet in the other.
    [ "$(awk -v a="$(column small 6)" -v b="$(column large 6)" 'BEGIN { print (a > 48 && a < 80 && b > 48 && b < 80) }')" = 1 ] ||
        failed "messages of 64 B: $(cat "$folder/out")"
    [ "$(column online 4)" -gt 0 ] && [ "$(column online 5)" != - ] || failed "the reader is not late: $(cat "$folder/out")"
    prints "from one message to the next: "
    exits_with 0 slotring hz r --interval 0.1 --count 2 --json
    [ "$(grep -c '"name":"large","pid":[0-9]*,"messages_per_second":[1-9]' "$folder/out")" -eq 2 ] || failed "$(cat "$folder/out")"
    kill -KILL $reader $feeder
    kill -TERM $one $two
    wait $one $two
    exits_with 0 slotring hz r --interval 0.01 --count 1
    prints "ring r: 0 msg/s, 0 B/s"
    exits_with 0 slotring rm -f r
}

# Records have no place of their own in the order: their writers count them.
case_hz_of_records() {
    exits_with 0 slotring create r -n 16 -S 1K
    { while echo line; do sleep 0.001; done; } 2>/dev/null | "$program" write r -q --records --name board &
    local writer=$!
    await has_producers r 1
    exits_with 0 slotring hz r --interval 0.5 --count 1
    [ "$(column board 3 | tr -d k.)" -gt 0 ] || failed "$(cat "$folder/out")"
    awk '$1 == "0" && $2 == "board" && $3 ~ /[1-9].*\/s/ && $4 ~ /[1-9]/ && $6 == 4 && $7 == "B" { found = 1 } END { exit !found }' "$folder/out" ||
        failed "no row of its writer: $(cat "$folder/out")"
    exits_with 0 slotring hz r --interval 0.2 --count 1 --json
    grep -qE '"writers":\[\{"writer":0,"name":"board","messages_per_second":[1-9][0-9.]*,"bytes_per_second":[1-9]' "$folder/out" || failed "$(cat "$folder/out")"
    kill -TERM $writer
    wait $writer
    exits_with 0 slotring rm -f r
}

case_hz_of_nothing() {
    exits_with 3 slotring hz nosuch --count 1
    exits_with 2 slotring hz r --interval 0
    exits_with 2 slotring hz
}
