/* SPDX-License-Identifier: Apache-2.0 */
/* A reader over what the ring still has of its past. */
#include "source.h"

/* What is gone already at the start; not the message before it, which was asked for because of its marks. */
static int note_missed_before(feed_t *feed, bool began_before, bridge_error_t *error)
{
    slotring_reader_info_t info = {0};
    if (slotring_reader_info(feed->reader, &info) != 0)
        return bridge_fail_ring(error, "cannot look back in the source");
    feed->missed = began_before && info.missed > 0 ? 1 : 0;
    return 0;
}

/* A reader from now on is given what is in the slots that writers fill at this moment. BRIDGE_AGAIN: there is no writer. */
static int look_back_at_open(source_t *source, uint64_t sequence, slotring_reader_options_t *options,
                             feed_t *feed, bridge_error_t *error)
{
    slotring_stats_t stats = {.struct_size = sizeof stats};
    if (slotring_get_stats(source->ring, &stats) != 0)
        return bridge_fail_ring(error, "cannot look at the source");
    if (stats.records == 0 || sequence < stats.published)
        return BRIDGE_AGAIN;
    options->start = SLOTRING_FROM_NOW;
    options->first = 0;
    return slotring_subscribe(source->ring, options, &feed->reader) != 0
               ? bridge_fail_ring(error, "cannot look back in the source")
               : 0;
}

int bridge_source_look_back(source_t *source, uint32_t pressure, uint64_t number, feed_t *feed,
                            bridge_error_t *error)
{
    slotring_reader_options_t options;
    uint64_t sequence;
    *feed = (feed_t){.source = source, .number = number};
    if (slotring_sequence_of(source->ring, number, &sequence) != 0)
        return BRIDGE_AGAIN;
    slotring_reader_options_init(&options);
    options.name = "bridge looks back";
    options.mode = pressure == BRIDGE_LOSSLESS ? SLOTRING_LOSSLESS : SLOTRING_LOSSY;
    options.start = SLOTRING_FROM_SEQUENCE;
    options.first = sequence > 0 ? sequence - 1 : 0; /* so that it is told of the marks before that message */
    options.flags = SLOTRING_TELL_MARKS;
    options.at_end = SLOTRING_AT_END_WAIT;
    int code = slotring_subscribe(source->ring, &options, &feed->reader);
    if (code ==
        SLOTRING_E_INVALID) /* nothing is published there; or a ring with hot slots, which keeps nothing */
        return look_back_at_open(source, sequence, &options, feed, error);
    if (code != 0)
        return bridge_fail_ring(error, "cannot look back in the source");
    return note_missed_before(feed, sequence > 0, error);
}
