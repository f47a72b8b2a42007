/* SPDX-License-Identifier: Apache-2.0 */
/* slotring metrics: numbers of all rings for Prometheus, once, into a file, or by HTTP. */
#include "metrics.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "args.h"
#include "common.h"
#include "exit_codes.h"
#include "host.h"
#include "output.h"

static struct {
    char *textfile, *listen, *interval;
    int open_metrics;
} given;

static struct poptOption table[] = {
    {"textfile", 0, POPT_ARG_STRING, &given.textfile, 0,
     "Write them to FILE, which is replaced as a whole (node_exporter's textfile collector reads it)",
     "FILE"},
    {"interval", 'i', POPT_ARG_STRING, &given.interval, 0, "With --textfile: again every S seconds", "S"},
    {"listen", 0, POPT_ARG_STRING, &given.listen, 0,
     "Serve them at http://ADDRESS/metrics; ADDRESS is a port, or 127.0.0.1:PORT or [::1]:PORT", "ADDRESS"},
    {"openmetrics", 0, POPT_ARG_NONE, &given.open_metrics, 0,
     "Print OpenMetrics; with --listen the client's request decides", NULL},
    RING_PLACE_OPTIONS,
    ARGS_HELP,
    POPT_TABLEEND};

static const args_shape_t shape = {
    "metrics", "[NAME...]",
    "Prints the numbers of rings NAME, or of all rings, for Prometheus.\n"
    "  slotring metrics\n"
    "  slotring metrics --listen 9650\n"
    "  slotring metrics --textfile /var/lib/prometheus/node-exporter/slotring.prom --interval 15\n",
    0, -1};

static int no_memory(void)
{
    out_error("out of memory");
    return EXIT_NO_SPACE;
}

static int print(const metrics_wanted_t *wanted)
{
    metrics_text_t text;
    if (!metrics_make(wanted, given.open_metrics, &text))
        return no_memory();
    fwrite(text.text, 1, text.length, stdout);
    free(text.text);
    return out_finish(EXIT_DONE);
}

/* ---- Into a file -------------------------------------------------------------------------------------- */

static int failed_with(const char *path, int error)
{
    out_error("cannot write %s: %s", path, host_error_text(error));
    return host_is_full(error) ? EXIT_NO_SPACE : EXIT_ERROR;
}

static int write_whole(const char *path, const metrics_text_t *text)
{
    uint64_t put;
    int file, error = host_open_output(path, &file);
    if (error != 0)
        return error;
    error = host_empty(file);
    if (error == 0)
        error = host_write(file, text->text, text->length, &put);
    if (error == HOST_STOPPED && put == text->length)
        error = 0;
    int closing = host_close(file);
    return error != 0 ? error : closing;
}

/* Who reads the file sees the numbers before or these, never a part: they are written beside it first. */
static int write_file(const metrics_wanted_t *wanted, const char *path)
{
    metrics_text_t text;
    char *beside = malloc(strlen(path) + 8);
    if (!beside || !metrics_make(wanted, given.open_metrics, &text)) {
        free(beside);
        return no_memory();
    }
    snprintf(beside, strlen(path) + 8, "%s.new", path);
    (void)host_remove(beside); /* what a killed one left, or somebody's link */
    int error = write_whole(beside, &text);
    if (error == 0)
        error = host_rename(beside, path);
    if (error != 0)
        (void)host_remove(beside);
    int code = error == HOST_STOPPED ? EXIT_DONE : error != 0 ? failed_with(path, error) : EXIT_DONE;
    free(beside);
    free(text.text);
    return code;
}

static int write_again_and_again(const metrics_wanted_t *wanted, const char *path, int64_t interval_ns)
{
    int code = write_file(wanted, path);
    if (interval_ns < 0)
        return code;
    /* A full disk is over some time; the file is then older than it should be, which a rule can watch. */
    while (!host_stop_requested()) {
        host_sleep((uint64_t)interval_ns);
        if (!host_stop_requested())
            code = write_file(wanted, path);
    }
    return code == EXIT_DONE ? stop_code() : code;
}

/* ---- The command --------------------------------------------------------------------------------------- */

static bool values(int64_t *interval_ns)
{
    *interval_ns = -1;
    if (!args_seconds("--interval", given.interval, interval_ns))
        return false;
    if (given.textfile && given.listen)
        out_error("--textfile and --listen exclude each other; give one of them");
    else if (given.interval && !given.textfile)
        out_error("--interval %s: goes with --textfile", given.interval);
    else if (given.interval && *interval_ns < 100000000)
        out_error("--interval %s: must be at least 0.1 seconds", given.interval);
    else
        return true;
    return false;
}

int command_metrics(int argc, const char **argv)
{
    metrics_wanted_t wanted;
    int64_t interval_ns;
    args_t args;
    int code = EXIT_USAGE;
    if (args_parse(&args, &shape, table, argc, argv) != 0)
        return args_result();
    ring_options(&wanted.options);
    wanted.names = args.operands;
    if (values(&interval_ns)) {
        if (given.listen || interval_ns >= 0)
            host_catch_stop(NULL);
        if (given.listen)
            code = metrics_serve(&wanted, given.listen);
        else if (given.textfile)
            code = write_again_and_again(&wanted, given.textfile, interval_ns);
        else
            code = print(&wanted);
    }
    args_free(&args);
    return out_finish(code);
}
