#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# cases.sh CASE: one test of the scripts in ci/. Each runs in an empty folder of its own.
set -euo pipefail
source_tree=$(cd "$(dirname "$0")/../.." && pwd)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

fail() {
    echo "not true: $1" >&2
    [ ! -s "$folder/said" ] || sed 's/^/  /' "$folder/said" >&2
    exit 1
}

says() { grep -qF -- "$1" "$folder/said" || fail "it says \"$1\""; }

# ---- What hangs, and what is only slow (ci/lib.sh) ---------------------------------------------------------

# Runs a command under the watch of ci/lib.sh; its status goes to standard output.
watched() { # SECONDS-OF-PATIENCE COMMAND...
    local status=0
    # shellcheck disable=SC2016 # for the other shell
    SLOTRING_PATIENCE=$1 bash -c 'source "$0/ci/lib.sh"; watched "$@"' "$source_tree" "$folder/log" "${@:2}" \
        >"$folder/said" 2>&1 || status=$?
    echo "$status"
}

case_slow_but_talking() { # it takes longer than any patience, and is let be
    [ "$(watched 4 bash -c 'for i in 1 2 3 4 5 6 7 8; do echo $i; sleep 0.8; done')" -eq 0 ] || fail "it ends well"
    says 8
    grep -qx 8 "$folder/log" || fail "what it says goes to the log, too"
}

case_slow_but_working() {
    # shellcheck disable=SC2016 # for the other shell
    [ "$(watched 4 bash -c 'until [ $SECONDS -ge 6 ]; do :; done')" -eq 0 ] || fail "it ends well"
}

case_hung() { # it, and who it has started, whatever session that went to
    local begin=$SECONDS
    [ "$(watched 2 bash -c "echo begin; setsid bash -c 'echo \$\$ >$folder/child; exec sleep 1000'; echo end")" -eq 124 ] ||
        fail "it is ended with 124"
    says begin
    says "hung: neither a word nor work for 2 s"
    [ $((SECONDS - begin)) -lt 500 ] || fail "that takes about as long as its patience"
    # Its child is ended as well; whose child it is then may look after it late.
    while [[ $(cat "/proc/$(cat "$folder/child")/stat" 2>/dev/null) =~ \)\ [^ZX] ]]; do sleep 0.05; done
}

case_failing() {
    [ "$(watched 60 bash -c 'echo sorry; exit 3')" -eq 3 ] || fail "its own status comes out"
    says sorry
}

case_no_limit_in_scripts() { # a number of seconds that decides would stand there as "timeout N" or in a comparison
    local found
    found=$(cd "$source_tree" && grep -nE '(^|[ |(])timeout( --?[a-z-]+(=[^ ]*)?)* [0-9$]|SECONDS \+ [0-9]' ci/* .ci/run |
        grep -v 'SECONDS + patience' || true)
    [ -z "$found" ] || fail "there is no limit of time: $found"
}

# ---- What a run of all stages says at its end (.ci/run, ci/what-failed) --------------------------------------------

# A project whose stages all pass and say many lines, but for those that the caller makes afterwards.
project_of_stages() {
    local stage
    mkdir -p "$folder/project/.ci" "$folder/project/ci"
    cp "$source_tree/.ci/run" "$folder/project/.ci/"
    for stage in $(sed -nE 's/^stage [a-z]+ (cached )?\.\/ci\/([a-z-]+).*/\2/p' "$source_tree/.ci/run"); do
        printf '#!/bin/sh\nseq 3\n' >"$folder/project/ci/$stage"
        chmod +x "$folder/project/ci/$stage"
    done
    cp "$source_tree/ci/what-failed" "$folder/project/ci/"
}

run_stages() {
    local status=0
    "$folder/project/.ci/run" >"$folder/said" 2>&1 || status=$?
    echo "$status"
}

# What was said after the last stage had ended.
at_the_end() { sed '1,/^== platforms: passed/d' "$folder/said"; }

says_at_the_end() { at_the_end | grep -qF -- "$1" || fail "it says \"$1\" at its end"; }

case_stages_that_pass() {
    project_of_stages
    [ "$(run_stages)" -eq 0 ] || fail "it ends well"
    tail -n 1 "$folder/said" | grep -q '^== all stages passed' || fail "the last line says so"
    [ "$(tail -n 1 "$folder/project/build/ci-logs/windows.log")" = 3 ] || fail "each stage has a log"
}

case_stages_with_failed_tests() { # those come at the end with their messages, and those that passed do not
    project_of_stages
    cat >>"$folder/project/ci/windows" <<'TEXT'
cat <<LOG
== part: the first of two
        Start   7: ring.first
 1/3 Test   #7: ring.first .........................   Passed    0.02 sec
        Start  55: ring.second
        Start 123: ring.third
 2/3 Test  #55: ring.second ........................***Failed    0.03 sec
ring_test.c:12: 3 is not 4

 3/3 Test #123: ring.third .........................***Skipped   0.01 sec
SKIP ring.third: not here

LOG
echo "and a word to standard error" >&2
exit 1
TEXT
    printf 'seq 200\nexit 3\n' >>"$folder/project/ci/format"
    [ "$(run_stages)" -eq 1 ] || fail "it fails"
    says_at_the_end "== part: the first of two"
    says_at_the_end "ring.second ........................***Failed    0.03 sec"
    says_at_the_end "ring_test.c:12: 3 is not 4"
    says_at_the_end "141" # 60 lines of what has no tests
    [ "$(at_the_end | grep -cE 'ring.(first|third)|^140$')" -eq 0 ] ||
        fail "it says no more than what failed"
    grep -q "and a word to standard error" "$folder/project/build/ci-logs/windows.log" || fail "all goes to the log"
    tail -n 1 "$folder/said" | grep -q '^== FAILED: format windows (' || fail "the last line names the stages"
}

case_very_many_failed_tests() { # the first ones, each with the end of its message
    local i
    for i in $(seq 30); do
        echo "$i/30 Test #$i: ring.number_$i ...***Failed    0.03 sec"
        seq "$i" 50
    done >"$folder/log"
    "$source_tree/ci/what-failed" "$folder/log" >"$folder/said"
    [ "$(wc -l <"$folder/said")" -eq 111 ] || fail "ten tests with ten lines each"
    says "and 20 tests more"
}

case_storm_that_failed() { # its sentence has the seed, and what its parts said stands behind it
    {
        echo "== bridge: ./ci/bridge"
        seq 100
        echo "ci/bridge: 22 s, seed 15: each of 90 messages and 9 marks arrived once and whole"
        echo "ci/bridge: FAILED after 12 s, seed 4711: other bytes arrived"
        seq 201 245
    } >"$folder/log"
    "$source_tree/ci/what-failed" "$folder/log" >"$folder/said"
    [ "$(head -n 2 "$folder/said" | tail -n 1)" = "ci/bridge: FAILED after 12 s, seed 4711: other bytes arrived" ] || fail "it says how to have it again"
    says 201
    says 245
    [ "$(wc -l <"$folder/said")" -eq 47 ] || fail "it says no more than that"
}

# ---- A ring between hosts (ci/bridge) ----------------------------------------------------------------------------------

case_bridge_without_rights() { # is a skip that says why
    mkdir -p "$folder/bin"
    printf '#!/bin/sh\necho 1000\n' >"$folder/bin/id"
    chmod +x "$folder/bin/id"
    PATH=$folder/bin:$PATH "$source_tree/ci/bridge" >"$folder/said" 2>&1 || fail "that is no failure"
    says "ci/bridge: SKIPPED: it makes network namespaces, and needs root for that"
}

case_bridge_with_words_of_no_sense() {
    local words
    for words in 40 --minutes "--minutes 0" "--minutes 1 x" "--minutes 1 2 3"; do
        # shellcheck disable=SC2086 # several words
        ! "$source_tree/ci/bridge" $words >"$folder/said" 2>&1 || fail "it refuses \"$words\""
        says "ci/bridge --minutes N [SEED]"
    done
}

# ---- The Python package, its wheels and its pages (ci/python, ci/wheels, ci/docs) -----------------------------------

# Calls a script with a Python that says it is this version, and has a pip that finds nothing.
with_python() { # SCRIPT VERSION
    local status=0
    mkdir -p "$folder/project/ci"
    cp "$source_tree/ci/$1" "$source_tree"/ci/*.sh "$folder/project/ci/"
    cp "$source_tree/pyproject.toml" "$folder/project/"
    printf '#!/bin/sh\n' >"$folder/project/ci/setup"
    cat >"$folder/python" <<TEXT
#!/bin/sh
case "\$*" in
    -c*) echo $2 ;;
    "-m venv "*) mkdir -p "\$3/bin" && cp "$folder/python" "\$3/bin/" ;;
    *) echo "no such package" && exit 1 ;;
esac
TEXT
    chmod +x "$folder/project/ci/setup" "$folder/python"
    SLOTRING_PYTHON=$folder/python "$folder/project/ci/$1" >"$folder/said" 2>&1 || status=$?
    echo "$status"
}

case_python_that_is_too_old() {
    [ "$(with_python python 3.10)" -eq 0 ] || fail "that is no failure"
    says "SKIP python 3.10: the package needs 3.11"
    [ "$(with_python docs 3.9)" -eq 0 ] || fail "that is no failure"
    says "SKIP docs: the package needs Python 3.11, and this is 3.9"
    [ "$(with_python wheels 3.10)" -eq 0 ] || fail "that is no failure"
    says "SKIP wheels: the package needs Python 3.11, and this is 3.10"
}

case_python_without_packages() {
    [ "$(with_python python 3.12)" -eq 0 ] || fail "that is no failure"
    says "no such package"
    says "SKIP python 3.12: PyPI gave no scikit-build-core=="
    [ "$(with_python docs 3.12)" -eq 0 ] || fail "that is no failure"
    says "SKIP docs: PyPI gave no sphinx=="
    [ "$(with_python wheels 3.12)" -eq 0 ] || fail "that is no failure"
    says "SKIP wheels: PyPI gave no build=="
}

# ---- Subjects of commits (ci/commits) ------------------------------------------------------------------------

# A project with commits of these subjects, and ci/commits told to look at what came after the first one.
commits() { # SUBJECT...
    local status=0 first git=(git -C "$folder/project" -c user.name=a -c user.email=a@b -c commit.gpgsign=false)
    mkdir -p "$folder/project/ci"
    cp "$source_tree/ci/commits" "$folder/project/ci/"
    "${git[@]}" init -q
    "${git[@]}" commit -q --allow-empty -m "An older one, of which nobody asks anything, however long that it may be as a line"
    first=$("${git[@]}" rev-parse HEAD)
    for subject in "$@"; do "${git[@]}" commit -q --allow-empty -m "$subject"; done
    "$folder/project/ci/commits" "${after:-$first}" >"$folder/said" 2>&1 || status=$?
    echo "$status"
}

case_commits_that_are_right() {
    [ "$(commits "ring: close it" "tests, docs: a name" "posix: $(printf 'x%.0s' {1..65})")" -eq 0 ] || fail "it ends well"
    says "3 subjects are right"
}

case_commits_that_are_wrong() {
    [ "$(commits "Close the ring" "ring: close it" "posix: $(printf 'x%.0s' {1..66})")" -eq 1 ] || fail "it fails"
    says 'is not "area: what changes": Close the ring'
    says "has 73 characters, at most 72 are allowed"
    says "2 of 3 subjects are wrong"
}

case_commits_without_history() {
    [ "$(after=0123456789abcdef0123456789abcdef01234567 commits "Close the ring")" -eq 0 ] || fail "it ends well"
    says "checked nothing"
}

# ---- Floors and circles (ci/layers) --------------------------------------------------------------------------

# A small tree with two floors and two backends, built; an argument is a line more for a file.
layers() { # [FILE LINE]
    local status=0 tree=$folder/tree file
    mkdir -p "$tree"/src/{base,protocol} "$tree"/platform/{common,posix/files,apr} "$folder"/build/x.dir/src/{base,protocol}
    cd "$tree"
    echo 'int low(void);' >src/base/low.h
    echo 'int high(void);' >src/protocol/high.h
    touch src/platform.h platform/common/all.h platform/posix/facets.h platform/posix/own.h platform/posix/files/own.h
    printf '#include "base/low.h"\nint low(void) { return 0; }\n' >src/base/low.c
    printf '#include "base/low.h"\n#include "protocol/high.h"\nint high(void) { return low(); }\n' >src/protocol/high.c
    printf '#include "platform.h"\n' >platform/common/all.c
    printf '#include "common/all.h"\n#include "posix/own.h"\n' >platform/posix/files/lock.c
    printf '#include "posix/facets.h"\n' >platform/apr/lock.c
    [ $# -eq 0 ] || echo "$2" >>"$1"
    for file in base/low protocol/high; do cc -Isrc -c "src/$file.c" -o "$folder/build/x.dir/src/$file.c.o"; done
    LAYERS_ROOT=$tree "$source_tree/ci/layers" "$folder/build" >"$folder/said" 2>&1 || status=$?
    echo "$status"
}

case_layers_that_hold() {
    [ "$(layers)" -eq 0 ] || fail "it ends well"
    says "7 includes go downwards, and so do the calls; no circles"
}

case_layers_that_are_broken() {
    [ "$(layers src/base/low.c '#include "protocol/high.h"')" -eq 1 ] || fail "it fails"
    says 'base/low.c includes "protocol/high.h": base lies below protocol'
}

case_layers_in_angle_brackets() {
    [ "$(layers src/base/low.c '#include <protocol/high.h>')" -eq 1 ] || fail "it fails"
    says 'base/low.c includes <protocol/high.h>; headers of ours are included as "protocol/high.h"'
}

case_layers_with_headers_in_a_circle() {
    [ "$(layers src/base/other.h '#include "base/low.h"')" -eq 0 ] || fail "one direction is no circle"
    [ "$(layers src/base/low.h '#include "base/other.h"')" -eq 1 ] || fail "it fails"
    says "these headers include each other in a circle: base/low.h base/other.h"
}

case_layers_of_a_backend() {
    [ "$(layers platform/common/all.c '#include "posix/facets.h"')" -eq 1 ] || fail "what all share knows no backend"
    says 'common/all.c includes "posix/facets.h": common may not use posix'
    [ "$(layers platform/apr/lock.c '#include "posix/own.h"')" -eq 1 ] || fail "backends keep apart"
    says 'apr/lock.c includes "posix/own.h": apr may not use posix'
    [ "$(layers platform/posix/own.h '#include "posix/files/own.h"')" -eq 1 ] || fail "what families share knows none"
    says 'posix/own.h includes "posix/files/own.h": posix may not use posix/files'
    : >"$folder/tree/platform/posix/own.h"
    [ "$(layers platform/posix/files/lock.c '#include "protocol/high.h"')" -eq 1 ] || fail "a backend knows no protocol"
    says 'posix/files/lock.c includes "protocol/high.h": a backend knows the contract, and not protocol'
}

case_layers_with_a_circle() {
    [ "$(layers src/base/low.c 'int high(void); int deep(void) { return high(); }')" -eq 1 ] || fail "it fails"
    says "call each other in a circle: src/base/low.c src/protocol/high.c"
}

case_layers_with_a_call_upwards() {
    [ "$(layers src/base/low.c 'int above(void); int deep(void) { return above(); }')" -eq 0 ] || fail "nobody has it"
    echo 'int above(void) { return 0; }' >"$folder/tree/src/protocol/above.c"
    cc -c "$folder/tree/src/protocol/above.c" -o "$folder/build/x.dir/src/protocol/above.c.o"
    [ "$(layers src/base/low.c 'int above(void); int deep(void) { return above(); }')" -eq 1 ] || fail "it fails"
    says "src/base/low.c calls src/protocol/above.c: base lies below protocol"
}

# ---- Lists that are kept by hand (ci/lists) -----------------------------------------------------------------

# A small tree whose lists are complete; an argument is a command that runs in it before the look.
lists() { # [COMMAND]
    local status=0 tree=$folder/tree
    mkdir -p "$tree"/{src/base,tests/support,tests/model,tools/man,docs,ci,include/slotring}
    cd "$tree"
    touch tests/support/main.c tests/model/README.md docs/manual.md src/README.md
    printf '/* SPDX */\n/* Reads words. Twice. */\n' | tee "$tree/src/base/words.h" >"$tree/src/base/words.c"
    LISTS_SOURCE=$tree "$source_tree/ci/lists" --write
    printf '| `%s/` | it |\n' src src/base tests tests/support tests/model tools tools/man docs ci include/slotring >CONTRIBUTING.md
    printf '| `ci/look` | looks |\n[how](docs/manual.md)\n' >>CONTRIBUTING.md
    printf '#!/bin/sh\n' >ci/look && chmod +x ci/look
    printf '    X(NAME, -2, "no name") \\\n' >include/slotring/errors.h
    printf '    {"ls", "list", command_ls},\n' >tools/main.c
    printf '.Xr slotring-ls 1 .\n' | tee tools/man/slotring.1 >tools/man/slotring-ls.1
    printf '| NAME | none | give one |\n| `slotring ls` | lists |\n' >docs/manual.md
    touch tests/order_test.c
    printf '    &order_suite,\n' >tests/support/suites.c
    mkdir tests/support/win32
    printf 'ABSENT(fork, "no fork here");\n' >tests/support/win32/absent.c
    printf 'fork.all_of_it      on Windows\n' >tests/expected-skips.txt
    printf 'EXCLUDE REGEX "/(fork|atfork)_test' >tests/CMakeLists.txt
    sed -i '1i| `tests/support/win32/` | it |' CONTRIBUTING.md
    eval "${1:-}"
    LISTS_SOURCE=$tree "$source_tree/ci/lists" >"$folder/said" 2>&1 || status=$?
    echo "$status"
}

case_lists_that_are_complete() {
    [ "$(lists)" -eq 0 ] || fail "it ends well"
    says "things are in their lists"
}

case_lists_without_a_folder() {
    [ "$(lists 'mkdir src/new; touch src/new/file.c')" -eq 1 ] || fail "it fails"
    says "the map in CONTRIBUTING.md has no line for src/new/"
}

case_lists_with_each_file_of_the_core() { # by the first sentence of its comment
    [ "$(lists)" -eq 0 ] || fail "it ends well"
    grep -qxF '| words.c, .h | Reads words |' "$folder/tree/src/files.md" || fail "$(cat "$folder/tree/src/files.md")"
    [ "$(lists 'printf "/* SPDX */\n/* Adds. */\n" >src/base/sum.h')" -eq 1 ] || fail "a file that the page lacks"
    says "src/files.md is not what the files say"
    [ "$(lists 'printf "/* SPDX */\nint mean;\n" >src/base/mean.c')" -eq 1 ] || fail "a file without a comment"
    says "src/base/mean.c does not say in its first comment what it is about"
}

case_lists_with_a_file_that_is_gone() {
    [ "$(lists 'echo "see \`src/gone.c\`" >>CONTRIBUTING.md')" -eq 1 ] || fail "it fails"
    says "CONTRIBUTING.md names src/gone.c, which is not there"
}

case_lists_without_an_error_a_page_or_a_suite() {
    [ "$(lists 'echo "    X(NEW, -9, \"new\")" >>include/slotring/errors.h; rm tools/man/slotring-ls.1; touch tests/new_test.c')" -eq 1 ] || fail "it fails"
    says "section 10 of docs/manual.md has no row for NEW"
    says "there is no manual page tools/man/slotring-ls.1"
    says "tests/support/suites.c does not name the suite of tests/new_test.c"
}

case_lists_without_a_symbol_of_the_package() {
    local call='mkdir -p packaging/deb; echo "SLOTRING_API int slotring_look(void);" >include/slotring/slotring.h;'
    call+="sed -i '1i| \`packaging/deb/\` | it |' CONTRIBUTING.md;"
    [ "$(lists "$call echo ' slotring_look_twice@SLOTRING_0 0.1.0' >packaging/deb/libslotring0.symbols")" -eq 1 ] || fail "it fails"
    says "packaging/deb/libslotring0.symbols does not have slotring_look: a line as its neighbours'"
    [ "$(lists "$call echo ' slotring_look@SLOTRING_0 0.1.0' >packaging/deb/libslotring0.symbols")" -eq 0 ] || fail "it ends well"
}

case_lists_without_a_suite_that_windows_skips() {
    [ "$(lists 'echo "ABSENT(cancel, \"none\");" >>tests/support/win32/absent.c')" -eq 1 ] || fail "it fails"
    says 'tests/expected-skips.txt has no row "cancel.all_of_it on Windows"'
    says "tests/CMakeLists.txt compiles the suite cancel for Windows"
}

# ---- What may change in a struct (ci/versions) -----------------------------------------------------------------------

# What a report of abidiff says beyond fields in the place of reserved words; its lines are the arguments.
says_beyond() { # LINE...
    printf '%s\n' "$@" | grep -vE -f "$source_tree/tests/versions/reserved-words.txt" >"$folder/said" || true
}

case_versions_with_fields_for_reserved_words() {
    local lines=("Functions changes summary: 0 Removed, 1 Changed (77 filtered out), 0 Added (1 filtered out) functions" ""
        "  [C] 'function int slotring_list(slotring_list_entry_t*)' at list.c:126:1 has some indirect sub-type changes:"
        "    parameter 1 of type 'slotring_list_entry_t*' has sub-type changes:"
        "        underlying type 'struct slotring_list_entry_t' at slotring.h:1644:1 changed:" "          type size hasn't changed"
        "          1 data member insertion:" "            'uint64_t created_ns', at offset 2432 (in bits) at slotring.h:1685:1"
        "          1 data member change:" "            type of 'uint64_t reserved[8]' changed:"
        "              array type size changed from 512 to 448" "            and offset changed from 2432 to 2496 (in bits) (by +64 bits)")
    says_beyond "${lines[@]}"
    [ ! -s "$folder/said" ] || fail "a reserved word got a meaning"
    says_beyond "${lines[@]}" "          type size changed from 320 to 384 (in bits)"
    says "type size changed"
    says_beyond "${lines[@]}" "            'uint32_t y' offset changed from 32 to 64 (in bits) (by +32 bits)"
    says "'uint32_t y' offset changed"
    says_beyond "Functions changes summary: 1 Removed, 0 Changed, 0 Added functions"
    says "1 Removed"
}

# ---- Workflows for a forge (ci/workflows) -------------------------------------------------------------------------

# The workflow of the project, changed by a command of sed.
workflow() { # [SED-COMMAND]
    local status=0
    mkdir -p "$folder/workflows"
    sed -E "${1:-}" "$source_tree/.github/workflows/ci.yml" >"$folder/workflows/ci.yml"
    WORKFLOWS=$folder/workflows SLOTRING_ACTIONLINT=/bin/true "$source_tree/ci/workflows" >"$folder/said" 2>&1 || status=$?
    echo "$status"
}

case_workflows_that_only_read() {
    [ "$(workflow)" -eq 0 ] || fail "it ends well"
    [ "$(workflow 's/contents: read/contents: write/')" -eq 1 ] || fail "one that may write"
    says "may write"
    [ "$(workflow 's/^  linux:/  linux:\n    permissions:\n      packages: write/')" -eq 1 ] || fail "a job that may write"
    [ "$(workflow 's/run: ci\/test/run: echo ${{ secrets.TOKEN }}/')" -eq 1 ] || fail "one that asks for a secret"
    [ "$(workflow 's/run: ci\/test/run: ci\/publish/')" -eq 1 ] || fail "a script that is not there"
    says "calls ci/publish, which is not there"
}

# ---- The table of steps (ci/steps) -----------------------------------------------------------------------------

# A small tree with two steps and their page, changed by a command that runs in it.
steps() { # [COMMAND...]
    local status=0 tree=$folder/tree
    mkdir -p "$tree/src/protocol" "$tree/tests/model" "$tree/docs"
    printf '/* [claim.map] Takes the slot. */\nint claim(int *s)\n{\n    *s = 1; /* [claim.start] It is mine. */\n}\n' >"$tree/src/protocol/claim.c"
    printf 'void claim(void)\n{\n    STEP("claim.map");\n    STEP("claim.start");\n}\n' >"$tree/tests/model/claim.c"
    printf '    PLANT(claim_late, "one",\n          "claim.start", "it is late"),\n' >"$tree/tests/model/faults.c"
    printf '    {"into_free", into_free, 0},\n' >"$tree/tests/path_test.c"
    echo 'path.into_free: claim.map' >"$tree/tests/steps.txt"
    echo 'claim.start: it is one store' >"$tree/tests/steps-without-kills.txt"
    STEPS_ROOT=$tree "$source_tree/ci/steps" --write
    (cd "$tree" && "${@:-true}")
    STEPS_ROOT=$tree "$source_tree/ci/steps" >"$folder/said" 2>&1 || status=$?
    echo "$status"
}

case_steps_that_agree() {
    [ "$(steps)" -eq 0 ] || fail "it ends well"
    says "2 steps stand in the files that they name"
    grep -qF '| claim.map | `claim` | Takes the slot | `claim.c` claim |  | `path.into_free` |' "$folder/tree/docs/steps.md" ||
        fail "the page has the first step: $(cat "$folder/tree/docs/steps.md")"
    grep -qF '| claim.start | `claim` | It is mine | `claim.c` claim | `claim_late` | none: it is one store |' "$folder/tree/docs/steps.md" ||
        fail "the page has the second step: $(cat "$folder/tree/docs/steps.md")"
}

case_steps_in_another_file() {
    [ "$(steps mv src/protocol/claim.c src/protocol/hold.c)" -eq 1 ] || fail "it fails"
    says "[claim.map] stands in src/protocol/hold.c, and not in the file that it names"
}

case_steps_that_the_model_lacks() {
    [ "$(steps sed -i /claim.start/d tests/model/claim.c)" -eq 1 ] || fail "it fails"
    says "[claim.start] has no step in tests/model/"
}

case_steps_that_the_code_lacks() {
    [ "$(steps sed -i s/.claim.start..*/*/ src/protocol/claim.c)" -eq 1 ] || fail "it fails"
    says "tests/model/ names [claim.start], which no comment of src/ has"
    says "tests/model/faults.c names [claim.start], which no comment of src/ has"
}

case_steps_without_a_sentence() {
    [ "$(steps sed -i 's/ It is mine.//' src/protocol/claim.c)" -eq 1 ] || fail "it fails"
    says "[claim.start] has no sentence in src/protocol/claim.c"
}

case_steps_of_no_test() {
    [ "$(steps sed -i s/into_free/into_none/ tests/path_test.c)" -eq 1 ] || fail "it fails"
    says "tests/steps.txt names path.into_free, which is no test"
}

case_steps_without_a_kill() {
    [ "$(steps sed -i /claim.start/d tests/steps-without-kills.txt)" -eq 1 ] || fail "it fails"
    says "no test kills in [claim.start] (ci/steps --record), and tests/steps-without-kills.txt does not say why"
}

case_steps_that_a_test_kills_in_after_all() {
    [ "$(steps eval 'echo "path.into_free: claim.map claim.start" >tests/steps.txt')" -eq 1 ] || fail "it fails"
    says "tests/steps-without-kills.txt has [claim.start], in which a test kills"
}

case_steps_on_an_old_page() {
    [ "$(steps sed -i s/Takes/Gets/ src/protocol/claim.c)" -eq 1 ] || fail "it fails"
    says "docs/steps.md is not what the sources say"
}

# ---- Waiting for apt (ci/setup) ------------------------------------------------------------------------------

# A machine that lacks datamash and jq, and has an apt-get of ours: what it does stands in $folder/apt.
machine() {
    local tool
    mkdir "$folder/bin"
    for tool in bash sh env id cat sed grep mktemp rm sleep head dirname; do
        ln -s "$(command -v $tool)" "$folder/bin/$tool"
    done
    printf '#!/bin/sh\nexec "$@"\n' >"$folder/bin/sudo"
    printf '#!/usr/bin/env bash\necho "$*" >>"%s/calls"\ncalls=$(grep -c . "%s/calls")\nsource "%s/apt"\n' \
        "$folder" "$folder" "$folder" >"$folder/bin/apt-get"
    chmod +x "$folder/bin/sudo" "$folder/bin/apt-get"
    : >"$folder/calls"
}

setup() {
    local status=0
    PATH=$folder/bin SLOTRING_APT_PATIENCE=${1:-600} bash "$source_tree/ci/setup" demo >"$folder/said" 2>&1 || status=$?
    echo "$status"
}

case_setup_waits_for_the_lists() {
    machine
    cat >"$folder/apt" <<'TEXT'
if [[ $* == *update* && $calls -le 2 ]]; then
    echo "E: Could not get lock /var/lib/apt/lists/lock. It is held by process 4711 (unattended-upgr)" >&2
    exit 100
fi
TEXT
    [ "$(setup)" -eq 0 ] || fail "it ends well"
    says "apt is in use by process 4711 (unattended-upgr); waiting for it"
    [ "$(grep -c waiting "$folder/said")" -eq 1 ] || fail "it says so once"
    grep -qE 'install .*datamash' "$folder/calls" || fail "it installs then"
}

case_setup_waits_for_dpkg() {
    machine
    cat >"$folder/apt" <<'TEXT'
if [[ $* == *install* && $calls -le 3 ]]; then
    echo "E: Could not get lock /var/lib/dpkg/lock-frontend. It is held by process 4712 (apt-get)" >&2
    echo "E: Unable to acquire the dpkg frontend lock (/var/lib/dpkg/lock-frontend), is another process using it?" >&2
    exit 100
fi
TEXT
    [ "$(setup)" -eq 0 ] || fail "it ends well"
    says "apt is in use by process 4712 (apt-get); waiting for it"
    [ "$(grep -c 'install' "$folder/calls")" -eq 3 ] || fail "it tries until it may"
}

case_setup_does_not_wait_for_ever() { # for one that hangs itself
    machine
    echo 'echo "E: Could not get lock /var/lib/apt/lists/lock. It is held by process 4711 (apt-get)" >&2; exit 100' >"$folder/apt"
    [ "$(setup 1)" -eq 1 ] || fail "it gives up"
    says "process 4711 (apt-get) has held apt's lock for 1 s"
}

case_setup_does_not_wait_for_errors() {
    machine
    echo 'echo "E: Unable to locate package datamash" >&2; exit 100' >"$folder/apt"
    [ "$(setup)" -eq 1 ] || fail "it fails"
    says "Unable to locate package"
    [ "$(grep -c . "$folder/calls")" -eq 1 ] || fail "it tries once"
}

"case_$1"
