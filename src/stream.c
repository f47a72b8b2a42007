/* SPDX-License-Identifier: Apache-2.0 */
/* Streams: which producers are at work, who ended, who died. A participant's stream word changes by one CAS that
 * also counts the change, so no kill loses or doubles one. Every change is followed by a bump of the generation,
 * which readers compare; a change whose author was killed before the bump is bumped by the author's repairer.
 */
#include <string.h>

#include "core.h"

/* [stream.change] */
static void changed(slotring_t *ring)
{
    atomic_fetch_add_explicit(&ring->view.state->stream_generation, 1, memory_order_seq_cst);
    sr__wake(ring, SR__PUBLISHED_EVENT);
}

/* [stream.open] Before this handle's first claim: a reader that sees the publication also sees the stream. The stream
 * word alone says whether the stream is open, so threads of the handle that open and end it need no lock. */
void sr__stream_open(slotring_t *ring)
{
    sr__word_t *stream = &ring->self->stream;
    uint64_t w = sr__load(stream);
    while (sr__stream_phase(w) != SR__STREAMING) {
        if (sr__cas(stream, w, sr__stream_step(w, SR__STREAMING)))
            changed(ring);
        w = sr__load(stream);
    }
}

/* [stream.close] STREAMING -> ENDED or DIED. True if it was open. */
bool sr__stream_close(slotring_t *ring, uint32_t participant, enum sr__stream_phase phase)
{
    sr__word_t *stream = &ring->view.participants[participant].stream;
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
        reader->deaths_told[p] = sr__stream_deaths(sr__load(&view->participants[p].stream));
    reader->stream_seen = SR__NO_SEQUENCE; /* look at the first chance */
    reader->death_due = SR__NO_SEQUENCE;
}

static void tell_death(slotring_reader_t *reader, uint32_t index)
{
    const sr__participant_t *p = &reader->ring->view.participants[index];
    slotring_participant_t *death = &reader->death;
    memset(death, 0, sizeof *death);
    death->index = index;
    death->life = SLOTRING_LIFE_DEAD;
    death->incarnation = p->dead_incarnation;
    death->pid = p->dead_pid;
    death->last_sequence = sr__peek(&p->dead_last_sequence);
    death->slots_writing = death->slots_held = UINT64_MAX;
    sr__name_load(death->name, p->dead_name);
    reader->any_death = true;
    reader->deaths_told[index] = (reader->deaths_told[index] + 1) & (uint32_t)SR__STREAM_COUNT;
}

/* How often streams were opened, by all participants together. */
static uint64_t count_starts(sr__view_t *view, uint32_t high)
{
    uint64_t starts = 0;
    for (uint32_t p = 0; p < high && p < view->participant_count; p++)
        starts += sr__stream_starts(sr__load(&view->participants[p].stream));
    return starts;
}

/* [stream.look] E_PRODUCER_DIED when a death is to be told, E_END when no stream is open and one ever was, else
 * E_EMPTY. One look at each stream, one after the other, may miss that one was opened before another was closed: so
 * before the end is told all are looked at once more. If none was opened meanwhile there was a moment with none open;
 * else the next look is due at once. */
int sr__stream_look(slotring_reader_t *reader)
{
    sr__view_t *view = &reader->ring->view;
    uint64_t generation = sr__load(&view->state->stream_generation);
    uint32_t high = atomic_load_explicit(&view->state->participants_high, memory_order_seq_cst);
    uint32_t first = 0; /* who died first, by its last message; told when the reader has had that */
    uint64_t due = SR__NO_SEQUENCE, position = reader->cursor - reader->history_left, starts = 0;
    bool started = false, open = false;
    for (uint32_t p = 0; p < high && p < view->participant_count; p++) {
        uint64_t w = sr__load(&view->participants[p].stream);
        started = started || sr__stream_phase(w) != SR__NO_STREAM;
        open = open || sr__stream_phase(w) == SR__STREAMING;
        starts += sr__stream_starts(w);
        if (sr__stream_deaths(w) == reader->deaths_told[p])
            continue;
        uint64_t last = sr__peek(&view->participants[p].dead_last_sequence);
        uint64_t after = last == SR__NO_SEQUENCE ? 0 : last + 1;
        if (after < due) {
            due = after;
            first = p;
        }
    }
    if (due != SR__NO_SEQUENCE && position >= due) {
        tell_death(reader, first);
        return SLOTRING_E_PRODUCER_DIED;
    }
    bool ended = started && !open, sure = !ended || count_starts(view, high) == starts;
    reader->stream_seen = sure ? generation : SR__NO_SEQUENCE;
    reader->death_due = due;
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
