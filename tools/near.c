/* SPDX-License-Identifier: Apache-2.0 */
#include "near.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "output.h"

enum {
    LONGEST = 64 /* bytes of words that are compared; no longer one is mistyped as a whole */
};

static unsigned least(unsigned a, unsigned b)
{
    return a < b ? a : b;
}

/* Three rows of the usual table: the last but one, the last, this one. */
static unsigned distance(const char *one, const char *other)
{
    unsigned rows[3][LONGEST + 1];
    size_t n = strlen(one), m = strlen(other);
    if (n > LONGEST || m > LONGEST)
        return UINT_MAX;
    for (size_t j = 0; j <= m; j++)
        rows[0][j] = (unsigned)j;
    for (size_t i = 1; i <= n; i++) {
        unsigned *now = rows[i % 3], *last = rows[(i + 2) % 3], *before = rows[(i + 1) % 3];
        now[0] = (unsigned)i;
        for (size_t j = 1; j <= m; j++) {
            now[j] = least(least(last[j], now[j - 1]) + 1, last[j - 1] + (one[i - 1] != other[j - 1]));
            if (i > 1 && j > 1 && one[i - 1] == other[j - 2] && one[i - 2] == other[j - 1])
                now[j] = least(now[j], before[j - 2] + 1);
        }
    }
    return rows[n % 3][m];
}

void near_begin(near_t *near, const char *word)
{
    *near = (near_t){.word = word, .distance = UINT_MAX};
}

void near_consider(near_t *near, const char *candidate)
{
    unsigned d = distance(near->word, candidate);
    if (d >= near->distance)
        return;
    near->distance = d;
    snprintf(near->best, sizeof near->best, "%s", candidate);
}

/* One slip in a short word, two in a longer one. */
bool near_found(const near_t *near)
{
    return near->distance <= (strlen(near->word) < 5 ? 1u : 2u);
}

void near_consider_options(near_t *near, const struct poptOption *table)
{
    for (const struct poptOption *option = table; option->longName || option->shortName || option->arg;
         option++) {
        if ((option->argInfo & POPT_ARG_MASK) == POPT_ARG_INCLUDE_TABLE)
            near_consider_options(near, option->arg);
        else if (option->longName)
            near_consider(near, option->longName);
    }
}

static void consider_rings(near_t *near, const slotring_options_t *options)
{
    slotring_list_entry_t *list;
    uint32_t count, capacity;
    if (slotring_list(options, NULL, 0, &capacity, NULL) < 0 || capacity == 0 ||
        (list = calloc(capacity, sizeof *list)) == NULL)
        return;
    if (slotring_list(options, list, capacity, &count, NULL) == 0)
        for (uint32_t i = 0; i < count && i < capacity; i++)
            near_consider(near, list[i].name);
    free(list);
}

void near_ring(const char *name, const slotring_options_t *options)
{
    near_t near;
    char safe[sizeof near.best];
    near_begin(&near, name);
    consider_rings(&near, options);
    out_safe_name(near.best, sizeof safe, safe);
    if (near_found(&near))
        out_error("there is a ring \"%s\": did you mean that?", safe);
    else
        out_error("slotring ls lists the rings; slotring doctor NAME says where else one is");
}
