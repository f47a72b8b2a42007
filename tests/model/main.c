/* SPDX-License-Identifier: Apache-2.0 */
/* slotring_model: checks the model.
 *   quick                 every small configuration, and that each step of the model is taken by one of them
 *   faults [PART OF]      every planted bug is found by its configuration; or those of one part (1, 2, ...) of so many
 *   fault NAME            this one is
 *   large SECONDS         the large configurations too, as far as the time goes; a cut one proves nothing
 *   alike [NAME]          the small configurations again, or one, with states kept apart that behave alike: as many kinds
 *   hunt NAME             which configuration finds this one
 *   show NAME [FAULT]     one configuration, with the way to the violation if there is one
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "model.h"

enum {
    MOST_STATES =
        260000000 /* eight gigabytes, and what stands in the queue; a state has a number of 28 bits */
};

static double now(void)
{
    struct timespec t;
    timespec_get(&t, TIME_UTC);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static const configuration_t *configuration_named(const char *name)
{
    for (int i = 0; i < configuration_count; i++)
        if (strcmp(configurations[i].name, name) == 0)
            return &configurations[i];
    fprintf(stderr, "there is no configuration \"%s\"; `slotring_model quick` prints their names\n", name);
    exit(2);
}

static int fault_named(const char *name)
{
    for (int i = 1; i < fault_count; i++)
        if (strcmp(faults[i].name, name) == 0)
            return i;
    fprintf(stderr, "there is no planted bug \"%s\"; `slotring_model faults` prints their names\n", name);
    exit(2);
}

static void print_head(void)
{
    printf("%-14s %-6s %-6s %12s %12s %8s  %s\n", "configuration", "roles", "of", "states", "moves",
           "seconds", "result");
}

static void print_outcome(const configuration_t *config, const outcome_t *o)
{
    printf("%-14s %-6s %-6s %12llu %12llu %8.1f  ", config->name, config->roles, config->participants,
           (unsigned long long)o->states, (unsigned long long)o->moves, o->seconds);
    if (o->violation)
        printf("%s (after %d steps)\n", o->violation, o->steps);
    else
        printf(o->complete ? "exhausted, no violation\n"
               : o->states ? "cut, no violation so far\n"
                           : "not started, the time is over\n");
    fflush(stdout);
}

static outcome_t run(const configuration_t *config, int fault, double seconds, bool trace)
{
    double begin = now();
    outcome_t o = search(config, fault, seconds, MOST_STATES, trace);
    o.seconds = now() - begin;
    print_outcome(config, &o);
    return o;
}

static int quick(void)
{
    int failed = 0;
    print_head();
    for (int i = 0; i < configuration_count; i++)
        if (configurations[i].when == ALWAYS) {
            outcome_t o = run(&configurations[i], NO_FAULT, 1000, false);
            failed += o.violation || !o.complete;
        }
    failed += print_steps_not_reached();
    printf("%d failed\n", failed);
    return failed > 0;
}

/* Are the states that are taken for the same one really alike? Then, kept apart, they are of as many kinds. */
static int compare_alike(const configuration_t *only)
{
    int failed = 0;
    printf("%-14s %12s %12s %12s\n", "configuration", "apart", "kinds", "states");
    for (int i = 0; i < configuration_count; i++)
        if (only ? only == &configurations[i] : configurations[i].when == ALWAYS) {
            outcome_t apart = search_apart(&configurations[i]);
            outcome_t o = search(&configurations[i], NO_FAULT, 1000, MOST_STATES, false);
            bool same = apart.kinds == o.states && !apart.violation && !o.violation;
            printf("%-14s %12llu %12llu %12llu%s\n", configurations[i].name, (unsigned long long)apart.states,
                   (unsigned long long)apart.kinds, (unsigned long long)o.states, same ? "" : "  differs");
            failed += !same;
        }
    printf("%d failed\n", failed);
    return failed > 0;
}

static bool finds(int fault)
{
    printf("%s [%s]: %s\n", faults[fault].name, faults[fault].step, faults[fault].what);
    return run(configuration_named(faults[fault].configuration), fault, 1000, false).violation != NULL;
}

/* Which configurations find it? For who plants a new one. */
static int hunt(int fault)
{
    print_head();
    for (int i = 0; i < configuration_count; i++)
        if (run(&configurations[i], fault, 20, false).violation)
            return 0;
    return 1;
}

/* One part of so many takes every so manieth of them: what stands beside each other takes as long. */
static int find_faults(int part, int of)
{
    int planted = 0, missed = 0;
    if (part < 1 || part > of) {
        fprintf(stderr, "there is no part %d of %d\n", part, of);
        return 2;
    }
    print_head();
    for (int i = part; i < fault_count; i += of) {
        planted++;
        missed += !finds(i);
    }
    printf("%d planted bugs, %d not found\n", planted, missed);
    return missed > 0;
}

enum {
    CONFIGURATIONS_MAX = 400,
    FIRST_STATES = 1000000 /* of a configuration in the first round */
};

/* In two rounds: each configuration as far as so many states, then those that have more to their end, so that a short
 * time is not spent on a few large ones. */
static int large(double seconds)
{
    static outcome_t outcomes[CONFIGURATIONS_MAX];
    double begin = now(), end = begin + seconds;
    uint64_t states = 0;
    int exhausted = 0, violations = 0, left = configuration_count;
    print_head();
    for (uint64_t most = FIRST_STATES; left > 0 && (left == configuration_count || now() < end);
         most = MOST_STATES)
        for (int i = 0; i < configuration_count; i++) {
            outcome_t *o = &outcomes[i];
            if (o->complete || o->violation || o->states > MOST_STATES)
                continue;
            double started = now(), finish = configurations[i].when == ALWAYS ? started + 1000 : end;
            if (started >= finish)
                continue;
            *o = search(&configurations[i], NO_FAULT, finish - started, most, false);
            o->seconds = now() - started;
            if (o->complete || o->violation || o->states > MOST_STATES) {
                print_outcome(&configurations[i], o);
                left--;
            }
        }
    for (int i = 0; i < configuration_count; i++) {
        const outcome_t *o = &outcomes[i];
        if (!o->complete && !o->violation && o->states <= MOST_STATES)
            print_outcome(&configurations[i], o);
        states += o->states;
        violations += o->violation != NULL;
        exhausted += o->complete && !o->violation;
    }
    int missing = print_steps_not_reached();
    printf("model: %d configurations exhausted, %d cut or not started, %llu states, %d violations, %.0f s\n",
           exhausted, configuration_count - exhausted - violations, (unsigned long long)states, violations,
           now() - begin);
    return violations + missing > 0;
}

int main(int count, char **arguments)
{
    if (count == 2 && strcmp(arguments[1], "quick") == 0)
        return quick();
    if ((count == 2 || count == 3) && strcmp(arguments[1], "alike") == 0)
        return compare_alike(count == 3 ? configuration_named(arguments[2]) : NULL);
    if (count == 2 && strcmp(arguments[1], "faults") == 0)
        return find_faults(1, 1);
    if (count == 4 && strcmp(arguments[1], "faults") == 0)
        return find_faults(atoi(arguments[2]), atoi(arguments[3]));
    if (count == 3 && strcmp(arguments[1], "fault") == 0)
        return !finds(fault_named(arguments[2]));
    if (count == 3 && strcmp(arguments[1], "hunt") == 0)
        return hunt(fault_named(arguments[2]));
    if (count == 3 && strcmp(arguments[1], "large") == 0)
        return large(atof(arguments[2]));
    if ((count == 3 || count == 4) && strcmp(arguments[1], "show") == 0)
        return run(configuration_named(arguments[2]), count == 4 ? fault_named(arguments[3]) : NO_FAULT, 1e9,
                   true)
                   .violation != NULL;
    fprintf(stderr, "usage: slotring_model quick | alike [CONFIGURATION] | faults [PART OF] | fault NAME | "
                    "large SECONDS | show "
                    "CONFIGURATION [FAULT]"
                    " | hunt NAME\n");
    return 2;
}
