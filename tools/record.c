/* SPDX-License-Identifier: Apache-2.0 */
/* slotring record: messages of one or several rings into files of MCAP. */
#include "record.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "args.h"
#include "common.h"
#include "exit_codes.h"
#include "host.h"
#include "output.h"

static struct {
    char *output, *durable, *wait, *count, *rotate, *sync, *when_full, *name;
    int lossy, oldest, follow, no_crc, repair, json, quiet;
} given;

static struct poptOption table[] = {
    {"output", 'o', POPT_ARG_STRING, &given.output, 0,
     "Write to FILE. A recording that is there is gone on with (default NAME.mcap of the first ring)",
     "FILE"},
    {"durable", 0, POPT_ARG_STRING, &given.durable, 0,
     "Miss nothing: producers wait, by the durable subscription NAME; the next recorder goes on", "NAME"},
    {"lossy", 'l', POPT_ARG_NONE, &given.lossy, 0,
     "Never hold producers back; record what was missed (the default)", NULL},
    {"oldest", 'O', POPT_ARG_NONE, &given.oldest, 0, "Begin with the oldest message that is still there",
     NULL},
    {"follow", 'f', POPT_ARG_NONE, &given.follow, 0,
     "Go on after the end of the streams, for the next producer", NULL},
    {"wait", 'w', POPT_ARG_STRING, &given.wait, 0, "Wait for each ring to appear, at most S seconds", "S"},
    {"count", 'c', POPT_ARG_STRING, &given.count, 0, "End after N messages", "N"},
    {"rotate", 'r', POPT_ARG_STRING, &given.rotate, 0,
     "Begin a new file after SIZE bytes, or after a time such as 60s, 10min, 1h", "SIZE|TIME"},
    {"sync", 0, POPT_ARG_STRING, &given.sync, 0,
     "Bring the file to the disk each S seconds (0: each chunk before it is acknowledged)", "S"},
    {"when-full", 0, POPT_ARG_STRING, &given.when_full, 0,
     "When the disk is full: stop (the default), wait, or drop-oldest (remove the oldest file; with "
     "--rotate)",
     "WHAT"},
    {"no-crc", 0, POPT_ARG_NONE, &given.no_crc, 0, "Write no checksums", NULL},
    {"repair", 0, POPT_ARG_NONE, &given.repair, 0,
     "Give files that a killed recorder left their index; the arguments are files", NULL},
    {"name", 0, POPT_ARG_STRING, &given.name, 0, "What others see of this process (default slotring-record)",
     "NAME"},
    {"json", 'j', POPT_ARG_NONE, &given.json, 0, "Print the summary as JSON on standard output", NULL},
    {"quiet", 'q', POPT_ARG_NONE, &given.quiet, 0, "No progress and no summary on standard error", NULL},
    RING_PLACE_OPTIONS,
    ARGS_HELP,
    POPT_TABLEEND};

static const args_shape_t shape = {
    "record", "NAME...",
    "Records the messages of rings NAME... into a file of MCAP, with their sequences, tags, times and gaps.\n"
    "  slotring record daq --output run17.mcap --durable recorder\n"
    "  slotring record raw events --rotate 4G --when-full drop-oldest\n"
    "  slotring record --repair run17.mcap\n",
    1, -1};

/* ---- Values --------------------------------------------------------------------------------------- */

/* SIZE, or a time with its unit. */
static bool rotate_value(recording_t *recording)
{
    static const struct {
        const char *unit;
        uint64_t ns;
    } units[] = {{"min", UINT64_C(60000000000)}, {"s", 1000000000}, {"h", UINT64_C(3600000000000)}};
    const char *text = given.rotate;
    for (size_t i = 0; text && i < sizeof units / sizeof units[0]; i++) {
        size_t length = strlen(text), unit = strlen(units[i].unit);
        char number[32];
        uint64_t value = 0;
        if (length <= unit || length - unit >= sizeof number ||
            strcmp(text + length - unit, units[i].unit) != 0)
            continue;
        memcpy(number, text, length - unit);
        number[length - unit] = '\0';
        if (!args_number("--rotate", number, 1, 1000000, &value))
            return false;
        recording->rotate_ns = value * units[i].ns;
        return true;
    }
    return args_size("--rotate", text, 1, UINT64_MAX / 2, &recording->rotate_bytes);
}

static bool values(recorder_t *recorder, int64_t *wait_ns)
{
    static const args_choice_t when_full[] = {
        {"stop", RECORD_STOP}, {"wait", RECORD_WAIT}, {"drop-oldest", RECORD_DROP_OLDEST}, {NULL, 0}};
    recording_t *recording = &recorder->recording;
    *wait_ns = 0;
    recording->sync_ns = -1;
    if (!args_seconds("--wait", given.wait, wait_ns) || !rotate_value(recording) ||
        !args_seconds("--sync", given.sync, &recording->sync_ns) ||
        !args_number("--count", given.count, 1, UINT64_MAX, &recorder->count) ||
        !args_choose("--when-full", given.when_full, when_full, &recording->when_full))
        return false;
    if (given.output && !strcmp(given.output, "-")) {
        out_error("--output -: a recording is a file, which gets its index at the end; slotring read writes "
                  "to standard "
                  "output");
        return false;
    }
    if (given.durable && given.lossy) {
        out_error("--durable %s and --lossy exclude each other; give one of them", given.durable);
        return false;
    }
    if (recording->when_full == RECORD_DROP_OLDEST && !given.rotate) {
        out_error(
            "--when-full drop-oldest goes with --rotate: the file that is being written is never removed");
        return false;
    }
    recording->crc = !given.no_crc;
    recorder->durable = given.durable;
    recorder->oldest = given.oldest;
    recorder->follow = given.follow;
    recorder->quiet = given.quiet;
    recorder->client = given.name ? given.name : "slotring-record";
    return true;
}

/* ---- Afterwards ----------------------------------------------------------------------------------- */

static json_t *summary_json(const recorder_t *recorder, int code)
{
    const recording_t *recording = &recorder->recording;
    json_t *json = json_object();
    json_object_set_new(json, "file", out_json_text(recording->name, strlen(recording->name)));
    json_object_set_new(json, "files", out_json_count(recording->files));
    json_object_set_new(json, "files_dropped", out_json_count(recording->dropped));
    json_object_set_new(json, "goes_on", json_boolean(recording->goes_on));
    stream_json(&recorder->stream, json);
    json_object_set_new(json, "missed", out_json_count(recorder->missed));
    json_object_set_new(json, "records_missed", out_json_count(recorder->records_missed));
    json_object_set_new(json, "marks", out_json_count(recorder->marks));
    json_object_set_new(json, "came_again", out_json_count(recorder->again));
    json_object_set_new(json, "cut", out_json_count(recording->cut));
    json_object_set_new(json, "exit_code", json_integer(code));
    return json;
}

static int summarize(const recorder_t *recorder, int code)
{
    const recording_t *recording = &recorder->recording;
    char sentence[160];
    stream_sentence(&recorder->stream, sentence, sizeof sentence);
    if (!given.quiet) {
        fprintf(stderr, "slotring record: recorded %s; missed %" PRIu64 " message%s", sentence,
                recorder->missed, recorder->missed == 1 ? "" : "s");
        if (recorder->records_missed > 0)
            fprintf(stderr, ", %" PRIu64 " record%s", recorder->records_missed,
                    recorder->records_missed == 1 ? "" : "s");
        if (recording->cut > 0)
            fprintf(stderr, "; %" PRIu64 " bytes of an unfinished chunk cut off", recording->cut);
        if (recorder->again > 0)
            fprintf(stderr, "; %" PRIu64 " came again and were there", recorder->again);
        fprintf(stderr, "; %s %s\n", recording->files > 1 ? "last file" : "file", recording->name);
    }
    if (given.json)
        out_json_print(stdout, summary_json(recorder, code), false);
    return out_finish(code);
}

/* ---- The command ---------------------------------------------------------------------------------- */

static bool has_twice(const char **names)
{
    for (const char **name = names; *name; name++)
        for (const char **other = names; other < name; other++)
            if (!strcmp(*name, *other)) {
                out_error("ring %s is named twice", *name);
                return true;
            }
    return false;
}

static int open_all(recorder_t *recorder, const char **names, int64_t wait_ns)
{
    int code = EXIT_DONE;
    for (uint32_t i = 0; i < recorder->source_count && code == EXIT_DONE; i++) {
        recorder->sources[i].recorder = recorder;
        recorder->sources[i].name = names[i];
        code = source_open(&recorder->sources[i], wait_ns);
    }
    return code;
}

static int run(recorder_t *recorder, const char **names, int count, int64_t wait_ns)
{
    char name[SLOTRING_NAME_MAX + 8];
    recording_t *recording = &recorder->recording;
    recorder->sources = calloc((size_t)count, sizeof *recorder->sources);
    if (!recorder->sources) {
        out_error("out of memory");
        return EXIT_NO_SPACE;
    }
    recorder->source_count = (uint32_t)count;
    recording->sources = recorder->sources;
    recording->source_count = recorder->source_count;
    recording->progress = &recorder->progress;
    recording->out.file = -1;
    snprintf(name, sizeof name, "%s.mcap", names[0]);
    recording->path = given.output ? given.output : name;
    int code = open_all(recorder, names, wait_ns);
    if (code == EXIT_DONE)
        code = recording_find(recording);
    if (code == EXIT_DONE)
        code = recorder_run(recorder);
    if (recording->begun_ns > 0)
        code = summarize(recorder, code);
    for (uint32_t i = 0; i < recorder->source_count; i++)
        source_free(&recorder->sources[i]);
    recording_free(recording);
    free(recorder->sources);
    return code;
}

static int repair_all(const char **paths)
{
    int code = EXIT_DONE;
    for (; *paths; paths++) {
        int one = record_repair(*paths, given.quiet);
        code = one ? one : code;
    }
    return code;
}

int command_record(int argc, const char **argv)
{
    recorder_t recorder = {0};
    int64_t wait_ns;
    args_t args;
    int code = EXIT_USAGE;
    if (args_parse(&args, &shape, table, argc, argv) != 0)
        return args_result();
    if (given.repair)
        code = repair_all(args.operands);
    else if (values(&recorder, &wait_ns) && !has_twice(args.operands))
        code = run(&recorder, args.operands, args.count, wait_ns);
    args_free(&args);
    return code;
}
