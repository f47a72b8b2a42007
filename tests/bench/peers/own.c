/* SPDX-License-Identifier: Apache-2.0 */
/* slotring_own: starts the measurements of slotring alone, and prints their figures as one JSON object. */
#define _GNU_SOURCE
#include "own.h"

#include <jansson.h>
#include <popt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

static json_t *figures;
static int ready_pipe[2];

void own_figure(const char *key, const char *title, const char *unit, double value)
{
    json_t *figure = json_pack("{s:s,s:s,s:s,s:f}", "key", key, "title", title, "unit", unit, "value", value);
    if (!figure || json_array_append_new(figures, figure) != 0)
        fail("no memory for the figures");
}

static slotring_t *open_ring(const char *name, slotring_options_t *options)
{
    slotring_t *ring;
    slotring_error_t error;
    if (slotring_open(&ring, name, options, &error) != 0)
        fail("%s (%s)", error.text, slotring_error_name(error.code));
    return ring;
}

slotring_t *own_ring(const char *name, uint32_t slots, uint64_t slot_size, uint32_t participants,
                     uint32_t readers)
{
    slotring_options_t options;
    slotring_options_init(&options);
    options.mode = SLOTRING_CREATE;
    options.flags = SLOTRING_ONE_THREAD | SLOTRING_PREFAULT;
    options.slot_size = slot_size;
    options.total_size = slots * slot_size;
    options.max_participants = participants;
    options.max_readers = readers;
    options.max_holds = UINT32_MAX; /* what holds cost is measured all the same */
    return open_ring(name, &options);
}

slotring_t *own_attach(const char *name)
{
    slotring_options_t options;
    slotring_options_init(&options);
    options.mode = SLOTRING_ATTACH;
    return open_ring(name, &options);
}

void own_ready(void)
{
    if (write(ready_pipe[1], "r", 1) != 1)
        fail("cannot say that this process is ready");
}

pid_t own_start(const char *name, own_child_fn child, uint32_t number)
{
    char byte;
    if (pipe(ready_pipe) != 0)
        fail("no pipe");
    pid_t process = fork();
    if (process < 0)
        fail("cannot start a process");
    if (process == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        close(ready_pipe[0]);
        child(own_attach(name), number);
        for (;;)
            pause();
    }
    close(ready_pipe[1]);
    if (read(ready_pipe[0], &byte, 1) != 1)
        fail("a process of the measurement failed");
    close(ready_pipe[0]);
    return process;
}

void own_end(pid_t process)
{
    kill(process, SIGKILL);
    waitpid(process, NULL, 0);
}

int main(int argc, const char **argv)
{
    double scale = 1;
    const struct poptOption table[] = {
        {"scale", 's', POPT_ARG_DOUBLE, &scale, 0, "times as many steps as usual", "FACTOR"},
        POPT_AUTOHELP POPT_TABLEEND};
    poptContext context = poptGetContext(NULL, argc, argv, table, 0);
    int code = poptGetNextOpt(context);
    if (code < -1 || poptPeekArg(context) || !(scale > 0 && scale <= 1000))
        fail("slotring_own wants --scale above 0 and at most 1000, and nothing else");
    ticks_calibrate();
    figures = json_array();
    own_operations(scale);
    own_monitors(scale);
    own_options(scale);
    own_opening(scale);
    own_repair();
    own_idle(scale);
    json_t *object = json_pack("{s:o}", "figures", figures);
    if (!object || json_dumpf(object, stdout, JSON_COMPACT | JSON_REAL_PRECISION(8)) != 0 ||
        putchar('\n') == EOF)
        fail("cannot write the result");
    json_decref(object);
    poptFreeContext(context);
    return 0;
}
