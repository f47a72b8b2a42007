# SPDX-License-Identifier: Apache-2.0
# The archive for 64-bit Windows: program, library for C and C++, documents. Built by mingw-w64, used under Wine.
# Sourced by ci/packages.
# shellcheck shell=bash
toolchain=$PWD/cmake/toolchains/mingw-w64-x86_64.cmake
windows_name=slotring-$version-windows-x86_64

build_zip() { # FOLDER
    local tree=$1/$windows_name
    unpack "$1"
    quietly "$1/configure.log" cmake -S "$1/slotring-$version" -B "$1/build" -G Ninja -DCMAKE_TOOLCHAIN_FILE="$toolchain" \
        -DSLOTRING_CROSS_PREFIX="$PWD/build/windows-64-libraries" -DCMAKE_BUILD_TYPE=Release -DSLOTRING_REPRODUCIBLE=ON \
        -DSLOTRING_BUILD_SHARED=ON -DSLOTRING_BUILD_STATIC=ON -DSLOTRING_BUILD_TOOLS=ON -DSLOTRING_BUILD_TESTS=OFF \
        -DSLOTRING_BUILD_BENCH=OFF -DSLOTRING_RELOCATABLE_PC=ON
    quietly "$1/build.log" cmake --build "$1/build" --parallel "$jobs"
    quietly "$1/install.log" cmake --install "$1/build" --prefix "$tree" --strip
    find "$tree" -exec touch -h -d "@$SOURCE_DATE_EPOCH" {} +
    (cd "$1" && find "$windows_name" -type f | LC_ALL=C sort | TZ=UTC zip -9 -X -q "$windows_name.zip" -@)
}

# In a folder with a space in its name, which is where people put it.
use_zip() {
    local place="$at/zip test/Program Files" said
    rm -rf "$at/zip test"
    mkdir -p "$place"
    (cd "$place" && cmake -E tar xf "$at/zip/$windows_name.zip")
    local program="$place/$windows_name/bin/slotring.exe" ring=zip-$$
    export SLOTRING_DIR="Z:$at/zip test/rings"
    mkdir -p "$at/zip test/rings"
    seq 1000 >"$at/zip-sent"
    wine64 "$program" write "$ring" --create --quiet --readers 1 --records <"$at/zip-sent" &
    wine64 "$program" read "$ring" --wait --quiet --lines | tr -d '\r' >"$at/zip-got"
    wait $! || die "slotring.exe write failed"
    cmp "$at/zip-sent" "$at/zip-got" || die "what was read is not what was written"
    [ -z "$(ls "$at/zip test/rings")" ] || die "files of a ring are left: $(ls "$at/zip test/rings")"

    quietly "$at/zip-consumer.log" cmake -S tests/install/project -B "$at/zip test/consumer" -G Ninja \
        -DCMAKE_TOOLCHAIN_FILE="$toolchain" -DSLOTRING_CROSS_PREFIX="$place/$windows_name" \
        -DCMAKE_PREFIX_PATH="$place/$windows_name" -DWANTED_VERSION="$version" -DWANTED_COMPONENT=shared
    quietly "$at/zip-consumer.log" cmake --build "$at/zip test/consumer" --target consumer
    said=$(WINEPATH="Z:$place/$windows_name/bin" wine64 "$at/zip test/consumer/consumer.exe" "consumer-$$" | tr -d '\r')
    [ "$said" = "slotring $version" ] || die "the consumer said \"$said\""
    unset SLOTRING_DIR
    rm -rf "$at/zip test"
    say "used under Wine: the program; and the library, by find_package"
}

test_zip() {
    ./ci/setup build windows
    CC=x86_64-w64-mingw32-gcc-win32 ./ci/cross-libraries build/windows-64-libraries x86_64-w64-mingw32 popt jansson
    build_zip "$at/zip"
    build_zip "$at/zip-in-another-folder"
    same_bytes "$at/zip" "$at/zip-in-another-folder" '*.zip'
    export WINEPREFIX=$at/wine WINEDEBUG=-all DISPLAY=
    export WINEDLLOVERRIDES="mscoree,mshtml=;winemenubuilder.exe=d;winedbg.exe=d"
    PATH=$PATH:/usr/lib/wine
    mkdir -p "$WINEPREFIX"
    quietly "$at/wine-boot.log" wine64 wineboot -i
    use_zip
    "$(command -v wineserver64 || command -v wineserver)" -k >/dev/null 2>&1 || true
}
