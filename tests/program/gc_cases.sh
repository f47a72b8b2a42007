# SPDX-License-Identifier: Apache-2.0
# What gc removes, what that costs, and what it leaves alone; and foreign files, by their exact names.
# shellcheck shell=bash

messages() { # RING COUNT
    head -c $((100 * $2)) /dev/zero >"$folder/in"
    exits_with 0 slotring write "$1" -q --chunk 100 "$folder/in"
}

# A ring that is to go, with its user killed and COUNT messages in it.
left_behind() { # COUNT CREATE-OPTION...
    exits_with 0 slotring create r -n 16 -S 4K "${@:2}"
    messages r "$1"
    "$program" read r -q --null --follow &
    local a=$!
    await has_readers r 1
    exits_with 0 slotring rm --when-unused r
    kill -KILL $a
    ended_with 137 $a
}

case_gc_says_how_many_messages_it_costs() {
    left_behind 12 --keep
    exits_with 0 slotring gc
    prints "would remove r: "
    prints "12 messages in it are lost, which nobody has freed"
    exits_with 0 slotring gc --json
    prints '"messages": 12'
    exits_with 0 slotring gc --remove
    prints "removed r: 12 messages in it are lost, which nobody has freed"
}

# A full ring that keeps: nothing that keeps it full goes without a number.
case_what_keeps_a_ring_full_goes_with_a_number() {
    exits_with 0 slotring create r -n 16 -S 4K --keep
    messages r 16
    exits_with 0 slotring rm r
    prints "r: 16 messages in it are lost, which nobody has freed"
    exits_with 0 slotring create r -n 16 -S 4K
    "$program" read r -q --null --durable online --follow &
    local a=$!
    await has_readers r 1
    kill -KILL $a
    ended_with 137 $a
    exits_with 0 slotring recover r
    messages r 5
    exits_with 0 slotring forget r online
    prints 'ended "online": 5 messages that it had not read are lost to it'
    exits_with 0 slotring rm r
    [ ! -s "$folder/out" ] || failed "speaks of messages that nobody kept"
}

case_gc_says_why_the_rest_stays() {
    exits_with 0 slotring create mine -n 4 -S 4K
    exits_with 0 slotring create torn -n 4 -S 4K
    head -c 8192 /dev/urandom >"$(memory_of torn)"
    exits_with 0 slotring gc
    prints "mine stays: it was never to go with its last user: slotring rm mine"
    prints "torn stays: not a slotring segment: slotring rm torn --force"
    exits_with 0 slotring gc --remove --json
    prints '"why": "it was never to go with its last user: slotring rm mine"'
    exits_with 0 slotring rm mine
    eval "$(slotring gc | sed -n 's/^torn stays: .*: //p')"
}

# Only where a ring's files have the ring's name.
needs_named_files() {
    exits_with 0 slotring create probe -n 4 -S 4K
    local where
    where=$(memory_of probe)
    exits_with 0 slotring rm probe
    [ "$where" = "$SLOTRING_DIR/slotring.probe" ] || skip "with portable mechanisms"
}

case_gc_foreign_by_exact_name() {
    needs_named_files
    exits_with 2 slotring gc --foreign
    says "expects NAME"
    exits_with 2 slotring gc --foreign ../escape
    exits_with 3 slotring gc --foreign nothing
    says "nothing of the name nothing"
    exits_with 0 slotring create mine -n 4 -S 4K
    exits_with 2 slotring gc --foreign --remove mine
    says "not foreign: slotring rm mine"
    exits_with 0 slotring check mine
    exits_with 0 slotring rm mine
}

case_gc_foreign_squatted_names() {
    needs_named_files
    ln -s "$folder/precious" "$SLOTRING_DIR/slotring.link"
    echo "do not touch" >"$folder/precious"
    mkfifo "$SLOTRING_DIR/slotring.pipe"
    echo text >"$SLOTRING_DIR/slotring.text"
    mkdir "$SLOTRING_DIR/slotring.folder"
    exits_with 0 slotring gc --foreign link pipe text
    prints "would remove link: a symbolic link of user"
    prints "would remove pipe: a pipe, socket or device of user"
    prints "would remove text: a file of user"
    prints "the same with --remove"
    exits_with 0 slotring gc --foreign link --json
    prints '"would_remove"'
    [ "$(files | wc -l)" -eq 4 ] || failed "a look has removed something"
    exits_with 1 slotring gc --foreign --remove folder link pipe text
    says "folder stays: slotring.folder is a folder"
    prints "removed link"
    [ "$(files)" = slotring.folder ] || failed "left $(files)"
    [ "$(cat "$folder/precious")" = "do not touch" ] || failed "followed a link"
    rmdir "$SLOTRING_DIR/slotring.folder"
}

case_gc_foreign_rings() {
    [ "$(id -u)" -eq 0 ] || skip "not root"
    needs_named_files
    exits_with 0 slotring create theirs -n 16 -S 4K --keep
    messages theirs 7
    chown 65533 "$(memory_of theirs)" "$(lock_of theirs)"
    "$program" read theirs -q --null --follow --trust-owner 65533 &
    local a=$!
    await eval '[ "$(slotring stat --json --trust-owner 65533 theirs | number readers)" = 1 ]'
    exits_with 4 slotring gc --foreign --remove theirs
    says "theirs stays: process $a uses slotring"
    kill $a
    ended_with 143 $a
    exits_with 0 slotring gc --foreign theirs
    prints "would remove theirs: a ring of user 65533"
    prints "7 messages in it are lost, which nobody has freed"
    exits_with 0 slotring gc --foreign --remove theirs
    prints "removed theirs: a ring of user 65533"
    touch "$SLOTRING_DIR/slotring-lock.lone"
    chown 65533 "$SLOTRING_DIR/slotring-lock.lone"
    exits_with 0 slotring gc --foreign --remove lone
    prints "removed lone: a lock file without a ring of user 65533"
}

# A user who may not look cannot know whether it is in use.
case_gc_foreign_without_rights() {
    [ "$(id -u)" -eq 0 ] || skip "not root"
    needs_named_files
    chmod 1777 "$SLOTRING_DIR"
    chmod 755 "$folder"
    echo text >"$SLOTRING_DIR/slotring.text"
    chmod 600 "$SLOTRING_DIR/slotring.text"
    exits_with 1 setpriv --reuid 65533 --clear-groups "$program" gc --foreign --remove text
    says "be root"
    chmod 644 "$SLOTRING_DIR/slotring.text"
    exits_with 1 setpriv --reuid 65533 --clear-groups "$program" gc --foreign --remove text
    says "text stays: "
    [ "$(files)" = slotring.text ] || failed "removed what is not its own"
    rm "$SLOTRING_DIR/slotring.text"
}
