# SPDX-License-Identifier: Apache-2.0
# A clean system to install packages into: the distribution of this machine, with what a user's compiler needs and what the
# packages depend on, and nothing of ours. Sourced by ci/packages.
# shellcheck shell=bash
base=$at/root
root=$at/root-in-use

# The address and the name of the distribution that this machine installs from.
distribution() {
    # shellcheck disable=SC2016 # apt's own words
    apt-get indextargets --format '$(REPO_URI) $(CODENAME) $(COMPONENT) $(ORIGIN)' 'Created-By: Packages' |
        awk '$3 == "main" && ($4 == "Debian" || $4 == "Ubuntu") && $2 !~ /-/ { print $1, $2; exit }'
}

# The libraries that the program is built with, as this machine's distribution calls them.
needed_libraries() {
    dpkg-query -W -f='${db:Status-Status} ${Package}\n' 'libdeflate[0-9]*' 'libjansson[0-9]*' 'libmicrohttpd[0-9]*' 'libpopt[0-9]*' |
        awk '$1 == "installed" { print $2 }' | paste -sd,
}

make_base() {
    local mirror name
    read -r mirror name <<<"$(distribution)"
    [ -n "${name:-}" ] || { say "this machine's package lists do not say where its distribution comes from" && return 1; }
    rm -rf "$base.new"
    debootstrap --variant=minbase \
        --include="cmake,gcc,g++,libc6-dev,make,pkg-config,python3,$(needed_libraries)" \
        "$name" "$base.new" "$mirror"
    mv "$base.new" "$base"
}

# A copy of it, to be spoilt. False: there can be none here, and a line says why.
fresh_root() { # PART
    if [ "$(id -u)" -ne 0 ]; then
        echo "SKIP packages.$1: installing needs root, for a system of its own (chroot)"
        return 1
    fi
    if [ ! -d "$base" ] && ! make_base >"$at/root.log" 2>&1; then
        tail -n 3 "$at/root.log"
        echo "SKIP packages.$1: debootstrap made no clean system ($at/root.log)"
        return 1
    fi
    rm -rf "$root"
    cp -a --reflink=auto "$base" "$root"
}

# Runs a command in it, with a /dev/shm of its own, and with none of this machine's environment.
in_root() { # COMMAND...
    # shellcheck disable=SC2016 # for the other shell
    unshare --mount sh -c 'mount --bind /proc "$0/proc" && mount --bind /dev "$0/dev" &&
        mount -t tmpfs -o size=256m tmpfs "$0/dev/shm" && exec chroot "$0" "$@"' "$root" \
        env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive "$@"
}

# Every path of it, without those that keep the package managers' own accounts.
paths_of_root() {
    find "$root" -mindepth 1 \( -path "$root/dev" -o -path "$root/proc" -o -path "$root/tmp" -o -path "$root/test" -o -path "$root/var/cache" \
        -o -path "$root/var/lib/apt" -o -path "$root/var/lib/dpkg" -o -path "$root/var/lib/rpm" -o -path "$root/var/log" \) -prune \
        -o -printf '%P\n' | LC_ALL=C sort
}

# What the tests in there need of the sources, and of packaging/deb/tests.
copy_tests() {
    mkdir -p "$root/test/tests" "$root/test/packaging" "$root/test/docs"
    cp -R tests/install "$root/test/tests/"
    cp -R packaging/deb packaging/systemd packaging/tests "$root/test/packaging/"
    cp -R docs/examples "$root/test/docs/"
}

# Runs a script in there, from the top folder of the sources.
in_root_test() { # SCRIPT [VARIABLE=VALUE]...
    local script=$1
    shift
    quietly "$at/$(basename "$script").log" in_root env "$@" sh -c 'cd /test && exec "$0"' "/test/$script"
    say "used: $script"
}

# Nothing is there that was not there before.
check_removed() { # FILE-WITH-PATHS-BEFORE
    paths_of_root | diff "$1" - >"$1.left" || { cat "$1.left" && die "removed, and something is left or missing"; }
    say "removed, and nothing is left"
}
