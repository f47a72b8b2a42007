/* SPDX-License-Identifier: Apache-2.0 */
/* Which steps of the model were ever taken: one that no configuration takes proves nothing. */
#include <stdio.h>
#include <string.h>

#include "model.h"

enum {
    LABELS_MAX = 256
};
static const char *taken[LABELS_MAX];
static int taken_count;

static bool is_taken(const char *label)
{
    for (int i = 0; i < taken_count; i++)
        if (taken[i] == label || strcmp(taken[i], label) == 0)
            return true;
    return false;
}

void count_steps_reached(const model_t *m)
{
    static const char *last;
    if (!m->label || m->label == last)
        return;
    last = m->label;
    if (!is_taken(m->label) && taken_count < LABELS_MAX)
        taken[taken_count++] = m->label;
}

static const char *const labels[] = {
#include "labels.h"
};

int print_steps_not_reached(void)
{
    int missing = 0;
    for (size_t i = 0; i < sizeof labels / sizeof labels[0]; i++)
        if (!is_taken(labels[i])) {
            printf("no configuration takes a step [%s]\n", labels[i]);
            missing++;
        }
    return missing;
}
