/* SPDX-License-Identifier: Apache-2.0 */
/* slotring stat: how rings are doing. Only observes: it can disturb nothing. */
#include "alarm_output.h"
#include "args.h"
#include "common.h"
#include "exit_codes.h"
#include "host.h"
#include "near.h"
#include "output.h"
#include "overview.h"
#include "words.h"

static struct {
    char *interval, *count, *alarm;
    int json;
} given;

static struct poptOption table[] = {
    {"interval", 'i', POPT_ARG_STRING, &given.interval, 0, "Look again every S seconds, and show rates", "S"},
    {"count", 'c', POPT_ARG_STRING, &given.count, 0,
     "End after N looks (default: 1, with --interval until Ctrl-C)", "N"},
    {"alarm", 'a', POPT_ARG_STRING, &given.alarm, 0,
     "Print a line for Nagios, and end with its exit status: lag=80%,fill=90%,blocked=1s,idle=10s,loss",
     "LIMITS"},
    {"json", 'j', POPT_ARG_NONE, &given.json, 0, "Print JSON; with --interval one line for each look", NULL},
    RING_PLACE_OPTIONS,
    ARGS_HELP,
    POPT_TABLEEND};

static const args_shape_t shape = {
    "stat", "[NAME...]",
    "Says in its first line how the ring is doing, with what to do about it; then occupancy, rates, each "
    "reader's lag and loss, and who stands in the way of producers.\n"
    "Without a NAME, or with several: a line for each ring, the worst first.\n"
    "On a terminal, what matters most fits its size; elsewhere everything is printed.\n"
    "  slotring stat                        all rings of this host\n"
    "  slotring stat daq --interval 1       refreshed every second\n"
    "  slotring stat daq --alarm lag=50%:80%,blocked=1s\n",
    0, -1};

typedef struct looks {
    overview_t overview;
    bool one;            /* a ring, in detail */
    int64_t interval_ns; /* negative: one look */
    uint64_t count;      /* still to do */
    bool clear;          /* the screen before each look */
    alarms_t alarms;
} looks_t;

static bool is_live(const looks_t *looks)
{
    return looks->interval_ns >= 0;
}

static const watch_t *one_ring(const looks_t *looks)
{
    return &looks->overview.rings[0]->watch;
}

/* ---- Printing ------------------------------------------------------------------------------------- */

static int print_page(const looks_t *looks)
{
    page_t page = page_for_stdout();
    page.height -= page.height > 1; /* the prompt, or the cursor */
    if (looks->one)
        page_fit(&page, watch_page, one_ring(looks));
    else
        page_fit(&page, overview_page, &looks->overview);
    page_print(&page);
    if (is_live(looks) && !looks->clear)
        printf("\n");
    bool failed = page.failed;
    page_free(&page);
    if (failed)
        out_error("out of memory");
    return failed ? EXIT_NO_SPACE : EXIT_DONE;
}

static int print_look(const looks_t *looks)
{
    int code = EXIT_DONE;
    if (looks->clear)
        printf("\033[H\033[J");
    if (given.json)
        out_json_print(stdout, looks->one ? watch_json(one_ring(looks)) : overview_json(&looks->overview),
                       is_live(looks));
    else if (looks->one && !one_ring(looks)->has_now)
        printf("%s; waiting for it\n", one_ring(looks)->error_text);
    else
        code = print_page(looks);
    return out_finish(code);
}

/* ---- Looking -------------------------------------------------------------------------------------- */

/* People who look once want a rate, too: it takes a second look. */
static int look_at_all(looks_t *looks)
{
    int code = overview_look(&looks->overview);
    if (code == EXIT_DONE && !given.json && !is_live(looks) && overview_moves(&looks->overview)) {
        host_sleep(WATCH_RATE_NS);
        code = overview_look(&looks->overview);
    }
    if (code != EXIT_DONE)
        out_error("%s", words_in(looks->overview.error_text).text);
    return code;
}

static int look(looks_t *looks)
{
    int code = look_at_all(looks), error;
    if (code != EXIT_DONE)
        return code;
    if (!looks->one) {
        code = print_look(looks);
        return code == EXIT_DONE && !is_live(looks) ? overview_code(&looks->overview) : code;
    }
    error = one_ring(looks)->error;
    if (one_ring(looks)->has_now || (is_live(looks) && error == SLOTRING_E_NOT_FOUND))
        return print_look(looks);
    out_error("%s", words_in(one_ring(looks)->error_text).text);
    if (error == SLOTRING_E_NOT_FOUND)
        near_ring(one_ring(looks)->name, &one_ring(looks)->options);
    return one_ring(looks)->code;
}

static int run(looks_t *looks)
{
    int code = EXIT_DONE;
    while (code == EXIT_DONE && looks->count > 0 && !host_stop_requested()) {
        code = look(looks);
        if (code == EXIT_DONE && --looks->count > 0)
            host_sleep((uint64_t)looks->interval_ns);
    }
    return code == EXIT_DONE ? stop_code() : code;
}

/* Looks until something is beyond its limit, or for as often as was asked. */
static int watch_out(looks_t *looks)
{
    alarm_level_t level = ALARM_OK;
    while (level == ALARM_OK && looks->count > 0 && !host_stop_requested()) {
        int code = overview_look(&looks->overview);
        level = code == EXIT_DONE ? alarm_level_of(&looks->alarms, &looks->overview, is_live(looks))
                                  : ALARM_UNKNOWN;
        if (--looks->count > 0 && level == ALARM_OK)
            host_sleep((uint64_t)looks->interval_ns);
    }
    if (given.json)
        out_json_print(stdout, alarm_json(&looks->alarms, &looks->overview, is_live(looks)), false);
    else
        alarm_print(&looks->alarms, &looks->overview, is_live(looks));
    return out_finish(EXIT_DONE) == EXIT_DONE ? (int)level : (int)ALARM_UNKNOWN;
}

/* ---- The command ---------------------------------------------------------------------------------- */

static bool values(looks_t *looks)
{
    if (!args_seconds("--interval", given.interval, &looks->interval_ns))
        return false;
    if (given.interval)
        looks->count = UINT64_MAX;
    if (given.interval && looks->interval_ns < 10000000) {
        out_error("--interval %s: must be at least 0.01 seconds", given.interval);
        return false;
    }
    if (given.count && !given.interval) {
        out_error("--count %s: needs --interval", given.count);
        return false;
    }
    if (given.alarm && !alarm_parse(&looks->alarms, given.alarm))
        return false;
    return args_number("--count", given.count, 1, UINT64_MAX, &looks->count);
}

int command_stat(int argc, const char **argv)
{
    looks_t looks = {.interval_ns = -1, .count = 1};
    args_t args;
    int code;
    if (args_parse(&args, &shape, table, argc, argv) != 0)
        return args_result();
    code = given.alarm ? (int)ALARM_UNKNOWN : EXIT_USAGE;
    if (values(&looks)) {
        overview_begin(&looks.overview, args.count > 0 ? args.operands : NULL);
        looks.one = args.count == 1;
        looks.clear = is_live(&looks) && !given.json && host_is_terminal(stdout);
        if (is_live(&looks))
            host_catch_stop(NULL);
        code = given.alarm ? watch_out(&looks) : run(&looks);
        overview_end(&looks.overview);
    }
    args_free(&args);
    return code;
}
