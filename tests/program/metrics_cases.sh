# SPDX-License-Identifier: Apache-2.0
# Numbers for Prometheus: right, in the form that its own tools accept, served to this machine alone; the rules and the dashboard.
# shellcheck shell=bash

metrics=$(cd "$(dirname "${BASH_SOURCE[0]}")/../../tools/metrics" && pwd)

sample() { # NAME{LABELS} <METRICS: its value
    awk -v name="$1" '$1 == name { print $2 }'
}

# A ring with 12 messages of 100 bytes, read by one.
measured_ring() {
    exits_with 0 slotring create daq -n 16 -S 4K
    "$program" read daq --name online -q --null --follow &
    reader=$!
    await has_readers daq 1
    head -c 1200 /dev/zero >"$folder/in"
    exits_with 0 slotring write daq -q --chunk 100 "$folder/in"
    await nobody_lags
}
nobody_lags() { [ "$(slotring stat --json daq | number lag)" = 0 ]; }
end_measured_ring() {
    kill $reader
    ended_with 143 $reader
    exits_with 0 slotring rm daq
}

case_metrics_are_the_numbers_of_the_ring() {
    measured_ring
    exits_with 0 slotring metrics
    [ "$(sample 'slotring_published_total{ring="daq"}' <"$folder/out")" = 12 ] || failed "not 12 messages"
    [ "$(sample 'slotring_written_bytes_total{ring="daq"}' <"$folder/out")" = 1200 ] || failed "not 1200 bytes"
    [ "$(sample 'slotring_producers{ring="daq"}' <"$folder/out")" = 0 ] || failed "not 0 producers"
    [ "$(sample 'slotring_reader_lag{ring="daq",reader="online",row="0",mode="lossless"}' <"$folder/out")" = 0 ] || failed "no lag"
    prints 'slotring_participant_info{ring="daq",participant="online",index="'
    prints ",pid=\"$reader\",life=\"running\",producing=\"no\"} 1"
    prints 'slotring_up 1'
    ! grep -v '^slotring_participant_info{' "$folder/out" | grep -q "pid=" || failed "a process number in another metric"
    exits_with 0 slotring metrics no-such-ring
    prints 'slotring_ring_unreadable{ring="no-such-ring",error="SLOTRING_E_NOT_FOUND"} 1'
    exits_with 0 slotring metrics -d /no/such/folder
    prints 'slotring_up 0'
    end_measured_ring
}

# A name is anybody's text.
case_metrics_quote_names() {
    exits_with 0 slotring create 'a"b' -n 4 -S 4K
    exits_with 0 slotring metrics
    prints 'slotring_ring_bytes{ring="a\"b"}'
    exits_with 0 slotring rm 'a"b'
}

case_metrics_textfile_is_replaced_whole() {
    measured_ring
    local turn number
    exits_with 0 slotring metrics --textfile "$folder/slotring.prom"
    grep -q '^slotring_up 1$' "$folder/slotring.prom" || failed "not written"
    number=$(stat -c %i "$folder/slotring.prom")
    "$program" metrics --textfile "$folder/slotring.prom" --interval 0.1 &
    local writer=$!
    for ((turn = 0; turn < 50; turn++)); do
        grep -q '^slotring_participant_info{' "$folder/slotring.prom" || failed "a part of it was seen"
    done
    await eval "[ \"\$(stat -c %i '$folder/slotring.prom')\" != $number ]"
    kill $writer
    ended_with 143 $writer
    [ "$(ls "$folder" | grep -c 'slotring.prom')" -eq 1 ] || failed "left a file"
    exits_with 1 slotring metrics --textfile /no/such/folder/file
    says "cannot write /no/such/folder/file"
    mkdir "$folder/taken"
    exits_with 1 slotring metrics --textfile "$folder/taken"
    [ ! -e "$folder/taken.new" ] || failed "left a file"
    exits_with 2 slotring metrics --interval 5
    exits_with 2 slotring metrics --textfile a --listen 1
    end_measured_ring
}

# The port that the system gave is in the first line.
serve() { # ARGUMENT...
    "$program" metrics --listen 127.0.0.1:0 "$@" >"$folder/serving" 2>"$folder/said" &
    server=$!
    local turn
    for ((turn = 0; turn < 500; turn++)); do
        url=$(sed -n 's/^serving //p' "$folder/serving")
        [ -z "$url" ] || return 0
        [ -e /proc/$server ] || break
        sleep 0.01
    done
    ! grep -q "without libmicrohttpd" "$folder/said" || skip "without libmicrohttpd"
    failed "does not serve"
}
# One request; what comes goes to $folder/answer. Bash speaks to the port itself.
ask() { # METHOD PATH [HEADER]
    local port=${url#http://127.0.0.1:}
    exec 7<>"/dev/tcp/127.0.0.1/${port%%/*}"
    printf '%s %s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n%s\r\n' "$1" "$2" "${3:+$3$'\r\n'}" >&7
    cat <&7 | tr -d '\r' >"$folder/answer"
    exec 7<&- 7>&-
}

case_metrics_by_http() {
    serve
    measured_ring
    ask GET /metrics
    grep -q '^HTTP/1.1 200' "$folder/answer" || failed "no answer"
    grep -q '^Content-Type: text/plain; version=0.0.4' "$folder/answer" || failed "of another type"
    grep -q '^slotring_published_total{ring="daq"} 12$' "$folder/answer" || failed "without the numbers"
    ask GET /metrics "Accept: application/openmetrics-text;version=1.0.0,text/plain;q=0.5"
    grep -q '^Content-Type: application/openmetrics-text' "$folder/answer" || failed "not OpenMetrics"
    [ "$(tail -n 1 "$folder/answer")" = "# EOF" ] || failed "does not end as OpenMetrics"
    ask POST /metrics
    grep -q '^HTTP/1.1 405' "$folder/answer" || failed "takes POST"
    ask GET /etc/passwd
    grep -q '^HTTP/1.1 404' "$folder/answer" || failed "has other pages"
    ask HEAD /metrics
    grep -q '^HTTP/1.1 200' "$folder/answer" || failed "no HEAD"
    ! grep -q '^slotring_' "$folder/answer" || failed "a body behind HEAD"
    kill $server
    ended_with 143 $server
    end_measured_ring
}

case_metrics_serve_this_machine_alone() {
    serve
    exits_with 2 slotring metrics --listen 0.0.0.0:9650
    says "no other machine is served"
    exits_with 2 slotring metrics --listen example.org:80
    exits_with 2 slotring metrics --listen 99999
    exits_with 4 slotring metrics --listen "$(sed -E 's,.*:([0-9]+)/.*,\1,' <<<"$url")"
    says "cannot listen"
    kill $server
    ended_with 143 $server
}

case_metrics_pass_promtool() {
    command -v promtool >/dev/null || skip "no Prometheus"
    measured_ring
    slotring metrics >"$folder/metrics"
    exits_with 0 bash -c 'promtool check metrics <"$0"' "$folder/metrics"
    [ ! -s "$folder/said" ] || failed "promtool finds fault: $(cat "$folder/said")"
    exits_with 0 promtool check rules "$metrics/alerts.yml"
    exits_with 0 promtool test rules "$metrics/alerts_test.yml"
    # Each rule is in the test.
    sed -nE 's/^ +- alert: //p' "$metrics/alerts.yml" | while read -r rule; do
        grep -q "alertname: $rule" "$metrics/alerts_test.yml" || failed "no test of rule $rule"
    done
    end_measured_ring
}

case_openmetrics_are_parsed_by_a_client() {
    local python
    for python in python3 /usr/bin/python3; do
        "$python" -c 'import prometheus_client' 2>/dev/null && break
    done
    "$python" -c 'import prometheus_client' 2>/dev/null || skip "no prometheus_client"
    measured_ring
    slotring metrics --openmetrics >"$folder/metrics"
    cat >"$folder/parse.py" <<'TEXT'
import sys
from prometheus_client.openmetrics.parser import text_string_to_metric_families
families = {f.name: f for f in text_string_to_metric_families(open(sys.argv[1]).read())}
published = families["slotring_published"]
assert published.type == "counter", published
assert [(s.labels, s.value) for s in published.samples] == [({"ring": "daq"}, 12.0)], published
assert all(f.documentation for f in families.values())
print(len(families))
TEXT
    exits_with 0 "$python" "$folder/parse.py" "$folder/metrics"
    [ "$(cat "$folder/out")" -gt 30 ] || failed "only $(cat "$folder/out") metrics"
    end_measured_ring
}

free_port() {
    python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

# A real one scrapes, and answers every query of the dashboard.
case_prometheus_scrapes_and_answers_the_dashboard() {
    command -v prometheus >/dev/null && command -v jq >/dev/null && command -v curl >/dev/null && command -v python3 >/dev/null ||
        skip "no Prometheus"
    serve
    measured_ring
    local port query answer
    port=$(free_port)
    cat >"$folder/prometheus.yml" <<TEXT
global: {scrape_interval: 200ms, evaluation_interval: 200ms}
rule_files: ["$metrics/alerts.yml"]
scrape_configs:
  - job_name: slotring
    static_configs: [{targets: ["$(sed -E 's,http://([^/]*)/.*,\1,' <<<"$url")"]}]
TEXT
    prometheus --config.file="$folder/prometheus.yml" --storage.tsdb.path="$folder/tsdb" --web.listen-address=127.0.0.1:"$port" \
        --log.level=error >"$folder/prometheus.log" 2>&1 &
    local prometheus=$!
    ask_prometheus() { # QUERY: how many series
        curl -sG "http://127.0.0.1:$port/api/v1/query" --data-urlencode "query=$1" | jq -r 'if .status == "success" then .data.result | length else .error end'
    }
    await eval '[ "$(ask_prometheus "count_over_time(slotring_published_total[1m]) >= 3")" = 1 ]'
    [ "$(ask_prometheus 'slotring_published_total{job="slotring"} == 12')" = 1 ] || failed "another number"
    [ "$(ask_prometheus 'up{job="slotring"} == 1')" = 1 ] || failed "the scrape fails"
    # shellcheck disable=SC2016 # Grafana's variables
    while IFS= read -r query; do
        query=${query//'$ring'/.*} query=${query//'$__rate_interval'/1m}
        answer=$(ask_prometheus "$query")
        [[ $answer =~ ^[0-9]+$ ]] && [ "$answer" -gt 0 ] || failed "the dashboard's query $query gives $answer"
    done < <(jq -r '.panels[].targets[].expr' "$metrics/dashboard.json")
    [ "$(jq '[.panels[].targets[]] | length' "$metrics/dashboard.json")" -ge 10 ] || failed "finds few queries"
    [ "$(curl -s "http://127.0.0.1:$port/api/v1/rules" | jq '[.data.groups[].rules[] | select(.health == "err")] | length')" = 0 ] ||
        failed "a rule cannot be evaluated"
    kill $prometheus $server
    wait $prometheus $server
    end_measured_ring
}
