/* SPDX-License-Identifier: Apache-2.0 */
#include "frames.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "common.h"
#include "exit_codes.h"
#include "host.h"
#include "output.h"

#define READ_LEAST UINT64_C(65536)
#define TOGETHER 256u /* messages of one call */

const args_choice_t frames_prefixes[] = {{"u32le", FRAMES_PREFIX}, {NULL, 0}};

/* What was read and is not sent yet. */
typedef struct input {
    char *bytes;
    uint64_t size, have, sent, looked; /* looked: no newline lies below it */
    bool end;
} input_t;

static int report_frame(writer_t *writer, const char *path, uint64_t size)
{
    progress_wipe(&writer->progress);
    out_error("%s has a message of %s%" PRIu64 " bytes; a message of ring %s has %" PRIu64 " at most", path,
              writer->framing == FRAMES_LINES ? "more than " : "", size, writer->info.name,
              writer->info.total_size);
    return EXIT_ERROR;
}

static int report_cut(writer_t *writer, const char *path)
{
    progress_wipe(&writer->progress);
    out_error("%s ends in the middle of a message (what came before is published)", path);
    return EXIT_ERROR;
}

/* The next message, if it is there as a whole. */
static bool next_line(input_t *in, slotring_message_t *message)
{
    const char *start = in->bytes + in->sent, *end;
    end = memchr(in->bytes + in->looked, '\n', (size_t)(in->have - in->looked));
    in->looked = end ? (uint64_t)(end - in->bytes) + 1 : in->have;
    if (!end && (!in->end || in->sent == in->have))
        return false;
    message->data = start;
    message->size = end ? (uint64_t)(end - start) : in->have - in->sent;
    in->sent = end ? in->looked : in->have;
    return true;
}

static bool next_of_size(input_t *in, uint64_t size, slotring_message_t *message)
{
    uint64_t left = in->have - in->sent;
    if (left == 0 || (left < size && !in->end))
        return false;
    message->data = in->bytes + in->sent;
    message->size = left < size ? left : size;
    in->sent += message->size;
    return true;
}

static uint64_t prefix_at(const input_t *in)
{
    const unsigned char *p = (const unsigned char *)in->bytes + in->sent;
    return (uint64_t)p[0] | (uint64_t)p[1] << 8 | (uint64_t)p[2] << 16 | (uint64_t)p[3] << 24;
}

static bool next_prefixed(input_t *in, slotring_message_t *message)
{
    uint64_t left = in->have - in->sent;
    if (left < FRAMES_PREFIX_SIZE || left - FRAMES_PREFIX_SIZE < prefix_at(in))
        return false;
    message->size = prefix_at(in);
    message->data = in->bytes + in->sent + FRAMES_PREFIX_SIZE;
    in->sent += FRAMES_PREFIX_SIZE + message->size;
    return true;
}

static bool next_message(writer_t *writer, input_t *in, slotring_message_t *message)
{
    message->tag = writer->tag;
    switch (writer->framing) {
    case FRAMES_LINES:
        return next_line(in, message);
    case FRAMES_SIZE:
        return next_of_size(in, writer->frame, message);
    default:
        return next_prefixed(in, message);
    }
}

/* A message that is longer than all slots is found before it has been read. */
static int check_rest(writer_t *writer, const input_t *in, const char *path)
{
    uint64_t left = in->have - in->sent, most = writer->info.total_size;
    if (writer->framing == FRAMES_LINES && left > most)
        return report_frame(writer, path, most);
    if (writer->framing == FRAMES_PREFIX && left >= FRAMES_PREFIX_SIZE && prefix_at(in) > most)
        return report_frame(writer, path, prefix_at(in));
    return in->end && left > 0 ? report_cut(writer, path) : EXIT_DONE;
}

static int send_messages(writer_t *writer, const slotring_message_t *messages, uint32_t count)
{
    int64_t left = writer->timeout_ns;
    stream_begin(&writer->stream);
    for (uint32_t done = 0; done < count;) {
        uint32_t appended;
        int64_t slice = writer_slice(left);
        int code =
            slotring_writer_append_batch(writer->records, messages + done, count - done, slice, &appended);
        for (uint32_t i = 0; i < appended; i++)
            stream_count(&writer->stream, UINT64_MAX, messages[done + i].size);
        done += appended;
        if (appended > 0)
            left = writer->timeout_ns;
        code = code == 0 ? EXIT_DONE : writer_try_again(writer, code, slice, &left);
        if (code != EXIT_DONE)
            return code;
    }
    progress_show(&writer->progress, writer->stream.bytes);
    return EXIT_DONE;
}

/* All messages that are there as a whole. */
static int send_whole(writer_t *writer, input_t *in, const char *path)
{
    slotring_message_t messages[TOGETHER];
    uint32_t count;
    int code = EXIT_DONE;
    do {
        for (count = 0; count < TOGETHER && next_message(writer, in, &messages[count]); count++)
            if (messages[count].size > writer->info.total_size) {
                code = send_messages(writer, messages, count);
                return code == EXIT_DONE
                           ? report_frame(writer, path,
                                          writer->framing == FRAMES_LINES ? writer->info.total_size
                                                                          : messages[count].size)
                           : code;
            }
        code = send_messages(writer, messages, count);
    } while (code == EXIT_DONE && count == TOGETHER);
    return code == EXIT_DONE ? check_rest(writer, in, path) : code;
}

/* Room to read into, also behind a message that takes several slots. False: there is no memory. */
static bool make_room(input_t *in)
{
    if (in->size - in->have >= READ_LEAST)
        return true;
    char *more = realloc(in->bytes, (size_t)(2 * in->size));
    if (!more) {
        out_error("out of memory for a message of more than %" PRIu64 " bytes", in->have);
        return false;
    }
    in->bytes = more;
    in->size *= 2;
    return true;
}

/* Moves what is not sent to the start, and reads behind it. */
static int read_more(input_t *in, int file, bool *room)
{
    uint64_t got = 0;
    if (in->sent > 0)
        memmove(in->bytes, in->bytes + in->sent, (size_t)(in->have - in->sent));
    in->have -= in->sent;
    in->looked -= in->sent;
    in->sent = 0;
    *room = make_room(in);
    if (!*room)
        return 0;
    int error = host_read(file, in->bytes + in->have, in->size - in->have, &got);
    in->have += got;
    in->end = error == 0 && got == 0;
    return error;
}

int frames_send(writer_t *writer, int file, const char *path)
{
    input_t in = {.size = writer->info.slot_size + READ_LEAST};
    int code = EXIT_DONE;
    bool room;
    in.bytes = malloc((size_t)in.size);
    if (!in.bytes) {
        out_error("out of memory for a message of %" PRIu64 " bytes", writer->info.slot_size);
        return EXIT_NO_SPACE;
    }
    while (code == EXIT_DONE && !in.end && !host_stop_requested()) {
        int error = read_more(&in, file, &room);
        if (!room) {
            code = EXIT_NO_SPACE;
            break;
        }
        in.end = in.end && !host_stop_requested(); /* what is cut then is not the input's fault */
        code = error ? writer_report_input(writer, path, error) : send_whole(writer, &in, path);
    }
    free(in.bytes);
    return code;
}
