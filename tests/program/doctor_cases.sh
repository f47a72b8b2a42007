# SPDX-License-Identifier: Apache-2.0
# What doctor finds out about a host and a ring, each in a situation that is brought about; and its remedies, which are run.
# shellcheck shell=bash

before_each() {
    # An emulator shows programs a /proc and limits of its own making.
    [ -z "${SLOTRING_TEST_EMULATOR:-}" ] || skip "run by another program"
}

# No other test has a ring of this name at the same time: doctor would find it in its place.
ring=doctor-$$

# The line of doctor about WHAT, of the last command of exits_with; there may be several.
finds() { # LEVEL WHAT TEXT
    grep -E "^$1 +$2: " "$folder/out" | grep -qF -- "$3" || failed "does not say $1 of $2 with \"$3\": $(cat "$folder/out")"
}
finds_nothing_bad_of() { # WHAT
    ! grep -E "^(WARN|BAD) +$1: " "$folder/out" || failed "finds something wrong with $1"
}
remedy() { # WHAT: the command at the end of its remedy, behind a colon if there are words in front of it
    grep -E "^(WARN|BAD|OK) +$1: " "$folder/out" | sed -nE 's/.*; remedy: (.*: )?//p' | head -1 | sed -E 's/ \(.*\)$//'
}

# Mounts are those of a process of its own from here on: they end with it.
with_mounts() { # SCRIPT
    unshare --mount --propagation private true 2>/dev/null || skip "not root, or no mount namespaces"
    # shellcheck disable=SC2016 # of the inner shell
    exits_with "$1" unshare --mount --propagation private env folder="$folder" program="$program" bash -c "set -e; $2"
}

case_doctor_has_a_line_for_each_check() {
    local what
    "$program" doctor >"$folder/out" 2>"$folder/said" || [ $? -le 2 ] || failed "exit status"
    for what in folder space inodes "open files" "address space" "file size" "locked memory" rings processes; do
        grep -qE "^(OK|WARN|BAD) +$what: ." "$folder/out" || failed "no line for $what"
    done
    if [ "$(uname -s)" = Linux ]; then
        for what in "file system" memory "huge pages" "memory limit" RemoveIPC "PID namespace" "IPC namespace" hidepid boot \
            "taken names" places; do
            grep -qE "^(OK|WARN|BAD) +$what: ." "$folder/out" || failed "no line for $what"
        done
    fi
    ! grep -vE '^(OK|WARN|BAD) +[A-Za-z ]+: .' "$folder/out" || failed "a line that is no finding"
    [ ! -s "$folder/said" ] || failed "says something beside its findings"
}

# The exit status is the worst of its lines. In a namespace of its own: other tests make rings at the same time.
case_doctor_exit_status() {
    exits_with 0 slotring create doctored -n 4 -S 4K
    exits_with 0 slotring doctor doctored
    finds OK ring "doctored: 4 slots of 4 KiB"
    exits_with 0 slotring doctor doctored --json
    prints '"worst": "OK"'
    exits_with 2 slotring doctor no-such-ring-anywhere
    finds BAD ring "no-such-ring-anywhere"
    exits_with 2 slotring doctor no-such-ring-anywhere --json
    prints '"worst": "BAD"'
    prints '"level": "BAD"'
    exits_with 2 slotring doctor doctored extra
    says "one argument too many"
    exits_with 0 slotring rm doctored
}

case_doctor_folder() {
    exits_with 2 slotring doctor -d "$folder/none"
    finds BAD folder "No such file"
    finds BAD rings "$folder/none"
    eval "$(remedy folder)"
    slotring doctor -d "$folder/none" >"$folder/out"
    finds OK folder "$folder/none"
    chmod 777 "$folder/none"
    slotring doctor -d "$folder/none" >"$folder/out"
    finds WARN folder "not sticky"
    eval "$(remedy folder)"
    slotring doctor -d "$folder/none" >"$folder/out"
    finds OK folder "1777"
    touch "$folder/file"
    exits_with 2 slotring doctor -d "$folder/file"
    finds BAD folder "no folder"
}

case_doctor_folder_of_another_user() {
    [ "$(id -u)" -eq 0 ] || skip "not root"
    mkdir "$folder/own"
    chmod 755 "$folder" "$folder/own"
    exits_with 2 setpriv --reuid 65533 --clear-groups "$program" doctor -d "$folder/own"
    finds BAD folder "user 65533 may make no ring"
    eval "$(remedy folder)"
    setpriv --reuid 65533 --clear-groups "$program" doctor -d "$folder/own" >"$folder/out"
    finds OK folder "mode 1777"
}

case_doctor_file_system() {
    [ "$(uname -s)" = Linux ] || skip "not Linux"
    exits_with 2 slotring doctor -d /proc
    finds BAD "file system" "type 0x9fa0"
}

case_doctor_space() {
    # shellcheck disable=SC2016
    with_mounts 2 'mkdir $folder/small; mount -t tmpfs -o size=512k none $folder/small; $program doctor -d $folder/small'
    finds BAD space "512 KiB free of 512 KiB in $folder/small"
    [ "$(remedy space)" = "mount -o remount,size=4G $folder/small" ] || failed "another remedy: $(remedy space)"
    # shellcheck disable=SC2016
    with_mounts 0 'mount -t tmpfs -o size=512k none $folder/small; '"$(remedy space)"'; $program doctor -d $folder/small || true'
    finds OK space "4 GiB free of 4 GiB"
    # shellcheck disable=SC2016
    with_mounts 0 'mount -t tmpfs -o size=100M none $folder/small; $program doctor -d $folder/small/ || true'
    finds WARN space "100 MiB free of 100 MiB"
}

case_doctor_inodes() {
    # shellcheck disable=SC2016
    with_mounts 2 'mkdir $folder/small; mount -t tmpfs -o nr_inodes=2 none $folder/small; $program doctor -d $folder/small'
    finds BAD inodes "1 more files fit into $folder/small of 2"
    # shellcheck disable=SC2016
    with_mounts 0 'mount -t tmpfs -o nr_inodes=2 none $folder/small; '"$(remedy inodes)"'; $program doctor -d $folder/small || true'
    finds OK inodes "of 1048576"
}

# shellcheck disable=SC2016 # of the inner shell
case_doctor_limits() {
    bash -c 'ulimit -v 4000000; exec "$0" --version' "$program" >"$folder/out" 2>&1 || skip "built with a sanitizer"
    bash -c 'ulimit -n 60; exec "$0" doctor' "$program" >"$folder/out"
    finds WARN "open files" "60 for each process"
    (eval "$(remedy "open files")") || failed "the remedy for open files cannot be run"
    bash -c 'ulimit -f 2048; exec "$0" doctor' "$program" >"$folder/out"
    finds WARN "file size" "2 MiB"
    bash -c 'ulimit -f 900; exec "$0" doctor' "$program" >"$folder/out"
    finds BAD "file size" "900 KiB"
    bash -c 'ulimit -v 4000000; exec "$0" doctor' "$program" >"$folder/out"
    finds WARN "address space" "3.8 GiB"
}

case_doctor_memory_limit() {
    local turn
    for turn in "memory.max memory.current" "memory/memory.limit_in_bytes memory/memory.usage_in_bytes"; do
        # shellcheck disable=SC2086 # two words
        set -- $turn
        with_mounts 0 "mount -t tmpfs none /sys/fs/cgroup; mkdir /sys/fs/cgroup/memory; echo 104857600 >/sys/fs/cgroup/$1
            echo 10485760 >/sys/fs/cgroup/$2; \$program doctor || true"
        if [ "$1" = memory.max ] && ! grep -q '^0:' /proc/self/cgroup; then continue; fi
        if [ "$1" != memory.max ] && ! grep -q '^[0-9]*:.*memory' /proc/self/cgroup; then continue; fi
        finds WARN "memory limit" "90 MiB left of the 100 MiB"
    done
    with_mounts 0 'mount -t tmpfs none /sys/fs/cgroup; echo max >/sys/fs/cgroup/memory.max; $program doctor || true'
    finds OK "memory limit" "no limit"
}

# shellcheck disable=SC2016 # of the inner shell
case_doctor_remove_ipc() {
    local begin='mount -t tmpfs none /run; mkdir -p /run/systemd/seats; mount -t tmpfs none /etc; mkdir -p /etc/systemd
        chmod 755 /run /etc /run/systemd /etc/systemd; unset SLOTRING_DIR'
    local end='setpriv --reuid 12345 --clear-groups $program doctor || true'
    with_mounts 0 "$begin; $end"
    finds WARN RemoveIPC "systemd removes the rings of user 12345"
    with_mounts 0 "$begin; printf '[Login]\n#RemoveIPC=yes\nRemoveIPC=no\n' >/etc/systemd/logind.conf; $end"
    finds OK RemoveIPC "rings stay after a logout"
    with_mounts 0 "$begin; mkdir -m 755 /etc/systemd/logind.conf.d; echo ' RemoveIPC = off' >/etc/systemd/logind.conf.d/a.conf; $end"
    finds OK RemoveIPC "rings stay after a logout"
    with_mounts 0 "$begin; printf 'RemoveIPC=no\n' >/etc/systemd/logind.conf; mkdir -m 755 /etc/systemd/logind.conf.d
        echo 'RemoveIPC=yes' >/etc/systemd/logind.conf.d/a.conf; $end"
    finds WARN RemoveIPC "loginctl enable-linger 12345"
    with_mounts 0 "$begin; echo lingerer:x:12345:12345::/:/bin/sh >/etc/passwd; chmod 644 /etc/passwd
        mount -t tmpfs none /var/lib; mkdir -p /var/lib/systemd/linger; chmod -R 755 /var/lib; touch /var/lib/systemd/linger/lingerer; $end"
    finds OK RemoveIPC "concerns neither"
    with_mounts 0 "$begin; export SLOTRING_DIR=/tmp; $end"
    finds OK RemoveIPC "nobody removes files"
}

in_pid_namespace() { # COMMAND...
    unshare --pid --fork --mount-proc "$@"
}

case_doctor_namespaces() {
    in_pid_namespace true 2>/dev/null || skip "not root, or no PID namespaces"
    exits_with 0 slotring create r -n 4 -S 4K
    "$program" read r -q --null &
    local a=$!
    await has_readers r 1
    in_pid_namespace "$program" doctor >"$folder/out"
    finds OK "PID namespace" "as in a container"
    finds WARN processes '"slotring-read"'
    finds WARN processes "in another PID namespace"
    in_pid_namespace "$program" doctor r >"$folder/out"
    finds WARN processes "in another PID namespace"
    unshare --ipc "$program" doctor >"$folder/out"
    finds OK "IPC namespace" "as in a container"
    kill $a
    ended_with 143 $a
    exits_with 0 slotring rm r
}

# shellcheck disable=SC2016 # of the inner shell
case_doctor_hidden_processes() {
    local look='setpriv --reuid 65533 --clear-groups "$0" doctor'
    in_pid_namespace bash -c 'mount -t proc -o hidepid=2 proc /proc && grep -q hidepid /proc/mounts' 2>/dev/null ||
        skip "not root, or no PID namespaces"
    in_pid_namespace bash -c "mount -t proc -o hidepid=2 proc /proc; $look" "$program" >"$folder/out"
    finds WARN hidepid "user 65533 does not see"
    in_pid_namespace bash -c "mount -t proc -o hidepid=2 proc /proc; mount -o remount,hidepid=0 /proc; $look" "$program" >"$folder/out"
    finds OK hidepid "sees all processes"
    in_pid_namespace bash -c 'mount -t proc -o hidepid=2,gid=65531 proc /proc
        exec setpriv --reuid 65533 --regid 65531 --clear-groups "$0" doctor' "$program" >"$folder/out"
    finds OK hidepid "sees all processes"
}

case_doctor_stopped_process() {
    exits_with 0 slotring create $ring -n 4 -S 4K
    "$program" read $ring -q --null &
    local a=$!
    await has_readers $ring 1
    kill -STOP $a
    await eval "[ \"\$(sed -nE 's/^State:\t(.).*/\1/p' /proc/$a/status)\" = T ]"
    exits_with 1 slotring doctor $ring
    finds WARN processes "\"slotring-read\" (pid $a) of ring $ring is stopped"
    eval "$(remedy processes)"
    await slotring doctor $ring
    kill $a
    ended_with 143 $a
    exits_with 0 slotring rm $ring
}

# It is frozen by the lines of FREEZE, and thawed by the command that is printed.
frozen_process() { # FREEZE
    exits_with 0 slotring create $ring -n 4 -S 4K
    "$program" read $ring -q --null &
    local a=$!
    await has_readers $ring 1
    echo "$a" >"$group/cgroup.procs"
    eval "$1"
    await stat_says_frozen
    exits_with 1 slotring doctor $ring
    finds WARN processes "\"slotring-read\" (pid $a) of ring $ring is frozen"
    eval "$(remedy processes)"
    await slotring doctor $ring
    kill $a
    ended_with 143 $a
    await rmdir "$group"
    exits_with 0 slotring rm $ring
}
stat_says_frozen() { slotring stat $ring | grep -q frozen; }

case_doctor_frozen_process() {
    freezer || skip "not root, or no freezer of cgroup 2"
    frozen_process 'echo 1 >"$group/cgroup.freeze"'
}

case_doctor_frozen_process_of_old_groups() {
    group=/sys/fs/cgroup/freezer/slotring-program-$$
    mkdir "$group" 2>/dev/null || skip "not root, or no freezer of cgroup 1"
    frozen_process 'echo FROZEN >"$group/freezer.state"'
}

case_doctor_another_boot() {
    echo 01234567-89ab-cdef-0123-456789abcdef >"$folder/boot"
    unshare --mount --propagation private mount --bind "$folder/boot" /proc/sys/kernel/random/boot_id 2>/dev/null ||
        skip "not root, or no mount namespaces"
    exits_with 0 slotring create r -n 4 -S 4K
    # shellcheck disable=SC2016
    with_mounts 0 'mount --bind $folder/boot /proc/sys/kernel/random/boot_id; $program doctor || true; $program doctor r || [ $? -eq 2 ]'
    finds OK boot 01234567-89ab-cdef-0123-456789abcdef
    finds WARN rings "made before this machine was restarted"
    finds BAD ring "made before this machine was restarted"
    [ "$(remedy rings)" = "slotring rm r" ] || failed "another remedy: $(remedy rings)"
    eval "$(remedy rings)"
}

case_doctor_another_version() {
    exits_with 0 slotring create r -n 4 -S 4K
    printf '\x63' | dd of="$(memory_of r)" bs=1 seek=8 conv=notrunc status=none
    exits_with 2 slotring doctor r
    finds BAD ring "version"
    slotring doctor >"$folder/out"
    finds WARN rings "version"
    eval "$(remedy rings)"
}

case_doctor_squatted_names() {
    [ "$(id -u)" -eq 0 ] || skip "not root"
    mkdir "$SLOTRING_DIR/slotring.folder" "$SLOTRING_DIR/slotring-lock.locked"
    ln -s /etc/passwd "$SLOTRING_DIR/slotring.link"
    echo "no ring" >"$SLOTRING_DIR/slotring.text"
    cp "$SLOTRING_DIR/slotring.text" "$SLOTRING_DIR/slotring.foreign"
    touch "$SLOTRING_DIR/slotring-lock.their"
    chown 65533 "$SLOTRING_DIR/slotring.foreign" "$SLOTRING_DIR/slotring-lock.their"
    exits_with 0 slotring create theirs -n 4 -S 4K
    chown 65533 "$(memory_of theirs)" "$(lock_of theirs)"
    slotring doctor >"$folder/out"
    if [ "$(memory_of theirs)" = "$SLOTRING_DIR/slotring.theirs" ]; then
        finds WARN rings "folder: "
        finds WARN rings "a symbolic link"
        finds WARN rings "text: "
        finds WARN rings "nobody else can make a ring foreign"
        finds OK rings "ring theirs belongs to user 65533"
    fi
    finds WARN "taken names" "nobody else can make a ring their: user 65533"
    finds WARN "taken names" "nobody else can make a ring locked"
    exits_with 0 slotring rm --trust-owner 65533 theirs # with portable mechanisms its memory is in no folder
    rm -r "${SLOTRING_DIR:?}"/*
}

case_doctor_full_ring_that_keeps() {
    exits_with 0 slotring create r -n 4 -S 4K --keep
    exits_with 0 slotring doctor r
    head -c 16384 /dev/zero | slotring write r -q
    exits_with 1 slotring doctor r
    finds WARN "in the way" "it is full and keeps what nobody has freed"
    eval "$(remedy "in the way")" | grep -q "^FULL keeps 4 messages" || failed "$(remedy "in the way")"
    exits_with 0 slotring rm -f r
}

case_doctor_ring_of_another_user() {
    [ "$(id -u)" -eq 0 ] || skip "not root"
    exits_with 0 slotring create r -n 4 -S 4K
    [ "$(memory_of r)" = "$SLOTRING_DIR/slotring.r" ] || { slotring rm r && skip "with portable mechanisms"; }
    chown 65533 "$(memory_of r)" "$(lock_of r)"
    exits_with 2 slotring doctor r
    finds BAD ring "belongs to user 65533"
    eval "$(remedy ring)" | grep -q "ring r: 4 slots" || failed "$(remedy ring)"
    exits_with 0 slotring rm --trust-owner 65533 r
}

case_doctor_rights() {
    [ "$(id -u)" -eq 0 ] || skip "not root"
    chmod 755 "$folder" "$SLOTRING_DIR"
    exits_with 0 slotring create r -n 4 -S 4K --access all-observe
    [ "$(memory_of r)" = "$SLOTRING_DIR/slotring.r" ] || { slotring rm r && skip "with portable mechanisms"; }
    exits_with 2 setpriv --reuid 65533 --clear-groups "$program" doctor r
    finds OK ring "access all-observe"
    finds BAD rights "user 65533 may look at the ring and not take part"
    exits_with 0 slotring rm r
    exits_with 0 slotring create r -n 4 -S 4K
    exits_with 2 setpriv --reuid 65533 --clear-groups "$program" doctor r
    finds BAD ring "slotring create --access"
    exits_with 0 slotring rm r
}

case_doctor_two_rings_of_one_name() {
    local name=twice-$$ a
    mkdir "$folder/other"
    exits_with 0 slotring create $name -n 4 -S 4K
    [ "$(memory_of $name)" = "$SLOTRING_DIR/slotring.$name" ] || { slotring rm $name && skip "with portable mechanisms"; }
    "$program" read $name -q --null &
    a=$!
    await has_readers $name 1
    exits_with 2 slotring doctor $name --directory "$folder/other"
    finds WARN places "in another folder: $SLOTRING_DIR/slotring.$name"
    (cd / && unset SLOTRING_DIR && eval "$(remedy places)") >"$folder/stat" || failed "$(remedy places)"
    grep -q "read" "$folder/stat" || failed "another ring: $(cat "$folder/stat")"
    exits_with 0 slotring doctor $name
    finds OK places "in another place"
    kill -STOP $a # else it notices, and ends
    rm "$SLOTRING_DIR/slotring.$name" "$SLOTRING_DIR/slotring-lock.$name"
    slotring doctor >"$folder/out"
    finds WARN places "whose files in $SLOTRING_DIR/slotring.$name were removed"
    exits_with 0 slotring create $name -n 4 -S 4K
    "$program" read $name -q --null &
    local b=$!
    await has_readers $name 1
    exits_with 1 slotring doctor $name
    finds WARN places "there are two rings $name"
    kill -KILL $a
    kill $b
    ended_with 137 $a
    ended_with 143 $b
    exits_with 0 slotring rm $name
}

case_doctor_no_room_for_another() {
    exits_with 0 slotring create $ring -n 4 -S 4K --max-participants 1
    "$program" read $ring -q --null &
    local a=$!
    await has_readers $ring 1
    exits_with 2 slotring doctor $ring
    finds BAD room "all 1 entries for participants"
    exits_with 2 slotring doctor $ring --try
    finds BAD trial "participants"
    kill $a
    ended_with 143 $a
    exits_with 0 slotring doctor $ring --try
    finds OK trial "attached, and left"
    exits_with 0 slotring rm $ring
}

case_doctor_makes_a_ring() {
    slotring doctor --try >"$folder/out"
    finds OK trial "a ring was made and removed"
    [ -z "$(files)" ] || failed "left $(files)"
    slotring doctor --try -d /proc >"$folder/out"
    finds BAD trial "no ring can be made"
}

case_doctor_lock_file() {
    exits_with 0 slotring create r -n 4 -S 4K
    rm "$(lock_of r)"
    exits_with 2 slotring doctor r
    finds BAD files "its lock file is missing"
    eval "$(remedy files)"
}
