/* SPDX-License-Identifier: Apache-2.0 */
#include "receive.h"

#include <inttypes.h>

#include "common.h"
#include "exit_codes.h"
#include "host.h"
#include "output.h"

#define SLICE_NS INT64_C(1000000000)   /* the progress line shows a standstill */
#define END_POLL_NS UINT64_C(10000000) /* after an end, between two looks for another producer */

/* ---- Deaths and ends ------------------------------------------------------------------------------ */

static int tell_death(receiver_t *receiver)
{
    slotring_participant_t who;
    char name[sizeof who.name];
    json_t *entry;
    if (slotring_reader_death(receiver->reader, &who) < 0)
        return report_last("a producer died; cannot say who");
    out_safe_name(who.name, sizeof name, name);
    progress_wipe(&receiver->progress);
    if (who.last_sequence == UINT64_MAX)
        out_error("producer \"%s\" (pid %" PRIu64 ") died before it published anything", name, who.pid);
    else
        out_error("producer \"%s\" (pid %" PRIu64 ") died; its last message has sequence %" PRIu64, name,
                  who.pid, who.last_sequence);
    entry = json_object();
    json_object_set_new(entry, "pid", out_json_count(who.pid));
    json_object_set_new(entry, "name", out_json_text(who.name, sizeof who.name));
    json_object_set_new(entry, "last_sequence", out_json_count(who.last_sequence));
    json_array_append_new(receiver->deaths, entry);
    return EXIT_DONE;
}

/* A ring used before has an end behind it already: the reader that comes early for the next stream waits for it. */
static int look_for_streams(receiver_t *receiver)
{
    slotring_stats_t stats = {.struct_size = sizeof stats};
    if (slotring_get_stats(receiver->ring, &stats) < 0)
        return report_last("cannot read the statistics");
    receiver->started_before = stats.producers_started;
    receiver->stream_seen = receiver->oldest || stats.producers > 0;
    return EXIT_DONE;
}

static bool is_end(receiver_t *receiver)
{
    slotring_stats_t stats = {.struct_size = sizeof stats};
    if (receiver->follow)
        return false;
    if (receiver->stream.messages > 0 || json_array_size(receiver->deaths) > 0)
        return true;
    if (!receiver->stream_seen && slotring_get_stats(receiver->ring, &stats) == 0)
        receiver->stream_seen = stats.producers_started > receiver->started_before;
    return receiver->stream_seen;
}

/* ---- One message ---------------------------------------------------------------------------------- */

static int report_output(receiver_t *receiver, int error)
{
    progress_wipe(&receiver->progress);
    if (host_is_broken_pipe(error))
        return EXIT_BROKEN_PIPE;
    out_error("cannot write %s: %s, after %" PRIu64 " bytes%s", receiver->path, host_error_text(error),
              receiver->output_bytes,
              receiver->file == HOST_STDOUT ? "" : "; the part that is written stays");
    return host_is_full(error) ? EXIT_NO_SPACE : EXIT_ERROR;
}

static void note_timing(receiver_t *receiver, const slotring_slot_t *slot)
{
    uint64_t now = host_clock_ns();
    uint64_t latency = now > slot->time_ns ? now - slot->time_ns : 0;
    fprintf(receiver->timings, "%" PRIu64 " %" PRIu64 " %" PRIu64 "\n", slot->sequence, slot->length,
            latency);
}

static int take(receiver_t *receiver, const slotring_slot_t *slot)
{
    uint64_t put = 0;
    int error = 0;
    stream_begin(&receiver->stream);
    if (receiver->timings)
        note_timing(receiver, slot);
    if (receiver->file >= 0) {
        error = host_write(receiver->file, slot->data, slot->length, &put);
        receiver->output_bytes += put;
    }
    if (receiver->delay_ns > 0 && error == 0)
        host_sleep(receiver->delay_ns);
    stream_count(&receiver->stream, slot->sequence, slot->length);
    progress_show(&receiver->progress, receiver->stream.bytes);
    if (slotring_reader_release(receiver->reader) < 0)
        return report_last("cannot release a message");
    return error ? report_output(receiver, error) : EXIT_DONE;
}

/* ---- All of them ---------------------------------------------------------------------------------- */

static int report_timeout(receiver_t *receiver)
{
    progress_wipe(&receiver->progress);
    out_error("no message came within %s", out_duration((double)receiver->timeout_ns * 1e-9).text);
    return EXIT_TIMED_OUT;
}

static int report_deserted(receiver_t *receiver)
{
    progress_wipe(&receiver->progress);
    out_error("ring %s was removed and nobody writes to it any more", receiver->info.name);
    return EXIT_NOT_FOUND;
}

/* Until one message was taken (*over false), or it is over for the reason returned. */
static int wait_and_take(receiver_t *receiver, bool *over)
{
    uint64_t start = host_clock_ns();
    *over = true;
    while (!host_stop_requested()) {
        slotring_slot_t slot;
        int64_t waited = (int64_t)(host_clock_ns() - start);
        int64_t left = receiver->timeout_ns < 0 ? SLICE_NS : receiver->timeout_ns - waited;
        int code = slotring_next(receiver->reader, left > SLICE_NS ? SLICE_NS : left > 0 ? left : 0, &slot);
        if (code == 0) {
            *over = false;
            return take(receiver, &slot);
        }
        if (code == SLOTRING_E_PRODUCER_DIED) {
            if (tell_death(receiver) != EXIT_DONE)
                return EXIT_ERROR;
            continue;
        }
        if (code == SLOTRING_E_END) {
            receiver->ended = is_end(receiver);
            if (receiver->ended)
                return EXIT_DONE;
            host_sleep(END_POLL_NS);
        } else if (code != SLOTRING_E_TIMEOUT && code != SLOTRING_E_EMPTY && code != SLOTRING_E_INTERRUPTED &&
                   code != SLOTRING_E_REMOVED) { /* which the library's note has told */
            progress_wipe(&receiver->progress);
            return report_last("cannot receive");
        }
        if (left <= 0)
            return report_timeout(receiver);
        if (code != SLOTRING_E_INTERRUPTED && ring_is_deserted(receiver->ring))
            return report_deserted(receiver);
        progress_show(&receiver->progress, receiver->stream.bytes);
    }
    return stop_code();
}

static int receive(receiver_t *receiver)
{
    bool over = false;
    int code = EXIT_DONE;
    while (code == EXIT_DONE && !over &&
           (receiver->count == 0 || receiver->stream.messages < receiver->count))
        code = wait_and_take(receiver, &over);
    return code;
}

/* Leaves at once: what still has to be done with the output must not hold producers back. */
static void leave(receiver_t *receiver)
{
    slotring_reader_info_t info;
    if (slotring_reader_info(receiver->reader, &info) == 0) {
        receiver->delivered = info.delivered;
        receiver->missed = info.missed;
    }
    slotring_unsubscribe(receiver->reader);
    receiver->reader = NULL;
}

static int verdict(receiver_t *receiver, int code)
{
    if (code != EXIT_DONE)
        return code;
    if (receiver->missed > 0 && receiver->fail_on_loss) {
        if (!receiver->lossy)
            out_error("this lossless reader missed %" PRIu64 " messages", receiver->missed);
        return EXIT_MISSED;
    }
    return json_array_size(receiver->deaths) > 0 ? EXIT_DIED : EXIT_DONE;
}

int receiver_run(receiver_t *receiver)
{
    slotring_reader_options_t options;
    int code = look_for_streams(receiver);
    if (code != EXIT_DONE)
        return code;
    slotring_reader_options_init(&options);
    options.mode = receiver->lossy ? SLOTRING_LOSSY : SLOTRING_LOSSLESS;
    options.start = receiver->oldest ? SLOTRING_FROM_OLDEST : SLOTRING_FROM_NOW;
    if (slotring_subscribe(receiver->ring, &options, &receiver->reader) < 0)
        return report_last("cannot subscribe");
    receiver->subscribed = true;
    progress_start(&receiver->progress, receiver->quiet);
    code = receive(receiver);
    progress_wipe(&receiver->progress);
    leave(receiver);
    return verdict(receiver, code);
}
