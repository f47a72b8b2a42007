# SPDX-License-Identifier: Apache-2.0
# The words of the program: its own names for options, users by name, units, the next command; help, and what shells offer.
# shellcheck shell=bash

top=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)

says_nothing_of() { # REGULAR-EXPRESSION
    ! grep -E -- "$1" "$folder/said" || failed "speaks in the library's words"
}

case_errors_name_options() {
    exits_with 2 slotring create r -s 1M -S 2M
    says "--slot-size (2097152 bytes (2 MiB)) is above --size (1048576 bytes (1 MiB))"
    exits_with 2 slotring create r -n 4 -S 4K --keep --hot
    says_nothing_of 'SLOTRING_|when_full'
    exits_with 0 slotring create r -n 4 -S 4K --max-participants 1 --max-readers 1
    "$program" read r -q --null &
    local a=$!
    await has_readers r 1
    exits_with 4 slotring read r
    says "create it with more (--max-participants)"
    kill $a
    ended_with 143 $a
    exits_with 4 slotring create r -n 8 -S 4K --exist-ok
    says_nothing_of 'SLOTRING_|pass 0'
    says "slotring rm"
    exits_with 1 slotring read r --verify
    says "without --checksums"
    exits_with 0 slotring rm r
}

case_errors_name_users() {
    [ "$(id -u)" -eq 0 ] || skip "not root"
    [ -n "$(getent passwd 1)" ] || skip "not root"
    exits_with 0 slotring create r -n 4 -S 4K
    [ "$(memory_of r)" = "$SLOTRING_DIR/slotring.r" ] || { slotring rm r && skip "with portable mechanisms"; }
    chown 1 "$(memory_of r)" "$(lock_of r)"
    exits_with 1 slotring stat r
    says "belongs to user 1 ($(getent passwd 1 | cut -d: -f1))"
    says "--trust-owner USER"
    says_nothing_of 'trusted_owner'
    exits_with 0 slotring rm r --trust-owner 1
}

# Each name of the interface that a sentence of the library has is one that the program translates, or one that it never meets.
case_words_cover_the_library() {
    local name missing=
    # What only programs can do wrong, and names that operators know as they are.
    local known=' SLOTRING_DIR SLOTRING_BACKEND SLOTRING_NAMESPACE SLOTRING_POSIX_MECHANISMS SLOTRING_OBSERVE SLOTRING_CREATE
        SLOTRING_PROXY SLOTRING_ONE_THREAD SLOTRING_BY_TICKET SLOTRING_WIPE_UNUSED slotring_options_init slotring_slot_t
        slotring_unlink slotring_next slotring_reader_release slotring_reader_acquire_ticket slotring_acquire_for_read
        SLOTRING_GLOBAL SLOTRING_PRODUCER_DIED SLOTRING_SOURCE_LOST SLOTRING_WRITER_AT_ROW SLOTRING_WRITER_FIRST_NUMBER
        slotring_wait_many first_number when_revoked origin_pid origin_incarnation struct_size at_end boot_id nr_inodes '
    for name in $(sed -E 's/^#.*//' "$top"/src/*/*.c "$top"/src/*/*/*.c "$top"/platform/posix/*.c "$top"/platform/posix/*/*.c "$top"/platform/common/*.c |
        grep -oE '"([^"\\]|\\.)*"' | grep -E ' ' |
        grep -oE '\b(SLOTRING_[A-Z_]+|slotring_[a-z_]+|(max|slot|total|when|time|lossless|budget|absence|description|lineage|first|numa|trusted|wake|tag|origin|struct)_[a-z_]+)\b' | sort -u); do
        case $known in *[[:space:]]"$name"[[:space:]]*) continue ;; esac
        grep -qF -- "$name" "$top/tools/words.c" || missing+=" $name"
    done
    [ -z "$missing" ] || failed "tools/words.c does not know:$missing"
}

case_did_you_mean() {
    exits_with 2 slotring crate r
    says 'unknown command "crate", did you mean "create"?'
    exits_with 2 slotring xyzzy
    says 'unknown command "xyzzy"; try'
    exits_with 2 slotring create r --slto-size 4K
    says "unknown option --slto-size, did you mean --slot-size?"
    exits_with 2 slotring create r --drectory x
    says "did you mean --directory?"
    exits_with 2 slotring create r --quite-something-else
    says "unknown option --quite-something-else; try"
    exits_with 0 slotring create cosmics -n 4 -S 4K
    exits_with 3 slotring read comsics
    says 'there is a ring "cosmics": did you mean that?'
    exits_with 3 slotring stat cosmisc
    says 'there is a ring "cosmics"'
    exits_with 3 slotring rm cosmic
    says 'there is a ring "cosmics"'
    exits_with 3 slotring read elsewhere
    says "slotring ls lists the rings"
    exits_with 0 slotring rm cosmics
    exits_with 3 slotring stat cosmics
    says "slotring ls lists the rings"
}

case_help_for_topics() {
    local topic
    exits_with 0 slotring help
    prints "exit-codes"
    for topic in rings full readers sizes trouble exit-codes; do
        exits_with 0 slotring help $topic
        prints "$topic: "
        ! awk 'length > 110' "$folder/out" | grep . || failed "a line of $topic is too long for a terminal"
    done
    exits_with 2 slotring help exit-code
    says 'did you mean "exit-codes"?'
}

case_wait_takes_the_number_behind_it() {
    exits_with 6 slotring read --wait 0.01 absent
    exits_with 6 slotring read absent --wait 0.01
    exits_with 6 slotring read -w 0.01 absent
    exits_with 6 slotring read -qw 0.01 absent
    exits_with 6 slotring read absent --wait=0.01
    exits_with 2 slotring read --wait 1
    says "expects NAME"
}

offers() { # WORD
    grep -q "^$1	" "$folder/out" || grep -qx "$1" "$folder/out" || failed "does not offer $1: $(head -c 300 "$folder/out")"
}

case_completions_come_from_the_tables() {
    local command
    exits_with 0 slotring create first -n 4 -S 4K
    exits_with 0 slotring complete-words -- ""
    offers create
    offers help
    exits_with 0 slotring complete-words -- help ""
    offers exit-codes
    exits_with 0 slotring complete-words -- create --
    offers --slot-size
    offers --directory
    exits_with 0 slotring complete-words -- read ""
    offers first
    exits_with 0 slotring complete-words -- read --output ""
    offers :files
    exits_with 0 slotring complete-words -- read --directory ""
    offers :folders
    exits_with 0 slotring complete-words -- write first ""
    offers :files
    # Every command has options that can be offered, and does nothing else when it is asked.
    for command in $(slotring help | sed -nE 's/^  ([a-z-]+)  +[a-z].*/\1/p'); do
        exits_with 0 slotring complete-words -- "$command" -
        offers --help
        [ ! -s "$folder/said" ] || failed "$command says something"
    done
    exits_with 0 slotring rm first
}

# A shell of its own completes, with the file that is installed.
case_completions_of_bash() {
    exits_with 0 slotring create first -n 4 -S 4K
    mkdir "$folder/bin"
    ln -s "$program" "$folder/bin/slotring"
    cat >"$folder/ask" <<'TEXT'
PATH=$folder/bin:$PATH
source "$1"
ask() { # WORD...: what is offered for the last one
    COMP_WORDS=(slotring "$@") COMP_CWORD=$#
    _slotring
    echo "${COMPREPLY[*]}"
}
ask st
ask read fi
ask read --durab
ask read --directory = "$folder/b"
ask write first --summary "$folder/as"
TEXT
    exits_with 0 env folder="$folder" bash "$folder/ask" "$top/tools/completions/slotring.bash"
    [ "$(cat "$folder/out")" = "stat
first
--durable
$folder/bin
$folder/ask" ] || failed "offers something else: $(cat "$folder/out")"
    exits_with 0 slotring rm first
}

case_completions_of_other_shells() {
    command -v zsh >/dev/null || command -v fish >/dev/null || skip "neither zsh nor fish"
    if command -v zsh >/dev/null; then zsh -n "$top/tools/completions/_slotring" || failed "zsh does not read it"; fi
    command -v fish >/dev/null || return 0
    exits_with 0 slotring create first -n 4 -S 4K
    mkdir "$folder/bin" "$folder/home"
    ln -s "$program" "$folder/bin/slotring"
    # shellcheck disable=SC2016 # of the other shell
    exits_with 0 env HOME="$folder/home" PATH="$folder/bin:$PATH" fish -c 'source $argv[1]
        complete -C "slotring help ex"; complete -C "slotring read fi"; complete -C "slotring read --durab"' \
        "$top/tools/completions/slotring.fish"
    [ "$(cut -f 1 "$folder/out" | xargs)" = "exit-codes first --durable" ] || failed "offers something else: $(cat "$folder/out")"
    exits_with 0 slotring rm first
}
