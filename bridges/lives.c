/* SPDX-License-Identifier: Apache-2.0 */
/* A reader is told of a death once. So one that was told to a sender, which was killed before it was stored, is never told again; nor is one
 * that came while there was no sender. So a sender that begins says who lives. What the others had published comes first. */
#include <inttypes.h>
#include <stdlib.h>

#include "sending.h"

int bridge_source_lives(source_t *source, pack_producer_t *who, uint32_t *count, uint64_t *deaths,
                        bridge_error_t *error)
{
    uint32_t capacity = source->info.max_participants, there = 0;
    slotring_stats_t stats = {.struct_size = sizeof stats};
    slotring_participant_t *list = calloc(capacity, sizeof *list);
    *count = 0;
    if (list == NULL)
        return bridge_fail(error, BRIDGE_NO_MEMORY, "no memory for %" PRIu32 " participants", capacity);
    /* The deaths first: of one that dies between the two looks the subscription tells. */
    bool failed = slotring_get_stats(source->ring, &stats) != 0 ||
                  slotring_participants(source->ring, list, capacity, &there) != 0;
    int code = failed ? bridge_fail_ring(error, "cannot find out who lives") : 0;
    for (uint32_t i = 0; i < there && i < capacity && code == 0; i++) {
        if (list[i].producing == 0)
            continue;
        if (*count == PACK_PRODUCERS)
            code = BRIDGE_AGAIN;
        else
            bridge_source_note(&who[(*count)++], &list[i]);
    }
    *deaths = stats.producers_died;
    free(list);
    return code;
}

int sending_ask_who_lives(sending_t *s)
{
    lives_t *lives = &s->lives;
    slotring_stats_t stats = {.struct_size = sizeof stats};
    if (s->options->pressure != BRIDGE_LOSSLESS && s->options->pressure != BRIDGE_BUDGETED)
        return 0;
    int code = bridge_source_lives(&s->source, lives->who, &lives->count, &lives->deaths, s->error);
    if (code == BRIDGE_OK && (slotring_get_stats(s->source.ring, &stats) != 0 ||
                              slotring_number_of(s->source.ring, stats.published, &lives->number) != 0))
        code = bridge_fail_ring(s->error, "cannot find out where the source ends");
    lives->is_wanted = code == BRIDGE_OK;
    return code == BRIDGE_AGAIN ? 0 : code;
}

/* Slots of writers may lie before that number, of which the reader says nothing. When it finds nothing, it has passed them. */
bool sending_may_say_who_lives(const sending_t *s)
{
    bool has_passed = s->feed.number >= s->lives.number || (s->feed.is_empty && s->head == s->tail);
    return s->lives.is_wanted && has_passed;
}

/* All who live, or lived when this sender asked first: of one that died since then the subscription tells. */
static int name_all(sending_t *s)
{
    pack_producer_t who[PACK_PRODUCERS];
    uint32_t count;
    uint64_t deaths;
    int code = bridge_source_lives(&s->source, who, &count, &deaths, s->error);
    for (uint32_t i = 0; i < count && code == BRIDGE_OK; i++)
        code = pack_producer(&s->pack, &who[i]) == UINT32_MAX ? BRIDGE_AGAIN : BRIDGE_OK;
    for (uint32_t i = 0; i < s->lives.count && code == BRIDGE_OK; i++)
        code = pack_producer(&s->pack, &s->lives.who[i]) == UINT32_MAX ? BRIDGE_AGAIN : BRIDGE_OK;
    return code;
}

/* In an entry of its own: the producers that it names are those who live. */
int sending_say_who_lives(sending_t *s)
{
    lives_t *lives = &s->lives;
    wire_frame_t frame = {.kind = WIRE_LIVES, .number = s->place.number};
    int code = sending_finish(s);
    if (code == BRIDGE_OK)
        code = name_all(s);
    frame.value = lives->deaths > s->deaths ? lives->deaths - s->deaths : 0;
    if (code == BRIDGE_OK && !pack_add(&s->pack, &frame))
        code = BRIDGE_AGAIN;
    if (code == BRIDGE_AGAIN) { /* an entry has no room for so many: nothing is told */
        lives->is_wanted = false;
        return sending_begin_entry(s);
    }
    if (code != BRIDGE_OK)
        return code;
    s->deaths += frame.value;
    code = sending_finish(s);
    lives->is_wanted = code != BRIDGE_OK;
    return code;
}
