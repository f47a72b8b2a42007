/* SPDX-License-Identifier: Apache-2.0 */
/* slotring_model: checks the model.
 *   quick                 every small configuration, and that each step of the model is taken by one of them
 *   faults                every planted bug is found by its configuration
 *   fault NAME            this one is
 *   large SECONDS         the large configurations too, as far as the time goes; a cut one proves nothing
 *   show NAME [FAULT]     one configuration, with the way to the violation if there is one
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "model.h"

enum {
    MOST_STATES = 40000000
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

static outcome_t run(const configuration_t *config, int fault, double seconds, bool trace)
{
    double begin = now();
    outcome_t o = search(config, fault, seconds, MOST_STATES, trace);
    printf("%-14s %-6s %-6s %12llu %12llu %8.1f  ", config->name, config->roles, config->participants,
           (unsigned long long)o.states, (unsigned long long)o.moves, now() - begin);
    if (o.violation)
        printf("%s (after %d steps)\n", o.violation, o.steps);
    else
        printf(o.complete ? "exhausted, no violation\n" : "cut, no violation so far\n");
    fflush(stdout);
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

static bool finds(int fault)
{
    printf("%s: %s\n", faults[fault].name, faults[fault].what);
    return run(configuration_named(faults[fault].configuration), fault, 1000, false).violation != NULL;
}

static int find_faults(void)
{
    int missed = 0;
    print_head();
    for (int i = 1; i < fault_count; i++)
        missed += !finds(i);
    printf("%d planted bugs, %d not found\n", fault_count - 1, missed);
    return missed > 0;
}

/* The small ones to the end; of the large ones each at most half of the time that is left, so that one does not take
 * it all. */
static int large(double seconds)
{
    double end = now() + seconds;
    uint64_t states = 0;
    int exhausted = 0, cut = 0, violations = 0;
    print_head();
    for (int i = 0; i < configuration_count; i++) {
        double left = configurations[i].when == ALWAYS ? 2000 : end - now();
        if (left < 1) {
            printf("%-14s not started, the time is over\n", configurations[i].name);
            cut++;
            continue;
        }
        outcome_t o = run(&configurations[i], NO_FAULT, left / 2, false);
        states += o.states;
        violations += o.violation != NULL;
        exhausted += o.complete && !o.violation;
        cut += !o.complete && !o.violation;
    }
    int missing = print_steps_not_reached();
    printf("model: %d configurations exhausted, %d cut or not started, %llu states, %d violations, %.0f s\n",
           exhausted, cut, (unsigned long long)states, violations, now() - end + seconds);
    return violations + missing > 0;
}

int main(int count, char **arguments)
{
    if (count == 2 && strcmp(arguments[1], "quick") == 0)
        return quick();
    if (count == 2 && strcmp(arguments[1], "faults") == 0)
        return find_faults();
    if (count == 3 && strcmp(arguments[1], "fault") == 0)
        return !finds(fault_named(arguments[2]));
    if (count == 3 && strcmp(arguments[1], "large") == 0)
        return large(atof(arguments[2]));
    if ((count == 3 || count == 4) && strcmp(arguments[1], "show") == 0)
        return run(configuration_named(arguments[2]), count == 4 ? fault_named(arguments[3]) : NO_FAULT, 1e9,
                   true)
                   .violation != NULL;
    fprintf(
        stderr,
        "usage: slotring_model quick | faults | fault NAME | large SECONDS | show CONFIGURATION [FAULT]\n");
    return 2;
}
