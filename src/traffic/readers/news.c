/* SPDX-License-Identifier: Apache-2.0 */
/* What a reader is told about the producers' streams: each death once, at its position among the messages, and the
 * end. */
#include <string.h>

#include "base/error.h"
#include "members/enter.h"
#include "protocol/seqlock.h"
#include "protocol/stream.h"
#include "traffic/readers/news.h"

void sr__stream_baseline(slotring_reader_t *reader)
{
    sr__view_t *view = &reader->ring->member.view;
    for (uint32_t p = 0; p < view->participant_count; p++)
        reader->deaths_told[p] = sr__stream_counts(&view->participants[p]).died;
    reader->stream_seen = SR__NO_SEQUENCE; /* look at the first chance */
    reader->death_due = SR__NO_SEQUENCE;
}

static void tell_death(slotring_reader_t *reader, uint32_t index, const sr__participant_copy_t *dead)
{
    slotring_participant_t *death = &reader->death;
    memset(death, 0, sizeof *death);
    death->index = index;
    death->life = SLOTRING_LIFE_DEAD;
    death->incarnation = dead->incarnation;
    death->pid = dead->pid;
    death->last_sequence = dead->last_sequence;
    death->slots_writing = death->slots_held = UINT64_MAX;
    sr__participant_origin(dead, death);
    memcpy(death->name, dead->name, sizeof death->name);
    reader->any_death = true;
    reader->deaths_told[index]++;
}

/* How often streams were opened, by all participants together. */
static uint64_t count_starts(sr__view_t *view, uint32_t high)
{
    uint64_t starts = 0;
    for (uint32_t p = 0; p < high; p++)
        starts += sr__stream_counts(&view->participants[p]).started;
    return starts;
}

/* The death that is to be told next: the one whose last message comes first. */
typedef struct due {
    uint64_t at; /* told when the reader is there; SR__NO_SEQUENCE: there is none */
    uint32_t index;
    sr__participant_copy_t who;
} due_t;

static void consider_death(slotring_reader_t *reader, uint32_t index, due_t *due)
{
    sr__participant_copy_t who;
    sr__death_read(&reader->ring->member.view.participants[index], reader->deaths_told[index] + 1, &who);
    uint64_t after = who.last_sequence == SR__NO_SEQUENCE ? 0 : who.last_sequence + 1;
    if (after < due->at)
        *due = (due_t){.at = after, .index = index, .who = who};
}

/* [news.look] Looks what became of the producers. E_PRODUCER_DIED or E_SOURCE_LOST when a death is to be told, E_END when no
 * stream is open and one ever was, else E_EMPTY. One look at each stream, one after the other, may miss
 * that one was opened before another was closed: so before the end is told all are looked at once more. If
 * none was opened meanwhile there was a moment with none open; else the next look is due at once. */
int sr__stream_look(slotring_reader_t *reader)
{
    sr__view_t *view = &reader->ring->member.view;
    uint64_t generation = sr__load(&view->state->stream_generation);
    uint32_t high = sr__participants_high(view);
    due_t due = {.at = SR__NO_SEQUENCE};
    uint64_t position = sr__reader_position(reader), starts = 0;
    bool started = false, open = false;
    for (uint32_t p = 0; p < high; p++) {
        sr__stream_counts_t c = sr__stream_counts(&view->participants[p]);
        started = started || c.phase != SR__NO_STREAM;
        open = open || c.phase == SR__STREAMING;
        starts += c.started;
        if (c.died != reader->deaths_told[p])
            consider_death(reader, p, &due);
    }
    if (due.at != SR__NO_SEQUENCE && position >= due.at) {
        if (!reader->only_looks)
            tell_death(reader, due.index, &due.who);
        return due.who.incarnation != 0 && due.who.lost == due.who.incarnation ? SLOTRING_E_SOURCE_LOST
                                                                               : SLOTRING_E_PRODUCER_DIED;
    }
    bool ended = started && !open, sure = !ended || count_starts(view, high) == starts;
    reader->stream_seen = sure ? generation : SR__NO_SEQUENCE;
    reader->death_due = due.at;
    return ended && sure ? SLOTRING_E_END : SLOTRING_E_EMPTY;
}

int slotring_reader_death(slotring_reader_t *reader, slotring_participant_t *who)
{
    int failed = sr__reader_enter(reader);
    if (failed)
        return failed;
    if (!who)
        return sr__error(SLOTRING_E_INVALID, "who is NULL");
    if (!reader->any_death)
        return sr__error(SLOTRING_E_STATE, "this reader was not told of a producer's death");
    *who = reader->death;
    return 0;
}
