/* SPDX-License-Identifier: Apache-2.0 */
#include "receive.h"

#include <inttypes.h>

#include "common.h"
#include "exit_codes.h"
#include "host.h"
#include "marks.h"
#include "output.h"
#include "received.h"
#include "words.h"

#define SLICE_NS INT64_C(1000000000)   /* the progress line shows a standstill */
#define END_POLL_NS UINT64_C(10000000) /* after an end, between two looks for another producer */

/* ---- Deaths and ends ------------------------------------------------------------------------------ */

/* lost: not the producer died, but what carried its messages here. */
static int tell_death(receiver_t *receiver, bool lost)
{
    slotring_participant_t who;
    char name[sizeof who.name];
    json_t *entry;
    if (slotring_reader_death(receiver->reader, &who) < 0)
        return report_last("a producer died; cannot say who");
    uint64_t pid = who.proxy ? who.origin_pid : who.pid;
    const char *where = who.proxy ? " elsewhere" : "";
    out_safe_name(who.name, sizeof name, name);
    progress_wipe(&receiver->progress);
    if (lost)
        out_error("the way to producer \"%s\" is lost: process %" PRIu64
                  ", which carried its messages here, died or told so",
                  name, who.pid);
    else if (who.last_sequence == UINT64_MAX)
        out_error("producer \"%s\" (pid %" PRIu64 "%s) died before it published anything", name, pid, where);
    else
        out_error("producer \"%s\" (pid %" PRIu64 "%s) died; its last message has sequence %" PRIu64, name,
                  pid, where, who.last_sequence);
    entry = json_object();
    json_object_set_new(entry, "pid", out_json_count(pid));
    json_object_set_new(entry, "elsewhere", json_boolean(who.proxy));
    json_object_set_new(entry, "lost", json_boolean(lost));
    json_object_set_new(entry, "name", out_json_text(who.name, sizeof who.name));
    json_object_set_new(entry, "last_sequence", out_json_count(who.last_sequence));
    json_array_append_new(receiver->deaths, entry);
    return EXIT_DONE;
}

static int tell_mark(receiver_t *receiver)
{
    slotring_mark_t mark;
    char sentence[MARK_SENTENCE];
    json_t *entry;
    if (slotring_reader_mark(receiver->reader, &mark) < 0)
        return report_last("a mark was met; cannot say which");
    mark_sentence(&mark, sentence, sizeof sentence);
    progress_wipe(&receiver->progress);
    out_error("mark: %s", sentence);
    entry = mark_json(&mark);
    json_object_set_new(entry, "messages_before", out_json_count(receiver->stream.messages));
    json_array_append_new(receiver->marks, entry);
    if (received_is_durable(receiver) && slotring_reader_release(receiver->reader) < 0)
        return report_last("cannot give a mark back");
    return EXIT_DONE;
}

/* A ring used before has an end behind it already: the reader that comes early for the next stream waits for it. */
static int look_for_streams(receiver_t *receiver)
{
    slotring_stats_t stats = {.struct_size = sizeof stats};
    if (slotring_get_stats(receiver->ring, &stats) < 0)
        return report_last("cannot read the statistics");
    receiver->started_before = stats.producers_started;
    receiver->stream_seen = receiver->options.start != SLOTRING_FROM_NOW || stats.producers > 0;
    return EXIT_DONE;
}

/* An end counts only if the reader knew of the stream before: the writer may come between the end that the reader was
 * told and this look, and then the end is the one before its stream. */
static bool is_end(receiver_t *receiver)
{
    slotring_stats_t stats = {.struct_size = sizeof stats};
    bool knew = receiver->stream_seen;
    if (receiver->follow)
        return false;
    if (receiver->stream.messages > 0 || json_array_size(receiver->deaths) > 0)
        return true;
    if (!knew && slotring_get_stats(receiver->ring, &stats) == 0)
        receiver->stream_seen = stats.producers_started > receiver->started_before;
    return knew;
}

/* ---- One message ---------------------------------------------------------------------------------- */

static int take(receiver_t *receiver, const slotring_slot_t *slot)
{
    int error = 0;
    bool lost = false;
    if (receiver->file >= 0 && receiver->framing == FRAMES_PREFIX && slot->length > UINT32_MAX) {
        progress_wipe(&receiver->progress);
        out_error("a message of %" PRIu64
                  " bytes is too long for --prefix, whose lengths have 4 bytes; read it without",
                  slot->length);
        return EXIT_ERROR;
    }
    stream_begin(&receiver->stream);
    if (receiver->timings)
        received_note_timing(receiver, slot);
    if (receiver->file >= 0)
        error = received_put(receiver, slot, &lost);
    if (lost) {
        progress_wipe(&receiver->progress);
        return report_last("cannot read a message of several slots");
    }
    if (receiver->delay_ns > 0 && error == 0)
        host_sleep(receiver->delay_ns);
    if (error != HOST_STOPPED) {
        stream_count(&receiver->stream, slot->sequence, slot->length);
        receiver->redelivered += slot->deliveries > 0;
    }
    progress_show(&receiver->progress, receiver->stream.bytes);
    if (error != 0 && received_is_durable(receiver))
        return received_report(receiver, error);
    if (slotring_reader_release(receiver->reader) < 0)
        return report_last("cannot release a message");
    return error ? received_report(receiver, error) : EXIT_DONE;
}

/* A message that is not what was published is told, and not written. */
static int leave_out(receiver_t *receiver)
{
    slotring_error_t error;
    slotring_last_error(&error);
    progress_wipe(&receiver->progress);
    out_error("left out: %s", words_of(&error).text);
    receiver->damaged++;
    return slotring_reader_release(receiver->reader) < 0 ? report_last("cannot release a message")
                                                         : EXIT_DONE;
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

/* Producers do not wait for this reader any more. It goes on. */
static void tell_revocation(receiver_t *receiver)
{
    slotring_error_t error;
    slotring_reader_info_t info;
    slotring_last_error(&error);
    progress_wipe(&receiver->progress);
    out_error("%s", words_of(&error).text);
    receiver->revocations++;
    receiver->revoked = true;
    if (slotring_reader_info(receiver->reader, &info) == 0)
        receiver->lost += info.lost;
}

/* It has caught up: producers are to wait for it again. A call that comes too early, since more was published, changes nothing. */
static void arm_again(receiver_t *receiver)
{
    if (receiver->revoked && slotring_reader_rearm(receiver->reader) == 0)
        receiver->revoked = false;
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
        int64_t slice = left > SLICE_NS ? SLICE_NS : left > 0 ? left : 0;
        int code = slotring_next(receiver->reader, receiver->buffered > 0 ? 0 : slice, &slot);
        if (code != 0 && receiver->buffered > 0) {
            int error = received_flush(receiver);
            if (error != 0)
                return received_report(receiver, error);
            if (code == SLOTRING_E_EMPTY)
                continue;
        }
        if (code == 0) {
            *over = false;
            return take(receiver, &slot);
        }
        if (code == SLOTRING_E_CHECKSUM) {
            if (leave_out(receiver) != EXIT_DONE)
                return EXIT_ERROR;
            start = host_clock_ns();
            continue;
        }
        if (code == SLOTRING_E_MARK) {
            if (tell_mark(receiver) != EXIT_DONE)
                return EXIT_ERROR;
            continue;
        }
        if (code == SLOTRING_E_PRODUCER_DIED || code == SLOTRING_E_SOURCE_LOST) {
            if (tell_death(receiver, code == SLOTRING_E_SOURCE_LOST) != EXIT_DONE)
                return EXIT_ERROR;
            continue;
        }
        if (code == SLOTRING_E_REVOKED) {
            tell_revocation(receiver);
            continue;
        }
        if (code == SLOTRING_E_TIMEOUT || code == SLOTRING_E_EMPTY)
            arm_again(receiver);
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
    /* What was asked to stop has records in its buffer that it counts, too. */
    bool stopped = code != EXIT_DONE && code == stop_code();
    int error = code == EXIT_DONE || stopped ? received_flush(receiver) : 0;
    return error ? received_report(receiver, error) : code;
}

/* Leaves at once: what still has to be done with the output must not hold producers back. */
static void leave(receiver_t *receiver)
{
    slotring_reader_info_t info;
    if (slotring_reader_info(receiver->reader, &info) == 0) {
        receiver->delivered = info.delivered;
        receiver->missed = info.missed;
        receiver->records = info.records;
        receiver->records_missed = info.records_missed;
        receiver->passed_over = info.passed_over;
        receiver->records_passed_over = info.records_passed_over;
    }
    slotring_unsubscribe(receiver->reader);
    receiver->reader = NULL;
}

static int verdict(receiver_t *receiver, int code)
{
    if (code != EXIT_DONE)
        return code;
    uint64_t missed = receiver->missed > 0 ? receiver->missed : receiver->records_missed;
    if (receiver->damaged > 0)
        return EXIT_DAMAGED;
    if (missed > 0 && receiver->fail_on_loss) {
        if (!receiver->lossy && receiver->revocations == 0)
            out_error("this lossless reader missed %" PRIu64 " messages", missed);
        return EXIT_MISSED;
    }
    return json_array_size(receiver->deaths) > 0 ? EXIT_DIED : EXIT_DONE;
}

int receiver_run(receiver_t *receiver)
{
    int code = look_for_streams(receiver);
    if (code != EXIT_DONE)
        return code;
    if (slotring_subscribe(receiver->ring, &receiver->options, &receiver->reader) < 0)
        return report_last("cannot subscribe");
    int error = received_empty_files(receiver);
    if (error != 0) {
        leave(receiver);
        return received_report(receiver, error);
    }
    receiver->subscribed = true;
    progress_start(&receiver->progress, receiver->quiet);
    code = receive(receiver);
    progress_wipe(&receiver->progress);
    leave(receiver);
    return verdict(receiver, code);
}
