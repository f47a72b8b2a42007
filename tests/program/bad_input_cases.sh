# SPDX-License-Identifier: Apache-2.0
# Whatever is wrong gives an exit status that a script can use, and a sentence with the value and the limit.
# shellcheck shell=bash

refused() { # CODE TEXT COMMAND...
    local code=$1 text=$2
    shift 2
    exits_with "$code" slotring "$@"
    says "$text"
}

long_name() { printf 'a%.0s' $(seq 1 "$1"); }

case_names() {
    refused 2 "empty" create ""
    refused 2 "300" create "$(long_name 300)"
    says "200"
    refused 2 "a/b" create a/b
    refused 2 ".hidden" create .hidden
    refused 2 "control character" create "$(printf 'a\tb')"
    refused 2 "not UTF-8" create "$(printf 'a\xff')"
    exits_with 0 slotring create "$(long_name 200)" -s 64K -S 1K
    exits_with 0 slotring rm "$(long_name 200)"
}

case_sizes() {
    refused 2 "--size 0" create r -s 0
    refused 2 "99999999T" create r -s 99999999T
    refused 2 "1.5" create r -s 1.5M
    refused 2 "12X" create r -s 12X
    refused 2 "-1" create r -s -1
    refused 2 "must be 1 to" create r -s 99999999999999999999999
    refused 2 "must be 1 to 16777215" create r -n 99999999999999999999999
    refused 2 "at most 1000000000" read r --timeout 99999999999999999999999
    refused 2 "9 decimals" read r --timeout 0.1234567890
    refused 2 "--slots 0" create r -n 0
    refused 2 "above --size" create r -s 1M -S 2M
    says "2097152"
    says "1048576"
    refused 2 "18446742974197923840" create r -n 16777215 -S 1T
    says "1152921504606846976"
    says "fewer or smaller slots"
    refused 10 "bytes" create r -n 1000 -S 1G
}

case_usage() {
    refused 2 "--nope" create r --nope
    refused 2 "NAME" create
    refused 2 "extra" create r extra
    refused 2 "expects none" ls extra
    refused 2 "expects none" gc extra
    refused 2 "unknown command" nope
    refused 2 "--lossy" read r --fail-on-loss
    refused 2 "exclude" read r --null -o file
    refused 2 "--create" write r -S 1M
    refused 2 "--group" read r --tries 2
    refused 2 "--tries" read r --group workers --letters 2
    refused 2 "256" read r --group workers --tries 256
    refused 2 "exclude" dead-letters r workers --drop 1 --drop-all
    for command in create ls stat top hz peek check write read revoke forget dead-letters gate mark recover rm gc doctor; do
        exits_with 0 slotring $command --help
        prints "slotring $command"
    done
    exits_with 0 slotring --help
    exits_with 0 slotring --version
    exits_with 0 slotring help create
    prints "slotring create"
    refused 2 "unknown command" help nope
    refused 2 "extra" help create extra
    refused 2 "extra" --version extra
}

case_no_such_ring() {
    for command in stat peek check read write gate recover rm; do
        refused 3 "nosuch" $command nosuch
    done
    refused 3 "nosuch" dead-letters nosuch workers
    refused 3 "/no/such/folder" ls -d /no/such/folder
    refused 3 "/no/such/folder" gc -d /no/such/folder
    refused 2 "nosuch" ls --backend nosuch
}

case_other_geometry() {
    exits_with 0 slotring create r -s 1M -S 64K
    refused 4 "exists" create r -s 1M -S 64K
    exits_with 0 slotring create -e r -s 1M -S 64K
    refused 4 "16 slots" create -e r -s 2M -S 64K
    says "32 slots"
    refused 2 "slot size" write r --chunk 65537
    says "65536"
    exits_with 0 slotring rm r
}

# The memory of these is looked at, and never believed.
case_not_a_ring() {
    local path
    exits_with 0 slotring create r -s 1M -S 64K
    path=$(memory_of r)
    head -c 100000 /dev/urandom >"$path"
    for command in stat read write; do
        refused 5 "not a slotring segment" $command r
    done
    exits_with 5 slotring check r
    prints "not a slotring segment"
    exits_with 0 slotring ls
    prints "not a slotring"
    exits_with 0 slotring rm --force r
    exits_with 0 slotring create r -s 1M -S 64K
    truncate -s 50000 "$(memory_of r)"
    refused 5 "50000" read r
    for size in 50000 8192 4096 4095 1 0; do
        truncate -s $size "$(memory_of r)"
        refused 5 "$size bytes" stat r
        exits_with 5 slotring check r
        prints "$size bytes"
        exits_with 0 slotring ls
        prints "r "
    done
    exits_with 0 slotring rm --force r
}

# Root without capabilities is held to the rights of files, as everybody is.
unprivileged() {
    if [ "$(id -u)" -eq 0 ]; then setpriv --bounding-set=-all "$program" "$@"; else slotring "$@"; fi
}

case_all_unused_leaves_what_it_may_not_remove() {
    exits_with 0 slotring create mine -s 64K -S 1K
    exits_with 0 slotring create kept -s 64K -S 1K
    chmod 400 "$(memory_of kept)"
    exits_with 1 unprivileged rm kept
    says "kept"
    exits_with 0 unprivileged rm --all-unused
    prints "removed mine"
    [ ! -s "$folder/said" ] || failed "not without a word"
    exits_with 0 slotring ls
    prints "kept"
    chmod 600 "$(memory_of kept)"
    exits_with 0 slotring rm kept
}

case_input_files() {
    exits_with 0 slotring create r -s 1M -S 64K
    refused 3 "/no/such/file" write r /no/such/file
    refused 1 "directory" write r "$folder"
    refused 1 "/no/such/folder" read r -o /no/such/folder/file
    exits_with 0 slotring rm r
}

# In a boot of the machine that is another one for this command alone.
after_a_restart() { # COMMAND...
    # shellcheck disable=SC2016 # of the inner shell
    unshare --mount bash -c 'mount --bind "$0" /proc/sys/kernel/random/boot_id && exec "$@"' "$folder/boot" "$@"
}

case_another_boot() {
    local ring=r
    echo 01234567-89ab-cdef-0123-456789abcdef >"$folder/boot"
    if ! after_a_restart true 2>/dev/null || ! grep -q -- - /proc/sys/kernel/random/boot_id; then
        echo "no other boot can be shown to a command here (needs root and mount namespaces)" >&2
        exit 77
    fi
    exits_with 0 slotring create $ring -n 4 -S 4K
    exits_with 0 after_a_restart "$program" ls
    prints "made before the machine was restarted"
    exits_with 0 after_a_restart "$program" ls --json
    prints '"SLOTRING_E_OTHER_BOOT"'
    exits_with 5 after_a_restart "$program" check $ring
    prints "restarted"
    for command in stat read write recover; do
        exits_with 5 after_a_restart "$program" $command $ring
        says "slotring rm"
    done
    exits_with 4 after_a_restart "$program" create $ring
    says "slotring rm"
    exits_with 5 after_a_restart "$program" create --exist-ok $ring
    says "slotring rm"
    exits_with 0 slotring check $ring # nothing was changed
    exits_with 0 after_a_restart "$program" rm $ring
    exits_with 0 slotring create $ring -n 4 -S 4K
    exits_with 0 after_a_restart "$program" rm --all-unused
    prints "removed $ring"
}

# Where memory of a node is given, the ring says so; else the refusal names the node.
case_memory_of_a_node() {
    local code=0
    slotring create r -n 4 -S 64K --numa-node 0 --json >"$folder/out" 2>"$folder/said" || code=$?
    if [ "$code" -eq 0 ]; then
        [ "$(number numa_node <"$folder/out")" = 0 ] || failed "does not name its node"
        [ "$(number memory_node <"$folder/out")" = 0 ] || failed "does not say where the memory is"
        exits_with 0 slotring stat r
        prints "of NUMA node 0"
        exits_with 0 slotring rm r
    else
        says "--numa-node is 0"
    fi
    exits_with 2 slotring create r -n 4 -S 64K --numa-node none
    says "--numa-node"
}

# A file of rings: each fault is named with its place, and then no ring is there.
file_is_refused() { # CODE TEXT JSON
    printf '%s' "$3" >"$folder/rings.json"
    refused "$1" "$2" create --file "$folder/rings.json"
    exits_with 0 slotring ls --json
    prints '"rings": []'
}

case_files_of_rings() {
    refused 3 "cannot open" create --file "$folder/none"
    file_is_refused 2 "line 1, column" ""
    file_is_refused 2 "line 3" '{"rings": [
        {"name": "a",
         "size" "1M"}]}'
    file_is_refused 2 "duplicate object key" '{"rings": [{"name": "a", "size": "1M", "size": "2M"}]}'
    file_is_refused 2 "describes no rings" '[]'
    file_is_refused 2 "describes no rings" '{"rings": []}'
    file_is_refused 2 "describes no rings" '{"rings": {"name": "a"}}'
    file_is_refused 2 'no field "ring"' '{"rings": [{"name": "a"}], "ring": 1}'
    file_is_refused 2 'ring 1: a ring is an object with a "name"' '{"rings": ["a"]}'
    file_is_refused 2 'ring 2: a ring is an object with a "name"' '{"rings": [{"name": "a", "size": 4096, "slot-size": 64}, {"nam": "b"}]}'
    file_is_refused 2 'ring 1: a ring is an object with a "name"' '{"rings": [{"name": 7}]}'
    file_is_refused 2 'ring 2 "a": ring 1 has this name already' '{"rings": [{"name": "a"}, {"name": "a"}]}'
    file_is_refused 2 'ring 1 "a": there is no field "slot_size"; the fields are name, comment, size, slot-size, slots' \
        '{"rings": [{"name": "a", "slot_size": 64}]}'
    file_is_refused 2 'ring 1 "no/name"' '{"rings": [{"name": "no/name"}]}'
    file_is_refused 2 'ring 1 "a": slot-size 12X' '{"rings": [{"name": "a", "slot-size": "12X"}]}'
    file_is_refused 2 'ring 1 "a": size: text or a number is expected' '{"rings": [{"name": "a", "size": [1]}]}'
    file_is_refused 2 'ring 1 "a": keep: true or false is expected' '{"rings": [{"name": "a", "keep": 1}]}'
    file_is_refused 2 'ring 1 "a": slots -1' '{"rings": [{"name": "a", "slots": -1}]}'
    file_is_refused 2 'ring 1 "a": keep and hot exclude' '{"rings": [{"name": "a", "keep": true, "hot": true}]}'
    file_is_refused 2 'ring 1 "a": access everybody' '{"rings": [{"name": "a", "access": "everybody"}]}'
    printf '{"rings": [{"name": "a"}]}' >"$folder/rings.json"
    refused 2 '"r" is one argument too many' create --file "$folder/rings.json" r
    refused 2 "--slots goes with a NAME" create --file "$folder/rings.json" --slots 4
    refused 2 "--keep goes with a NAME" create --file "$folder/rings.json" --keep
    head -c 2000000 /dev/zero >"$folder/rings.json"
    refused 1 "no description of rings" create --file "$folder/rings.json"
}
