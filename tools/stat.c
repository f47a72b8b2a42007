/* SPDX-License-Identifier: Apache-2.0 */
/* slotring stat: how a ring is doing. Only observes: it can disturb nothing. */
#include "args.h"
#include "common.h"
#include "exit_codes.h"
#include "host.h"
#include "output.h"
#include "snapshot.h"
#include "verdict.h"

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
    "  slotring stat daq --interval 1       refreshed every second\n",
    1, 1};

typedef struct live {
    const char *name;
    slotring_options_t options;
    int64_t interval_ns; /* negative: one look */
    uint64_t looks;      /* still to do */
    bool clear;          /* the screen before each look */
    slotring_t *ring;    /* NULL while there is none */
    snapshot_t before;   /* the last look */
    bool has_before;
} live_t;

static void forget(live_t *live)
{
    if (live->has_before)
        snapshot_free(&live->before);
    live->has_before = false;
}

static void let_go(live_t *live)
{
    if (live->ring)
        ring_close(live->ring);
    live->ring = NULL;
    forget(live);
}

#define RATE_NS UINT64_C(100000000)  /* between two looks that measure a rate */
#define STILL_NS UINT64_C(200000000) /* what stands still so long has no rate */

/* People who look once want a rate, too: it takes a second look. */
static int measure(live_t *live, snapshot_t *now)
{
    bool moves =
        now->stats.producers > 0 && now->stats.idle_ns < STILL_NS && now->stats.blocked_ns < STILL_NS;
    if (given.json || live->interval_ns >= 0 || !moves)
        return EXIT_DONE;
    live->before = *now;
    live->has_before = true;
    host_sleep(RATE_NS);
    return snapshot_take(now, live->ring);
}

static void print_verdict(const snapshot_t *now, const snapshot_t *before)
{
    verdict_t verdict;
    verdict_of(&verdict, now, before, ring_place_words());
    verdict_print(&verdict);
    snapshot_print(now, before);
}

static json_t *as_json(const snapshot_t *now, const snapshot_t *before)
{
    verdict_t verdict;
    json_t *json = snapshot_json(now, before);
    verdict_of(&verdict, now, before, ring_place_words());
    json_object_set_new(json, "verdict", verdict_json(&verdict));
    return json;
}

static int show(live_t *live)
{
    snapshot_t now;
    const snapshot_t *before;
    int code = snapshot_take(&now, live->ring);
    if (code == EXIT_DONE)
        code = measure(live, &now);
    if (code != EXIT_DONE)
        return code;
    before = live->has_before && snapshot_same_ring(&now, &live->before) ? &live->before : NULL;
    if (live->clear)
        printf("\033[H\033[J");
    if (given.json)
        out_json_print(stdout, as_json(&now, before), live->interval_ns >= 0);
    else
        print_verdict(&now, before);
    if (live->interval_ns >= 0 && !live->clear && !given.json)
        printf("\n");
    forget(live);
    live->before = now;
    live->has_before = true;
    return out_finish(EXIT_DONE);
}

/* A ring that was removed, or removed and made again, is looked for by its name at each look. */
static int look(live_t *live)
{
    slotring_info_t info = {.struct_size = sizeof info};
    slotring_error_t error;
    if (live->ring && (slotring_info(live->ring, &info) < 0 || info.removed))
        let_go(live);
    if (!live->ring) {
        if (slotring_open(&live->ring, live->name, &live->options, &error) < 0) {
            if (error.code != SLOTRING_E_NOT_FOUND || live->interval_ns < 0)
                return report(&error);
            if (live->clear)
                printf("\033[H\033[J");
            if (given.json)
                out_json_print(stdout, json_pack("{s:n, s:s}", "ring", "error", error.text), true);
            else
                printf("%s; waiting for it\n", error.text);
            return out_finish(EXIT_DONE);
        }
    }
    return show(live);
}

static int run(live_t *live)
{
    int code = EXIT_DONE;
    while (code == EXIT_DONE && live->looks > 0 && !host_stop_requested()) {
        code = look(live);
        if (code == EXIT_DONE && --live->looks > 0)
            host_sleep((uint64_t)live->interval_ns);
    }
    return code;
}

static bool values(live_t *live)
{
    live->interval_ns = -1;
    live->looks = 1;
    if (!args_seconds("--interval", given.interval, &live->interval_ns))
        return false;
    if (given.interval)
        live->looks = UINT64_MAX;
    if (given.interval && live->interval_ns < 10000000) {
        out_error("--interval %s: must be at least 0.01 seconds", given.interval);
        return false;
    }
    if (given.count && !given.interval) {
        out_error("--count %s: needs --interval", given.count);
        return false;
    }
    return args_number("--count", given.count, 1, UINT64_MAX, &live->looks);
}

int command_stat(int argc, const char **argv)
{
    live_t live = {0};
    args_t args;
    int code = EXIT_USAGE;
    if (args_parse(&args, &shape, table, argc, argv) != 0)
        return args_result();
    live.name = args.operands[0];
    ring_options(&live.options);
    live.options.mode = SLOTRING_OBSERVE;
    if (values(&live)) {
        live.clear = live.interval_ns >= 0 && !given.json && host_is_terminal(stdout);
        if (live.interval_ns >= 0)
            host_catch_stop(NULL);
        code = run(&live);
        let_go(&live);
    }
    args_free(&args);
    return code == EXIT_DONE ? stop_code() : code;
}
