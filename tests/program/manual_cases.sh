# SPDX-License-Identifier: Apache-2.0
# The examples of the manual pages are run, as they stand there but for the sizes.
# shellcheck shell=bash

pages=$(cd "$(dirname "${BASH_SOURCE[0]}")/../../tools/man" && pwd)

# Each example of a page on a line: those of .Dl, and each block as one. What a block shows as output is indented.
examples_of() { # PAGE
    awk '/^\.Sh / { examples = ($2 == "EXAMPLES") }
        !examples { next }
        /^\.Dl / { print substr($0, 5) }
        /^\.Ed/ { print block; inside = 0 }
        inside && (!/^ / || block ~ /(&&|\|)$/) { gsub(/^ +/, ""); block = block (block == "" || block ~ /(&|\|)$/ ? " " : "; ") $0 }
        /^\.Bd/ { inside = 1; block = "" }' "$1" |
        sed -E 's/\\e/\\/g; s/\\\(dq/"/g; s/\b1G\b/16M/g; s/\b4G\b/64M/g; s/127\.0\.0\.1:9650/127.0.0.1:0/; s/^ +//'
}

# Programs of the examples that are not ours.
strangers() {
    local name
    mkdir "$folder/bin" "$folder/here"
    ln -s "$program" "$folder/bin/slotring"
    for name in detector tar tail; do
        printf '#!/bin/sh\nseq 1 2000\n' >"$folder/bin/$name"
    done
    for name in monitor jq; do
        printf '#!/bin/sh\nexec cat >/dev/null\n' >"$folder/bin/$name"
    done
    chmod +x "$folder/bin"/*
    seq 1 2000 >"$folder/here/run1.raw"
    cp "$pages/../../docs/examples/rings.json" "$folder/here"
}

# Rings as the examples presume them, with readers and messages. The processes end with tear_down.
set_up() {
    local ring
    children=()
    for ring in daq run raw events test; do
        exits_with 0 slotring create $ring -n 64 -S 4K --max-groups 2 --time coarse
        "$program" read $ring --name online -q --null --follow &
        children+=($!)
        "$program" read $ring --name display -q --null --follow &
        children+=($!)
    done
    "$program" read daq --group workers --tries 2 -q --null --follow &
    children+=($!)
    await has_readers run 2
    await has_readers daq 4 # the group is one itself
    head -c 2000 /dev/zero >"$folder/in"
    exits_with 0 slotring write daq -q --chunk 100 "$folder/in"
}

# Streams that begin and end, for readers that come at any time.
feed() {
    while "$program" write daq -q --chunk 100 "$folder/in" 2>/dev/null; do sleep 0.05; done
}

tear_down() {
    local child
    for child in "${children[@]}"; do
        kill -KILL "$child" 2>/dev/null
        wait "$child" 2>/dev/null
    done
    slotring ls --json | sed -nE 's/^ *"name": "(.*)",$/\1/p' | while read -r ring; do slotring rm --force "$ring" >/dev/null; done
    rm -f "$SLOTRING_DIR"/*
}

# What an example has in the background is ended with it: a reader that comes when the stream is over waits for the next one.
# Is this what the example may end with? 124: it goes on until it is stopped.
is_good() { # EXAMPLE STATUS
    case $1:$2 in
        *:0 | *" --interval "*:124 | *" --follow"*:124 | *" --listen "*:124 | *" --loop "*:124 | "slotring record "*:124) return 0 ;;
        *" --listen "*:2) grep -q "without libmicrohttpd" "$folder/said" ;;
        *" --drop "*:3) return 0 ;; # no such letter
        "slotring bridge status "*:[03] | "slotring bridge "[sr]e*:124) return 0 ;;
        "slotring bridge "*:2) grep -q "without the bridge" "$folder/said" ;;
        "slotring top"*:2) grep -q "needs a terminal" "$folder/said" ;;
        *"slotring doctor"*:[012]) [ ! -s "$folder/said" ] ;;
        *) return 1 ;;
    esac
}

# The server of the examples, on a port that it chooses. False: there is none here.
start_nats() {
    local nats
    nats=$(PATH=$PATH:/usr/sbin command -v nats-server) || return 1
    rm -rf "$folder/ports"
    mkdir -p "$folder/ports"
    "$nats" -a 127.0.0.1 -p -1 --ports_file_dir "$folder/ports" -js -sd "$folder/js" >"$folder/nats.log" 2>&1 &
    children+=($!)
    await grep -q ']' -r "$folder/ports"
    example=${example//builder:4222/$(grep -ohE '127\.0\.0\.1:[0-9]+' -r "$folder/ports" | head -n 1)}
}

run_example() { # EXAMPLE
    local example=$1 status=0 patience=20
    children=()
    case $example in
        "slotring create "*) ;;
        *" --create"*) ;;
        *"--foreign daq"*) echo "no ring" >"$SLOTRING_DIR/slotring.daq" ;;
        *) set_up ;;
    esac
    case $example in
        *" --writer "*) exits_with 0 slotring write daq -q --records --frame 100 "$folder/in" ;; # 20 messages
        "slotring read "*) feed & children+=($!) ;;
    esac
    case $example in
        "slotring bridge status "*) ;; # ends by itself
        *" --interval "* | *" --follow"* | *" --listen "* | *" --loop "* | "slotring record "* | "slotring bridge "*) patience=0.7 ;;
    esac
    case $example in
        "slotring bridge "*) start_nats || return 0 ;;
    esac
    [ ${#children[@]} -eq 0 ] || example=${example//1234/${children[1]}}
    (cd "$folder/here" && PATH=$folder/bin:$PATH timeout -s INT $patience bash -c "$example; status=\$?; kill \$(jobs -p) 2>/dev/null; wait; exit \$status") \
        >"$folder/out" 2>"$folder/said" </dev/null || status=$?
    is_good "$example" $status || failed "exit status $status of an example: $example"
    tear_down
}

examples_are_run() { # PAGE...
    local page example
    strangers
    for page in "$@"; do
        while IFS= read -r example; do
            run_example "$example"
        done < <(examples_of "$pages/$page.1")
    done
}

before_each() {
    [[ ${SLOTRING_TEST_EMULATOR:-} != *qemu* ]] || skip "under qemu"
    exits_with 0 slotring create probe -n 4 -S 4K
    local where
    where=$(memory_of probe)
    exits_with 0 slotring rm probe
    [ "$where" = "$SLOTRING_DIR/slotring.probe" ] || skip "with portable mechanisms"
}

# Pages in three parts, so that each takes little time; a page that is in none is found.
first="slotring slotring-create slotring-read slotring-write"
second="slotring-stat slotring-peek slotring-dead-letters slotring-mark slotring-gate slotring-recover"

rest() {
    local page
    for page in "$pages"/*.1; do
        page=$(basename "$page" .1)
        [[ " $first $second " == *" $page "* ]] || echo "$page"
    done
}

# shellcheck disable=SC2086 # several words
case_manual_examples_first() { examples_are_run $first; }

# shellcheck disable=SC2086 # several words
case_manual_examples_second() { examples_are_run $second; }

# shellcheck disable=SC2046 # several words
case_manual_examples_rest() { examples_are_run $(rest); }

case_manual_has_examples() {
    [ "$(for page in "$pages"/*.1; do examples_of "$page"; done | wc -l)" -ge 18 ] || failed "finds few examples"
}

# In the page of the command, or in the one that is for all commands; write makes rings as create does, and refers to its page.
case_manual_has_every_option() {
    local command option seen=0
    for command in $(slotring help | sed -nE 's/^  ([a-z-]+)  +[a-z].*/\1/p'); do
        set -- "$pages/slotring-$command.1" "$pages/slotring.1"
        [ "$command" != write ] || set -- "$@" "$pages/slotring-create.1"
        for option in $(slotring complete-words -- "$command" - | sed -n "/^--help/d; s/^--\\([a-z-]*\\).*/\\1/p"); do
            grep -qE "^\.It .*(Fl|,) -$option( |\$)" "$@" || failed "slotring-$command.1 does not have --$option"
            seen=$((seen + 1))
        done
    done
    [ $seen -gt 150 ] || failed "finds only $seen options"
}
