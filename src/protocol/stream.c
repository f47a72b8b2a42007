/* SPDX-License-Identifier: Apache-2.0 */
/* Streams: which producers are at work, who ended, who died. A participant's stream word changes by one CAS that
 * also counts the change, so no kill loses or doubles one. Every change is followed by a bump of the generation,
 * which readers compare; a change whose author was killed before the bump is bumped by the author's repairer.
 */
#include "protocol/stream.h"
#include "protocol/event.h"

#define LOOKS 64 /* at counts that change all the time */

/* [stream.change] Bumps the generation of the streams and wakes the readers, also one that lets messages gather. */
static void changed(sr__member_t *member)
{
    atomic_fetch_add_explicit(&member->view.state->stream_generation, 1, memory_order_seq_cst);
    sr__wake(member, SR__PUBLISHED_EVENT);
    sr__wake(member, SR__GATHERED_EVENT);
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

/* [stream.open] Opens the stream of this handle. Before this handle's first claim: a reader that sees the
 * publication also sees the stream. The stream word alone says whether the stream is open, so threads of
 * the handle that open and end it need no lock. */
void sr__stream_open(sr__member_t *member)
{
    sr__word_t *stream = &member->self->stream;
    uint64_t w = sr__load(stream);
    while (sr__stream_phase(w) != SR__STREAMING) {
        carry(member->self);
        if (sr__cas(stream, w, sr__stream_step(w, SR__STREAMING)))
            changed(member);
        w = sr__load(stream);
    }
}

/* [stream.close] Ends a stream: STREAMING -> ENDED or DIED. True if it was open. */
bool sr__stream_close(sr__member_t *member, uint32_t participant, enum sr__stream_phase phase)
{
    sr__word_t *stream = &member->view.participants[participant].stream;
    carry(&member->view.participants[participant]);
    uint64_t w = sr__load(stream);
    bool open = sr__stream_phase(w) == SR__STREAMING && sr__cas(stream, w, sr__stream_step(w, phase));
    changed(member); /* also when it was closed by one who was killed before this */
    return open;
}
