# SPDX-License-Identifier: Apache-2.0
# The packages for distributions with rpm, built and installed on Debian: with Debian's libraries, and below /usr/lib, where Debian
# looks for libraries. Sourced by ci/packages.
# shellcheck shell=bash

build_rpms() { # FOLDER
    rm -rf "$1"
    mkdir -p "$1/SOURCES"
    cp "$at/slotring-$version.tar.gz" "$1/SOURCES/"
    quietly "$1/build.log" rpmbuild -ba --nodeps --define "_topdir $1" --define '_lib lib' --define '_libdir /usr/lib' \
        --define 'debug_package %{nil}' --define '_buildhost reproducible' --define 'use_source_date_epoch_as_buildtime 1' \
        --define 'clamp_mtime_to_source_date_epoch 1' --define "_smp_mflags -j$jobs" packaging/rpm/slotring.spec
    find "$1/RPMS" "$1/SRPMS" -name '*.rpm' -exec mv {} "$1/" \;
}

# What a package installs, needs and runs. Its header also has the source package's sum, and that has the folder of the build.
contents_of() { # RPM
    rpm -qp --qf '[%{FILEMODES:perms} %{FILEUSERNAME} %{FILEMTIMES} %{FILEDIGESTS} %{FILENAMES}\n]%{PAYLOADDIGEST}\n' "$1"
    rpm -qp --requires --provides --scripts "$1"
}

same_contents() { # FIRST SECOND
    local file
    for file in "$1"/*.rpm; do
        [[ $file != *.src.rpm ]] || continue
        contents_of "$file" >"$file.contents"
        [ "$(wc -l <"$file.contents")" -gt 5 ] || die "$file says nothing of what is in it"
        contents_of "$2/$(basename "$file")" | diff "$file.contents" - || die "built twice, and not the same: $(basename "$file")"
    done
    say "what the packages hold is the same, byte for byte, from two folders and times"
}

test_rpm() {
    build_rpms "$at/rpm"
    build_rpms "$at/rpm-in-another-folder"
    same_contents "$at/rpm" "$at/rpm-in-another-folder"
    rpmlint --rpmlintrc packaging/rpm/rpmlintrc "$at"/rpm/*.rpm packaging/rpm/slotring.spec >"$at/rpmlint.log" 2>&1 || true
    grep -q ' 0 errors, 0 warnings' "$at/rpmlint.log" || { cat "$at/rpmlint.log" && die "rpmlint found something"; }
    say "rpmlint has nothing to say"
    fresh_root rpm || return 0

    rpm --root "$root" --initdb
    mkdir -p "$root/usr/share/licenses" # a part of each distribution with rpm
    paths_of_root >"$at/rpm-before"
    copy_tests
    # Debian's libraries are there, and rpm does not know of them.
    quietly "$at/rpm-install.log" unshare --mount rpm --root "$root" --nodeps -i $(printf '%s\n' "$at"/rpm/*.rpm | grep -v '\.src\.rpm$')
    in_root_test packaging/deb/tests/program
    in_root_test packaging/deb/tests/library KINDS=shared
    in_root_test packaging/tests/units
    quietly "$at/rpm-remove.log" rpm --root "$root" --nodeps -e slotring slotring-libs slotring-devel slotring-doc
    check_removed "$at/rpm-before"
}
