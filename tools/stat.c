/* SPDX-License-Identifier: Apache-2.0 */
/* slotring stat: how a ring is doing. Only observes: it can disturb nothing. */
#include "args.h"
#include "common.h"
#include "exit_codes.h"
#include "host.h"
#include "host_terminal.h"
#include "near.h"
#include "output.h"
#include "watch.h"
#include "words.h"

static struct {
    char *interval, *count;
    int json;
} given;

static struct poptOption table[] = {
    {"interval", 'i', POPT_ARG_STRING, &given.interval, 0, "Look again every S seconds, and show rates", "S"},
    {"count", 'c', POPT_ARG_STRING, &given.count, 0,
     "End after N looks (default: 1, with --interval until Ctrl-C)", "N"},
    {"json", 'j', POPT_ARG_NONE, &given.json, 0, "Print JSON; with --interval one line for each look", NULL},
    RING_PLACE_OPTIONS,
    ARGS_HELP,
    POPT_TABLEEND};

static const args_shape_t shape = {
    "stat", "NAME",
    "Says in its first line how the ring is doing, with what to do about it; then occupancy, rates, each "
    "reader's lag and loss, and who stands in the way of producers.\n"
    "On a terminal, what matters most fits its size; elsewhere everything is printed.\n"
    "  slotring stat daq --interval 1       refreshed every second\n",
    1, 1};

typedef struct looks {
    int64_t interval_ns; /* negative: one look */
    uint64_t count;      /* still to do */
    bool clear;          /* the screen before each look */
} looks_t;

static bool is_live(const looks_t *looks)
{
    return looks->interval_ns >= 0;
}

static int print_page(const looks_t *looks, const watch_t *watch)
{
    page_t page = page_for_stdout();
    page.height -= page.height > 1; /* the prompt, or the cursor */
    page_fit(&page, watch_page, watch);
    page_print(&page);
    if (is_live(looks) && !looks->clear)
        printf("\n");
    bool failed = page.failed;
    page_free(&page);
    if (failed)
        out_error("out of memory");
    return failed ? EXIT_NO_SPACE : EXIT_DONE;
}

static int print_look(const looks_t *looks, const watch_t *watch)
{
    int code = EXIT_DONE;
    if (looks->clear)
        printf("\033[H\033[J");
    if (given.json)
        out_json_print(stdout, watch_json(watch), is_live(looks));
    else if (!watch->has_now)
        printf("%s; waiting for it\n", watch->error_text);
    else
        code = print_page(looks, watch);
    return out_finish(code);
}

/* People who look once want a rate, too: it takes a second look. */
static int look(const looks_t *looks, watch_t *watch)
{
    int code = watch_look(watch);
    if (code == EXIT_DONE && !given.json && !is_live(looks) && watch_moves(watch)) {
        host_sleep(WATCH_RATE_NS);
        code = watch_look(watch);
    }
    if (code == EXIT_DONE || (is_live(looks) && watch->error == SLOTRING_E_NOT_FOUND))
        return print_look(looks, watch);
    out_error("%s", words_in(watch->error_text).text);
    if (watch->error == SLOTRING_E_NOT_FOUND)
        near_ring(watch->name, &watch->options);
    return code;
}

static int run(looks_t *looks, watch_t *watch)
{
    int code = EXIT_DONE;
    while (code == EXIT_DONE && looks->count > 0 && !host_stop_requested()) {
        code = look(looks, watch);
        if (code == EXIT_DONE && --looks->count > 0)
            host_sleep((uint64_t)looks->interval_ns);
    }
    return code;
}

static bool values(looks_t *looks)
{
    *looks = (looks_t){.interval_ns = -1, .count = 1};
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
    return args_number("--count", given.count, 1, UINT64_MAX, &looks->count);
}

int command_stat(int argc, const char **argv)
{
    looks_t looks;
    watch_t watch;
    args_t args;
    int code = EXIT_USAGE;
    if (args_parse(&args, &shape, table, argc, argv) != 0)
        return args_result();
    if (values(&looks)) {
        watch_begin(&watch, args.operands[0]);
        looks.clear = is_live(&looks) && !given.json && host_is_terminal(stdout);
        if (is_live(&looks))
            host_catch_stop(NULL);
        code = run(&looks, &watch);
        watch_end(&watch);
    }
    args_free(&args);
    return code == EXIT_DONE ? stop_code() : code;
}
