# SPDX-License-Identifier: Apache-2.0
# Wine, which runs programs for Windows, with a folder of its own as C:. Sourced after ci/lib.sh.
# shellcheck shell=bash

export WINEDEBUG=-all DISPLAY= WINEDLLOVERRIDES="mscoree,mshtml=;winemenubuilder.exe=d;winedbg.exe=d"
PATH=$PATH:/usr/lib/wine

# Its server runs until the script ends. What else runs meanwhile and keeps its standard output must be started before.
start_wine() { # FOLDER
    export WINEPREFIX=$1
    ulimit -Sn hard # Wine's server has a descriptor for each handle of each process
    wine_server=$(command -v wineserver64 || command -v wineserver)
    trap '"$wine_server" -k >/dev/null 2>&1 || true' EXIT
    mkdir -p "$WINEPREFIX"
    "$wine_server" -p >/dev/null 2>&1 || true # one may be there already
    quietly "$WINEPREFIX-boot.log" wine64 wineboot -i
}
