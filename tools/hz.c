/* SPDX-License-Identifier: Apache-2.0 */
/* slotring hz: how many messages and bytes a second, of the ring and of each producer, and how late readers are. Only observes. */
#include <inttypes.h>
#include <stdio.h>

#include "args.h"
#include "common.h"
#include "exit_codes.h"
#include "host.h"
#include "hz.h"
#include "output.h"
#include "table.h"

#define LOOK_EVERY_NS UINT64_C(5000000)

static struct {
    char *interval, *count;
    int json;
} given;

static struct poptOption table[] = {
    {"interval", 'i', POPT_ARG_STRING, &given.interval, 0, "Measure for S seconds each time (default 1)",
     "S"},
    {"count", 'c', POPT_ARG_STRING, &given.count, 0, "End after N times (default: when stopped)", "N"},
    {"json", 'j', POPT_ARG_NONE, &given.json, 0, "Print JSON, one line for each time", NULL},
    RING_PLACE_OPTIONS,
    ARGS_HELP,
    POPT_TABLEEND};

static const args_shape_t shape = {
    "hz", "NAME",
    "Measures how many messages and bytes a second go through ring NAME, by producer; the time from one "
    "message to the next; and how late each reader is, where the ring has time stamps.\n"
    "  slotring hz daq --count 1\n",
    1, 1};

/* ---- What was measured ---------------------------------------------------------------------------- */

static double rate_of_ring(const hz_t *hz)
{
    const slotring_stats_t *now = &hz->watch.now.stats, *before = &hz->watch.before.stats;
    return snapshot_rate(&hz->watch.now, &hz->watch.before, now->published + now->records,
                         before->published + before->records);
}

/* Messages of its writers, which they count; and of what it publishes itself, as much as was seen, or the share that was seen of what
 * was too fast. */
static double rate_of_producer(const hz_t *hz, const slotring_participant_t *one)
{
    const snapshot_t *now = &hz->watch.now, *before = &hz->watch.before;
    const sample_t *sample = &hz->sample;
    double seconds = (double)(now->time_ns - before->time_ns) * 1e-9, rate = 0;
    for (uint32_t i = 0; i < now->writer_count; i++) {
        const slotring_writer_info_t *writer = &now->writers[i];
        const slotring_writer_info_t *then = snapshot_writer_before(writer, before);
        if (writer->participant == one->index && then)
            rate += snapshot_rate(now, before, writer->number, then->number);
    }
    if (sample->seen > 0 && seconds > 0)
        rate += (double)sample_of(sample, one) / seconds *
                ((double)(sample->seen + sample->passed) / (double)sample->seen);
    return rate;
}

static double bytes_of_producer(const hz_t *hz, const slotring_participant_t *one)
{
    const slotring_participant_t *then = snapshot_participant_before(one, &hz->watch.before);
    return snapshot_rate(&hz->watch.now, &hz->watch.before, one->bytes_written,
                         then ? then->bytes_written : 0);
}

/* How old the message is that the reader is to get next. Negative: it has all, or nobody knows. */
static double late(const hz_t *hz, const slotring_reader_info_t *reader)
{
    slotring_slot_t message = {0};
    int result;
    if (reader->lag == 0 || hz->watch.now.info.time_stamps == SLOTRING_TIME_NONE || !hz->watch.ring)
        return -1;
    result = slotring_copy_sequence(hz->watch.ring, reader->cursor, NULL, 0, &message);
    uint64_t now = host_clock_ns();
    if ((result != 0 && result != SLOTRING_E_SIZE && result != SLOTRING_E_CHECKSUM) || message.time_ns == 0 ||
        message.time_ns > now)
        return -1;
    return (double)(now - message.time_ns) * 1e-9;
}

/* ---- For people ----------------------------------------------------------------------------------- */

static const table_column_t of_producers[] = {{"PRODUCER", 0, true},
                                              {"PID", 1, false},
                                              {"MESSAGES", 0, false},
                                              {"BYTES", 0, false},
                                              {"EACH", 2, false}};
static const table_column_t of_readers[] = {
    {"READER", 0, true}, {"PID", 1, false}, {"MESSAGES", 0, false}, {"BEHIND", 0, false}, {"LATE", 0, false}};

static void add_first_line(page_t *page, const hz_t *hz)
{
    const snapshot_t *now = &hz->watch.now, *before = &hz->watch.before;
    const sample_t *sample = &hz->sample;
    double bytes = snapshot_rate(now, before, now->stats.bytes_written, before->stats.bytes_written);
    page_add(page, PAGE_ALWAYS, PAGE_HEAD, 2, "ring %s: %s msg/s, %s%s", now->info.name,
             out_count_per_second(rate_of_ring(hz)).text, out_rate(bytes).text,
             sample->passed > 0 ? " (too fast to see each message: shares of producers are estimates)" : "");
    if (sample->steps > 0)
        page_add(page, PAGE_ALWAYS, PAGE_PLAIN, 2, "from one message to the next: %s  least %s  most %s",
                 out_duration(sample->sum_ns / (double)sample->steps * 1e-9).text,
                 out_duration((double)sample->least_ns * 1e-9).text,
                 out_duration((double)sample->most_ns * 1e-9).text);
}

static void add_producers(page_t *page, const hz_t *hz)
{
    table_t producers;
    table_begin(&producers, of_producers, 5);
    for (uint32_t i = 0; i < hz->watch.now.participant_count; i++) {
        const slotring_participant_t *one = &hz->watch.now.participants[i];
        double rate = rate_of_producer(hz, one), bytes = bytes_of_producer(hz, one);
        char name[sizeof one->name];
        if (!one->producing)
            continue;
        out_safe_name(one->name, sizeof name, name);
        table_row(&producers, (uint64_t)bytes, PAGE_PLAIN);
        table_cell(&producers, "%s", name);
        table_cell(&producers, "%" PRIu64, one->pid);
        table_cell(&producers, "%s", out_per_second(rate).text);
        table_cell(&producers, "%s", out_rate(bytes).text);
        table_cell(&producers, "%s", rate > 0 ? out_bytes((uint64_t)(bytes / rate)).text : "-");
    }
    table_end(&producers, page, PAGE_ALWAYS, "producers");
}

static void add_readers(page_t *page, const hz_t *hz)
{
    table_t readers;
    table_begin(&readers, of_readers, 5);
    for (uint32_t i = 0; i < hz->watch.now.reader_count; i++) {
        const slotring_reader_info_t *one = &hz->watch.now.readers[i];
        const slotring_reader_info_t *then = snapshot_reader_before(one, &hz->watch.before);
        double seconds = late(hz, one);
        char name[sizeof one->name];
        out_safe_name(one->name, sizeof name, name);
        table_row(&readers, one->lag, PAGE_PLAIN);
        table_cell(&readers, "%s", name);
        table_cell(&readers, "%" PRIu64, one->pid);
        table_cell(&readers, "%s",
                   then ? out_per_second(snapshot_rate(&hz->watch.now, &hz->watch.before,
                                                       one->delivered + one->records,
                                                       then->delivered + then->records))
                              .text
                        : "-");
        table_cell(&readers, "%" PRIu64, one->lag);
        table_cell(&readers, "%s", seconds < 0 ? "-" : out_duration(seconds).text);
    }
    table_end(&readers, page, PAGE_ALWAYS, "readers");
}

static void build(page_t *page, const void *what)
{
    add_first_line(page, what);
    add_producers(page, what);
    hz_add_writers(page, what);
    add_readers(page, what);
}

static void print_page(const hz_t *hz)
{
    page_t page = page_for_stdout();
    build(&page, hz);
    page_print(&page);
    page_free(&page);
}

/* ---- For programs --------------------------------------------------------------------------------- */

static json_t *hz_json(const hz_t *hz)
{
    const snapshot_t *now = &hz->watch.now, *before = &hz->watch.before;
    json_t *producers = json_array(), *readers = json_array();
    for (uint32_t i = 0; i < now->participant_count; i++) {
        const slotring_participant_t *one = &now->participants[i];
        if (one->producing)
            json_array_append_new(producers, json_pack("{s:o, s:o, s:f, s:f}", "name",
                                                       out_json_text(one->name, sizeof one->name), "pid",
                                                       out_json_count(one->pid), "messages_per_second",
                                                       rate_of_producer(hz, one), "bytes_per_second",
                                                       bytes_of_producer(hz, one)));
    }
    for (uint32_t i = 0; i < now->reader_count; i++) {
        const slotring_reader_info_t *one = &now->readers[i];
        json_array_append_new(readers, json_pack("{s:o, s:o, s:o, s:o}", "name",
                                                 out_json_text(one->name, sizeof one->name), "pid",
                                                 out_json_count(one->pid), "lag", out_json_count(one->lag),
                                                 "late_seconds", out_json_rate(late(hz, one))));
    }
    return json_pack("{s:o, s:f, s:f, s:o, s:o, s:o, s:o}", "ring",
                     out_json_text(now->info.name, sizeof now->info.name), "messages_per_second",
                     rate_of_ring(hz), "bytes_per_second",
                     snapshot_rate(now, before, now->stats.bytes_written, before->stats.bytes_written),
                     "messages_not_seen", out_json_count(hz->sample.passed), "producers", producers,
                     "writers", hz_writers_json(hz), "readers", readers);
}

/* ---- The command ---------------------------------------------------------------------------------- */

static int look(hz_t *hz)
{
    int code = watch_look(&hz->watch);
    if (code != EXIT_DONE)
        out_error("%s", hz->watch.error_text);
    return code;
}

/* Between two snapshots. Stopped in between, it prints what it has. */
static int measure(hz_t *hz)
{
    uint64_t end = host_clock_ns() + (uint64_t)hz->interval_ns;
    sample_begin(&hz->sample, hz->watch.now.stats.published);
    while (host_clock_ns() < end && !host_stop_requested()) {
        uint64_t left = end - host_clock_ns();
        if (!sample_look(&hz->sample, hz->watch.ring, UINT64_MAX))
            return report_last("cannot look at the messages");
        host_sleep(left < LOOK_EVERY_NS ? left : LOOK_EVERY_NS);
    }
    int code = look(hz);
    if (code != EXIT_DONE)
        return code;
    if (!hz->watch.has_before)
        return EXIT_DONE; /* a ring that was made anew meanwhile */
    if (!sample_look(&hz->sample, hz->watch.ring, hz->watch.now.stats.published))
        return report_last("cannot look at the messages");
    if (given.json)
        out_json_print(stdout, hz_json(hz), true);
    else
        print_page(hz);
    return out_finish(EXIT_DONE);
}

static bool values(hz_t *hz)
{
    if (!args_seconds("--interval", given.interval, &hz->interval_ns))
        return false;
    if (hz->interval_ns < 10000000) {
        out_error("--interval %s: must be at least 0.01 seconds", given.interval);
        return false;
    }
    return args_number("--count", given.count, 1, UINT64_MAX, &hz->count);
}

int command_hz(int argc, const char **argv)
{
    static hz_t hz; /* large */
    args_t args;
    int code = EXIT_USAGE;
    if (args_parse(&args, &shape, table, argc, argv) != 0)
        return args_result();
    hz.interval_ns = INT64_C(1000000000);
    hz.count = UINT64_MAX;
    if (values(&hz)) {
        watch_begin(&hz.watch, args.operands[0]);
        host_catch_stop(NULL);
        code = look(&hz);
        while (code == EXIT_DONE && hz.count-- > 0 && !host_stop_requested())
            code = measure(&hz);
        watch_end(&hz.watch);
    }
    args_free(&args);
    return code == EXIT_DONE ? stop_code() : code;
}
