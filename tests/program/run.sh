#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# run.sh PROGRAM FILE CASE: runs one case of a file of cases for the program slotring, with rings and files of its own.
# Without CASE it lists the cases of FILE.
set -u
program=$1 file=$2 this_case=${3:-}

# The program under test, and what is left of it.
slotring() { "$program" "$@"; }

failed() { # SENTENCE
    echo "${BASH_SOURCE[2]##*/}:${BASH_LINENO[1]}: $1" >&2
    [ ! -s "$folder/said" ] || sed 's/^/  said: /' "$folder/said" >&2
    exit 1
}

# What the command prints goes to $folder/out, what it says to $folder/said.
exits_with() { # CODE COMMAND...
    local wanted=$1 code=0
    shift
    "$@" >"$folder/out" 2>"$folder/said" </dev/null || code=$?
    [ "$code" -eq "$wanted" ] || failed "exit status $code, not $wanted: $*"
}

# What the machine does not permit.
skip() { # REASON
    echo "SKIP program.$this_case: $1"
    rm -rf "${SLOTRING_DIR:?}"/*
    exit 77
}

says() { # TEXT: of the last command of exits_with
    grep -qF -- "$1" "$folder/said" || failed "does not say \"$1\""
}

prints() { # TEXT
    grep -qF -- "$1" "$folder/out" || failed "does not print \"$1\": $(head -c 300 "$folder/out")"
}

# A number in the JSON that is the standard output of a command or a file's content.
number() { # KEY <JSON
    sed -nE "s/^ *\"$1\": ([0-9]+),?$/\1/p" | head -1
}

# Waits for a background process and compares its exit status.
ended_with() { # CODE PID
    local code=0
    wait "$2" || code=$?
    [ "$code" -eq "$1" ] || failed "exit status $code, not $1, of a process in the background"
}

# Repeats a command until it succeeds. What takes ten seconds never comes.
await() { # COMMAND...
    local turn
    for ((turn = 0; turn < 1000; turn++)); do
        "$@" >/dev/null 2>&1 && return
        sleep 0.01
    done
    failed "did not come true: $*"
}

# The file with a ring's memory: it has the ring's name, or an entry leads to it.
memory_of() { # NAME
    local entry
    entry=$(grep -lx "name $1" "$SLOTRING_DIR"/slotring-posix.* 2>/dev/null)
    if [ -n "$entry" ]; then
        sed -n 's|^object |/dev/shm|p' "$entry"
    else
        echo "$SLOTRING_DIR/slotring.$1"
    fi
}

# Its lock file, and all the files of the folder.
lock_of() { # NAME
    local entry
    entry=$(grep -lx "name $1" "$SLOTRING_DIR"/slotring-posix.* 2>/dev/null)
    if [ -n "$entry" ]; then echo "$entry.lock"; else echo "$SLOTRING_DIR/slotring-lock.$1"; fi
}
files() { ls "$SLOTRING_DIR"; }

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

thaw() {
    [ ! -e "${group:-}/cgroup.freeze" ] || echo 0 >"$group/cgroup.freeze"
    [ ! -e "${group:-}/freezer.state" ] || echo THAWED >"$group/freezer.state"
}

has_readers() { [ "$(slotring stat --json "$1" | number readers)" = "$2" ]; }
has_producers() { [ "$(slotring stat --json "$1" | number producers)" = "$2" ]; }

# shellcheck source=/dev/null
source "$file"

if [ $# -lt 3 ]; then
    compgen -A function case_ | sed 's/^case_//'
    exit
fi
if [ -d /dev/shm ]; then folder=$(mktemp -d /dev/shm/slotring-program.XXXXXX); else folder=$(mktemp -d); fi
export SLOTRING_DIR=$folder/rings
mkdir "$SLOTRING_DIR"
if [ -n "${SLOTRING_TEST_EMULATOR:-}" ]; then # a command that runs programs of another processor
    printf '#!/bin/sh\nexec %s "%s" "$@"\n' "$SLOTRING_TEST_EMULATOR" "$program" >"$folder/slotring"
    chmod +x "$folder/slotring"
    program=$folder/slotring
fi

clean_up() {
    local code=$? child killed=0
    thaw # what is frozen does not end
    for child in $(jobs -p); do
        kill -KILL "$child" 2>/dev/null && killed=1
        wait "$child" 2>/dev/null
    done
    # With portable mechanisms one that was killed here leaves a lock file, which goes with the next creation.
    if [ $killed = 1 ] && ls "$SLOTRING_DIR" | grep -q '\.lock\.'; then
        slotring create last -n 4 -S 4K >"$folder/out" 2>&1
        slotring rm last >"$folder/out" 2>&1
    fi
    if [ "$code" -eq 0 ] && [ -n "$(ls "$SLOTRING_DIR")" ]; then
        echo "left in the folder of rings: $(ls "$SLOTRING_DIR")" >&2
        code=1
    fi
    [ ! -d "${group:-}" ] || rmdir "$group"
    rm -rf "$folder"
    exit "$code"
}
trap clean_up EXIT

if declare -F before_each >/dev/null; then before_each; fi
"case_$this_case"
