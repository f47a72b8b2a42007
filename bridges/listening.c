/* SPDX-License-Identifier: Apache-2.0 */
/* Subscriptions for which producers wait within a budget, or not at all. The ring keeps nothing for them when their sender was killed. So the
 * next one begins where the log ends, with what the ring still has. */
#include <stdio.h>

#include "source.h"

static int name_it(slotring_reader_options_t *options, char name[SLOTRING_CLIENT_NAME_MAX + 1],
                   const char *remote, bridge_error_t *error)
{
    options->name = name;
    if (snprintf(name, SLOTRING_CLIENT_NAME_MAX + 1, "bridge %s", remote) <= (int)SLOTRING_CLIENT_NAME_MAX)
        return 0;
    return bridge_fail(error, BRIDGE_REFUSED, "the name of remote \"%s\" is too long", remote);
}

static void choose(slotring_reader_options_t *options, const source_wish_t *wish)
{
    options->mode = wish->pressure == BRIDGE_BUDGETED ? SLOTRING_BUDGETED : SLOTRING_LOSSY;
    options->flags = SLOTRING_TELL_MARKS;
    options->at_end = SLOTRING_AT_END_WAIT;
    options->budget_messages = wish->pressure == BRIDGE_BUDGETED ? wish->budget_messages : 0;
    options->budget_ns = wish->pressure == BRIDGE_BUDGETED ? wish->budget_ns : 0;
    if (wish->pressure == BRIDGE_LATEST)
        options->wanted = SLOTRING_WANTS_LATEST;
    else
        options->window = wish->window;
}

/* The message before comes, too: so it is told of the marks between the two. The latest comes whatever came before. */
static void choose_start(const source_t *source, slotring_reader_options_t *options, const uint64_t *number)
{
    uint64_t sequence;
    bool is_known = number != NULL && slotring_sequence_of(source->ring, *number, &sequence) == 0;
    if (options->wanted == SLOTRING_WANTS_LATEST) {
        options->start =
            number != NULL || options->start == SLOTRING_FROM_OLDEST ? SLOTRING_FROM_LAST : SLOTRING_FROM_NOW;
        options->first = options->start == SLOTRING_FROM_LAST ? 1 : 0;
    } else if (is_known && sequence > 0) {
        options->start = SLOTRING_FROM_SEQUENCE;
        options->first = sequence - 1;
    } else if (number != NULL) {
        options->start = SLOTRING_FROM_OLDEST;
    }
}

static int subscribe(source_t *source, slotring_reader_options_t *options, slotring_reader_t **reader)
{
    int code = slotring_subscribe(source->ring, options, reader);
    if (code != SLOTRING_E_INVALID)
        return code;
    options->start = SLOTRING_FROM_NOW; /* a ring with hot slots keeps nothing */
    options->first = 0;
    return slotring_subscribe(source->ring, options, reader);
}

int bridge_source_listen(source_t *source, const char *remote, const source_wish_t *wish,
                         const uint64_t *number, feed_t *feed, bridge_error_t *error)
{
    char name[SLOTRING_CLIENT_NAME_MAX + 1];
    slotring_reader_options_t options;
    slotring_reader_info_t info = {0};
    slotring_reader_options_init(&options);
    int code = name_it(&options, name, remote, error);
    if (code != 0)
        return code;
    options.start = wish->start;
    choose(&options, wish);
    choose_start(source, &options, number);
    *feed = (feed_t){.source = source, .tells_end = true, .pressure = wish->pressure};
    code = subscribe(source, &options, &feed->reader);
    if (code == SLOTRING_E_BUSY)
        return BRIDGE_AGAIN;
    if (code != 0)
        return bridge_fail_ring(error, "cannot subscribe to the source");
    if (number != NULL)
        feed->number = *number;
    else if (slotring_reader_info(feed->reader, &info) != 0 ||
             slotring_number_of(source->ring, info.cursor - info.pending, &feed->number) != 0)
        return bridge_fail_ring(error, "cannot find out where the subscription stands");
    return 0;
}

/* Refused as long as a message is out, or it is far behind: then it is asked for again. */
void bridge_source_rearm(feed_t *feed)
{
    if (feed->is_revoked && feed->pressure == BRIDGE_BUDGETED && slotring_reader_rearm(feed->reader) == 0)
        feed->is_revoked = false;
}

int bridge_source_release(feed_t *feed, const slotring_slot_t *slot, bridge_error_t *error)
{
    int code = feed->pressure == BRIDGE_LATEST ? slotring_reader_release(feed->reader)
                                               : slotring_reader_release_up_to(feed->reader, slot);
    return code == 0 ? 0 : bridge_fail_ring(error, "cannot release what is stored");
}
