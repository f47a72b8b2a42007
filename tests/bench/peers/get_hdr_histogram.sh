#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Builds HdrHistogram_c where the system has no package of it: Debian 12 has its source inside that of redis, which
# is fetched through the machine's own apt sources and their keys, without changing them.
#   usage: get_hdr_histogram.sh FOLDER     -> FOLDER/include/hdr/hdr_histogram.h, FOLDER/libhdr_histogram.a
set -euo pipefail

target=$1
[ ! -e "$target/libhdr_histogram.a" ] || exit 0
mkdir -p "$target/include/hdr" "$target/apt/parts" "$target/apt/lists/partial"

# The machine's sources once more, for source packages: both forms of apt's files.
cd "$target"
for file in /etc/apt/sources.list.d/*.sources; do
    [ ! -e "$file" ] || sed 's/^Types:.*/Types: deb-src/' "$file" >"apt/parts/$(basename "$file")"
done
cat /etc/apt/sources.list /etc/apt/sources.list.d/*.list 2>/dev/null |
    sed -n 's/^deb /deb-src /p' >apt/parts/lines.list || true
options=(-qq -o Dir::Etc::SourceList=/dev/null -o "Dir::Etc::SourceParts=$PWD/apt/parts"
    -o "Dir::State::Lists=$PWD/apt/lists" -o APT::Sandbox::User=root)
apt-get "${options[@]}" update || true # a third party's archive may have no sources
apt-get "${options[@]}" source --download-only redis

archive=$(echo redis_*.orig.tar.gz)
[ -e "$archive" ] || { echo "$0: apt-get gave no source of redis" >&2; exit 1; }
tar -xzf "$archive" --wildcards --strip-components=2 '*/deps/hdr_histogram/*'
# The one place where redis has put its own allocator.
cat >hdr_histogram/hdr_malloc.h <<'C'
#include <stdlib.h>
#define hdr_malloc malloc
#define hdr_calloc calloc
#define hdr_realloc realloc
#define hdr_free free
C
cc -O2 -fPIC -c -o hdr_histogram.o hdr_histogram/hdr_histogram.c
cp hdr_histogram/hdr_histogram.h hdr_histogram/LICENSE.txt include/hdr/
ar rcs libhdr_histogram.a hdr_histogram.o
rm -rf apt redis_* hdr_histogram hdr_histogram.o
