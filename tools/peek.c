/* SPDX-License-Identifier: Apache-2.0 */
/* slotring peek: shows messages. Only observes: it holds nothing, so nobody waits for it, and it may miss messages. */
#include <inttypes.h>
#include <stdlib.h>

#include "args.h"
#include "common.h"
#include "exit_codes.h"
#include "host.h"
#include "output.h"
#include "peek.h"

#define BYTES_DEFAULT 256u

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
        return peek_one(peek);
    code = peek_next_sequence(peek, &next);
    if (code == EXIT_DONE)
        code = peek_last(peek, next);
    if (code == EXIT_DONE && given.follow)
        return peek_follow(peek, next);
    if (code == EXIT_DONE && peek->shown == 0 && !host_stop_requested()) {
        out_error("no such message is in the ring now");
        return EXIT_NOT_FOUND;
    }
    return code;
}

static bool values(peek_t *peek)
{
    peek->tagged = given.tag != NULL;
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
