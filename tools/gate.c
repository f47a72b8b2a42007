/* SPDX-License-Identifier: Apache-2.0 */
/* slotring gate: may a run begin? The exit code says so. */
#include <string.h>

#include "args.h"
#include "common.h"
#include "exit_codes.h"
#include "host.h"
#include "output.h"

#define LOOK_EVERY_NS UINT64_C(50000000)

static struct {
    char *free, *readers, *timeout;
    int nothing_dropped, json;
} given;

static struct poptOption table[] = {
    {"free", 0, POPT_ARG_STRING, &given.free, 0, "So many of 100 slots can be had at once", "PERCENT"},
    {"readers", 0, POPT_ARG_STRING, &given.readers, 0, "At least N lossless readers are there", "N"},
    {"nothing-dropped", 0, POPT_ARG_NONE, &given.nothing_dropped, 0,
     "No reader has missed a message since the last run began or ended", NULL},
    {"timeout", 't', POPT_ARG_STRING, &given.timeout, 0, "Look again for S seconds (default 0)", "S"},
    {"json", 'j', POPT_ARG_NONE, &given.json, 0, "Print the answer as JSON", NULL},
    RING_PLACE_OPTIONS,
    ARGS_HELP,
    POPT_TABLEEND};

static const args_shape_t shape = {
    "gate", "NAME",
    "Says whether a run may begin in ring NAME: exit code 0, or 4 and what is not as it should be.\n"
    "  slotring gate daq --free 50% --readers 2 --nothing-dropped && slotring mark daq begin 17\n",
    1, 1};

typedef struct asked {
    slotring_run_gate_t gate;
    int64_t timeout_ns;
} asked_t;

static int tell(int code, const slotring_error_t *error)
{
    if (given.json)
        out_json_print(
            stdout,
            json_pack("{s:b, s:s?}", "open", code == 0, "closed_because", code == 0 ? NULL : error->text),
            false);
    else if (code < 0)
        out_error("not yet: %s", error->text);
    return code < 0 ? EXIT_IN_USE : EXIT_DONE;
}

static int look(slotring_t *ring, const asked_t *asked)
{
    uint64_t start = host_clock_ns();
    for (;;) {
        slotring_error_t error = {0};
        int code = slotring_run_gate(ring, &asked->gate);
        slotring_last_error(&error);
        if (code < 0 && code != SLOTRING_E_STATE)
            return report(&error);
        if (code == 0 || (int64_t)(host_clock_ns() - start) >= asked->timeout_ns)
            return tell(code, &error);
        if (host_stop_requested())
            return stop_code();
        host_sleep(LOOK_EVERY_NS);
    }
}

/* 50 or 50%. */
static bool percent_value(uint64_t *percent)
{
    char number[32] = "";
    size_t length = given.free ? strlen(given.free) : 0;
    if (!given.free)
        return true;
    if (length > 0 && given.free[length - 1] == '%')
        length--;
    if (length >= sizeof number) {
        out_error("--free %s: a number from 0 to 100 is expected", given.free);
        return false;
    }
    memcpy(number, given.free, length);
    return args_number("--free", number, 0, 100, percent);
}

static bool values(asked_t *asked)
{
    uint64_t percent = 0, readers = 0;
    if (!percent_value(&percent) ||
        !args_number("--readers", given.readers, 0, SLOTRING_READERS_MAX, &readers) ||
        !args_seconds("--timeout", given.timeout, &asked->timeout_ns))
        return false;
    asked->gate = (slotring_run_gate_t){.struct_size = sizeof asked->gate};
    asked->gate.free_percent = (uint32_t)percent;
    asked->gate.readers = (uint32_t)readers;
    asked->gate.nothing_dropped = given.nothing_dropped != 0;
    return true;
}

int command_gate(int argc, const char **argv)
{
    asked_t asked = {.timeout_ns = 0};
    slotring_options_t options;
    slotring_t *ring;
    args_t args;
    int code = EXIT_USAGE;
    if (args_parse(&args, &shape, table, argc, argv) != 0)
        return args_result();
    ring_options(&options);
    options.mode = SLOTRING_OBSERVE;
    if (values(&asked) && (code = ring_open(&ring, args.operands[0], &options)) == EXIT_DONE) {
        code = look(ring, &asked);
        ring_close(ring);
    }
    args_free(&args);
    return out_finish(code);
}
