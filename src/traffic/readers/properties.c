/* SPDX-License-Identifier: Apache-2.0 */
/* The properties of a subscription: one table for each, and one for the combinations that are refused.
 *
 *   pressure  do producers wait for the reader, how long, and what protects the messages that it reads
 *   start     where the reader begins
 *   wanted    which messages the reader is given
 *   at_end    is the end of all streams told?
 *   life      what becomes of the subscription when its reader ends
 *   wake      how many messages may gather, and how long, before a blocked reader is woken: numbers, without a table
 *   window    how many messages may be out at a time: a number
 *   by ticket its messages come by a queue, and not in order
 *
 * What the numbers may be says reader_limits.c.
 *
 * A member of a group shares the group's subscription: that is a value of life.
 */
#include "traffic/readers/properties.h"

#include <string.h>

#include "base/error.h"
#include "traffic/readers/begin.h"
#include "traffic/readers/member.h"
#include "traffic/readers/past.h"
#include "traffic/readers/reader_limits.h"
#include "traffic/readers/subscribe.h"
#include "traffic/readers/takeover.h"

#define COUNT(table) ((uint32_t)(sizeof(table) / sizeof(table)[0]))

/* By SLOTRING_LOSSLESS, SLOTRING_LOSSY, SLOTRING_BUDGETED. Who can be revoked holds what it has in its hands, so that this stays
 * then; and it misses what is not there any more from before it was armed. */
static const sr__pressure_t pressures[] = {
    [SLOTRING_LOSSLESS] = {.name = "lossless", .gates = true, .holds_past = true},
    [SLOTRING_LOSSY] = {.name = "lossy", .holds_messages = true, .may_miss = true},
    [SLOTRING_BUDGETED] =
        {.name = "budgeted", .gates = true, .holds_messages = true, .may_miss = true, .has_budget = true},
};

/* By SLOTRING_FROM_NOW … */
static const sr__start_t starts[] = {
    [SLOTRING_FROM_NOW] = {.name = "from now", .begin = NULL},
    [SLOTRING_FROM_OLDEST] = {.name = "from the oldest", .begin = sr__past_from_oldest},
    [SLOTRING_FROM_LAST] = {.name = "from the last", .begin = sr__past_from_last, .takes_first = true},
    [SLOTRING_FROM_SEQUENCE] = {.name = "from a sequence",
                                .begin = sr__past_from_sequence,
                                .takes_first = true},
};

/* By SLOTRING_WANTS_ALL, SLOTRING_WANTS_LATEST. */
static const struct {
    const char *name;
    bool latest;
} wants[] = {
    [SLOTRING_WANTS_ALL] = {.name = "want all messages"},
    [SLOTRING_WANTS_LATEST] = {.name = "want the latest message", .latest = true},
};

/* Without SLOTRING_DURABLE and SLOTRING_GROUP, with the one, with the other. The subscription that is meant is the one that
 * stays: a group's, and not its member's. */
#define LIFE_DURABLE 1u
#define LIFE_GROUP 2u
static const sr__life_t lives[] = {
    {.name = "end with its process", .begin = sr__subscribe_begin},
    [LIFE_DURABLE] = {.name = "be durable",
                      .begin = sr__begin_durable,
                      .prepare = sr__durable_begin,
                      .durable = true,
                      .started_flags = SR__SUBSCRIPTION_DURABLE},
    [LIFE_GROUP] = {.name = "be a member of a group",
                    .begin = sr__begin_member,
                    .prepare = sr__member_make_group,
                    .durable = true,
                    .flags = SR__SUBSCRIPTION_GROUP,
                    .started_flags = SR__SUBSCRIPTION_DURABLE,
                    .started_nobodys = true},
};

/* Combinations without a meaning: sets of values, 0 for all. The last four are whether the reader has these options at all. */
#define ONE(value) (1u << (value))
#define YES ONE(1)
static const struct {
    uint32_t mode, start, wanted, life, selects, gathers, window, by_ticket;
    const char *why;
} refused[] = {
    {.mode = ONE(SLOTRING_LOSSLESS) | ONE(SLOTRING_BUDGETED),
     .wanted = ONE(SLOTRING_WANTS_LATEST),
     .why = "producers would wait for what it does not want; choose lossy"},
    {.start = ONE(SLOTRING_FROM_OLDEST) | ONE(SLOTRING_FROM_SEQUENCE),
     .wanted = ONE(SLOTRING_WANTS_LATEST),
     .why = "only the newest is given; start from now, or from the last 1"},
    {.mode = ONE(SLOTRING_BUDGETED),
     .life = ONE(LIFE_DURABLE),
     .why = "the next reader of its name would have lost its place; choose lossless"},
    {.mode = ONE(SLOTRING_LOSSY),
     .life = ONE(LIFE_DURABLE),
     .why = "nothing is kept for it while nobody reads; start it from the sequence where it stopped"},
    {.mode = ONE(SLOTRING_BUDGETED),
     .life = ONE(LIFE_GROUP),
     .why = "a group whose member is late goes on with the others; choose lossless"},
    {.mode = ONE(SLOTRING_LOSSY),
     .life = ONE(LIFE_GROUP),
     .why = "what a killed member had is to go to another; choose lossless"},
    {.start = ONE(SLOTRING_FROM_OLDEST) | ONE(SLOTRING_FROM_LAST) | ONE(SLOTRING_FROM_SEQUENCE),
     .life = ONE(LIFE_GROUP),
     .why = "nobody keeps the past for several; start from now"},
    {.life = ONE(LIFE_GROUP), .gathers = YES, .why = "what gathers for one member is another one's to take"},
    {.wanted = ONE(SLOTRING_WANTS_LATEST),
     .gathers = YES,
     .why = "nobody counts the messages that it wants before it has looked at them"},
    {.selects = YES,
     .gathers = YES,
     .why = "nobody counts the messages that it wants before it has looked at them"},
    {.wanted = ONE(SLOTRING_WANTS_LATEST),
     .window = YES,
     .why = "what is out would not be the latest any more; acquire a message by its ticket to keep it"},
    {.selects = YES,
     .window = YES,
     .why = "what it does not want would wait for what is out; take all messages"},
    {.mode = ONE(SLOTRING_LOSSLESS),
     .by_ticket = YES,
     .why = "a queue that brings it nothing would stop producers for ever; choose budgeted"},
    {.mode = ONE(SLOTRING_LOSSY),
     .by_ticket = YES,
     .why = "it protects nothing, so no reader is needed: acquire by ticket, or choose budgeted"},
    {.selects = YES, .by_ticket = YES, .why = "the queue says which messages it is given"},
    {.by_ticket = YES, .gathers = YES, .why = "the queue wakes it, and the ring does not"},
    {.life = ONE(LIFE_GROUP), .window = YES, .why = "each member has what it works on; start more members"},
};

static int check_value(const char *option, uint32_t value, uint32_t count)
{
    if (value < count)
        return 0;
    return sr__error(SLOTRING_E_INVALID, "reader option %s is %u; this version knows 0 to %u", option, value,
                     count - 1);
}

static bool is_in(uint32_t values, uint32_t value)
{
    return values == 0 || (values & ONE(value)) != 0;
}

static uint32_t life_of(const slotring_reader_options_t *o)
{
    return o->flags & SLOTRING_GROUP ? LIFE_GROUP : o->flags & SLOTRING_DURABLE ? LIFE_DURABLE : 0;
}

static int check_combination(const slotring_reader_options_t *o)
{
    bool selects = o->every > 1 || o->tag_mask != 0, gathers = o->wake_messages > 0,
         by_ticket = (o->flags & SLOTRING_BY_TICKET) != 0, has_window = o->window > 0 && !by_ticket;
    for (uint32_t i = 0; i < COUNT(refused); i++)
        if (is_in(refused[i].mode, o->mode) && is_in(refused[i].start, o->start) &&
            is_in(refused[i].wanted, o->wanted) && is_in(refused[i].life, life_of(o)) &&
            is_in(refused[i].selects, selects) && is_in(refused[i].gathers, gathers) &&
            is_in(refused[i].window, has_window) && is_in(refused[i].by_ticket, by_ticket))
            return sr__error(SLOTRING_E_INVALID, "a reader cannot be %s, start %s, %s%s%s%s%s and %s: %s",
                             pressures[o->mode].name, starts[o->start].name, wants[o->wanted].name,
                             selects ? ", have every or tag_mask" : "", gathers ? ", have wake_messages" : "",
                             has_window ? ", have a window" : "", by_ticket ? ", be read by ticket" : "",
                             lives[life_of(o)].name, refused[i].why);
    return 0;
}

static int check_name(const slotring_reader_options_t *o)
{
    size_t length = o->name ? strlen(o->name) : 0;
    if (life_of(o) == 0 || (length >= 1 && length <= SLOTRING_CLIENT_NAME_MAX))
        return 0;
    return sr__error(SLOTRING_E_INVALID,
                     "reader option name has %zu bytes; a durable subscription, or a group, is found by its "
                     "name, of 1 to %u",
                     length, SLOTRING_CLIENT_NAME_MAX);
}

int sr__properties_choose(const slotring_reader_options_t *options, uint32_t slots,
                          sr__properties_t *properties)
{
    int failed = check_value("mode", options->mode, COUNT(pressures));
    if (!failed)
        failed = check_value("start", options->start, COUNT(starts));
    if (!failed)
        failed = check_value("wanted", options->wanted, COUNT(wants));
    if (!failed)
        failed = check_value("at_end", options->at_end, 2);
    if (!failed)
        failed = check_value("when_revoked", options->when_revoked, 2);
    if (!failed)
        failed = check_combination(options);
    if (!failed)
        failed = check_name(options);
    if (!failed)
        failed = sr__check_numbers(options, &starts[options->start], slots);
    if (!failed)
        failed = sr__choose_budget(options, &pressures[options->mode], slots, &properties->budget);
    if (!failed)
        failed = sr__choose_letters(options, slots, &properties->limits);
    if (failed)
        return failed;
    properties->pressure = &pressures[options->mode];
    properties->start = &starts[options->start];
    properties->life = &lives[life_of(options)];
    properties->wake_messages = options->wake_messages;
    properties->wake_ns = options->wake_ns;
    properties->default_letters = options->letters == 0;
    properties->wanted = (sr__wanted_t){.latest = wants[options->wanted].latest,
                                        .every = options->every,
                                        .mask = options->tag_mask,
                                        .match = options->tag_match};
    properties->wanted.filters =
        properties->wanted.latest || properties->wanted.every > 1 || properties->wanted.mask != 0;
    properties->ends_when_revoked = options->when_revoked == SLOTRING_REVOKED_ENDS;
    properties->waits_at_end = options->at_end == SLOTRING_AT_END_WAIT;
    return 0;
}
