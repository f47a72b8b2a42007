# SPDX-License-Identifier: Apache-2.0
# Messages as slotring peek shows them: the right ones, their bytes exact, and nobody waits for it.
# shellcheck shell=bash

# Each word is a message with a slot to itself; the tags count from 0.
ring_of() { # WORD...
    local tag=0 word
    exits_with 0 slotring create r -n 8 -S 4K --time monotonic
    for word in "$@"; do
        printf %s "$word" >"$folder/in"
        slotring write r -q --tag $tag "$folder/in" || failed "write"
        tag=$((tag + 1))
    done
}
sequences() { sed -nE 's/^\{"sequence":([0-9]+),.*/\1/p' "$folder/out" | tr '\n' ' '; }
shows() { # SEQUENCES COMMAND...
    local wanted=$1
    shift
    exits_with 0 slotring peek r --json "$@"
    [ "$(sequences)" = "$wanted" ] || failed "shows $(sequences), not $wanted: $*"
}

case_peek_chooses() {
    ring_of a b c d e f
    shows "5 "
    shows "5 " --latest
    shows "3 4 5 " --last 3
    shows "0 1 2 3 4 5 " --last 100
    shows "2 " --sequence 2
    shows "4 " --tag 4
    shows "0 2 4 " --every 2 --last 9
    shows "2 4 " --every 2 --last 2
    exits_with 3 slotring peek r --sequence 6
    says "not published yet"
    exits_with 3 slotring peek r --tag 77
    says "no such message"
    exits_with 3 slotring peek r --sequence 1 --tag 4
    says "another tag"
    exits_with 0 slotring rm r
}

# It takes no place: the ring goes on over what it shows.
case_peek_holds_nothing() {
    ring_of a b c
    exits_with 0 slotring peek r --last 3
    exits_with 0 slotring stat --json r
    [ "$(number participants <"$folder/out")" = 0 ] || failed "it is a participant"
    head -c 81920 /dev/zero | slotring write r -q --timeout 5 || failed "a producer waits"
    exits_with 3 slotring peek r --sequence 0
    says "sequence 0 is gone"
    exits_with 0 slotring rm r
}

# As hexdump -C prints it.
case_peek_hex() {
    ring_of "$(printf 'ABCDEFGHIJKLMNOPQ\033')"
    exits_with 0 slotring peek r
    prints '00000000  41 42 43 44 45 46 47 48  49 4a 4b 4c 4d 4e 4f 50  |ABCDEFGHIJKLMNOP|'
    prints '00000010  51 1b                                             |Q.|'
    exits_with 0 slotring peek r --json --bytes 3
    prints '"hex":"414243"'
    exits_with 0 slotring peek r --bytes 3
    prints "the first 3 of 18 bytes"
    exits_with 0 slotring rm r
}

case_peek_text() {
    ring_of "$(printf 'one\\ \302\265\033[2J\377')"
    exits_with 0 slotring peek r --format text
    [ "$(tail -n 1 "$folder/out")" = "$(printf 'one\\\\ \302\265\\x1b[2J\\xff')" ] || failed "$(cat "$folder/out")"
    exits_with 0 slotring rm r
}

# Tried with Python's struct, which made the bytes: pack('<bHiqQ2s?ef', -2, 65535, -3, -4, 2**64 - 1, b'ok', True, 1.5, -0.25)
case_peek_struct() {
    exits_with 0 slotring create r -n 8 -S 4K
    printf '\376\377\377\375\377\377\377\374\377\377\377\377\377\377\377\377\377\377\377\377\377\377\377ok\001\000\076\000\000\200\276' >"$folder/in"
    slotring write r -q "$folder/in" || failed "write"
    exits_with 0 slotring peek r --json --format 'struct:<bHiqQ2s?ef'
    prints '"values":[-2,65535,-3,-4,"18446744073709551615","ok",true,1.5,-0.25]'
    exits_with 0 slotring peek r --format 'struct:>3H'
    prints "65279 65533 65535"
    exits_with 0 slotring peek r --json --format 'struct:bi' # the int stands at 4 in native form
    prints '"shown":8'
    printf '\000\174\001\374\000\374\000\000\000\000\000\000\360\177' >"$folder/in" # pack('<eeed', inf, nan, -inf, inf)
    slotring write r -q "$folder/in" || failed "write"
    exits_with 0 slotring peek r --json --format 'struct:<eeed'
    prints '"values":["inf","nan","-inf","inf"]'
    exits_with 1 slotring peek r --sequence 0 --format 'struct:<5q'
    says "has 32 bytes, the format <5q needs 40"
    exits_with 0 slotring rm r
}

case_peek_refuses() {
    local format
    exits_with 0 slotring create r -n 8 -S 4K
    for format in struct: 'struct:<' 'struct:<w' 'struct:<3' 'struct:<n' 'struct:9999999B' 'struct:4 ' octal; do
        exits_with 2 slotring peek r --format "$format"
        says "--format $format"
    done
    exits_with 2 slotring peek r --last 0
    exits_with 2 slotring peek r --last 1 --latest
    exits_with 2 slotring peek r --every 0
    exits_with 2 slotring peek r --count 1
    exits_with 2 slotring peek r --bytes 3 --format 'struct:<H'
    exits_with 3 slotring peek r
    says "no such message"
    exits_with 3 slotring peek nosuch
    exits_with 0 slotring rm r
}

# A message that takes several slots is copied whole.
case_peek_spans() {
    exits_with 0 slotring create r -n 8 -S 4K
    head -c 10000 /dev/zero | tr '\0' x | slotring write r -q --records || failed "write"
    exits_with 0 slotring peek r --json --bytes 2
    prints '"length":10000,"slots":3'
    prints '"hex":"7878"'
    exits_with 0 slotring peek r --json --bytes 2 --writer 0
    prints '"length":10000,"slots":3'
    exits_with 0 slotring rm r
}

numbers() { sed -nE 's/^.*"writer":0,"number":([0-9]+),.*/\1/p' "$1" | tr '\n' ' '; } # FILE
shows_numbers() { # NUMBERS OPTION...
    local wanted=$1
    shift
    exits_with 0 slotring peek r --json "$@"
    [ "$(numbers "$folder/out")" = "$wanted" ] || failed "shows $(numbers "$folder/out"), not $wanted: $*"
}

# Records of a slot that is complete, and of one that its writer still fills.
case_peek_records() {
    local writer
    exits_with 0 slotring create r -n 8 -S 4K --time monotonic
    exits_with 3 slotring peek r --writer 0
    seq 0 1999 | slotring write r -q --records --tag 7 || failed "write"
    shows_numbers "1999 "
    shows_numbers "1997 1998 1999 " --last 3
    shows_numbers "1980 1990 " --last 2 --every 10
    shows_numbers "1234 " --writer 0 --number 1234 --format text
    prints '"text":"1234"'
    exits_with 0 slotring peek r --writer 0 --number 1234 --format text
    prints "record  tag 7  4 B"
    prints "writer 0 number 1234"
    exits_with 0 slotring peek r --writer 0 --number 1234 --format 'struct:BB'
    prints "49 50"
    exits_with 3 slotring peek r --writer 0 --number 1234 --tag 8
    says "number 1234 of writer 0 has another tag"
    exits_with 3 slotring peek r --writer 0 --number 2000
    says "writer 0 has not written number 2000 yet"
    exits_with 3 slotring peek r --writer 1 --last 5
    exits_with 3 slotring peek r --writer 4000
    says "--writer 4000: the ring has room for"
    exits_with 3 slotring peek r --sequence $(($(slotring stat --json r | number published) - 1))
    says "--writer and --number show one of them"
    exits_with 2 slotring peek r --number 5
    exits_with 2 slotring peek r --writer 0 --sequence 5
    mkfifo "$folder/pipe"
    exec 9<>"$folder/pipe"
    "$program" write r -q --records <"$folder/pipe" 9<&- &
    writer=$!
    seq 2000 2002 >&9
    await slotring peek r --writer 0 --number 2002
    shows_numbers "2001 2002 " --last 2
    seq 2003 6000 >&9 # laps
    await slotring peek r --writer 0 --number 6000
    exits_with 3 slotring peek r --writer 0 --number 2002
    says "number 2002 of writer 0 is gone, or was skipped"
    exec 9>&-
    ended_with 0 $writer
    exits_with 0 slotring stat --json r
    [ "$(number participants <"$folder/out")" = 0 ] || failed "it is a participant"
    exits_with 0 slotring rm r
}

# By their time stamps, or by the places of their slots in the ring.
case_peek_records_among_others() {
    local way
    for way in monotonic none; do
        exits_with 0 slotring create r -n 8 -S 4K --time $way
        printf a >"$folder/in"
        slotring write r -q "$folder/in" && printf 'b\nc\n' | slotring write r -q --records && slotring write r -q "$folder/in" &&
            printf 'd\n' | slotring write r -q --records || failed "write"
        exits_with 0 slotring peek r --json --last 9 --format text
        [ "$(sed -nE 's/.*"text":"(.)".*/\1/p' "$folder/out" | tr -d '\n')" = abcad ] || failed "$way: $(cat "$folder/out")"
        exits_with 0 slotring peek r --json --last 2 --format text
        [ "$(sed -nE 's/.*"text":"(.)".*/\1/p' "$folder/out" | tr -d '\n')" = ad ] || failed "$way: $(cat "$folder/out")"
        exits_with 0 slotring rm r
    done
}

# Behind a writer that goes on over what it has not seen: each record is shown or counted as gone, in the order.
case_peek_follows_records() {
    local follower shown missed
    exits_with 0 slotring create r -n 8 -S 4K --time monotonic
    seq 0 9 | slotring write r -q --records || failed "write"
    "$program" peek r --json --bytes 8 --last 3 --follow --format text >"$folder/followed" 2>"$folder/missed" &
    follower=$!
    await grep -q '"text":"9"' "$folder/followed"
    seq 10 199999 | slotring write r -q --records || failed "write"
    printf 'end\n' | slotring write r -q --records || failed "write"
    await grep -q '"text":"end"' "$folder/followed"
    kill -TERM $follower
    ended_with 143 $follower
    shown=$(wc -l <"$folder/followed")
    missed=$(sed -nE 's/.*: ([0-9]+) messages? had gone .*/\1/p' "$folder/missed")
    [ $((shown + ${missed:-0})) -eq $((200001 - 7)) ] || failed "$shown shown + ${missed:-0} gone are not 199994"
    numbers "$folder/followed" | tr ' ' '\n' | sed '$d' | sort -c -n -u || failed "not in order"
    sed -nE '/"text":"end"/d; s/.*"number":([0-9]+),.*"text":"([0-9]+)".*/\1 \2/p' "$folder/followed" | awk '$1 != $2 { exit 1 }' || failed "another text"
    exits_with 0 slotring rm r
}

case_peek_follows() {
    local follower
    ring_of a b
    "$program" peek r --json --last 1 --follow --count 3 >"$folder/followed" 2>"$folder/said" &
    follower=$!
    await grep -q '"sequence":1,' "$folder/followed"
    printf c | slotring write r -q && printf d | slotring write r -q || failed "write"
    ended_with 0 $follower
    [ "$(grep -c '"sequence"' "$folder/followed")" -eq 3 ] || failed "not three messages"
    grep -q '"sequence":3,.*"hex":"64"' "$folder/followed" || failed "not the last one"
    exits_with 0 slotring rm r
}

# Behind a producer that it cannot keep up with: each message is shown or counted as gone, in the order.
case_peek_counts_what_it_misses() {
    local follower shown missed published
    ring_of a
    "$program" peek r --json --bytes 0 --last 1 --follow >"$folder/followed" 2>"$folder/missed" &
    follower=$!
    await grep -q '"sequence":0,' "$folder/followed"
    head -c 20000000 /dev/zero | slotring write r -q || failed "write"
    printf end | slotring write r -q --tag 99 || failed "write"
    await grep -q '"tag":99,' "$folder/followed"
    kill -TERM $follower
    ended_with 143 $follower
    shown=$(wc -l <"$folder/followed")
    missed=$(sed -nE 's/.*: ([0-9]+) messages? had gone .*/\1/p' "$folder/missed")
    published=$(slotring stat --json r | number published)
    [ $((shown + ${missed:-0})) -eq "$published" ] || failed "$shown shown + ${missed:-0} gone is not $published"
    sed -nE 's/^\{"sequence":([0-9]+),.*/\1/p' "$folder/followed" | sort -c -n -u || failed "not in order"
    exits_with 0 slotring rm r
}
