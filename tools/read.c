/* SPDX-License-Identifier: Apache-2.0 */
/* slotring read: messages of a ring to standard output or a file, written straight from its slots. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "args.h"
#include "common.h"
#include "exit_codes.h"
#include "host.h"
#include "output.h"
#include "receive.h"

static struct {
    char *output, *wait, *timeout, *count, *delay, *timings, *name, *summary, *prefix, *wake_messages,
        *wake_time, *every, *tag, *last, *from, *budget, *durable;
    int lines, lossy, latest, oldest, follow, null, sync, fail_on_loss, json, quiet, verify, marks;
} given;

static struct poptOption table[] = {
    {"output", 'o', POPT_ARG_STRING, &given.output, 0, "Write to FILE (default -, standard output)", "FILE"},
    {"null", 'n', POPT_ARG_NONE, &given.null, 0, "Write nothing: only receive", NULL},
    {"lines", 'L', POPT_ARG_NONE, &given.lines, 0, "Write a newline behind each message", NULL},
    {"prefix", 'p', POPT_ARG_STRING, &given.prefix, 0,
     "Write its length in front of each message (u32le: 4 bytes, lowest first)", "KIND"},
    {"lossy", 'l', POPT_ARG_NONE, &given.lossy, 0, "Never hold producers back; count what was missed", NULL},
    {"budget", 0, POPT_ARG_STRING, &given.budget, 0,
     "Hold producers back only while at least N messages are read in S seconds (such as 25/0.1)", "N/S"},
    {"oldest", 'O', POPT_ARG_NONE, &given.oldest, 0, "Begin with the oldest message that is still there",
     NULL},
    {"last", 0, POPT_ARG_STRING, &given.last, 0, "Begin with the newest N messages that are there", "N"},
    {"from", 0, POPT_ARG_STRING, &given.from, 0,
     "Begin with sequence S; what of that is gone counts as missed", "S"},
    {"latest", 0, POPT_ARG_NONE, &given.latest, 0, "With --lossy: only ever the newest message", NULL},
    {"every", 0, POPT_ARG_STRING, &given.every, 0, "Only the messages whose number N divides", "N"},
    {"tag", 0, POPT_ARG_STRING, &given.tag, 0,
     "Only the messages with this tag; with a mask: (tag & MASK) == TAG", "TAG[/MASK]"},
    {"durable", 0, POPT_ARG_STRING, &given.durable, 0,
     "Go on with the durable subscription NAME of the ring, or make it; it outlives this command", "NAME"},
    {"wait", 'w', POPT_ARG_STRING, &given.wait, 0,
     "Wait for the ring to appear, at most S seconds (--wait alone: for ever)", "S"},
    {"follow", 'f', POPT_ARG_NONE, &given.follow, 0,
     "Go on after the end of the stream, for the next producer", NULL},
    {"timeout", 't', POPT_ARG_STRING, &given.timeout, 0,
     "Give up after S seconds without a message (default: never)", "S"},
    {"count", 'c', POPT_ARG_STRING, &given.count, 0, "End after N messages", "N"},
    {"wake-messages", 0, POPT_ARG_STRING, &given.wake_messages, 0,
     "When it waits, sleep on until N messages are there; with --wake-time", "N"},
    {"wake-time", 0, POPT_ARG_STRING, &given.wake_time, 0,
     "... or until S seconds after the first of them, at most 1 (such as 0.001)", "S"},
    {"delay-us", 0, POPT_ARG_STRING, &given.delay, 0,
     "Be slow: hold each message N microseconds (for trials)", "N"},
    {"timings", 0, POPT_ARG_STRING, &given.timings, 0,
     "Write a line per message to FILE: sequence, length, nanoseconds from publication to reception, "
     "producer",
     "FILE"},
    {"sync", 0, POPT_ARG_NONE, &given.sync, 0, "Bring the file to the disk before the end (fsync)", NULL},
    {"fail-on-loss", 0, POPT_ARG_NONE, &given.fail_on_loss, 0,
     "With --lossy: exit code 8 if anything was missed", NULL},
    {"verify", 0, POPT_ARG_NONE, &given.verify, 0,
     "Compare each message with its checksum; leave out, and report, what is not what was published", NULL},
    {"marks", 0, POPT_ARG_NONE, &given.marks, 0,
     "Say on standard error which marks lie between the messages, such as the end of a run", NULL},
    {"name", 0, POPT_ARG_STRING, &given.name, 0, "What others see of this reader (default slotring-read)",
     "NAME"},
    {"json", 'j', POPT_ARG_NONE, &given.json, 0,
     "Print the summary as JSON on standard output; on standard error if the data go to standard output",
     NULL},
    {"summary", 0, POPT_ARG_STRING, &given.summary, 0, "Write the summary as JSON to FILE", "FILE"},
    {"quiet", 'q', POPT_ARG_NONE, &given.quiet, 0, "No progress and no summary in words on standard error",
     NULL},
    RING_PLACE_OPTIONS,
    ARGS_HELP,
    POPT_TABLEEND};

static const args_shape_t shape = {
    "read", "NAME",
    "Receives the messages of ring NAME in order, until its producers have ended, and says what was missed.\n"
    "  slotring read daq --wait --output run1.raw\n"
    "  slotring read daq --lossy | monitor\n",
    1, 1};

/* ---- Summary -------------------------------------------------------------------------------------- */

static json_t *summary_json(const receiver_t *receiver, int code)
{
    json_t *json = json_object();
    json_object_set_new(json, "ring", out_json_text(receiver->info.name, sizeof receiver->info.name));
    json_object_set_new(json, "mode", json_string(out_reader_mode(receiver->options.mode)));
    stream_json(&receiver->stream, json);
    json_object_set_new(json, "delivered", out_json_count(receiver->delivered));
    json_object_set_new(json, "missed", out_json_count(receiver->missed));
    json_object_set_new(json, "records", out_json_count(receiver->records));
    json_object_set_new(json, "records_missed", out_json_count(receiver->records_missed));
    json_object_set_new(json, "revocations", out_json_count(receiver->revocations));
    json_object_set_new(json, "lost", out_json_count(receiver->lost));
    json_object_set_new(json, "damaged", out_json_count(receiver->damaged));
    json_object_set_new(json, "passed_over", out_json_count(receiver->passed_over));
    json_object_set_new(json, "records_passed_over", out_json_count(receiver->records_passed_over));
    json_object_set_new(json, "output_bytes", out_json_count(receiver->output_bytes));
    json_object_set_new(json, "ended", json_boolean(receiver->ended));
    json_object_set(json, "producers_died", receiver->deaths);
    if (given.marks)
        json_object_set(json, "marks", receiver->marks);
    json_object_set_new(json, "exit_code", json_integer(code));
    return json;
}

static void print_words(const receiver_t *receiver)
{
    char sentence[160];
    stream_sentence(&receiver->stream, sentence, sizeof sentence);
    fprintf(stderr, "slotring read: received %s; missed %" PRIu64 " message%s", sentence, receiver->missed,
            receiver->missed == 1 ? "" : "s");
    if (receiver->records + receiver->records_missed > 0)
        fprintf(stderr, ", %" PRIu64 " record%s", receiver->records_missed,
                receiver->records_missed == 1 ? "" : "s");
    if (receiver->revocations > 0)
        fprintf(stderr, "; revoked %" PRIu64 " time%s", receiver->revocations,
                receiver->revocations == 1 ? "" : "s");
    if (receiver->damaged > 0)
        fprintf(stderr, "; %" PRIu64 " were not what was published", receiver->damaged);
    if (receiver->passed_over + receiver->records_passed_over > 0)
        fprintf(stderr, "; passed over %" PRIu64 " message%s and %" PRIu64 " record%s", receiver->passed_over,
                receiver->passed_over == 1 ? "" : "s", receiver->records_passed_over,
                receiver->records_passed_over == 1 ? "" : "s");
    fprintf(stderr, "%s\n", receiver->ended ? "" : " (stopped before the end of the stream)");
}

static int write_summary_file(const receiver_t *receiver, int code)
{
    FILE *file = fopen(given.summary, "w");
    if (!file) {
        out_error("cannot write %s: %s", given.summary, host_error_text(host_last_error()));
        return EXIT_ERROR;
    }
    out_json_print(file, summary_json(receiver, code), false);
    if (ferror(file) | fclose(file)) {
        out_error("cannot write %s: %s", given.summary, host_error_text(host_last_error()));
        return EXIT_ERROR;
    }
    return EXIT_DONE;
}

static int summarize(const receiver_t *receiver, int code)
{
    bool data_on_stdout = receiver->file == HOST_STDOUT;
    int failed = EXIT_DONE;
    if (!given.quiet && code != EXIT_BROKEN_PIPE)
        print_words(receiver);
    if (given.json)
        out_json_print(data_on_stdout ? stderr : stdout, summary_json(receiver, code), data_on_stdout);
    if (given.summary)
        failed = write_summary_file(receiver, code);
    return out_finish(code == EXIT_DONE ? failed : code);
}

/* ---- The way there --------------------------------------------------------------------------------- */

static int report_file(const char *path, int error)
{
    out_error("cannot write %s: %s", path, host_error_text(error));
    return host_is_full(error) ? EXIT_NO_SPACE : EXIT_ERROR;
}

static int open_files(receiver_t *receiver)
{
    if (slotring_info(receiver->ring, &receiver->info) < 0)
        return report_last("cannot describe the ring");
    if (given.timings && receiver->info.time_stamps == SLOTRING_TIME_NONE) {
        out_error("--timings %s: ring %s has no time stamps (slotring create --time coarse or monotonic "
                  "gives them)",
                  given.timings, receiver->info.name);
        return EXIT_USAGE;
    }
    if (!given.null) {
        int error = 0;
        if (!given.output || !strcmp(given.output, "-"))
            receiver->file = HOST_STDOUT;
        else
            error = host_open_output(given.output, &receiver->file);
        if (error != 0)
            return report_file(given.output, error);
    }
    if (given.timings) {
        receiver->timings = fopen(given.timings, "w");
        if (!receiver->timings)
            return report_file(given.timings, host_last_error());
    }
    return EXIT_DONE;
}

/* What a file system kept for later may fail only now. */
static int close_files(receiver_t *receiver)
{
    int code = EXIT_DONE, error = 0;
    if (receiver->timings && (ferror(receiver->timings) | fclose(receiver->timings)))
        code = report_file(given.timings, host_last_error());
    if (receiver->file >= 0 && given.sync)
        error = host_sync(receiver->file);
    if (receiver->file >= 0 && receiver->file != HOST_STDOUT) {
        int closing = host_close(receiver->file);
        error = error ? error : closing;
    }
    if (error != 0)
        code = report_file(receiver->path, error);
    return code;
}

static int receive_all(receiver_t *receiver)
{
    int code = open_files(receiver), closing;
    if (code == EXIT_DONE)
        code = receiver_run(receiver);
    closing = close_files(receiver);
    if (code == EXIT_DONE || code == EXIT_DIED || code == EXIT_MISSED ||
        (code == EXIT_DAMAGED && receiver->damaged))
        code = closing ? closing : code;
    if (receiver->subscribed)
        code = summarize(receiver, code);
    return code;
}

/* Both or none: how many messages may gather, and how long. */
static bool wake_values(slotring_reader_options_t *options)
{
    int64_t wake_ns = 0;
    if (!args_number("--wake-messages", given.wake_messages, 1, SLOTRING_WAKE_MESSAGES_MAX,
                     &options->wake_messages) ||
        !args_seconds("--wake-time", given.wake_time, &wake_ns))
        return false;
    if (!given.wake_messages != !given.wake_time) {
        out_error("%s %s: --wake-messages and --wake-time go together; give both, or neither",
                  given.wake_time ? "--wake-time" : "--wake-messages",
                  given.wake_time ? given.wake_time : given.wake_messages);
        return false;
    }
    if (given.wake_time && (wake_ns < 1 || wake_ns > INT64_C(1000000000))) {
        out_error("--wake-time %s: from 0.000000001 to 1 second", given.wake_time);
        return false;
    }
    options->wake_ns = (uint64_t)wake_ns;
    return true;
}

/* Decimal, or hexadecimal with 0x. */
static bool tag_value(const char *text, uint64_t *value)
{
    char *end = NULL;
    if (strncmp(text, "0x", 2) != 0)
        return args_number("--tag", text, 0, UINT64_MAX, value);
    size_t digits = strspn(text + 2, "0123456789abcdefABCDEF");
    *value = digits > 0 && digits <= 16 ? strtoull(text + 2, &end, 16) : 0;
    if (end && *end == '\0')
        return true;
    out_error("--tag %s: a number of up to 16 hexadecimal digits is expected behind 0x", given.tag);
    return false;
}

/* TAG or TAG/MASK. */
static bool tag_values(slotring_reader_options_t *options)
{
    char tag[32] = "";
    const char *slash = given.tag ? strchr(given.tag, '/') : NULL;
    if (!given.tag)
        return true;
    size_t length = slash ? (size_t)(slash - given.tag) : strlen(given.tag);
    memcpy(tag, given.tag, length < sizeof tag ? length : sizeof tag - 1);
    options->tag_mask = UINT64_MAX;
    if (!tag_value(tag, &options->tag_match) || (slash && !tag_value(slash + 1, &options->tag_mask)))
        return false;
    if ((options->tag_match & ~options->tag_mask) == 0 && options->tag_mask != 0)
        return true;
    out_error("--tag %s: the tag has bits that the mask has not, so no message would be read", given.tag);
    return false;
}

/* Where it begins, and what it wants. */
static bool subscription_values(slotring_reader_options_t *options)
{
    uint64_t every = 0;
    slotring_reader_options_init(options);
    if ((given.oldest != 0) + (given.last != NULL) + (given.from != NULL) > 1) {
        out_error("--oldest, --last and --from exclude each other; give one of them");
        return false;
    }
    if (given.budget && given.lossy) {
        out_error("--budget %s and --lossy exclude each other; give one of them", given.budget);
        return false;
    }
    if (given.latest && !given.lossy) {
        out_error(
            "--latest goes with --lossy: producers do not wait for messages that the reader passes over");
        return false;
    }
    if (given.durable && given.lossy) {
        out_error("--durable %s goes without --lossy: nothing is kept for a lossy reader", given.durable);
        return false;
    }
    if (!args_number("--last", given.last, 1, UINT64_MAX, &options->first) ||
        !args_number("--from", given.from, 0, UINT64_MAX - 1, &options->first) ||
        !args_number("--every", given.every, 1, UINT32_MAX, &every) || !tag_values(options) ||
        !wake_values(options) ||
        !args_budget("--budget", given.budget, &options->budget_messages, &options->budget_ns))
        return false;
    options->mode = given.lossy ? SLOTRING_LOSSY : given.budget ? SLOTRING_BUDGETED : SLOTRING_LOSSLESS;
    options->flags = (given.verify ? SLOTRING_VERIFY : 0u) | (given.marks ? SLOTRING_TELL_MARKS : 0u) |
                     (given.durable ? SLOTRING_DURABLE : 0u);
    options->name = given.durable;
    options->start = given.oldest ? SLOTRING_FROM_OLDEST
                     : given.last ? SLOTRING_FROM_LAST
                     : given.from ? SLOTRING_FROM_SEQUENCE
                                  : SLOTRING_FROM_NOW;
    options->wanted = given.latest ? SLOTRING_WANTS_LATEST : SLOTRING_WANTS_ALL;
    options->every = (uint32_t)every;
    return true;
}

static bool values(receiver_t *receiver, int64_t *wait_ns)
{
    uint64_t delay_us = 0;
    *wait_ns = 0;
    if (given.wait && !given.wait[0])
        *wait_ns = -1;
    else if (!args_seconds("--wait", given.wait, wait_ns))
        return false;
    if (!args_seconds("--timeout", given.timeout, &receiver->timeout_ns) ||
        !args_number("--count", given.count, 1, UINT64_MAX, &receiver->count) ||
        !args_number("--delay-us", given.delay, 0, UINT64_C(3600000000), &delay_us))
        return false;
    if (given.null && given.output) {
        out_error("--null and --output %s exclude each other; give one of them", given.output);
        return false;
    }
    if (given.fail_on_loss && !given.lossy) {
        out_error("--fail-on-loss goes with --lossy; a lossless reader misses nothing");
        return false;
    }
    if (given.lines && given.prefix) {
        out_error("--lines and --prefix %s exclude each other; give one of them", given.prefix);
        return false;
    }
    receiver->framing = given.lines ? FRAMES_LINES : FRAMES_RAW;
    if (!args_choose("--prefix", given.prefix, frames_prefixes, &receiver->framing))
        return false;
    if (!subscription_values(&receiver->options))
        return false;
    receiver->delay_ns = delay_us * 1000;
    receiver->lossy = given.lossy;
    receiver->follow = given.follow;
    receiver->fail_on_loss = given.fail_on_loss || !given.lossy;
    receiver->quiet = given.quiet;
    receiver->path = given.output && strcmp(given.output, "-") != 0 ? given.output : "standard output";
    return true;
}

static bool is_flag(char letter)
{
    for (const struct poptOption *option = table; letter && option->longName; option++)
        if (option->shortName == letter)
            return option->argInfo == POPT_ARG_NONE;
    return false;
}

/* Does a word such as -lw end in a -w without its value? Not -ow, which is --output w. */
static bool ends_in_wait(const char *word)
{
    size_t letters = 1;
    while (is_flag(word[letters]))
        letters++;
    return word[0] == '-' && letters > 1 && !strcmp(word + letters, "w");
}

/* popt has no option with a value that may be left out and does not swallow the next word: --wait is --wait=, and the
 * last letter of -lw is taken out before popt sees it. */
static void complete_wait(int argc, const char **argv)
{
    static char for_ever[] = "";
    for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++) {
        if (!strcmp(argv[i], "--wait") || !strcmp(argv[i], "-w")) {
            argv[i] = "--wait=";
        } else if (ends_in_wait(argv[i])) {
            ((char *)(uintptr_t)argv[i])[strlen(argv[i]) - 1] = '\0'; /* a program's arguments are its own */
            given.wait = for_ever;
        }
    }
}

int command_read(int argc, const char **argv)
{
    receiver_t receiver = {.timeout_ns = -1, .file = -1, .info = {.struct_size = sizeof receiver.info}};
    slotring_options_t options;
    int64_t wait_ns;
    args_t args;
    int code = EXIT_USAGE;
    complete_wait(argc, argv);
    if (args_parse(&args, &shape, table, argc, argv) != 0)
        return args_result();
    ring_options(&options);
    options.mode = SLOTRING_ATTACH;
    options.client_name = given.name ? given.name : "slotring-read";
    if (values(&receiver, &wait_ns))
        code = ring_open_wait(&receiver.ring, args.operands[0], &options, wait_ns);
    if (receiver.ring) {
        receiver.deaths = json_array();
        receiver.marks = json_array();
        code = receive_all(&receiver);
        json_decref(receiver.deaths);
        json_decref(receiver.marks);
        ring_close(receiver.ring);
    }
    args_free(&args);
    return code;
}
