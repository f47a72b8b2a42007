# SPDX-License-Identifier: Apache-2.0
# Source packages of the distribution. Sourced after ci/lib.sh.
# shellcheck shell=bash

sources=$PWD/build/sources
mkdir -p "$sources"

# A deb-src entry for each of the machine's own distribution's sources, with all that stands there (who signs them,
# above all), in a file of ours: the machine's own are not changed.
apt_sources() {
    local file
    for file in /etc/apt/sources.list.d/debian.sources /etc/apt/sources.list.d/ubuntu.sources; do
        [ -e "$file" ] && sed 's/^Types:.*/Types: deb-src/' "$file" && echo
    done >"$sources/apt.sources"
    grep -hE '^deb ' /etc/apt/sources.list 2>/dev/null | sed 's/^deb /deb-src /' >"$sources/apt.list" || true
}

apt_here() { # apt-get or apt-cache, ARGUMENT... with these sources alone, and lists of its own
    local command=$1
    shift
    mkdir -p "$sources/parts" "$sources/lists/partial" "$sources/cache/archives/partial"
    cp "$sources"/apt.{sources,list} "$sources/parts/"
    "$command" -q=2 -o Dir::Etc::SourceList=/dev/null -o Dir::Etc::SourceParts="$sources/parts" \
        -o Dir::State::Lists="$sources/lists" -o Dir::Cache="$sources/cache" -o APT::Sandbox::User=root "$@"
}

# Into this folder: the newest version, or an older one, where a mirror lists the newest one and does not have it.
fetch_newest() { # PACKAGE
    local version
    for version in $(apt_here apt-cache showsrc --only-source "$1" | sed -n 's/^Version: //p' | sort -rVu); do
        apt_here apt-get source "$1=$version" && return
    done
    return 1
}

# Fetches and unpacks a source package; its folder's name goes to standard output.
fetch() { # PACKAGE
    if [ ! -e "$sources/apt.sources" ]; then
        apt_sources
        quietly "$sources/update.log" apt_here apt-get update || return 1
    fi
    mkdir -p "$sources/$1"
    if ! compgen -G "$sources/$1/*.dsc" >/dev/null; then
        (cd "$sources/$1" && quietly "$sources/$1.log" fetch_newest "$1") >&2 || return 1
    fi
    find "$sources/$1" -mindepth 1 -maxdepth 1 -type d -print -quit
}
