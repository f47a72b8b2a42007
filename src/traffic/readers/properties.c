/* SPDX-License-Identifier: Apache-2.0 */
/* The properties of a subscription: one table for each, and one for the combinations that are refused.
 *
 *   pressure  do producers wait for the reader, how long, and what protects the messages that it reads
 *   start     where the reader begins
 *   wanted    which messages the reader is given
 *   at_end    is the end of all streams told?
 *   life      what becomes of the subscription when its reader ends
 *   wake      how many messages may gather, and how long, before a blocked reader is woken: two numbers, without a table
 *
 * A member of a group shares the group's subscription: that is a value of life.
 */
#include "traffic/readers/properties.h"

#include <string.h>

#include "base/error.h"
#include "traffic/readers/begin.h"
#include "traffic/readers/member.h"
#include "traffic/readers/past.h"
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

/* Combinations without a meaning. ANY: whatever the value of that property is. */
#define ANY UINT32_MAX
static const struct {
    uint32_t mode, start, wanted, life;
    const char *why; /* NULL: the end */
} refused[] = {
    {SLOTRING_LOSSLESS, ANY, SLOTRING_WANTS_LATEST, ANY,
     "producers would wait for what it does not want; choose lossy"},
    {SLOTRING_BUDGETED, ANY, SLOTRING_WANTS_LATEST, ANY,
     "producers would wait for what it does not want; choose lossy"},
    {SLOTRING_BUDGETED, ANY, ANY, LIFE_DURABLE,
     "the next reader of its name would have lost its place; choose lossless"},
    {ANY, SLOTRING_FROM_OLDEST, SLOTRING_WANTS_LATEST, ANY,
     "only the newest is given; start from now, or from the last 1"},
    {ANY, SLOTRING_FROM_SEQUENCE, SLOTRING_WANTS_LATEST, ANY,
     "only the newest is given; start from now, or from the last 1"},
    {SLOTRING_LOSSY, ANY, ANY, LIFE_DURABLE,
     "nothing is kept for it while nobody reads; start it from the sequence where it stopped"},
    {SLOTRING_BUDGETED, ANY, ANY, LIFE_GROUP,
     "a group whose member is late goes on with the others; choose lossless"},
    {SLOTRING_LOSSY, ANY, ANY, LIFE_GROUP, "what a killed member had is to go to another; choose lossless"},
    {ANY, SLOTRING_FROM_OLDEST, ANY, LIFE_GROUP, "nobody keeps the past for several; start from now"},
    {ANY, SLOTRING_FROM_LAST, ANY, LIFE_GROUP, "nobody keeps the past for several; start from now"},
    {ANY, SLOTRING_FROM_SEQUENCE, ANY, LIFE_GROUP, "nobody keeps the past for several; start from now"},
    {ANY, ANY, ANY, ANY, NULL},
};

static int check_window(const slotring_reader_options_t *o)
{
    bool selects = o->every > 1 || o->tag_mask != 0 || o->wanted != SLOTRING_WANTS_ALL;
    const char *why = o->mode != SLOTRING_LOSSLESS ? "producers may stop waiting for it; choose lossless"
                      : selects                    ? "it has to want all messages"
                      : (o->flags & SLOTRING_GROUP)
                          ? "a group's members take messages in turns; start more members"
                      : o->window > SLOTRING_WINDOW_MAX ? "that is too many"
                                                        : NULL;
    if (o->window == 0 || !why)
        return 0;
    return sr__error(SLOTRING_E_INVALID,
                     "reader option window is %u (at most %u), and the reader cannot have one: %s", o->window,
                     SLOTRING_WINDOW_MAX, why);
}

static int check_value(const char *option, uint32_t value, uint32_t count)
{
    if (value < count)
        return 0;
    return sr__error(SLOTRING_E_INVALID, "reader option %s is %u; this version knows 0 to %u", option, value,
                     count - 1);
}

/* What a member would judge for itself the group has to have judged for all. */
static int check_member(const slotring_reader_options_t *o)
{
    bool selects = o->every > 1 || o->tag_mask != 0, gathers = o->wake_messages > 0;
    if (!(o->flags & SLOTRING_GROUP) || (!selects && !gathers))
        return 0;
    return sr__error(SLOTRING_E_INVALID, "a member of a group cannot have %s: %s",
                     selects ? "every or tag_mask" : "wake_messages",
                     selects
                         ? "each message goes to one member, so what this one does not want nobody would get"
                         : "what gathers for one member is another one's to take");
}

/* What the options say of dead letters, or the default; as sr__limits_word. */
static int choose_limits(const slotring_reader_options_t *o, uint32_t slots, uint64_t *limits)
{
    uint32_t most = slots / 2 < SLOTRING_LETTERS_MAX ? slots / 2 : SLOTRING_LETTERS_MAX;
    uint32_t usual = slots / 8 < SLOTRING_LETTERS_MAX ? slots / 8 : SLOTRING_LETTERS_MAX;
    *limits = 0;
    if ((o->tries != 0 && !(o->flags & SLOTRING_GROUP)) || (o->letters != 0 && o->tries == 0))
        return sr__error(SLOTRING_E_INVALID,
                         "reader options have tries %u and letters %u: tries are those of a group "
                         "(SLOTRING_GROUP), and letters go with tries",
                         o->tries, o->letters);
    if (o->tries > SLOTRING_TRIES_MAX)
        return sr__error(SLOTRING_E_INVALID, "reader option tries is %u; it can be %u at most", o->tries,
                         SLOTRING_TRIES_MAX);
    if (o->letters != SLOTRING_NO_LETTERS && o->letters > most)
        return sr__error(SLOTRING_E_INVALID,
                         "reader option letters is %u; it can be %u at most: dead letters keep slots, of "
                         "which the ring has %u",
                         o->letters, most, slots);
    if (o->tries != 0)
        *limits = sr__limits_word(o->tries, o->letters == 0                     ? usual
                                            : o->letters == SLOTRING_NO_LETTERS ? 0
                                                                                : o->letters);
    return 0;
}

static int check_wake(const slotring_reader_options_t *options)
{
    if ((options->wake_messages == 0) != (options->wake_ns == 0))
        return sr__error(SLOTRING_E_INVALID,
                         "reader options have wake_messages %llu and wake_ns %llu: messages gather until so "
                         "many are there or so much time has passed, so give both, or neither",
                         (unsigned long long)options->wake_messages, (unsigned long long)options->wake_ns);
    if (options->wake_messages > SLOTRING_WAKE_MESSAGES_MAX)
        return sr__error(SLOTRING_E_INVALID, "reader option wake_messages is %llu; it can be %u at most",
                         (unsigned long long)options->wake_messages, SLOTRING_WAKE_MESSAGES_MAX);
    if (options->wake_messages > 0 &&
        (options->wanted != SLOTRING_WANTS_ALL || options->every > 1 || options->tag_mask != 0))
        return sr__error(
            SLOTRING_E_INVALID,
            "reader options have wake_messages %llu, and the reader does not want all messages: nobody "
            "counts those that it wants before it has looked at them",
            (unsigned long long)options->wake_messages);
    if (options->wake_ns > INT64_MAX)
        return sr__error(SLOTRING_E_INVALID, "reader option wake_ns is %llu; it can be %lld at most",
                         (unsigned long long)options->wake_ns, (long long)INT64_MAX);
    return 0;
}

/* What the options say, or the default. */
static int choose_budget(const slotring_reader_options_t *o, uint32_t slots, uint64_t *budget)
{
    uint64_t messages = o->budget_messages;
    *budget = 0;
    if (o->mode != SLOTRING_BUDGETED && (messages != 0 || o->budget_ns != 0 || o->when_revoked != 0))
        return sr__error(
            SLOTRING_E_INVALID,
            "reader options have budget_messages %llu, budget_ns %llu and when_revoked %u, and a %s reader "
            "has no budget",
            (unsigned long long)messages, (unsigned long long)o->budget_ns, o->when_revoked,
            pressures[o->mode].name);
    if (o->mode != SLOTRING_BUDGETED)
        return 0;
    if (messages > SLOTRING_BUDGET_MESSAGES_MAX)
        return sr__error(SLOTRING_E_INVALID, "reader option budget_messages is %llu; it can be %u at most",
                         (unsigned long long)messages, SLOTRING_BUDGET_MESSAGES_MAX);
    if (o->budget_ns > SLOTRING_BUDGET_NS_MAX)
        return sr__error(SLOTRING_E_INVALID, "reader option budget_ns is %llu; it can be %llu at most",
                         (unsigned long long)o->budget_ns, (unsigned long long)SLOTRING_BUDGET_NS_MAX);
    *budget = sr__budget_or_default(messages, o->budget_ns, slots);
    return 0;
}

static bool is_refused(uint32_t refused_value, uint32_t value)
{
    return refused_value == ANY || refused_value == value;
}

static uint32_t life_of(const slotring_reader_options_t *o)
{
    return o->flags & SLOTRING_GROUP ? LIFE_GROUP : o->flags & SLOTRING_DURABLE ? LIFE_DURABLE : 0;
}

static int check_combination(const slotring_reader_options_t *o)
{
    for (uint32_t i = 0; refused[i].why; i++)
        if (is_refused(refused[i].mode, o->mode) && is_refused(refused[i].start, o->start) &&
            is_refused(refused[i].wanted, o->wanted) && is_refused(refused[i].life, life_of(o)))
            return sr__error(SLOTRING_E_INVALID, "a reader cannot be %s, start %s, %s and %s: %s",
                             pressures[o->mode].name, starts[o->start].name, wants[o->wanted].name,
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

static int check_numbers(const slotring_reader_options_t *o)
{
    if (o->first != 0 && !starts[o->start].takes_first)
        return sr__error(SLOTRING_E_INVALID,
                         "reader option first is %llu, and a reader that starts %s has none",
                         (unsigned long long)o->first, starts[o->start].name);
    if (o->first == 0 && o->start == SLOTRING_FROM_LAST)
        return sr__error(SLOTRING_E_INVALID,
                         "reader option first is 0; from the last means at least the last 1 publication");
    if ((o->tag_match & ~o->tag_mask) != 0)
        return sr__error(
            SLOTRING_E_INVALID,
            "reader option tag_match is 0x%llx, which has bits that tag_mask 0x%llx has not: no tag "
            "would match",
            (unsigned long long)o->tag_match, (unsigned long long)o->tag_mask);
    return 0;
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
        failed = check_numbers(options);
    if (!failed)
        failed = check_combination(options);
    if (!failed)
        failed = check_name(options);
    if (!failed)
        failed = check_member(options);
    if (!failed)
        failed = check_wake(options);
    if (!failed)
        failed = check_window(options);
    if (!failed)
        failed = choose_budget(options, slots, &properties->budget);
    if (!failed)
        failed = choose_limits(options, slots, &properties->limits);
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
