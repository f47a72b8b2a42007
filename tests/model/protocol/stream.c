/* SPDX-License-Identifier: Apache-2.0 */
/* Streams: opened before the first claim, closed at their end or by whoever repairs; each change is followed by a new
 * generation and a wake-up. See src/protocol/stream.c. */
#include "model.h"

bool is_any_open(const model_t *m)
{
    for (int p = 0; p < MAX_PARTICIPANTS; p++)
        if (m->s.streams[p].phase == STREAMING)
            return true;
    return false;
}

static bool was_any_started(const model_t *m)
{
    for (int p = 0; p < MAX_PARTICIPANTS; p++)
        if (m->s.streams[p].started)
            return true;
    return false;
}

bool is_stream_news_due(const model_t *m, const thread_t *self)
{
    for (int p = 0; p < MAX_PARTICIPANTS; p++)
        if (self->told[p] != m->s.streams[p].deaths)
            return true;
    return was_any_started(m) && !is_any_open(m);
}

/* What its next death is to say, for the invariants. */
void stream_dies(model_t *m, int participant)
{
    stream_t *s = &m->s.streams[participant];
    s->really_last[(s->deaths + 1) % 3] = s->last;
}

int producer_mark(const model_t *m, int participant)
{
    return participant + 1 + 8 * m->s.streams[participant].deaths; /* which counts its incarnations here */
}

enum {
    STARTED_MEANWHILE = 1 << MAX_PARTICIPANTS
};

/* The code counts starts, and a reader compares two sums of them. They only grow, so it is enough to know of each
 * reader whose it has seen once and not yet again, and whether one of those was started in between. */
static void change(model_t *m, int participant, int phase)
{
    stream_t *s = &m->s.streams[participant];
    s->phase = phase;
    s->started |= phase == STREAMING;
    s->deaths += phase == DIED;
    for (int i = 0; i < m->threads; i++) {
        thread_t *reader = &m->s.threads[i];
        if (phase == STREAMING && reader->starts >> participant & 1)
            reader->starts |= STARTED_MEANWHILE;
        if (reader->looking && was_any_started(m) && !is_any_open(m))
            reader->quiet = 1;
    }
}

/* Generations are only compared, and none comes back: as with the version of a slot, each saved one gets old. */
static void new_generation(model_t *m)
{
    for (int i = 0; i < m->threads; i++) {
        thread_t *reader = &m->s.threads[i];
        if (reader->stream_seen == UP_TO_DATE)
            reader->stream_seen = NONE;
        for (int d = 0; d < reader->depth; d++)
            if (reader->frames[d].procedure == DO_stream_look && reader->frames[d].a == UP_TO_DATE)
                reader->frames[d].a = NONE;
    }
}

void stream_open(model_t *m, thread_t *self, frame_t *f)
{
    BEGIN;
    STEP("stream.open");
    m->s.participants[model_me(m, self)].streaming = 1;
    change(m, model_me(m, self), STREAMING);
    STEP("stream.change");
    new_generation(m);
    CALL(wake, 0, PUBLISHED_EVENT);
    if (model_may(m, GATHERS))
        CALL(wake, 0, GATHERED_EVENT);
    RETURN(0);
    END;
}

/* t: ENDED or DIED. In a repair first what the dead one published last: its own note, or what a slot says; and who it
 * was, here its number. */
void stream_close(model_t *m, thread_t *self, frame_t *f)
{
    int d = model_me(m, self);
    BEGIN;
    if (f->t == DIED && m->s.streams[d].phase == STREAMING) {
        STEP("repair.last");
        f->a = m->s.streams[d].noted;
        for (f->b = 0; f->b < m->config->slots; f->b++) {
            STEP("repair.last");
            f->c = m->s.slots[f->b].sequence;
            STEP("repair.last");
            if (word_state(m->s.slots[f->b].word) == PUBLISHED &&
                m->s.slots[f->b].producer == producer_mark(m, d) && f->c != NONE && f->c > f->a &&
                order_at(m, f->c)->sequence == f->c && order_at(m, f->c)->slot == f->b)
                f->a = f->c;
            f->c = 0;
        }
        f->b = m->s.streams[d].deaths + 1;
        if (FAULT(death_counted_first) || (FAULT(proxy_counts_first) && self - m->s.threads < m->threads)) {
            STEP("stream.close");
            change(m, d, DIED);
        }
        STEP("seqlock.write");
        if (!FAULT(death_keeps_version))
            m->s.streams[d].records[f->b % 2].version = 0;
        STEP("seqlock.write");
        m->s.streams[d].records[f->b % 2].who = f->b;
        STEP("seqlock.write");
        m->s.streams[d].records[f->b % 2].last = f->a;
        STEP("seqlock.write");
        m->s.streams[d].records[f->b % 2].version = f->b;
        f->b = 0;
    }
    f->a = 0;
    m->s.participants[d].streaming = 0;
    if (FAULT(stream_changes_late)) {
        STEP("stream.change");
        new_generation(m);
    }
    STEP("stream.close");
    if (m->s.streams[d].phase == STREAMING ||
        (FAULT(proxy_dies_twice) && f->t == DIED && m->s.streams[d].phase == DIED))
        change(m, d, f->t);
    f->t = 0;
    if (!FAULT(stream_changes_late)) {
        STEP("stream.change");
        new_generation(m);
    }
    if (!FAULT(stream_is_silent))
        CALL(wake, 0, PUBLISHED_EVENT);
    if (model_may(m, GATHERS) && !FAULT(stream_ends_no_gathering))
        CALL(wake, 0, GATHERED_EVENT);
    RETURN(0);
    END;
}

/* A record's copy as one number; 0: none. */
static int pack_death(int version, int who, int last)
{
    return (version * 4 + who) * 12 + last + 1;
}

static death_t unpack_death(int packed)
{
    return (death_t){packed / 12 / 4, packed / 12 % 4, packed % 12 - 1};
}

/* slot: the entry, t: which of its records. a: version, b: who. */
void death_copy(model_t *m, thread_t *self, frame_t *f)
{
    const death_t *record = &m->s.streams[f->slot].records[f->t];
    BEGIN;
    STEP("seqlock.copy");
    f->a = record->version;
    if (f->a == 0)
        RETURN(0);
    STEP("seqlock.copy");
    f->b = record->who;
    STEP("seqlock.copy");
    f->c = record->last + 1;
    if (!FAULT(death_one_look)) {
        STEP("seqlock.copy");
        if (record->version != f->a)
            RETURN(0);
    }
    RETURN(pack_death(f->a, f->b, f->c - 1));
    END;
}

/* slot: the entry, t: which death of it. a: how many were counted, b: the last one's record. */
void death_read(model_t *m, thread_t *self, frame_t *f)
{
    BEGIN;
    while (true) {
        STEP("seqlock.read");
        f->a = m->s.streams[f->slot].deaths;
        CALL(death_copy, f->slot, f->a % 2);
        f->b = self->result;
        if (f->b == 0)
            continue;
        if (f->t < f->a) {
            CALL(death_copy, f->slot, (f->a - 1) % 2);
            if (self->result != 0 &&
                (unpack_death(self->result).version < unpack_death(f->b).version || FAULT(death_unordered)))
                f->b = self->result;
        }
        if (FAULT(death_counted_once))
            break;
        STEP("seqlock.read");
        if (m->s.streams[f->slot].deaths == f->a)
            break;
    }
    RETURN(f->b);
    END;
}

/* The record was of a death that was counted, number `told` + 1 or a later one, all of it of the same one. Its last
 * message may be the one before the last only if the reader, who is at `position`, has had the last: it may have
 * gone between the kill, before the dead one noted it, and the repair. */
static void check_death(model_t *m, int place, int told, death_t death, int position)
{
    const stream_t *s = &m->s.streams[place];
    int last = s->really_last[death.who % 3];
    bool is_had = death.last < last && last < position;
    if (death.who != death.version || (death.last != last && !is_had))
        model_fail(m, "what is told of a death is of two of them");
    if (death.who <= told || death.who > s->deaths)
        model_fail(m, "another death is told than one of those that are due");
    if (told + 1 == s->deaths && death.who != told + 1)
        model_fail(m, "the last death is told as another one");
}

/* t: where the reader is. Result: 0 nothing, ENDED, or DIED when a death was told. a: generation, b: participant,
 * c: bits for started and open, above them when the next death is due; slot: whose. */
void stream_look(model_t *m, thread_t *self, frame_t *f)
{
    int participants = (int)(sizeof m->s.streams / sizeof m->s.streams[0]);
    BEGIN;
    self->looking = 1;
    self->quiet = was_any_started(m) && !is_any_open(m);
    STEP("news.look");
    f->a = UP_TO_DATE;
    f->c = NEVER << 2;
    for (f->b = 0; f->b < participants; f->b++) {
        if (!has_participant(m->config, f->b))
            continue;
        STEP("news.look");
        f->c |= (m->s.streams[f->b].phase != NO_STREAM) | (m->s.streams[f->b].phase == STREAMING) << 1;
        self->starts |= 1 << f->b;
        if (m->s.streams[f->b].deaths == self->told[f->b])
            continue;
        CALL(death_read, f->b, self->told[f->b] + 1);
        check_death(m, f->b, self->told[f->b], unpack_death(self->result), f->t);
        if (unpack_death(self->result).last + 1 < f->c >> 2) {
            f->c = (f->c & 3) | (unpack_death(self->result).last + 1) << 2;
            f->slot = f->b;
        }
    }
    if (f->c >> 2 != NEVER && (f->t >= f->c >> 2 || FAULT(death_told_early))) {
        if (f->c >> 2 > f->t)
            model_fail(m, "a death is told before the reader had the dead one's last message");
        self->told[f->slot]++;
        self->looking = self->quiet = self->starts = 0;
        RETURN(DIED);
    }
    if ((f->c & 3) == 1 && !FAULT(end_one_look))
        for (f->b = 0; f->b < participants; f->b++) {
            if (!has_participant(m->config, f->b))
                continue;
            STEP("news.look");
            self->starts &= ~(1 << f->b);
        }
    if (self->starts != 0 && (f->c & 3) == 1 && !FAULT(end_one_look)) {
        f->c = NEVER << 2; /* a stream was opened meanwhile: the next look is due at once */
        f->a = NONE;
    }
    self->stream_seen = f->a;
    self->due = f->c >> 2;
    if ((f->c & 3) == 1 && !self->quiet)
        model_fail(m, "a reader is told the end although a stream was open all the time");
    f->a = (f->c & 3) == 1 ? ENDED : 0;
    self->looking = self->quiet = self->starts = 0;
    RETURN(f->a);
    END;
}
