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
    char *last, *sequence, *writer, *number, *tag, *every, *count, *format, *bytes;
    int latest, follow, json;
} given;

static struct poptOption table[] = {
    {"latest", 0, POPT_ARG_NONE, &given.latest, 0, "The newest message (the default)", NULL},
    {"last", 'n', POPT_ARG_STRING, &given.last, 0, "The newest N messages, the oldest of them first", "N"},
    {"sequence", 's', POPT_ARG_STRING, &given.sequence, 0, "The message with sequence S", "S"},
    {"writer", 'W', POPT_ARG_STRING, &given.writer, 0, "Only messages of writer W, a row of slotring stat",
     "W"},
    {"number", 'N', POPT_ARG_STRING, &given.number, 0, "With --writer: its message with number N", "N"},
    {"follow", 'f', POPT_ARG_NONE, &given.follow, 0, "Then the messages that come, until stopped", NULL},
    {"count", 'c', POPT_ARG_STRING, &given.count, 0, "With --follow: end after N messages in all", "N"},
    {"tag", 0, POPT_ARG_STRING, &given.tag, 0, "Only messages with tag T", "T"},
    {"every", 'e', POPT_ARG_STRING, &given.every, 0,
     "Only messages whose sequence N divides; of a writer's: whose number", "N"},
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
    "  slotring peek daq --follow --every 1000 --format text\n"
    "  slotring peek daq --writer 0 --number 17         a message of a writer\n",
    1, 1};

static bool has_writers(const peek_t *peek)
{
    bool any = false;
    for (uint32_t row = 0; row < peek->row_count; row++)
        any = any || peek->rows[row].next > 0;
    return any;
}

/* What went before it could be shown is said, never left out silently. */
static void tell_left_out(peek_t *peek)
{
    if (!has_writers(peek)) { /* each place has a message */
        peek->missed += peek->places;
        peek->places = 0;
    }
    if (peek->missed > 0)
        out_error("%" PRIu64 " message%s had gone before they could be copied%s", peek->missed,
                  peek->missed == 1 ? "" : "s", peek->by_writer ? ", or were skipped" : "");
    if (peek->places > 0)
        out_error("%" PRIu64
                  " slot%s had gone before they could be looked at; those with records count above",
                  peek->places, peek->places == 1 ? "" : "s");
}

static int run(peek_t *peek)
{
    int code;
    if (given.sequence)
        return peek_one(peek);
    code = peek_begin(peek);
    if (code == EXIT_DONE && given.number)
        return peek_number(peek);
    if (code == EXIT_DONE)
        code = peek_last(peek);
    if (code == EXIT_DONE && given.follow)
        return peek_follow(peek);
    if (code == EXIT_DONE && peek->shown == 0 && !host_stop_requested()) {
        out_error("no such message is in the ring now");
        return EXIT_NOT_FOUND;
    }
    return code;
}

static bool values(peek_t *peek)
{
    uint64_t writer = 0;
    peek->tagged = given.tag != NULL;
    peek->by_writer = given.writer != NULL;
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
    if ((given.sequence && given.writer) || (given.number && !given.writer) ||
        (given.number && (given.latest || given.last || given.follow || given.every))) {
        out_error(
            "--sequence excludes --writer; --number needs --writer, and excludes --latest, --last, --follow "
            "and --every");
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
    if (!args_number("--writer", given.writer, 0, SLOTRING_WRITERS_MAX - 1, &writer))
        return false;
    peek->writer = (uint32_t)writer;
    return args_number("--number", given.number, 0, UINT64_MAX - 1, &peek->number) &&
           args_number("--last", given.last, 1, UINT64_MAX, &peek->last) &&
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
    free(peek.rows);
    args_free(&args);
    return out_finish(code);
}
