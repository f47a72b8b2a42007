# SPDX-License-Identifier: Apache-2.0
# What the scripts in ci/ share. Sourced by bash; starts in the top folder of the project.
# shellcheck shell=bash

set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

jobs=${SLOTRING_JOBS:-$(nproc 2>/dev/null || echo 2)}
tests_at_once=${SLOTRING_JOBS:-$((jobs * 2))} # some of them wait for something, and need no processor
# Seconds after which something that does not get on is taken for hung. No limit is there to find out whether something
# is fast enough: a machine may be slow, cold or busy.
patience=${SLOTRING_PATIENCE:-600}
# The same for a test: its own limit, and ctest's a little above.
export SLOTRING_TEST_TIMEOUT=${SLOTRING_TEST_TIMEOUT:-$patience}

# Configures and builds build/NAME with the given CMake arguments; says nothing but warnings and errors. Program and tests
# are demanded unless an argument says otherwise: here nothing is left out without a word. The tests in C++ are for those
# builds that ask for them (-DSLOTRING_TEST_CPP=ON): they cost each a compiler's seconds. `build_only="A B" build NAME` builds
# these alone.
build() { # NAME [CMAKE ARGUMENT]...
    local dir=build/$1 generator=()
    shift
    if [ ! -e "$dir/CMakeCache.txt" ] && command -v ninja >/dev/null; then
        generator=(-G Ninja)
    fi
    mkdir -p "$dir"
    quietly "$dir/configure.log" cmake -S . -B "$dir" "${generator[@]}" -DSLOTRING_BUILD_TOOLS=ON -DSLOTRING_BUILD_TESTS=ON -DSLOTRING_TEST_CPP=OFF \
        -DSLOTRING_TEST_TIMEOUT=$((SLOTRING_TEST_TIMEOUT + 10)) "$@"
    # shellcheck disable=SC2086 # several words
    quietly "$dir/build.log" cmake --build "$dir" --parallel "$jobs" ${build_only:+--target $build_only}
}

# For builds that try the library alone: it is compiled as ever, the tests in a third of the time, and the model not at all.
unoptimised_tests=(-DSLOTRING_TEST_FLAGS=-O0 -DSLOTRING_BUILD_MODEL=OFF)

# Runs a command with its output in a log; shows it when the command fails or warns.
quietly() { # LOG COMMAND...
    local log=$1
    shift
    if ! "$@" >"$log" 2>&1; then
        cat "$log"
        echo "failed: $*" >&2
        return 1
    fi
    # Without make(1) gcc optimises at link time in one process, and says so.
    if grep -E 'warning:|CMake Warning' "$log" | grep -qv 'lto-wrapper: warning: using serial'; then
        cat "$log"
    fi
}

# Runs ctest in build/NAME and names each skip with its reason. With CI=true a skip that
# tests/expected-skips.txt does not list is a failure. Ends with ctest's own summary line.
run_tests() { # NAME [CTEST ARGUMENT]...
    local name=$1 log=build/$1/ctest.log status=0
    shift
    (cd "build/$name" && ctest --output-on-failure --no-tests=error --parallel "$tests_at_once" "$@" </dev/null) |
        tee "$log" || status=1
    check_skips "$name" || status=1
    grep -E '^[0-9]+% tests passed' "$log" || status=1
    return "$status"
}

# Takes --short from a script's arguments: sets `arguments` to the others, and `share` to what tells ctest to run one test in so
# many, or to nothing.
look_for_short() { # SO-MANY ARGUMENT...
    local argument many=$1
    shift
    arguments=() share=()
    for argument in "$@"; do
        if [ "$argument" = --short ]; then share=(-I "1,,$many"); else arguments+=("$argument"); fi
    done
    [ ${#share[@]} -eq 0 ] || short_streams
}

# How much is streamed, and how often somebody is killed, in a short form.
short_streams() {
    export SLOTRING_STREAM_MIB=${SLOTRING_STREAM_MIB:-16} SLOTRING_KILLS=${SLOTRING_KILLS:-5}
}

# Tries a command until it succeeds. What it looks at is what other processes do, so each try is a process of its own.
eventually() { # COMMAND... ; fails when it was of no use for as long as our patience lasts
    local until=$((SECONDS + patience))
    until "$@"; do
        [ "$SECONDS" -lt "$until" ] || return 1
        sleep 0.02
    done
}

# Runs a command, its output here and in a log, however long it takes. It is ended, with 124, when it hangs: when, for as
# long as our patience lasts, it has said nothing and used less than a hundredth of a processor.
watched() { # LOG COMMAND...
    local log=$1 watcher status=0
    shift
    rm -f "$log.session"
    : >"$log"
    watch "$log" &
    watcher=$!
    # shellcheck disable=SC2016 # for the other shell
    setsid --wait bash -c 'echo $$ >"$0"; exec "$@"' "$log.session" "$@" 2>&1 </dev/null | tee "$log" || status=${PIPESTATUS[0]}
    kill "$watcher" 2>/dev/null || true
    wait "$watcher" 2>/dev/null || true
    if [ -e "$log.hung" ]; then
        rm -f "$log.hung"
        status=124
    fi
    rm -f "$log.session"
    return "$status"
}

watch() { # LOG: what `watched` runs beside the command
    local log=$1 session size ticks size_then=-1 ticks_then=0
    local looks=0 # in vain, a second or more apart: not the clock, for a machine that stands still works on nothing
    rm -f "$log.hung"
    while sleep 1; do
        session=$(cat "$log.session" 2>/dev/null) || continue
        size=$(stat -c %s "$log")
        ticks=$(ticks_of "$session")
        # Fewer than before: one of its processes has ended.
        if [ "$size" -ne "$size_then" ] || [ "$ticks" -lt "$ticks_then" ] || [ $((ticks - ticks_then)) -ge "$patience" ]; then
            size_then=$size ticks_then=$ticks looks=0
        elif [ $((looks += 1)) -ge "$patience" ]; then
            : >"$log.hung"
            echo "hung: neither a word nor work for $patience s" | tee -a "$log" >&2
            family "$session" | awk '{ print $1 }' | xargs -r kill -KILL
            return
        fi
    done
}

# Hundredths of a second that these have used, with those of their children that ended.
ticks_of() { # SESSION
    family "$1" | awk '{ ticks += $2 } END { print ticks + 0 }'
}

# The processes of a session, and all that come from them, a line for each: its number, and its ticks.
family() { # SESSION
    { cat /proc/[0-9]*/stat 2>/dev/null || true; } | awk -v session="$1" '
        { pid = $1; sub(/^.*\) /, ""); parent[pid] = $2; ticks[pid] = $12 + $13 + $14 + $15; ours[pid] = $4 == session }
        END {
            for (pid in parent) {
                for (p = pid; p in parent && !ours[p]; p = parent[p]) { }
                if (ours[p]) print pid, ticks[pid]
            }
        }'
}

# Keeps what was tried on which platform, for ci/platforms. The name is the one in README.md.
platform_tested() { # PLATFORM BUILD
    local compiler
    compiler=$(sed -nE 's/^set\(CMAKE_C_COMPILER(_VERSION)? "(.*)"\)$/\2/p' "build/$2"/CMakeFiles/*/CMakeCCompiler.cmake | xargs)
    platform_result "$1" tested "$compiler" \
        "$(grep -E '^[0-9]+% tests passed' "build/$2/ctest.log"), $(grep -cE '\(Skipped\)$' "build/$2/ctest.log") skipped"
}

platform_linked() { # PLATFORM COMPILER
    platform_result "$1" "compiled and linked" "$2" ""
}

platform_result() { # PLATFORM STATE COMPILER TESTS
    mkdir -p build/platforms
    printf '%s|%s|ci/%s|%s|%s\n' "$1" "$2" "$(basename "$0")" "$3" "$4" >"build/platforms/$(tr -cs 'a-zA-Z0-9\n' - <<<"$1").txt"
}

check_skips() { # NAME
    local test reason unexpected=0
    for test in $(sed -nE 's/^\t *[0-9]+ - (.*) \(Skipped\)$/\1/p' "build/$1/ctest.log"); do
        reason=$(grep -m 1 "^SKIP $test: " "build/$1/Testing/Temporary/LastTest.log" ||
            echo "SKIP $test: no reason given")
        if skip_is_expected "$test" "$1"; then
            echo "$reason (expected)"
        else
            echo "$reason"
            unexpected=$((unexpected + 1))
        fi
    done
    if [ "$unexpected" -gt 0 ] && [ "${CI:-}" = true ]; then
        echo "failed: $unexpected skipped that tests/expected-skips.txt does not list for build $1" >&2
        return 1
    fi
}

# Is a skip of this test listed, and does the condition hold under which it is?
skip_is_expected() { # TEST BUILD
    local pattern condition
    while read -r pattern condition; do
        # shellcheck disable=SC2053 # a pattern, such as step.*, and the same test over another backend
        if [[ $pattern != "#"* && -n $pattern && ($1 == $pattern || $1 == *.$pattern) ]] && condition_holds "$condition" "$2"; then
            return 0
        fi
    done <tests/expected-skips.txt
    return 1
}

condition_holds() { # CONDITION BUILD
    local number
    number=$(tr -dc '0-9' <<<"$1")
    case $1 in
        "not root") [ "$(id -u)" -ne 0 ] ;;
        "not root, or no mount namespaces") [ "$(id -u)" -ne 0 ] || ! unshare --mount true 2>/dev/null ;;
        "not root, or /var/tmp is mounted nosuid")
            [ "$(id -u)" -ne 0 ] || [[ $(findmnt -no OPTIONS -T /var/tmp) == *no[se][ux]* ]]
            ;;
        "not root, or no "*fs | "not root, or no ext"? | "not root, or no overlay")
            [ "$(id -u)" -ne 0 ] || ! can_mount "${1##* }"
            ;;
        "on Windows") [[ $2 == windows-* ]] ;;
        "run by another program") grep -q '^SLOTRING_TEST_EMULATOR:INTERNAL=.' "build/$2/CMakeCache.txt" ;;
        "under qemu") grep -q '^SLOTRING_QEMU_PROGRAM:' "build/$2/CMakeCache.txt" ;;
        "core files go elsewhere") [[ $(cat /proc/sys/kernel/core_pattern) == *[/\|]* ]] || [ "$(ulimit -Hc)" != unlimited ] ;;
        "not root, or no freezer of cgroup "?) [ "$(id -u)" -ne 0 ] || ! can_freeze "$number" ;;
        "with addresses of 32 bits") grep -qs 'CMAKE_C_SIZEOF_DATA_PTR "4"' "build/$2"/CMakeFiles/*/CMakeCCompiler.cmake ;;
        "with portable mechanisms") [ "$2" = mechanisms ] ;;
        "over APR: "*) true ;; # the lines name tests of that backend only
        "without libmicrohttpd") ! grep -q '^SLOTRING_MICROHTTPD_USABLE:INTERNAL=1' "build/$2/CMakeCache.txt" ;;
        "/dev/shm reserves no room") ! reserves_room /dev/shm ;;
        "no Prometheus") ! command -v prometheus >/dev/null || ! command -v promtool >/dev/null || ! command -v curl >/dev/null ;;
        "no prometheus_client") ! /usr/bin/python3 -c 'import prometheus_client' 2>/dev/null ;;
        "neither zsh nor fish") ! command -v zsh >/dev/null && ! command -v fish >/dev/null ;;
        "no C++ compiler") grep -qE '^(SLOTRING_CROSS_CXX:|CMAKE_CXX_COMPILER:).*NOTFOUND$' "build/$2/CMakeCache.txt" ;;
        "no sys/sdt.h") ! echo '#include <sys/sdt.h>' | cc -E -x c - >/dev/null 2>&1 ;;
        "no tmux") ! command -v tmux >/dev/null ;;
        "no nats-server") ! PATH=$PATH:/usr/sbin command -v nats-server >/dev/null ;;
        "without the client of NATS") ! grep -q '^SLOTRING_NATS_USABLE:INTERNAL=1' "build/$2/CMakeCache.txt" ;;
        "no openssl") ! command -v openssl >/dev/null ;;
        "no user namespaces") ! unshare --user true 2>/dev/null ;;
        "not root, or no PID namespaces") [ "$(id -u)" -ne 0 ] || ! unshare --pid --fork true 2>/dev/null ;;
        "built to measure coverage") [ "$2" = coverage ] ;;
        "built with a sanitizer") [ "$2" = asan ] || [ "$2" = tsan ] ;;
        "fewer than "*" open files allowed") [ "$(ulimit -Hn)" != unlimited ] && [ "$(ulimit -Hn)" -lt "$number" ] ;;
        # Tests that ran at the same time may have had as much.
        "less than "*" MiB of free memory") [ "$(free_mib)" -lt $((2 * number)) ] ;;
        "processes cannot be traced (ptrace)") tracing_is_forbidden ;;
        *)
            echo "tests/expected-skips.txt: ci/lib.sh cannot check the condition \"$1\"" >&2
            return 1
            ;;
    esac
}

# Does the file system give a file room behind its end?
reserves_room() { # FOLDER
    local file blocks
    file=$(mktemp "$1/slotring-room.XXXXXX") || return
    fallocate --keep-size --length 8M "$file" 2>/dev/null
    blocks=$(stat -c %b "$file")
    rm "$file"
    [ "$blocks" -gt 2048 ]
}

python_version() { "$1" -c 'import sys; print("%d.%d" % sys.version_info[:2])'; } # COMMAND

oldest_python() { sed -nE 's/^requires-python = ">=([0-9.]+)"$/\1/p' pyproject.toml; }

python_is_too_old() { [ "$(printf '%s\n' "$(oldest_python)" "$1" | sort -V | head -n 1)" = "$1" ] && [ "$1" != "$(oldest_python)" ]; } # VERSION

free_mib() { # what is free in memory and in /dev/shm, whichever is less
    local memory shm
    memory=$(awk '$1 == "MemAvailable:" { print int($2 / 1024) }' /proc/meminfo)
    shm=$(df -Pm /dev/shm | awk 'NR == 2 { print $4 }')
    echo $((memory < shm ? memory : shm))
}

can_freeze() { # VERSION of the control groups: can a group be made that has a freezer?
    local mount group status=1
    for mount in /sys/fs/cgroup /sys/fs/cgroup/unified /sys/fs/cgroup/freezer; do
        group=$mount/slotring-can-freeze-$$
        mkdir "$group" 2>/dev/null || continue
        if [ "$1" = 1 ]; then [ ! -w "$group/freezer.state" ] || status=0; else [ ! -w "$group/cgroup.freeze" ] || status=0; fi
        rmdir "$group"
    done
    return "$status"
}

can_mount() { # TYPE: of a file system, for this process alone; those on a disk in a file, through a loop device
    local folder status=0
    folder=$(mktemp -d -p "$([ -w /dev/shm ] && echo /dev/shm || echo /tmp)")
    mkdir "$folder/place" "$folder/lower" "$folder/upper" "$folder/work"
    case $1 in
        overlay)
            unshare --mount mount -t overlay none "$folder/place" \
                -o "lowerdir=$folder/lower,upperdir=$folder/upper,workdir=$folder/work"
            ;;
        ramfs | hugetlbfs) unshare --mount mount -t "$1" none "$folder/place" ;;
        *)
            truncate -s 320M "$folder/image" && PATH=$PATH:/usr/sbin:/sbin "mkfs.$1" -q "$folder/image" &&
                unshare --mount mount -t "$1" -o loop "$folder/image" "$folder/place"
            ;;
    esac >/dev/null 2>&1 || status=1
    rm -rf "$folder"
    return "$status"
}

tracing_is_forbidden() { # by the kernel's setting, or by a container's filter
    [ "$(cat /proc/sys/kernel/yama/ptrace_scope 2>/dev/null || echo 0)" -eq 3 ] ||
        grep -q '^Seccomp:[[:space:]]*2' /proc/self/status
}
