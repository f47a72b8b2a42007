# SPDX-License-Identifier: Apache-2.0
# What the scripts in ci/ share. Sourced by bash; starts in the top folder of the project.

set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

jobs=${SLOTRING_JOBS:-$(nproc 2>/dev/null || echo 2)}

# Configures and builds build/NAME with the given CMake arguments; says nothing but warnings and errors.
build() { # NAME [CMAKE ARGUMENT]...
    local dir=build/$1 generator=()
    shift
    if [ ! -e "$dir/CMakeCache.txt" ] && command -v ninja >/dev/null; then
        generator=(-G Ninja)
    fi
    mkdir -p "$dir"
    quietly "$dir/configure.log" cmake -S . -B "$dir" "${generator[@]}" "$@"
    quietly "$dir/build.log" cmake --build "$dir" --parallel "$jobs"
}

# Runs a command with its output in a log; shows it when the command fails or warns.
quietly() { # LOG COMMAND...
    local log=$1
    shift
    if ! "$@" >"$log" 2>&1; then
        cat "$log"
        echo "failed: $*" >&2
        return 1
    fi
    if grep -qE 'warning:|CMake Warning' "$log"; then
        cat "$log"
    fi
}

# Runs ctest in build/NAME and names each skip with its reason. With CI=true a skip that
# tests/expected-skips.txt does not list is a failure. Ends with ctest's own summary line.
run_tests() { # NAME [CTEST ARGUMENT]...
    local dir=build/$1 status=0
    shift
    (cd "$dir" && ctest --output-on-failure --no-tests=error --parallel "$jobs" "$@" </dev/null) |
        tee "$dir/ctest.log" || status=1
    check_skips "$dir" || status=1
    grep -E '^[0-9]+% tests passed' "$dir/ctest.log" || status=1
    return "$status"
}

check_skips() { # DIRECTORY
    local skipped name reason unexpected=0
    skipped=$(sed -nE 's/^\t *[0-9]+ - (.*) \(Skipped\)$/\1/p' "$1/ctest.log")
    for name in $skipped; do
        reason=$(grep -F -m 1 "SKIP $name: " "$1/Testing/Temporary/LastTest.log" || echo "SKIP $name: no reason given")
        if grep -qE "^$name( |\$)" tests/expected-skips.txt 2>/dev/null; then
            echo "$reason (expected)"
        else
            echo "$reason"
            unexpected=$((unexpected + 1))
        fi
    done
    if [ "$unexpected" -gt 0 ] && [ "${CI:-}" = true ]; then
        echo "failed: $unexpected skipped that tests/expected-skips.txt does not list" >&2
        return 1
    fi
}
