/* SPDX-License-Identifier: Apache-2.0 */
/* slotring read: messages of a ring to standard output or a file, written straight from its slots. */
#include <string.h>

#include "args.h"
#include "common.h"
#include "exit_codes.h"
#include "host.h"
#include "output.h"
#include "receive.h"
#include "summary.h"
#include "wants.h"

static struct {
    char *output, *wait, *timeout, *count, *delay, *timings, *name, *summary, *prefix;
    int lines, follow, null, sync, fail_on_loss, json, quiet;
    wants_t wants;
} given;

static struct poptOption table[] = {
    {"output", 'o', POPT_ARG_STRING, &given.output, 0, "Write to FILE (default -, standard output)", "FILE"},
    {"null", 'n', POPT_ARG_NONE, &given.null, 0, "Write nothing: only receive", NULL},
    {"lines", 'L', POPT_ARG_NONE, &given.lines, 0, "Write a newline behind each message", NULL},
    {"prefix", 'p', POPT_ARG_STRING, &given.prefix, 0,
     "Write its length in front of each message (u32le: 4 bytes, lowest first)", "KIND"},
    {"lossy", 'l', POPT_ARG_NONE, &given.wants.lossy, 0, "Never hold producers back; count what was missed",
     NULL},
    {"budget", 0, POPT_ARG_STRING, &given.wants.budget, 0,
     "Hold producers back only while at least N messages are read in S seconds (such as 25/0.1)", "N/S"},
    {"oldest", 'O', POPT_ARG_NONE, &given.wants.oldest, 0,
     "Begin with the oldest message that is still there", NULL},
    {"last", 0, POPT_ARG_STRING, &given.wants.last, 0, "Begin with the newest N messages that are there",
     "N"},
    {"from", 0, POPT_ARG_STRING, &given.wants.from, 0,
     "Begin with sequence S; what of that is gone counts as missed", "S"},
    {"latest", 0, POPT_ARG_NONE, &given.wants.latest, 0, "With --lossy: only ever the newest message", NULL},
    {"every", 0, POPT_ARG_STRING, &given.wants.every, 0, "Only the messages whose number N divides", "N"},
    {"tag", 0, POPT_ARG_STRING, &given.wants.tag, 0,
     "Only the messages with this tag; with a mask: (tag & MASK) == TAG", "TAG[/MASK]"},
    {"durable", 0, POPT_ARG_STRING, &given.wants.durable, 0,
     "Go on with the durable subscription NAME of the ring, or make it; it outlives this command", "NAME"},
    {"group", 0, POPT_ARG_STRING, &given.wants.group, 0,
     "Share the messages with the other members of group NAME of the ring, or make it", "NAME"},
    {"tries", 0, POPT_ARG_STRING, &given.wants.tries, 0,
     "With --group: give a message to at most K members; then it goes to the dead letters", "K"},
    {"letters", 0, POPT_ARG_STRING, &given.wants.letters, 0,
     "With --tries: so many dead letters stay (default: an eighth of the slots, at most 8)", "N"},
    {"wait", 'w', POPT_ARG_STRING, &given.wait, 0,
     "Wait for the ring to appear, at most S seconds (--wait alone: for ever)", "S"},
    {"follow", 'f', POPT_ARG_NONE, &given.follow, 0,
     "Go on after the end of the stream, for the next producer", NULL},
    {"timeout", 't', POPT_ARG_STRING, &given.timeout, 0,
     "Give up after S seconds without a message (default: never)", "S"},
    {"count", 'c', POPT_ARG_STRING, &given.count, 0, "End after N messages", "N"},
    {"wake-messages", 0, POPT_ARG_STRING, &given.wants.wake_messages, 0,
     "When it waits, sleep on until N messages are there; with --wake-time", "N"},
    {"wake-time", 0, POPT_ARG_STRING, &given.wants.wake_time, 0,
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
    {"verify", 0, POPT_ARG_NONE, &given.wants.verify, 0,
     "Compare each message with its checksum; leave out, and report, what is not what was published", NULL},
    {"marks", 0, POPT_ARG_NONE, &given.wants.marks, 0,
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
        receiver->timings = fopen(given.timings, "a");
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
    summary_t wanted = {given.quiet, given.json, given.wants.marks, given.summary};
    return receiver->subscribed ? summarize(&wanted, receiver, code) : code;
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
    if (given.fail_on_loss && !given.wants.lossy) {
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
    if (!wants_read(&given.wants, &receiver->options))
        return false;
    receiver->delay_ns = delay_us * 1000;
    receiver->lossy = given.wants.lossy;
    receiver->follow = given.follow;
    receiver->fail_on_loss = given.fail_on_loss || !given.wants.lossy;
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

/* Is the word behind --wait its value, or the name of the ring? */
static bool is_seconds(const char *word)
{
    return word && word[0] && word[strspn(word, "0123456789.")] == '\0';
}

/* popt has no option with a value that may be left out and does not swallow the next word: --wait is --wait=, and the
 * last letter of -lw is taken out before popt sees it. A number that follows is the value all the same. */
static void complete_wait(int argc, const char **argv)
{
    static char for_ever[] = "";
    for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++) {
        bool alone = !strcmp(argv[i], "--wait") || !strcmp(argv[i], "-w");
        if ((alone || ends_in_wait(argv[i])) && i + 1 < argc && is_seconds(argv[i + 1])) {
            i++;
        } else if (alone) {
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
