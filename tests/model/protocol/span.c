/* SPDX-License-Identifier: Apache-2.0 */
/* Spans: a head that is claimed, published and reclaimed as any slot, and pieces that hang on it. See src/protocol/span.c.
 */
#include "model.h"

bool has_spans(const configuration_t *c)
{
    return has_role(c, 'S') || c->may & SPANS;
}

static bool is_piece(const model_t *m, int link)
{
    return link != 0 && !(link & STALE) && word_state(m->s.slots[link - 1].word) == PIECE;
}

bool is_whole(const model_t *m, int slot)
{
    int link = m->s.spans[slot].next, length = 1;
    for (; is_piece(m, link) && length < MAX_SLOTS + 1; length++)
        link = m->s.spans[link - 1].next;
    return link == 0 && length == m->s.spans[slot].length;
}

/* Saves the word that the slot of a link must have: PIECE, of the version that it was linked with. */
static void follow(const model_t *m, frame_t *f, int link)
{
    f->slot = link ? (link & ~STALE) - 1 : 0;
    f->word = link ? word_make(PIECE, NOBODY, link & STALE) : 0;
    if (FAULT(piece_without_version))
        f->word &= ~STALE;
}

static bool is_there(const model_t *m, const frame_t *f)
{
    return f->word != 0 && m->s.slots[f->slot].word == f->word;
}

/* slot: claimed by me, t: the last slot of the span so far + 1; the caller's slot: the head. */
void span_chain(model_t *m, thread_t *self, frame_t *f)
{
    BEGIN;
    STEP("span.chain");
    m->s.spans[f->slot].next = 0;
    STEP("span.chain");
    m->s.spans[f->slot].head = f[-1].slot + 1;
    STEP("span.chain");
    drain(m, self);
    m->s.spans[f->t - 1].next = f->slot + 1;
    RETURN(0);
    END;
}

/* slot: the head. All of the span is claimed by me. a: the piece that is next + 1. */
void span_publish(model_t *m, thread_t *self, frame_t *f)
{
    BEGIN;
    f->t = f->slot + 1;
    if (!FAULT(parts_before_begin)) {
        STEP("span.begin");
        m->s.spans[f->slot].following = 0;
        STEP("span.begin");
        drain(m, self);
        m->s.spans[f->slot].current = m->s.spans[f->slot].next;
        STEP("span.begin");
        m->s.spans[f->slot].kind = SPAN;
        m->s.spans[f->slot].length = m->config->may & LONG ? 3 : 2;
    }
    f->a = m->s.spans[f->slot].next;
    if (FAULT(parts_backwards) && m->s.spans[f->a - 1].next)
        f->a = m->s.spans[f->a - 1].next;
    while (f->a) {
        f->slot = f->a - 1;
        STEP("span.piece");
        f->word = word_make(CLAIMED, model_me(m, self), 0);
        if (!word_cas(m, self, f, word_make(PIECE, NOBODY, 0), false))
            model_fail(m, "a piece that was claimed is not any more");
        f->word = 0;
        f->a = m->s.spans[f->slot].next;
        if (FAULT(parts_backwards))
            f->a = f->slot + 1 == m->s.spans[f->t - 1].next ? 0 : m->s.spans[f->t - 1].next;
    }
    f->slot = f->t - 1;
    f->t = 0;
    if (FAULT(parts_before_begin)) {
        STEP("span.begin");
        m->s.spans[f->slot].following = 0;
        m->s.spans[f->slot].current = m->s.spans[f->slot].next;
        m->s.spans[f->slot].kind = SPAN;
        m->s.spans[f->slot].length = m->config->may & LONG ? 3 : 2;
    }
    RETURN(0);
    END;
}

/* slot: the head, t: how many are claimed, it among them. Nothing of it is published. a: the one behind it + 1. */
void span_give_back(model_t *m, thread_t *self, frame_t *f)
{
    BEGIN;
    while (f->t > 0) {
        f->t--;
        f->a = f->t ? m->s.spans[f->slot].next : 0;
        STEP("span.give_up");
        f->word = word_make(CLAIMED, model_me(m, self), 0);
        if (!word_cas(m, self, f, word_make(FREE, NOBODY, 0), false))
            model_fail(m, "a slot that was claimed cannot be given back");
        f->word = 0;
        CALL(free_map_set, f->slot, 0);
        f->slot = f->a ? f->a - 1 : 0;
    }
    f->slot = f->a = 0;
    if (!FAULT(give_back_is_silent))
        CALL(wake, 0, SPACE_EVENT);
    RETURN(0);
    END;
}

/* t: a head that is CLAIMED in my name, or in that of the dead one. slot: the piece, word: as it is expected. */
void span_free(model_t *m, thread_t *self, frame_t *f)
{
    BEGIN;
    STEP("span.look");
    follow(m, f, m->s.spans[f->t].current);
    STEP("span.look");
    if (!is_there(m, f)) {
        f->slot = f->word = 0;
        if (!FAULT(following_unread) && !FAULT(following_in_place)) {
            STEP("span.resume");
            m->s.spans[f->t].current = m->s.spans[f->t].following;
        }
        STEP("span.look");
        follow(m, f, FAULT(following_in_place) ? m->s.spans[f->t].following : m->s.spans[f->t].current);
        STEP("span.look");
    }
    while (is_there(m, f)) {
        if (!FAULT(following_late)) {
            STEP("span.following");
            m->s.spans[f->t].following = m->s.spans[f->slot].next; /* which nobody changes in a PIECE */
        }
        if (FAULT(current_first)) {
            STEP("span.current");
            m->s.spans[f->t].current = m->s.spans[f->t].following;
        }
        STEP("span.free");
        if (!word_cas(m, self, f, word_make(FREE, NOBODY, 0), false))
            model_fail(m, "somebody else frees a piece of a span");
        f->word = 0;
        if (FAULT(following_late)) {
            STEP("span.following");
            m->s.spans[f->t].following = m->s.spans[f->slot].next;
        }
        CALL(free_map_set, f->slot, 0);
        f->slot = 0;
        if (!FAULT(current_first)) {
            STEP("span.current");
            m->s.spans[f->t].current = m->s.spans[f->t].following;
        }
        STEP("span.look");
        follow(m, f, m->s.spans[f->t].current);
        STEP("span.look");
    }
    f->slot = f->word = 0;
    STEP("span.end");
    m->s.spans[f->t].kind = NO_SPAN;
    RETURN(0);
    END;
}

/* Who waits with pieces has the token; now it waits no more. */
void token_give(model_t *m, thread_t *self, frame_t *f)
{
    BEGIN;
    STEP("token.give");
    drain(m, self);
    if (m->s.token != model_me(m, self) + 1)
        model_fail(m, "somebody else has the token");
    m->s.token = 0;
    CALL(wake, 0, SPACE_EVENT);
    RETURN(0);
    END;
}

static bool may_have_pieces(const model_t *m, int slot)
{
    int state = word_state(m->s.slots[slot].word);
    return state != FREE && state != PIECE;
}

/* slot: perhaps a piece that no head has. a: it has none; b: the head + 1. Nobody is evicted in the model, so there is none. */
void span_orphan(model_t *m, thread_t *self, frame_t *f)
{
    BEGIN;
    if (FAULT(orphan_head_first)) {
        STEP("span.orphan");
        f->b = m->s.spans[f->slot].head;
        f->a = f->b != 0 && m->s.spans[f->b - 1].kind != SPAN;
    }
    STEP("span.orphan");
    f->word = m->s.slots[f->slot].word;
    if (word_state(f->word) != PIECE)
        RETURN(0);
    f->b = m->s.spans[f->slot].head;
    if (!FAULT(orphan_head_first)) {
        STEP("span.orphan");
        f->a = !may_have_pieces(m, f->b - 1);
        STEP("span.orphan");
        f->a = f->a || m->s.spans[f->b - 1].kind != SPAN;
    }
    if (!f->a)
        RETURN(0);
    STEP("span.orphan");
    if (word_cas(m, self, f, word_make(FREE, NOBODY, 0), false))
        model_fail(m, "a repair takes a piece from its span");
    RETURN(0);
    END;
}
