/* SPDX-License-Identifier: Apache-2.0 */
/* The words of the model and how they change. */
#include "model.h"

int word_make(int state, int owner, int flags)
{
    return (state == PUBLISHED && owner != NOBODY ? PINNED : state) | (owner & 3) << 3 | flags;
}

int word_state(int word)
{
    return (word & 7) == PINNED ? PUBLISHED : word & 7;
}

int word_owner(int word)
{
    int state = word & 7;
    return state == FREE || state == PUBLISHED || state == PIECE ? NOBODY : word >> 3 & 3;
}

int word_pinner(int word)
{
    return word_state(word) == PUBLISHED ? word_owner(word) : NOBODY;
}

bool word_is_retired(int word)
{
    return word_state(word) == PUBLISHED && word & RETIRED;
}

bool word_is_committed(int word)
{
    return word_state(word) == COMMIT || word_state(word) == PUBLISHED;
}

/* Versions only grow, so an old copy never becomes equal again: instead of numbers, which would make states that
 * behave alike look different, a new version marks all saved copies. */
static void new_version_of(model_t *m, int slot)
{
    for (int i = 0; i < MAX_ACTORS; i++)
        for (int d = 0; d < m->s.threads[i].depth; d++) {
            frame_t *f = &m->s.threads[i].frames[d];
            if (f->slot == slot && f->word != 0)
                f->word |= STALE;
        }
    for (int i = 0; i < MAX_SLOTS; i++) {
        int *links[] = {&m->s.spans[i].next, &m->s.spans[i].current, &m->s.spans[i].following};
        for (int n = 0; n < 3; n++)
            if (*links[n] == slot + 1)
                *links[n] |= STALE;
    }
    for (int r = 0; r < m->rows; r++) {
        if (m->s.rows[r].slot == slot && m->s.rows[r].claimed != 0)
            m->s.rows[r].claimed |= STALE;
        for (int i = 0; i < m->threads; i++)
            if (m->s.threads[i].views[r].slot == slot + 1 && m->s.threads[i].views[r].word != 0)
                m->s.threads[i].views[r].word |= STALE;
    }
}

static void word_set(model_t *m, int slot, int to, bool new_version)
{
    slot_t *s = &m->s.slots[slot];
    int state = word_state(to);
    if (state == FREE || state == CLAIMED) {
        if (model_may(m, KEEPS) && s->message != NONE && !s->withdrawn)
            model_fail(m, "a kept message was reclaimed that nobody withdrew");
        s->message = NONE;
        s->withdrawn = 0;
    }
    if (state == PUBLISHED && s->message == NONE && !(to & RETIRED))
        model_fail(m, "a slot became PUBLISHED that is not listed");
    if (new_version)
        new_version_of(m, slot);
    s->word = to;
}

/* seq_cst. From the word that this frame saved; afterwards the frame has the new one, or none. */
bool word_cas(model_t *m, thread_t *self, frame_t *f, int to, bool new_version)
{
    drain(m, self);
    bool won = m->s.slots[f->slot].word == f->word;
    if (won) {
        f->word = 0;
        word_set(m, f->slot, to, new_version);
    }
    f->word = won ? to : 0;
    return won;
}

/* What is stored late: its kind, and of which slot or subscription. */
enum {
    LATE_SEQUENCE = 16,
    LATE_WORD = 32,
    LATE_CURSOR = 48,
    LATE_CONTENT = 64,
    LATE_HEADER = 80,
    LATE_FREED = 96,
    LATE_INDEX = 15
};

bool late_is_word(int what)
{
    return (what & ~LATE_INDEX) == LATE_WORD;
}

static void store_late(model_t *m, thread_t *self, int what, int value)
{
    int n = 0;
    if (self->pending[MAX_PENDING - 1])
        drain_one(m, self);
    while (self->pending[n])
        n++;
    self->pending[n] = what;
    self->values[n] = value;
    if (!model_may(m, WEAK))
        drain(m, self);
}

void weak_sequence(model_t *m, thread_t *self, int slot, int sequence)
{
    store_late(m, self, LATE_SEQUENCE | slot, sequence);
}

void weak_word(model_t *m, thread_t *self, int slot, int word)
{
    store_late(m, self, LATE_WORD | slot, word);
}

void weak_cursor(model_t *m, thread_t *self, int subscription, int cursor)
{
    store_late(m, self, LATE_CURSOR | subscription, cursor);
}

void weak_content(model_t *m, thread_t *self, int slot, int content)
{
    store_late(m, self, LATE_CONTENT | slot, content);
}

static int place_of(int slot, int place)
{
    return slot * MAX_RECORDS + place;
}

void weak_header(model_t *m, thread_t *self, int slot, int place, int header)
{
    store_late(m, self, LATE_HEADER | place_of(slot, place), header);
}

void weak_freed(model_t *m, thread_t *self, int slot, int place)
{
    store_late(m, self, LATE_FREED | place_of(slot, place), 1);
}

static void store_header(model_t *m, int at, int header)
{
    block_t *block = &m->s.blocks[at / MAX_RECORDS];
    block->headers[at % MAX_RECORDS] = header;
    if (header >= HEADER_RECORD)
        m->s.rows[block->writer].committed++;
}

/* A thread sees its own stores at once. */
int load_sequence(const model_t *m, const thread_t *self, int slot)
{
    int sequence = m->s.slots[slot].sequence;
    for (int i = 0; i < MAX_PENDING; i++)
        if (self->pending[i] == (LATE_SEQUENCE | slot))
            sequence = self->values[i];
    return sequence;
}

void drain_one(model_t *m, thread_t *self)
{
    int kind = self->pending[0] & ~LATE_INDEX, at = self->pending[0] & LATE_INDEX, value = self->values[0];
    for (int i = 1; i < MAX_PENDING; i++) {
        self->pending[i - 1] = self->pending[i];
        self->values[i - 1] = self->values[i];
    }
    self->pending[MAX_PENDING - 1] = self->values[MAX_PENDING - 1] = 0;
    if (kind == LATE_SEQUENCE) {
        m->s.slots[at].sequence = value;
    } else if (kind == LATE_CONTENT) {
        m->s.slots[at].content = value;
    } else if (kind == LATE_CURSOR) {
        m->s.subscriptions[at].delivered += value - m->s.subscriptions[at].cursor;
        m->s.subscriptions[at].cursor = value;
    } else if (kind == LATE_HEADER) {
        store_header(m, at, value);
    } else if (kind == LATE_FREED) {
        m->s.blocks[at / MAX_RECORDS].freed |= 1 << at % MAX_RECORDS;
    } else {
        word_set(m, at, value, false);
    }
}

void drain(model_t *m, thread_t *self)
{
    while (self->pending[0])
        drain_one(m, self);
}

entry_t *order_at(model_t *m, int t)
{
    return &m->s.order[t % m->config->order];
}

int entry_age(const entry_t *entry, int t)
{
    return entry->sequence - t;
}
