/* SPDX-License-Identifier: Apache-2.0 */
/* Who acts in a storm, and what befalls them: each is started, killed, stopped and continued here. */
#include "weather.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/coverage.h"

static actor_t actors[] = {
    {"witness", acts_witness, false, 0, 0, 0},
    {"witness in batches", acts_witness, false, 1, 0, 0},
    {"producer", acts_producer, true, 0, 0, 0},
    {"producer", acts_producer, true, 0, 0, 0},
    {"producer", acts_producer, true, 0, 0, 0},
    {"lossless reader", acts_lossless, true, 0, 0, 0},
    {"lossless reader", acts_lossless, true, 0, 0, 0},
    {"lossy reader", acts_lossy, true, 0, 0, 0},
    {"lossy reader", acts_lossy, true, 0, 0, 0},
    {"reader by ticket", acts_by_ticket, true, 0, 0, 0},
    {"threads", acts_threads, true, 0, 0, 0},
    {"forking", acts_forking, true, 0, 0, 0},
    {"starved", acts_starved, true, 0, 0, 0},
    /* the last ones only with --crowd */
    {"crowd", acts_crowd, true, 0, 0, 0},
    {"crowd", acts_crowd, true, 0, 0, 0},
    {"crowd", acts_crowd, true, 0, 0, 0},
    {"crowd", acts_crowd, true, 0, 0, 0},
};

static actor_t actors_of_records[] = {
    {"witness of records", acts_records_witness, false, 0, 0, 0},
    {"witness of records in batches", acts_records_witness, false, 1, 0, 0},
    {"lossy witness of records", acts_records_lossy_witness, false, 2, 0, 0},
    {"writer", acts_writer, true, 0, 0, 0},
    {"writer", acts_writer, true, 0, 0, 0},
    {"writer", acts_writer, true, 0, 0, 0},
    {"writers in threads", acts_writer_threads, true, 0, 0, 0},
    {"producer", acts_producer, true, 0, 0, 0},
    {"lossless reader of records", acts_records_lossless, true, 0, 0, 0},
    {"lossy reader of records", acts_records_lossy, true, 0, 0, 0},
    {"lossy reader of records", acts_records_lossy, true, 0, 0, 0},
    {"reader of records that chooses", acts_records_choosy, true, 0, 0, 0},
    {"reader of records that chooses", acts_records_choosy, true, 0, 0, 0},
    {"durable reader of records", acts_records_durable, true, 0, 0, 0},
    {"durable reader of records", acts_records_durable, true, 0, 0, 0},
    {"worker on records", acts_records_worker, true, 0, 0, 0},
    {"worker on records", acts_records_worker, true, 0, 0, 0},
};

static actor_t actors_of_deliveries[] = {
    {"witness", acts_witness, false, 0, 0, 0},           {"witness in batches", acts_witness, false, 1, 0, 0},
    {"producer", acts_producer, true, 0, 0, 0},          {"producer", acts_producer, true, 0, 0, 0},
    {"budgeted reader", acts_budgeted, true, 0, 0, 0},   {"budgeted reader", acts_budgeted, true, 0, 0, 0},
    {"durable reader", acts_durable, true, 0, 0, 0},     {"durable reader", acts_durable, true, 0, 0, 0},
    {"durable reader", acts_durable, true, 0, 0, 0},     {"durable reader", acts_durable, true, 0, 0, 0},
    {"lossless reader", acts_lossless, true, 0, 0, 0},   {"lossy reader", acts_lossy, true, 0, 0, 0},
    {"reader by ticket", acts_by_ticket, true, 0, 0, 0}, {"marker", acts_marker, true, 0, 0, 0},
};

static actor_t actors_of_groups[] = {
    {"witness", acts_witness, false, 0, 0, 0},
    {"witness in batches", acts_witness, false, 1, 0, 0},
    {"producer", acts_producer, true, 0, 0, 0},
    {"producer", acts_producer, true, 0, 0, 0},
    {"worker", acts_worker, true, 0, 0, 0},
    {"worker", acts_worker, true, 0, 0, 0},
    {"worker", acts_worker, true, 0, 0, 0},
    {"worker", acts_worker, true, 0, 0, 0},
    {"lossless reader", acts_lossless, true, 0, 0, 0},
    {"lossy reader", acts_lossy, true, 0, 0, 0},
};

static actor_t actors_of_choices[] = {
    {"witness", acts_witness, false, 0, 0, 0},
    {"witness in batches", acts_witness, false, 1, 0, 0},
    {"witness of every third", acts_choosy_witness, false, 0, 0, 0},
    {"witness of a tag", acts_choosy_witness, false, 1, 0, 0},
    {"producer", acts_producer, true, 0, 0, 0},
    {"producer", acts_producer, true, 0, 0, 0},
    {"reader that chooses", acts_choosy, true, 0, 0, 0},
    {"reader that chooses", acts_choosy, true, 0, 0, 0},
    {"reader that chooses", acts_choosy, true, 0, 0, 0},
    {"reader that chooses", acts_choosy, true, 0, 0, 0},
    {"reader of a queue", acts_queued, true, 0, 0, 0},
    {"reader of a queue", acts_queued, true, 0, 0, 0},
};

#define ACTORS_OF_CHOICES (sizeof actors_of_choices / sizeof actors_of_choices[0])
#define ACTORS_OF_GROUPS (sizeof actors_of_groups / sizeof actors_of_groups[0])
#define ACTORS (sizeof actors / sizeof actors[0])
#define ACTORS_OF_RECORDS (sizeof actors_of_records / sizeof actors_of_records[0])
#define ACTORS_OF_DELIVERIES (sizeof actors_of_deliveries / sizeof actors_of_deliveries[0])

void weather_cast(weather_t *w, const prove_options_t *options)
{
    journal->deliveries = options->deliveries;
    w->cast = options->records      ? actors_of_records
              : options->deliveries ? actors_of_deliveries
              : options->groups     ? actors_of_groups
              : options->choices    ? actors_of_choices
                                    : actors;
    w->actors = options->records      ? ACTORS_OF_RECORDS
                : options->deliveries ? ACTORS_OF_DELIVERIES
                : options->groups     ? ACTORS_OF_GROUPS
                : options->choices    ? ACTORS_OF_CHOICES
                : options->crowd      ? ACTORS
                                      : ACTORS - CROWD;
}

void weather_start(actor_t *actor, weather_t *w)
{
    uint32_t seed = prove_random(&w->random);
    pid_t parent = getpid();
    fflush(NULL);
    actor->pid = fork();
    CHECK_SYSTEM(actor->pid);
    if (actor->pid == 0) {
        (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (getppid() != parent)
            _exit(0);
        check_in_helper(actor->what);
        if (actor->mortal)
            coverage_apart();
        actor->act(w->name, actor->mortal ? seed : actor->number);
        _exit(0);
    }
    actor->stopped_until = 0;
}

static actor_t *actor_of(const weather_t *w, pid_t pid)
{
    for (size_t i = 0; i < w->actors; i++)
        if (w->cast[i].pid == pid)
            return &w->cast[i];
    return NULL; /* an orphan: a child of one that was killed */
}

/* One that has ended by itself has found something, unless the storm is over. */
static void buried(weather_t *w, pid_t pid, int status, bool killed)
{
    actor_t *actor = actor_of(w, pid);
    bool fine = (WIFEXITED(status) && WEXITSTATUS(status) == 0) ||
                (WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL && (killed || actor == NULL));
    if (!fine) {
        printf("FOUND: %s %d ended with status %x\n", actor != NULL ? actor->what : "a child", (int)pid,
               (unsigned)status);
        w->found++;
    }
    if (actor != NULL)
        actor->pid = 0;
}

void weather_reap(weather_t *w)
{
    int status;
    pid_t pid;
    while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
        buried(w, pid, status, false);
}

static void kill_one(actor_t *actor, weather_t *w)
{
    int status;
    pid_t pid = actor->pid;
    CHECK_SYSTEM(kill(pid, SIGKILL));
    while (waitpid(pid, &status, 0) < 0)
        CHECK(errno == EINTR);
    buried(w, pid, status, true);
    w->kills++;
}

void weather_strike(weather_t *w, int64_t now)
{
    actor_t *actor = &w->cast[prove_random(&w->random) % w->actors];
    if (!actor->mortal || actor->pid == 0)
        return;
    /* It takes long to come, and is to be there most of the time. */
    if (actor->act == acts_crowd && prove_random(&w->random) % 32 != 0)
        return;
    if (prove_random(&w->random) % 4 != 0) {
        kill_one(actor, w);
    } else if (actor->stopped_until == 0) {
        CHECK_SYSTEM(kill(actor->pid, SIGSTOP));
        actor->stopped_until = now + (int64_t)(prove_random(&w->random) % 30) * MILLISECOND;
        w->stops++;
    }
}

void weather_continue(actor_t *actor)
{
    if (actor->pid != 0 && actor->stopped_until != 0)
        CHECK_SYSTEM(kill(actor->pid, SIGCONT));
    actor->stopped_until = 0;
}

void weather_end_all(const weather_t *w)
{
    for (size_t i = 0; i < w->actors; i++)
        if (w->cast[i].pid != 0)
            (void)kill(w->cast[i].pid, SIGKILL);
    while (waitpid(-1, NULL, 0) > 0) {
    }
}
