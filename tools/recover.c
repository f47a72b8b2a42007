/* SPDX-License-Identifier: Apache-2.0 */
/* slotring recover: repairs after the dead now; with --kill makes one of the living dead first. */
#include <inttypes.h>
#include <stdlib.h>

#include "args.h"
#include "common.h"
#include "exit_codes.h"
#include "host.h"
#include "output.h"
#include "victim.h"

#define LOOK_EVERY_NS UINT64_C(10000000)

static int64_t timeout_ns = INT64_C(10000000000);

static struct {
    char *kill, *timeout;
    int only_say, json;
} given;

static struct poptOption table[] = {
    {"kill", 'k', POPT_ARG_STRING, &given.kill, 0,
     "First kill process PID, which must be attached to the ring; with :INCARNATION only if it is still the "
     "participant that stat named",
     "PID[:INCARNATION]"},
    {"dry-run", 'n', POPT_ARG_NONE, &given.only_say, 0,
     "With --kill: say what its end would cost, and kill and repair nothing", NULL},
    {"timeout", 't', POPT_ARG_STRING, &given.timeout, 0,
     "Wait S seconds for the end of dead or killed processes (default 10)", "S"},
    {"json", 'j', POPT_ARG_NONE, &given.json, 0, "Say as JSON what was repaired", NULL},
    RING_PLACE_OPTIONS,
    ARGS_HELP,
    POPT_TABLEEND};

static const args_shape_t shape = {
    "recover", "NAME",
    "Repairs at once what dead processes left behind. Every user of the ring does the same by itself within\n"
    "a moment; this command tells what was repaired, and can end a process that is stopped or stuck:\n"
    "  slotring recover daq --kill 1234\n",
    1, 1};

/* What was there to repair. Opening a ring repairs too, as does every other user of it: so it is looked at before
 * and after, without attaching. */
typedef struct remains {
    slotring_participant_t *list; /* the dead */
    uint32_t count;
    uint64_t repaired; /* the ring's own count of repairs, before */
} remains_t;

static int observe(slotring_t **ring, const char *name)
{
    slotring_options_t options;
    ring_options(&options);
    options.mode = SLOTRING_OBSERVE; /* works even when every participant's entry is in use */
    return ring_open(ring, name, &options);
}

/* ---- Repairing ------------------------------------------------------------------------------------- */

/* The victim is among them: it is as good as dead. */
static int look_before(slotring_t *ring, uint64_t victim_pid, remains_t *remains)
{
    slotring_stats_t stats = {.struct_size = sizeof stats};
    uint32_t count, dead = 0;
    if (slotring_get_stats(ring, &stats) < 0)
        return report_last("cannot read the statistics");
    remains->repaired = stats.repaired;
    if (!ring_participants(ring, &remains->list, &count))
        return EXIT_ERROR;
    for (uint32_t i = 0; i < count; i++) {
        const slotring_participant_t *one = &remains->list[i];
        if (one->life == SLOTRING_LIFE_DEAD || (one->pid == victim_pid && one->life != SLOTRING_LIFE_UNKNOWN))
            remains->list[dead++] = *one;
    }
    remains->count = dead;
    return EXIT_DONE;
}

/* Is one of them still there? False: failed, and reported. */
static bool still_to_repair(slotring_t *ring, const remains_t *remains, bool *some)
{
    slotring_participant_t *list;
    uint32_t count;
    *some = false;
    if (!ring_participants(ring, &list, &count))
        return false;
    for (uint32_t i = 0; i < count; i++)
        for (uint32_t k = 0; k < remains->count; k++)
            if (list[i].index == remains->list[k].index &&
                list[i].incarnation == remains->list[k].incarnation)
                *some = true;
    free(list);
    return true;
}

/* A killed process goes on for a moment (it may have much memory to give back, or wait for a disk). */
static int repair(slotring_t *ring, const remains_t *remains)
{
    uint64_t start = host_clock_ns();
    for (;;) {
        bool some;
        if (slotring_recover(ring, NULL) < 0)
            return report_last("cannot repair the ring");
        if (!still_to_repair(ring, remains, &some))
            return EXIT_ERROR;
        if (!some)
            return EXIT_DONE;
        if (host_stop_requested()) {
            out_error(
                "stopped before everything was repaired; every other user of the ring goes on with that");
            return stop_code();
        }
        if (host_clock_ns() - start >= (uint64_t)timeout_ns) {
            out_error(
                "after %s there is still a dead participant: the kernel has not yet ended the process "
                "(a core dump, a disk that does not answer, a frozen container: thaw it); every user of "
                "the ring repairs it as soon as it has ended",
                out_duration((double)timeout_ns * 1e-9).text);
            return EXIT_TIMED_OUT;
        }
        host_sleep(LOOK_EVERY_NS);
    }
}

/* ---- Telling --------------------------------------------------------------------------------------- */

static json_t *remains_json(const char *name, const victim_t *victim, const remains_t *remains,
                            uint64_t repaired)
{
    json_t *json = json_object(), *dead = json_array();
    for (uint32_t i = 0; i < remains->count; i++) {
        const slotring_participant_t *one = &remains->list[i];
        json_t *entry = json_object();
        json_object_set_new(entry, "pid", out_json_count(one->pid));
        json_object_set_new(entry, "name", out_json_text(one->name, sizeof one->name));
        json_object_set_new(entry, "slots_writing", out_json_count(one->slots_writing));
        json_object_set_new(entry, "slots_held", out_json_count(one->slots_held));
        json_object_set_new(entry, "readers", out_json_count(one->readers));
        json_array_append_new(dead, entry);
    }
    json_object_set_new(json, "name", out_json_text(name, SLOTRING_NAME_MAX + 1));
    json_object_set_new(json, "killed", victim->killed ? out_json_count(victim->pid) : json_null());
    json_object_set_new(json, "costs", victim->costs ? json_incref(victim->costs) : json_array());
    json_object_set_new(json, "repaired", out_json_count(repaired));
    json_object_set_new(json, "dead", dead);
    return json;
}

static void print_text(const char *name, const victim_t *victim, const remains_t *remains, uint64_t repaired)
{
    if (victim->killed)
        printf("%s: killed process %" PRIu64 "\n", name, victim->pid);
    for (uint32_t i = 0; i < remains->count; i++) {
        const slotring_participant_t *one = &remains->list[i];
        char safe[sizeof one->name];
        out_safe_name(one->name, sizeof safe, safe);
        printf("%s: dead: \"%s\" (pid %" PRIu64 "): %" PRIu64 " slots being written, %" PRIu64
               " held, %" PRIu32 " subscriptions\n",
               name, safe, one->pid, one->slots_writing, one->slots_held, one->readers);
    }
    if (repaired == 0)
        printf("%s: nothing to repair\n", name);
    else
        printf("%s: repaired after %" PRIu64 " dead participant%s\n", name, repaired,
               repaired == 1 ? "" : "s");
}

static int tell(slotring_t *ring, const char *name, const victim_t *victim, const remains_t *remains)
{
    slotring_stats_t stats = {.struct_size = sizeof stats};
    uint64_t repaired;
    if (slotring_get_stats(ring, &stats) < 0)
        return report_last("cannot read the statistics");
    repaired = stats.repaired - remains->repaired; /* whoever did it */
    if (given.json)
        out_json_print(stdout, remains_json(name, victim, remains, repaired), false);
    else
        print_text(name, victim, remains, repaired);
    return EXIT_DONE;
}

static int attach_and_repair(const char *name, const victim_t *victim, remains_t *remains)
{
    slotring_options_t options;
    slotring_t *ring;
    int code, told;
    ring_options(&options);
    options.mode = SLOTRING_ATTACH;
    code = ring_open(&ring, name, &options);
    if (code != EXIT_DONE)
        return code;
    code = repair(ring, remains);
    told = code == EXIT_DONE || code == EXIT_TIMED_OUT ? tell(ring, name, victim, remains) : EXIT_DONE;
    ring_close(ring);
    return code == EXIT_DONE ? told : code;
}

static int recover(const char *name, victim_t *victim)
{
    remains_t remains = {0};
    slotring_t *observer;
    int code = observe(&observer, name);
    if (code != EXIT_DONE)
        return code;
    code = look_before(observer, victim->pid, &remains);
    if (code == EXIT_DONE && victim->pid)
        code = victim_end(victim, observer, name, !given.json);
    ring_close(observer);
    if (code == EXIT_DONE && !given.only_say)
        code = attach_and_repair(name, victim, &remains);
    else if (code == EXIT_DONE && given.json)
        out_json_print(stdout, remains_json(name, victim, &(remains_t){0}, 0), false);
    free(remains.list);
    return out_finish(code);
}

static bool values(victim_t *victim)
{
    victim->only_say = given.only_say;
    if (given.only_say && !given.kill) {
        out_error("--dry-run: needs --kill; slotring stat says what is dead");
        return false;
    }
    return victim_parse(victim, given.kill) && args_seconds("--timeout", given.timeout, &timeout_ns);
}

int command_recover(int argc, const char **argv)
{
    victim_t victim = {.pid = 0};
    args_t args;
    int code = EXIT_USAGE;
    if (args_parse(&args, &shape, table, argc, argv) != 0)
        return args_result();
    if (values(&victim))
        code = recover(args.operands[0], &victim);
    victim_free(&victim);
    args_free(&args);
    return code;
}
