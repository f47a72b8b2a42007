/* SPDX-License-Identifier: Apache-2.0 */
/* Processes that start together, each on its processor. When one fails, the others are ended rather than left
 * spinning. */
#define _GNU_SOURCE
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness.h"

team_t *team_new(void)
{
    void *memory = mmap(NULL, sizeof(team_t), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED)
        fail("no shared memory for the processes to meet in");
    return memory;
}

/* Processes 0, 1, 2 … of a run alternate between the two processors. The process pins itself before it opens
 * anything, so that threads that a peer starts may run where it runs. */
static pid_t start(const run_t *run, team_t *team, unsigned number, member_fn member)
{
    pid_t parent = getpid(), child = fork();
    if (child < 0)
        fail("cannot start process %u of %u", number + 1, team->processes);
    if (child > 0)
        return child;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent)
        _exit(1);
    machine_pin(0, run->cpus[number % 2]);
    member(run, team, number);
    _exit(0);
}

/* Only ends the wait below, and with it the team. */
static void on_end(int signal_number)
{
    (void)signal_number;
}

void team_run(const run_t *run, team_t *team, uint32_t processes, member_fn member)
{
    pid_t children[PROCESSES_MAX];
    if (processes > PROCESSES_MAX)
        fail("%u processes are more than the %u that this program can start", processes, PROCESSES_MAX);
    memset(team, 0, sizeof *team);
    team->processes = processes;
    struct sigaction end = {.sa_handler = on_end};
    sigaction(SIGTERM, &end, NULL);
    sigaction(SIGINT, &end, NULL);
    for (unsigned i = 0; i < processes; i++)
        children[i] = start(run, team, i, member);
    bool failed = false;
    for (unsigned ended = 0; ended < processes; ended++) {
        int status;
        pid_t child = waitpid(-1, &status, 0);
        for (unsigned i = 0; i < processes; i++)
            if (children[i] == child)
                children[i] = 0;
        if (child > 0 && WIFEXITED(status) && WEXITSTATUS(status) == 0)
            continue;
        failed = true;
        for (unsigned i = 0; i < processes; i++)
            if (children[i] > 0)
                kill(children[i], SIGKILL);
    }
    if (failed)
        fail("one of the processes failed");
}

void team_meet(team_t *team, uint32_t round)
{
    atomic_fetch_add(&team->arrived, 1);
    while (atomic_load(&team->arrived) < round * team->processes)
        sched_yield(); /* those that are missing may have to run on this processor */
}

/* The receivers are open (1) before a sender opens; all senders are open (2) before the receivers settle; and all
 * have settled (3) before the first message. */
void *team_open_sender(team_t *team, const shape_t *shape, unsigned number)
{
    team_meet(team, 1);
    void *sender = peer_open_sender(shape, number);
    team_meet(team, 2);
    team_meet(team, 3);
    return sender;
}

void *team_open_receiver(team_t *team, const shape_t *shape, unsigned number)
{
    void *receiver = peer_open_receiver(shape, number);
    team_meet(team, 1);
    team_meet(team, 2);
    if (peer_facts()->settle)
        peer_facts()->settle(receiver);
    team_meet(team, 3);
    return receiver;
}

void team_finish(team_t *team)
{
    team_meet(team, 4);
}
