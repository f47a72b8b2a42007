/* SPDX-License-Identifier: Apache-2.0 */
/* slotring mark: the begin or the end of a run, or a user mark, beside the messages of a ring. */
#include <inttypes.h>
#include <string.h>

#include "args.h"
#include "common.h"
#include "exit_codes.h"
#include "host.h"
#include "marks.h"
#include "output.h"

static struct {
    char *value, *text, *drain;
    int json;
} given;

static struct poptOption table[] = {
    {"value", 0, POPT_ARG_STRING, &given.value, 0, "A number that readers of the mark get (default 0)", "N"},
    {"text", 0, POPT_ARG_STRING, &given.text, 0, "Up to 48 bytes that readers of the mark get", "TEXT"},
    {"drain", 0, POPT_ARG_STRING, &given.drain, 0,
     "Then wait, at most S seconds, until every lossless reader has passed the mark", "S"},
    {"json", 'j', POPT_ARG_NONE, &given.json, 0, "Print the mark as JSON", NULL},
    RING_PLACE_OPTIONS,
    ARGS_HELP,
    POPT_TABLEEND};

static const args_shape_t shape = {"mark", "NAME begin RUN | NAME end [RUN] | NAME user | NAME gap N",
                                   "Makes a mark in ring NAME, behind all that is published now. Readers "
                                   "that ask for marks are told of it there.\n"
                                   "  slotring mark daq begin 17\n"
                                   "  slotring mark daq end --drain 10\n",
                                   2, 3};

typedef struct wanted {
    uint32_t kind;
    uint64_t run; /* or how large the gap is */
    uint64_t value;
    int64_t drain_ns; /* negative: no drain */
} wanted_t;

/* An end without a number ends the run in progress. */
static int find_run(slotring_t *ring, const args_t *args, wanted_t *wanted)
{
    slotring_mark_t last;
    if (wanted->kind != SLOTRING_MARK_RUN_END || args->count == 3)
        return EXIT_DONE;
    if (slotring_run(ring, &last) < 0)
        return report_last("cannot end a run");
    wanted->run = last.run;
    return EXIT_DONE;
}

static int make(slotring_t *ring, const args_t *args, wanted_t *wanted)
{
    slotring_mark_t made;
    char sentence[MARK_SENTENCE];
    size_t size = given.text ? strlen(given.text) : 0;
    int code = find_run(ring, args, wanted);
    if (code != EXIT_DONE)
        return code;
    int failed = wanted->kind == SLOTRING_MARK_GAP
                     ? slotring_publish_gap(ring, wanted->run, &made)
                     : slotring_mark(ring, wanted->kind, wanted->run, wanted->value, given.text,
                                     (uint32_t)size, &made);
    if (failed < 0)
        return report_last("cannot make the mark");
    mark_sentence(&made, sentence, sizeof sentence);
    if (given.json)
        out_json_print(stdout, mark_json(&made), false);
    else
        printf("%s: %s\n", args->operands[0], sentence);
    if (wanted->drain_ns >= 0 && slotring_drain(ring, made.place, wanted->drain_ns) < 0)
        return host_stop_requested() ? stop_code() : report_last("the mark is made; the drain failed");
    return EXIT_DONE;
}

static bool values(const args_t *args, wanted_t *wanted)
{
    static const args_choice_t kinds[] = {{"begin", SLOTRING_MARK_RUN_BEGIN},
                                          {"end", SLOTRING_MARK_RUN_END},
                                          {"user", SLOTRING_MARK_USER},
                                          {"gap", SLOTRING_MARK_GAP},
                                          {NULL, 0}};
    wanted->drain_ns = -1;
    if (!args_choose("the kind of mark", args->operands[1], kinds, &wanted->kind) ||
        !args_number("RUN", args->count == 3 ? args->operands[2] : NULL, 0, UINT64_MAX - 1, &wanted->run) ||
        !args_number("--value", given.value, 0, UINT64_MAX, &wanted->value) ||
        !args_seconds("--drain", given.drain, &wanted->drain_ns))
        return false;
    if (wanted->kind == SLOTRING_MARK_RUN_BEGIN && args->count < 3) {
        out_error("begin: the number of the run is missing, as in \"slotring mark %s begin 17\"",
                  args->operands[0]);
        return false;
    }
    if (wanted->kind == SLOTRING_MARK_USER && args->count == 3) {
        out_error("user %s: a user mark has the number of the run in progress; leave it out",
                  args->operands[2]);
        return false;
    }
    if (wanted->kind == SLOTRING_MARK_GAP && (args->count < 3 || given.text || given.value)) {
        out_error(
            "gap: give how many numbers are missing, and no text or value, as in \"slotring mark %s gap 5\"",
            args->operands[0]);
        return false;
    }
    if (given.text && strlen(given.text) > SLOTRING_MARK_BYTES_MAX) {
        out_error("--text has %zu bytes; the limit is %u", strlen(given.text), SLOTRING_MARK_BYTES_MAX);
        return false;
    }
    return true;
}

int command_mark(int argc, const char **argv)
{
    wanted_t wanted = {0};
    slotring_options_t options;
    slotring_t *ring;
    args_t args;
    int code = EXIT_USAGE;
    if (args_parse(&args, &shape, table, argc, argv) != 0)
        return args_result();
    ring_options(&options);
    options.mode = SLOTRING_ATTACH;
    if (values(&args, &wanted))
        code = ring_open(&ring, args.operands[0], &options);
    else
        ring = NULL;
    if (ring && code == EXIT_DONE) {
        code = make(ring, &args, &wanted);
        ring_close(ring);
    }
    args_free(&args);
    return out_finish(code);
}
