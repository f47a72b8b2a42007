/* SPDX-License-Identifier: Apache-2.0 */
/* slotring write: standard input or files into a ring, read straight into its slots. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "args.h"
#include "common.h"
#include "exit_codes.h"
#include "frames.h"
#include "host.h"
#include "output.h"
#include "send.h"

static struct {
    char *readers, *chunk, *timeout, *tag, *repeat, *name, *frame, *prefix;
    int create, records, no_end, json, quiet;
} given;

static struct poptOption table[] = {
    {"readers", 'r', POPT_ARG_STRING, &given.readers, 0, "First wait until N lossless readers are there",
     "N"},
    {"chunk", 'b', POPT_ARG_STRING, &given.chunk, 0,
     "Bytes of a message (default and most: the ring's slot size)", "SIZE"},
    {"records", 'R', POPT_ARG_NONE, &given.records, 0,
     "Each line of the input is a message; small ones share a slot, large ones take several (see also "
     "--frame, --prefix)",
     NULL},
    {"frame", 'F', POPT_ARG_STRING, &given.frame, 0,
     "With --records: each SIZE bytes of the input are a message, not each line", "SIZE"},
    {"prefix", 'p', POPT_ARG_STRING, &given.prefix, 0,
     "With --records: each message stands behind its length (u32le: 4 bytes, lowest first)", "KIND"},
    {"timeout", 't', POPT_ARG_STRING, &given.timeout, 0,
     "Give up after S seconds without a free slot, or without the readers (default: never)", "S"},
    {"tag", 0, POPT_ARG_STRING, &given.tag, 0, "The number that every message carries as its tag (default 0)",
     "N"},
    {"repeat", 0, POPT_ARG_STRING, &given.repeat, 0, "Send the files N times", "N"},
    {"no-end", 0, POPT_ARG_NONE, &given.no_end, 0,
     "Stay a producer after the input's end, until stopped: readers do not see an end", NULL},
    {"name", 0, POPT_ARG_STRING, &given.name, 0, "What others see of this process (default slotring-write)",
     "NAME"},
    {"json", 'j', POPT_ARG_NONE, &given.json, 0, "Print the summary as JSON on standard output", NULL},
    {"quiet", 'q', POPT_ARG_NONE, &given.quiet, 0, "No progress and no summary on standard error", NULL},
    {"create", 'c', POPT_ARG_NONE, &given.create, 0,
     "Make the ring if there is none, as the options below say", NULL},
    RING_SHAPE_OPTIONS,
    RING_PLACE_OPTIONS,
    ARGS_HELP,
    POPT_TABLEEND};

static const args_shape_t shape = {
    "write", "NAME [FILE...]",
    "Cuts standard input (or FILEs; - is standard input) into messages of at most a slot and publishes them "
    "in\n"
    "ring NAME. Each FILE begins a new message. Waits when lossless readers are behind.\n"
    "  tar c /data | slotring write daq --readers 2\n"
    "  slotring write daq run1.raw --create --size 1G --slot-size 1M\n"
    "  tail -f log | slotring write daq --records\n",
    1, -1};

/* ---- Before and after ------------------------------------------------------------------------------ */

/* Bytes of a file. `*known` becomes false when it does not say. What gives its bytes once is not opened here: whoever writes into a
 * named pipe would find it closed again. */
static int measure_file(const char *path, uint64_t *bytes, bool *known)
{
    int file, error;
    if (host_gives_once(path)) {
        *known = false;
        return EXIT_DONE;
    }
    error = host_open_input(path, &file);
    if (error != 0) {
        out_error("cannot open %s: %s", path, host_error_text(error));
        return host_is_missing(error) ? EXIT_NOT_FOUND : EXIT_ERROR;
    }
    *known = *known && host_bytes_left(file, bytes);
    host_close(file);
    return EXIT_DONE;
}

/* Bytes of all input; 0 when a part of it does not say. Also finds files that cannot be opened, before anything is
 * published. */
static int measure(writer_t *writer, const char **files, uint64_t *total)
{
    bool known = true;
    int code = EXIT_DONE;
    *total = 0;
    if (!*files)
        known = host_bytes_left(HOST_STDIN, total);
    for (; *files && code == EXIT_DONE; files++) {
        uint64_t bytes = 0;
        bool standard = !strcmp(*files, "-");
        if (writer->repeat > 1 && (standard || host_gives_once(*files))) {
            out_error("--repeat %" PRIu64 ": %s can be read only once", writer->repeat,
                      standard ? "standard input" : *files);
            return EXIT_USAGE;
        }
        if (standard)
            known = known && host_bytes_left(HOST_STDIN, &bytes);
        else
            code = measure_file(*files, &bytes, &known);
        *total += bytes;
    }
    *total = known ? *total * writer->repeat : 0;
    return code;
}

static void summarize(const writer_t *writer, const char *name, int code)
{
    if (given.json) {
        json_t *json = json_object();
        json_object_set_new(json, "ring", out_json_text(name, SLOTRING_NAME_MAX + 1));
        stream_json(&writer->stream, json);
        json_object_set_new(json, "exit_code", json_integer(code));
        out_json_print(stdout, json, false);
    }
    if (!given.quiet) {
        char sentence[160];
        stream_sentence(&writer->stream, sentence, sizeof sentence);
        fprintf(stderr, "slotring write: wrote %s\n", sentence);
    }
}

static int check_against_ring(writer_t *writer)
{
    if (slotring_info(writer->ring, &writer->info) < 0)
        return report_last("cannot describe the ring");
    if (writer->chunk == 0)
        writer->chunk = writer->info.slot_size;
    if (writer->chunk > writer->info.slot_size) {
        out_error("--chunk %s: more than the slot size of ring %s, %" PRIu64 " bytes", given.chunk,
                  writer->info.name, writer->info.slot_size);
        return EXIT_USAGE;
    }
    if (writer->frame > writer->info.total_size) {
        out_error("--frame %s: more than all slots of ring %s have, %" PRIu64 " bytes", given.frame,
                  writer->info.name, writer->info.total_size);
        return EXIT_USAGE;
    }
    if (writer->readers > writer->info.max_readers) {
        out_error("--readers %" PRIu64 ": ring %s has places for %" PRIu32 " readers", writer->readers,
                  writer->info.name, writer->info.max_readers);
        return EXIT_USAGE;
    }
    return EXIT_DONE;
}

static int run(writer_t *writer, const char **files, uint64_t total)
{
    int code = check_against_ring(writer);
    if (code != EXIT_DONE)
        return code;
    if (given.records && slotring_writer_open(writer->ring, NULL, &writer->records) < 0)
        return report_last("cannot write records");
    progress_start(&writer->progress, given.quiet);
    if (writer->readers > 0)
        code = writer_await_readers(writer);
    if (code == EXIT_DONE) {
        progress_start(&writer->progress, given.quiet);
        writer->progress.total = total;
        code = writer_send(writer, files);
    }
    if (code == EXIT_DONE && given.no_end) {
        progress_say(&writer->progress,
                     "all is written; the stream stays open until this is stopped (Ctrl-C)");
        host_await_stop();
        code = stop_code();
    }
    if (writer->records)
        slotring_writer_close(writer->records);
    slotring_end_stream(writer->ring);
    progress_wipe(&writer->progress);
    summarize(writer, writer->info.name, code);
    return out_finish(code);
}

static bool framing(writer_t *writer)
{
    if ((given.frame || given.prefix) && !given.records) {
        out_error("%s needs --records", given.frame ? "--frame" : "--prefix");
        return false;
    }
    if (given.frame && given.prefix) {
        out_error("--frame and --prefix exclude each other; give one of them");
        return false;
    }
    if (given.records && given.chunk) {
        out_error("--chunk %s: --records has messages as the input has them; --frame cuts it", given.chunk);
        return false;
    }
    writer->framing = given.frame ? FRAMES_SIZE : FRAMES_LINES;
    return args_size("--frame", given.frame, 1, SLOTRING_SLOT_SIZE_MAX, &writer->frame) &&
           args_choose("--prefix", given.prefix, frames_prefixes, &writer->framing);
}

static bool values(writer_t *writer, slotring_options_t *options)
{
    if (!framing(writer))
        return false;
    if (!args_number("--readers", given.readers, 0, SLOTRING_READERS_MAX, &writer->readers) ||
        !args_size("--chunk", given.chunk, 1, SLOTRING_SLOT_SIZE_MAX, &writer->chunk) ||
        !args_seconds("--timeout", given.timeout, &writer->timeout_ns) ||
        !args_number("--tag", given.tag, 0, UINT64_MAX, &writer->tag) ||
        !args_number("--repeat", given.repeat, 1, UINT32_MAX, &writer->repeat) || !ring_shape(options))
        return false;
    if (!given.create && ring_shape_given()) {
        out_error("options that describe a new ring need --create");
        return false;
    }
    options->mode = given.create ? SLOTRING_CREATE_OR_ATTACH : SLOTRING_ATTACH;
    options->client_name = given.name ? given.name : "slotring-write";
    return true;
}

int command_write(int argc, const char **argv)
{
    writer_t writer = {.timeout_ns = -1, .repeat = 1, .info = {.struct_size = sizeof writer.info}};
    slotring_options_t options;
    uint64_t total;
    args_t args;
    int code = EXIT_USAGE;
    if (args_parse(&args, &shape, table, argc, argv) != 0)
        return args_result();
    ring_options(&options);
    if (values(&writer, &options)) {
        if (writer.repeat > 1 && args.count == 1)
            out_error("--repeat %" PRIu64 ": standard input can be read only once; give FILEs",
                      writer.repeat);
        else
            code = measure(&writer, args.operands + 1, &total);
        if (code == EXIT_DONE)
            code = ring_open(&writer.ring, args.operands[0], &options);
    }
    if (writer.ring) {
        code = run(&writer, args.operands + 1, total);
        ring_close(writer.ring);
    }
    args_free(&args);
    return code;
}
