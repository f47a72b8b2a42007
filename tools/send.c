/* SPDX-License-Identifier: Apache-2.0 */
#include "send.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "common.h"
#include "exit_codes.h"
#include "frames.h"
#include "host.h"
#include "output.h"

#define SLICE_NS INT64_C(1000000000) /* between two looks at who stands in the way */

/* ---- Waiting -------------------------------------------------------------------------------------- */

static void say_blocker(writer_t *writer)
{
    slotring_blocker_t worst;
    uint32_t count;
    char sentence[SLOTRING_BLOCKER_TEXT_SIZE], line[240];
    if (!writer->progress.shown || slotring_blockers(writer->ring, &worst, 1, &count) < 0)
        return;
    if (count > 0)
        (void)slotring_blocker_to_text(&worst, sentence, sizeof sentence);
    else
        snprintf(sentence, sizeof sentence, "the ring is full%s",
                 writer->info.when_full == SLOTRING_KEEP ? " and keeps what nobody has freed" : "");
    snprintf(line, sizeof line, "waiting: %s", sentence);
    progress_say(&writer->progress, line);
}

static int report_full(writer_t *writer)
{
    slotring_blocker_t *list;
    uint32_t count;
    progress_wipe(&writer->progress);
    out_error("no slot became free within %s", out_duration((double)writer->timeout_ns * 1e-9).text);
    if (ring_blockers(writer->ring, &list, &count)) {
        for (uint32_t i = 0; i < count; i++) {
            char sentence[SLOTRING_BLOCKER_TEXT_SIZE];
            (void)slotring_blocker_to_text(&list[i], sentence, sizeof sentence);
            fprintf(stderr, "  %s\n", sentence);
        }
        if (count == 0 && writer->info.when_full == SLOTRING_KEEP)
            fprintf(stderr, "  the ring is full and keeps what nobody has freed\n");
        free(list);
    }
    return EXIT_TIMED_OUT;
}

int64_t writer_slice(int64_t left)
{
    return left < 0 || left > SLICE_NS ? SLICE_NS : left;
}

int writer_try_again(writer_t *writer, int code, int64_t slice, int64_t *left)
{
    if (host_stop_requested())
        return stop_code();
    if (code == SLOTRING_E_INTERRUPTED || code == SLOTRING_E_REMOVED) /* the library's note has told */
        return EXIT_DONE;
    if (code != SLOTRING_E_TIMEOUT && code != SLOTRING_E_FULL) {
        progress_wipe(&writer->progress);
        return report_last("cannot get a slot");
    }
    if (*left >= 0 && (*left -= slice) <= 0)
        return report_full(writer);
    say_blocker(writer);
    return EXIT_DONE;
}

static int take_slot(writer_t *writer, slotring_slot_t *slot)
{
    int64_t left = writer->timeout_ns;
    for (;;) {
        int64_t slice = writer_slice(left);
        int code = slotring_allocate_wait(writer->ring, writer->chunk, slice, slot);
        if (code == 0)
            return EXIT_DONE;
        code = writer_try_again(writer, code, slice, &left);
        if (code != EXIT_DONE)
            return code;
    }
}

int writer_await_readers(writer_t *writer)
{
    int64_t left = writer->timeout_ns;
    uint32_t there;
    char line[80];
    for (;;) {
        int64_t slice = writer_slice(left);
        int code = slotring_wait_readers(writer->ring, (uint32_t)writer->readers, slice, &there);
        if (code == 0)
            return EXIT_DONE;
        if (host_stop_requested())
            return stop_code();
        if (ring_is_deserted(writer->ring)) {
            progress_wipe(&writer->progress);
            out_error("ring %s was removed: no reader can come any more", writer->info.name);
            return EXIT_NOT_FOUND;
        }
        if (code != SLOTRING_E_TIMEOUT && code != SLOTRING_E_INTERRUPTED && code != SLOTRING_E_REMOVED) {
            progress_wipe(&writer->progress);
            return report_last("cannot wait for readers");
        }
        if (left >= 0 && (left -= slice) <= 0) {
            progress_wipe(&writer->progress);
            out_error("waited for %" PRIu64 " lossless readers, %" PRIu32 " came within %s", writer->readers,
                      there, out_duration((double)writer->timeout_ns * 1e-9).text);
            return EXIT_TIMED_OUT;
        }
        snprintf(line, sizeof line, "waiting for %" PRIu64 " lossless readers, %" PRIu32 " there",
                 writer->readers, there);
        progress_say(&writer->progress, line);
    }
}

/* ---- Sending -------------------------------------------------------------------------------------- */

/* What was read before there was a slot for it. */
typedef struct ahead {
    char byte;
    uint64_t count; /* 0 or 1 */
} ahead_t;

/* Gets a slot, unless the input has ended: where it must be waited for, there must be something to put into it, or
 * a ring that keeps would hold up a writer that has nothing left to write. */
static int take_slot_for_input(writer_t *writer, int file, slotring_slot_t *slot, ahead_t *ahead, int *error,
                               bool *end)
{
    ahead->count = 0;
    if (slotring_allocate(writer->ring, writer->chunk, slot) == 0)
        return EXIT_DONE;
    *error = host_read(file, &ahead->byte, 1, &ahead->count);
    *end = ahead->count == 0;
    return *end ? EXIT_DONE : take_slot(writer, slot);
}

/* Reads until the message is full or the input ends; a pipe gives it in pieces. */
static int fill(writer_t *writer, int file, slotring_slot_t *slot, const ahead_t *ahead, uint64_t *length,
                bool *end)
{
    *length = ahead->count;
    if (ahead->count)
        *(char *)slot->data = ahead->byte;
    *end = false;
    while (*length < writer->chunk) {
        uint64_t got;
        int error = host_read(file, (char *)slot->data + *length, writer->chunk - *length, &got);
        *length += got;
        *end = got == 0;
        if (error != 0 || *end)
            return error;
    }
    return 0;
}

int writer_report_input(writer_t *writer, const char *path, int error)
{
    progress_wipe(&writer->progress);
    out_error("cannot read %s: %s (what was read before is published)", path, host_error_text(error));
    return EXIT_ERROR;
}

/* One message. What was read before an error or a request to stop is published too. */
static int send_message(writer_t *writer, int file, const char *path, bool *end)
{
    slotring_slot_t slot;
    ahead_t ahead;
    uint64_t length = 0;
    int error = 0, result = 0, code;
    *end = false;
    code = take_slot_for_input(writer, file, &slot, &ahead, &error, end);
    if (code != EXIT_DONE)
        return code;
    if (*end)
        return error ? writer_report_input(writer, path, error) : EXIT_DONE;
    error = fill(writer, file, &slot, &ahead, &length, end);
    stream_begin(&writer->stream);
    if (length > 0) {
        slot.tag = writer->tag;
        result = slotring_mark_ready(writer->ring, &slot, length);
        if (result == 0)
            stream_count(&writer->stream, slot.sequence, length);
    } else {
        result = slotring_abort(writer->ring, &slot);
    }
    progress_show(&writer->progress, writer->stream.bytes);
    if (result == 0 && error == 0)
        return EXIT_DONE;
    progress_wipe(&writer->progress);
    if (result < 0)
        return report_last("cannot publish");
    return writer_report_input(writer, path, error);
}

static int send_file(writer_t *writer, const char *path)
{
    int file = HOST_STDIN, code = EXIT_DONE;
    bool end = false, standard = !strcmp(path, "-");
    int error = standard ? 0 : host_open_input(path, &file);
    if (error != 0) {
        progress_wipe(&writer->progress);
        out_error("cannot open %s: %s", path, host_error_text(error));
        return host_is_missing(error) ? EXIT_NOT_FOUND : EXIT_ERROR;
    }
    if (standard)
        path = "standard input";
    if (writer->records)
        code = frames_send(writer, file, path);
    else
        while (code == EXIT_DONE && !end && !host_stop_requested())
            code = send_message(writer, file, path, &end);
    if (!standard)
        host_close(file);
    return code == EXIT_DONE ? stop_code() : code;
}

int writer_send(writer_t *writer, const char **files)
{
    static const char *const standard_input[] = {"-", NULL};
    const char *const *list = *files ? (const char *const *)files : standard_input;
    int code = EXIT_DONE;
    for (uint64_t turn = 0; turn < writer->repeat && code == EXIT_DONE; turn++)
        for (const char *const *path = list; *path && code == EXIT_DONE; path++)
            code = send_file(writer, *path);
    return code;
}
