/* SPDX-License-Identifier: Apache-2.0 */
/* Two processes that start together. When one fails the other one is ended, rather than left spinning. */
#define _GNU_SOURCE
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench.h"

pair_t *pair_new(void)
{
    void *memory = mmap(NULL, sizeof(pair_t), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED)
        fail("no shared memory for two processes to meet in");
    return memory;
}

void pair_delete(pair_t *pair)
{
    munmap(pair, sizeof *pair);
}

static pid_t start(pair_t *pair, int cpu, pair_fn run)
{
    pid_t parent = getpid(), child = fork();
    if (child < 0)
        fail("cannot start a process");
    if (child > 0) {
        /* From here: a child with real-time priority may keep the other one from running at all until it is moved. */
        machine_pin(child, cpu);
        return child;
    }
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent)
        _exit(1);
    run(pair);
    _exit(0);
}

void pair_run(pair_t *pair, const int cpus[2], pair_fn first, pair_fn second)
{
    atomic_store(&pair->arrived[0], 0);
    atomic_store(&pair->arrived[1], 0);
    memset(pair->exchanges, 0, sizeof pair->exchanges);
    pid_t children[2] = {start(pair, cpus[0], first), start(pair, cpus[1], second)};
    bool failed = false;
    for (unsigned i = 0; i < 2; i++) {
        int status;
        pid_t ended = waitpid(-1, &status, 0);
        if (ended < 0 || !WIFEXITED(status) || WEXITSTATUS(status) != 0) {
            failed = true;
            kill(children[ended == children[0]], SIGKILL);
        }
    }
    if (failed)
        fail("one of the two processes failed");
}

void pair_meet(pair_t *pair, unsigned side)
{
    uint32_t round = atomic_fetch_add(&pair->arrived[side], 1) + 1;
    while (atomic_load(&pair->arrived[!side]) < round)
        sched_yield(); /* the other one may have to start on this processor */
}
