/* SPDX-License-Identifier: Apache-2.0 */
#include "traffic/readers/reader_limits.h"

#include "base/error.h"
#include "protocol/budget.h"

static int check_start(const slotring_reader_options_t *o, const sr__start_t *start)
{
    if (o->first != 0 && !start->takes_first)
        return sr__error(SLOTRING_E_INVALID,
                         "reader option first is %llu, and a reader that starts %s has none",
                         (unsigned long long)o->first, start->name);
    if (o->first == 0 && o->start == SLOTRING_FROM_LAST)
        return sr__error(SLOTRING_E_INVALID,
                         "reader option first is 0; from the last means at least the last 1 publication");
    return 0;
}

static int check_tag(const slotring_reader_options_t *o)
{
    if ((o->tag_match & ~o->tag_mask) != 0)
        return sr__error(
            SLOTRING_E_INVALID,
            "reader option tag_match is 0x%llx, which has bits that tag_mask 0x%llx has not: no tag "
            "would match",
            (unsigned long long)o->tag_match, (unsigned long long)o->tag_mask);
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
    if (options->wake_ns > INT64_MAX)
        return sr__error(SLOTRING_E_INVALID, "reader option wake_ns is %llu; it can be %lld at most",
                         (unsigned long long)options->wake_ns, (long long)INT64_MAX);
    return 0;
}

/* A queue may bring tickets so far out of order. Producers always have the other half of the slots: with more than that a
 * queue that brings every ticket could still be in their way. */
static int check_window_by_ticket(const slotring_reader_options_t *o, uint32_t slots)
{
    if (o->window <= slots / 2)
        return 0;
    return sr__error(SLOTRING_E_INVALID,
                     "reader option window is %u; of a reader that is read by ticket it can be %u at most, "
                     "half of the ring's slots",
                     o->window, slots / 2);
}

static int check_window(const slotring_reader_options_t *o, uint32_t slots)
{
    if (o->flags & SLOTRING_BY_TICKET)
        return check_window_by_ticket(o, slots);
    if (o->window <= SLOTRING_WINDOW_MAX)
        return 0;
    return sr__error(SLOTRING_E_INVALID, "reader option window is %u; it can be %u at most", o->window,
                     SLOTRING_WINDOW_MAX);
}

int sr__check_numbers(const slotring_reader_options_t *options, const sr__start_t *start, uint32_t slots)
{
    int failed = check_start(options, start);
    if (!failed)
        failed = check_tag(options);
    if (!failed)
        failed = check_wake(options);
    return failed ? failed : check_window(options, slots);
}

int sr__choose_budget(const slotring_reader_options_t *o, const sr__pressure_t *pressure, uint32_t slots,
                      uint64_t *budget)
{
    uint64_t messages = o->budget_messages;
    *budget = 0;
    if (!pressure->has_budget && (messages != 0 || o->budget_ns != 0 || o->when_revoked != 0))
        return sr__error(
            SLOTRING_E_INVALID,
            "reader options have budget_messages %llu, budget_ns %llu and when_revoked %u, and a %s reader "
            "has no budget",
            (unsigned long long)messages, (unsigned long long)o->budget_ns, o->when_revoked, pressure->name);
    if (!pressure->has_budget)
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

int sr__choose_letters(const slotring_reader_options_t *o, uint32_t slots, uint64_t *limits)
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
