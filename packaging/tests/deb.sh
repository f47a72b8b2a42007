# SPDX-License-Identifier: Apache-2.0
# The packages for Debian and Ubuntu. Sourced by ci/packages.
# shellcheck shell=bash

build_debs() { # FOLDER
    local options=nocheck
    [ "${SLOTRING_PACKAGE_TESTS:-}" != yes ] || options=
    unpack "$1"
    cp "$at/slotring-$version.tar.gz" "$1/slotring_$version.orig.tar.gz"
    cp -R packaging/deb "$1/slotring-$version/debian"
    (cd "$1/slotring-$version" && DEB_BUILD_OPTIONS="$options parallel=$jobs" quietly ../build.log dpkg-buildpackage -us -uc)
}

test_deb() {
    local deb names=()
    build_debs "$at/deb"
    SLOTRING_PACKAGE_TESTS=no build_debs "$at/deb-in-another-folder"
    same_bytes "$at/deb" "$at/deb-in-another-folder" '*.deb' '*.debian.tar.xz'
    quietly "$at/lintian.log" lintian --allow-root --fail-on error,warning "$at"/deb/*.changes
    grep . "$at/lintian.log" || say "lintian has nothing to say"
    fresh_root deb || return 0

    paths_of_root >"$at/deb-before"
    mkdir -p "$root/test/debs"
    cp "$at"/deb/*.deb "$root/test/debs/"
    copy_tests
    quietly "$at/deb-install.log" in_root sh -c 'apt-get install -y --no-install-recommends /test/debs/*.deb'
    in_root_test packaging/deb/tests/program
    in_root_test packaging/deb/tests/library
    in_root_test packaging/deb/tests/python3
    in_root_test packaging/tests/units
    for deb in "$at"/deb/*.deb; do names+=("$(dpkg-deb -f "$deb" Package)"); done
    quietly "$at/deb-remove.log" in_root apt-get purge -y "${names[@]}"
    check_removed "$at/deb-before"
    run_autopkgtest
}

# The same tests by Debian's own runner: each with the packages that it names, and a word on standard error is a failure.
run_autopkgtest() {
    command -v autopkgtest >/dev/null || { echo "SKIP packages.autopkgtest: the distribution has no autopkgtest" && return 0; }
    fresh_root deb || return 0
    rm -rf "$at/autopkgtest"
    quietly "$at/autopkgtest.log" autopkgtest -B "$at"/deb/*.deb "$at"/deb/*.dsc -o "$at/autopkgtest" -- chroot "$root"
    say "autopkgtest: $(tr -s ' ' <"$at/autopkgtest/summary" | paste -sd, | sed 's/,/, /g')"
}
