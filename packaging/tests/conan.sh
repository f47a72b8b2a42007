# SPDX-License-Identifier: Apache-2.0
# The recipe for Conan, shared and static, with its own test: a program of somebody else finds the package by CMake and runs.
# Sourced by ci/packages.
# shellcheck shell=bash
conan_version=2.34.0

test_conan() {
    local kind venv=$at/conan-venv
    export CONAN_HOME=$at/conan-home
    [ -x "$venv/bin/python" ] || quietly "$at/conan-venv.log" python3 -m venv "$venv"
    if ! "$venv/bin/python" -m pip install --quiet --disable-pip-version-check "conan==$conan_version" >"$at/conan-pip.log" 2>&1; then
        tail -n 3 "$at/conan-pip.log"
        echo "SKIP packages.conan: PyPI gave no conan $conan_version ($at/conan-pip.log)"
        return 0
    fi
    rm -rf "$CONAN_HOME"
    quietly "$at/conan-profile.log" "$venv/bin/conan" profile detect
    unpack "$at/conan"
    for kind in True False; do
        "$venv/bin/conan" create "$at/conan/slotring-$version/packaging/conan" --no-remote -o "slotring/*:shared=$kind" \
            >"$at/conan-$kind.log" 2>&1 || { cat "$at/conan-$kind.log" && die "conan create, shared=$kind"; }
        grep -qx "slotring $version" "$at/conan-$kind.log" || { cat "$at/conan-$kind.log" && die "its test did not run"; }
        say "conan create, with its test: shared=$kind"
    done
    quietly "$at/conan-remove.log" "$venv/bin/conan" remove --confirm 'slotring/*'
    [ -z "$("$venv/bin/conan" list 'slotring/*' 2>/dev/null | grep -F "slotring/$version")" ] || die "conan remove left it"
}
