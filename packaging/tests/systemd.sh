# SPDX-License-Identifier: Apache-2.0
# What systemd itself says of the units, and of the rule that keeps rings from being cleaned away. Sourced by ci/packages.
# shellcheck shell=bash

test_systemd() {
    local unit units=$at/units
    if ! command -v systemd-analyze >/dev/null || ! command -v systemd-tmpfiles >/dev/null; then
        echo "SKIP packages.systemd: there is no systemd-analyze, or no systemd-tmpfiles"
        return 0
    fi
    rm -rf "$units"
    mkdir -p "$units"
    # The program need not be installed on this machine.
    for unit in packaging/systemd/*.service; do
        sed "s,/usr/bin/slotring,$(command -v true)," "$unit" >"$units/$(basename "${unit/@/@raw}")"
    done
    quietly "$at/units-verify.log" systemd-analyze verify --man=no "$units"/*.service
    [ ! -s "$at/units-verify.log" ] || { cat "$at/units-verify.log" && die "systemd-analyze finds something"; }
    [ -z "$(left_with "$at/tmpfiles")" ] || die "systemd-tmpfiles cleans nothing here, so nothing can be said of the rule"
    [ "$(left_with "$at/tmpfiles" packaging/systemd/slotring.conf | paste -sd ' ')" = "slotring-lock.daq slotring.daq" ] ||
        die "the rule does not keep rings: $(ls "$at/tmpfiles/dev/shm")"
    say "systemd-analyze has nothing to say, and systemd-tmpfiles leaves rings alone"
}

# Of a host that cleans /dev/shm of everything, whatever its age: what is left with such rules besides.
left_with() { # FOLDER [RULES]
    rm -rf "$1"
    mkdir -p "$1/dev/shm"
    printf 'd /dev/shm 1777 - - 0\n' | cat - "${2:-/dev/null}" >"$1/all.conf"
    touch "$1/dev/shm/other" "$1/dev/shm/slotring.daq" "$1/dev/shm/slotring-lock.daq"
    systemd-tmpfiles --root="$1" --clean "$1/all.conf"
    ls "$1/dev/shm"
}
