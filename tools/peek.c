/* SPDX-License-Identifier: Apache-2.0 */
/* slotring peek: shows messages. Only observes: it holds nothing, so nobody waits for it, and it may miss messages. */
#include <inttypes.h>
#include <stdlib.h>

#include "args.h"
#include "common.h"
#include "exit_codes.h"
#include "host.h"
#include "look.h"
#include "output.h"

#define BYTES_DEFAULT 256u
#define POLL_NS UINT64_C(20000000)
#define POLLS_FOR_NAME 50u /* looks without a message, until it asks whether the ring is still there */

static struct {
    char *last, *sequence, *tag, *every, *count, *format, *bytes;
    int latest, follow, json;
} given;

static struct poptOption table[] = {
    {"latest", 0, POPT_ARG_NONE, &given.latest, 0, "The newest message (the default)", NULL},
    {"last", 'n', POPT_ARG_STRING, &given.last, 0, "The newest N messages, the oldest of them first", "N"},
    {"sequence", 's', POPT_ARG_STRING, &given.sequence, 0, "The message with sequence S", "S"},
    {"follow", 'f', POPT_ARG_NONE, &given.follow, 0, "Then the messages that come, until stopped", NULL},
    {"count", 'c', POPT_ARG_STRING, &given.count, 0, "With --follow: end after N messages in all", "N"},
    {"tag", 0, POPT_ARG_STRING, &given.tag, 0, "Only messages with tag T", "T"},
    {"every", 'e', POPT_ARG_STRING, &given.every, 0, "Only messages whose sequence N divides", "N"},
    {"format", 'F', POPT_ARG_STRING, &given.format, 0,
     "hex (the default), text, or struct:CODES with codes of Python's struct, such as 'struct:<IHHq'",
     "KIND"},
    {"bytes", 'b', POPT_ARG_STRING, &given.bytes, 0, "Show the first SIZE bytes of a message (default 256)",
     "SIZE"},
    {"json", 'j', POPT_ARG_NONE, &given.json, 0, "Print each message as JSON on a line", NULL},
    RING_PLACE_OPTIONS,
    ARGS_HELP,
    POPT_TABLEEND};

static const args_shape_t shape = {
    "peek", "NAME",
    "Shows messages of ring NAME. Takes no place in the ring, and nobody waits for it: it may miss "
    "messages.\n"
    "  slotring peek daq                                the newest message, in hexadecimal\n"
    "  slotring peek daq --last 5 --format 'struct:<IHHq'\n"
    "  slotring peek daq --follow --every 1000 --format text\n",
    1, 1};

typedef struct peek {
    slotring_t *ring;
    look_t look;
    uint64_t last;     /* messages to begin with */
    uint64_t sequence; /* with --sequence */
    uint64_t tag, every;
    uint64_t count;  /* messages in all; UINT64_MAX: any number */
    uint64_t shown;  /* messages */
    uint64_t missed; /* with --follow: gone before they could be copied */
    uint64_t blocks; /* slots with records that were passed over */
    unsigned char *buffer;
    uint64_t size; /* of buffer */
    int code;      /* of what went wrong with a message, and did not end the command */
} peek_t;

/* ---- One message ---------------------------------------------------------------------------------- */

static bool grow(peek_t *peek, uint64_t size)
{
    void *larger = size <= SIZE_MAX ? realloc(peek->buffer, (size_t)size) : NULL;
    if (!larger) {
        out_error("out of memory for a message of %s", out_bytes(size).text);
        return false;
    }
    peek->buffer = larger;
    peek->size = size;
    return true;
}

static bool is_wanted(const peek_t *peek, const slotring_slot_t *message)
{
    return !given.tag || message->tag == peek->tag;
}

/* Copies the message `sequence`, if it is wanted. The library copies all of it or nothing. 0; 1: not wanted; an error of the
 * library; EXIT_NO_SPACE is told apart by `*full`. */
static int copy(peek_t *peek, uint64_t sequence, slotring_slot_t *message, bool *full)
{
    *full = false;
    for (;;) {
        int result = slotring_copy_sequence(peek->ring, sequence, peek->buffer, peek->size, message);
        if (result != 0 && result != SLOTRING_E_SIZE && result != SLOTRING_E_CHECKSUM)
            return result;
        if (!is_wanted(peek, message))
            return 1;
        if (result != SLOTRING_E_SIZE)
            return result;
        *full = !grow(peek, message->length);
        if (*full)
            return result;
    }
}

/* Shows the message `sequence`, if it is wanted. 0: done with it; else why it is not there, or EXIT_ERROR and more: report it. */
static int show(peek_t *peek, uint64_t sequence, int *code)
{
    slotring_slot_t message = {0};
    bool full;
    int result;
    if (sequence % peek->every != 0)
        return 0;
    result = copy(peek, sequence, &message, &full);
    if (full) {
        *code = EXIT_NO_SPACE;
        return result;
    }
    if (result == SLOTRING_E_INVALID)
        peek->blocks++;
    if (result < 0 && result != SLOTRING_E_CHECKSUM)
        return result;
    if (result == 1)
        return 0;
    if (!look_print(&peek->look, &message, peek->buffer, result == SLOTRING_E_CHECKSUM))
        peek->code = EXIT_ERROR;
    else if (result == SLOTRING_E_CHECKSUM)
        peek->code = EXIT_DAMAGED;
    peek->shown++;
    *code = out_finish(EXIT_DONE);
    return 0;
}

/* ---- Messages that are there ---------------------------------------------------------------------- */

static int next_sequence(peek_t *peek, uint64_t *next)
{
    slotring_stats_t stats = {.struct_size = sizeof stats};
    if (slotring_get_stats(peek->ring, &stats) < 0)
        return report_last("cannot look at the ring");
    *next = stats.published;
    return EXIT_DONE;
}

/* Is it there, and wanted? Only its control data are looked at. */
static bool is_there(peek_t *peek, uint64_t sequence)
{
    slotring_slot_t message = {0};
    int result;
    if (sequence % peek->every != 0)
        return false;
    result = slotring_copy_sequence(peek->ring, sequence, NULL, 0, &message);
    if (result == SLOTRING_E_INVALID)
        peek->blocks++;
    return (result == 0 || result == SLOTRING_E_SIZE || result == SLOTRING_E_CHECKSUM) &&
           is_wanted(peek, &message);
}

/* From the newest backwards as far as the ring remembers, until there are enough: then forwards. One that goes meanwhile is not
 * shown. */
static int show_last(peek_t *peek, uint64_t next)
{
    slotring_info_t info = {.struct_size = sizeof info};
    uint64_t first = next, found = 0;
    int code = EXIT_DONE;
    if (slotring_info(peek->ring, &info) < 0)
        return report_last("cannot look at the ring");
    while (found < peek->last && first > 0 && next - first < info.order_length && !host_stop_requested())
        found += is_there(peek, --first);
    peek->blocks = 0; /* which are counted once */
    for (uint64_t at = first; at < next && code == EXIT_DONE && !host_stop_requested(); at++)
        (void)show(peek, at, &code);
    return code;
}

static int show_one(peek_t *peek)
{
    int code = EXIT_DONE, result;
    peek->every = 1;
    result = show(peek, peek->sequence, &code);
    if (code != EXIT_DONE || (result == 0 && peek->shown > 0))
        return code;
    if (result == 0)
        out_error("sequence %" PRIu64 " has another tag", peek->sequence);
    else if (result == SLOTRING_E_STALE)
        out_error("sequence %" PRIu64 " is gone", peek->sequence);
    else if (result == SLOTRING_E_NOT_READY)
        out_error("sequence %" PRIu64 " is not published yet", peek->sequence);
    else if (result != SLOTRING_E_INVALID)
        return report_last("cannot copy the message");
    return EXIT_NOT_FOUND;
}

/* ---- Messages that come --------------------------------------------------------------------------- */

/* What lies below the oldest is gone: behind a fast producer, one look for each of them would come too late for all. */
static int pass_gone(peek_t *peek, uint64_t *at)
{
    slotring_stats_t stats = {.struct_size = sizeof stats};
    uint64_t next = *at + 1;
    if (slotring_get_stats(peek->ring, &stats) < 0)
        return report_last("cannot look at the ring");
    if (stats.oldest > next)
        next = stats.oldest;
    peek->missed += next - *at;
    *at = next;
    return EXIT_DONE;
}

static int wait_for_more(peek_t *peek, uint32_t *idle)
{
    if (++*idle % POLLS_FOR_NAME == 0 && ring_is_deserted(peek->ring)) {
        out_error("the ring was removed, and nobody writes to it any more");
        return EXIT_NOT_FOUND;
    }
    host_sleep(POLL_NS);
    return EXIT_DONE;
}

/* The next one that --every wants: one step, however far that is. */
static uint64_t wanted_from(const peek_t *peek, uint64_t at)
{
    uint64_t beyond = at % peek->every;
    return beyond == 0 ? at : at + (peek->every - beyond);
}

static int follow(peek_t *peek, uint64_t at)
{
    uint32_t idle = 0;
    int code = EXIT_DONE;
    while (code == EXIT_DONE && peek->shown < peek->count && !host_stop_requested()) {
        int result;
        at = wanted_from(peek, at);
        result = show(peek, at, &code);
        if (code != EXIT_DONE)
            break;
        if (result == SLOTRING_E_NOT_READY)
            code = wait_for_more(peek, &idle);
        else if (result == SLOTRING_E_STALE)
            code = pass_gone(peek, &at);
        else if (result == 0 || result == SLOTRING_E_INVALID)
            at++;
        else
            code = report_last("cannot copy a message");
    }
    return code;
}

/* ---- The command ---------------------------------------------------------------------------------- */

/* What an observer cannot show is said, never left out silently. */
static void tell_left_out(const peek_t *peek)
{
    if (peek->blocks > 0)
        out_error("%" PRIu64
                  " slot%s with records %s not shown: only a reader gets records; try \"slotring read "
                  "--lossy\"",
                  peek->blocks, peek->blocks == 1 ? "" : "s", peek->blocks == 1 ? "is" : "are");
    if (peek->missed > 0)
        out_error("%" PRIu64 " message%s had gone before they could be copied", peek->missed,
                  peek->missed == 1 ? "" : "s");
}

static int run(peek_t *peek)
{
    uint64_t next = 0;
    int code;
    if (given.sequence)
        return show_one(peek);
    code = next_sequence(peek, &next);
    if (code == EXIT_DONE)
        code = show_last(peek, next);
    if (code == EXIT_DONE && given.follow)
        return follow(peek, next);
    if (code == EXIT_DONE && peek->shown == 0 && !host_stop_requested()) {
        out_error("no such message is in the ring now");
        return EXIT_NOT_FOUND;
    }
    return code;
}

static bool values(peek_t *peek)
{
    peek->last = given.follow ? 0 : 1;
    peek->every = 1;
    peek->count = UINT64_MAX;
    peek->look.json = given.json;
    peek->look.bytes = BYTES_DEFAULT;
    if (given.latest + (given.last != NULL) + (given.sequence != NULL) > 1 ||
        (given.sequence && (given.follow || given.every))) {
        out_error("--latest, --last and --sequence exclude each other, and --sequence excludes --follow and "
                  "--every");
        return false;
    }
    if (given.latest)
        peek->last = 1;
    if (given.count && !given.follow) {
        out_error("--count %s: needs --follow; without it, give --last", given.count);
        return false;
    }
    if (!args_size("--bytes", given.bytes, 0, UINT64_MAX, &peek->look.bytes) ||
        !look_format(&peek->look, given.format))
        return false;
    if (given.bytes && peek->look.kind == LOOK_STRUCT) {
        out_error("--bytes %s: the format says how many bytes are shown", given.bytes);
        return false;
    }
    return args_number("--last", given.last, 1, UINT64_MAX, &peek->last) &&
           args_number("--sequence", given.sequence, 0, UINT64_MAX - 1, &peek->sequence) &&
           args_number("--tag", given.tag, 0, UINT64_MAX, &peek->tag) &&
           args_number("--every", given.every, 1, INT64_MAX, &peek->every) &&
           args_number("--count", given.count, 1, UINT64_MAX, &peek->count);
}

int command_peek(int argc, const char **argv)
{
    slotring_options_t options;
    peek_t peek = {0};
    args_t args;
    int code = EXIT_USAGE;
    if (args_parse(&args, &shape, table, argc, argv) != 0)
        return args_result();
    ring_options(&options);
    options.mode = SLOTRING_OBSERVE;
    if (values(&peek))
        code = ring_open(&peek.ring, args.operands[0], &options);
    if (code == EXIT_DONE) {
        code = run(&peek);
        tell_left_out(&peek);
        ring_close(peek.ring);
        if (code == EXIT_DONE)
            code = host_stop_requested() ? stop_code() : peek.code;
    }
    free(peek.buffer);
    args_free(&args);
    return out_finish(code);
}
