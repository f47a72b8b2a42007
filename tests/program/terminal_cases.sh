# SPDX-License-Identifier: Apache-2.0
# What the program shows on a terminal: tmux is one, with a shell in it.
# shellcheck shell=bash

ring() { exits_with 0 slotring create r -n 16 -S 1K "$@"; }

in_tmux() { tmux -S "$folder/tmux" -f /dev/null "$@"; }

# A terminal of that size, with a shell that finds the program.
terminal() { # COLUMNS ROWS
    if ! command -v tmux >/dev/null; then
        echo "there is no tmux here (Debian, Ubuntu: tmux)" >&2
        exit 77
    fi
    mkdir "$folder/bin"
    ln -s "$program" "$folder/bin/slotring"
    echo "PS1='ready> '" >"$folder/rc"
    env -u TMUX -u NO_COLOR LC_ALL=C.UTF-8 PATH="$folder/bin:$PATH" HISTFILE= \
        tmux -S "$folder/tmux" -f /dev/null new-session -d -x "$1" -y "$2" "bash --noprofile --rcfile '$folder/rc'" ||
        failed "tmux does not start"
    trap 'ended=$?; in_tmux kill-server; (exit $ended); clean_up' EXIT
    await_screen '^ready>'
}

type_line() { in_tmux send-keys -l "$1" && in_tmux send-keys Enter; }
press() { in_tmux send-keys "$@"; }
screen() { in_tmux capture-pane -p; }
shows() { screen | grep -q -- "$1"; } # PATTERN
await_screen() { # PATTERN
    local turn
    for ((turn = 0; turn < 1000; turn++)); do
        shows "$1" && return
        sleep 0.01
    done
    failed "the terminal does not show \"$1\": $(screen)"
}
shows_not() { ! shows "$1"; }
scrolled() { in_tmux display-message -p '#{history_size}'; }

# A ring with so many lossy readers, and one that stands still, 2 messages behind, before a producer that lives.
crowded_ring() { # READERS
    local i
    ring
    mkfifo "$folder/pipe"
    exec 9<>"$folder/pipe"
    for ((i = 0; i < $1; i++)); do
        "$program" read r -q --null --lossy --name "display $i" 2>/dev/null 9<&- &
    done
    "$program" read r -q --null --name online 2>/dev/null 9<&- &
    online=$!
    await has_readers r $(($1 + 1))
    kill -STOP $online
    "$program" write r -q --name board <"$folder/pipe" 2>/dev/null 9<&- &
    head -c 2048 /dev/zero >&9
    await has_published r 2
}
has_published() { [ "$(slotring stat --json "$1" | number published)" = "$2" ]; }

# The ring goes behind those who have it: what is left of a killed one is removed with it.
remove() { # RING...
    local child
    for child in $(jobs -p); do
        kill -KILL "$child" 2>/dev/null
        wait "$child" 2>/dev/null
    done
    exits_with 0 slotring rm -f "$@"
}

case_terminal_stat_fits() {
    terminal 80 24
    crowded_ring 12
    type_line "clear; slotring stat r"
    await_screen 'and [0-9]* more of 13 readers'
    await_screen '^ready>$'
    [[ $(screen | head -1) == 'WARNING producers will wait for reader "online", pid '* ]] || failed "$(screen)"
    [ "$(scrolled)" -eq 0 ] || failed "more than the terminal has: $(scrolled) lines scrolled"
    screen | grep -A1 '^ *PID.*READER' | tail -1 | grep -q online || failed "the worst is not the first: $(screen)"
    shows_not HISTORY || failed "a column that does not fit: $(screen)"
    exits_with 0 slotring stat r
    prints HISTORY
    [ "$(grep -c '"display [0-9]*"\|  display [0-9]* ' "$folder/out")" -ge 12 ] || failed "not everything outside of a terminal"
    remove r
}

case_terminal_that_is_wide_shows_everything() {
    terminal 200 60
    crowded_ring 12
    type_line "clear; slotring stat r"
    await_screen HISTORY
    await_screen '^ready>$'
    shows_not more || failed "$(screen)"
    remove r
}

# Colours are for terminals, and for people who want them.
case_terminal_colours() {
    terminal 80 24
    ring
    coloured() { in_tmux capture-pane -p -e | grep -q "$(printf '\033')\\[.*NO PRODUCER"; }
    type_line "clear; slotring stat r"
    await coloured
    type_line "clear; NO_COLOR=1 slotring stat r; echo done"
    await_screen '^done'
    ! coloured || failed "coloured in spite of NO_COLOR"
    exits_with 0 slotring rm r
}

# ---- top ------------------------------------------------------------------------------------------------------

# Two rings: in r producers wait for a reader "online" that is stopped; nothing is in the other one.
two_rings() {
    ring
    exits_with 0 slotring create other -n 16 -S 1K
    "$program" read r -q --null --name online 2>/dev/null &
    online=$!
    await has_readers r 1
    kill -STOP $online
    "$program" write r -q --name board <(head -c 100000 /dev/zero) 2>/dev/null &
}
start_top() { # ARGUMENT...
    type_line "clear; cd '$folder'; stty -g >before; slotring top --interval 0.05 $*"
    await_screen 'q ends'
}
# The shell is there again, and the terminal is as it was.
given_back() { # EXIT-STATUS
    await_screen '^ready>$'
    type_line 'stty -g >after; cmp before after && echo "status $?"'
    await_screen '^status 0'
    shows_not 'q ends' || failed "the screen is not as it was: $(screen)"
}
last_line() { screen | sed -n '$p'; }
first_is() { [[ $(screen | head -1) == "$1"* ]]; } # TEXT

case_terminal_top_shows_all_rings_and_one() {
    terminal 80 24
    two_rings
    start_top
    await first_is "BLOCKED r: since "
    await_screen "^ *kill -CONT $online"
    await_screen "^r  *BLOCKED .*online, pid $online"
    await_screen "^other  *NO PRODUCER"
    press Enter
    await_screen "^ring r: 16 slots"
    first_is "BLOCKED since" || failed "$(screen)"
    press Escape
    await_screen "^other  *NO PRODUCER"
    press Down
    press Enter
    await_screen "^ring other: 16 slots"
    press Left
    await_screen "^r  *BLOCKED"
    press Up Enter # both at once
    await_screen "^ring r: 16 slots"
    kill -CONT $online
    await first_is "ENDED after 98 messages"
    exits_with 0 slotring rm r other
    await_screen "there is no ring"
    press q
    given_back
}

case_terminal_top_has_another_size() {
    terminal 80 24
    two_rings
    start_top
    await_screen 'LAST'
    in_tmux resize-window -x 44 -y 12
    await shows_not 'LAST'
    [ "$(screen | wc -l)" -eq 12 ] && shows 'up, down choose' || failed "$(screen)"
    in_tmux resize-window -x 150 -y 40
    await_screen 'PRODUCERS'
    await last_is_keys
    press q
    given_back
    remove r other
}
last_is_keys() { [[ $(last_line) == *'q ends'* ]]; }

case_terminal_top_gives_the_terminal_back_when_it_stops() {
    terminal 80 24
    two_rings
    start_top
    press C-z
    given_back
    type_line 'clear; bg; echo "in the background"'
    await_screen '^in the background'
    type_line 'jobs'
    await_screen 'Stopped.*slotring top'
    type_line 'clear; fg'
    await first_is "BLOCKED r: since "
    await last_is_keys
    press q
    given_back
    remove r other
}

# Without a shell nothing would continue it: Ctrl-Z does nothing.
case_terminal_top_without_a_shell_goes_on() {
    terminal 80 24
    two_rings
    in_tmux new-window "exec '$folder/bin/slotring' top --interval 0.05"
    await first_is "BLOCKED r: since "
    press C-z
    press Enter
    await_screen "^ring r: 16 slots"
    press q
    remove r other
}

top_pid() { pgrep -P "$(in_tmux display-message -p '#{pane_pid}')"; }

case_terminal_top_gives_the_terminal_back_at_any_end() {
    terminal 80 24
    two_rings
    local signal
    for signal in INT TERM HUP QUIT SEGV ABRT; do
        start_top
        kill -$signal "$(top_pid)"
        given_back
    done
    start_top
    press C-c
    given_back
    remove r other
}

# The folder of the rings cannot be read any more: the screen says so, and goes on.
case_terminal_top_says_what_is_wrong() {
    terminal 80 24
    two_rings
    start_top
    await first_is "BLOCKED r: since "
    mv "$SLOTRING_DIR" "$folder/away"
    await_screen 'No such file'
    mv "$folder/away" "$SLOTRING_DIR"
    await first_is "BLOCKED r: since "
    press q
    given_back
    remove r other
}

case_top_needs_a_terminal() {
    exits_with 2 slotring top
    says "needs a terminal"
    exits_with 2 slotring top --interval 0.001
}
