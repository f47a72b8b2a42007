/* SPDX-License-Identifier: Apache-2.0 */
/* The properties of a subscription: one table for each, and one for the combinations that are refused.
 *
 *   pressure  do producers wait for the reader, and what protects what it reads
 *
 *   start     where it begins
 *
 * Every reader of this version wants all messages, ends with its process, and is alone in its subscription. So wanted,
 * life and members have no table yet. The first of them that gets a second value gets its table here.
 */
#include "traffic/readers/properties.h"
#include "base/error.h"
#include "traffic/readers/past.h"

#define COUNT(table) ((uint32_t)(sizeof(table) / sizeof(table)[0]))

/* By SLOTRING_LOSSLESS, SLOTRING_LOSSY. */
static const sr__pressure_t pressures[] = {
    [SLOTRING_LOSSLESS] = {.name = "lossless", .gates = true, .holds_past = true},
    [SLOTRING_LOSSY] = {.name = "lossy", .holds_messages = true, .may_miss = true},
};

/* By SLOTRING_FROM_NOW, SLOTRING_FROM_OLDEST. */
static const sr__start_t starts[] = {
    [SLOTRING_FROM_NOW] = {.name = "from now", .begin = NULL},
    [SLOTRING_FROM_OLDEST] = {.name = "from the oldest", .begin = sr__past_begin},
};

/* Combinations without a meaning. ANY: whatever the value of that property is. Each pressure goes with each start,
 * so this version refuses none: the table has its end only. */
#define ANY UINT32_MAX
static const struct {
    uint32_t mode, start;
    const char *why; /* NULL: the end */
} refused[] = {
    {ANY, ANY, NULL},
};

static int check_value(const char *option, uint32_t value, uint32_t count)
{
    if (value < count)
        return 0;
    return sr__error(SLOTRING_E_INVALID, "reader option %s is %u; this version knows 0 to %u", option, value,
                     count - 1);
}

int sr__properties_choose(const slotring_reader_options_t *options, sr__properties_t *properties)
{
    int failed = check_value("mode", options->mode, COUNT(pressures));
    if (!failed)
        failed = check_value("start", options->start, COUNT(starts));
    if (failed)
        return failed;
    for (uint32_t i = 0; refused[i].why; i++)
        if ((refused[i].mode == ANY || refused[i].mode == options->mode) &&
            (refused[i].start == ANY || refused[i].start == options->start))
            return sr__error(SLOTRING_E_INVALID, "a reader cannot be %s and start %s: %s",
                             pressures[options->mode].name, starts[options->start].name, refused[i].why);
    properties->pressure = &pressures[options->mode];
    properties->start = &starts[options->start];
    return 0;
}
