/* SPDX-License-Identifier: Apache-2.0 */
/* One measurement of one peer, between two looks at the bare line time. Prints one JSON object; where this peer
 * cannot do what was asked for, an object with "skipped" and the reason. */
#include <jansson.h>
#include <popt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

#include "harness.h"

#define BUFFER_BYTES (UINT64_C(64) << 20)
#define LINE_SCALE 0.1

typedef struct arguments {
    char *work, *cpus;
    long size, buffers;
    int untouched, blocking, senders, receivers, batch;
    double seconds, rate;
} arguments_t;

static const char *const work_names[] = {"stream", "pingpong", "paced"};

static enum work work_from(const char *name)
{
    for (unsigned i = 0; i < 3; i++)
        if (name && strcmp(name, work_names[i]) == 0)
            return (enum work)i;
    fail("--work must be stream, pingpong or paced, not \"%s\"", name ? name : "");
}

static void configure(run_t *run, const arguments_t *a)
{
    if (a->size < 16 || a->size % 8 != 0 || a->size > (1l << 30))
        fail("--size must be a multiple of 8 from 16 to 2^30, not %ld", a->size);
    if (a->senders < 1 || a->receivers < 1 || a->senders + a->receivers > (int)PROCESSES_MAX)
        fail("--senders and --receivers must be at least 1 and together at most %u", PROCESSES_MAX);
    if (a->batch < 1 || a->batch > 16)
        fail("--batch must be 1 to 16, not %d", a->batch);
    if (!(a->seconds > 0 && a->seconds <= 3600) || !(a->rate > 0))
        fail("--seconds must be above 0 and at most 3600, and --rate above 0");
    run->work = work_from(a->work);
    run->touched = !a->untouched;
    run->seconds = a->seconds;
    run->rate = a->rate;
    uint64_t buffers = BUFFER_BYTES / (uint64_t)a->size;
    buffers = buffers > 1024 ? 1024 : buffers < 8 ? 8 : buffers;
    if (a->buffers < 0 || a->buffers > (1l << 20))
        fail("--buffers must be 0 to 2^20, not %ld", a->buffers);
    if (a->buffers > 0)
        buffers = (uint64_t)a->buffers;
    run->there = (shape_t){.size = (size_t)a->size,
                           .buffers = (uint32_t)(run->work == WORK_PINGPONG && buffers > 64 ? 64 : buffers),
                           .senders = (uint32_t)a->senders,
                           .receivers = (uint32_t)a->receivers,
                           .batch = (uint32_t)a->batch,
                           .blocking = a->blocking != 0};
    run->back = run->there;
    snprintf(run->there.name, sizeof run->there.name, "slotring-peer-%ld-a", (long)getpid());
    snprintf(run->back.name, sizeof run->back.name, "slotring-peer-%ld-b", (long)getpid());
    if (!machine_two_cpus(run->cpus))
        run->cpus[1] = run->cpus[0];
    if (a->cpus && sscanf(a->cpus, "%d,%d", &run->cpus[0], &run->cpus[1]) != 2)
        fail("--cpus wants two processor numbers such as 0,1, not \"%s\"", a->cpus);
}

/* NULL, or why this peer cannot do this. */
static const char *obstacle(const run_t *run)
{
    const peer_facts_t *facts = peer_facts();
    const shape_t *shape = &run->there;
    if (run->work != WORK_STREAM && shape->senders + shape->receivers > 2)
        return "latency is measured between two processes";
    if (shape->blocking ? !facts->blocks : !facts->spins)
        return shape->blocking ? "it cannot sleep until a message comes"
                               : "it has no way to wait without sleeping";
    if (shape->senders > 1 && !facts->many_senders)
        return "one sender only";
    if (shape->receivers > 1 && !facts->many_receivers)
        return "one receiver of each message only";
    if (shape->batch > 1 && !facts->batches)
        return "no batches";
    if (facts->largest && shape->size > facts->largest)
        return "too large a message for it";
    if (!shape->blocking && run->cpus[0] == run->cpus[1])
        return "spinning needs two processors";
    return NULL;
}

/* What was created goes away also when the measurement fails or is ended. */
static shape_t *created[2];
static pid_t creator;

static void destroy_created(void)
{
    if (getpid() != creator) /* a process of the team that failed */
        return;
    for (unsigned i = 0; i < 2; i++)
        if (created[i])
            peer_destroy(created[i]);
    created[0] = created[1] = NULL;
}

static const char *create(shape_t *shape, unsigned number)
{
    const char *why = peer_create(shape);
    if (!why)
        created[number] = shape;
    return why;
}

static const char *measure(run_t *run, team_t *team)
{
    member_fn member = run->work == WORK_STREAM     ? stream_member
                       : run->work == WORK_PINGPONG ? pingpong_member
                                                    : paced_member;
    creator = getpid();
    atexit(destroy_created);
    const char *why = create(&run->there, 0);
    if (!why && run->work == WORK_PINGPONG)
        why = create(&run->back, 1);
    if (!why)
        team_run(run, team, run->there.senders + run->there.receivers, member);
    destroy_created();
    return why;
}

static void put(json_t *object, const char *key, json_t *value)
{
    if (json_object_set_new(object, key, value) != 0)
        fail("no memory for the report");
}

/* Of several receivers each has a rate: the mean. */
static void put_outcome(json_t *object, const run_t *run, const team_t *team)
{
    double rate = 0, mean = 0;
    uint32_t first = run->there.senders, receivers = run->there.receivers;
    for (unsigned i = 0; i < receivers; i++) {
        rate += team->outcomes[first + i].rate / receivers;
        mean += team->outcomes[first + i].mean_rate / receivers;
    }
    if (run->work == WORK_STREAM) {
        put(object, "rate", json_real(rate));
        put(object, "messages", json_integer((json_int_t)team->outcomes[first].messages));
    } else {
        const outcome_t *outcome = &team->outcomes[run->work == WORK_PACED];
        json_t *latency = json_object();
        for (unsigned i = 0; i < PERCENTILES; i++) {
            char key[16];
            snprintf(key, sizeof key, "%g", percentiles[i]);
            put(latency, key, json_real(outcome->latency[i]));
        }
        put(object, "latency_ns", latency);
        put(object, "messages", json_integer((json_int_t)outcome->messages));
    }
    if (run->work != WORK_PINGPONG)
        put(object, "mean_rate", json_real(mean));
}

static double line_now(const run_t *run, pair_t *pair)
{
    bench_config_t config = {.cpus = {run->cpus[0], run->cpus[1]}, .repeats = 1, .scale = LINE_SCALE};
    if (config.cpus[0] == config.cpus[1])
        return 0;
    return line_measure(&config, pair).own_lines;
}

static json_t *run_once(run_t *run)
{
    const peer_facts_t *facts = peer_facts();
    json_t *object = json_pack("{s:s,s:s,s:s,s:b}", "peer", facts->name, "version", peer_version(), "setting",
                               facts->setting, "in_place", (int)facts->in_place);
    const char *why = obstacle(run);
    if (!why) {
        pair_t *pair = pair_new();
        team_t *team = team_new();
        double before = line_now(run, pair);
        why = measure(run, team);
        if (!why) {
            put_outcome(object, run, team);
            put(object, "line_ns", json_pack("[f,f]", before, line_now(run, pair)));
        }
        pair_delete(pair);
    }
    if (why)
        put(object, "skipped", json_string(why));
    return object;
}

int main(int argc, const char **argv)
{
    arguments_t a = {.size = 64, .senders = 1, .receivers = 1, .batch = 1, .seconds = 0.3, .rate = 10000};
    const struct poptOption table[] = {
        {"work", 'w', POPT_ARG_STRING, &a.work, 0, "stream, pingpong or paced", "WORK"},
        {"size", 's', POPT_ARG_LONG | POPT_ARGFLAG_SHOW_DEFAULT, &a.size, 0, "bytes of a message", "BYTES"},
        {"buffers", 0, POPT_ARG_LONG, &a.buffers, 0,
         "messages that fit between sender and receiver; 0: as many as fit into 64 MiB, from 8 to 1024", "N"},
        {"untouched", 'u', POPT_ARG_NONE, &a.untouched, 0, "write and read the first 16 bytes only", NULL},
        {"blocking", 'b', POPT_ARG_NONE, &a.blocking, 0, "sleep rather than spin", NULL},
        {"senders", 'p', POPT_ARG_INT | POPT_ARGFLAG_SHOW_DEFAULT, &a.senders, 0, "sending processes", "N"},
        {"receivers", 'c', POPT_ARG_INT | POPT_ARGFLAG_SHOW_DEFAULT, &a.receivers, 0,
         "receiving processes, each of which gets all", "N"},
        {"batch", 'n', POPT_ARG_INT | POPT_ARGFLAG_SHOW_DEFAULT, &a.batch, 0, "messages at a time", "N"},
        {"seconds", 't', POPT_ARG_DOUBLE | POPT_ARGFLAG_SHOW_DEFAULT, &a.seconds, 0, "time measured", "S"},
        {"rate", 'r', POPT_ARG_DOUBLE | POPT_ARGFLAG_SHOW_DEFAULT, &a.rate, 0,
         "messages a second of the paced work", "N"},
        {"cpus", 0, POPT_ARG_STRING, &a.cpus, 0, "the two processors to use", "A,B"},
        POPT_AUTOHELP POPT_TABLEEND};
    run_t run;
    poptContext context = poptGetContext(NULL, argc, argv, table, 0);
    int code = poptGetNextOpt(context);
    if (code < -1)
        fail("%s: %s", poptBadOption(context, 0), poptStrerror(code));
    if (poptPeekArg(context))
        fail("unexpected argument \"%s\"", poptPeekArg(context));
    configure(&run, &a);
    ticks_calibrate();
    json_t *object = run_once(&run);
    if (json_dumpf(object, stdout, JSON_COMPACT | JSON_REAL_PRECISION(8)) != 0 || putchar('\n') == EOF)
        fail("cannot write the result");
    json_decref(object);
    poptFreeContext(context);
    free(a.work);
    free(a.cpus);
    return 0;
}
