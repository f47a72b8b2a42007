# SPDX-License-Identifier: Apache-2.0
# slotring bridge over a real server: what is carried, who is killed, what it says, and secrets.
# shellcheck shell=bash

before_each() {
    slotring bridge status x >"$folder/out" 2>"$folder/said"
    ! grep -q "without the bridge" "$folder/said" || skip "without the client of NATS"
    nats=$(PATH=$PATH:/usr/sbin command -v nats-server) || skip "no nats-server"
    mkdir "$folder/js" "$folder/ports"
    wanted_port=-1
}

# ---- The server ---------------------------------------------------------------------------------------------

# The first one chooses a port, those that follow take it again.
start_server() { # ARGUMENT...
    rm -f "$folder"/ports/*
    "$nats" -a 127.0.0.1 -p "$wanted_port" --ports_file_dir "$folder/ports" -js -sd "$folder/js" "$@" >>"$folder/nats.log" 2>&1 &
    server=$!
    await has_ports
    wanted_port=$(sed -E 's/.*"nats": *\[ *"[a-z]*:\/\/[^"]*:([0-9]+)".*/\1/' <<<"$(tr -d '\n' <"$(compgen -G "$folder/ports/*")")")
    url=nats://127.0.0.1:$wanted_port
}
has_ports() { grep -q '\]' "$folder"/ports/*; }
kill_server() { kill_it $server; }
kill_it() { # PID
    kill -KILL "$1"
    wait "$1" 2>/dev/null
}

# ---- The halves ---------------------------------------------------------------------------------------------

start_sender() { # ARGUMENT...
    "$program" bridge send daq --server "$url" "$@" >"$folder/sender.json" 2>>"$folder/sender" &
    sender=$!
    await has_sender
}
has_sender() { [ "$(field source pid)" = $sender ]; }
start_receiver_first() { # ARGUMENT...
    "$program" bridge receive copy --remote daq --server "$url" "$@" >"$folder/receiver.json" 2>>"$folder/receiver" &
    receiver=$!
}
start_receiver() { # ARGUMENT...
    start_receiver_first "$@"
    await has_receiver
}
has_receiver() { [ "$(field copy pid)" = $receiver ]; }

# A number of the status: of the source, the log or the copy.
field() { # PART KEY
    slotring bridge status daq --json --server "$url" 2>/dev/null | sed -n "/^  \"$1\": {/,/^  }/p" | number "$2"
}
status_says() { slotring bridge status daq --server "$url" | head -1 | grep -qF -- "$1"; } # TEXT
# The command below the first line helps as it is printed.
remedy() {
    local command
    command=$(slotring bridge status daq --server "$url" | sed -n '2s/^    //p')
    [ -n "$command" ] || failed "no remedy: $(slotring bridge status daq --server "$url")"
    mkdir -p "$folder/bin"
    ln -sf "$program" "$folder/bin/slotring"
    PATH=$folder/bin:$PATH bash -c "exec $command" >"$folder/remedy" 2>&1 &
    helper=$!
}
# Both ends, and a reader of the copy that writes to $folder/got until it has COUNT.
begin() { # COUNT [ARGUMENT-OF-RECEIVER...]
    start_server
    exits_with 0 slotring create daq -n 64 -S 1K
    start_sender --json
    start_receiver --json "${@:2}"
    "$program" read copy --follow --count "$1" -q -o "$folder/got" 2>"$folder/reader" &
    reader=$!
    await has_readers copy 1
}
carried() { [ "$(field copy next)" -ge "$1" ]; } # COUNT
end_halves() {
    kill $sender $receiver
    ended_with 143 $sender
    ended_with 143 $receiver
}
remove_rings() { exits_with 0 slotring rm daq copy; }

# ---- What is carried ----------------------------------------------------------------------------------------

case_bridge_carries_each_message_once_whatever_is_killed() {
    local turn from=0
    begin 3000
    seq -f %07g 1 3000 >"$folder/in" # 8 bytes a line
    mkfifo "$folder/pipe"
    "$program" write daq -q --chunk 8 "$folder/pipe" &
    local writer=$!
    exec 8>"$folder/pipe"
    more() { # 300 messages, and waits until the first of them are carried
        sed -n "$((from + 1)),$((from + 300))p" "$folder/in" >&8
        await carried $((from + 1 + RANDOM % 250))
        from=$((from + 300))
    }
    for turn in 1 2 3; do
        more
        kill_it $sender
        start_sender --json 8>&-
        more
        kill_it $receiver
        start_receiver --json 8>&-
        more
        kill_server
        start_server 8>&-
    done
    more
    exec 8>&-
    ended_with 0 $writer
    ended_with 7 $reader # it was told that the way was lost
    cmp "$folder/in" "$folder/got" || failed "the copy is another one"
    end_halves
    [ "$(number missing <"$folder/receiver.json")" = 0 ] || failed "tells gaps"
    [ "$(number next <"$folder/receiver.json")" = 3000 ] || failed "does not end at 3000"
    remove_rings
}

case_bridge_carries_tags_times_names_and_runs() {
    start_server
    exits_with 0 slotring create daq -n 64 -S 1K --time coarse --description "an ADC"
    start_sender --oldest
    exits_with 0 slotring mark daq begin 17
    start_receiver
    mkfifo "$folder/pipe"
    "$program" write daq -q --tag 7 --chunk 5 --name digitizer "$folder/pipe" & # it stays as long as the pipe
    local writer=$!
    exec 8>"$folder/pipe"
    printf hello >&8
    await eval '[ "$(field copy next)" = 1 ]'
    exits_with 0 slotring stat copy --json
    prints '"name": "digitizer"'
    prints '"run": 17'
    exits_with 0 slotring peek copy --json
    prints '"tag":7'
    exec 8>&-
    ended_with 0 $writer
    end_halves
    remove_rings
}

# ---- Several ------------------------------------------------------------------------------------------------

# One half of any remote: its process is `half`.
half() { # send|receive RING LOG
    "$program" bridge "$1" "$2" --remote "$3" --server "$url" -q >>"$folder/halves" 2>&1 &
    half=$!
    halves+=($half)
}
is_at() { [ "$(slotring bridge status "$1" --json --server "$url" 2>/dev/null | sed -n '/^  "copy": {/,/^  }/p' | number next)" = "$2" ]; } # LOG NUMBER
reads() { # RING COUNT FILE
    "$program" read "$1" --follow --count "$2" -q -o "$3" 2>>"$folder/readers" &
    readers+=($!)
    await has_readers "$1" "$4"
}
all_have_read() { # its source may have been lost for a moment: 7
    local pid status
    for pid in "${readers[@]}"; do
        status=0
        wait "$pid" || status=$?
        [[ $status == [07] ]] || failed "a reader ended with $status: $(cat "$folder/readers")"
    done
}
end_all() {
    local pid
    kill "${halves[@]}"
    for pid in "${halves[@]}"; do ended_with 143 "$pid"; done
}

# Two hosts have the ring, and a third one has it from the first.
case_bridge_fans_out_and_goes_on_in_a_chain() {
    local halves=() readers=() half first
    start_server
    exits_with 0 slotring create daq -n 64 -S 1K
    half send daq a && half send daq b
    half receive one a
    first=$half
    half receive two b
    await is_at a 0 && await is_at b 0
    half send one c
    half receive three c
    await is_at c 0
    reads one 300 "$folder/one" 2 # the sender of the next step is the other one
    reads two 300 "$folder/two" 1
    reads three 300 "$folder/three" 1
    seq -f %07g 1 300 >"$folder/in" # 8 bytes a line
    head -n 150 "$folder/in" | slotring write daq -q --chunk 8
    await is_at b 150
    kill_it "$first" # wherever it is
    unset 'halves[2]'
    half receive one a
    tail -n 150 "$folder/in" | slotring write daq -q --chunk 8
    all_have_read
    for copy in one two three; do cmp "$folder/in" "$folder/$copy" || failed "$copy is another one"; done
    await is_at c 300 # the numbers are those of the first ring
    end_all
    exits_with 0 slotring rm daq one two three
}

case_bridge_fans_in() {
    local halves=() readers=() half board
    start_server
    for board in 1 2 3; do
        exits_with 0 slotring create board$board -n 64 -S 1K
        half send board$board board$board
        half receive copy$board board$board
        await is_at board$board 0
        reads copy$board 200 "$folder/got$board" 1
        seq -f "$board%06g" 1 200 >"$folder/in$board"
    done
    for board in 1 2 3; do slotring write board$board -q --chunk 8 "$folder/in$board" & done
    all_have_read
    for board in 1 2 3; do cmp "$folder/in$board" "$folder/got$board" || failed "copy$board is another one"; done
    end_all
    exits_with 0 slotring rm board1 board2 board3 copy1 copy2 copy3
}

# ---- Who waits for whom -------------------------------------------------------------------------------------

# What is frozen does not hear a signal to continue.
case_bridge_status_of_a_frozen_sender() {
    freezer || skip "not root, or no freezer of cgroup 2"
    start_server
    exits_with 0 slotring create daq -n 16 -S 1K
    start_sender
    echo "$sender" >"$group/cgroup.procs"
    echo 1 >"$group/cgroup.freeze"
    await grep -qx "frozen 1" "$group/cgroup.events"
    await status_says "sender, process $sender, which is frozen"
    eval "$(slotring bridge status daq --server "$url" | grep "^    echo 0 >")"
    await grep -qx "frozen 0" "$group/cgroup.events"
    kill $sender
    ended_with 143 $sender
    kill_server
    await rmdir "$group"
    exits_with 0 slotring rm -f daq
}

case_bridge_status_says_who_waits_for_whom() {
    start_server
    exits_with 3 slotring bridge status daq --server "$url"
    prints "WAITS: the server has no log daq; its first sender makes it"
    exits_with 0 slotring create daq -n 16 -S 1K
    start_sender --log-size 64K --pack-size 8K --window 2
    status_says "OK: nobody waits" || failed "$(slotring bridge status daq --server "$url")"
    head -c 1000 /dev/zero | slotring write daq -q
    await status_says "WAITS: the log waits for a receiver, of which this host knows nothing"
    start_receiver
    await status_says "OK: nobody waits"
    # A reader of the copy that stands still holds back all of it, up to the producer.
    "$program" read copy --follow --null -q --name display &
    reader=$!
    await has_readers copy 1
    kill -STOP $reader
    head -c 200000 /dev/zero >"$folder/in"
    "$program" write daq -q --chunk 1000 "$folder/in" &
    local writer=$!
    await status_says 'the sender waits for room in the log, which waits for the receiver, and that for room in ring copy: reader "display" there is'
    await grep -q "waits for room in the log" "$folder/sender"
    await grep -q "waits for room in its ring" "$folder/receiver"
    kill -CONT $reader
    ended_with 0 $writer
    await status_says "OK: nobody waits"
    grep -q "goes on" "$folder/sender" || failed "the sender does not say that it goes on"
    # Each half stands still.
    kill -STOP $receiver
    slotring write daq -q "$folder/out"
    await status_says "for the receiver, process $receiver, which is stopped"
    remedy
    ended_with 0 $helper
    await status_says "OK: nobody waits"
    kill -STOP $sender
    await status_says "sender, process $sender, which is stopped"
    remedy
    ended_with 0 $helper
    await status_says "OK: nobody waits"
    kill_it $sender
    await status_says "ring daq has no sender"
    remedy
    sender=$helper
    await has_sender
    kill $reader
    ended_with 143 $reader
    kill_server
    exits_with 1 slotring bridge status daq --server "$url"
    prints "WAITS: both ends wait for the server: cannot reach the server: "
    await grep -q "waits for the server" "$folder/receiver"
    end_halves
    remove_rings
}

# Another folder of rings has no ring of this bridge, as another host.
case_bridge_status_hears_of_a_sender_on_another_host() {
    start_server
    exits_with 0 slotring create daq -n 16 -S 1K
    start_sender
    mkdir "$folder/elsewhere"
    exits_with 0 slotring bridge status daq --server "$url" -d "$folder/elsewhere"
    prints "OK: nobody waits"
    prints "not on this host; sent by process $sender on host $(uname -n)"
    kill_it $sender
    exits_with 0 slotring bridge status daq --server "$url" -d "$folder/elsewhere"
    prints "WAITS: the log waits for a sender: none gives a sign of life"
    exits_with 0 slotring rm daq
}

# A producer that waits for its next message is not dead because the sender is.
case_bridge_tells_a_lost_sender_as_lost() {
    begin 2 --silence 1
    mkfifo "$folder/pipe"
    "$program" write daq -q --chunk 5 --name digitizer "$folder/pipe" &
    local writer=$!
    exec 8>"$folder/pipe"
    printf hello >&8
    await carried 1
    kill_it $sender
    await grep -q 'the way to producer "digitizer" is lost' "$folder/reader"
    await grep -q "waits for a sign of life of the sender" "$folder/receiver"
    start_sender 8>&-
    printf again >&8
    ended_with 7 $reader
    [ "$(cat "$folder/got")" = helloagain ] || failed "the copy is another one"
    exec 8>&-
    ended_with 0 $writer
    end_halves
    remove_rings
}

# ---- What is asked of the producers ------------------------------------------------------------------------

lossy_writes() { # FILE: in a ring that is small beside it, while the receiver stands still
    kill -STOP $receiver
    exits_with 0 slotring write daq -q --chunk 20000 "$1"
}
# Of so many messages each was read, or counts as missing.
adds_up() { # COUNT
    await carried "$1"
    end_halves
    local got
    got=$(number messages <"$folder/receiver.json")
    [ $((got + $(number missing <"$folder/receiver.json"))) -eq "$1" ] || failed "$got messages, and another number missing: $(cat "$folder/receiver.json")"
    [ "$got" -lt "$1" ] || failed "none is missing"
}

case_bridge_lossy_never_holds_producers_back() {
    start_server
    exits_with 0 slotring create daq -n 16 -S 20K
    start_receiver_first --json
    start_sender --lossy --log-size 4M --oldest --json
    await has_receiver
    head -c 40000000 /dev/zero >"$folder/in" # ten times what the log takes
    lossy_writes "$folder/in"
    kill_server # whose memory has the log
    start_server
    kill -CONT $receiver
    printf last >"$folder/in"
    exits_with 0 slotring write daq -q "$folder/in"
    adds_up 2001
    remove_rings
}

case_bridge_latest_sends_what_is_new_when_it_can() {
    start_server
    exits_with 0 slotring create daq -n 16 -S 20K
    start_receiver_first --json
    start_sender --lossy --latest --oldest --json
    await has_receiver
    head -c 4000000 /dev/zero >"$folder/in"
    lossy_writes "$folder/in"
    kill -CONT $receiver
    adds_up 200
    [ "$(number messages <"$folder/receiver.json")" -le 5 ] || failed "more than the latest: $(cat "$folder/receiver.json")"
    remove_rings
}

case_bridge_budget_lets_producers_go() {
    start_server
    exits_with 0 slotring create daq -n 16 -S 20K
    start_receiver_first --json
    start_sender --budget 1/0.2 --log-size 128K --pack-size 32K --oldest --json
    await has_receiver
    head -c 2000000 /dev/zero >"$folder/in"
    lossy_writes "$folder/in"
    kill -CONT $receiver
    adds_up 100
    [ "$(number revoked <"$folder/sender.json")" -ge 1 ] || failed "was not revoked: $(cat "$folder/sender.json")"
    remove_rings
}

case_bridge_receiver_waits_for_the_first_sender() {
    start_server
    start_receiver_first
    await grep -q "waits for the server: the server has no log daq; its first sender makes it" "$folder/receiver"
    exits_with 0 slotring create daq -n 16 -S 1K
    start_sender
    await has_receiver
    end_halves
    remove_rings
}

# Each log is of one kind; and so is the mistake told.
case_bridge_lossy_and_lossless_do_not_mix() {
    start_server
    exits_with 0 slotring create daq -n 16 -S 1K
    start_sender --lossy
    exits_with 0 slotring bridge status daq --server "$url"
    kill $sender
    ended_with 143 $sender
    exits_with 1 slotring bridge send daq --server "$url"
    says "drops its oldest entries: it belongs to a lossy remote"
    start_sender --lossy
    kill $sender
    ended_with 143 $sender
    exits_with 2 slotring bridge send daq --lossy --budget 1/1
    says "--budget 1/1 and --lossy exclude each other"
    exits_with 2 slotring bridge send daq --latest
    says "--latest goes with --lossy"
    exits_with 2 slotring bridge send daq --budget 5
    says "N/S is expected"
    exits_with 0 slotring rm daq
}

# A receiver takes the log as its sender made it, and asks for no other.
case_bridge_receives_where_the_server_has_little_room() {
    echo 'jetstream { max_file_store: 33554432 }' >"$folder/little.conf"
    start_server -c "$folder/little.conf"
    exits_with 0 slotring create daq -n 16 -S 1K
    start_sender --log-size 16M
    start_receiver
    printf hello >"$folder/in"
    exits_with 0 slotring write daq -q "$folder/in"
    await carried 1
    end_halves
    remove_rings
}

# ---- Mistakes -----------------------------------------------------------------------------------------------

case_bridge_refuses_a_second_sender_and_another_ring() {
    start_server
    exits_with 0 slotring create daq -n 16 -S 1K
    start_sender
    exits_with 4 slotring bridge send daq --server "$url"
    exits_with 0 slotring create other -n 16 -S 1K
    exits_with 4 slotring bridge send other --remote daq --server "$url"
    says "the log carries another ring"
    exits_with 3 slotring bridge send dqa --remote daq --server "$url"
    says 'there is a ring "daq": did you mean that?'
    start_receiver
    exits_with 1 slotring bridge receive copy --remote daq --server "$url"
    says 'another receiver writes into ring "copy"'
    exits_with 4 slotring bridge receive other --remote daq --server "$url"
    says 'ring "other" is no copy'
    end_halves
    exits_with 0 slotring rm other
    remove_rings
}

case_bridge_names_what_is_wrong() {
    exits_with 2 slotring bridge
    says "expects send, receive or status"
    exits_with 2 slotring bridge recieve daq
    says 'did you mean "receive"?'
    exits_with 2 slotring bridge send
    says 'expects NAME; try "slotring bridge send --help"'
    exits_with 2 slotring bridge send daq --sever x
    says "did you mean --server?"
    exits_with 2 slotring bridge send daq --server nats://me:secret@here
    says "is seen by all users"
    ! grep -q secret "$folder/said" || failed "shows the password"
    exits_with 2 slotring bridge send daq --server http://here
    says "begins with nats:// or tls://"
    exits_with 2 slotring bridge send "two words"
    says "cannot be the name of a log"
    exits_with 2 slotring bridge send daq --pack-size 1K
    says "--pack-size 1K: must be 8192 to"
    exits_with 2 slotring bridge receive daq --silence 0.1
    says "--silence 0.1: at least 1 second"
    exits_with 2 slotring bridge receive daq --slots 4
    says "go with --slot-size"
    exits_with 0 slotring bridge send --help
    prints "More: man slotring-bridge"
    exits_with 0 slotring complete-words -- bridge ""
    prints receive
    exits_with 0 slotring create daq -n 4 -S 1K
    exits_with 0 slotring complete-words -- bridge send ""
    prints daq
    exits_with 0 slotring complete-words -- bridge send --
    prints "--tls-ca"
    exits_with 0 slotring complete-words -- bridge send --token-file ""
    prints ":files"
    exits_with 0 slotring rm daq
}

# ---- Secrets ------------------------------------------------------------------------------------------------

secret() { # FILE TEXT
    (umask 077 && printf '%s\n' "$2" >"$folder/$1")
}

case_bridge_takes_secrets_from_private_files() {
    exits_with 0 slotring create daq -n 16 -S 1K
    start_server --user daq --pass right
    secret right right
    secret wrong wrong
    exits_with 1 slotring bridge send daq --server "$url"
    says "uthorization"
    exits_with 1 slotring bridge send daq --server "$url" --user daq --password-file "$folder/wrong"
    says "uthorization"
    exits_with 3 slotring bridge status daq --server "$url" --user daq --password-file "$folder/right"
    chmod 640 "$folder/right"
    exits_with 2 slotring bridge send daq --server "$url" --user daq --password-file "$folder/right"
    says "--password-file: $folder/right has a secret, and others may use it (mode 640): chmod 600"
    exits_with 2 slotring bridge send daq --server "$url" --user daq --password-file "$folder/absent"
    says "cannot open $folder/absent"
    exits_with 2 slotring bridge send daq --server "$url" --user daq
    says "go together"
    mkfifo -m 600 "$folder/pipe"
    exits_with 2 slotring bridge send daq --server "$url" --token-file "$folder/pipe"
    says "is not a file"
    kill_server
    start_server --auth right
    chmod 600 "$folder/right"
    exits_with 3 slotring bridge status daq --server "$url" --token-file "$folder/right"
    exits_with 1 slotring bridge status daq --server "$url" --token-file "$folder/wrong"
    prints "uthorization"
    exits_with 0 slotring rm daq
}

# An authority, and a certificate of HOST that it has signed.
certificates() { # HOST
    local make="-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2"
    # shellcheck disable=SC2086 # several words
    openssl req -x509 $make -keyout "$folder/ca.key" -out "$folder/ca.pem" -subj "/CN=authority" 2>/dev/null || return 1
    # shellcheck disable=SC2086
    openssl req $make -keyout "$folder/key.pem" -out "$folder/request" -subj "/CN=$1" 2>/dev/null || return 1
    printf 'subjectAltName=%s\n' "$2" >"$folder/extension"
    openssl x509 -req -in "$folder/request" -CA "$folder/ca.pem" -CAkey "$folder/ca.key" -CAcreateserial -days 2 \
        -extfile "$folder/extension" -out "$folder/cert.pem" 2>/dev/null
}

case_bridge_trusts_certificates_of_the_right_host() {
    command -v openssl >/dev/null || skip "no openssl"
    exits_with 0 slotring create daq -n 16 -S 1K
    certificates localhost DNS:localhost || failed "openssl makes no certificates"
    start_server --tls --tlscert "$folder/cert.pem" --tlskey "$folder/key.pem"
    url=tls://localhost:$wanted_port
    start_sender --tls-ca "$folder/ca.pem"
    ! grep -v "^slotring bridge send: note: the client of NATS here is older" "$folder/sender" || failed "says more"
    exits_with 1 slotring bridge status daq --server "$url"
    prints "unable to get local issuer certificate"
    exits_with 1 slotring bridge send daq --server "$url"
    says "unable to get local issuer certificate"
    exits_with 1 slotring bridge send daq --server "tls://127.0.0.1:$wanted_port" --tls-ca "$folder/ca.pem"
    says "IP address mismatch"
    exits_with 2 slotring bridge send daq --server "$url" --tls-cert "$folder/cert.pem"
    says "go together"
    kill $sender
    ended_with 143 $sender
    exits_with 0 slotring rm daq
}

# A server that wants to see who comes.
case_bridge_trusts_and_shows_its_own_certificate() {
    command -v openssl >/dev/null || skip "no openssl"
    exits_with 0 slotring create daq -n 16 -S 1K
    certificates localhost DNS:localhost || failed "openssl makes no certificates"
    start_server --tlsverify --tlscacert "$folder/ca.pem" --tlscert "$folder/cert.pem" --tlskey "$folder/key.pem"
    url=tls://localhost:$wanted_port
    local own=(--tls-ca "$folder/ca.pem" --tls-cert "$folder/cert.pem" --tls-key "$folder/key.pem")
    "$program" bridge send daq --server "$url" "${own[@]}" -q 2>"$folder/sender" &
    sender=$!
    "$program" bridge receive copy --remote daq --server "$url" "${own[@]}" -q 2>"$folder/receiver" &
    receiver=$!
    await eval '[ "$(slotring bridge status daq --json --server "$url" "${own[@]}" | sed -n "/^  \"copy\": {/,/^  }/p" | number pid)" = $receiver ]'
    exits_with 1 slotring bridge status daq --server "$url" --tls-ca "$folder/ca.pem" # shows none
    prints "if it wants a certificate of its clients, name one: --tls-cert"
    chmod 644 "$folder/key.pem"
    exits_with 2 slotring bridge status daq --server "$url" "${own[@]}"
    says "chmod 600 $folder/key.pem"
    end_halves
    remove_rings
}
