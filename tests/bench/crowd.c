/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include "crowd.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench.h"

#define HANDLES 200u /* of one process: within the 1,024 files that a process may have open without asking */

static void attach(const char *name, uint32_t handles, int mode)
{
    for (uint32_t i = 0; i < handles; i++) {
        slotring_reader_t *reader;
        slotring_options_t options;
        slotring_reader_options_t reading;
        slotring_t *ring;
        slotring_options_init(&options);
        options.mode = SLOTRING_ATTACH;
        slotring_reader_options_init(&reading);
        reading.mode = (uint32_t)mode;
        must(slotring_open(&ring, name, &options, NULL), "open, one of many");
        if (mode >= 0)
            must(slotring_subscribe(ring, &reading, &reader), "subscribe, one of many");
    }
}

static int start(const char *name, uint32_t handles, int mode, const int stay[2], const int here[2])
{
    char byte = 0;
    int process = fork();
    if (process < 0)
        fail("cannot start a process");
    if (process > 0)
        return process;
    close(stay[1]);
    attach(name, handles, mode);
    if (write(here[1], &byte, 1) != 1)
        fail("no pipe");
    close(here[1]); /* who fails is noticed when all have closed it */
    while (read(stay[0], &byte, 1) > 0)
        ;
    _exit(0);
}

void crowd_come(crowd_t *crowd, const char *name, uint32_t handles, int mode)
{
    int stay[2], here[2];
    char byte;
    *crowd = (crowd_t){.stay = -1};
    if (pipe(stay) != 0 || pipe(here) != 0)
        fail("no pipe");
    for (; handles > 0 && crowd->count < CROWD_PROCESSES_MAX; crowd->count++) {
        uint32_t share = handles < HANDLES ? handles : HANDLES;
        crowd->processes[crowd->count] = start(name, share, mode, stay, here);
        handles -= share;
    }
    close(here[1]);
    for (unsigned i = 0; i < crowd->count; i++)
        if (read(here[0], &byte, 1) != 1)
            fail("one of the processes with many participants failed");
    close(here[0]);
    close(stay[0]);
    crowd->stay = stay[1];
}

void crowd_leave(crowd_t *crowd)
{
    close(crowd->stay);
    for (unsigned i = 0; i < crowd->count; i++) {
        int status;
        kill(crowd->processes[i], SIGKILL); /* where what is counted has the pipe too */
        waitpid(crowd->processes[i], &status, 0);
    }
}
