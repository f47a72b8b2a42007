/* SPDX-License-Identifier: Apache-2.0 */
/* Streams: which producers are at work, who ended, who died. A participant's stream word changes by one CAS that
 * also counts the change, so no kill loses or doubles one. Every change is followed by a bump of the generation,
 * which readers compare; a change whose author was killed before the bump is bumped by the author's repairer.
 */
#include <string.h>

#include "core.h"

#define LOOKS 64 /* at counts that change all the time */

/* [stream.change] */
static void changed(slotring_t *ring)
{
    atomic_fetch_add_explicit(&ring->view.state->stream_generation, 1, memory_order_seq_cst);
    sr__wake(ring, SR__PUBLISHED_EVENT);
}

/* A count of the word in full: what was carried, and the steps since, of which there are far fewer than 2^20. */
static uint64_t in_full(uint64_t carried, uint32_t low)
{
    return carried + ((low - carried) & SR__STREAM_COUNT);
}

/* The word between two looks at what was carried: while that stays the same, there were not much more than
 * SR__CARRY_EVERY steps. */
sr__stream_counts_t sr__stream_counts(const sr__participant_t *p)
{
    uint64_t ends, deaths, w;
    int look = 0;
    do {
        ends = sr__load(&p->ends_carried);
        deaths = sr__load(&p->deaths_carried);
        w = sr__load(&p->stream);
    } while ((sr__load(&p->ends_carried) != ends || sr__load(&p->deaths_carried) != deaths) &&
             ++look < LOOKS);
    sr__stream_counts_t c = {.phase = (enum sr__stream_phase)sr__stream_phase(w)};
    c.ended = in_full(ends, sr__stream_ends(w));
    c.died = in_full(deaths, sr__stream_deaths(w));
    c.started = c.ended + c.died + (c.phase == SR__STREAMING);
    return c;
}

/* Before each step: whoever takes it, and whoever was killed, the full count can be told from the carried
 * one and the word. The carried one is loaded BEFORE the word, which is then as new or newer; the CAS fails for who was
 * stopped in between. */
static void carry(sr__participant_t *p)
{
    uint64_t ends = sr__load(&p->ends_carried), deaths = sr__load(&p->deaths_carried);
    uint64_t w = sr__load(&p->stream);
    uint64_t ended = in_full(ends, sr__stream_ends(w)), died = in_full(deaths, sr__stream_deaths(w));
    if (ended - ends >= SR__CARRY_EVERY)
        sr__cas(&p->ends_carried, ends, ended);
    if (died - deaths >= SR__CARRY_EVERY)
        sr__cas(&p->deaths_carried, deaths, died);
}

/* [stream.open] Before this handle's first claim: a reader that sees the publication also sees the stream. The stream
 * word alone says whether the stream is open, so threads of the handle that open and end it need no lock. */
void sr__stream_open(slotring_t *ring)
{
    sr__word_t *stream = &ring->self->stream;
    uint64_t w = sr__load(stream);
    while (sr__stream_phase(w) != SR__STREAMING) {
        carry(ring->self);
        if (sr__cas(stream, w, sr__stream_step(w, SR__STREAMING)))
            changed(ring);
        w = sr__load(stream);
    }
}

/* [stream.close] STREAMING -> ENDED or DIED. True if it was open. */
bool sr__stream_close(slotring_t *ring, uint32_t participant, enum sr__stream_phase phase)
{
    sr__word_t *stream = &ring->view.participants[participant].stream;
    carry(&ring->view.participants[participant]);
    uint64_t w = sr__load(stream);
    bool open = sr__stream_phase(w) == SR__STREAMING && sr__cas(stream, w, sr__stream_step(w, phase));
    changed(ring); /* also when it was closed by one who was killed before this */
    return open;
}

int slotring_end_stream(slotring_t *ring)
{
    int failed = sr__enter(ring);
    if (failed)
        return failed;
    if (sr__stream_phase(sr__load(&ring->self->stream)) == SR__STREAMING)
        sr__stream_close(ring, ring->me, SR__ENDED);
    return 0;
}

void sr__stream_baseline(slotring_reader_t *reader)
{
    sr__view_t *view = &reader->ring->view;
    for (uint32_t p = 0; p < view->participant_count; p++)
        reader->deaths_told[p] = sr__stream_counts(&view->participants[p]).died;
    reader->stream_seen = SR__NO_SEQUENCE; /* look at the first chance */
    reader->death_due = SR__NO_SEQUENCE;
}

static void tell_death(slotring_reader_t *reader, uint32_t index, const sr__person_t *dead)
{
    slotring_participant_t *death = &reader->death;
    memset(death, 0, sizeof *death);
    death->index = index;
    death->life = SLOTRING_LIFE_DEAD;
    death->incarnation = dead->incarnation;
    death->pid = dead->pid;
    death->last_sequence = dead->last_sequence;
    death->slots_writing = death->slots_held = UINT64_MAX;
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
    uint32_t place;
    sr__person_t who;
} due_t;

static void consider_death(slotring_reader_t *reader, uint32_t place, due_t *due)
{
    sr__person_t who;
    sr__death_read(&reader->ring->view.participants[place], reader->deaths_told[place] + 1, &who);
    uint64_t after = who.last_sequence == SR__NO_SEQUENCE ? 0 : who.last_sequence + 1;
    if (after < due->at)
        *due = (due_t){.at = after, .place = place, .who = who};
}

/* [stream.look] E_PRODUCER_DIED when a death is to be told, E_END when no stream is open and one ever was, else
 * E_EMPTY. One look at each stream, one after the other, may miss that one was opened before another was closed: so
 * before the end is told all are looked at once more. If none was opened meanwhile there was a moment with none open;
 * else the next look is due at once. */
int sr__stream_look(slotring_reader_t *reader)
{
    sr__view_t *view = &reader->ring->view;
    uint64_t generation = sr__load(&view->state->stream_generation);
    uint32_t high = sr__participants_high(view);
    due_t due = {.at = SR__NO_SEQUENCE};
    uint64_t position = reader->cursor - reader->history_left, starts = 0;
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
        tell_death(reader, due.place, &due.who);
        return SLOTRING_E_PRODUCER_DIED;
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
