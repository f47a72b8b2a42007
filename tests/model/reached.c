/* SPDX-License-Identifier: Apache-2.0 */
/* Which steps of the model were ever taken: one that no configuration takes proves nothing. */
#include <stdio.h>
#include <string.h>

#include "model.h"

enum {
    LABELS_MAX =
        1024 /* a power of two; labels are few, and each string of the program has an address of its own */
};
static const char *taken[LABELS_MAX];

void count_steps_reached(const model_t *m)
{
    if (!m->label)
        return;
    size_t at = (size_t)(uintptr_t)m->label / 4 % LABELS_MAX;
    while (taken[at] && taken[at] != m->label)
        at = (at + 1) % LABELS_MAX;
    taken[at] = m->label;
}

static bool is_taken(const char *label)
{
    for (int i = 0; i < LABELS_MAX; i++)
        if (taken[i] && strcmp(taken[i], label) == 0)
            return true;
    return false;
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
